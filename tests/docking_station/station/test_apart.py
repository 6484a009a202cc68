"""The station never takes its own files for somebody's: not through a watched folder, a card, a link or a mount."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.clips import clips, search
from catalog.rules.access import Action
from catalog.trail import trail
from devices.places import ground_of
from docking_station.bundle.export import export_bundle
from docking_station.bundle.facts import Order
from docking_station.derived.copies import Choice
from docking_station.dock import daemon
from docking_station.faces.board import BayView
from docking_station.services.ingest_card import ingest
from docking_station.services.play import view_clip
from docking_station.services.pull import pull_clip
from docking_station.station.apart import demand_folders_apart, demand_outside, is_own_file, own_folders, vault_folders
from docking_station.station.errors import NotApart
from docking_station.station.settings import Home, Settings, parse_settings, read_settings
from docking_station.station.station import Station
from tests.docking_station.running import Running, fill, running
from tests.fakes.callers import ME, allowed
from tests.fakes.waiting import until
from tests.scenario.dock import Dock

DROP = '\n[[drop]]\npath = "{path}"\nrecorder = "{recorder}"\nstill_s = 1\n'
CLEARED = '[clearing]\nwhen = "after-receipt"\n'


def link(to: str) -> Callable[[Path], Path]:
    """A link to a folder of the home, as a path of its own."""

    def make(home: Path) -> Path:
        made = home.parent / "linked"
        made.symlink_to(home / to)
        return made

    return make


SLIPS: dict[str, Callable[[Path], Path]] = {
    "the home": lambda home: home,
    "the vault": lambda home: home / "vault",
    "the originals": lambda home: home / "vault/objects/originals",
    "the spool": lambda home: home / "spool",
    "the keys": lambda home: home / "keys",
    "the credentials": lambda home: home / "credentials",
    "viewing copies": lambda home: home / "derived",
    "what other vaults are owed": lambda home: home / "owed",
    "wrapped keys on their way": lambda home: home / "promised",
    "a new folder in the home": lambda home: home / "uploads/gate",
    "what holds the home": lambda home: home.parent,
    "the root": lambda home: Path("/"),
    "a way round": lambda home: home.parent / "elsewhere/../home/vault",
    "a link to the vault": link("vault"),
    "a link to what is not there yet": link("exports/later"),
}


def watch(dock: Dock, path: Path, recorder: str = "GATE-01") -> Settings:
    """Have the dock watch a folder."""
    settings = dock.home / "station.toml"
    settings.write_text(settings.read_text() + DROP.format(path=path, recorder=recorder))
    return read_settings(Home(dock.home))


@contextmanager
def bound(folder: Path, place: Path) -> Iterator[None]:
    """A folder mounted at a second place too; skips where nothing can be mounted."""
    tried = subprocess.run(["mount", "--bind", folder, place], capture_output=True)
    if tried.returncode != 0:
        pytest.skip(f"mounting does not work here: {tried.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=False, capture_output=True)


@pytest.mark.parametrize("slip", SLIPS)
def test_the_dock_does_not_start_with_a_watched_folder_that_is_its_own(dock: Dock, slip: str) -> None:
    settings = watch(dock, SLIPS[slip](dock.home))
    station = Station(settings)
    with pytest.raises(NotApart), daemon.opened(station, threading.Event()):
        pass
    station.close()


@pytest.mark.parametrize("what", ["vault", "vault/objects/originals", ""])
@pytest.mark.parametrize("where", [".", "below"])
def test_a_mount_hides_nothing(dock: Dock, tmp_path: Path, what: str, where: str) -> None:
    gate = tmp_path / "gate"
    (dock.home / "vault/objects/originals").mkdir(parents=True, exist_ok=True)
    (gate / where).mkdir(parents=True)
    settings = watch(dock, gate)
    demand_folders_apart(settings)
    with bound(dock.home / what, gate / where), pytest.raises(NotApart):
        demand_folders_apart(settings)
    demand_folders_apart(settings)


def test_a_vault_on_a_disk_of_its_own_is_found_at_its_other_mount(dock: Dock, tmp_path: Path) -> None:
    vault, gate = tmp_path / "disk", tmp_path / "gate"
    for folder in (vault, gate):
        folder.mkdir()
    dock.set('address = "folder:vault"', f'address = "folder:{vault}"')
    settings = watch(dock, gate / "uploads")
    demand_folders_apart(settings)
    with bound(vault, gate), pytest.raises(NotApart):
        demand_folders_apart(settings)


@pytest.mark.parametrize(
    ("address", "folders"),
    [
        ("folder:vault", ["home/vault"]),
        ("folder:/srv/a b", ["/srv/a b"]),
        ("encrypted:folder:/srv/a", ["/srv/a"]),
        ("mirror:2 folder:vault s3:https://store.example/b folder:/srv/b", ["home/vault", "/srv/b"]),
        ("encrypted:mirror:1 folder:/srv/a folder:/srv/b", ["/srv/a", "/srv/b"]),
        ("s3:https://store.example/b", []),
    ],
)
def test_every_folder_of_a_vault_is_known(tmp_path: Path, address: str, folders: list[str]) -> None:
    settings = parse_settings(Home(tmp_path / "home"), f'[vault]\naddress = "{address}"')
    assert list(vault_folders(settings)) == [tmp_path / folder for folder in folders]


@pytest.mark.parametrize("drop", ["a/gate", "b/objects/originals", "db", "viewing"])
def test_folders_outside_the_home_are_the_stations_too(tmp_path: Path, drop: str) -> None:
    settings = parse_settings(
        Home(tmp_path / "home"),
        f'[vault]\naddress = "mirror:2 folder:{tmp_path}/a folder:{tmp_path}/b"\n'
        f'[catalog]\nurl = "sqlite:///{tmp_path}/db/catalog.db"\n[media]\nderived = "{tmp_path}/viewing"\n'
        + DROP.format(path=tmp_path / drop, recorder="GATE-01"),
    )
    with pytest.raises(NotApart):
        demand_folders_apart(settings)


@pytest.mark.parametrize(
    "text",
    [
        '[media]\nderived = "vault/objects/originals"',
        '[media]\nderived = "spool"',
        '[media]\nderived = "."',
        '[vault]\naddress = "folder:spool"',
        '[vault]\naddress = "mirror:2 folder:vault folder:./vault"',
        '[vault]\naddress = "mirror:2 folder:vault folder:second"',
        '[vault]\naddress = "mirror:2 folder:vault folder:vault/objects"',
    ],
)
def test_the_stations_own_folders_lie_apart_from_each_other(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home"
    (home / "vault").mkdir(parents=True)
    (home / "second").symlink_to("vault")
    demand_folders_apart(parse_settings(Home(home), ""))
    demand_folders_apart(parse_settings(Home(home), '[vault]\naddress = "folder:."'))
    with pytest.raises(NotApart):
        demand_folders_apart(parse_settings(Home(home), text))


def test_one_folder_is_not_watched_for_two_recorders(dock: Dock, tmp_path: Path) -> None:
    demand_folders_apart(watch(dock, tmp_path / "gates/a", "GATE-01"))
    demand_folders_apart(watch(dock, tmp_path / "gates/b", "GATE-02"))
    settings = watch(dock, tmp_path / "gates", "GATE-03")
    with pytest.raises(NotApart):
        demand_folders_apart(settings)


# ---------------------------------------------------------------------- while the dock runs


def test_a_vault_that_is_mounted_over_a_watched_folder_later_is_not_taken(
    dock: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    fill(gate, {"a.log": 100})
    watch(dock, gate)
    with running(dock, monkeypatch) as here:
        here.adopt(CLEARED)
        until(lambda: len(dock.clips()) == 1, "the clip")
        originals = dock.objects()
        with bound(dock.home / "vault", gate):
            until(lambda: view(here).why is not None, "the trouble")
            why = view(here).why
            assert why is not None
            assert why.code == "station.not-apart"
            assert dock.objects() == originals
        assert len(dock.clips()) == 1
    dock.verify()


def test_should_the_vault_be_taken_for_uploads_nothing_of_it_is_erased(
    dock: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line of defence, with the first ones taken away; one upload beside it shows that clearing works."""
    monkeypatch.setattr(daemon, "demand_folders_apart", lambda _: None)
    monkeypatch.setattr(daemon, "demand_apart", lambda *_: None)
    dock.ingest(fill(tmp_path / "card", {"DCIM/a.log": 100, "DCIM/b.log": 200}))
    before = {path: path.read_bytes() for path in dock.objects()}
    watch(dock, dock.home / "vault/objects/originals", "GATE-01")
    watch(dock, fill(tmp_path / "gate", {"c.log": 300}), "GATE-02")
    with running(dock, monkeypatch) as here:
        here.adopt(CLEARED)
        until(lambda: not (tmp_path / "gate/c.log").exists(), "the clearing of what is no file of ours")
        until(lambda: "it is the sealed original itself" in left(here), "the refusal")
        assert {path: path.read_bytes() for path in before} == before


