"""The tables the migrations make are the tables the code uses, and SQLite runs as promised."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
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
from catalog.errors import CatalogAddressBad, CatalogBusy, CatalogUnreachable
from catalog.trail import trail

MIGRATIONS = Path(catalog.__file__).parent / "migrations"


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression")
def test_migrated_tables_are_the_mapped_tables(database: Database) -> None:
    with database.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = compare_metadata(context, SQLModel.metadata)
    of_the_index = {f"clip_words{part}" for part in ("", "_config", "_data", "_idx")}  # FTS5's own
    left = [one for one in found if one[0] != "remove_index" and getattr(one[1], "name", "") not in of_the_index]
    assert left == []


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    before = (tmp_path / "catalog.db").read_bytes()
    database.migrate()
    assert (tmp_path / "catalog.db").read_bytes() == before


def test_sqlite_is_durable_and_shared(tmp_path: Path) -> None:
    from sqlalchemy import text

    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    with database.transaction() as session:
        pragmas = {
            name: session.connection().execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_catalog_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CatalogUnreachable, match="not there"):
        Database(f"sqlite:///{tmp_path}/none.db").query("SELECT 1", {})


def test_writing_makes_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(CatalogUnreachable), Database(f"sqlite:///{tmp_path}/none.db").transaction():
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_went_into_a_file_that_was_replaced_meanwhile_is_no_success(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    with database.transaction():
        pass
    shutil.copy(tmp_path / "catalog.db", tmp_path / "restored.db")
    (tmp_path / "restored.db").rename(tmp_path / "catalog.db")
    with pytest.raises(CatalogUnreachable, match="replaced"), database.transaction():
        pass
    with database.transaction():
        pass


def test_what_is_set_aside_is_kept_and_makes_room_for_another(database: Database) -> None:
    with database.transaction() as session:
        trail.append(session, trail.Entry(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", {}))
    where = database.set_aside("aside-1")
    assert not database.exists()
    database.migrate()
    assert trail.size(database) == 0
    assert where is not None
    if database.sqlite_path is not None:
        assert trail.size(Database(f"sqlite:///{where}")) == 1
    else:
        assert database.query('SELECT line FROM "aside-1".trail', {}) == [{"line": 1}]
    with database.transaction() as session:
        trail.append(session, trail.Entry(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", {}))
    with pytest.raises(CatalogUnreachable), database.transaction() as session:  # the new one guards its trail too
        session.connection().exec_driver_sql("UPDATE trail SET actor = 'x'")


def test_one_kind_of_change_excludes_every_other_station(database: Database) -> None:
    other, order = Database(database.url), list[str]()
    inside, may_leave = threading.Event(), threading.Event()

    def first() -> None:
        with database.exclusive("acts"):
            inside.set()
            may_leave.wait(60)
            order.append("first")

    def second() -> None:
        with other.exclusive("acts"):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(60)
    threads[1].start()
    with other.exclusive("checkpoint"), other.transaction() as session:  # another kind, and writing, is not held up
        trail.append(session, trail.Entry(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", {}))
    threads[1].join(0.5)
    assert order == []
    may_leave.set()
    for thread in threads:
        thread.join(60)
    assert order == ["first", "second"]
    other.close()


def test_a_catalog_reached_by_another_name_has_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "real")
    database = Database(f"sqlite:///{tmp_path}/real/catalog.db")
    database.migrate()
    with database.exclusive("acts"):
        lock = os.open(tmp_path / "other/catalog.db.acts.lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)
    with Database(f"sqlite:///{tmp_path}/other/catalog.db").exclusive("acts"):
        pass


def test_a_lock_whose_line_broke_is_noticed_before_anything_is_written(database: Database) -> None:
    if database.sqlite_path is not None:
        pytest.skip("SQLite has no lines")
    other = Database(database.url)
    lock = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with database.exclusive("acts"):
        (row,) = other.query(lock, {})
        other.query("SELECT pg_terminate_backend(:pid)", {"pid": row["pid"]})
        with other.exclusive("acts"), pytest.raises(CatalogUnreachable), database.transaction():
            pass
    with database.transaction():
        pass
    other.close()


def test_a_lock_that_somebody_keeps_long_is_said(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.sqlite_path is not None:
        pytest.skip("its lock is waited for")
    monkeypatch.setattr(database_module, "PATIENCE", {**PATIENCE, "options": "-c lock_timeout=500ms"})
    other = Database(database.url)
    with database.exclusive("acts"), pytest.raises(CatalogBusy), other.exclusive("acts"):
        pass
    other.close()


def test_a_damaged_catalog_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"not a database" * 100)
    with pytest.raises(CatalogUnreachable, match="not a database"):
        Database(f"sqlite:///{tmp_path}/catalog.db").migrate()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    with pytest.raises(CatalogUnreachable, match="readonly"):
        database.query("DELETE FROM clip", {})


@pytest.mark.parametrize("put", [os.replace, shutil.copyfile])
def test_a_thread_reads_by_one_connection_until_another_file_is_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put: Callable[[Path, Path], object]
) -> None:
    opened, reader_of = list[Path](), database_module.reader_of

    def counted(path: Path) -> sqlite3.Connection:
        opened.append(path)
        return reader_of(path)

    monkeypatch.setattr(database_module, "reader_of", counted)
    place, other = tmp_path / "catalog.db", tmp_path / "other.db"
    for path, word in ((place, "ours"), (other, "theirs")):
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"CREATE TABLE said (word TEXT); INSERT INTO said VALUES ('{word}')")
    database = Database(f"sqlite:///{place}")
    assert [database.query("SELECT word FROM said", {}) for _ in range(3)] == [[{"word": "ours"}]] * 3
    assert len(opened) == 1
    put(other, place)
    assert [database.query("SELECT word FROM said", {}) for _ in range(3)] == [[{"word": "theirs"}]] * 3
    assert len(opened) == 2
    database.close()
    assert database.query("SELECT word FROM said", {})
    assert len(opened) == 3


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
