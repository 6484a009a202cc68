"""A station whose clock runs ahead and whose user is somebody else: for years to pass in a test."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.cases import scans
from catalog.evidence import Digest
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, Caller, person
from catalog.rules.paper_manifest import ScanFile
from catalog.station_error import StationError
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest.custody.record_locks import RecordLocks
from tests.footage.papers import pdf
from tests.scenario.dock import Dock
from vault.sm3 import sm3


class Later(Station):
    """A station some time from now."""

    ahead = timedelta(0)
    caller: Caller
    """Who uses it in the test."""

    def now(self) -> datetime:
        """The station's time."""
        return super().now() + self.ahead

    def clock(self) -> str:
        """As if a time server had said so."""
        return "synchronised"

    def other_clocks(self) -> Iterator[tuple[str, datetime]]:
        """As if a server said the same."""
        yield "test", self.now()


def somebody(actor: str) -> Caller:
    """The person of an actor such as `x as root`, who logged in."""
    return Caller(person(actor), actor.rpartition(" as ")[2], LOGIN)


def record_locks(station: Station) -> RecordLocks:
    """What the dock keeps a station's own records with."""
    return RecordLocks(station.own_vault, station.database, station.settings.lock_months)


def scanned(station: Station, paper: str, case: str) -> Act:
    """The act that gives a written record its scan, which is sealed for it."""
    body, now = pdf("one", "two"), station.now()
    copy = station.home.root / "scan"
    copy.write_bytes(body)
    other = sm3()
    other.update(body)
    digest = Digest(hashlib.sha256(body).hexdigest(), other.hexdigest())
    file = ScanFile("one.pdf", "pdf", 2, len(body), digest)
    number = station.sealer.seal_scan(file, {"paper": paper, "case": case, "by": "custodian"}, copy, now)
    copy.unlink(missing_ok=True)
    facts = file.name, file.format, file.pages, file.size_bytes, digest.sha256, digest.sm3
    return scans.scanning(scans.Scan(number, paper, *facts, now, "custodian"))


@dataclass(frozen=True)
class Years:
    """A dock at any time, used by anybody."""

    dock: Dock

    @contextmanager
    def at(self, days: float, actor: str = "custodian") -> Iterator[Later]:
        """The station so many days from now, used by a person who logged in."""
        station = Later(read_settings(Home(self.dock.home)))
        station.ahead, station.caller = timedelta(days=days), somebody(actor)
        try:
            yield station
        finally:
            station.close()
            self._return()

    def _return(self) -> None:
        """Back to today: the lines of later years shall not keep the next command from working."""
        with self.dock.opened() as station, suppress(StationError):
            station.timekeeper.begin_anew()
