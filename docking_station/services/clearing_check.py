"""`evidock clearing check` from its arguments to its report (清除试算): everything is proven, nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catalog.acts import policy
from catalog.rules.callers import Caller
from catalog.rules.policy import Policy
from catalog.rules.policy_text import read_policy
from catalog.station_error import Language
from devices.survey import Card
from docking_station.services.policy import read_file
from docking_station.station.apart import is_own_file
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.clearing.erase import would_clear
from ingest.clearing.proof import ClearingDesk
from ingest.clearing.report import ClearingReport
from ingest.contract import Silent
from ingest.custody.verification import Verifier
from ingest.examine import docking_of
from ingest.inventory import survey


@dataclass(frozen=True)
class Report:
    """What would become of a card's files. `others` counts entries that are never touched: junk, links, folders."""

    policy: Policy
    clearing: ClearingReport
    others: int

    def as_json(self, language: Language) -> dict[str, object]:
        """The fixed contract of `clearing check --json`."""
        chinese = language == "zh"
        return {
            "policy": self.policy.version,
            "clearing": self.policy.clearing,
            "erase": [
                {"path": one.path, "clip": one.clip, "size_bytes": one.size_bytes} for one in self.clearing.erased
            ],
            "left": [
                {
                    "path": one.path,
                    "size_bytes": one.size_bytes,
                    "code": one.why.code,
                    "reason": one.why.zh if chinese else one.why.en,
                }
                for one in self.clearing.left
            ],
            "others": self.others,
        }


def check(
    station: Station, caller: Caller, path: Path, recorder: str | None, file: Path | None, progress: Progress = silent
) -> Report:
    """Prove every file of a card as a clearing would. `file` is a policy to go by instead of the adopted one."""
    chosen: Policy = policy.current(station.database) if file is None else read_policy(read_file(file))
    docking = docking_of(recorder, None, None, None, at=station.now(), by=caller.actor)
    card = Card(path)
    try:
        found = survey(card, docking, station.junk, station.desk(Silent()))
        with progress("checking", sum(source.size_bytes for source in found.files)) as counter:
            desk = _desk(station, chosen, counter)
            report = would_clear(card, found.files, desk)
    finally:
        card.close()
    return Report(chosen, report, len(found.skipped) + len(found.refused))


def _desk(station: Station, chosen: Policy, progress: Callable[[int], None]) -> ClearingDesk:
    verifier = Verifier(station.database, station.vault, station.trusted, progress)
    owned = partial(is_own_file, station.settings)
    return ClearingDesk(station.journal, verifier, lambda: chosen, station.now, owned)
