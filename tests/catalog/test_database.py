"""The tables the migrations make are the tables the code uses, and SQLite runs as promised."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

import catalog
from catalog import database as database_module
from catalog.database import HEAD, PATIENCE, Database
from catalog.failures import CatalogAddressBad, CatalogUnreachable

MIGRATIONS = Path(catalog.__file__).parent / "migrations"


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrated_tables_are_the_mapped_tables(database: Database) -> None:
    with database.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, SQLModel.metadata)
    assert [change for change in found if change[0] != "remove_index"] == []


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    before = (tmp_path / "catalog.db").read_bytes()
    database.migrate()
    assert (tmp_path / "catalog.db").read_bytes() == before


def test_sqlite_is_durable_and_shared(tmp_path: Path) -> None:
    from sqlalchemy import text

    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    with database.transaction() as session:
        pragmas = {
            name: session.connection().execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_catalog_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CatalogUnreachable, match="not there"):
        Database(f"sqlite:///{tmp_path}/none.db").query("SELECT 1", {})


def test_a_damaged_catalog_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 100)
    with pytest.raises(CatalogUnreachable, match="not a database"):
        Database(f"sqlite:///{tmp_path}/catalog.db").migrate()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    with pytest.raises(CatalogUnreachable, match="readonly"):
        database.query("DELETE FROM clip", {})


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "PATIENCE", {**PATIENCE, "connect_timeout": 2})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        catalog = Database(f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/catalog")
        began = time.monotonic()
        with pytest.raises(CatalogUnreachable):
            catalog.query("SELECT 1", {})
        assert time.monotonic() - began < 10


def test_a_line_that_broke_is_made_again(database: Database) -> None:
    if database.sqlite_path is not None:
        pytest.skip("SQLite has no lines")
    (row,) = database.query("SELECT pg_backend_pid() AS pid", {})
    other = Database(database.url)
    other.query("SELECT pg_terminate_backend(:pid)", {"pid": row["pid"]})
    other.close()
    (after,) = database.query("SELECT pg_backend_pid() AS pid, current_setting('lock_timeout') AS wait", {})
    assert after["pid"] != row["pid"]
    assert after["wait"] == "1min"


@pytest.mark.parametrize("url", ["foo", "", "mysterious://root:secret@host/name", "postgresql+nothing://a@b/c"])
def test_an_address_that_is_none_is_said_and_its_password_is_not(url: str) -> None:
    with pytest.raises(CatalogAddressBad) as caught:
        Database(url).migrate()
    assert "secret" not in caught.value.message()


def test_an_address_is_shown_without_its_password() -> None:
    assert Database("postgresql+psycopg://desk:secret@host/name").shown == "postgresql+psycopg://desk:***@host/name"
    assert Database("sqlite:////home/catalog.db").shown == "sqlite:////home/catalog.db"
