"""`evidock backup` and `evidock restore` (备份与恢复): what a station is, on another disk, and a station from it.

The catalog is copied first, in one step, then the vault's folder: so the vault on the disk has whatever the catalog
names. A vault that is object storage, or a mirror, keeps its own copies; of an encrypted one nothing is copied, for a
copy of its keys would outlive what they destroy (docs/encryption.md). The journal and the spool are never put back.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from catalog import whole_copy
from catalog.keeping import disposals
from catalog.own_catalog import BEGUN, newest_line
from catalog.rules.callers import Caller
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.house_rights import Right
from devices.places import mounts
from docking_station.services import backup_sets as sets
from docking_station.services.backup_errors import (
    AnothersBackup,
    BackupDamaged,
    BackupUnwritable,
    HomeTaken,
    NoBackupDisk,
)
from docking_station.services.permits import STATION, note_looks
from docking_station.services.rights import demand
from docking_station.station.apart import OBJECTS, demand_outside, vault_folders
from docking_station.station.errors import HomeUnwritable, unwritten
from docking_station.station.progress import Progress, silent
from docking_station.station.settings import Home, parse_settings, read_settings
from docking_station.station.station import Station
from ingest.sealing import original_key
from vault import durable
from vault.backends.directory import READ_ONLY
from vault.signature import read_public_keys

ROOM_BYTES = 64 << 20
PARTS = (OBJECTS, "locks", "quarantine")
NAMED_BY_DIGEST = ((OBJECTS, "originals"), (OBJECTS, "papers"))
DOCUMENTS = ("manifests", "acts")
"""What a catalog is made of: a vault with more of them than there were when it was copied has a newer one in it."""
BEGUN_LINE = "station.backup-begun"
Copied = Literal["copied", "elsewhere", "encrypted"]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that is whole (备份结果): its set, and what came new into the copy of the vault.

    `vault` says whether there is such a copy; `damaged` are originals that are not what was sealed, and were left out.
    """

    at: datetime
    set: Path
    catalog_bytes: int
    vault: Copied
    objects: int
    bytes: int
    damaged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """A station that was put back (恢复结果): where, of when, and how many documents its catalog does not know yet."""

    home: Path
    at: datetime
    objects: int
    newer: int


def disk_here() -> Path:
    """The mounted disk that is meant for backups; raises `NoBackupDisk`."""
    for mount in mounts():
        with suppress(OSError):
            if (mount.point / sets.MARK).is_file():
                return mount.point
    raise NoBackupDisk(mark=sets.MARK)


def back_up(station: Station, caller: Caller, disk: Path, progress: Progress = silent) -> BackedUp:
    """Make one backup; its line is on the trail before its first byte is on the disk.

    Raises `BackupUnwritable`, `NotApart`, `AnothersBackup`, `CatalogNotCopied`, `StationBusy`, `NotAllowed`.
    """
    demand(station, caller, Right.BACKUP)
    demand_outside(station.settings, disk)
    place, now = sets.place_of(disk, station.settings.station), station.now()
    with unwritten(BackupUnwritable, path=disk):
        if not disk.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        _demand_ours(station, place)
        with station.changing("backup", wait=False), sets.new_set(place, now.strftime(sets.STAMP)) as part:
            note_looks(station, caller, BEGUN_LINE, (STATION,), {"to": str(disk)})
            documents = _documents(station)
            with progress("backing_up_catalog", 0):
                catalog = whole_copy.copy_into(station.database.bare, part)
            home = part / sets.SEALED
            durable.write_new(home, sets.sealed(sets.packed(station.home), sets.recovery_code(station.home)), 0o600)
            kind, (objects, size_bytes, damaged) = _vault_kind(station), (0, 0, list[str]())
            if kind == "copied":
                (root,) = vault_folders(station.settings)
                objects, size_bytes, damaged = _copy_vault(root, place / sets.VAULT, progress)
                _let_go(station, place / sets.VAULT)
            note = {
                "schema": sets.SCHEMA,
                "at": time_text(now),
                "station": station.settings.station,
                "key": station.signer.key_id,
                "vault": kind,
                "documents": documents,
                "files": {path.name: _described(path) for path in (catalog, home)},
            }
            durable.write_new(part / sets.NOTE, json.dumps(note, ensure_ascii=False, indent=1).encode(), 0o600)
    made = place / sets.SETS / now.strftime(sets.STAMP)
    done = BackedUp(now, made, (made / catalog.name).stat().st_size, kind, objects, size_bytes, tuple(damaged))
    with unwritten(HomeUnwritable, home=station.home.root):
        body = json.dumps({"at": time_text(now), "set": str(made), "damaged": len(damaged)}).encode()
        durable.replace_file(station.home.backup, body, 0o600)
    return done


def last_backup(home: Home) -> datetime | None:
    """When this station was backed up last, or None for never."""
    with suppress(OSError, ValueError, KeyError):
        return parsed_time(json.loads(home.backup.read_text())["at"])
    return None


