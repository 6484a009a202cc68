"""Looks: one line before the first byte, any range of any vault, one line at the end, also where things break."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog.clips import search
from catalog.errors import AlreadyDisposed, CatalogUnreachable
from catalog.keeping import disposals
from catalog.trail import trail
from docking_station.derived import open_files
from docking_station.services import requests
from docking_station.services.looks import IDLE_S, Look, Looks, open_look, poster
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, LookOver, NothingToView
from docking_station.station.station import Station
from tests.fakes import people
from tests.fakes.callers import ME
from tests.footage.clips import jpeg
from tests.footage.coded import coded
from tests.scenario.dock import Dock
from tests.scenario.test_encrypted import encrypting
from tests.scenario.test_object_storage import s3_dock
from tests.vault.weed import Weed
from vault.errors import SealedHarmed, VaultUnreachable
from vault.s3.wire import Wire

FREE = b"free"
SIZE_BYTES = (9 << 20) + 12_345
"""Ends in the middle of a MiB and of a segment."""
PLAYS = coded("mp4", 2)
PADDING = SIZE_BYTES - len(PLAYS)
FILM = PLAYS + PADDING.to_bytes(4, "big") + FREE + random.Random(1).randbytes(PADDING - 8)
"""It plays, and is as long as is wanted."""
NAMES = ("AA0001_000001_20260305090000.mp4", "AA0001_000001_20260305091000.jpg", "AA0001_000001_20260305092000.log")


def fill(dock: Dock, card: Path) -> Dock:
    card.mkdir(parents=True, exist_ok=True)
    for name, content in zip(NAMES, (FILM, jpeg(), b"log"), strict=True):
        (card / name).write_bytes(content)
    dock.ingest(card, "--recorder", "AA0001")
    return dock


@pytest.fixture(scope="module")
def plain(new_dock: Callable[[Path], Dock], tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """A station with a film, a photograph and a log, its small files made; copied, never used."""
    place = tmp_path_factory.mktemp("looks")
    dock = fill(new_dock(place / "home"), place / "card")
    dock.run("work", "--once", "--kinds", "viewing-copy")
    return dock


@pytest.fixture
def station(plain: Dock, tmp_path: Path) -> Iterator[Station]:
    shutil.copytree(plain.home, tmp_path / "home")
    with Dock(tmp_path / "home").opened() as opened:
        yield opened


class Hand:
    """A clock that is moved by hand."""

    at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


def clip_of(station: Station, kind: str = "video") -> str:
    (found,) = search.search(station.database, search.Search(kind=kind))
    return found.id


def lines(station: Station, clip: str) -> list[tuple[str, Any]]:
    """What the trail says of a clip since it was filed."""
    told = [line.as_json() for line in trail.lines(station.database, subject=clip)]
    return [(str(one["action"]), one["details"]) for one in told if one["action"] != "clip.filed"]


def read(looks: Looks, look: Look, begin: int, end: int) -> bytes:
    return b"".join(looks.pieces(look, "view", begin, end - begin))


@contextmanager
def closed_trail(station: Station) -> Iterator[None]:
    """Nobody can write a line."""
    with station.database.engine().begin() as connection:
        connection.execute(
            text("CREATE TRIGGER closed BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'the trail is closed'); END")
        )
    yield
    with station.database.engine().begin() as connection:
        connection.execute(text("DROP TRIGGER closed"))


def test_one_line_a_look_and_one_at_its_end(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    look = looks.open(ME, clip)
    opened = ("clip.viewed", {"derived": False, "look": look.id})
    assert lines(station, clip) == [opened], "before any byte"
    for begin in (0, 5 << 20, 8 << 20, 100):
        assert read(looks, look, begin, begin + 1000) == FILM[begin : begin + 1000]
    looks.watched(look, [(0.5, 1.25), (1.0, 1.5), (-3.0, 0.1), (7.0, 6.0), (float("nan"), 1.0), (0.0, float("inf"))])
    assert lines(station, clip) == [opened]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(looks.close, [look] * 4))
    _, (action, details) = lines(station, clip)
    assert (action, details["look"], details["watched_ms"]) == ("clip.view-ended", look.id, [[0, 100], [500, 1500]])
    length_ms = 2000
    assert [begin for begin, _ in details["read_ms"]] == [
        int(at / len(FILM) * length_ms) for at in (0, 5 << 20, 8 << 20)
    ]
    with pytest.raises(LookOver):
        read(looks, look, 0, 1)
    assert trail.verify(station.database).fault is None


def test_a_look_ends_with_the_right_to_it(station: Station) -> None:
    clip = clip_of(station)
    people.enter(station.database, station.act_writer.carry_out, station.now())
    officer, keeper, deputy = (people.caller(no) for no in ("0102", "0104", "0105"))
    no = requests.ask(station, officer, requests.Asked("look", "a complaint", description="the market"))
    requests.fill(station, keeper, no, (clip,))
    requests.approve(station, deputy, no)
    look = (looks := Looks(station)).open(officer, clip)
    assert read(looks, look, 0, 1000) == FILM[:1000]
    requests.revoke(station, deputy, no, "settled")
    with pytest.raises(LookOver):
        looks.pieces(look, "view", 1000, 1000)
    assert lines(station, clip)[-1][0] == "clip.view-ended"


def test_with_the_trail_closed_no_byte_is_read(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    station.__dict__["vault"] = None  # whoever asks it fails
    with closed_trail(station), pytest.raises(CatalogUnreachable):
        looks.open(ME, clip)
    assert lines(station, clip) == []


def test_an_end_that_cannot_be_written_is_written_later_and_once(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    look = looks.open(ME, clip)
    with closed_trail(station):
        looks.close(look)
        looks.sweep()
        assert len(lines(station, clip)) == 1
    looks.sweep()
    looks.close_all()
    assert [action for action, _ in lines(station, clip)] == ["clip.viewed", "clip.view-ended"]
    assert lines(station, clip)[1][1] == {"look": look.id, "read_ms": [], "watched_ms": None}


def test_no_end_is_lost_whatever_goes_wrong_when_it_is_written(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, clip = Hand(), clip_of(station)
    looks = Looks(station, clock)
    opened = [looks.open(ME, clip) for _ in range(3)]
    with closed_trail(station):
        looks.close(opened[0])
        looks.close(opened[1])
    clock.at_s = IDLE_S
    with monkeypatch.context() as broken:
        broken.setattr("docking_station.services.looks.note_looks", lambda *_: 1 / 0)
        looks.sweep()
    with monkeypatch.context() as broken, suppress(OSError):
        broken.setattr(open_files.OpenFiles, "close", bad_disk)
        looks.close(looks.open(ME, clip))
    looks.sweep()
    assert [action for action, _ in lines(station, clip)].count("clip.view-ended") == 4


def bad_disk(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_look_ends_when_nobody_reads(station: Station) -> None:
    clock, clip = Hand(), clip_of(station)
    looks = Looks(station, clock)
    look, other = looks.open(ME, clip), looks.open(ME, clip)
    clock.at_s = IDLE_S - 1
    read(looks, look, 0, 10)
    clock.at_s = IDLE_S
    looks.sweep()
    assert looks.find(look.id, ME) == look, "it was read a second ago"
    with pytest.raises(LookOver):
        looks.find(other.id, ME)
    clock.at_s = 3 * IDLE_S
    with pytest.raises(LookOver):
        read(looks, look, 0, 10)
    assert [action for action, _ in lines(station, clip)].count("clip.view-ended") == 2


def test_a_look_is_one_persons(station: Station) -> None:
    looks = Looks(station)
    look = looks.open(ME, clip_of(station))
    other = replace(ME, person="another")
    for number, caller in ((look.id, other), ("0" * 32, ME)):
        with pytest.raises(LookOver):
            looks.find(number, caller)
    with pytest.raises(LookOver):
        looks.pieces(replace(look, caller=other), "view", 0, 1)


def test_a_look_ends_with_its_clip(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, clip = Hand(), clip_of(station)
    looks = Looks(station, clock)
    look = looks.open(ME, clip)
    monkeypatch.setattr(disposals, "is_done", lambda *_: True)
    clock.at_s = 60
    with pytest.raises(AlreadyDisposed):
        read(looks, look, 0, 10)
    with pytest.raises(LookOver):
        read(looks, look, 0, 10)
    with pytest.raises(AlreadyDisposed):
        looks.open(ME, clip)
    assert [action for action, _ in lines(station, clip)] == ["clip.viewed", "clip.view-ended"]


def test_a_read_that_comes_after_the_end_of_its_look_leaves_no_file_open(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, clip = Hand(), clip_of(station)
    looks = Looks(station, clock)
    look = looks.open(ME, clip)
    read(looks, look, 0, 10)
    assert open_originals(look)

    def ends_meanwhile(*_: object) -> bool:
        looks.close(look)
        return False

    monkeypatch.setattr(disposals, "is_done", ends_meanwhile)
    clock.at_s = 60
    with pytest.raises(LookOver):
        read(looks, look, 0, 10)
    assert open_originals(look) == []


def open_originals(look: Look) -> list[str]:
    """The descriptors of this process at the original of a look."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            if sha(look) in os.readlink(one):
                found.append(one.name)
    return found


