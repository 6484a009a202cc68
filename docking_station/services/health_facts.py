"""Looking at every part of a station (健康检查取证): each look by itself, with a time limit, none in another's way.

A look that raises a StationError is a fault, one that raises anything else `failed`; one that does not come back is
`silent`, and is left behind. Nothing is made, repaired or waited for: half a station is looked at all the same.
"""

from __future__ import annotations

import os
import queue
import shutil
import stat
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from shutil import which
from typing import Any

from catalog.acts import policy
from catalog.database import HEAD
from catalog.keeping import damaged_documents, fixity, storage_refusals
from catalog.people import people
from catalog.recorders import recorders
from catalog.requests import requests
from catalog.rules.requests import is_unjudged
from catalog.station_error import StationError
from docking_station.faces.board import Why
from docking_station.faces.stream import heard
from docking_station.services.backup import last_backup
from docking_station.services.health import Facts, Kept, NotDocked, Room
from docking_station.station.errors import HomeUnwritable, unwritable, unwritten
from docking_station.station.keys import plain_key
from docking_station.station.station import Station
from docking_station.texts.plain import called
from ingest.errors import ClockDoubted, ClockWrong
from ingest.journal_memory import ACT
from vault.errors import VaultUnreachable

LOOK_S_MAX = 10.0
ALIVE_S_MAX = 8.0
COPIES_MAX = 10_000
KEYS_MAX = 1_000
DAMAGED_MAX = 50
OWED_MAX = 100_000
OWED_FOR = timedelta(days=1)
LATE_SHARE = 1.25
"""Somebody is told once a reading is a quarter older than it may be."""
FOLDER = "folder:"

Look = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class HealthProbes:
    """What other parts of the house know better, as questions; None: not asked.

    `signs`: whether this process signs what it does, so that it must be able to read the station's key.
    """

    clock: Callable[[Station], str] | None = None
    not_docked: Callable[[Station], Sequence[NotDocked]] | None = None
    signs: bool = True


def not_docked(station: Station) -> tuple[NotDocked, ...]:
    """Recorders that were not docked for longer than the bureau's policy allows."""
    days = policy.current(station.database).not_docked_days
    late = recorders.not_docked(station.database, station.now(), days)
    names = people.names(station.database)
    return tuple(NotDocked(called(names, one["officer"]) or "", str(one["serial"]), int(one["days"])) for one in late)


EVERYTHING = HealthProbes(Station.clock, not_docked)


def gather(station: Station, probes: HealthProbes, *, limit_s: float = LOOK_S_MAX) -> Facts:
    """The facts of a station."""
    home, settings = station.home, station.settings
    looks: dict[str, Look] = {
        "dock": lambda: dock_facts(settings.socket),
        "vault": lambda: _vault(station),
        "catalog": lambda: _catalog(station, probes.not_docked),
        "trail": lambda: _trail(station),
        "originals": lambda: _originals(station),
        "journal": lambda: _journal(station),
        "spool": lambda: spool_facts(home.spool),
        "keys": lambda: _keys(station, signs=probes.signs),
        "owed": lambda: owed_facts(home.root / "owed", station.now()),
        "backup": lambda: {"backed_up_at": last_backup(home)},
        "tools": lambda: {"missing_tools": tuple(one for one in (settings.ffprobe, settings.ffmpeg) if not which(one))},
    }
    if (vault := _vault_folder(station)) is not None:
        looks["vault_room"] = lambda: {"vault_room": room_of(vault)}
    if (clock := probes.clock) is not None:
        looks["clock"] = lambda: {"clock": clock(station)}
    return _joined(Facts(station.now(), settings.reserve_bytes), answers(looks, limit_s), tuple(looks), limit_s)


def answers(looks: Mapping[str, Look], limit_s: float) -> dict[str, Mapping[str, Any] | BaseException]:
    """What each look found or raised, as far as they came back in time."""
    answered: queue.Queue[tuple[str, Mapping[str, Any] | BaseException]] = queue.Queue()

    def look_at(name: str, look: Look) -> None:
        try:
            answered.put((name, look()))
        except BaseException as error:  # noqa: BLE001 - it becomes a finding: this is what is asked for
            answered.put((name, error))

    for name, look in looks.items():
        threading.Thread(target=look_at, args=(name, look), name=f"look at {name}", daemon=True).start()
    found: dict[str, Mapping[str, Any] | BaseException] = {}
    until = time.monotonic() + limit_s
    while len(found) < len(looks):
        try:
            name, answer = answered.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        found[name] = answer
    return found


def _joined(
    facts: Facts, found: Mapping[str, Mapping[str, Any] | BaseException], names: Sequence[str], limit_s: float
) -> Facts:
    answered = [(name, found[name]) for name in names if name in found]
    faults = tuple(answer for _, answer in answered if isinstance(answer, StationError))
    failed = tuple(
        (name, f"{type(answer).__name__}: {answer}")
        for name, answer in answered
        if isinstance(answer, BaseException) and not isinstance(answer, StationError)
    )
    silent = tuple(name for name in names if name not in found)
    changes: dict[str, Any] = {"faults": faults, "failed": failed, "silent": silent, "silent_s": limit_s}
    missing: tuple[str, ...] = ()
    for _, answer in answered:
        if not isinstance(answer, BaseException):
            missing += tuple(answer.get("missing", ()))
            changes |= dict(answer)
    return replace(facts, **changes | {"missing": missing})


