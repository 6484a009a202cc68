"""The one door to the catalog's database (编目数据库): engine, transactions, migrations, and quick reads.

Writing goes through SQLModel sessions. Reading for lists goes straight to the driver where the catalog is
SQLite, because loading an object mapper costs more than the whole question (see docs/adr/0003).
SQLite runs in WAL mode with `synchronous=FULL`; a write transaction takes its lock at the start.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import CatalogAddressBad, CatalogBusy, CatalogUnreachable
from catalog.rules.canonical import encodable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlmodel import Session

    from catalog.rules.acts import Act

HEAD = "0034"
"""The newest migration; a test compares it with the folder."""

SQLITE = "sqlite:///"
BUSY_S = 30
SCHEME_CHARS = 20
NO_TEXT = "Could not decode to UTF-8"
"""What the driver says of a text that is none."""
PATIENCE: Mapping[str, object] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 60_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "options": "-c lock_timeout=60s",
}
"""How long a PostgreSQL may stay silent, as its driver takes it, unless the address says otherwise.

A dead line is noticed within a minute or so.
"""

CONNECTIONS: Mapping[str, int] = {"pool_size": 20, "max_overflow": 20}
"""To a server at once, for a process of forty threads; one that is made for a single question costs more than that."""

FILE = "file"
"""Under this name a connection keeps which file it opened."""
SQLITE_VERSIONED = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"
POSTGRES_VERSIONED = (
    "SELECT 1 FROM information_schema.tables "
    "WHERE table_name = 'alembic_version' AND table_schema = ANY(current_schemas(false))"
)
POSTGRES_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
POSTGRES_GUARD = (
    "SELECT 1 FROM pg_proc WHERE proname = 'trail_is_append_only' AND pronamespace = current_schema()::regnamespace"
)
ADVISORY_LOCK = "SELECT pg_advisory_xact_lock(hashtext(:what))"
PATIENT_LOCK = (
    "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL tcp_keepalives_idle = 30; "
    "SET LOCAL tcp_keepalives_interval = 10; SET LOCAL tcp_keepalives_count = 3"
)
"""The vault may be slow meanwhile; but of a station that lost its power the server knows within a minute."""
LOCK_NOT_AVAILABLE = "55P03"

Row = Mapping[str, Any]


class Database:
    """A catalog at a URL: `sqlite:////path/to/file` or `postgresql+psycopg://…`.

    One that is not `lasting` is thrown away after its use: nothing waits for the disk.
    """

    def __init__(self, url: str, *, lasting: bool = True) -> None:
        self.url, self._lasting = url, lasting
        self.sqlite_path = Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
        """The file, where the catalog is SQLite."""
        self._engine: Engine | None = None
        self._own = threading.local()

    @property
    def shown(self) -> str:
        """The address for a screen: a password in it is not told."""
        if self.sqlite_path is not None:
            return self.url
        from sqlalchemy import make_url

        return make_url(self.url).render_as_string(hide_password=True)

    def exists(self) -> bool:
        """Whether there is a catalog there at all, of any version."""
        return bool(self.version())

    def state(self) -> object:
        """What differs once anything was written, known without waiting; None where only the server knows."""
        if not self.url.startswith(SQLITE):
            return None
        path = self.url.removeprefix(SQLITE)
        return _state(path), _state(f"{path}-wal")

    def version(self) -> str | None:
        """The migration the database is at, or None for an empty one."""
        path = self.sqlite_path
        if path is not None and not path.exists():
            return None
        rows = self.query(SQLITE_VERSIONED if path is not None else POSTGRES_VERSIONED, {})
        versions = self.query("SELECT version_num FROM alembic_version", {}) if rows else []
        return str(versions[0]["version_num"]) if versions else None

    def migrate(self) -> None:
        """Bring the tables to this version, and make them where there are none; quick where they are."""
        if self.version() == HEAD:
            return
        if (path := self.sqlite_path) is not None:
            _make_file(path)
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with door(), self.engine().begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def engine(self) -> Engine:
        """The engine, made at first use."""
        if self._engine is None:
            self._engine = _engine(self.url, lasting=self._lasting)
        return self._engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One write transaction: all of it or nothing; raises `CatalogUnreachable`."""
        from sqlmodel import Session

        self._demand_locks()
        with door(), Session(self.engine()) as session, session.begin():
            written = session.connection().info.get(FILE)
            yield session
        if written != self._file():  # it went into a file that nobody will find again
            self.close()
            raise CatalogUnreachable(reason=f"{self.sqlite_path} was replaced while it was written to")

    def query(self, sql: str, values: Mapping[str, object]) -> list[Row]:
        """Read all rows; `sql` names its values as `:name`, and pages where they may be many.

        A text that no database can hold is in none: what is asked for by it is not found. Raises `CatalogUnreachable`.
        """
        values = {name: encodable(value) if isinstance(value, str) else value for name, value in values.items()}
        path = self.sqlite_path
        if path is None:
            from sqlalchemy import text

            # One question is its own transaction: to begin and end one would go to the server and back twice more.
            with door(), self.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                found = connection.execute(text(sql), values).mappings().fetchall()
                return [dict(row) for row in found]
        with door():
            try:
                with self._reading(path) as reader:
                    return reader.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if NO_TEXT not in str(error):
                    raise
            # One row that is no text keeps nobody from reading the others.
            with closing(reader_of(path)) as reader:
                reader.text_factory = lambda found: found.decode(errors="backslashreplace")
                return reader.execute(sql, values).fetchall()

    @contextmanager
    def _reading(self, path: Path) -> Iterator[sqlite3.Connection]:
        """A connection that only reads: the one this thread had before, while the file is as it was then.

        A file that was replaced, or written over in its place, is opened anew; so is one after an error.
        """
        state, (known, reader) = _state(path), self._own.__dict__.pop("reader", (None, None))
        if reader is not None and (state is None or known != state):
            reader.close()
            reader = None
        with ExitStack() as unless_kept:
            reader = unless_kept.enter_context(closing(reader_of(path) if reader is None else reader))
            yield reader
            if os.access(path.parent, os.W_OK):  # else it may have been told that nobody writes
                unless_kept.pop_all()
                self._own.reader = (state, reader)

    def moment(self, at: datetime) -> object:
        """A time as this database compares it."""
        naive = at.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat(sep=" ", timespec="microseconds") if self.sqlite_path is not None else naive

    @contextmanager
    def exclusive(self, what: str) -> Iterator[None]:
        """Keep every other station on this catalog from one kind of change; raises `CatalogBusy` where one takes long.

        Readers and other writers are not held up, however long it is kept. SQLite: a lock file beside the catalog,
        which the kernel lets go of. PostgreSQL: an advisory lock of a transaction that does nothing else, let go of
        where its line breaks; so that it is still held is asked before each write.
        """
        path = self.sqlite_path
        if path is not None:
            with _locked_file(path, what):
                yield
            return
        from sqlalchemy import text

        held: list[Connection] = self._own.__dict__.setdefault("held", [])
        with door():
            connection = self.engine().connect()
        try:
            with door():
                connection.execute(text(PATIENT_LOCK))
                try:
                    connection.execute(text(ADVISORY_LOCK), {"what": f"evidock {what}"})
                except _errors() as error:
                    if getattr(getattr(error, "orig", None), "sqlstate", None) != LOCK_NOT_AVAILABLE:
                        raise
                    raise CatalogBusy(url=self.shown, what=what) from error
            held.append(connection)
            yield
        finally:
            if connection in held:
                held.remove(connection)
            with suppress(*_errors()):  # a lock that broke is over too
                connection.close()

    def _demand_locks(self) -> None:
        """Raise `CatalogUnreachable` where a lock of this thread was lost with its line: another may have it now."""
        for connection in self._own.__dict__.get("held", ()):
            with door():
                connection.exec_driver_sql("SELECT 1")

    def set_aside(self, name: str) -> str | None:
        """Keep what is there under another name, so that a new catalog can be made; where it is now, None for nothing.

        SQLite: the file beside its place. PostgreSQL: the tables in a schema of that name.
        """
        path = self.sqlite_path
        self.close()
        if path is not None:
            return _file_set_aside(path, name)
        from sqlalchemy import text

        with door(), self.engine().begin() as connection:
            found = [str(row[0]) for row in connection.execute(text(POSTGRES_TABLES))]
            if not found:
                return None
            connection.execute(text(f'CREATE SCHEMA "{name}"'))
            for table in found:
                connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{name}"'))
            if connection.execute(text(POSTGRES_GUARD)).first() is not None:
                connection.execute(text(f'ALTER FUNCTION trail_is_append_only() SET SCHEMA "{name}"'))
        return f"schema {name}"

    def _file(self) -> tuple[int, int] | None:
        """Which file the catalog is, where it is SQLite."""
        return None if self.sqlite_path is None else _identity(self.sqlite_path)

    def close(self) -> None:
        """Let go of the connections; those that other threads read by are closed with their threads."""
        _, reader = self._own.__dict__.pop("reader", (None, None))
        if reader is not None:
            reader.close()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def before(check: Callable[[Session, Act], object]) -> Callable[[Database, Act], None]:
    """A check as `catalog.acts.dispatch` asks it: against what stands in the catalog now."""

    def demand(database: Database, act: Act) -> None:
        with database.transaction() as session:
            check(session, act)

    return demand