def test_small_files_stand_beside_what_plays(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    look = looks.open(ME, clip)
    assert look.parts["view"].media_type == "video/mp4"
    assert look.parts["view"].size_bytes == len(FILM)
    sheet = look.parts["sheet"]
    assert (sheet.media_type, sheet.derived) == ("image/jpeg", True)
    body = b"".join(looks.pieces(look, "sheet", 0, sheet.size_bytes))
    assert body.startswith(b"\xff\xd8")
    assert len(body) == sheet.size_bytes
    small = poster(station, clip)
    assert small is not None
    assert small[1].startswith(b"\xff\xd8")
    assert small[1] == b"".join(looks.pieces(look, "poster", 0, look.parts["poster"].size_bytes))
    assert [action for action, _ in lines(station, clip)] == ["clip.viewed"], "a picture in a list is no look"
    shutil.rmtree(station.settings.derived)
    looks.close(look)
    again = looks.open(ME, clip)
    assert set(again.parts) == {"view"}
    assert poster(station, clip) is None


def test_a_small_file_that_is_taken_away_meanwhile_is_said(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    look = looks.open(ME, clip)
    shutil.rmtree(station.settings.derived)
    with pytest.raises(DerivedUnwritable):
        looks.pieces(look, "sheet", 0, 10)


def test_a_photograph_is_shown_and_a_log_is_not(station: Station) -> None:
    looks = Looks(station)
    look = looks.open(ME, clip_of(station, "image"))
    assert (look.parts["view"].media_type, look.choice.derived) == ("image/jpeg", False)
    assert read(looks, look, 0, look.parts["view"].size_bytes) == jpeg()
    looks.close(look)
    with pytest.raises(NothingToView):
        looks.open(ME, clip_of(station, "log"))
    assert lines(station, clip_of(station, "log")) == []


def test_an_original_that_became_shorter_is_noticed(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    look = looks.open(ME, clip)
    (place,) = (path for path in (station.home.root / "vault/objects/originals").rglob("*") if path.name == sha(look))
    place.chmod(0o600)
    place.write_bytes(FILM[: 5 << 20])
    with pytest.raises(CopyDiffers):
        looks.pieces(look, "view", 6 << 20, 100)
    going = looks.pieces(look, "view", 4 << 20, 2 << 20)
    assert next(going) == FILM[4 << 20 : 5 << 20]
    with pytest.raises(CopyDiffers):
        next(going)


def sha(look: Look) -> str:
    return look.choice.manifest.sha256


def test_many_at_once_get_their_own_bytes(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer open files than looks, so that files are closed under their readers."""
    monkeypatch.setattr(open_files, "OPEN_MAX", 2)
    looks, clip, dice = Looks(station), clip_of(station), random.Random(2)
    opened = [looks.open(ME, clip) for _ in range(6)]

    def some(number: int) -> bool:
        begin = dice.randrange(len(FILM))
        end = min(len(FILM), begin + dice.randrange(1, 3 << 20))
        return read(looks, opened[number % 6], begin, end) == FILM[begin:end]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(some, range(120)))
    looks.close_all()
    assert [action for action, _ in lines(station, clip)] == ["clip.viewed"] * 6 + ["clip.view-ended"] * 6


def everywhere(looks: Looks, look: Look) -> None:
    """Ranges that begin and end everywhere, and the whole."""
    dice = random.Random(3)
    edges = [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20, len(FILM) - 1, len(FILM)]
    pairs = [sorted(dice.sample(edges, 2)) for _ in range(12)]
    for begin, end in (*pairs, (0, len(FILM)), (len(FILM) - 1, len(FILM))):
        assert read(looks, look, begin, end) == FILM[begin:end]


def test_ranges_of_a_folder(station: Station) -> None:
    looks = Looks(station)
    everywhere(looks, looks.open(ME, clip_of(station)))


def test_ranges_of_an_encrypted_vault(tmp_path: Path) -> None:
    dock = fill(encrypting(tmp_path / "home", "all"), tmp_path / "card")
    with dock.opened() as station:
        looks = Looks(station)
        look = looks.open(ME, clip_of(station))
        everywhere(looks, look)
        (place,) = (path for path in dock.objects() if path.name == sha(look))
        body = bytearray(place.read_bytes())
        body[3 << 20] ^= 1
        place.chmod(0o600)
        place.write_bytes(body)
        looks.close(look)
        again = looks.open(ME, clip_of(station))
        assert read(looks, again, 0, 1 << 20) == FILM[: 1 << 20], "only the segments that are asked for are opened"
        with pytest.raises(SealedHarmed):
            read(looks, again, 2 << 20, 4 << 20)
        assert read(looks, again, 5 << 20, 6 << 20) == FILM[5 << 20 : 6 << 20]


def test_ranges_of_object_storage(tmp_path: Path, weed: Weed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A range of an object is asked for as a range, and not much more of it."""
    asked: list[int] = []
    opened = Wire.open

    def heard(wire: Wire, name: str, query: Any, headers: Any) -> Any:
        first, last = headers["Range"].removeprefix("bytes=").split("-")
        asked.append(int(last) - int(first) + 1)
        return opened(wire, name, query, headers)

    dock = fill(s3_dock(tmp_path / "home", weed, f"looks-{uuid.uuid4().hex[:12]}"), tmp_path / "card")
    with dock.opened() as station:
        looks = Looks(station)
        look = looks.open(ME, clip_of(station))
        with monkeypatch.context() as patched:
            patched.setattr(Wire, "open", heard)
            for begin in (len(FILM) - 100, 4 << 20, 100):
                assert read(looks, look, begin, begin + 100) == FILM[begin : begin + 100]
            assert sum(asked) <= 3 << 20
        everywhere(looks, look)
        with nobody_there(station), pytest.raises(VaultUnreachable):
            looks.pieces(looks.open(ME, clip_of(station)), "view", 0, 100)
        assert read(looks, look, 0, 100) == FILM[:100]


@contextmanager
def nobody_there(station: Station) -> Iterator[None]:
    """The server does not answer any more."""
    own = station.__dict__.pop("vault")
    station.__dict__["vault"] = station.vault_at(re.sub(r":\d+/", ":9/", station.settings.vault_address))
    yield
    station.__dict__["vault"] = own


KILLED = """
import sys
from pathlib import Path
from docking_station.services.looks import Looks
from docking_station.station.identity import caller_of_process
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
station = Station(read_settings(Home(Path(sys.argv[1]))))
looks = Looks(station)
look = looks.open(caller_of_process(), sys.argv[2])
for piece in looks.pieces(look, "view", 0, look.parts["view"].size_bytes):
    print(look.id, flush=True)
    sys.stdin.readline()
"""


def test_a_look_that_is_killed_in_the_middle_has_its_line(station: Station) -> None:
    clip = clip_of(station)
    argv = [sys.executable, "-c", KILLED, str(station.home.root), clip]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        number = child.stdout.readline().strip()
        child.send_signal(signal.SIGKILL)
    assert lines(station, clip) == [("clip.viewed", {"derived": False, "look": number})]
    looks = Looks(station)
    looks.close(looks.open(ME, clip))
    assert trail.verify(station.database).fault is None


def test_a_look_that_ends_while_it_is_read_gives_no_more(station: Station) -> None:
    looks = Looks(station)
    look = looks.open(ME, clip_of(station))
    going = looks.pieces(look, "view", 0, len(FILM))
    next(going)
    ended = threading.Thread(target=looks.close, args=(look,))
    ended.start()
    ended.join(30)
    with pytest.raises(LookOver):
        next(going)


def test_a_look_alone_needs_no_register(station: Station) -> None:
    look = open_look(station, ME, clip_of(station))
    assert look.parts["view"].sha256 == look.choice.manifest.sha256


def test_a_look_at_the_sheet_alone_is_one_line_however_often_one_comes_back(station: Station) -> None:
    hand, clip = Hand(), clip_of(station)
    looks = Looks(station, hand)
    first = looks.open(ME, clip, only="sheet")
    assert lines(station, clip) == [("clip.viewed", {"derived": True, "look": first.id, "part": "sheet"})]
    assert b"".join(looks.pieces(first, "sheet", 0, first.parts["sheet"].size_bytes)).startswith(b"\xff\xd8")
    assert set(first.parts) == {"sheet"}, "it gives out no footage"
    assert looks.open(ME, clip, only="sheet").id == first.id
    assert looks.open(replace(ME, person="another"), clip, only="sheet").id != first.id
    hand.at_s = IDLE_S
    assert looks.open(ME, clip, only="sheet", reason="r").id != first.id, "that look was over"
    assert "r" in [details.get("reason") for _, details in lines(station, clip)]
    ended = [details for action, details in lines(station, clip) if action == "clip.view-ended"]
    assert ended == [{"look": first.id, "read_ms": None, "watched_ms": None}]


def test_who_asks_for_a_sheet_twice_at_once_opens_one_look(station: Station) -> None:
    looks, clip, both = Looks(station), clip_of(station), threading.Barrier(8)

    def ask(_: int) -> str:
        both.wait()
        return looks.open(ME, clip, only="sheet").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(lines(station, clip)) == 1


def test_what_goes_on_playing_shows_its_sheet_without_another_line(station: Station) -> None:
    looks, clip = Looks(station), clip_of(station)
    playing = looks.open(ME, clip)
    assert looks.open(ME, clip, only="sheet").id == playing.id
    assert len(lines(station, clip)) == 1


def test_without_a_sheet_or_a_trail_no_look_at_the_sheet_is_opened(station: Station) -> None:
    looks, photograph, clip = Looks(station), clip_of(station, "image"), clip_of(station)
    with pytest.raises(NothingToView):
        looks.open(ME, photograph, only="sheet")
    assert lines(station, photograph) == []
    with closed_trail(station), pytest.raises(CatalogUnreachable):
        looks.open(ME, clip, only="sheet")
