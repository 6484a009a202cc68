"""What can be said of a row (问题): codes for ever, and how much each weighs.

What was repaired is told and changes nothing. A row with a problem of `REFUSED` cannot be taken as it is; one with any
other is doubtful: a person must decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["new", "same", "changed", "refused", "doubtful", "duplicate", "skipped"]
VERDICTS: tuple[Verdict, ...] = ("new", "same", "changed", "refused", "doubtful", "duplicate", "skipped")
REPAIRED = frozenset((
    "bracket-variant", "case-by-opening-no", "date-compact", "date-dots", "date-serial", "date-slash", "date-time",
    "date-zh", "ditto", "fullwidth-digits", "homonym-by-card", "homonym-by-unit", "kind-alias", "leading-zeros",
    "line-break", "name-padded", "names-joined", "span-in-one-cell", "stray-blanks", "text-marker", "time-fraction",
    "type-alias", "unit-old-name", "word-left-out",
))  # fmt: skip
REFUSED = frozenset(("case-missing", "date-impossible", "date-missing", "key-missing", "type-missing"))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about a row: its code, the head of its column, what may be meant, and the row it has to do with."""

    code: str
    column: str = ""
    readings: tuple[str, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is worth (行结论): the values it would take, by the names of its list's fields.

    `subject` is what the catalog has of it already, `was` the values that it says otherwise than the catalog.
    """

    row: int
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    subject: str | None = None
    was: Mapping[str, object] = field(default_factory=dict)


def weighed(codes: frozenset[str]) -> Verdict:
    """What a row is worth by the codes of its problems alone."""
    return "refused" if codes & REFUSED else "doubtful" if codes - REPAIRED else "new"
