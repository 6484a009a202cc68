"""What follows on what in a release, who may, and what its recipe takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.errors import NoSuchRelease, RecipeUnfit, ReleaseState, RequestPerson
from catalog.requests.releases import stating
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.redaction import (
    Box,
    Key,
    Recipe,
    Span,
    demand_settled,
    edit_in,
    edited,
    read_recipe,
    suggested,
)
from catalog.rules.releases import Release, after
from catalog.station_error import StationError
from tests.fakes.released import every_release

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
A, B, C = (Caller(name, name, LOGIN) for name in "abc")
NOBODY = Caller("root", "root", None)
TRACK = ((0, 10, 10, 40, 40), (1000, 110, 10, 40, 40))
PLAIN = Recipe(
    *("P2026-0001", "c1", "ab" * 32, "cd" * 32, (640, 360), "25", 4000, "公示副本", {"ffmpeg": "6", "detector": None})
)


def step(action: str, by: Caller, **said: Any) -> Act:
    return stating(f"release.{action}", "P2026-0001", AT, by, **said)


ASK = step("asked", A, clip="c1", case_id="0" * 12, reason="r", cleared=[])


def draft(by: Caller = A, film: str = "f1") -> Act:
    return step("drafted", by, recipe="r1", film=film, size_bytes=7, original="o")


def check(by: Caller = B, film: str = "f1") -> Act:
    return step("checked", by, film=film)


def approve(by: Caller = B, film: str = "f1") -> Act:
    return step("approved", by, film=film, recipe="r1", derived="evidock.derived/1")


BACK, DROP = step("sent-back", B, reason="0:05"), step("dropped", B, reason="r")
PUBLISH = step("published", A, film="f1", place="web")
DOWN = step("withdrawn", A, reason="r")
APPROVED = [ASK, draft(), check(), approve()]
ROWS: dict[str, tuple[list[Act], str | type[StationError]]] = {
    "asked": ([ASK], "asked"),
    "two people are enough": ([*APPROVED, PUBLISH], "published"),
    "made anew": ([ASK, draft(), BACK, draft(film="f2"), check(film="f2")], "checked"),
    "taken down": ([*APPROVED, PUBLISH, step("corrected", A, reason="r"), DOWN], "withdrawn"),
    "dropped": ([ASK, draft(), DROP], "dropped"),
    "nobody": ([step("asked", NOBODY, clip="c1", case_id="0", reason="r", cleared=[])], RequestPerson),
    "none": ([draft()], NoSuchRelease),
    "twice": ([ASK, ASK], ReleaseState),
    "its maker checks": ([ASK, draft(), check(A)], RequestPerson),
    "its maker approves": ([ASK, draft(B), check(A), approve(B)], RequestPerson),
    "who asked approves": ([ASK, draft(B), check(C), approve(A)], RequestPerson),
    "not checked": ([ASK, draft(), approve()], ReleaseState),
    "another film": ([ASK, draft(), draft(film="f2"), check(film="f1")], ReleaseState),
    "approved is another film": ([ASK, draft(), check(), approve(film="f2")], ReleaseState),
    "made after the check": ([ASK, draft(), check(), draft()], ReleaseState),
    "published unapproved": ([ASK, draft(), check(), PUBLISH], ReleaseState),
    "dropped when public": ([*APPROVED, PUBLISH, DROP], ReleaseState),
    "taken down unpublished": ([*APPROVED, DOWN], ReleaseState),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_release_is_what_its_acts_say(name: str) -> None:
    steps, comes_to = ROWS[name]
    found: Release | None = None
    *before, last = steps
    for act in before:
        found = after(found, act)
    if isinstance(comes_to, str):
        assert after(found, last).state == comes_to
    else:
        with pytest.raises(comes_to):
            after(found, last)


def test_the_example_goes_through_every_step() -> None:
    found = dict[str, Release]()
    for act in every_release("c1", "0" * 12, AT, A, B):
        found[act.subject] = after(found.get(act.subject), act)
    assert [one.state for one in found.values()] == ["withdrawn", "dropped"]
    assert [one["action"] for one in found["P2026-0001"].told()][-1] == acts.RELEASE_WITHDRAWN


def test_a_recipe_is_read_as_it_was_written_and_told_by_its_bytes() -> None:
    whole = suggested(PLAIN, [TRACK], "CenterFace")
    assert read_recipe(whole.body()) == whole
    assert read_recipe(whole.body()).digest() == whole.digest() != PLAIN.digest()


def test_a_box_moves_evenly_between_its_keys_and_stands_no_longer() -> None:
    recipe = suggested(PLAIN, [TRACK], "CenterFace")
    assert list(recipe.covered(500)) == [(60, 10, 41, 41)]
    assert list(recipe.covered(1080)) == [(110, 10, 41, 41)], "a picture that was seen then may stand two ticks off"
    assert list(recipe.covered(1081)) == []
    shortest = replace(recipe.boxes[0], keys=recipe.boxes[0].keys[:1])
    assert list(replace(recipe, boxes=(shortest,)).covered(40)) == [(10, 10, 41, 41)]
    dismissed = replace(recipe, boxes=(replace(recipe.boxes[0], verdict="dismissed", why="a poster"),))
    assert list(dismissed.covered(500)) == []


def test_a_suggestion_waits_for_a_person_and_never_goes() -> None:
    recipe = suggested(PLAIN, [TRACK], "CenterFace")
    with pytest.raises(RecipeUnfit):
        demand_settled(recipe)
    gone = edited(recipe, edit_in(recipe, {"boxes": [], "mutes": [], "cuts": []}), "P:1")
    assert gone.boxes == recipe.boxes, "what a detector saw is dismissed, not forgotten"
    said = {"id": "d1", "what": "face", "keys": TRACK, "verdict": "dismissed"}
    with pytest.raises(RecipeUnfit):
        edit_in(recipe, {"boxes": [said], "mutes": [], "cuts": []})
    settled = edited(recipe, edit_in(recipe, {"boxes": [said | {"why": "a poster"}], "mutes": [], "cuts": []}), "P:1")
    demand_settled(settled)
    assert (settled.boxes[0].by, settled.boxes[0].decided_by) == ("detector", "P:1")
    again = suggested(settled, [TRACK, ((0, 1, 1, 9, 9), (40, 1, 1, 9, 9))], "CenterFace")
    assert [box.verdict for box in again.boxes] == ["dismissed", "open"], "what was decided is not asked again"


def test_who_drew_a_box_is_not_theirs_to_say() -> None:
    said = {"id": "p1", "what": "plate", "keys": TRACK, "verdict": "confirmed", "by": "somebody else"}
    mute = {"from_ms": 5, "to_ms": 90, "why": "a name", "by": "somebody else"}
    recipe = edited(PLAIN, edit_in(PLAIN, {"boxes": [said], "mutes": [mute], "cuts": []}), "P:1")
    assert (recipe.boxes[0].by, recipe.mutes[0].by) == ("P:1", "P:1")
    other = edited(recipe, edit_in(recipe, {"boxes": [said], "mutes": [mute], "cuts": []}), "P:2")
    assert (other.boxes[0].decided_by, other.mutes[0].by) == ("P:1", "P:1"), "unchanged is not decided anew"


@pytest.mark.parametrize(
    "said",
    [
        {"boxes": [{"id": "p1", "what": "face", "keys": []}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(5, 0, 0, 9, 9), (5, 0, 0, 9, 9)]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(0, 640, 0, 9, 9)]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(0, 0, 0, 0, 9)]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(0, -9, 0, 9, 9)]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(10**18, 0, 0, 9, 9)]}]},
        {"mutes": [{"from_ms": 0, "to_ms": 10**400, "why": "x"}]},
        {"boxes": [{"id": "p1", "what": "cat", "keys": TRACK}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": TRACK, "why": [1.5]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": [(0.5, 0, 0, 9, 9)]}]},
        {"boxes": [{"id": "p1", "what": "face", "keys": TRACK}] * 2},
        {"mutes": [{"from_ms": 9, "to_ms": 9, "why": "x"}]},
        {"cuts": ["x"]},
    ],
)
def test_what_makes_no_sense_is_no_edit(said: dict[str, Any]) -> None:
    with pytest.raises(RecipeUnfit):
        edit_in(PLAIN, {"boxes": [], "mutes": [], "cuts": [], **said})


def test_what_is_cut_twice_is_cut_once_and_not_all_of_it() -> None:
    cuts = (Span(0, 2000, "x", "P:1"), Span(1000, 3000, "x", "P:1"))
    assert replace(PLAIN, cuts=cuts).cut_ms == 3000
    with pytest.raises(RecipeUnfit):
        demand_settled(replace(PLAIN, cuts=(Span(0, 4000, "x", "P:1"),)))
    assert Box("p1", "face", "P:1", (Key(0, 0, 0, 1, 1),)).verdict == "confirmed"
