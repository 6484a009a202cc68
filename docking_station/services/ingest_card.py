"""One `evidock ingest` from its arguments to its report (采集命令)."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.clips.search import ClipSummary, get
from catalog.rules.callers import Caller
from catalog.station_error import Language
from devices.survey import Card
from docking_station.station.apart import demand_apart, demand_folders_apart
from docking_station.station.station import Station
from ingest.card import Outcome, ingest_card
from ingest.contract import Silent, Watcher
from ingest.custody.acts import open_if_unknown
from ingest.examine import docking_of


@dataclass(frozen=True)
class Report:
    """What became of a card, for people and programs."""

    filed: tuple[ClipSummary, ...]
    outcome: Outcome
    seconds: float
    opened: str | None = None
    """The case that was not known before and is open now."""

    def as_json(self, language: Language) -> dict[str, object]:
        """The fixed contract of `ingest --json`."""
        return {
            "filed": self.filed,
            "held": [held.said(language) for held in self.outcome.held],
            "skipped": [
                {"path": left.path, "reason": left.reasons[language == "zh"], "clip": left.clip}
                for left in self.outcome.skipped
            ],
        }


def ingest(
    station: Station,
    caller: Caller,
    path: Path,
    recorder: str | None,
    officer: str | None,
    unit: str | None,
    case: str | None,
    watcher: Watcher | None = None,
    *,
    reread: bool = False,
) -> Report:
    """Walk a card; raises what stops all of it, and reports the rest file by file."""
    demand_apart(station.settings, path)
    return ingest_own(station, caller, path, (recorder, officer, unit, case), watcher, reread=reread)


def ingest_own(
    station: Station,
    caller: Caller,
    path: Path,
    said: tuple[str | None, str | None, str | None, str | None],
    watcher: Watcher | None = None,
    *,
    reread: bool = False,
    wait: bool = False,
) -> Report:
    """As `ingest`, of a folder that may be the station's own; `said`: recorder, officer, unit and case.

    With `wait` another ingest is waited for.
    """
    began, watcher = time.monotonic(), watcher or Silent()
    demand_folders_apart(station.settings)
    case = said[-1]
    with station.changing("ingest", wait=wait):
        station.database.demand()
        station.demand_clock()
        docking, is_opened = docking_of(*said, at=station.now(), by=caller.actor), False
        with station.changing("acts", wait=True):
            station.act_writer.catch_up()
            if docking.case is not None:
                stated, is_opened = open_if_unknown(station.act_writer, docking.case, station.now(), caller.actor)
                docking = replace(docking, case=stated)
        card = Card(path)
        try:
            outcome = ingest_card(card, docking, station.junk, station.desk(watcher), watcher, reread=reread)
        finally:
            card.close()
        station.sweep()
    filed = tuple(get(station.database, clip) for clip in outcome.filed)
    return Report(filed, outcome, time.monotonic() - began, case if is_opened else None)
