"""Cases, links, written records and classes, as a page would call them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import policy
from catalog.cases import cases, reading
from catalog.cases.errors import (
    CaseAmbiguous,
    CaseClosed,
    CaseMerged,
    CaseUnfinished,
    ClosingNeedsAnother,
    LinkAmbiguous,
    PaperAmbiguous,
)
from catalog.clips import classes, search
from catalog.clips.errors import ClassNotSet, ClassSet, DeclassifyNeedsAnother, DeclassifyNotAsked, StateSecret
from catalog.errors import CaseExists, NotLinked, WordsUnfit
from catalog.keeping import disposals
from catalog.rules.access import Action
from catalog.rules.acts import CASE_CLOSED
from catalog.rules.callers import Account
from catalog.rules.case_numbers import named
from catalog.rules.rights import CLASSES
from catalog.trail import trail
from docking_station.services import people
from docking_station.services.cases import change_case, close_case, merge_cases, open_case, show_case
from docking_station.services.classes import ask_who_lowers, classify_clip, declassify_clip
from docking_station.services.completeness import note_case
from docking_station.services.links import link_clip, take_along, unlink_clip
from docking_station.services.papers import add_paper, change_paper
from docking_station.services.people import Typed, set_secret
from docking_station.services.permits import permit
from docking_station.services.policy import adopt_policy, shipped
from docking_station.station.station import Station
from docking_station.texts.plain import json_of
from tests.fakes.callers import ME
from tests.scenario.dock import Dock
from tests.scenario.keeping import somebody
from tests.scenario.truth import make_small_card

OPENING = "示民罚立字〔2026〕第1号"
STEP = "home-visit"
CLASS = '{{ code = "{}", zh = "密", en = "x", release = "never", default_for = [{}] }}'
POLICY = f"""
[stages]
list = [{{ code = "inquiry", zh = "调查", en = "inquiry", law = "调查" }}]
[steps]
list = [{{ code = "{STEP}", stage = "inquiry", zh = "入户", en = "home visit" }}]
[secrecy]
classes = [{",".join(CLASS.format(one, f'"{STEP}"' if one == "privacy" else "") for one in CLASSES)}]
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, new_dock: Any) -> Dock:
    place = tmp_path_factory.mktemp("cases")
    make_small_card(place / "card", "EV00001")
    dock: Dock = new_dock(place / "home")
    dock.ingest(place / "card")
    (place / "policy.toml").write_text(POLICY)
    with dock.opened() as station:
        adopt_policy(station, ME, place / "policy.toml", lambda _before, _after: None)
    return dock


@contextmanager
def fresh(lived: Dock, place: Path) -> Iterator[tuple[Station, list[str]]]:
    """The station as it was, and its clips."""
    import shutil

    shutil.copytree(lived.home, place / "home")
    with Dock(place / "home").opened() as station:
        yield station, [one.id for one in search.search(station.database, search.Search())]


def opened(station: Station, *numbers: str, **said: Any) -> reading.Case:
    return open_case(station, ME, [cases.number(one) for one in numbers], {"title": "x"} | said)


def test_a_case_is_found_by_each_of_its_numbers_and_its_id_and_by_no_part_of_one(lived: Dock, tmp_path: Path) -> None:
    with fresh(lived, tmp_path) as (station, clips):
        first, other = opened(station, OPENING, "A25"), opened(station, "示民罚立字〔2026〕第11号")
        said = [first.id, "A25", " A25", "示民罚立[2026]1号", "示民罚立字（２０２６）第1号"]
        said += ["示民罚立2026第1号", "示民罚立2026-1", "示民罚立〔2026〕1"]
        assert {reading.find(station.database, one) for one in said} == {first.id}
        assert [reading.find(station.database, one) for one in ("A2", first.id[:6], "示民罚立字〔2026〕第111号")] == [
            None
        ] * 3
        with pytest.raises(CaseExists):
            opened(station, "示民罚立〔2026〕第01号")
        with pytest.raises(CaseExists):
            change_case(station, ME, other.id, {}, numbers=[cases.number("A25")], reason=None)
        for broken in ("1.5E+17", "150102199001010000"):
            with pytest.raises(WordsUnfit, match="Excel"):
                opened(station, broken)
        with pytest.raises(WordsUnfit, match="decision="):
            opened(station, "示民罚决〔2026〕3号", "示民罚立〔2026〕3号")
        assert len(opened(station, "示民罚立〔2026〕4号", "示民罚立[2026]4号").numbers) == 1
        with pytest.raises(WordsUnfit, match=r"home-vist is none of the policy's 1; near: home-visit;"):
            link_clip(station, ME, clips[0], OPENING, {"step": "home-vist"}, reason=None)
        with pytest.raises(WordsUnfit, match="state"):
            opened(station, "A26", state="finished")
        changed = change_case(station, ME, "A25", {"place": "there"}, dropped=["A25"], reason="misread")
        assert (changed.place, [one["number"] for one in changed.numbers]) == ("there", [OPENING])


