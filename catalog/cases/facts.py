"""Cases, records and footage as the rules see them (核查所用事实), in few questions to the catalog, page by page.

Whose recorder it was: who had it then by the register, else whose clip it is. A recorder of a room has no holder. What
another system says of a case counts where nobody here said it. Shapes: one row a value; what cannot be read is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from catalog.cases import disclosed
from catalog.cases.disclosed import Told
from catalog.readable import any_of, readable
from catalog.recorders import assignments
from catalog.recorders.recorders import listed
from catalog.rules.canonical import parsed_time, parsed_time_or_none
from catalog.rules.case_file import CaseFacts, ClipFacts, NoteFacts, PaperFacts
from catalog.rules.matching import UNCERTAINTY_MAX_S, Named, keys_in
from catalog.rules.numbers import bare
from catalog.rules.register import Assignment, in_force
from catalog.rules.typed_words import YEARS

if TYPE_CHECKING:
    from catalog.database import Database, Row

PAGE_ROWS = 10_000
KINDS = "('video', 'audio', 'image')"
PERSON_DIGITS = 17
DAY, HOUR, SPANS_MAX = timedelta(days=1), timedelta(hours=1), 200
EARLIEST, LATEST = (datetime(int(year), 1, 1, tzinfo=UTC) for year in YEARS)
Held = Mapping[str, Sequence[Assignment]]


def cases(
    database: Database,
    known: People,
    only: Collection[str] | None = None,
    said: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, tuple[CaseFacts, Named]]:
    """Every case that stands, or those of these ids, by its id, with its records, its notes and what it is called.

    `said`: what columns would have instead, were an act carried out.
    """
    papers, notes = defaultdict[str, list[PaperFacts]](list), defaultdict[str, list[NoteFacts]](list)
    numbers, public = defaultdict[str, list[str]](list), disclosed.of_cases(database, only)
    against = {row["no"] for row in _rows(database, "review_round", "case_id", only, "no") if row["state"] != "passed"}
    for row in _rows(database, "paper", "case_id", only):
        papers[row["case_id"]].append(_paper(row, known, row["number"] not in against))
    for row in _rows(database, "case_note", "case_id", only):
        notes[row["case_id"]].append(NoteFacts(row["id"], row["paper_id"], row["verdict"], row["by"]))
    for row in _rows(database, "case_number", "case_id", only, key="case_id, number"):
        numbers[row["case_id"]].append(row["number"])
    found = dict[str, tuple[CaseFacts, Named]]()
    for row in _rows(database, "law_case", "id", only):
        if row["merged_into"] is None:
            its = tuple(sorted(papers[row["id"]], key=_in_time)), tuple(notes[row["id"]])
            facts = _case({**row, **said}, known, *its, public.get(row["id"], Told()))
            found[row["id"]] = facts, Named(tuple(numbers[row["id"]]), _parties(row))
    return found


def cases_near(
    database: Database, clips: Iterable[tuple[ClipFacts, tuple[str, ...]]], slack: timedelta
) -> frozenset[str]:
    """The ids of the cases that a few clips may belong to: all that have to do with their times or with these words."""
    found, long = set[str](), "COALESCE(ends_at, begins_at) >= :since AND begins_at <= :until"
    words = list[str]()
    for clip, said in clips:
        words += said
        off = slack + timedelta(seconds=min(clip.uncertainty_s, UNCERTAINTY_MAX_S))
        values = {"since": database.moment(clip.starts_at - off), "until": database.moment(clip.until + off)}
        sql = f"SELECT case_id FROM paper WHERE {long} UNION SELECT id AS case_id FROM law_case WHERE {long}"
        found |= {row["case_id"] for row in database.query(sql, values)}
    these, values = any_of(sorted({key for text in words for key in keys_in(bare(text))}))
    found |= {row["case_id"] for row in database.query(f"SELECT case_id FROM case_number WHERE key IN {these}", values)}
    if any(not text.isascii() for text in words):  # parties are not named in plain letters
        told = bare("\n".join(words))
        rows = database.query("SELECT id, parties, subject FROM law_case", {})
        found |= {row["id"] for row in rows if any(bare(one) in told for one in _parties(row))}
    return frozenset(found)


def clips(
    database: Database,
    known: People,
    near: CaseFacts | Sequence[str] | None = None,
    linked_to: Collection[str] | None = None,
) -> Iterator[tuple[ClipFacts, tuple[str, ...]]]:
    """Footage, and the words that it and its folders were named with, and the numbers that stand in it.

    All of it, or what is linked to a case or of the days of its records, or these clips and what their recorders took
    about then, or what is linked to these cases and no more.
    """
    held, rooms = _register(database)
    is_every = near is None and linked_to is None
    linked = _linked(database) if is_every else {}
    which, values = ("", dict[str, object]()) if near is None else _near(database, near)
    if linked_to is not None:
        these, values = any_of(sorted(linked_to))
        which = f"AND id IN (SELECT clip_id FROM link WHERE ended_at IS NULL AND case_id IN {these}) "
    after = ""
    while rows := database.query(f"{_CLIPS} {which}{_PAGE}", {**values, "after": after, "limit": PAGE_ROWS}):
        if not is_every:
            linked = _linked(database, [row["id"] for row in rows])
        for row in rows:
            yield _clip(row, linked.get(row["id"], ()), held, rooms, known), _words(row)
        after = rows[-1]["id"]


_CLIPS = f"""SELECT id, recorder, officer, kind, path, starts_at, ends_at, starts_at_uncertainty_s, playable, numbers
 FROM clip WHERE kind IN {KINDS} AND id > :after"""
_PAGE = "ORDER BY id LIMIT :limit"


def _words(row: Row) -> tuple[str, ...]:
    return *row["path"].split("/"), *listed(row["numbers"])


def _linked(database: Database, clips: Sequence[str] | None = None) -> dict[str, set[str]]:
    """The cases of clips by standing links: of these clips, or of all."""
    these, values = ("", dict[str, object]()) if clips is None else any_of(clips)
    which = "" if clips is None else f" AND clip_id IN {these}"
    found = defaultdict[str, set[str]](set)
    for row in database.query(f"SELECT clip_id, case_id FROM link WHERE ended_at IS NULL{which}", values):
        found[row["clip_id"]].add(row["case_id"])
    return found


def _near(database: Database, near: CaseFacts | Sequence[str]) -> tuple[str, dict[str, object]]:
    """What of the clips has to do with a case, or with a few clips: it, and what was recorded about those times."""
    values: dict[str, object]
    if isinstance(near, CaseFacts):
        spans = [("", one.begins_at, one.ends_at or one.begins_at) for one in near.papers if one.begins_at is not None]
        values = {"case": near.id}
        parts = ["SELECT clip_id FROM link WHERE case_id = :case AND ended_at IS NULL"]
    else:
        these, values = any_of(near)
        rows = database.query(f"SELECT recorder, starts_at, ends_at FROM clip WHERE id IN {these}", values)
        every = ((row["recorder"], row["starts_at"], row["ends_at"] or row["starts_at"]) for row in rows)
        spans = [(on, _reckoned(begins_at), _reckoned(ends_at)) for on, begins_at, ends_at in every if on]
        parts = [f"SELECT id FROM clip WHERE id IN {these}"]
    for number, (recorder, begins_at, ends_at) in enumerate(spans[:SPANS_MAX]):
        on = f"recorder = :recorder{number} AND " if recorder else ""
        parts.append(f"SELECT id FROM clip WHERE {on}starts_at BETWEEN :since{number} AND :until{number}")
        values |= {f"recorder{number}": recorder} if recorder else {}
        values[f"since{number}"] = database.moment(begins_at - DAY)
        values[f"until{number}"] = database.moment(ends_at + HOUR)
    return f"AND id IN ({' UNION '.join(parts)}) ", values  # each by its own index; with OR all clips are gone through


def holdings(database: Database, known: People) -> list[Assignment]:
    """Who had which recorder when, by people."""
    every = (assignments.assignment(row) for rows in assignments.entered(database, None).values() for row in rows)
    return [replace(one, officer=known.who(one.officer, one.begins_at)) for one in every]


def decided_by_people(
    database: Database, undone: str, clips: Sequence[str] | None = None
) -> frozenset[tuple[str, str]]:
    """The links that people ended for another reason than `undone`: clip and case, which are not proposed again.

    Of these clips, or of all.
    """
    these, values = ("", dict[str, object]()) if clips is None else any_of(clips)
    which = "" if clips is None else f" AND clip_id IN {these}"
    sql = f"SELECT clip_id, case_id FROM link WHERE ended_at IS NOT NULL AND COALESCE(reason, '') <> :undone{which}"
    return frozenset((row["clip_id"], row["case_id"]) for row in database.query(sql, {**values, "undone": undone}))


def _rows(database: Database, table: str, column: str, only: Collection[str] | None, key: str = "id") -> Sequence[Row]:
    these, values = ("", dict[str, object]()) if only is None else any_of(sorted(only))
    which = "" if only is None else f"WHERE {column} IN {these} "
    return database.query(f"SELECT * FROM {table} {which}ORDER BY {key}", values)


@readable("written record")
def _paper(row: Row, known: People, passes: bool) -> PaperFacts:
    served = json.loads(row["served"])
    return PaperFacts(
        row["id"],
        row["code"],
        row["step"] or served.get("how") or "",
        day_of(row["day"]),
        _time(row["begins_at"]),
        _time(row["ends_at"]),
        row["place"] or "",
        tuple(map(known.who, json.loads(row["officers"]))),
        bool(served.get("witness")),
        row["scan"],
        passes,
    )


@readable("case")
def _case(
    row: Row, known: People, papers: tuple[PaperFacts, ...], notes: tuple[NoteFacts, ...], public: Told
) -> CaseFacts:
    reported = json.loads(row["reported"])
    kinds = tuple(dict.fromkeys(filter(None, (row["kind"], *json.loads(row["procedures"])))))
    days = {name: day_of(row.get(name) or reported.get(name)) for name in ("opened", "decided", "closed")}
    fine = reported.get("fine") if row["fine"] is None else row["fine"]
    decided = days["decided"]
    return CaseFacts(
        row["id"],
        kinds,
        row["matter"] or "",
        tuple(map(known.who, json.loads(row["officers"]))),
        _time(row["begins_at"]),
        _time(row["ends_at"]),
        papers,
        frozenset(json.loads(row["facts"])),
        published=public.published(decided) or day_of(reported.get("published")),
        reviewed=day_of(reported.get("reviewed")),
        fine=None if fine is None else _sum(float(fine)),
        penalty=str(row["penalty"] or reported.get("penalty") or ""),
        is_organisation=_is_organisation(json.loads(row["parties"])),
        notes=notes,
        parties=_parties(row),
        unit=row["unit"] or "",
        is_kept_back=public.excepted("website") is not None
        or (decided is not None and public.decided(decided) is None),
        withdrawals=public.withdrawals(),
        **days,
    )


def case_said(said: Mapping[str, Any]) -> CaseFacts:
    """A case that is only said to be (待登记案件), `said` as its columns would be, without records."""
    from catalog.cases.tables import CaseRow

    return _case({**CaseRow(id="", added_by="").model_dump(), **said}, People(), (), (), Told())


def _is_organisation(parties: Sequence[Mapping[str, Any]]) -> bool:
    """Whether every party is an organisation for sure: its number is no person's, which is all digits but the last."""
    numbers = [str(one.get("id_no") or one.get("id") or "") for one in parties]
    return bool(numbers) and all(number and not number[:PERSON_DIGITS].isdigit() for number in numbers)


