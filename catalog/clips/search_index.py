"""The index of clips (检索索引): what is due in it, brought up to date behind everything else, made anew, checked.

Triggers enter what is due with each change (migration 0018), so filing waits for nothing. SQLite: an FTS5 table
without content, whose rows are numbered by `pos`. PostgreSQL: the words' numbers in `clip_indexed`, under GIN. What the
index says is never believed: rows and texts are compared (`catalog/clips/finding.py`). It is derived: no act makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.clips import clips, texts
from catalog.clips.texts import Names, Said
from catalog.errors import ManifestUnreadable, NoSuchClip, RowUnreadable
from catalog.people import units
from catalog.people.holders import ROOT
from catalog.readable import any_of, readable
from catalog.rules import places
from catalog.rules.canonical import parsed_time
from catalog.rules.search_words import POS_BITS, delays, fact, month, numbers_at, pos_of, words_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from catalog.database import Database, Row

DUE_MAX = 10_000
BATCH, CHANGES = 64, 4
"""Clips a transaction: SQLite has one writer, and filing must not wait for more. So many changes are read a clip."""
CHECKED = 500
SPREADS: Mapping[str, str] = {
    "case": "SELECT 'clip', clip_id FROM link WHERE case_id = :id",
    "person": "SELECT 'clip', id FROM clip WHERE person = :id",
    "policy": "SELECT DISTINCT 'clip', clip_id FROM link WHERE ended_at IS NULL",
    "scan": "SELECT 'clip', clip_id FROM paper JOIN link ON link.case_id = paper.case_id WHERE paper.scan = :id",
    "unit": """WITH RECURSIVE below(code) AS (SELECT CAST(:id AS TEXT)
 UNION SELECT unit.code FROM unit JOIN below ON unit.parent = below.code)
 SELECT 'clip', id FROM clip WHERE house_unit IN (SELECT code FROM below)""",
}
"""Which clips are due when something else changes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip as the index has it."""

    clip: str
    pos: int
    words: frozenset[str]
    track: bytes | None

    @property
    def digest(self) -> str:
        """What tells whether it changed."""
        text = "\n".join((str(self.pos), *sorted(self.words)))
        return hashlib.sha256(text.encode() + (self.track or b"")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Fault:
    """A clip the index has otherwise than the rows say, or lacks, or has without a row; `what` is a code."""

    clip: str
    what: str


def due(database: Database) -> int:
    """How many changes wait to be indexed."""
    return int(database.query("SELECT COUNT(*) AS n FROM search_due", {})[0]["n"])


def waiting(database: Database) -> int:
    """How many changes wait, `DUE_MAX` for so many or more: each page of a search says it."""
    sql = "SELECT COUNT(*) AS n FROM (SELECT 1 FROM search_due LIMIT :most) AS fitting"
    return int(database.query(sql, {"most": DUE_MAX})[0]["n"])


def bring(database: Database, names: Names) -> int:
    """Bring what is due into the index, of `BATCH` clips at most, the oldest first; return how many changes it was."""
    # Read before anything is locked: what changes meanwhile is due once more, in a row of its own.
    found = database.query("SELECT n, kind, id FROM search_due ORDER BY n LIMIT :most", {"most": BATCH * CHANGES})
    if not found:
        return 0
    wide = [row for row in found if row["kind"] in SPREADS]
    numbers = list(dict.fromkeys(row["id"] for row in found if row["kind"] not in SPREADS))[:BATCH]
    its = set(numbers)
    done = [row["n"] for row in found if row["kind"] in SPREADS or row["id"] in its]
    made = {one.clip: one for one in entries(database, numbers, names)}
    with database.transaction() as session:
        connection = session.connection()
        if not _is_sqlite(connection):
            _run(connection, "LOCK TABLE clip_indexed IN SHARE ROW EXCLUSIVE MODE")  # one at a time; readers go on
        for kind, id_ in dict.fromkeys((row["kind"], row["id"]) for row in wide):  # a case and its records: once
            _run(connection, f"INSERT INTO search_due(kind, id) {SPREADS[kind]}", id=id_)
        _put(connection, numbers, made)
        these, values = any_of(done)
        _run(connection, f"DELETE FROM search_due WHERE n IN {these}", **values)
    return len(done)


def bring_all(database: Database, names: Names, told: Callable[[int], None], stopped: Callable[[], bool]) -> int:
    """Bring all that is due into the index, or as much until `stopped`; `told` hears of each batch."""
    count = 0
    while not stopped() and (done := bring(database, names)):
        count += done
        told(done)
    return count


def forget(database: Database) -> None:
    """Empty the index: every clip is due. Searches find nothing meanwhile, and say so."""
    with database.transaction() as session:
        connection = session.connection()
        for table in ("clip_indexed", "search_due"):
            _run(connection, f"DELETE FROM {table}")
        if _is_sqlite(connection):
            _run(connection, "INSERT INTO clip_words(clip_words) VALUES ('delete-all')")
        _run(connection, "INSERT INTO search_due(kind, id) SELECT 'clip', id FROM clip ORDER BY starts_at, id")


def check(database: Database, names: Names) -> Iterator[Fault]:
    """Yield every clip the index has otherwise than the rows say, but for those that are due."""
    waiting = {row["id"] for row in database.query("SELECT id FROM search_due", {})}
    after = ""
    sql = "SELECT id FROM clip WHERE id > :after ORDER BY id LIMIT :most"
    while rows := database.query(sql, {"after": after, "most": CHECKED}):
        after = rows[-1]["id"]
        yield from _faults(database, names, [row["id"] for row in rows if row["id"] not in waiting])
    stray = "SELECT clip_id FROM clip_indexed WHERE NOT EXISTS (SELECT 1 FROM clip WHERE clip.id = clip_id) ORDER BY 1"
    yield from (Fault(row["clip_id"], "no-clip") for row in database.query(stray, {}) if row["clip_id"] not in waiting)


def _faults(database: Database, names: Names, some: Sequence[str]) -> Iterator[Fault]:
    these, values = any_of(some)
    kept = {
        row["clip_id"]: row for row in database.query(f"SELECT * FROM clip_indexed WHERE clip_id IN {these}", values)
    }
    for one in entries(database, some, names):
        row = kept.get(one.clip)
        if row is None:
            yield Fault(one.clip, "missing")
        elif row["digest"] != one.digest:
            yield Fault(one.clip, "other")
        elif not _holds(database, row, one):
            yield Fault(one.clip, "words")


def _holds(database: Database, row: Row, one: Entry) -> bool:
    """Whether the index itself has all words of a clip."""
    if database.sqlite_path is None:
        return bool(row["words"] == numbers_at(one.words, row["pos"]))
    sql = "SELECT rowid FROM clip_words WHERE clip_words MATCH :words AND rowid = :pos"
    return bool(database.query(sql, {"words": " AND ".join(map(quoted, one.words)), "pos": row["pos"]}))


def quoted(word: str) -> str:
    """A word as FTS5 takes it."""
    return f'"{word}"'


# ---------------------------------------------------------------------- what a clip is found by


def entries(database: Database, some: Sequence[str], names: Names) -> list[Entry]:
    """Make what the index is to have of these clips, as far as they are there and can be read."""
    try:
        return _entries(database, some, names)
    except RowUnreadable:  # one row that somebody falsified keeps no other out
        return [] if len(some) == 1 else [entry for one in some for entry in entries(database, [one], names)]


def _entries(database: Database, some: Sequence[str], names: Names) -> list[Entry]:
    these, values = any_of(some)
    rows = database.query(f"SELECT * FROM clip WHERE id IN {these} ORDER BY id", values)
    said = texts.of_clips(database, some, names)
    holds = f"SELECT DISTINCT clip_id FROM hold WHERE ended_at IS NULL AND clip_id IN {these}"
    held = {row["clip_id"] for row in database.query(holds, values)}
    parents = units.parents_now(database)
    tracks = {row["id"]: _track(database, row["id"]) for row in rows if row["fixes"]}
    return [
        _entry(row, said[row["id"]], tracks.get(row["id"]), parents, is_held=row["id"] in held)
        for row in rows
        if row["id"] in said
    ]


def _track(database: Database, clip: str) -> bytes | None:
    """The track of a clip, packed; none where its manifest was falsified, which `verify` finds out."""
    with suppress(ManifestUnreadable, NoSuchClip):
        return places.packed([(fix[1], fix[2]) for fix in clips.manifest(database, clip).track])
    return None


@readable("clip")
def _entry(row: Row, said: Said, track: bytes | None, parents: Mapping[str, str], *, is_held: bool) -> Entry:
    words = set[str]().union(*(words_of(one.text) for one in said.texts))
    words |= places.cell_words(places.unpacked(track or b"")) | set(_facts(row, said, parents))
    words |= {"_fhold"} if is_held else set()
    return Entry(row["id"], pos_of(parsed_time(row["starts_at"]), row["id"]), frozenset(words), track)


def _facts(row: Row, said: Said, parents: Mapping[str, str]) -> Iterator[str]:
    """What a clip is, as words; for a unit one of each that it lies below."""
    yield fact("i", row["id"])
    named = {"p": "person", "o": "officer", "r": "recorder", "k": "kind", "x": "class"}
    yield from (fact(letter, row[column]) for letter, column in named.items() if row[column] is not None)
    yield from (fact("u", unit) for unit in above(row["house_unit"], parents))
    yield month(parsed_time(row["retain_until"]))
    yield from delays((parsed_time(row["sealed_at"]) - parsed_time(row["starts_at"])).total_seconds())
    for one in said.links:
        yield from (
            fact(letter, value)
            for letter, value in (("c", one.case), ("m", one.matter), ("g", one.step))
            if value is not None
        )
    flags = {"unlinked": not said.links, "unplayable": row["playable"] in (False, 0), "marked": row["marks"] != "[]"}
    yield from (f"_f{name}" for name, holds in flags.items() if holds)


def above(unit: str, parents: Mapping[str, str]) -> Iterator[str]:
    """Yield a unit and those it lies below, but for the bureau itself: that says nothing."""
    passed = set[str]()
    while unit != ROOT and unit not in passed:
        yield unit
        passed.add(unit)
        unit = parents.get(unit, ROOT)


# ---------------------------------------------------------------------- putting it in


def _put(connection: Connection, numbers: Sequence[str], made: Mapping[str, Entry]) -> None:
    """Put clips into the index, or take out those that are none; the same again changes nothing.

    In SQLite a clip whose words changed gets another place: its words at the old one find no row any more.
    """
    is_sqlite, (these, values) = _is_sqlite(connection), any_of(numbers)
    had = _run(connection, f"SELECT clip_id, pos, digest FROM clip_indexed WHERE clip_id IN {these}", **values)
    known = {row.clip_id: row for row in had}
    changed = [one for one in numbers if one not in made or one not in known or known[one].digest != made[one].digest]
    _many(connection, "DELETE FROM clip_indexed WHERE clip_id = :clip", [{"clip": one} for one in changed])
    entered = [made[one] for one in changed if one in made]
    taken, rows = _taken(connection, [one.pos for one in entered]), list[dict[str, Any]]()
    for one in entered:
        pos, was = one.pos, known.get(one.clip)
        if is_sqlite and was is not None and was.pos >> POS_BITS == pos >> POS_BITS:
            pos = was.pos + 1
        while pos in taken or (pos != one.pos and _taken(connection, [pos])):
            pos += 1
        taken.add(pos)
        words = " ".join(sorted(one.words)) if is_sqlite else numbers_at(one.words, pos)
        rows.append({"pos": pos, "clip": one.clip, "digest": one.digest, "track": one.track, "words": words})
    kept = "NULL" if is_sqlite else ":words"
    _many(connection, f"INSERT INTO clip_indexed VALUES (:pos, :clip, :digest, :track, {kept})", rows)
    if is_sqlite:
        _many(connection, "INSERT INTO clip_words(rowid, words) VALUES (:pos, :words)", rows)


def _taken(connection: Connection, places: Sequence[int]) -> set[int]:
    """Which of these places are taken."""
    these, values = any_of(places)
    return {row.pos for row in _run(connection, f"SELECT pos FROM clip_indexed WHERE pos IN {these}", **values)}


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _run(connection: Connection, sql: str, **values: object) -> Any:
    from sqlalchemy import text

    return connection.execute(text(sql), values)


def _many(connection: Connection, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
    from sqlalchemy import text

    if rows:
        connection.execute(text(sql), rows)
