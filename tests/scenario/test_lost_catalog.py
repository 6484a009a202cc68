"""A catalog that is gone, empty or of yesterday is not gone on with in silence, and is rebuilt in its place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from catalog.errors import CatalogLost
from catalog.own_catalog import OwnCatalog
from docking_station.cli import app
from tests.fakes.faults import Crash
from tests.scenario.dock import Dock
from tests.scenario.truth import make_small_card

LOST = "catalog.lost"
ENDS = ("", "-wal", "-shm")
READING = (
    ("clips", "list", "--json"),
    ("recorders", "list", "--json"),
    ("recorders", "overdue", "--json"),
    ("policy", "show", "--json"),
    ("trail", "show", "--json"),
    ("cases", "list", "--json"),
    ("clips", "verify", "--all", "--json"),
)


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> tuple[Dock, Path]:
    """A station as it is today, and its catalog of yesterday: since then came a card, a recorder and a look."""
    place = tmp_path_factory.mktemp("yesterday")
    for recorder in ("EV00001", "EV00002"):
        make_small_card(place / recorder, recorder)
    dock = new_dock(place / "home")
    dock.run("recorders", "add", "EV00001")
    first = dock.ingest(place / "EV00001").filed
    dock.show(next(iter(first.values()))["id"])
    take(dock.home, place / "old")
    dock.run("recorders", "add", "EV00002")
    dock.ingest(place / "EV00002")
    dock.show(next(iter(first.values()))["id"])
    return dock, place


def take(home: Path, to: Path) -> None:
    """Back a catalog up as one should."""
    to.mkdir()
    with closing(sqlite3.connect(home / "catalog.db")) as base, closing(sqlite3.connect(to / "catalog.db")) as copy:
        base.backup(copy)


def remove(home: Path) -> None:
    for end in ENDS:
        (home / f"catalog.db{end}").unlink(missing_ok=True)


def empty(home: Path) -> None:
    remove(home)
    (home / "catalog.db").write_bytes(b"")


def begun_anew(home: Path) -> None:
    """As an earlier version did in silence."""
    from catalog.database import Database

    remove(home)
    database = Database(f"sqlite:///{home}/catalog.db")
    database.migrate()
    database.close()


def restore(home: Path) -> None:
    remove(home)
    shutil.copy(home.parent / "old/catalog.db", home / "catalog.db")


HARMS = (remove, empty, begun_anew, restore)


@pytest.fixture(params=HARMS, ids=lambda harm: harm.__name__)
def harmed(request: pytest.FixtureRequest, yesterday: tuple[Dock, Path], tmp_path: Path) -> Dock:
    """The station after its catalog was lost in one of the ways it can be."""
    dock, place = yesterday
    shutil.copytree(dock.home, tmp_path / "home")
    shutil.copytree(place / "old", tmp_path / "old")
    request.param(tmp_path / "home")
    return Dock(tmp_path / "home")


def files(home: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in home.glob("catalog.db*")
        if not path.name.endswith((*ENDS[1:], ".lock"))
    }


def test_no_command_goes_on_with_a_lost_catalog_or_makes_another(harmed: Dock, yesterday: tuple[Dock, Path]) -> None:
    before = files(harmed.home)
    for words in READING:
        assert harmed.run(*words, status=50).error == LOST
    assert harmed.run("ingest", yesterday[1] / "EV00002", "--json", status=50).error == LOST
    for writing in (("recorders", "add", "EV9"), ("work", "--once"), ("init",), ("trail", "checkpoint")):
        answer = harmed.run(*writing, status=50)
        assert LOST in answer.stderr
        assert "evidock rebuild" in answer.stderr
    assert LOST in harmed.run("health", "--json", status=5).stdout
    assert files(harmed.home) == before


def test_it_is_rebuilt_in_its_place_and_the_old_one_is_kept(harmed: Dock, yesterday: tuple[Dock, Path]) -> None:
    dock, place = yesterday
    before = files(harmed.home)
    said = harmed.run("rebuild", "--json").document
    assert said["faults"] == []
    assert {clip["id"] for clip in harmed.every_clip()} == {clip["id"] for clip in dock.every_clip()}
    assert len(harmed.run("recorders", "list", "--json").document) == 2
    kept = {name: body for name, body in files(harmed.home).items() if name != "catalog.db"}
    assert list(kept.values()) == list(before.values())
    assert (said["aside"] or {}).get("where") == next((f"{harmed.home}/{name}" for name in kept), None)
    looks = harmed.run("trail", "show", "--json").document
    assert [line["details"].get("aside") for line in looks if line["action"] == "trail.rebuilt"] == [said["aside"]] or (
        said["aside"] is None
    )
    again = harmed.ingest(place / "EV00002")
    assert not again.filed
    harmed.verify()
    harmed.run("trail", "verify")


def test_a_catalog_that_is_the_right_one_is_not_set_aside(yesterday: tuple[Dock, Path]) -> None:
    dock, _ = yesterday
    assert dock.run("rebuild", "--json", status=57).error == "catalog.not-empty"


def test_an_old_copy_is_judged_and_its_looks_are_counted(yesterday: tuple[Dock, Path], tmp_path: Path) -> None:
    dock, place = yesterday
    shutil.copytree(dock.home, tmp_path / "home")
    shutil.copytree(place / "old", tmp_path / "old")
    restore(tmp_path / "home")
    judged = Dock(tmp_path / "home").run("trail", "verify", "--json", status=32).document
    assert judged["catalog"]["code"] == LOST, "it is judged as it is, and what is wrong with it is said"
    aside = Dock(tmp_path / "home").run("rebuild", "--json").document["aside"]
    assert aside["looks"] == 1
    assert aside["lines"] > 1


@pytest.mark.parametrize("words", [("cases", "add", "C1", "--title", "x"), ("ingest",)], ids=lambda words: words[0])
def test_a_first_change_killed_between_vault_and_catalog_is_no_lost_catalog(
    words: tuple[str, ...], dock: Dock, tmp_path: Path
) -> None:
    """What the vault has then is on its way by the journal, and no other catalog's."""
    make_small_card(tmp_path / "EV00001")
    line = [*words, str(tmp_path / "EV00001")] if words == ("ingest",) else list(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OwnCatalog, "transaction", crashing(dock))
        with pytest.raises(Crash):
            CliRunner().invoke(app, line, env=dict(dock.surroundings()), catch_exceptions=False)
    assert dock.objects("acts") or dock.objects("manifests")
    dock.run(*line)  # the same change once more is the same act
    assert (len(dock.objects("acts")), len(dock.objects("manifests"))) == ((0, 7) if words == ("ingest",) else (1, 0))
    dock.verify()


def crashing(dock: Dock) -> Callable[[OwnCatalog], AbstractContextManager[Session]]:
    """The first transaction after something is in the vault dies."""
    whole = OwnCatalog.transaction

    def transaction(catalog: OwnCatalog) -> AbstractContextManager[Session]:
        if dock.objects("acts") or dock.objects("manifests"):
            raise Crash
        return whole(catalog)

    return transaction


def test_what_a_file_beside_it_puts_into_the_vault_first_of_all_is_no_lost_catalog(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first files of a station are sealed side by side: each is noted in the journal, put there, then filed."""
    with dock.opened() as station:
        vault, noted = station.vault, frozenset[str]()
        digest = "1" * 64

        def keys(folder: str) -> Iterator[str]:
            nonlocal noted
            noted = frozenset({digest})
            return iter([f"manifests/11/{digest}.json"] if folder == "manifests" else [])

        monkeypatch.setattr(type(station.journal), "on_their_way", lambda _: noted)
        monkeypatch.setattr(vault, "keys", keys)
        station.database.demand()
        noted = frozenset()
        monkeypatch.setattr(vault, "keys", lambda folder: iter([f"manifests/22/{'2' * 64}.json"]))
        with pytest.raises(CatalogLost):
            station.database.demand()