def _parties(row: Row) -> tuple[str, ...]:
    names = [str(one.get("name") or "") for one in json.loads(row["parties"])]
    return tuple(dict.fromkeys(name for name in (*names, row["subject"] or "") if name))


@readable("clip")
def _clip(row: Row, linked: Sequence[str] | set[str], held: Held, rooms: Mapping[str, str], known: People) -> ClipFacts:
    starts_at, recorder = parsed_time(row["starts_at"]), row["recorder"]
    room = rooms.get(recorder)
    holder = None if room else _holder(held.get(recorder, ()), starts_at) or _somebody(row["officer"])
    return ClipFacts(
        row["id"],
        row["kind"],
        starts_at,
        parsed_time_or_none(row["ends_at"]),
        float(row["starts_at_uncertainty_s"]),
        row["playable"] is None or bool(row["playable"]),
        None if holder is None else known.who(holder, starts_at),
        room,
        tuple(sorted(linked)),
        recorder,
    )


def _somebody(officer: str | None) -> str | None:
    """The officer a clip is sealed with; zeros are what a recorder writes where it was told none."""
    return officer if officer and officer.strip("0") else None


def _holder(every: Sequence[Assignment], at: datetime) -> str | None:
    one = in_force(every, at)
    return None if one is None else one.officer


