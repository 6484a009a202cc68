"""`evidock rebuild` from its argument to a full catalog (重建命令)."""

from __future__ import annotations

from catalog.database import Database
from catalog.failures import CatalogNotEmpty
from docking_station.progress import Counter
from docking_station.station import Station
from docking_station.words import word
from ingest.rebuild import Rebuilder, Rebuilt


def rebuild_into(station: Station, url: str) -> Rebuilt:
    """Fill a new catalog; raises `CatalogNotEmpty` if one is there."""
    database = Database(url)
    try:
        if database.exists():
            raise CatalogNotEmpty(url=url)
        database.migrate()
        with Counter(word("rebuilding"), 0) as counter:
            return Rebuilder(station.vault, station.trusted, counter).into(database)
    finally:
        database.close()
