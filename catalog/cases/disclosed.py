"""What of decisions is public, was, or is kept from the public, and which no longer stand (公示情况), as recorded.

Shapes: frozen values, whose fields are keys of `--json`; days are `YYYY-MM-DD`, and dates where they are counted with.
What of it is due, and by when, the rules say (`catalog/rules/disclosure.py`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from catalog.cases.errors import NoSuchDisclosure
from catalog.readable import any_of, readable, value_in
from catalog.rules.disclosure import CHANGED, CHANNELS, CORRECTED, Channel, Ended, Gravity, undone

if TYPE_CHECKING:
    from catalog.database import Database, Row


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A publication (公示); its fields are keys of `--json`, `shown` is its row as it stood, `ended` how it went."""

    id: str
    case: str
    channel: Channel
    place: str | None
    day: str
    until: str | None
    gravity: Gravity | None
    shown: Mapping[str, str]
    corrects: str | None
    at: datetime
    by: str
    ended: str | None
    ended_day: str | None
    ended_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Excepted:
    """That a decision is kept from the public (不予公示), on a channel or, None, on all; by two people."""

    channel: Channel | None
    ground: str
    reason: str
    at: datetime
    by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class DecisionEnd:
    """That a decision no longer stands (决定失效), since a day, by the document of that number."""

    how: Ended
    day: str
    number: str | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is recorded of the disclosure of a case (公示情况), the oldest first; of exceptions those that stand."""

    disclosures: tuple[Disclosure, ...] = ()
    exceptions: tuple[Excepted, ...] = ()
    ends: tuple[DecisionEnd, ...] = ()

    def standing(self, channel: Channel) -> Disclosure | None:
        """What is public there now."""
        return next((one for one in self.disclosures if one.channel == channel and one.ended is None), None)

    def excepted(self, channel: Channel) -> Excepted | None:
        """Why it is kept from that channel."""
        return next((one for one in self.exceptions if one.channel in (None, channel)), None)

    @property
    def fallen(self) -> tuple[DecisionEnd, ...]:
        """How the decision ceased to stand since it last stood again."""
        return self.ends[undone([one.how for one in self.ends]) :]

    def ended_after(self, shown: Disclosure) -> DecisionEnd | None:
        """How the decision ceased to stand after it was made public: from that day on it has to go."""
        return next((one for one in self.fallen if one.at > shown.at or one.day > shown.day), None)

    def decided(self, decided: date | None, on: date = date.max) -> date | None:
        """The day of the decision that stood on a day, of the last change of it; None where none did."""
        last = next((one for one in reversed(self.fallen) if _day(one.day) <= on), None)
        if last is None or decided is None or decided > _day(last.day):
            return decided
        return _day(last.day) if last.how == CHANGED else None

    def published(self, decided: date | None) -> date | None:
        """The first day on which the decision of a day stood on the website."""
        days = (_day(one.day) for one in self.disclosures if one.channel == "website")
        return min((day for day in days if decided is None or day >= decided), default=None)

    def withdrawals(self) -> tuple[tuple[date, date | None], ...]:
        """Of each publication that has to go since when, and when it went."""
        found = ((end, one) for one in self.disclosures if (end := self.ended_after(one)) and one.ended != CORRECTED)
        return tuple((_day(end.day), _day(one.ended_day) if one.ended_day else None) for end, one in found)


_day = date.fromisoformat


def of_cases(database: Database, only: Collection[str] | None = None) -> Mapping[str, Told]:
    """What is recorded of the disclosure of these cases, or of all, by the case's id; nothing for the others."""
    these, values = ("", dict[str, object]()) if only is None else any_of(sorted(only))
    which = "1 = 1" if only is None else f"case_id IN {these}"

    def rows(table: str, more: str = "") -> Mapping[str, list[Mapping[str, Any]]]:
        found = defaultdict[str, list[Mapping[str, Any]]](list)
        for row in database.query(f"SELECT * FROM {table} WHERE {which}{more} ORDER BY at, id", values):
            found[row["case_id"]].append(row)
        return found

    shown, kept = rows("disclosure"), rows("disclosure_exception", " AND ended_at IS NULL")
    ends, found = rows("decision_end"), defaultdict[str, Told](Told)
    for case in {*shown, *kept, *ends}:
        found[case] = Told(
            tuple(map(_disclosure, shown.get(case, ()))),
            tuple(_value(Excepted, row) for row in kept.get(case, ())),
            tuple(_value(DecisionEnd, row) for row in ends.get(case, ())),
        )
    return found


def get(database: Database, said: str) -> Disclosure:
    """A publication by its id; raises `NoSuchDisclosure`."""
    rows = database.query("SELECT * FROM disclosure WHERE id = :id", {"id": said})
    if not rows:
        raise NoSuchDisclosure(disclosure=said)
    return _disclosure(rows[0])


def concerned(database: Database, *, is_open: bool, most: int) -> list[str]:
    """The cases whose decision may have to be made public or taken down, or those of which something was entered.

    The newest decisions first; what another system reported as published is that.
    """
    its, there = "case_id = law_case.id", "EXISTS (SELECT 1 FROM {} WHERE case_id = law_case.id)"
    reported, ended = "reported LIKE '%\"published\"%'", there.format("decision_end")
    both = f"(SELECT COUNT(*) FROM disclosure WHERE {its} AND ended IS NULL) = {len(CHANNELS)}"
    all_kept = f"EXISTS (SELECT 1 FROM disclosure_exception WHERE {its} AND ended_at IS NULL AND channel IS NULL)"
    open_ = f"({ended} OR NOT ({reported} OR {both} OR {all_kept}))"
    dealt_with = f"({reported} OR {there.format('disclosure')} OR {there.format('disclosure_exception')})"
    sql = f"""SELECT id FROM law_case WHERE merged_into IS NULL
 AND (decided IS NOT NULL OR reported LIKE '%"decided"%') AND {open_ if is_open else dealt_with}
 ORDER BY COALESCE(decided, '') DESC, id LIMIT :most"""
    return [str(row["id"]) for row in database.query(sql, {"most": most})]


@readable("disclosure")
def _disclosure(row: Row) -> Disclosure:
    return value_in(Disclosure, row, case=row["case_id"], shown=json.loads(row["shown"]))


@readable("disclosure")
def _value(kind: Any, row: Row) -> Any:
    return value_in(kind, row)