def _register(database: Database) -> tuple[Held, Mapping[str, str]]:
    """Who had which recorder when, and the rooms of fixed cameras, by each number that their files are named with."""
    held, rooms = dict[str, Sequence[Assignment]](), dict[str, str]()
    entered = assignments.entered(database, None)
    for row in database.query("SELECT serial, numbers, room FROM recorder ORDER BY serial", {}):
        had = [assignments.assignment(one) for one in entered.get(row["serial"], ())]
        for number in (*listed(row["numbers"]), row["serial"]):
            held[number] = had
            if row["room"]:
                rooms[number] = row["room"]
    return held, rooms


def _in_time(paper: PaperFacts) -> tuple[date, str, str]:
    begins = "" if paper.begins_at is None else paper.begins_at.isoformat()
    return paper.day or date.max, begins, paper.id


def _sum(yuan: float) -> float:
    """A sum without cents as a whole number, as people write it."""
    return int(yuan) if yuan.is_integer() else yuan


def day_of(text: object) -> date | None:
    """A day as limits are counted from it: another system may say a year that no calendar has a day after."""
    return None if not text else min(max(date.fromisoformat(str(text)[:10]), EARLIEST.date()), LATEST.date())


def _time(value: object) -> datetime | None:
    return None if value is None else _reckoned(value)


