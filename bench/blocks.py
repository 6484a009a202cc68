"""Cards as block devices that the kernel holds to a speed: ext4 on loop devices, limited by the blkio controller.

Needs root, loop devices, and the blkio controller of control groups, first version, with its throttle. What this
process and its children read from the devices is limited; everything is undone at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup/blkio")
LIMIT = "blkio.throttle.read_bps_device"
SPARE_BYTES = 64 << 20
MEGA = 1e6


@dataclass(frozen=True, slots=True)
class BlockCards:
    """The devices, one a card, in the order of the cards."""

    nodes: tuple[Path, ...]
    size_bytes: int

    @classmethod
    @contextmanager
    def made(cls, cards: list[Path], folder: Path, mbps: float) -> Iterator[BlockCards]:
        """A device for each folder of files, with those files on it."""
        if not (GROUPS / LIMIT).exists():
            sys.exit(f"there is no {GROUPS / LIMIT} here")
        size_bytes = max(sum(file.stat().st_size for file in card.iterdir()) for card in cards) + SPARE_BYTES
        with ExitStack() as stack:
            nodes = []
            for number, card in enumerate(cards):
                image = folder / f"card{number}.img"
                stack.callback(image.unlink, missing_ok=True)
                with image.open("wb") as file:
                    file.truncate(size_bytes)
                _done("mkfs.ext4", "-q", "-F", "-d", str(card), str(image))
                node = Path(_done("losetup", "--find", "--show", str(image)).strip())
                stack.callback(_done, "losetup", "--detach", str(node))
                stack.callback(_done, "blockdev", "--setrw", str(node))
                nodes.append(node)
            stack.enter_context(_limited(nodes, mbps))
            yield cls(tuple(nodes), size_bytes)

    @contextmanager
    def mounted(self, folder: Path) -> Iterator[list[Path]]:
        """All of them mounted read-only below a folder."""
        with ExitStack() as stack:
            places = []
            for number, node in enumerate(self.nodes):
                place = folder / f"mount{number}"
                place.mkdir()
                stack.callback(place.rmdir)
                _done("mount", "-o", "ro,noload", str(node), str(place))
                stack.callback(_done, "umount", str(place))
                places.append(place)
            yield places


@contextmanager
def _limited(nodes: list[Path], mbps: float) -> Iterator[None]:
    """This process, and what it starts, reads each device at most at this speed."""
    group = GROUPS / f"evidock-bench-{os.getpid()}"
    group.mkdir()
    try:
        for node in nodes:
            device = os.stat(node).st_rdev
            (group / LIMIT).write_text(f"{os.major(device)}:{os.minor(device)} {round(mbps * MEGA)}")
        (group / "cgroup.procs").write_text(str(os.getpid()))
        yield
    finally:
        (GROUPS / "cgroup.procs").write_text(str(os.getpid()))
        group.rmdir()


def _done(*command: str) -> str:
    """What a command printed; ends the bench if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)}: {ran.stderr.strip()}")
    return ran.stdout