def test_two_old_numbers_that_are_one_are_asked_about(lived: Dock, tmp_path: Path) -> None:
    with fresh(lived, tmp_path) as (station, _):
        told: dict[str, Any] = {"subject": None, "officers": (), "begins_at": None, "ends_at": None, "title": "x"}
        bare = "示民罚立〔2026〕1号"
        for no in (OPENING, bare):
            act = cases.adding(no, **told, at=station.now(), actor="x")
            station.act_writer.carry_out(act)
        assert reading.find(station.database, "示民罚立〔2026〕1号") == named("示民罚立〔2026〕1号"), (
            "as it was written"
        )
        with pytest.raises(CaseAmbiguous, match=named("示民罚立〔2026〕1号")):
            reading.find(station.database, "示民罚立[2026]1号")


def test_a_case_without_a_number_gets_it_later_is_merged_and_closed(lived: Dock, tmp_path: Path) -> None:
    with fresh(lived, tmp_path) as (station, clips):
        found = opened(station, parties=[{"name": "某店"}])
        assert (found.no, found.called, found.parties) == (None, found.id, ({"name": "某店"},))
        link_clip(station, ME, clips[0], found.id, {}, reason=None)
        assert search.get(station.database, clips[0]).case == found.id
        numbered = change_case(station, ME, found.id, {}, numbers=[cases.number("A7")], reason=None)
        assert (numbered.no, search.get(station.database, clips[0]).case) == ("A7", "A7")
        into = opened(station, "A8")
        paper = add_paper(station, ME, "A7", {"code": "site-record"})
        kept = merge_cases(station, ME, "A7", "A8", reason="the same")
        assert {one["number"] for one in kept.numbers} == {"A7", "A8"}
        assert [reading.find(station.database, one) for one in ("A7", found.id)] == [into.id] * 2
        shown = show_case(station, ME, "A7")
        assert ([one.clip for one in shown.clips], [one.id for one in shown.papers]) == ([clips[0]], [paper.id])
        with pytest.raises(CaseMerged):
            station.act_writer.carry_out(
                cases.closing(found.id, "2026-03-06", reason=None, at=station.now(), actor="x")
            )
        assert close_case(station, ME, "A8", "2026-03-06", reason=None).state == "closed"
        assert found.id not in {one.id for one in reading.every(station.database)}


def test_a_case_that_is_not_in_order_is_closed_by_two_who_say_why_or_once_it_is_answered(
    lived: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "account_called", lambda name: Account(1001, name))
    first, second = somebody("first"), Typed("second", "a secret of theirs")
    with fresh(lived, tmp_path) as (station, _):
        set_secret(station, ME, second.account, second.secret, [])
        station.act_writer.carry_out(policy.adopting(shipped(), at=station.now(), actor="x"))
        for no in ("J1", "J2"):
            opened(station, no, kind="inspection")
        close = partial(close_case, station, first, day="2026-03-06", reason=None)
        with pytest.raises(CaseUnfinished) as told:
            close("J1")
        assert told.value.facts["count"] == 4, "two records, and the steps they would be of, are missing"
        assert "检查通知书" in told.value.message("zh")
        with pytest.raises(ClosingNeedsAnother):
            close("J1", despite="the party is gone")
        assert close("J1", despite="the party is gone", read=lambda: second).state == "closed"
        (line,) = trail.lines_of(station.database, (CASE_CLOSED,))
        details = trail.act_of(line).details
        assert (details["left"], details["confirmed_by"]) == (["paper-missing", "step-missing"], "second as first")
        with pytest.raises(CaseClosed):
            close("J1")
        for verdict in ("paper-missing", "step-missing"):
            note_case(station, ME, "J2", "案卷遗失", verdict=verdict)
        assert close("J2").state == "closed"
        with pytest.raises(WordsUnfit, match="cases close"):
            change_case(station, ME, "J2", {"state": "closed"}, reason=None)


