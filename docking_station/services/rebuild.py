"""`evidock rebuild` from its argument to a full catalog (重建命令)."""

from __future__ import annotations

from datetime import timedelta

from catalog.acts import station_acts as notices
from catalog.database import Database
from catalog.failures import CatalogNotEmpty
from catalog.rules.callers import Caller
from catalog.rules.clock import CLOCK_SLACK
from catalog.trail import trail
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody.acts import Registrar
from ingest.custody.checkpoints import Kept
from ingest.custody.rebuild import Rebuilder, Rebuilt


def rebuild_into(station: Station, caller: Caller, url: str, progress: Progress = silent) -> Rebuilt:
    """Fill a new catalog; raises `CatalogNotEmpty` if one is there."""
    database = Database(url)
    try:
        if database.exists():
            raise CatalogNotEmpty(url=database.shown)
        database.migrate()
        with progress("rebuilding", 0) as counter:
            rebuilt = Rebuilder(station.vault, station.trusted, counter).into(database)
        if (before := station.checkpoints.newest()) is not None:
            _begin_anew(station, caller, database, before)
        return rebuilt
    finally:
        database.close()


def _begin_anew(station: Station, caller: Caller, database: Database, before: Kept) -> None:
    """Sign and keep that this trail is another than the one the checkpoints so far are of: it lacks the looks."""
    with station.changing("acts", wait=True):
        registrar = Registrar(
            station.journal, database, station.own_vault, station.signer, station.settings.lock_months
        )
        last = {"checkpoint": before.key, "text": before.body.decode()}
        at = station.now()
        if before.at is not None and at <= before.at < at + CLOCK_SLACK:  # the clock was set back a little
            at = before.at + timedelta(microseconds=1)
        head = trail.head(database)
        registrar.announce(notices.rebuilt(last, head.size, head.root(), at=at, actor=caller.actor))
