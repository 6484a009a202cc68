"""The trail (操作留痕): every change and every look, hash-chained and in an RFC 9162 Merkle tree.

Shapes: a line is canonical JSON `{"line","at","actor","action","look","subject","details"}`; its leaf hash goes
into the tree; chain hash of a line = SHA-256(chain hash of the line before || leaf hash), 32 zero bytes before
the first. Lines count from 1 without a gap. The database refuses update and delete by triggers; who gets round
them is found out by `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from catalog.errors import CatalogUnreachable, TrailUnreadable
from catalog.rules import merkle
from catalog.rules.acts import SECRET_SET, Act
from catalog.rules.canonical import canonical, parsed_time, time_text

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

WRITTEN = "line"
"""Under this name a transaction knows the newest line it wrote."""
GENESIS = bytes(32)
NEVER = datetime.max.replace(tzinfo=UTC)
PAGE_LINES = 2000
LEVELS_MAX = 63
LINES_MAX = 1 << LEVELS_MAX

TEXTS = ("actor", "action", "subject", "details", "leaf_hash", "chain_hash")
COLUMNS = "line, at, actor, action, is_look, subject, details, leaf_hash, chain_hash"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written down: who did what to which clip or case, when."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, object]
    is_look: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the trail."""

    line: int
    entry: Entry
    details: str
    leaf_hash: str
    chain_hash: str

    def as_json(self) -> dict[str, object]:
        """The line for `--json`."""
        try:
            details = json.loads(self.details)
        except ValueError as error:
            raise _unreadable(self.line) from error
        hashes = {"leaf_hash": self.leaf_hash, "chain_hash": self.chain_hash}
        return _said(self.line, self.entry) | {"details": details} | hashes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: the number of good lines, the tree's root over them, and the first thing wrong."""

    lines: int
    root: str
    fault: str | None
    fault_line: int | None


def line_bytes(line: int, entry: Entry, details: str) -> bytes:
    """The exact bytes a line's leaf hash is over."""
    return canonical(_said(line, entry) | {"details": details})


def _said(line: int, entry: Entry) -> dict[str, object]:
    """What a line says, but for its details."""
    who = {"actor": entry.actor, "action": entry.action, "look": entry.is_look, "subject": entry.subject}
    return {"line": line, "at": time_text(entry.at)} | who


def append(session: Session, entry: Entry) -> Line:
    """Write one line at the end, inside the caller's transaction."""
    return append_all(session, (entry,))[0]


def append_all(session: Session, entries: Sequence[Entry]) -> list[Line]:
    """Write lines at the end, inside the caller's transaction; many cost little more than one."""
    from sqlalchemy import text
    from sqlmodel import desc, select

    from catalog.columns import insert_rows
    from catalog.trail.tables import TrailNodeRow, TrailRow

    if session.get_bind().dialect.name != "sqlite":
        # Two transactions that read the same last line would both write the next one. SQLite has one writer anyway.
        session.connection().execute(text("LOCK TABLE trail IN EXCLUSIVE MODE"))
    last = session.exec(select(TrailRow.line, TrailRow.chain_hash).order_by(desc(TrailRow.line)).limit(1)).first()
    before, chain = (last[0], hash_of(last[1], f"line {last[0]}")) if last else (0, GENESIS)
    made = dict[tuple[int, int], bytes]()

    def node(level: int, position: int) -> bytes:
        """A node that was completed just now, or before."""
        if (level, position) in made:
            return made[level, position]
        if level == 0:
            row = session.exec(select(TrailRow.leaf_hash).where(TrailRow.line == position + 1)).first()
            return hash_of(row, f"line {position + 1}") if row else b""
        at = (TrailNodeRow.level == level, TrailNodeRow.position == position)
        found = session.exec(select(TrailNodeRow.hash).where(*at)).first()
        return hash_of(found, f"node {level}/{position}") if found else b""

    written = list[Line]()
    for number, entry in enumerate(entries, before + 1):
        details = canonical(dict(entry.details)).decode()
        leaf = merkle.leaf_hash(line_bytes(number, entry, details))
        chain = hashlib.sha256(chain + leaf).digest()
        made[0, number - 1] = leaf
        for level, position, value in merkle.completed(number - 1, leaf, node):
            made[level, position] = value
        written.append(Line(number, entry, details, leaf.hex(), chain.hex()))
    insert_rows(session, TrailRow, [_as_row(line) for line in written])
    above = ({"level": level, "position": at, "hash": value.hex()} for (level, at), value in made.items() if level)
    insert_rows(session, TrailNodeRow, list(above))
    session.info[WRITTEN] = written[-1]
    return written


