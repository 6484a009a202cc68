"""Whether a clip is what was sealed (完整性校验): one sentence for a judge, seven lines for whoever wants to know.

Pure. Shapes: before anybody verifies, a line says what is on record; afterwards, what was found now. What
`clips verify` finds belongs to one line each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from catalog.clips.clips import FILED, ClipDetails
from docking_station.services.verify import Verdict

State = Literal["ok", "bad", "idle"]
LINE_OF = {"manifest": "signature", "signature": "signature", "timestamp": "timestamp", "lock": "lock"}
"""Which line says what differs; whatever else is not as it was written down: the trail's."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is checked: what stands on record, and, once somebody verified, whether it holds."""

    name: str
    value: object
    state: State
    differs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Integrity:
    """What is known of a clip: `state` is idle until somebody verifies, and bad also where damage is on record."""

    state: State
    sentence: str
    lines: tuple[Line, ...]


def integrity(
    clip: ClipDetails,
    verdict: Verdict | None,
    *,
    reread: datetime | None,
    fault: str | None,
    has_stamps: bool,
    is_gone: bool = False,
) -> Integrity:
    """Return what a clip's page says of it; `reread`: when the station itself read the original last.

    Of an original that is gone, disposed of by two people, nothing can be verified but what is written of it.
    """
    filed = next((line.line for line in clip.trail if line.entry.action == FILED), "")
    values: dict[str, object] = {
        "sha256": clip.sha256,
        "sm3": clip.sm3,
        "signature": clip.manifest.key_id,
        "timestamp": "",
        "lock": clip.retain_until,
        "trail": filed,
        "reread": reread,
    }
    differs: dict[str, list[tuple[str, str]]] = {name: [] for name in values}
    for one in () if verdict is None else verdict.findings:
        differs[line_of(one.what, one.expected)].append((one.expected, one.found))
    if fault is not None:
        differs["reread"].append((clip.sha256, fault))

    def state_of(name: str) -> State:
        if differs[name]:
            return "bad"
        silent = (
            {"reread"} | ({"sha256", "sm3", "lock"} if is_gone else set()) | (set() if has_stamps else {"timestamp"})
        )
        return "idle" if verdict is None or name in silent else "ok"

    lines = tuple(Line(name, value, state_of(name), tuple(differs[name])) for name, value in values.items())
    if any(line.state == "bad" for line in lines):
        return Integrity("bad", "page_integrity_bad", lines)
    if is_gone:
        return Integrity("idle", "page_disposed", lines)
    return Integrity(*(("idle", "page_integrity_sealed") if verdict is None else ("ok", "page_integrity_ok")), lines)


def line_of(what: str, expected: str) -> str:
    """The line a finding belongs to."""
    if what == "original":
        return "sm3" if expected.startswith("SM3") else "sha256"
    return LINE_OF.get(what, "trail")