def _reckoned(value: object) -> datetime:
    """A time as limits are counted from it: what was signed before its year was checked counts as the last that may."""
    return min(max(parsed_time(value), EARLIEST), LATEST)


# ---------------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class Numbered:
    """That a person had a number (人员编号), from when until when."""

    person: str
    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class People:
    """What is known of people: who had a number when, names, until when cards hold."""

    numbers: Mapping[str, Sequence[Numbered]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    cards: Mapping[str, date] = field(default_factory=dict)

    def who(self, number: str, at: datetime | None = None) -> str:
        """Whose number it was then, or of late; itself where nobody is known by it."""
        had = self.numbers.get(number, ())
        then = [one for one in had if at is None or (one.begins_at <= at and (one.ends_at is None or at < one.ends_at))]
        return (then or had)[-1].person if had else number


def people(database: Database) -> People:
    """Everybody, by number."""
    numbers = defaultdict[str, list[Numbered]](list)
    cards = dict[str, date]()
    for row in database.query("SELECT * FROM person_number ORDER BY begins_at, person", {}):
        begins_at, ends_at = parsed_time(row["begins_at"]), parsed_time_or_none(row["ends_at"])
        numbers[row["number"]].append(Numbered(row["person"], begins_at, ends_at))
        until = day_of(row["valid_until"])
        if until is not None:
            cards[row["person"]] = max(until, cards.get(row["person"], until))
    names = {row["no"]: row["name"] for row in database.query("SELECT no, name FROM person ORDER BY no", {})}
    return People(numbers, names, cards)


def on_duty(database: Database, clips: Sequence[ClipFacts]) -> dict[date, frozenset[str]]:
    """Who was on duty by the rosters (值班), on the days of these clips."""
    if not clips:
        return {}
    times = [one.starts_at.date() for one in clips]
    first, last = max(min(times), date.min + DAY), min(max(times), date.max - DAY)  # a clock may say anything
    span = {"since": str(first - DAY), "until": str(last + DAY)}  # a day of which zone, the caller knows
    found = defaultdict[date, set[str]](set)
    for row in database.query("SELECT day, person FROM duty WHERE day BETWEEN :since AND :until", span):
        found[date.fromisoformat(row["day"])].add(row["person"])
    return {day: frozenset(these) for day, these in found.items()}