def _as_row(line: Line) -> dict[str, object]:
    said = {name: getattr(line.entry, name) for name in ("at", "actor", "action", "is_look", "subject")}
    return said | {name: getattr(line, name) for name in ("line", "details", "leaf_hash", "chain_hash")}


def lines(database: Database, *, subject: str | None = None, after: int = 0, limit: int = PAGE_LINES) -> list[Line]:
    """The lines behind `after`, oldest first, at most `limit`."""
    where = "line > :after" + (" AND subject = :subject" if subject is not None else "")
    values = {"after": after, "subject": subject, "limit": limit}
    sql = f"SELECT {COLUMNS} FROM trail WHERE {where} ORDER BY line LIMIT :limit"
    return [_line(row) for row in database.query(sql, values)]


def newest_about(database: Database, subject: str, limit: int) -> tuple[list[Line], int]:
    """The newest lines about a subject, newest first, at most `limit`, and how many older ones there are."""
    sql = f"SELECT {COLUMNS} FROM trail WHERE subject = :subject ORDER BY line DESC LIMIT :limit"
    found = [_line(row) for row in database.query(sql, {"subject": subject, "limit": limit})]
    sql = "SELECT COUNT(*) AS count FROM trail WHERE subject = :subject AND line < :line"
    (row,) = database.query(sql, {"subject": subject, "line": found[-1].line if found else 0})
    return found, int(row["count"])


def newest_lines(
    database: Database, wanted: Mapping[str, str], actions: Sequence[str], before: int | None, limit: int
) -> list[Line]:
    """The newest lines that are as `wanted` says, of these actions or of any, newest first; older than `before`.

    `subject` is as it stands; `actor` is an account, or a person's number, whichever account they used.
    """
    assert wanted.keys() <= {"actor", "subject"}
    of_actor = "(actor IN (:actor, :person) OR actor LIKE :by_account)"
    names = {f"action{number}": action for number, action in enumerate(actions)}
    where = ["line < :before", *(of_actor if name == "actor" else f"{name} = :{name}" for name in wanted)]
    if names:
        where.append(f"action IN ({', '.join(f':{name}' for name in names)})")
    sql = f"SELECT {COLUMNS} FROM trail WHERE {' AND '.join(where)} ORDER BY line DESC LIMIT :limit"
    who, end = f"P:{wanted.get('actor', '')}", LINES_MAX - 1 if before is None else before
    values = {**wanted, **names, "person": who, "by_account": f"{who} as %", "before": end, "limit": limit}
    return [_line(row) for row in database.query(sql, values)]


def lines_of(database: Database, actions: Sequence[str], subject: str | None = None) -> Iterator[Line]:
    """The lines of these actions, about one subject or any, oldest first; what cannot be read is none."""
    return (line for row in rows_of(database, actions, subject) if (line := line_of(row)) is not None)


def rows_of(database: Database, actions: Sequence[str], subject: str | None = None) -> Iterator[Row]:
    """The rows of these actions, oldest first, for who knows most of them already: `line_of` reads one."""
    names = {f"action{number}": action for number, action in enumerate(actions)}
    where = f"action IN ({', '.join(f':{name}' for name in names)})" + (" AND subject = :subject" if subject else "")
    if actions == (SECRET_SET,) and subject is None:  # written out: so the index trail_secrets is used
        where = f"action = '{SECRET_SET}'"
    return _rows(database, where, names | {"subject": subject})


def line_of(row: Row) -> Line | None:
    """The line of a row, or None where it cannot be read."""
    with suppress(TrailUnreadable):
        return _line(row)
    return None


