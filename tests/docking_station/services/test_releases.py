"""A clip goes public: asked, covered, watched whole by two people, approved, taken out; every gate on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.cases import cases
from catalog.errors import NotReleased, RecipeUnfit, ReleaseState, RequestPerson
from catalog.rules.callers import Caller
from catalog.trail import trail
from docking_station.derived.burnt import font
from docking_station.derived.redacted import film_of, film_path
from docking_station.services import redaction, releases
from docking_station.services.cases import open_case
from docking_station.services.classes import classify_clip
from docking_station.services.disclosure_changes import end_decision
from docking_station.services.errors import RequestNeeded
from docking_station.services.known_cases import find_case
from docking_station.services.links import link_clip, unlink_clip
from docking_station.services.looks import Looks
from docking_station.services.release_steps import steps, waiting
from docking_station.station.errors import CopyDiffers, NotAllowed
from docking_station.station.station import Station
from ingest.sealing import recipe_key, released_key
from media import faces
from media.errors import ToolFailed
from tests.catalog.schema import faults
from tests.fakes.people import caller, enter
from tests.footage.clips import PICTURE, SOUND, made
from tests.footage.coded import AAC, AVC
from tests.house.tree import ROOT
from tests.scenario.dock import Dock

OFFICER, REVIEWER, KEEPER, DEPUTY = (caller(no) for no in ("0101", "0103", "0104", "0105"))
TITLE = "Biaoti-77"
BOX = {"id": "p1", "what": "face", "keys": [[0, 10, 10, 40, 40], [1500, 60, 10, 40, 40]]}
MUTE = {"from_ms": 200, "to_ms": 600, "why": "说出姓名"}
EDIT = {"boxes": [BOX], "mutes": [MUTE], "cuts": []}
SCHEMA = json.loads((ROOT / "docs/schema/evidock.redaction-1.json").read_text())
pytestmark = pytest.mark.skipif(font() is None, reason="no Chinese font")


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory, new_dock: object) -> Dock:
    """A station that has filed one film."""
    place = tmp_path_factory.mktemp("released")
    (place / "card").mkdir()
    said = ("-metadata", f"title={TITLE}", "-movflags", "+faststart+use_metadata_tags")
    (place / "card" / "a.mp4").write_bytes(made("mp4", 2, *PICTURE, *SOUND, *AVC, *AAC, *said))
    dock: Dock = new_dock(place / "home")  # type: ignore[operator]
    dock.ingest(place / "card")
    return dock


@pytest.fixture
def station(filmed: Dock) -> Iterator[Station]:
    with filmed.opened() as opened:
        if not opened.database.query("SELECT 1 FROM person", {}):
            enter(opened.database, opened.act_writer.carry_out, opened.now())
            said = {"title": "罚", "decided": "2026-03-05", "officers": ["0101"]}
            case = open_case(opened, KEEPER, [cases.number("A1")], said)
            link_clip(opened, KEEPER, _clip(opened), case.id, {}, reason="x")
            open_case(opened, KEEPER, [cases.number("A2")], {"title": "undecided"})
        yield opened


def _clip(station: Station) -> str:
    return str(station.database.query("SELECT id FROM clip", {})[0]["id"])


def ask(station: Station, by: Caller = KEEPER) -> str:
    return releases.ask(station, by, _clip(station), "A1", "依法公示", cleared=True)


def watch(station: Station, by: Caller, until_s: float = 2.0, no: str | None = None) -> None:
    """Watch the clip, or the film of a release, so far."""
    looks = Looks(station)
    film = None if no is None else film_of(station, releases.shown(station, by, no))
    look = looks.open(by, _clip(station), film=film)
    looks.watched(look, [(0.0, until_s)])
    looks.close(look)


def drafted(station: Station) -> str:
    no = ask(station)
    redaction.save(station, KEEPER, no, EDIT)
    watch(station, KEEPER)
    redaction.draft(station, KEEPER, no)
    return no


def test_from_the_asking_to_the_film_that_leaves(station: Station, tmp_path: Path) -> None:
    no = drafted(station)
    release = releases.shown(station, DEPUTY, no)
    told = [releases.reason_for(station, by, release) for by in (KEEPER, DEPUTY, REVIEWER)]
    assert told == ["依法公示", "依法公示", None], "who does not work at it tells a reason of their own"
    own, other = (steps(station, by, release) for by in (KEEPER, DEPUTY))
    assert isinstance(own["check"], RequestPerson)
    assert (other["check"], set(other)) == (None, {"draft", "check", "send-back", "drop"})
    assert [[one.no for one in waiting(station, by)] for by in (KEEPER, DEPUTY)] == [[], [no]]
    watch(station, KEEPER, no=no)
    with pytest.raises(RequestPerson):
        releases.check(station, KEEPER, no)
    watch(station, DEPUTY, 1.0, no)
    with pytest.raises(RecipeUnfit, match="0:01"):
        releases.check(station, DEPUTY, no)
    watch(station, DEPUTY, no=no)
    releases.check(station, DEPUTY, no)
    with pytest.raises(NotAllowed):
        releases.approve(station, REVIEWER, no)
    with pytest.raises(ReleaseState):
        releases.take(station, KEEPER, no, tmp_path / "early.mp4")
    releases.approve(station, DEPUTY, no)
    taken = releases.take(station, KEEPER, no, tmp_path / "film.mp4")
    body = taken.path.read_bytes()
    assert hashlib.sha256(body).hexdigest() == release.film == taken.sha256
    assert TITLE.encode() not in body
    for publishes in (releases.publish, releases.correct):
        with pytest.raises(NotAllowed):
            publishes(station, DEPUTY, no, "a head is the second of two there")
    releases.publish(station, KEEPER, no, "市民政局网站")
    releases.correct(station, KEEPER, no, "日期有误")
    releases.withdraw(station, DEPUTY, no, "决定已撤销")
    told = [one.entry.action.partition(".")[2] for one in trail.lines(station.database, subject=no)]
    assert told == ["asked", "drafted", "checked", "approved", "published", "corrected", "withdrawn"]
    recipe = json.loads(station.vault.open(recipe_key(str(release.recipe))).read())
    assert list(faults(recipe, SCHEMA)) == []
    assert (recipe["boxes"][0]["by"], recipe["mutes"][0]["why"]) == ("P:0104", "说出姓名")
    assert station.vault.find(released_key(str(release.film))) is not None
    assert [one.no for one in releases.every_release(station, KEEPER)] == [no]


def test_a_copy_is_not_made_before_all_was_watched_nor_twice_the_same_otherwise(station: Station) -> None:
    no = ask(station)
    redaction.save(station, KEEPER, no, EDIT)
    with pytest.raises(RecipeUnfit, match="0:00-0:02"):
        redaction.draft(station, KEEPER, no)
    watch(station, KEEPER)
    first = redaction.draft(station, KEEPER, no)
    releases.send_back(station, DEPUTY, no, "0:01 露脸")
    assert redaction.draft(station, KEEPER, no).film == first.film, "the same recipe, the same bytes"
    releases.drop(station, DEPUTY, no, "不再公示")
    with pytest.raises(ReleaseState):
        redaction.working(station, KEEPER, no)


def test_what_was_changed_on_the_disk_is_not_approved(station: Station) -> None:
    no = drafted(station)
    watch(station, DEPUTY, no=no)
    releases.check(station, DEPUTY, no)
    path = film_path(station, releases.shown(station, DEPUTY, no))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CopyDiffers):
        releases.approve(station, DEPUTY, no)
    path.unlink()


def test_what_is_not_to_be_released_is_not_asked_for(station: Station) -> None:
    clip = _clip(station)
    for case, cleared in (("A2", True), ("A1", False)):
        with pytest.raises(NotReleased):
            releases.ask(station, KEEPER, clip, case, "x", cleared=cleared)
    with pytest.raises(NotAllowed):
        releases.ask(station, REVIEWER, clip, "A1", "x", cleared=True)


def test_without_a_detector_nothing_is_suggested_and_a_person_draws(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = ask(station)
    monkeypatch.setattr(faces, "PACKAGES", ("no-such-package",))
    with pytest.raises(ToolFailed):
        redaction.suggest(station, KEEPER, no)
    assert redaction.working(station, KEEPER, no).boxes == ()


def test_a_class_that_was_raised_stops_what_goes_on(station: Station) -> None:
    """The last: the clip stays what it was raised to. Nor does what belongs to another case, or to none that stands."""
    no, case = drafted(station), find_case(station, KEEPER, "A1").id
    unlink_clip(station, KEEPER, _clip(station), case, reason="x")
    watch(station, DEPUTY, no=no)
    with pytest.raises(NotReleased, match="no such case"):
        releases.check(station, DEPUTY, no)
    link_clip(station, KEEPER, _clip(station), case, {}, reason="x")
    end_decision(station, KEEPER, "A1", "revoked", day=None, number=None, reason="x")
    with pytest.raises(NotReleased, match="decision"):
        releases.check(station, DEPUTY, no)
    classify_clip(station, KEEPER, _clip(station), "work", reason="x")
    with pytest.raises(RequestNeeded):
        redaction.working(station, KEEPER, no)
    with pytest.raises(NotReleased):
        releases.check(station, DEPUTY, no)
    releases.drop(station, DEPUTY, no, "x")