def restore(
    home: Home, disk: Path, code: str, *, station: str | None = None, at: str | None = None, progress: Progress = silent
) -> Restored:
    """Put a station back where nothing is; all digests are read before anything is written.

    Raises `NoBackup`, `BackupDamaged`, `RecoveryCodeWrong`, `HomeTaken`, `HomeUnwritable`, `CatalogNotCopied`.
    """
    if home.root.exists() and any(home.root.iterdir()):
        raise HomeTaken(path=home.root)
    one = sets.chosen(disk, station, at)
    (name,) = one.note["files"].keys() - {sets.SEALED}
    catalog, body = one.checked(name), sets.unsealed(one.checked(sets.SEALED), code)
    draft = Home(home.root.with_name(f".{home.root.name}.restoring"))
    with unwritten(HomeUnwritable, home=home.root):
        durable.make_folder(draft.root)
        sets.unpack(body, draft.root)
        settings = parse_settings(home, draft.settings.read_text())
        for vault in vault_folders(settings) if one.note["vault"] == "copied" else ():
            if any(vault.glob(f"{OBJECTS}/*")):
                raise HomeTaken(path=vault)
        if name == whole_copy.FILE:
            with catalog.open("rb") as source:
                (draft.root / name).unlink(missing_ok=True)
                durable.write_copy(draft.root / name, source)
        with suppress(FileNotFoundError):
            home.root.rmdir()
        draft.root.rename(home.root)
        durable.make_folder(home.spool)
        objects = _bring_back(one, home, progress)
    with closing(Station(read_settings(home))) as found:
        if name == whole_copy.DUMP:
            whole_copy.put_back(catalog, found.database.bare)
        newer = max(0, _documents(found) - int(one.note["documents"]))
        line = newest_line(found.database.bare)
        if newer:  # what came after the copy is in the vault: the catalog is made anew before anything is filed
            found.witness.use(BEGUN)
        elif line is not None:
            found.witness.use(line)
    return Restored(home.root, parsed_time(one.note["at"]), objects, newer)


# ---------------------------------------------------------------------- inside


def _documents(station: Station) -> int:
    return sum(1 for folder in DOCUMENTS for _ in station.vault.keys(folder))


def _vault_kind(station: Station) -> Copied:
    address = station.settings.vault_address
    if address.startswith("encrypted:"):
        return "encrypted"
    return "copied" if address.startswith("folder:") else "elsewhere"


def _demand_ours(station: Station, place: Path) -> None:
    ours = read_public_keys(station.home.keys)
    if any(one.note["key"] not in ours for one in sets.sets_of(place)):
        raise AnothersBackup(path=place)


def _files(root: Path) -> Iterator[tuple[Path, Path]]:
    """Every file of a vault that is kept, and its path below; the objects before what is written of them."""
    for part in PARTS:
        for folder, folders, names in os.walk(root / part):
            folders.sort()
            for name in sorted(names):
                path = Path(folder) / name
                if path.is_file() and not path.is_symlink():
                    yield path, path.relative_to(root)


def _is_there(path: Path, target: Path, below: Path) -> bool:
    """Whether a file needs no copying: objects never change, locks grow."""
    if not target.exists() or target.stat().st_size != path.stat().st_size:
        return False
    return below.parts[0] == OBJECTS or path.read_bytes() == target.read_bytes()


def _copy_vault(root: Path, to: Path, progress: Progress) -> tuple[int, int, list[str]]:
    """Bring the copy of a vault up to date; how many files, bytes, and which originals were left out as damaged."""
    lacking = [(path, below) for path, below in _files(root) if not _is_there(path, to / below, below)]
    total = sum(path.stat().st_size for path, _ in lacking)
    durable.make_folder(to)
    free = shutil.disk_usage(to).free
    if free < total + ROOM_BYTES:
        raise OSError(errno.ENOSPC, f"{free >> 20} MB are free, {(total + ROOM_BYTES) >> 20} must be")
    damaged = list[str]()
    with progress("backing_up_vault", total) as counter:
        for path, below in lacking:
            if not _copied(path, to / below, below, counter):
                damaged.append(below.name)
    return len(lacking) - len(damaged), total, damaged


def _copied(path: Path, target: Path, below: Path, counter: Callable[[int], None]) -> bool:
    """Copy one file under another name, read it back, and give it its own; False for one that is damaged where it is.

    What went away meanwhile, for it was disposed of, is not copied and not missed.
    """
    draft = target.with_name(f".{target.name}.part")
    durable.make_folder(target.parent)
    draft.unlink(missing_ok=True)
    try:
        wanted = sets.digest(path)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return False
    if below.parts[:2] in NAMED_BY_DIGEST and wanted != below.stem:
        return False
    with path.open("rb") as source:
        durable.write_copy(draft, source)
    if sets.digest(draft) != wanted:
        raise OSError(errno.EIO, f"{below}: what is read back is not what was written")
    os.chmod(draft, READ_ONLY)
    draft.rename(target)
    durable.sync_folder(target.parent)
    counter(path.stat().st_size)
    return True


def _let_go(station: Station, copy: Path) -> None:
    """What two people disposed of goes from the copy too."""
    for one in disposals.gone(station.database):
        if not one.kept:
            for below in (Path(OBJECTS) / original_key(one.sha256), Path("locks") / f"{original_key(one.sha256)}.json"):
                (copy / below).unlink(missing_ok=True)


def _bring_back(one: sets.BackupSet, home: Home, progress: Progress) -> int:
    """Lay the copy of the vault where the settings have it."""
    if one.note["vault"] != "copied":
        return 0
    (root,) = vault_folders(read_settings(home))
    every = list(_files(one.vault))
    with progress("restoring_vault", sum(path.stat().st_size for path, _ in every)) as counter:
        for path, below in every:
            if not _copied(path, root / below, below, counter):
                what, what_zh = "an original is damaged", "原件已损坏"
                raise BackupDamaged(path=path, what=what, what_zh=what_zh)
    return len(every)


def _described(path: Path) -> dict[str, object]:
    return {"size_bytes": path.stat().st_size, "sha256": sets.digest(path)}