def every_line(database: Database, subject: str | None = None) -> Iterator[Line]:
    """All lines, or those about one subject, oldest first, a page at a time."""
    rows = _rows(database) if subject is None else _rows(database, "subject = :subject", {"subject": subject})
    return map(_line, rows)


def _rows(
    database: Database, where: str = "line > 0", values: Mapping[str, object] = MappingProxyType({}), after: int = 0
) -> Iterator[Row]:
    """The rows of lines behind `after` of which `where` is true, oldest line first, read a page at a time."""
    sql = f"SELECT {COLUMNS} FROM trail WHERE line > :after AND {where} ORDER BY line LIMIT :limit"
    while rows := database.query(sql, {**values, "after": after, "limit": PAGE_LINES}):
        yield from rows
        after = int(rows[-1]["line"])


def act_of(line: Line) -> Act:
    """The act a line was written for, as it stands in the vault if it does; raises ValueError for no JSON."""
    return Act(line.entry.at, line.entry.actor, line.entry.action, line.entry.subject, json.loads(line.details))


def newest(database: Database) -> Line | None:
    """The last line, or None."""
    rows = database.query(f"SELECT {COLUMNS} FROM trail ORDER BY line DESC LIMIT 1", {})
    return _line(rows[0]) if rows else None


def newest_time(database: Database, *, after: int = 0, until: datetime = NEVER) -> tuple[datetime | None, int]:
    """The latest time up to `until` in the lines behind `after`, whichever says it, and the last of those lines."""
    sql = "SELECT MAX(at) AS at, MAX(line) AS line FROM trail WHERE line > :after AND at <= :until"
    (row,) = database.query(sql, {"after": after, "until": database.moment(until)})
    if row["line"] is None:
        return None, after
    try:
        return parsed_time(row["at"]), int(row["line"])
    except ValueError as error:
        raise _unreadable(row["line"]) from error


def lines_later(database: Database, than: datetime, *, after: int = 0) -> Iterator[Line]:
    """The lines behind `after` that say a later time, oldest line first."""
    return (_line(row) for row in _rows(database, "at > :than", {"than": database.moment(than)}, after))


def size(database: Database) -> int:
    """The number of the last line, whatever it says; 0 where there is none."""
    (row,) = database.query("SELECT COALESCE(MAX(line), 0) AS line FROM trail", {})
    return int(row["line"])


@dataclass(frozen=True)
class Recomputed:
    """The verdict, and the tree over its good lines as it follows from their own words."""

    verdict: Verdict
    node: merkle.Node

    def root(self, size: int) -> bytes:
        """The root over the first `size` lines, at most those that are good."""
        return merkle.root(size, self.node)


def verify(database: Database) -> Verdict:
    """Compute chain and tree anew from the lines' own words and compare with what is stored."""
    return recompute(database).verdict


def recompute(
    database: Database, progress: Callable[[int], None] = lambda _: None, sees: Callable[[Line], None] = lambda _: None
) -> Recomputed:
    """As `verify`, with the tree that came of it; `progress` is told of lines, `sees` given each good one.

    The trail may grow meanwhile.
    """
    chain, count, tree, stored = GENESIS, 0, _Tree(), _Stored(database)
    furthest = stored.furthest()

    def ended(what: str | None, line: int | None) -> Recomputed:
        return Recomputed(Verdict(count, merkle.root(count, tree.node).hex(), what, line), tree.node)

    for row in _rows(database):
        if row["line"] != count + 1:
            return ended("missing", count + 1)
        try:
            line = _line(row)
        except TrailUnreadable:
            return ended("altered", count + 1)
        leaf = merkle.leaf_hash(line_bytes(line.line, line.entry, line.details))
        if leaf.hex() != line.leaf_hash:
            return ended("altered", line.line)
        chain = hashlib.sha256(chain + leaf).digest()
        if chain.hex() != line.chain_hash:
            return ended("chain", line.line)
        for level, position, value in tree.add(leaf):
            if stored.at(level, position) != value.hex():
                return ended("tree", line.line)
        sees(line)
        count += 1
        if count % PAGE_LINES == 0:
            progress(PAGE_LINES)
    return ended("cut", count + 1) if furthest > count else ended(None, None)