def left(here: Running) -> str:
    """Why files were left."""
    return " ".join(one.message for one in here.station.journal.held().values())


def view(here: Running) -> BayView:
    return next(view for view in here.dock.board.bays() if view.bay == "GATE-01")


def test_an_open_file_is_known_by_where_it_lies_and_by_what_it_is(dock: Dock, tmp_path: Path) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    (original,) = dock.objects()
    settings, key = read_settings(Home(dock.home)), str(original.relative_to(dock.home / "vault/objects"))
    second, other = tmp_path / "card/second.log", tmp_path / "card/a.log"
    second.hardlink_to(original)
    lock = dock.home / f"vault/locks/{key}.json"
    for path, wanted in ((original, True), (second, True), (lock, True), (other, False)):
        with path.open("rb") as file:
            assert is_own_file(settings, file.fileno(), key) is wanted, path
    reading, writing = os.pipe()
    assert not is_own_file(settings, reading, key)
    os.close(reading)
    os.close(writing)


# ---------------------------------------------------------------------- by hand


@pytest.mark.parametrize("slip", ["the home", "the originals", "what holds the home", "a link to the vault"])
def test_a_person_ingests_no_files_of_the_station(dock: Dock, slip: str) -> None:
    path, before = SLIPS[slip](dock.home), set(dock.home.rglob("*"))
    with dock.opened() as station, pytest.raises(NotApart):
        ingest(station, ME, path, None, None, None, None)
    assert set(dock.home.rglob("*")) == before


