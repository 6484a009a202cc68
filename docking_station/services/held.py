"""What a person does with an entry that is held (人工处理完毕): strikes it off, with a reason, on the trail.

A change that was refused is withdrawn. Of a file whose bytes two people disposed of, the copy leaves the spool too: the
walk will never file it, and nobody else lets it go.
"""

from __future__ import annotations

import hashlib

from catalog.errors import AlreadyDisposed
from catalog.evidence import Clip, Duplicate, SpooledFile
from catalog.keeping import disposals
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.typed_words import demand_words
from docking_station.services.permits import note_looks
from docking_station.services.rights import demand
from docking_station.station.errors import NoSuchHeld
from docking_station.station.station import Station
from ingest.contract import Silent
from ingest.journal import Held
from ingest.journal_memory import ACT
from ingest.spool import DiskSpool

ID_CHARS = 8


def held_id(key: str) -> str:
    """What a person types for a held entry: the beginning of a digest of its key."""
    return hashlib.sha256(key.encode()).hexdigest()[:ID_CHARS]


def waiting(station: Station, caller: Caller) -> list[tuple[str, Held]]:
    """What waits for a person, the oldest first, each with what is typed for it; raises `NotAllowed`."""
    demand(station, caller, Right.HELD)
    found = sorted(station.journal.held().items(), key=lambda pair: pair[1].since)
    return [(held_id(key), one) for key, one in found]


def count(station: Station, caller: Caller) -> int:
    """How much waits for a person; raises `NotAllowed`."""
    return len(waiting(station, caller))


def strike_off(station: Station, caller: Caller, held: str, reason: str) -> None:
    """Strike an entry off; raises `NoSuchHeld`, `NotAllowed`, `WordsUnfit`."""
    demand_words({"reason": reason})
    caller = demand(station, caller, Right.HELD)
    known = {held_id(key): (key, one) for key, one in station.journal.held().items()}
    if held not in known:
        raise NoSuchHeld(held=held)
    key, one = known[held]
    if one.card == ACT:
        with station.changing("acts", wait=True):
            station.act_writer.withdraw(key, reason=reason, at=station.now(), actor=caller.actor)
        return
    details = {"path": one.path, "code": one.code, "reason": reason}
    note_looks(station, caller, "held.released", [f"held {held}"], details)
    if one.code == AlreadyDisposed.code:
        _let_copy_go(station, key)
    station.journal.settle([key])


def _let_copy_go(station: Station, key: str) -> None:
    """The journal first: what is ended there is swept out of the spool whatever happens."""
    journal = station.journal
    spooled, clip = journal.recall(key, SpooledFile), journal.recall(key, Clip)
    if spooled is not None and clip is not None and disposals.is_done(station.database, clip.id):
        journal.note(key, Duplicate(clip.id))
        DiskSpool(station.home.spool, station.settings.reserve_bytes, Silent()).drop(spooled)
