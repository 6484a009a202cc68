"""Whether a clip can be viewed, when, and why not: one value for terminal and pages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clips import search as listing
from catalog.clips.chores import SECOND_OPINION, VIEWING_COPY, CatalogChores, Chore
from catalog.keeping import disposals
from catalog.keeping.tables import DisposalRow
from catalog.station_error import Language
from docking_station.derived.copies import make_copies
from docking_station.services.viewable import Viewable, viewable, viewables
from docking_station.station.station import Station
from docking_station.texts import text
from media.beside import PARTS
from media.errors import NothingRecovered, ToolFailed
from tests.footage.clips import avi, jpeg, wav
from tests.scenario.dock import Dock


@pytest.fixture
def station(filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path: Path) -> Iterator[Station]:
    files = {
        "old.avi": avi(), "junk.avi": b"junk" * 5000, "sound.wav": wav(), "a.jpg": jpeg(), "a.log": b"log",
        "photograph.tif": b"II*\0" + bytes(100),
    }  # fmt: skip
    with filed_dock(tmp_path / "home", files).opened() as opened:
        yield opened


def clip_of(station: Station, path: str) -> str:
    found = listing.search(station.database, listing.Search())
    return next(one.id for one in found if one.path == path)


def told(station: Station, path: str) -> tuple[str, str, object]:
    """State and reason as JSON says them; every sentence has its facts."""
    found = viewable(station, clip_of(station, path))
    for language in ("en", "zh"):
        sentence(found, language)
    document = found.as_json()
    return str(document["state"]), str(document["reason"]), document["way"]


def sentence(found: Viewable, language: Language) -> str:
    return text(found.word, language, **found.facts(language))


def test_what_plays_plays_now_and_what_never_will_says_why(station: Station) -> None:
    assert told(station, "sound.wav") == ("now", "original", "as-is")
    assert told(station, "a.jpg") == ("now", "original", "as-is")
    assert told(station, "a.log") == ("no", "no-footage", None)
    assert told(station, "photograph.tif") == ("no", "photograph", None)
    for path in ("old.avi", "junk.avi"):
        assert told(station, path) == ("making", "no-chore", None)
        make_copies(station, clip_of(station, path), lambda _: None)
    assert told(station, "old.avi") == ("now", "copy", "encode")
    assert told(station, "junk.avi") == ("no", "nothing-in-it", None)


def test_a_chore_says_its_place_and_how_far_it_is(station: Station) -> None:
    chores, clip, now = CatalogChores(station.database), clip_of(station, "old.avi"), station.now()
    for number in range(3):
        chores.submit(Chore(SECOND_OPINION, f"C{number}"), now - timedelta(minutes=1 + number))
    chores.submit(Chore(VIEWING_COPY, clip), now)
    chores.submit(Chore(VIEWING_COPY, "C9"), now + timedelta(minutes=1))
    assert told(station, "old.avi") == ("making", "waiting", None)
    assert "3 chores" in sentence(viewable(station, clip), "en")
    other = chores.claim("worker", [SECOND_OPINION], now)
    assert other is not None
    assert viewable(station, clip).as_json()["ahead"] == 3, "what is being done is before it too"
    chores.finish(other, now)
    assert viewable(station, clip).as_json()["ahead"] == 2
    claim = chores.claim("worker", [VIEWING_COPY], now)
    assert claim is not None
    chores.beat(claim, 0.42, now)
    assert told(station, "old.avi") == ("making", "running", None)
    assert "42%" in sentence(viewable(station, clip), "en")
    chores.fail(claim, NothingRecovered(why="no whole clip"), now, now + timedelta(hours=1))
    assert told(station, "old.avi") == ("making", "again", None)
    making = viewable(station, clip).making
    assert making is not None
    assert making.again_at == now + timedelta(hours=1)
    assert "no whole clip" in sentence(viewable(station, clip), "en")


def test_what_a_person_must_look_at_is_not_waited_for(station: Station) -> None:
    chores, clip, now = CatalogChores(station.database), clip_of(station, "old.avi"), station.now()
    chores.submit(Chore(VIEWING_COPY, clip), now)
    claim = chores.claim("worker", [VIEWING_COPY], now)
    assert claim is not None
    chores.fail(claim, ToolFailed(tool="ffmpeg", why="it is broken"), now, None)
    assert told(station, "old.avi") == ("no", "held", None)
    assert "it is broken" in sentence(viewable(station, clip), "en")
    chores.cancel(claim.chore.id, now)
    assert told(station, "old.avi") == ("no", "cancelled", None)
    assert viewable(station, clip).as_json()["chore"] == claim.chore.id


def test_of_what_is_gone_nothing_is_shown(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disposals, "is_done", lambda *_: True)
    assert told(station, "sound.wav") == ("no", "disposed", None)


def alike(station: Station) -> dict[str, Viewable]:
    """What a list says of each clip, which is what is said of it alone; of a copy a list tells no way."""
    listed = listing.search(station.database, listing.Search())
    found = viewables(station, listed)
    for one in listed:
        alone = viewable(station, one.id)
        assert found[one.id] == replace(alone, way=None if alone.derived else alone.way), one.path
    return {one.path: found[one.id] for one in listed}


def test_a_list_says_the_same_of_each_clip_as_is_said_of_it_alone(station: Station) -> None:
    chores, now = CatalogChores(station.database), station.now()
    assert {one.word for one in alike(station).values()} >= {"view_no_chore", "view_original", "view_photograph"}
    for number, path in enumerate(("old.avi", "junk.avi")):
        chores.submit(Chore(VIEWING_COPY, clip_of(station, path)), now + timedelta(seconds=number))
    assert alike(station)["junk.avi"].facts("en")["ahead"] == 1
    claim = chores.claim("worker", [VIEWING_COPY], now)
    assert claim is not None
    assert alike(station)["old.avi"].word == "view_running"
    for path in ("old.avi", "junk.avi", "sound.wav"):
        make_copies(station, clip_of(station, path), lambda _: None)
    said = alike(station)
    assert (said["old.avi"].word, said["junk.avi"].word) == ("view_copy", "view_nothing_in_it")
    assert {"view", "poster", "strip"} <= said["old.avi"].parts
    assert said["sound.wav"].word == "view_original"
    with station.database.transaction() as session:
        gone = clip_of(station, "sound.wav")
        session.add(DisposalRow(clip_id=gone, asked_at=now, asked_by="a", reason="over", done_at=now, done_by="b"))
    assert alike(station)["sound.wav"].word == "view_disposed"


class Opened:
    """The JSON files this process opens while it looks."""

    def __init__(self) -> None:
        self.names: list[str] | None = None
        sys.addaudithook(self._heard)

    def __call__(self, work: Callable[[], object]) -> list[str]:
        self.names = []
        work()
        found, self.names = self.names, None
        return found

    def _heard(self, event: str, facts: tuple[object, ...]) -> None:
        if event == "open" and self.names is not None and str(facts[0]).endswith(".json"):
            self.names.append(Path(str(facts[0])).name)


def test_a_page_reads_each_note_once_and_a_list_none_of_what_is_made(station: Station) -> None:
    for path in ("old.avi", "sound.wav"):
        make_copies(station, clip_of(station, path), lambda _: None)
    opened, clip = Opened(), clip_of(station, "old.avi")
    assert sorted(opened(lambda: viewable(station, clip))) == sorted(f"{part}.json" for part in PARTS)
    listed = listing.search(station.database, listing.Search())
    assert opened(lambda: viewables(station, listed)) == []
