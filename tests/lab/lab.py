"""The virtual docking station `../shared/tools/usb-lab`: a guest with USB bays, driven by that program's command line.

What it can is told in that file. State lies in a folder of these tests' own, so that a lab somebody uses by hand is
left alone; the guest's disk is taken over from there if it was built. Layers of disk: the built root, what the tests
install once, and a throw-away one for each boot.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[2].parent / "shared"
PROGRAM = SHARED / "tools/usb-lab"
BUILT = ("root.img", "vmlinuz", "initrd.img", "ssh.key", "ssh.key.pub")
GUEST_EXTRAS = "ffmpeg"
BUILD_S_MAX = 1800
BOOT_S_MAX = 330
COMMAND_S_MAX = 300
QMP_S_MAX = 30
BAYS = tuple(range(1, 17))
FAST_BAYS = BAYS[:8]
HUB = 9


def why_not() -> str | None:
    """Why there is no lab here, or None."""
    if not PROGRAM.exists():
        return "../shared/tools/usb-lab is not here"
    if os.geteuid() != 0:
        return "the lab needs root"
    if shutil.which("qemu-system-x86_64") is None:
        return "QEMU is not installed (Debian: qemu-system-x86)"
    return None


def label_of(bay: int) -> str:
    """What the daemon calls a bay while nobody has named it: the ports after `usb-0:`."""
    return str(bay) if bay < HUB else f"{HUB}.{bay - HUB + 1}"


@dataclass(frozen=True)
class Lab:
    """One guest, its bays and its disk."""

    state: Path

    @property
    def cache(self) -> Path:
        """Where the tests keep what they make once."""
        return self.state / "evidock"

    @property
    def root(self) -> Path:
        """The guest's disk as built."""
        return self.state / "root.img"

    def prepare(self) -> None:
        """Have a guest's disk: the one built by hand, else one built now (minutes)."""
        self.cache.mkdir(parents=True, exist_ok=True)
        if self.root.exists():
            return
        by_hand = Path(os.environ.get("USB_LAB_DIR", "/tmp/usb-lab"))
        if (by_hand / "root.img").exists():
            for name in BUILT:
                (self.state / name).symlink_to((by_hand / name).resolve())
            return
        self._do("build", "--include", GUEST_EXTRAS, limit_s=BUILD_S_MAX)

    # ------------------------------------------------------------------ the machine

    @property
    def is_up(self) -> bool:
        """Whether the guest runs."""
        return bool(self.status()["up"])

    def status(self) -> dict[str, Any]:
        """Whether it is up, and what is in which bay."""
        found: dict[str, Any] = json.loads(self._do("status"))
        return found

    def fresh_disk(self, base: Path) -> None:
        """Begin a throw-away layer over a kept one."""
        backing = ("-F", "raw" if base.suffix == ".img" else "qcow2", "-b", str(base.resolve()))
        argv = ["qemu-img", "create", "-q", "-f", "qcow2", *backing, str(self.state / "overlay.qcow2")]
        subprocess.run(argv, check=True, timeout=QMP_S_MAX, capture_output=True)

    def keep_disk(self, to: Path) -> None:
        """Keep the layer the guest has just worked on; it must be down."""
        (self.state / "overlay.qcow2").rename(to)

    def up(self, share: Path | None = None) -> str:
        """Boot from the layer as it is."""
        return self._do("up", "--keep", *(["--share", str(share)] if share else []), limit_s=BOOT_S_MAX)

    def down(self) -> None:
        """Cut the power: what the guest had not synced is lost."""
        self._do("down")

    def run(self, line: str, *, status: int | None = 0, limit_s: float = COMMAND_S_MAX) -> str:
        """Run a shell line in the guest as root; its standard output."""
        done = subprocess.run(self._argv("run", "--", line), capture_output=True, timeout=limit_s, check=False)
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        assert status in (None, done.returncode), f"{line}: {done.returncode}\n{out[-2000:]}\n{err[-4000:]}"
        return out

    def start(self, line: str) -> subprocess.Popen[bytes]:
        """Begin a shell line in the guest and read along; it ends when the other end of the pipe is closed."""
        argv = self._argv("run", "--", line)
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)

    # ------------------------------------------------------------------ the bays

    def plug(
        self,
        bay: int,
        image: Path,
        serial: str,
        *,
        mbps: float | None = None,
        bad_sectors: Sequence[int] = (),
        model: str | None = None,
        password: str | None = None,
    ) -> None:
        """A recorder whose card is an image; with a password it opens only to that."""
        options = [text for sector in bad_sectors for text in ("--bad-sector", str(sector))]
        for name, value in (("--mbps", mbps), ("--model", model), ("--password", password)):
            options += [name, str(value)] if value is not None else []
        self._do("plug", "--bay", str(bay), "--image", str(image), "--serial", serial, *options)

    def plug_mtp(self, bay: int, folder: Path, serial: str, *, writable: bool = False) -> None:
        """A recorder that speaks MTP."""
        options = ["--write"] if writable else []
        self._do("plug-mtp", "--bay", str(bay), "--dir", str(folder), "--serial", serial, *options)

    def yank(self, bay: int) -> None:
        """Pull it out, now."""
        self._do("yank", "--bay", str(bay))

    def yank_all(self) -> None:
        """Empty every bay."""
        for bay in self.status()["bays"]:
            self.yank(int(bay))

    def monitor(self, command: str, **arguments: object) -> Any:
        """One command to QEMU itself, for devices that usb-lab has no word for."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(QMP_S_MAX)
            wire.connect(str(self.state / "qmp.sock"))
            stream = wire.makefile("rwb")
            stream.readline()
            answer: Any = None
            for execute, said in (("qmp_capabilities", {}), (command, arguments)):
                stream.write(json.dumps({"execute": execute, "arguments": said}).encode() + b"\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    assert "error" not in answer, answer
            return answer["return"]

    @contextmanager
    def keyboard(self, bay: int) -> Iterator[None]:
        """A keyboard in a bay."""
        name = f"keyboard{bay}"
        self.monitor("device_add", driver="usb-kbd", id=name, bus="xhci.0", port=label_of(bay))
        try:
            yield
        finally:
            self.monitor("device_del", id=name)

    # ------------------------------------------------------------------ inside

    def _argv(self, *arguments: str) -> list[str]:
        return [sys.executable, str(PROGRAM), "--state", str(self.state), *arguments]

    def _do(self, *arguments: str, limit_s: float = COMMAND_S_MAX) -> str:
        argv = self._argv(*arguments)
        # To a file: what the program leaves running would keep a pipe open.
        with open(self.cache / "said.txt", "w+b") if self.cache.exists() else open(os.devnull, "r+b") as said:
            done = subprocess.run(
                argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=limit_s, check=False
            )
            said.seek(0)
            text = said.read().decode(errors="replace")
        assert done.returncode == 0, f"usb-lab {' '.join(arguments)}: {text}"
        return text


@contextmanager
def the_lab(state: Path) -> Iterator[Lab]:
    """The lab, for one process at a time: the guest takes both of its processors."""
    state.mkdir(parents=True, exist_ok=True)
    with open(state / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lab = Lab(state)
        lab.prepare()
        try:
            yield lab
        finally:
            lab.down()
