"""What a clearing had to leave (未清除): told to whoever must act, and not only to the log.

A clip that reads back otherwise than it was sealed is the loudest of all: what is on the recorder may be the last good
copy. Shapes: held entries of the journal under `CLEARING` and the key of the file; the next clearing settles them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from docking_station.station.errors import CardDiffers, NotCleared, ReceiptStale, VaultDoubted
from ingest.clearing.report import ClearingReport, Doubt

EXPECTED = frozenset(f"clearing.{name}" for name in ("policy-never", "not-yet", "no-receipt", "stopped"))
"""Reasons nobody has to do anything about."""
CARD_DIFFERS = "clearing.card-differs"
DOUBTS: Mapping[str, type[StationError]] = {
    "clearing.not-as-sealed": VaultDoubted,
    "clearing.lock-ended": VaultDoubted,
    CARD_DIFFERS: CardDiffers,
    "clearing.stale-receipt": ReceiptStale,
}


def troubles(
    report: ClearingReport, files: Mapping[str, SourceFile], recorder: str
) -> list[tuple[SourceFile, StationError]]:
    """The files that stay for a reason a person must know, each with the error that says so."""
    return [
        (files[one.path], _error(one.path, one.why, recorder))
        for one in report.left
        if one.why.code not in EXPECTED and one.path in files
    ]


def counts(report: ClearingReport) -> dict[str, int]:
    """How many files stay, by reason."""
    return dict(sorted(Counter(one.why.code for one in report.left).items()))


def _error(path: str, why: Doubt, recorder: str) -> StationError:
    kind = DOUBTS.get(why.code, NotCleared)
    return kind(path=path, recorder=recorder, reason=why.en, reason_zh=why.zh)