@contextmanager
def door() -> Iterator[None]:
    """Turn what a driver says into `CatalogUnreachable`."""
    try:
        yield
    except _errors() as error:
        raise CatalogUnreachable(reason=getattr(error, "orig", None) or error) from error


def is_damaged(error: CatalogUnreachable) -> bool:
    """Whether the file is no SQLite database any more, or a malformed one; else it is away, locked or forbidden."""
    cause = getattr(error.__cause__, "orig", error.__cause__)
    return type(cause) is sqlite3.DatabaseError


def _errors() -> tuple[type[Exception], ...]:
    """What the driver raises, and the mapper if it was loaded at all."""
    mapper = sys.modules.get("sqlalchemy.exc")
    return (sqlite3.Error, mapper.SQLAlchemyError) if mapper else (sqlite3.Error,)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _state(path: Path | str) -> tuple[int, ...] | None:
    """What changes when a file is replaced or written over, and with the process: no connection outlives a fork."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return os.getpid(), found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _make_file(path: Path) -> None:
    """An empty file: a connection opens none that is not there, so that nothing but this begins a catalog."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644))
    except OSError as error:
        raise CatalogUnreachable(reason=f"{path}: {error.strerror}") from error


@contextmanager
def _locked_file(path: Path, what: str) -> Iterator[None]:
    """A lock file beside a catalog, by whatever name that is reached; it stays: a removed one locks nobody out."""
    place = Path(f"{os.path.realpath(path)}.{what}.lock")
    try:
        lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise CatalogUnreachable(reason=f"{place}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _file_set_aside(path: Path, name: str) -> str | None:
    """Rename a catalog's files; what SQLite has beside the file goes with it, or would be taken for the new one's."""
    aside = path.with_name(f"{path.name}.{name}")
    try:
        for end in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    except OSError as error:
        raise CatalogUnreachable(reason=f"{path} cannot be set aside: {error.strerror}") from error
    return str(aside) if aside.exists() else None


def reader_of(path: Path) -> sqlite3.Connection:
    """A connection to an SQLite file that only reads, also where the folder may not be written."""
    if not path.exists():
        raise CatalogUnreachable(reason=f"{path} is not there")
    uri = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # SQLite opens nothing in WAL mode without the right to make `-wal` and `-shm`, unless told that nobody writes.
        uri += "&immutable=1"
    reader = sqlite3.connect(uri, uri=True, timeout=BUSY_S)
    reader.row_factory = _as_mapping
    return reader


def _as_mapping(cursor: sqlite3.Cursor, row: Sequence[object]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _engine(url: str, *, lasting: bool) -> Engine:
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError

    if not url.startswith(SQLITE):
        try:
            options = make_url(url).query
            patience = {name: value for name, value in PATIENCE.items() if name not in options}
            return create_engine(url, connect_args=patience, pool_pre_ping=True, **CONNECTIONS)
        except ArgumentError as error:  # the address itself may hold a password: it is not told
            raise CatalogAddressBad(what=f"it begins with `{url.partition(':')[0][:SCHEME_CHARS]}`") from error
        except ImportError as error:
            raise CatalogUnreachable(reason=f"its driver {error.name} is not installed (extra `postgres`)") from error
    path = Path(url.removeprefix(SQLITE))
    uri = f"{path.absolute().as_uri()}?mode=rw"
    engine = create_engine(url, creator=lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_S, check_same_thread=False))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        record.info[FILE] = _identity(path)
        connection.isolation_level = None
        durable = ("journal_mode=WAL", "synchronous=FULL") if lasting else ("journal_mode=MEMORY", "synchronous=OFF")
        for pragma in (*durable, "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
