"""Whether a clip can be viewed, when, and why not: one value for terminal and pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.clips import search as listing
from catalog.clips.chores import SECOND_OPINION, VIEWING_COPY, CatalogChores, Chore
from catalog.keeping import disposals
from catalog.station_error import Language
from docking_station.derived.copies import make_copies
from docking_station.services.viewable import Viewable, viewable
from docking_station.station.station import Station
from docking_station.texts import text
from media.errors import NothingRecovered, ToolFailed
from tests.footage.clips import avi, jpeg, wav
from tests.scenario.dock import Dock


@pytest.fixture
def station(dock: Dock, card: Path) -> Iterator[Station]:
    for name, content in {
        "old.avi": avi(), "junk.avi": b"junk" * 5000, "sound.wav": wav(), "a.jpg": jpeg(), "a.log": b"log",
        "photograph.tif": b"II*\0" + bytes(100),
    }.items():  # fmt: skip
        (card / name).write_bytes(content)
    dock.ingest(card)
    with dock.opened() as opened:
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