def test_a_clip_belongs_to_many_cases_each_with_its_part_step_and_class(lived: Dock, tmp_path: Path) -> None:
    with fresh(lived, tmp_path) as (station, clips):
        inspection, penalty = opened(station, "J1"), opened(station, "C1")
        about = {"from_ms": 1500, "to_ms": 9000, "step": "home-visit", "place": "here"}
        assert link_clip(station, ME, clips[0], "J1", about, reason="seen").is_new
        assert not link_clip(station, ME, clips[0], "J1", about, reason="again").is_new
        assert not link_clip(station, ME, clips[0], "J1", {}, reason=None).is_new
        with pytest.raises(WordsUnfit, match="home-visit"):
            link_clip(station, ME, clips[0], "J1", {"step": "visit"}, reason=None)
        link_clip(station, ME, clips[1], "J1", {}, reason=None)
        assert set(take_along(station, ME, "C1", "J1", reason=None).clips) == set(clips[:2])
        assert take_along(station, ME, "C1", "J1", reason=None).clips == ()
        clip = search.get(station.database, clips[0])
        assert (clip.case, [one.id for one in clip.cases]) == ("J1", [inspection.id, penalty.id])
        assert (clip.cases[1].step, clip.class_) == ("home-visit", "privacy")
        told: Any = json_of(show_case(station, ME, "C1"))
        taken = next(one for one in told["clips"] if one["id"] == clips[0])
        assert (taken["from"], taken["to"], taken["place"]) == (1.5, 9.0, "here")
        with pytest.raises(LinkAmbiguous, match="J1"):
            unlink_clip(station, ME, clips[0], None, reason="x")
        unlink_clip(station, ME, clips[0], "J1", reason="x")
        assert search.get(station.database, clips[0]).case == "C1"
        signed = station.signed.of_clip(clips[0])
        assert set(signed.links.values()) == {f"id:{penalty.id}"}
        assert len(signed.linked_at) == 2, "since it last had no case"
        unlink_clip(station, ME, clips[0], None, reason="x")
        with pytest.raises(NotLinked):
            unlink_clip(station, ME, clips[0], None, reason="x")
        assert station.signed.of_clip(clips[0]).linked_at == ()


def test_a_written_record_is_found_by_its_number_and_corrected(lived: Dock, tmp_path: Path) -> None:
    with fresh(lived, tmp_path) as (station, _):
        opened(station, "C1")
        said = {"code": "penalty-notice", "number": "示民罚告字〔2026〕第2号", "served": {"how": "serve-direct"}}
        paper = add_paper(station, ME, "C1", said)
        assert change_paper(station, ME, "示民罚告[2026]2号", {"day": "2026-04-02"}, reason=None).day == "2026-04-02"
        add_paper(station, ME, "C1", said | {"number": "示民罚告〔2026〕第2号"})
        with pytest.raises(PaperAmbiguous, match=paper.id):
            change_paper(station, ME, "示民罚告[2026]2号", {"day": "2026-04-03"}, reason=None)
        with pytest.raises(WordsUnfit, match="home-visit"):
            change_paper(station, ME, paper.id, {"step": "visit"}, reason=None)


def test_a_class_is_raised_by_one_and_lowered_by_two_and_a_state_secret_is_shown_to_nobody(
    lived: Dock, tmp_path: Path
) -> None:
    first, second = somebody("first"), somebody("second")
    with fresh(lived, tmp_path) as (station, (clip, *_)):
        with pytest.raises(ClassNotSet):
            ask_who_lowers(station, first, clip, "work", lambda: None)
        assert classify_clip(station, ME, clip, "work", reason="x").class_ == "work"
        assert classify_clip(station, ME, clip, "privacy", reason="x").class_ == "work"
        with pytest.raises(ClassSet):
            classify_clip(station, ME, clip, "work", reason="x")
        with pytest.raises(DeclassifyNotAsked):
            declassify_clip(station, first, clip, "work", reason=None)
        assert declassify_clip(station, first, clip, "work", reason="old").state == "asked"
        with pytest.raises(DeclassifyNeedsAnother):
            declassify_clip(station, first, clip, "work", reason="old")
        assert ask_who_lowers(station, second, clip, "work", lambda: None) == second
        assert declassify_clip(station, second, clip, "work", reason=None).class_ == "privacy"
        case = opened(station, "C1").id
        link_clip(station, ME, clip, case, {}, reason=None)
        before = reading.among(station.database, [case])[0].clips
        classify_clip(station, ME, clip, "state", reason="x")
        assert (before, reading.among(station.database, [case])[0].clips) == (1, 0), "no number tells of it"
        row = search.get(station.database, clip)
        assert (row.path, row.recorder, row.class_) == ("", None, "state")
        for told in ({"recorder": "EV00001"}, {"officer": "JY0001"}, {"flags": frozenset({"marked"})}):
            assert clip not in {one.id for one in search.search(station.database, search.Search(**told))}
        assert [one.code for one in classes.of_clip(station.database, clip)] == ["state", "privacy"]
        for action in (Action.HISTORY, Action.STREAM, Action.COPY, Action.EXPORT, Action.POSITION):
            with pytest.raises(StateSecret):
                permit(station, ME, action, clip)
        with pytest.raises(StateSecret):
            disposals.demand_kept(station.database, clip)
        permit(station, ME, Action.VERIFY, clip)
