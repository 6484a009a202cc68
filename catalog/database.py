"""The one door to the catalog's database (编目数据库): engine, transactions, migrations, and quick reads.

Writing goes through SQLModel sessions. Reading for lists goes straight to the driver where the catalog is
SQLite, because loading an object mapper costs more than the whole question (see docs/adr/0003).
SQLite runs in WAL mode with `synchronous=FULL`; a write transaction takes its lock at the start.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.failures import CatalogAddressBad, CatalogUnreachable

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

HEAD = "0007"
"""The newest migration; a test compares it with the folder."""

SQLITE = "sqlite:///"
BUSY_S = 30
SCHEME_CHARS = 20
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

Row = Mapping[str, Any]


class Database:
    """A catalog at a URL: `sqlite:////path/to/file` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None

    @property
    def sqlite_path(self) -> Path | None:
        """The file, where the catalog is SQLite."""
        return Path(self.url.removeprefix(SQLITE)) if self.url.startswith(SQLITE) else None

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

    def version(self) -> str | None:
        """The migration the database is at, or None for an empty one."""
        path = self.sqlite_path
        if path is not None and not path.exists():
            return None
        with door():
            if path is not None:
                rows = self.query("SELECT name FROM sqlite_master WHERE name = 'alembic_version'", {})
            else:
                rows = self.query("SELECT 1 FROM information_schema.tables WHERE table_name = 'alembic_version'", {})
            versions = self.query("SELECT version_num FROM alembic_version", {}) if rows else []
            return str(versions[0]["version_num"]) if versions else None

    def migrate(self) -> None:
        """Bring the tables to this version; quick where they are."""
        if self.version() == HEAD:
            return
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
            self._engine = _engine(self.url)
        return self._engine

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One write transaction: all of it or nothing; raises `CatalogUnreachable`."""
        from sqlmodel import Session

        with door(), Session(self.engine()) as session, session.begin():
            yield session

    def query(self, sql: str, values: Mapping[str, object]) -> list[Row]:
        """Read all rows; `sql` names its values as `:name`, and pages where they may be many.

        Raises `CatalogUnreachable`.
        """
        path = self.sqlite_path
        if path is None:
            from sqlalchemy import text

            with door(), self.engine().connect() as connection:
                found = connection.execute(text(sql), dict(values)).mappings().fetchall()
                return [dict(row) for row in found]
        with door(), closing(_reader(path)) as reader:
            return reader.execute(sql, dict(values)).fetchall()

    def moment(self, at: datetime) -> object:
        """A time as this database compares it."""
        naive = at.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat(sep=" ", timespec="microseconds") if self.sqlite_path is not None else naive

    def close(self) -> None:
        """Let go of the connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


@contextmanager
def door() -> Iterator[None]:
    """Turn what a driver says into `CatalogUnreachable`."""
    try:
        yield
    except _errors() as error:
        raise CatalogUnreachable(reason=getattr(error, "orig", None) or error) from error


def _errors() -> tuple[type[Exception], ...]:
    """What the driver raises, and the mapper if it was loaded at all."""
    mapper = sys.modules.get("sqlalchemy.exc")
    return (sqlite3.Error, mapper.SQLAlchemyError) if mapper else (sqlite3.Error,)


def _reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, also where the folder may not be written."""
    if not path.exists():
        raise CatalogUnreachable(reason=f"{path} is not there")
    uri = f"{path.absolute().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        uri += "&immutable=1"
    reader = sqlite3.connect(uri, uri=True, timeout=BUSY_S)
    reader.row_factory = _as_mapping
    return reader


def _as_mapping(cursor: sqlite3.Cursor, row: Sequence[object]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _engine(url: str) -> Engine:
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.exc import ArgumentError

    if not url.startswith(SQLITE):
        try:
            told = make_url(url).query
            patience = {name: value for name, value in PATIENCE.items() if name not in told}
            return create_engine(url, connect_args=patience, pool_pre_ping=True)
        except ArgumentError as error:  # the address itself may hold a password: it is not told
            raise CatalogAddressBad(what=f"it begins with `{url.partition(':')[0][:SCHEME_CHARS]}`") from error
        except ImportError as error:
            raise CatalogUnreachable(reason=f"its driver {error.name} is not installed (extra `postgres`)") from error
    engine = create_engine(url, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
