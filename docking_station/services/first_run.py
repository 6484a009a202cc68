"""Setting a station up from a page (开通向导): disks with their room, the station made on one, and what is left to do.

Shapes: sizes in bytes; how many months a disk holds follows from so many recorders, the hours each records a working
day, and 6 Mbit/s. A disk that holds less than the first lock is refused: nothing could be cleared from it in time.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.clips.search import Search, search
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.policy_marks import MARK, Mark, marks, settled
from devices.bays import read_bays
from devices.places import mounts
from docking_station.services import backup_sets, policy
from docking_station.services.backup import last_backup
from docking_station.services.errors import DiskTooSmall, NoSuchDisk
from docking_station.services.rights import demand, is_founding
from docking_station.station.apart import vault_folders
from docking_station.station.errors import HomeUnwritable, unwritten
from docking_station.station.settings import home_from_environment, parse_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.setup import LARGE, SMALL, set_up
from docking_station.station.station import Station
from vault import durable

BYTES_A_SECOND, WORKING_DAYS = 750_000, 22
"""6 Mbit/s; a month."""
DISK_BYTES_MIN = 8 << 30
NOT_FOR_FILES = ("/proc", "/sys", "/dev", "/run", "/boot", "/snap", "/etc")
VAULT = "evidock-vault"
FILE = "bureau-policy.toml"
NAMED = re.compile(r'(\w+) = "([^"]*)"')
STEPS = ("station", "policy", "people", "copy", "clip", "bays")
OPTIONAL = ("bays",)
"""What a station without a dock does without."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system of this machine that may hold the vault (磁盘); `is_copy`: it is marked for backups."""

    point: Path
    total_bytes: int
    free_bytes: int
    is_copy: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants their station to be: its name, the disk of the vault, and how much is recorded."""

    name: str
    disk: Path
    recorders: int
    hours: float
    small: bool = True


def disks() -> tuple[Disk, ...]:
    """The disks that can be written to, the one with the most room first; each file system once."""
    found = dict[str, Disk]()
    for mount in sorted(mounts(), key=lambda one: len(str(one.point))):
        if mount.device in found or str(mount.point).startswith(NOT_FOR_FILES):
            continue
        try:
            room = os.statvfs(mount.point)
        except OSError:
            continue
        total, free = room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
        is_written = mount.point.is_dir() and not room.f_flag & os.ST_RDONLY and os.access(mount.point, os.W_OK)
        if is_written and total >= DISK_BYTES_MIN:
            found[mount.device] = Disk(mount.point, total, free, (mount.point / backup_sets.MARK).is_file())
    return tuple(sorted(found.values(), key=lambda one: -one.free_bytes))


def months_held(free_bytes: int, recorders: int, hours: float) -> float:
    """For how many months a disk holds what so many recorders record in so many hours a working day."""
    return free_bytes / (recorders * hours * 3600 * BYTES_A_SECOND * WORKING_DAYS)


def lock_months() -> int:
    """For how many months a new station locks an original."""
    return parse_settings(home_from_environment(), EXAMPLE).lock_months


def begin(wanted: Wanted) -> None:
    """Make the station of the environment with its vault on a disk.

    Raises `NoSuchDisk`, `DiskTooSmall`, and as `set_up`.
    """
    disk = next((one for one in disks() if one.point == wanted.disk), None)
    if disk is None or disk.is_copy:
        raise NoSuchDisk(disk=wanted.disk)
    home = home_from_environment()
    text = EXAMPLE.replace('name = "station-1"', f"name = {_quoted(wanted.name)}")
    text = text if wanted.small else text.replace(SMALL, LARGE)
    if _device(home.root) != _device(disk.point):
        text = text.replace('address = "folder:vault"', f"address = {_quoted(f'folder:{disk.point / VAULT}')}")
    months, lock = months_held(disk.free_bytes, wanted.recorders, wanted.hours), lock_months()
    if months < lock:
        raise DiskTooSmall(disk=disk.point, months=round(months, 1), lock=lock)
    with unwritten(HomeUnwritable, home=home.root):
        durable.make_folder(home.root)
        durable.replace_file(home.settings, text.encode(), 0o644)
    set_up(small=wanted.small)


def is_begun() -> bool:
    """Whether there is a station in the environment."""
    return home_from_environment().settings.exists()


def _device(path: Path) -> int:
    """The file system a path lies on, or would lie on."""
    return next(one for one in (path, *path.parents) if one.exists()).stat().st_dev


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


# ---------------------------------------------------------------------- what is left


def steps(station: Station) -> Mapping[str, bool]:
    """Which of `STEPS` are done."""
    done: Mapping[str, Callable[[], bool]] = {
        "station": lambda: True,
        "policy": lambda: policy.text_of(station) is not None,
        "people": lambda: not is_founding(station),
        "bays": lambda: station.home.bays.exists() and bool(read_bays(station.home.bays.read_bytes()).learned),
        "copy": lambda: last_backup(station.home) is not None,
        "clip": lambda: bool(search(station.database, Search(limit=1))),
    }
    return {name: done[name]() for name in STEPS}


def marked() -> tuple[tuple[int, str], ...]:
    """The lines of the policy that comes with the program which a bureau must check, with what they are about."""
    return tuple((one.line, _about(one)) for one in marks(policy.shipped()))


def _about(mark: Mark) -> str:
    """What a marked line is about, as people read it: of a row its name and the law it rests on."""
    called = {key: value for key, value in NAMED.findall(mark.text) if key in ("zh", "basis", "source")}
    return " · ".join(MARK.sub("", one) for one in called.values()) or MARK.sub("", mark.text).strip("# ")


def copy_disks(station: Station) -> tuple[Disk, ...]:
    """The disks that may hold a second copy: none that has the station itself, or its vault, on it."""
    own = {_device(one) for one in (station.home.root, *vault_folders(station.settings))}
    return tuple(one for one in disks() if one.is_copy or _device(one.point) not in own)


def adopt_shipped(station: Station, caller: Caller, names: Mapping[str, str], checked: frozenset[int]) -> None:
    """Put the policy that comes with the program into force, in the bureau's name; `checked` are marked lines.

    It is kept as a file in the home, to be adapted later. Raises as `adopt_text`.
    """
    text = settled(policy.shipped(), checked)
    for key, before in (("name", "示范市民政局"), ("short", "示民")):
        if value := names.get(key):
            text = text.replace(f'\n{key} = "{before}"', f"\n{key} = {_quoted(value)}", 1)
    path = station.home.root / FILE
    with unwritten(HomeUnwritable, home=station.home.root):
        durable.replace_file(path, text.encode(), 0o644)
    policy.adopt_text(station, caller, text, lambda before, after: None)


def mark_for_copies(station: Station, caller: Caller, disk: Path) -> None:
    """Mark a disk for backups, so that the dock makes one each night; raises `NoSuchDisk`, `NotAllowed`."""
    demand(station, caller, Right.BACKUP)
    if disk not in {one.point for one in copy_disks(station)}:
        raise NoSuchDisk(disk=disk)
    try:
        (disk / backup_sets.MARK).touch()
    except OSError as error:
        raise NoSuchDisk(disk=disk) from error
