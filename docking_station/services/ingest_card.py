"""One `evidock ingest` from its arguments to its report (采集命令)."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.clips import search as listing
from devices.survey import Card
from docking_station.station.apart import demand_apart, demand_folders_apart
from docking_station.station.station import Station
from docking_station.terminal.output import remark, say
from docking_station.terminal.progress import bars
from docking_station.terminal.words import language, word
from docking_station.texts.plain import size_text, span_text, visible
from ingest.card import KNOWN, Outcome, visit_card
from ingest.custody.acts import open_if_unknown
from ingest.examine import docking_of

LINES_MAX = 20
MINUTE_S = 60


@dataclass(frozen=True)
class Report:
    """What became of a card, for people and programs."""

    filed: tuple[dict[str, Any], ...]
    outcome: Outcome
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `ingest --json`."""
        chinese = language() == "zh"
        return {
            "filed": list(self.filed),
            "held": [
                {
                    "path": held.path,
                    "code": held.code,
                    "message": held.message_zh if chinese else held.message,
                    "hint": held.hint_zh if chinese else held.hint,
                }
                for held in self.outcome.held
            ],
            "skipped": [
                {"path": left.path, "reason": left.reasons[chinese], "clip": left.clip} for left in self.outcome.skipped
            ],
        }

    def show(self) -> None:
        """The same for a person: the sum, then what needs a look."""
        skipped, held, chinese = self.outcome.skipped, self.outcome.held, language() == "zh"
        say(
            word(
                "ingest_sum",
                filed=len(self.filed),
                size=size_text(sum(clip["size_bytes"] for clip in self.filed)),
                held=len(held),
                skipped=len(skipped),
                seconds=f"{self.seconds:.1f} s" if self.seconds < MINUTE_S else span_text(self.seconds),
            )
        )
        if held:
            say(word("held_heading"))
            for one in held:
                say(f"  {visible(one.message_zh if chinese else one.message)} [{one.code}]")
                say(f"  → {visible(one.hint_zh if chinese else one.hint)}")
        if skipped:
            say(word("skipped_heading"))
            known = Counter(left.reasons for left in skipped)[KNOWN]
            others = [left for left in skipped if left.reasons != KNOWN]
            for left in others[:LINES_MAX]:
                say(f"  {visible(left.path)}: {left.reasons[chinese]}{f' {left.clip}' if left.clip else ''}")
            if len(others) > LINES_MAX:
                say(f"  … {len(others) - LINES_MAX}")
            if known:
                say(f"  {word('known_left', count=known)}")


def ingest(
    station: Station, path: Path, recorder: str | None, officer: str | None, unit: str | None, case: str | None
) -> Report:
    """Walk a card; raises what stops all of it, and reports the rest file by file."""
    began = time.monotonic()
    demand_folders_apart(station.settings)
    demand_apart(station.settings, path)
    with station.changing("ingest", wait=False):
        station.database.migrate()
        station.demand_clock()
        with station.changing("acts", wait=True):
            station.registrar.catch_up()
            if case and open_if_unknown(station.registrar, case, station.now(), station.actor):
                remark(word("case_opened", case=case))
        docking = docking_of(recorder, officer, unit, case, at=station.now(), by=station.actor)
        card = Card(path)
        try:
            with bars() as watcher:
                outcome = visit_card(card, docking, station.junk, station.desk(watcher), watcher)
        finally:
            card.close()
        station.sweep()
    filed = tuple(listing.get(station.database, clip) for clip in outcome.filed)
    return Report(filed, outcome, time.monotonic() - began)