def test_the_command_says_so(dock: Dock) -> None:
    assert dock.run("ingest", dock.home / "vault", "--json", status=12).error == "station.not-apart"


PLACES = ("home/vault/objects", "home/new", "home/spool", "gate", "gate/new", "linked/x")


def test_no_copy_is_written_among_the_stations_files(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / "linked").symlink_to("home/vault")
    watch(dock, tmp_path / "gate")
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    with dock.opened() as station:
        (clip,) = (str(one.id) for one in search.search(station.database, search.Search()))
        copy, stream = (allowed(station, action, clip) for action in (Action.COPY, Action.STREAM))
        shown = Choice(clip, clips.manifest(station.database, clip), {"file": None})
        ways: tuple[Callable[[Path], object], ...] = (
            lambda to: pull_clip(station, copy, to),
            lambda to: view_clip(station, stream, shown, to / "a.log"),
            lambda to: export_bundle(station, ME, Order((clip,), None, to)),
        )
        before, lines = set(tmp_path.rglob("*")), len(list(trail.every_line(station.database)))
        for place in PLACES:
            for way in ways:
                with pytest.raises(NotApart):
                    way(tmp_path / place)
        assert set(tmp_path.rglob("*")) == before
        assert len(list(trail.every_line(station.database))) == lines
        pull_clip(station, copy, tmp_path)  # what holds the home is no part of it
    assert (tmp_path / "a.log").exists()


def test_no_track_is_written_into_the_vault(dock: Dock, tmp_path: Path) -> None:
    """The way of a file, which `clips view` and `clips track` go."""
    settings = read_settings(Home(dock.home))
    with pytest.raises(NotApart):
        demand_outside(settings, dock.home / "vault/objects/track.gpx")
    demand_outside(settings, tmp_path / "track.gpx")


def test_every_own_folder_lies_where_it_is_said_to(dock: Dock) -> None:
    settings = read_settings(Home(dock.home))
    home = ground_of(dock.home)
    assert all(ground_of(own).lies_in(home) for own in own_folders(settings))
