"""What every folder of tests may ask for: a station of its own, and what developers share beside the project."""

from __future__ import annotations

import importlib
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from catalog.database import Database
from tests.scenario.dock import Dock, made_dock
from tests.vault.weed import Weed, missing

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""How long an example takes says how busy the machine is, and nothing of the program."""
WAITING = ("tests/docking_station/d", "tests/lab", "tests/review", "tests/scenario", "tests/vault")
"""Where tests wait for programs, servers and browsers, or take long."""
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def pytest_collection(session: pytest.Session) -> None:
    """Let each worker import its share of the tests first: what one has rewritten (assertions) the others only load."""
    if (worker := getattr(session.config, "workerinput", None)) is None:
        return
    names = sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in names[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        importlib.import_module(".".join(name.parts))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each worker begin with tests that wait, and end with such as take no time: none is left alone with many."""
    if (worker := getattr(config, "workerinput", None)) is None:
        return
    waiting = [item for item in items if item.nodeid.startswith(WAITING)]
    others, workers = [item for item in items if not item.nodeid.startswith(WAITING)], worker["workercount"]
    items[:] = [
        item
        for number in range(workers)
        for some in (waiting, others)
        for item in some[len(some) * number // workers : len(some) * (number + 1) // workers]
    ]


@pytest.fixture(scope="session", autouse=True)
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a new catalog be a copy of one that was really migrated: all the migrations take longer than most tests."""
    whole = Database.migrate

    @cache
    def template() -> Path:
        path = tmp_path_factory.mktemp("migrated") / "catalog.db"
        with closing(Database(f"sqlite:///{path}")) as made:
            whole(made)
        with closing(sqlite3.connect(path)) as plain:
            plain.execute("PRAGMA journal_mode=DELETE")  # each catalog chooses for itself how it is written
        return path

    def migrate(database: Database) -> None:
        path = database.sqlite_path
        if path is not None and not path.exists() and path.parent.is_dir():
            shutil.copy(template(), path)
        whole(database)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "migrate", migrate)
        yield


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home fresh from `evidock init`; copied, never used."""
    return made_dock(tmp_path_factory.mktemp("made") / "home").home


@pytest.fixture(scope="session")
def new_dock(made_home: Path) -> Callable[[Path], Dock]:
    """Make a station in a folder that is not there yet; a copied home is a whole station."""

    def make(home: Path) -> Dock:
        shutil.copytree(made_home, home)
        return Dock(home)

    return make


@pytest.fixture(scope="session")
def filed_dock(
    new_dock: Callable[[Path], Dock], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path, Mapping[str, bytes]], Dock]:
    """Make a station that has filed a card with such files: the first of them files it, the others are copies."""

    @cache
    def first(files: tuple[tuple[str, bytes], ...]) -> Dock:
        place = tmp_path_factory.mktemp("filed")
        (place / "card").mkdir()
        for name, body in files:
            (place / "card" / name).write_bytes(body)
        dock = new_dock(place / "home")
        dock.ingest(place / "card")
        return dock

    return lambda home, files: Dock(shutil.copytree(first(tuple(files.items())).home, home))


@pytest.fixture
def dock(new_dock: Callable[[Path], Dock], tmp_path: Path) -> Dock:
    """A station that has seen nothing yet."""
    return new_dock(tmp_path / "home")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """An empty card."""
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weed]:
    """A real S3 server with Object Lock, empty but for what other tests put into their own buckets and folders."""
    if reason := missing():
        pytest.skip(reason)
    server = Weed(tmp_path_factory.mktemp("weed"))
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGKILL)
