"""Two people's word on the station's clock (时钟确认): it is right now, and these lines a clock wrote that was not.

Shapes: details `asked_by`, `asked_how`, `how`, `reason`, and `wrong`, a list of spans. A span tells the lines from
`first` to `last` of the trail that has `chain_hash` at its last one (all three null for what stands in the vault
alone), and by digest the manifests and acts and by key the checkpoints that are of that clock: a rebuilt trail has
other lines, and the same documents. They count as written at `after`, the latest time that stood on the trail before
them: so order goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.clips.clips import FILED
from catalog.errors import ClockNeedsAnother
from catalog.rules.acts import CLOCK_CONFIRMED, Act
from catalog.rules.callers import Caller, person
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.clock import FIRST_DAY, ClockAsked, is_behind
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

CLOCK = "clock"
STATION = "station"


@dataclass(frozen=True, slots=True)
class Span:
    """What one wrong clock wrote; `first` and `last` are None where no line of the trail tells of it."""

    first: int | None
    last: int | None
    chain_hash: str | None
    after: datetime
    documents: tuple[str, ...]
    checkpoints: tuple[str, ...] = ()

    def as_details(self) -> dict[str, object]:
        """The span as the act says it."""
        lists = {"documents": list(self.documents), "checkpoints": list(self.checkpoints)}
        return asdict(self) | {"after": time_text(self.after)} | lists


@dataclass(frozen=True)
class Disowned:
    """What clocks wrote that two people say were wrong; a document's or checkpoint's place in time is its `after`."""

    documents: Mapping[str, datetime] = field(default_factory=dict)
    checkpoints: Mapping[str, datetime] = field(default_factory=dict)
    lines: tuple[range, ...] = ()

    def has_line(self, line: trail.Line) -> bool:
        """Whether a line is of such a clock."""
        if any(line.line in some for some in self.lines):
            return True
        return bool(self.documents) and document_of(line) in self.documents


def confirming(wrong: Sequence[Span], asked: ClockAsked, *, at: datetime, by: Caller) -> Act:
    """The act of two people that says: the clock is right, and this a clock wrote that was not."""
    who = {"asked_by": asked.by, "asked_how": asked.how, "how": by.how}
    details = who | {"reason": asked.reason, "wrong": [one.as_details() for one in wrong]}
    return Act(at, by.actor, CLOCK_CONFIRMED, CLOCK, details)


def disowned(acts: Iterable[Act], database: Database | None = None) -> Disowned:
    """What these acts say, whoever calls this has checked their signatures; lines only of this trail."""
    spans = [span for act in acts if _is_of_two(act) for span in act.details["wrong"]]
    documents = {str(one): parsed_time(span["after"]) for span in spans for one in span["documents"]}
    checkpoints = {str(one): parsed_time(span["after"]) for span in spans for one in span["checkpoints"]}
    ranges = (_lines(span, database) for span in spans if database is not None)
    return Disowned(documents, checkpoints, tuple(one for one in ranges if one))


def document_of(line: trail.Line) -> str | None:
    """The digest of the manifest or act a line was written for, or None."""
    if _is_direct(line):
        return None
    try:
        if line.entry.action == FILED:
            return str(json.loads(line.details)["manifest"])
        return hashlib.sha256(trail.act_of(line).body()).hexdigest()
    except (ValueError, KeyError, TypeError):
        return None


@dataclass
class Order:
    """Reads a trail from its beginning and tells lines whose time cannot be right, by what stands before them.

    A clip's or an act's line may be written days after its time: it was signed while vault or catalog were away. What
    the station writes of itself, and looks, are written at their time.
    """

    excused: Disowned
    latest: datetime = FIRST_DAY
    latest_line: int = 0

    def is_early(self, line: trail.Line) -> bool:
        """Whether a line says an earlier time than one before it, and was written at its own."""
        if self.excused.has_line(line):
            return False
        is_early = _is_direct(line) and is_behind(line.entry.at, self.latest)
        if not is_early and line.entry.at > self.latest:
            self.latest, self.latest_line = line.entry.at, line.line
        return is_early


def wrong_spans(lines: Iterable[trail.Line], now: datetime, excused: Disowned) -> Iterator[Span]:
    """The lines that say a later time than now, or an earlier one than a line before, but for what is excused."""
    order, some, after = Order(excused), list[trail.Line](), FIRST_DAY
    for line in lines:
        is_ahead = is_behind(now, line.entry.at) and not excused.has_line(line)
        if is_ahead or order.is_early(line):
            some.append(line)
            continue
        if some:
            yield _span(some, after)
        some, after = [], order.latest
    if some:
        yield _span(some, after)


def _is_direct(line: trail.Line) -> bool:
    """Whether a line was written at its own time: a look, or what the station says of itself."""
    return line.entry.is_look or line.entry.actor == STATION


def _span(lines: Sequence[trail.Line], after: datetime) -> Span:
    documents = tuple(sha256 for line in lines if (sha256 := document_of(line)) is not None)
    return Span(lines[0].line, lines[-1].line, lines[-1].chain_hash, after, documents)


def _lines(span: Mapping[str, object], database: Database) -> range:
    """The lines of a span, none where this trail is another."""
    first, last = span["first"], span["last"]
    if not isinstance(first, int) or not isinstance(last, int):
        return range(0)
    found = trail.lines(database, after=last - 1, limit=1)
    is_this = bool(found) and found[0].chain_hash == span["chain_hash"]
    return range(first, last + 1) if is_this else range(0)


def _nothing(_session: Session, _act: Act) -> None:
    """The trail line is all there is to it."""


def _is_of_two(act: Act) -> bool:
    details = act.details
    is_known = details.get("how") is not None and details.get("asked_how") is not None
    return act.action == CLOCK_CONFIRMED and is_known and person(act.actor) != person(str(details["asked_by"]))


def _demand_two(_database: Database, act: Act) -> None:
    if not _is_of_two(act):
        raise ClockNeedsAnother(person=person(act.actor))


APPLIES = {CLOCK_CONFIRMED: _nothing}
DEMANDS = {CLOCK_CONFIRMED: _demand_two}