class _Tree:
    """A tree that grows leaf by leaf: for each level the hashes of its nodes, one after another (64 bytes a line)."""

    def __init__(self) -> None:
        self._levels = [bytearray()]

    def node(self, level: int, position: int) -> bytes:
        start = position * len(GENESIS)
        return bytes(self._levels[level][start : start + len(GENESIS)])

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """The nodes this leaf completes, lowest first."""
        index = len(self._levels[0]) // len(GENESIS)
        self._levels[0] += leaf
        completed = []
        for level, position, value in merkle.completed(index, leaf, self.node):
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += value
            completed.append((level, position, value))
        return completed


class _Stored:
    """The stored nodes of the tree, read a page at a time and after the lines that completed them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pages: dict[int, dict[object, str]] = {}

    def furthest(self) -> int:
        """The last line that a stored node is over, more than any for what can be no node; 0 where there is none."""
        sql = "SELECT level, MAX(position) AS position FROM trail_node GROUP BY level"
        return max((_last_line(row["level"], row["position"]) for row in self._database.query(sql, {})), default=0)

    def at(self, level: int, position: int) -> str | None:
        """A node's hash as it is stored, or None; asked for in order."""
        page = self._pages.get(level, {})
        if position not in page:
            sql = (
                "SELECT position, hash FROM trail_node WHERE level = :level AND position >= :position "
                "ORDER BY position LIMIT :limit"
            )
            rows = self._database.query(sql, {"level": level, "position": position, "limit": PAGE_LINES})
            self._pages[level] = page = {row["position"]: str(row["hash"]) for row in rows}
        return page.get(position)


@dataclass(frozen=True)
class Head:
    """The trail as the database has it now, not computed anew: the number of its lines and its tree's stored nodes."""

    size: int
    node: merkle.Node

    def root(self) -> bytes:
        """The root over all lines."""
        return merkle.root(self.size, self.node)


def head(database: Database) -> Head:
    """The stored tree, for what must be quick; a node that is missing raises `CatalogUnreachable` when it is asked."""

    def node(level: int, position: int) -> bytes:
        if level == 0:
            rows = database.query("SELECT leaf_hash AS hash FROM trail WHERE line = :line", {"line": position + 1})
        else:
            sql = "SELECT hash FROM trail_node WHERE level = :level AND position = :position"
            rows = database.query(sql, {"level": level, "position": position})
        if not rows:
            raise CatalogUnreachable(reason=f"node {level}/{position} of the trail's tree is missing")
        return hash_of(rows[0]["hash"], f"node {level}/{position}")

    return Head(size(database), node)


def hash_of(text: object, where: str) -> bytes:
    """A hash out of the database; raises `TrailUnreadable` for what is none."""
    try:
        found = bytes.fromhex(str(text))
    except ValueError as error:
        raise TrailUnreadable(what=where) from error
    if len(found) != len(GENESIS):
        raise TrailUnreadable(what=where)
    return found


def _last_line(level: object, position: object) -> int:
    """The last line a node is over."""
    if isinstance(level, int) and isinstance(position, int) and 0 < level < LEVELS_MAX:
        return (position + 1) << level
    return LINES_MAX


def _line(row: Row) -> Line:
    try:
        at = parsed_time(row["at"])
    except ValueError as error:
        raise _unreadable(row["line"]) from error
    texts = [row[name] for name in TEXTS]
    if not all(isinstance(text, str) for text in texts) or row["is_look"] not in (0, 1):
        raise _unreadable(row["line"])
    actor, action, subject, details, leaf, chain = texts
    return Line(int(row["line"]), Entry(at, actor, action, subject, {}, bool(row["is_look"])), details, leaf, chain)


def _unreadable(line: object) -> TrailUnreadable:
    return TrailUnreadable(what=f"line {line}")


def now() -> datetime:
    """The station's time, to the microsecond the database keeps."""
    return datetime.now(UTC)
