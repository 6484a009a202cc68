"""Finding clips by words, places and facts of several rows (检索): the index first, then rows, texts and tracks.

The index proposes, newest first, and what it proposes is compared: with the row for every fact and right, with each
text for a phrase, with each fix for a place. So a hit is never wrong; a change that is not indexed yet may be missing,
and how many wait is told. Shapes: a cursor is a place in the index as hexadecimal digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from catalog.clips import search, texts
from catalog.clips.errors import SearchUnfit
from catalog.clips.search import ClipSummary, Search
from catalog.clips.search_index import quoted, waiting
from catalog.clips.texts import Names, Text
from catalog.people.holders import ROOT
from catalog.people.units import parents_now
from catalog.rules import places, search_words
from catalog.rules.search_words import GROUPS_MAX, POS_BITS, POS_HIGH, POS_LOW, Asked, fact

if TYPE_CHECKING:
    from catalog.database import Database, Row
    from catalog.rules.house_rights import Known
    from catalog.rules.visible import Visible

BATCH_FIRST, BATCH_MAX = 60, 2_000
PROPOSED_MAX = 20_000
"""So many are compared for one page; then the page says how far it went back."""
COUNTED_MAX, CHECKED_MAX = 10_000, 200
"""So many are counted; where words alone do not tell, so many are compared for it."""
FACETS = {"kind": "kind", "class": "class", "unit": "house_unit", "officer": "officer", "recorder": "recorder"}
DAY, DAY_S = "day", 86_400
"""The facet of the days clips start on, by a clock that is so many seconds before UTC; as ISO writes them."""


@dataclass(frozen=True, slots=True)
class Within:
    """What somebody may find (可见范围): in all of `seen`, none for everything.

    `known`: the cases they may know of, None for all; a text of any other is not there.
    """

    seen: tuple[Visible, ...] = ()
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Found(ClipSummary):
    """A clip that fits, and the texts that made it fit."""

    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a search (检索结果); `after` goes on behind it, `back_to`: so far it looked, `waiting`: not indexed."""

    clips: tuple[Found, ...]
    after: str | None
    back_to: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fit (计数), `is_more` than were counted; by facet what those are, the newest there are.

    Not `is_exact`: of so many neither text nor track was compared with what was asked, words and map cells alone tell.
    """

    total: int
    is_more: bool
    is_exact: bool
    facets: Mapping[str, Mapping[str, int]]


def page(database: Database, wanted: Search, within: Within, names: Names) -> Page:
    """A page of what fits; raises `SearchUnfit`, `CaseAmbiguous`."""
    limit, last, proposed = max(1, min(wanted.limit, search.LIMIT_MAX)), None, 0
    hits: list[tuple[Row, tuple[Text, ...]]] = []
    after = None
    for row, its in _proposed(database, wanted, within, names, search.COLUMNS, limit):
        proposed, last = proposed + 1, row["pos"]
        if its is not None:
            hits.append((row, its))
        if len(hits) == limit or proposed == PROPOSED_MAX:
            after = f"{last:x}"
            break
    by_id = {row["id"]: its for row, its in hits}
    clips = search.summaries(database, [row for row, _ in hits])
    found = tuple(Found(**{name: getattr(one, name) for name in one.__slots__}, texts=by_id[one.id]) for one in clips)
    back_to = search_words.time_at(last) if after is not None and last is not None else None
    return Page(found, after, back_to, waiting(database))


def counts(database: Database, wanted: Search, within: Within, names: Names, ahead_s: int = 0) -> Counts:
    """How many fit and of what they are, of at most the newest `COUNTED_MAX`; raises as `page`.

    Days begin so many seconds before those of UTC.
    """
    found = _by_words(database, wanted, within, ahead_s)
    is_text, is_place = bool(wanted.text or wanted.party), wanted.area is not None
    if not (is_text or is_place):
        return found
    if found.total > CHECKED_MAX or found.is_more:
        return replace(found, is_exact=False)
    rows = [row for row, its in _proposed(database, wanted, within, names, CLIP_FACETS, CHECKED_MAX) if its is not None]
    tally = {name: Counter(row[name] for row in rows if row[name] is not None) for name in FACETS}
    days = Counter(_day(((row["pos"] >> POS_BITS) + ahead_s) // DAY_S) for row in rows)
    return Counts(
        len(rows), False, True, {name: dict(one.most_common()) for name, one in (tally | {DAY: days}).items()}
    )


def _day(number: int) -> str:
    """A day, counted from the place 0 of the index."""
    return date.fromordinal(min(max(search_words.BEGIN.toordinal() + number, 1), date.max.toordinal())).isoformat()


def _told(name: str, column: str) -> str:
    """A facet of a row, as SQL: what is masked is none."""
    return f"CASE WHEN class <> '{search.STATE}' THEN {column} END" if name in search.MASKED else column


COLUMNS = ", ".join(f'{_told(name, column)} AS "{name}"' for name, column in FACETS.items())
CLIP_FACETS = f"id, class AS class_, {COLUMNS}"
TALLIES = " UNION ALL ".join(
    f"""SELECT '{name}' AS facet, "{name}" AS value, COUNT(*) AS n FROM fit GROUP BY "{name}" """ for name in FACETS
)
TALLIES += f"""UNION ALL SELECT '{DAY}', CAST((pos / {1 << POS_BITS} + :ahead) / {DAY_S} AS TEXT), COUNT(*) FROM fit
 GROUP BY (pos / {1 << POS_BITS} + :ahead) / {DAY_S}"""


def _by_words(database: Database, wanted: Search, within: Within, ahead_s: int) -> Counts:
    """What the index has, compared with rows and rights, not with texts or tracks.

    With a text, a clip of a case somebody may not know of is left out: that text may be the one its words are of.
    """
    hits, values = proposals(database, wanted, within)
    if not all(one.is_anything for one in within.seen):
        return Counts(0, False, True, {name: {} for name in (*FACETS, DAY)})
    where = search.conditions(database, wanted, within.seen, values)
    if within.known is not None and (wanted.text or wanted.party):
        where.append(search.in_known_cases(within.known, values))
    sql = f"""WITH hit AS MATERIALIZED ({hits}), fit AS MATERIALIZED (SELECT hit.pos AS pos, {CLIP_FACETS} FROM hit
 JOIN clip_indexed ON clip_indexed.pos = hit.pos JOIN clip ON clip.id = clip_indexed.clip_id
 WHERE {" AND ".join(where) or "1 = 1"})
 {TALLIES} UNION ALL SELECT 'hit', '', COUNT(*) FROM hit ORDER BY n DESC, value"""
    rows = database.query(sql, values | {"want": COUNTED_MAX, "ahead": ahead_s})
    facets: dict[str, dict[str, int]] = {name: {} for name in (*FACETS, DAY, "hit")}
    for row in rows:
        if row["value"] is not None:
            value = _day(int(row["value"])) if row["facet"] == DAY else row["value"]
            facets[row["facet"]][value] = row["n"]
    is_more = facets.pop("hit")[""] == COUNTED_MAX
    return Counts(sum(facets["kind"].values()), is_more, True, facets)


def _proposed(
    database: Database, wanted: Search, within: Within, names: Names, columns: str, most: int
) -> Iterator[tuple[Row, tuple[Text, ...] | None]]:
    """Yield what the index proposes, newest first: the row, and the texts that fit, or None where it does not."""
    (hits, values), phrases = proposals(database, wanted, within), _phrases(wanted)
    if not all(one.is_anything for one in within.seen):
        return
    # A place that a clip has left has no row, of which a condition that denies something would be true.
    where = " AND ".join(("clip.id IS NOT NULL", *search.conditions(database, wanted, within.seen, values)))
    tracks = ", clip_indexed.track" if wanted.area is not None else ""
    sql = f"""SELECT hit.pos AS pos, CASE WHEN {where} THEN 1 ELSE 0 END AS fits, {columns}{tracks}
 FROM ({hits}) AS hit LEFT JOIN clip_indexed ON clip_indexed.pos = hit.pos
 LEFT JOIN clip ON clip.id = clip_indexed.clip_id ORDER BY hit.pos DESC"""
    batch = min(BATCH_MAX, max(BATCH_FIRST, most))
    while rows := database.query(sql, values | {"want": batch}):
        fitting = [row for row in rows if row["fits"] and _is_there(row, wanted)]
        said = _texts(database, [row["id"] for row in fitting], phrases, within.known, names)
        kept = {row["id"] for row in fitting}
        yield from ((row, said.get(row["id"]) if row["id"] in kept else None) for row in rows)
        if len(rows) < batch:
            return
        values["top"], batch = rows[-1]["pos"], min(BATCH_MAX, batch * 2)


def _span(wanted: Search) -> dict[str, object]:
    """Between which places in the index."""
    top = POS_HIGH if wanted.until is None else search_words.pos_at(wanted.until) + (1 << POS_BITS)
    bottom = POS_LOW if wanted.since is None else search_words.pos_at(wanted.since)
    return {"top": min(top, _cursor(wanted.after)), "bottom": bottom}


def _is_there(row: Row, wanted: Search) -> bool:
    """Whether a fix of a clip lies where it was asked for."""
    return wanted.area is None or any(map(wanted.area.holds, places.unpacked(bytes(row["track"] or b""))))


# ---------------------------------------------------------------------- words to ask for


def _asked(database: Database, wanted: Search, within: Within) -> Asked:
    """The words every clip has that fits; raises `SearchUnfit`."""
    every = set[str]()
    for phrase in _phrases(wanted):
        words = set(search_words.asked_words(phrase.text))
        if not words:
            what, what_zh = (
                f"`{phrase.text}` is too short: give two characters",
                f"“{phrase.text}”过短，请至少输入两个字",
            )
            raise SearchUnfit(what=what, what_zh=what_zh)
        every |= words
    case = None if wanted.case is None else search.case_meant(database, wanted.case)
    facts = {"o": wanted.officer, "r": wanted.recorder, "k": wanted.kind, "x": wanted.class_, "u": wanted.unit}
    facts |= {"p": wanted.person, "c": case, "m": wanted.matter, "g": wanted.step}
    every |= {fact(letter, value) for letter, value in facts.items() if value not in (None, ROOT)}
    every |= {f"_f{flag}" for flag in wanted.flags - {"overdue"}}
    every |= {search_words.delayed(wanted.overdue_hours)} if "overdue" in wanted.flags else set()
    groups = [_rights(database, one) for one in within.seen[:1]]
    groups += [places.cover(wanted.area)] if wanted.area is not None else []
    groups += [search_words.months_until(wanted.due)] if wanted.due is not None else []
    return Asked(frozenset(every), tuple(group for group in groups if group))


def _rights(database: Database, seen: Visible) -> frozenset[str]:
    """A word for each way somebody may find a clip; none where a way leads to all of them."""
    every = {unit for _, units in seen.units for unit in units}
    if ROOT in every:
        return frozenset()
    parents = parents_now(database)
    words = {fact("u", unit) for unit in every if parents.get(unit) not in every}
    words |= {fact("p", seen.no)} if seen.own else set()
    words |= {fact("c", case) for _, cases in seen.cases for case in cases}
    return frozenset(words | {fact("i", clip) for _, clips in seen.clips for clip in clips})


def proposals(database: Database, wanted: Search, within: Within) -> tuple[str, dict[str, object]]:
    """What the index is asked, as SQL, and its values; `:want`, how many at most, is for who asks.

    Raises `SearchUnfit`, `CaseAmbiguous`.
    """
    asked, values = _asked(database, wanted, within), _span(wanted)
    assert len(asked.groups) <= GROUPS_MAX
    between = "< :top AND {0} >= :bottom ORDER BY {0} DESC LIMIT :want"
    if not asked.every and not asked.groups:
        return f"SELECT pos FROM clip_indexed WHERE pos {between.format('pos')}", values
    if database.sqlite_path is not None:
        groups = (f"({' OR '.join(map(quoted, sorted(group)))})" for group in asked.groups)
        match = " AND ".join((*map(quoted, sorted(asked.every)), *groups))
        sql = f"SELECT rowid AS pos FROM clip_words WHERE clip_words MATCH :match AND rowid {between.format('rowid')}"
        return sql, values | {"match": match}
    sql = "SELECT pos FROM clip_page({}, :top, :bottom, :want) AS pos"
    for n, some in enumerate((asked.every, *asked.groups)):
        values[f"words{n}"] = sorted(map(search_words.number, some))
    sets = (f"CAST(:words{n} AS int[])" if f"words{n}" in values else "NULL" for n in range(GROUPS_MAX + 1))
    return sql.format(", ".join(sets)), values


def _cursor(after: str | None) -> int:
    if after is None:
        return POS_HIGH
    try:
        return max(POS_LOW, min(POS_HIGH, int(after, 16)))
    except ValueError as error:
        what, what_zh = f"`{after}` is no place to go on from", f"“{after}”不是有效的翻页位置"
        raise SearchUnfit(what=what, what_zh=what_zh) from error


# ---------------------------------------------------------------------- texts


@dataclass(frozen=True, slots=True)
class Phrase:
    """What must stand in a text; in any kind of it, or in one kind alone."""

    text: str
    kind: str | None = None


def _phrases(wanted: Search) -> tuple[Phrase, ...]:
    words = tuple(Phrase(search_words.normal(one)) for one in " ".join(wanted.text).split())
    return (*words, Phrase(search_words.normal(wanted.party), "party")) if wanted.party is not None else words


def _texts(
    database: Database, clips: Sequence[str], phrases: Sequence[Phrase], known: Known | None, names: Names
) -> Mapping[str, tuple[Text, ...]]:
    """The clips in whose texts every phrase stands, with the first text of each; a text of an unknown case is none."""
    if not phrases or not clips:
        return dict.fromkeys(clips, ())
    said = texts.of_clips(database, clips, names)
    linked = (one for its in said.values() for one in its.links)
    hidden = {one.case for one in linked if known is not None and not known.holds(one.case, one.unit or ROOT)}
    compared: dict[str, str] = {}

    def first(phrase: Phrase, its: Sequence[Text]) -> Text | None:
        for one in its:
            if phrase.kind not in (None, one.kind) or one.case in hidden:
                continue
            if one.text not in compared:
                compared[one.text] = search_words.normal(one.text)
            if phrase.text in compared[one.text]:
                return one
        return None

    found = dict[str, tuple[Text, ...]]()
    for clip, one in said.items():
        hits = [first(phrase, one.texts) for phrase in phrases]
        if all(hit is not None for hit in hits):
            found[clip] = tuple(dict.fromkeys(hit for hit in hits if hit is not None))
    return found
