"""Where a folder or file really lies (实际位置): on which file system, and where inside it.

Source: `/proc/self/mountinfo` (proc_pid_mountinfo(5)) and `/proc/self/fdinfo/N` (`mnt_id`). Links, `..`, bind mounts
and a disk that is mounted twice give one file many paths. Inside its file system it has one, and that is compared.
Two mounts of one network share that the kernel keeps apart cannot be told to be one. Shapes: a path need not exist.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo: what of a device (`major:minor`) is mounted where."""

    number: str
    device: str
    root: Path
    point: Path


@dataclass(frozen=True, slots=True)
class Place:
    """A path inside a file system, whatever is mounted where."""

    device: str
    path: Path

    def contains(self, other: Place) -> bool:
        """Whether the other is this one, or lies below it."""
        return self.device == other.device and other.path.is_relative_to(self.path)


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder with everything that can be reached through it: `real` has no links, `below` is mounted inside."""

    real: Path
    place: Place
    below: tuple[Place, ...]

    def lies_in(self, other: Ground) -> bool:
        """Whether this is the other folder, or lies in it, by either path."""
        return self.real.is_relative_to(other.real) or other.place.contains(self.place)

    def meets(self, other: Ground) -> bool:
        """Whether a file may be reached through both: one is, holds or lies in the other, or something mounted does."""
        return (
            self.lies_in(other)
            or other.lies_in(self)
            or any(one.contains(other.place) or other.place.contains(one) for one in self.below)
            or any(one.contains(self.place) or self.place.contains(one) for one in other.below)
        )


def mounts() -> Iterator[Mount]:
    """What is mounted, in the order it was mounted."""
    for line in MOUNTINFO.read_text(errors="surrogateescape").splitlines():
        number, _, device, root, point = line.split(" ")[:5]
        yield Mount(number, device, _unescaped(root), _unescaped(point))


def ground_of(path: Path) -> Ground:
    """Where a folder lies; of one that is not there, where it would lie."""
    real = Path(os.path.realpath(path))
    inside = (one for one in mounts() if one.point != real and one.point.is_relative_to(real))
    below = tuple(Place(one.device, one.root) for one in inside)
    for there in (real, *real.parents):
        try:
            descriptor = os.open(there, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            found = place_of(descriptor)
        finally:
            os.close(descriptor)
        return Ground(real, Place(found.device, found.path / real.relative_to(there)), below)
    raise AssertionError("the root can always be opened")


def place_of(descriptor: int) -> Place:
    """Where an open file lies. One on no mount of ours (a pipe, a pulled card) lies in no folder of anybody."""
    path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as info:
        number = next(line.split()[1] for line in info if line.startswith("mnt_id:"))
    for mount in mounts():
        if mount.number == number and path.is_relative_to(mount.point):
            return Place(mount.device, mount.root / path.relative_to(mount.point))
    device = os.fstat(descriptor).st_dev
    return Place(f"{os.major(device)}:{os.minor(device)}", path)


def _unescaped(field: str) -> Path:
    """A field of mountinfo: blank, tab, newline and backslash are written as three octal digits."""
    return Path(ESCAPED.sub(lambda found: chr(int(found[1], 8)), field))