def dock_facts(path: Path, limit_s: float = ALIVE_S_MAX) -> Mapping[str, Any]:
    """What the running dock tells, up to its next sign of life."""
    station, bays, message = heard(path, "alive", limit_s)
    return {"station": station, "bays": bays, "beat_s": message.get("beat_s")} if message else {}


def spool_facts(folder: Path) -> Mapping[str, Any]:
    """Room on the spool's disk, and the age of the oldest copy in it."""
    if not folder.is_dir():
        return {"missing": (str(folder),)}
    oldest = None
    with unwritten(HomeUnwritable, home=folder), os.scandir(folder) as entries:
        for _, entry in zip(range(COPIES_MAX), entries, strict=False):
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and (oldest is None or found.st_ctime < oldest):
                oldest = found.st_ctime
    at = None if oldest is None else datetime.fromtimestamp(oldest, UTC)
    return {"spool": room_of(folder), "oldest_copy_at": at}


def keys_facts(folder: Path) -> Mapping[str, Any]:
    """Keys others may read, and places where others may put keys that would be believed."""
    try:
        paths = [folder, *sorted(folder.iterdir())[:KEYS_MAX]]
        modes = {path: path.stat().st_mode for path in paths}
    except FileNotFoundError:
        return {"missing": (str(folder),)}
    except OSError as error:
        raise HomeUnwritable(home=folder, **unwritable(error)) from error
    secret = [path for path in paths[1:] if not path.name.endswith(".pub.pem")]
    return {
        "readable_keys": tuple(str(path) for path in secret if modes[path] & 0o044),
        "writable_keys": tuple(str(path) for path in paths if modes[path] & 0o022),
    }


def room_of(path: Path) -> Room | None:
    """Room on the disk a path lies on, or None where there is no such path: that is another look's fault."""
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return None
    return Room(str(path), usage.free, usage.total)


def _vault(station: Station) -> Mapping[str, Any]:
    folder = _vault_folder(station)
    if folder is not None and not folder.is_dir():  # opening it would make a new one
        raise VaultUnreachable(reason=f"{folder} is not there")
    return _nothing(station.own_vault)


def _vault_folder(station: Station) -> Path | None:
    address = station.settings.vault_address.removeprefix("encrypted:")
    return station.home.root / address.removeprefix(FOLDER) if address.startswith(FOLDER) else None


def _catalog(station: Station, not_docked: Callable[[Station], Sequence[NotDocked]] | None) -> Mapping[str, Any]:
    station.database.demand()
    with suppress(ClockWrong, ClockDoubted):  # the look at the clock tells
        station.demand_clock()
    if station.database.version() != HEAD:
        return {}
    found: dict[str, Any] = {"unjudged": tuple(filter(is_unjudged, requests.emergencies(station.database)))}
    return found | ({"not_docked": tuple(not_docked(station))} if not_docked is not None else {})


def _trail(station: Station) -> Mapping[str, Any]:
    """Raises where the trail does not continue its newest checkpoint."""
    if station.database.version() == HEAD:
        station.checkpoints.demand_continued(station.database)
    return {}


def _originals(station: Station) -> Mapping[str, Any]:
    if station.database.version() != HEAD:
        return {}
    late = fixity.late(station.database, station.now() - LATE_SHARE * station.settings.reread_every)
    damaged = fixity.damaged(station.database, DAMAGED_MAX)
    bad = damaged_documents.damaged(station.database, DAMAGED_MAX)
    return {"damaged": damaged, "papers": bad, "unread": late, "refused": storage_refusals.refused(station.database)}


def owed_facts(folder: Path, now: datetime) -> Mapping[str, Any]:
    """What vaults of a mirror are owed for longer than a day, as the notes in the station's home tell."""
    late = 0
    for note in islice(folder.glob("*/[!.]*"), OWED_MAX):
        with suppress(FileNotFoundError):  # just brought
            late += note.stat().st_mtime < (now - OWED_FOR).timestamp()
    return {"owed": (late, OWED_FOR.days)}


def _journal(station: Station) -> Mapping[str, Any]:
    path = station.home.journal
    if not path.exists():  # opening it would make a new one
        return {"missing": (str(path),)}
    held = station.journal.held()
    acts = sorted((one for one in held.values() if one.card == ACT), key=lambda one: one.since)
    files = [one for one in held.values() if one.card != ACT]
    oldest = min((one.since for one in files), default=None)
    first = Why(acts[0].code, (acts[0].message, acts[0].hint), (acts[0].message_zh, acts[0].hint_zh)) if acts else None
    return {"kept": Kept(len(station.journal.unfinished()), len(files), oldest, len(acts), first)}


def _keys(station: Station, *, signs: bool) -> Mapping[str, Any]:
    found = {**keys_facts(station.home.keys), "plain_key": plain_key(station.home, station.settings)}
    return {**found, **_nothing(station.signer)} if signs else found


def _nothing(_: object) -> Mapping[str, Any]:
    """A look whose coming back is all there is to learn."""
    return {}
