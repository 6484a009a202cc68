"""The catalog, surely the one this station wrote to (本站编目): gone, empty or an older copy, it is not gone on with.

An emptied database or a copy of yesterday answers like a good one: its lists are short, its register knows no recorder.
So a witness apart from it, the station's journal, remembers the newest line of the trail that was written here, and its
chain hash, which no other trail has. A catalog must have that line before it is read, and in each transaction before it
is written to. Where the witness remembers none, a catalog that knows nothing is compared with the vault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from catalog.database import HEAD, Database, Row
from catalog.errors import CatalogLost, CatalogUnreachable
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

LINE_SQL = "SELECT chain_hash FROM trail WHERE line = :line"
WRITTEN = "written"
REBUILT = "rebuilt"
"""What a known line is: the newest this station wrote; the newest of a catalog that was made to take its place."""

Ask = Callable[[str, Mapping[str, object]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class TrailLine:
    """A line of the trail that a station knows: a catalog without it is not the one it wrote to."""

    line: int
    chain_hash: str


BEGUN = TrailLine(1 << 62, "a catalog is being rebuilt")
"""Known instead of any line until a rebuilding has ended: no catalog has it."""


class Witness(Protocol):
    """Who remembers, apart from the catalog, what was written to it."""

    def known(self) -> Mapping[str, TrailLine]:
        """The lines that are remembered, by what they are; nothing is made or written for it."""

    def clips(self) -> set[str]:
        """The clips that are known to be filed."""

    def wrote(self, line: TrailLine) -> None:
        """Remember a newer line; what cannot be remembered is no error, for what is remembered stays true."""

    def use(self, line: TrailLine) -> None:
        """Remember this line alone: the catalog in use is another than before."""


class OwnCatalog(Database):
    """A `catalog.database.Database` that raises `CatalogLost` instead of answering for another than it was.

    `bare` is the same without that question, on the same connections: for who makes a catalog, or judges it.
    """

    def __init__(self, url: str, witness: Witness, vault_is_empty: Callable[[], bool]) -> None:
        super().__init__(url)
        self.bare = Database(url)
        self._witness, self._vault_is_empty = witness, vault_is_empty
        self._is_known = False

    def demand(self) -> None:
        """Raise `CatalogLost` unless this is the catalog; bring its tables to this version."""
        self._is_known = False
        self._demand_known()
        is_empty = trail.size(self.bare) == 0 and not self._vault_is_empty()
        if is_empty and trail.size(self.bare) == 0:  # asked again: another thread may have filed the first meanwhile
            raise self._lost("it is empty, and the vault is not", "编目为空，而保全库中已有内容")
        self._is_known = True

    def version(self) -> str | None:
        """The migration the database is at, whatever catalog it is."""
        return self.bare.version()

    def engine(self) -> Engine:
        """The engine, made at first use."""
        return self.bare.engine()

    def query(self, sql: str, values: Mapping[str, object]) -> list[Row]:
        """Read all rows, of a catalog that was found to be the one; raises `CatalogLost`, `CatalogUnreachable`."""
        if not self._is_known:
            self._demand_known()
            self._is_known = True
        with self._doubting():
            return self.bare.query(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One write transaction, in a catalog that has the newest line that was written here."""
        from sqlalchemy import text

        if not self._is_known:
            self.demand()
        with self._doubting(), self.bare.transaction() as session:
            connection = session.connection()
            self._choose(lambda sql, values: [str(row[0]) for row in connection.execute(text(sql), dict(values))])
            yield session
            line = session.info.get(trail.WRITTEN)
        if line is not None:
            self._witness.wrote(TrailLine(line.line, line.chain_hash))

    @contextmanager
    def exclusive(self, what: str) -> Iterator[None]:
        """Keep every other station on this catalog from one kind of change, also of one that is lost."""
        with self.bare.exclusive(what):
            yield

    def close(self) -> None:
        """Let go of the connections."""
        self._is_known = False
        self.bare.close()

    # ------------------------------------------------------------------ inside

    @contextmanager
    def _doubting(self) -> Iterator[None]:
        """What fails may fail because another catalog stands there now: that is asked first, the next time."""
        try:
            yield
        except CatalogUnreachable:
            self._is_known = False
            raise

    def _demand_known(self) -> None:
        version = self.bare.version()
        if version is None:
            raise self._lost("there is none, or an empty one", "该处没有编目，或编目为空")
        if version != HEAD:
            self.bare.migrate()
        known = self._choose(lambda sql, values: [str(row["chain_hash"]) for row in self.bare.query(sql, values)])
        if known == REBUILT:
            self._witness.use(self._witness.known()[REBUILT])
        elif known is None:
            self._begin_to_know()

    def _choose(self, ask: Ask) -> str | None:
        """Which of the lines that are remembered the catalog has, None if none is remembered.

        They are read before the catalog is: another process may write both meanwhile.
        """
        known = self._witness.known()
        # `written` sorts behind `rebuilt` and so is asked first: the catalog in use counts before one that replaces it.
        for what, line in sorted(known.items(), reverse=True):
            if line.chain_hash in ask(LINE_SQL, {"line": line.line}):
                return what
        if not known:
            return None
        if BEGUN in known.values():
            raise self._lost("its rebuilding did not end", "重建未完成")
        newest = max(one.line for one in known.values())
        raise self._lost(
            f"line {newest} of the trail is not there as written", f"操作留痕第 {newest} 条缺失或与写入时不符"
        )

    def _begin_to_know(self) -> None:
        """Remember the newest line there is, once; raises `CatalogLost` where receipts tell of clips it lacks."""
        receipts = self._witness.clips()
        if receipts and (missing := receipts - clip_ids(self.bare)):
            count = len(missing)
            raise self._lost(f"it lacks {count} clips that have receipts", f"缺少 {count} 个已有回执的资料")
        if (newest := newest_line(self.bare)) is not None:
            self._witness.wrote(newest)

    def _lost(self, what: str, what_zh: str) -> CatalogLost:
        return CatalogLost(url=self.shown, what=what, what_zh=what_zh)


def clip_ids(database: Database) -> set[str]:
    """Every clip a catalog has."""
    return {str(row["id"]) for row in database.query("SELECT id FROM clip", {})}


def signing_keys(database: Database) -> set[str]:
    """The keys that signed a catalog's clips."""
    return {str(row["key_id"]) for row in database.query("SELECT DISTINCT key_id FROM manifest", {})}


def newest_line(database: Database) -> TrailLine | None:
    """The newest line of any catalog."""
    rows = database.query("SELECT line, chain_hash FROM trail ORDER BY line DESC LIMIT 1", {})
    return TrailLine(int(rows[0]["line"]), str(rows[0]["chain_hash"])) if rows else None


def lines_and_looks(database: Database) -> tuple[int, int]:
    """How many lines a trail has, and how many of them are looks; 0 where that cannot be read."""
    try:
        (row,) = database.query("SELECT COUNT(*) AS lines, SUM(CASE WHEN is_look THEN 1 END) AS looks FROM trail", {})
    except CatalogUnreachable:
        return 0, 0
    return int(row["lines"]), int(row["looks"] or 0)
