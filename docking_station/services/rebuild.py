"""`evidock rebuild` from its argument to a full catalog (重建命令): beside the one in use, or in its place.

In place, what stands there is set aside under another name and never deleted: the looks in it are nowhere else. From
before that until the new catalog is full the journal knows no catalog at all. So whatever breaks off in between, and
whoever else runs meanwhile, nothing is filed in half a catalog, and the same command begins again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from catalog.acts import policy, station_acts
from catalog.clips import search_index
from catalog.database import Database, is_damaged
from catalog.errors import CatalogLost, CatalogNotEmpty, CatalogUnreachable
from catalog.own_catalog import BEGUN, clip_ids, lines_and_looks, newest_line
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.clock import CLOCK_SLACK
from catalog.trail import trail
from docking_station.services.links import words_in
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody.acts import ActWriter
from ingest.custody.rebuild import Fault, Rebuilder, Rebuilt

ASIDE = "aside-%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class Aside:
    """A catalog that was set aside: where it is now, its lines, and how many of them are looks, which only it knows."""

    where: str
    lines: int
    looks: int


def rebuild_into(station: Station, caller: Caller, url: str, progress: Progress = silent) -> Rebuilt:
    """Fill a new catalog at an address of its own; raises `CatalogNotEmpty` if one is there."""
    database = Database(url)
    try:
        if database.exists():
            raise CatalogNotEmpty(url=database.shown)
        with station.changing("acts", wait=True):
            rebuilt = _filled(station, database, progress)
            if station.checkpoints.newest() is not None:
                _begin_anew(station, caller, database, None)
            if (newest := newest_line(database)) is not None:
                station.journal.rebuilt_line(newest)
        return rebuilt
    finally:
        database.close()


def rebuild_in_place(station: Station, caller: Caller, progress: Progress = silent) -> tuple[Rebuilt, Aside | None]:
    """Make the catalog in use anew where it is gone, empty, damaged or an older copy; else raise `CatalogNotEmpty`."""
    database = station.database.bare
    station.own_vault.demand()
    with station.changing("acts", wait=True):
        _demand_lost(station)
        lines, looks = lines_and_looks(database)
        # From here to the end no catalog is believed: one that is half filled would be gone on with after a power cut.
        station.witness.use(BEGUN)
        where = database.set_aside(station.now().strftime(ASIDE))
        aside = None if where is None else Aside(where, lines, looks)
        rebuilt = _filled(station, database, progress)
        _begin_anew(station, caller, database, aside)
        if (newest := newest_line(database)) is not None:
            station.witness.use(newest)
    lost = sorted(station.witness.clips() - clip_ids(database))
    faults = (Fault(f"clip {clip}", "this station has a receipt for it, and the vault no manifest") for clip in lost)
    return replace(rebuilt, faults=(*rebuilt.faults, *faults)), aside


def _demand_lost(station: Station) -> None:
    """Raise `CatalogNotEmpty` where the catalog is the right one, `CatalogUnreachable` where it is only away."""
    try:
        station.database.demand()
    except CatalogLost:
        return
    except CatalogUnreachable as error:
        if not is_damaged(error):
            raise
        return
    raise CatalogNotEmpty(url=station.database.shown)


def _filled(station: Station, database: Database, progress: Progress) -> Rebuilt:
    database.migrate()
    with progress("rebuilding", 0) as counter:
        rebuilt = Rebuilder(station.vault, station.trusted, counter).into(database)
    found = policy.in_force(policy.history(database), station.now())
    names = {code: zh for code, (_, zh) in words_in(BureauPolicy() if found is None else found.whole).items()}
    with progress("indexing", search_index.due(database), in_bytes=False) as counter:
        search_index.bring_all(database, names, counter, lambda: False)
    return rebuilt


def _begin_anew(station: Station, caller: Caller, database: Database, aside: Aside | None) -> None:
    """Sign and keep that this trail is another than the one the checkpoints so far are of: it lacks the looks."""
    act_writer = ActWriter(station.journal, database, station.own_vault, station.signer, station.settings.lock_months)
    before, at = station.checkpoints.newest(), station.now()
    if before is not None and before.at is not None and at <= before.at < at + CLOCK_SLACK:
        at = before.at + timedelta(microseconds=1)  # the clock was set back a little
    last = None if before is None else {"checkpoint": before.key, "text": before.body.decode()}
    kept = None if aside is None else {"where": aside.where, "lines": aside.lines, "looks": aside.looks}
    head = trail.head(database)
    act_writer.announce(station_acts.rebuilt(last, head.size, head.root(), kept, at=at, actor=caller.actor))
