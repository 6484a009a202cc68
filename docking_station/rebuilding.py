"""`evidock rebuild` from its argument to a full catalog (重建命令)."""

from __future__ import annotations

from datetime import timedelta

from catalog import notices, trail
from catalog.database import Database
from catalog.failures import CatalogNotEmpty
from docking_station.progress import Counter
from docking_station.station import CLOCK_SLACK, Station
from docking_station.words import word
from ingest.checkpoints import Kept
from ingest.custody import Registrar
from ingest.rebuild import Rebuilder, Rebuilt


def rebuild_into(station: Station, url: str) -> Rebuilt:
    """Fill a new catalog; raises `CatalogNotEmpty` if one is there."""
    database = Database(url)
    try:
        if database.exists():
            raise CatalogNotEmpty(url=database.shown)
        database.migrate()
        with Counter(word("rebuilding"), 0) as counter:
            rebuilt = Rebuilder(station.vault, station.trusted, counter).into(database)
        if (before := station.checkpoints.newest()) is not None:
            _begin_anew(station, database, before)
        return rebuilt
    finally:
        database.close()


def _begin_anew(station: Station, database: Database, before: Kept) -> None:
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
        registrar.announce(notices.rebuilt(last, head.size, head.root(), at=at, actor=station.actor))
