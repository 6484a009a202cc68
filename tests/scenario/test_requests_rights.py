"""With people entered: who may ask, decide, hold and carry a copy away; and by a signed grant alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.cases import cases, links
from catalog.cases.errors import NoSuchPart
from catalog.clips import classes
from catalog.errors import (
    NoSuchCase,
    NoSuchClip,
    NoSuchRequest,
    NotGranted,
    RequestPerson,
    RequestTooWide,
)
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.rights import Action
from catalog.trail import trail
from catalog.trail.refused_looks import LINES_MAX
from catalog.trail.watched import ENDED
from docking_station.bundle.burnt import open_film
from docking_station.bundle.export import export_bundle
from docking_station.bundle.facts import Order
from docking_station.bundle.granted import make_copy
from docking_station.services import health_facts
from docking_station.services.case_parts import end_part, name_reviewer, recuse
from docking_station.services.cases import change_case, open_case, show_case
from docking_station.services.classes import classify_clip, declassify_clip
from docking_station.services.completeness import note_case
from docking_station.services.emergencies import judge, open_emergency
from docking_station.services.errors import ReasonNeeded, RequestNeeded
from docking_station.services.holds import hold_clip, standing_holds, unhold_clip
from docking_station.services.permits import note_looks, permit
from docking_station.services.requests import (
    Asked,
    approve,
    ask,
    every_request,
    fill,
    for_me,
    hand_out,
    refuse,
    revoke,
    shown,
)
from docking_station.services.rights import find_clip
from docking_station.services.staff import confirm, grant
from docking_station.station.errors import NotAllowed
from ingest.errors import RecordsDisagree
from tests.fakes.people import caller, enter
from tests.scenario.keeping import Years
from tests.scenario.test_lies import as_root
from tests.scenario.test_requests import GRANT

OFFICER, COLLEAGUE, REVIEWER, KEEPER, DEPUTY = (caller(no) for no in ("0101", "0102", "0103", "0104", "0105"))


@pytest.fixture
def bureau(years: Years, clip: str) -> Years:
    """The same with five people, who were entered after its clip was looked up."""
    assert clip
    with years.at(0) as station:
        enter(station.database, station.act_writer.carry_out, station.now())
    return years


def test_who_asks_decides_and_carries_away(bureau: Years, clip: str, tmp_path: Path) -> None:
    with bureau.at(0) as station:
        with pytest.raises(NoSuchClip):
            ask(station, OFFICER, Asked("copy", "x", (clip,)))
        with pytest.raises(NotAllowed):
            ask(station, REVIEWER, Asked("copy", "x", (clip,), organ="a court"))
        described = ask(station, OFFICER, Asked("look", "x", description="the market"))
        with pytest.raises(NotAllowed):
            fill(station, REVIEWER, described, (clip,))
        with pytest.raises(RequestTooWide) as unfilled:
            approve(station, DEPUTY, described)
        assert "requests fill" in unfilled.value.hint()
        fill(station, KEEPER, described, (clip,))
        with pytest.raises(NotAllowed):
            refuse(station, KEEPER, described, "x")
        approve(station, DEPUTY, described)
        permit(station, OFFICER, Action.STREAM, clip)
        with pytest.raises(NotAllowed):
            permit(station, OFFICER, Action.COPY, clip)
        no = ask(station, REVIEWER, Asked("copy", "x", (clip,)))
        assert shown(station, REVIEWER, no).request.asked_by == "P:0103"
        assert [len(every_request(station, one)) for one in (OFFICER, REVIEWER, KEEPER)] == [1, 1, 2]
        with pytest.raises(NoSuchRequest):
            shown(station, OFFICER, no)
        with pytest.raises(RequestNeeded):
            permit(station, REVIEWER, Action.COPY, clip)
        with pytest.raises(NotAllowed):
            approve(station, KEEPER, no)
        approve(station, DEPUTY, no)
        permit(station, REVIEWER, Action.COPY, clip)
        with pytest.raises((NotAllowed, NotGranted)):
            make_copy(station, DEPUTY, no, tmp_path / "out", ())
        for maker in (REVIEWER, KEEPER):
            made = make_copy(station, maker, no, tmp_path / "out", ())
            hand_out(station, maker, made.copy, medium="disc", receiver="x")
            with pytest.raises(NoSuchRequest):
                hand_out(station, OFFICER, made.copy, medium="disc", receiver="x")
            with pytest.raises(NoSuchRequest):
                open_film(station, OFFICER, made.copy, "x")
        with pytest.raises(RequestNeeded):
            export_bundle(station, KEEPER, Order((clip,), None, tmp_path / "out"))
        with pytest.raises(NotGranted):
            export_bundle(station, REVIEWER, Order((clip,), None, tmp_path / "out"))
        with pytest.raises(NotAllowed):
            revoke(station, OFFICER, no, "x")
        revoke(station, DEPUTY, no, "over")
        with pytest.raises(RequestNeeded):
            permit(station, REVIEWER, Action.COPY, clip)


def test_a_refused_look_is_one_line_a_minute_and_counted(
    bureau: Years, clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[tuple[str, str, int]]:
        found = (line.as_json() for line in trail.lines_of(station.database, ("access.refused-look",), clip))
        every: list[tuple[str, Any]] = [(str(one["actor"]), one["details"]) for one in found]
        return [(actor, said["rule"], said["before"]) for actor, said in every]

    with bureau.at(0) as station:
        for _ in range(3):
            with pytest.raises(NoSuchClip):
                permit(station, OFFICER, Action.STREAM, clip)
        for missing in (clip[:9], "c" + "0" * 20):
            with pytest.raises(NoSuchClip):
                find_clip(station, OFFICER, missing)
        counted = station.database.query("SELECT unwritten FROM refused_look WHERE clip_id = ''", {})
        assert [dict(one) for one in counted] == [{"unwritten": 2}]
        with pytest.raises(RequestNeeded):
            permit(station, REVIEWER, Action.COPY, clip)
        one = ("P:0101", "access.not-visible", 0)
        assert told() == [one, ("P:0103", "access.request-needed", 0)]
        monkeypatch.setattr("catalog.trail.refused_looks.ONE_IN", timedelta(0))
        with pytest.raises(NoSuchClip):
            find_clip(station, OFFICER, clip)
        assert told()[2:] == [(*one[:2], 2)]


def test_a_number_of_no_clip_leaves_what_a_hidden_one_leaves(bureau: Years, clip: str) -> None:
    numbers = (clip, "c" + "a" * 20, *(f"c{'b' * 19}{last}" for last in "abcdefghij"))
    with bureau.at(0) as station:
        before = trail.size(station.database)
        for number in numbers:
            with pytest.raises(NoSuchClip):
                find_clip(station, OFFICER, number)
        lines = trail.lines(station.database, after=before)
        counted = station.database.query("SELECT unwritten FROM refused_look WHERE clip_id = ''", {})
    hidden, missing = (line.as_json() for line in lines[:2])
    assert (hidden["subject"], missing["subject"]) == numbers[:2]
    assert (hidden["action"], hidden["details"]) == (missing["action"], missing["details"])
    assert len(lines) == LINES_MAX, "whoever tries many fills no trail"
    assert sum(int(row["unwritten"]) for row in counted) == len(numbers) - LINES_MAX


def test_an_emergency_look_is_open_at_once_and_judged_by_another(bureau: Years, clip: str) -> None:
    with bureau.at(0) as station:
        for who in (OFFICER, REVIEWER):
            with pytest.raises((NotAllowed, NoSuchClip)):
                open_emergency(station, who, (clip,), case=None, reason="a fire", minutes=None)
        station.act_writer.carry_out(classes.classifying(clip, "work", reason="r", at=station.now(), actor="P:0105"))
        with pytest.raises(RequestNeeded):
            permit(station, KEEPER, Action.STREAM, clip)
        asked = ask(station, KEEPER, Asked("copy", "x", (clip,)))
        no = open_emergency(station, KEEPER, (clip,), case=None, reason="a fire", minutes=None).no
        assert health_facts.gather(station, health_facts.EVERYTHING).unjudged[0].no == no
        permit(station, KEEPER, Action.STREAM, clip, look="x")
        assert [one.watched_ms for one in shown(station, DEPUTY, no).looks] == [None], "it goes on"
        note_looks(station, KEEPER, ENDED, (clip,), {"look": "x", "watched_ms": [[100, 500]]})
        assert [(one.clip, one.watched_ms) for one in shown(station, DEPUTY, no).looks] == [(clip, ((100, 500),))]
        with pytest.raises(RequestNeeded):
            permit(station, KEEPER, Action.COPY, clip)
        with pytest.raises(RequestPerson, match=f"that with {no}: you opened it before"):
            open_emergency(station, KEEPER, (clip,), case=None, reason="again", minutes=None)
        for who in (KEEPER, REVIEWER):
            with pytest.raises((NotAllowed, NoSuchClip)):
                judge(station, who, no, is_upheld=True, reason="x")
        waits = {who: {one.request.no for one in for_me(station, who)} for who in (DEPUTY, KEEPER, REVIEWER)}
        assert waits == {DEPUTY: {asked, no}, KEEPER: set(), REVIEWER: set()}
        assert judge(station, DEPUTY, no, is_upheld=False, reason="no fire").state == "faulted"
        with pytest.raises(RequestNeeded):
            permit(station, KEEPER, Action.STREAM, clip)
        with pytest.raises(RequestPerson, match=f"that with {no}: you opened it before"):
            open_emergency(station, KEEPER, (clip,), case=None, reason="again", minutes=None)
        assert [one.request.no for one in for_me(station, KEEPER)] == [no], "who asked is told"


def test_two_people_are_two_by_signed_roles_and_by_whichever_account(years: Years, clip: str) -> None:
    with years.at(0) as station:
        before = ask(station, Caller(DEPUTY.person, DEPUTY.person, LOGIN), Asked("look", "x", (clip,)))
        enter(station.database, station.act_writer.carry_out, station.now())
        with pytest.raises(RequestPerson):
            approve(station, DEPUTY, before)
        no = ask(station, KEEPER, Asked("copy", "x", (clip,)))
    as_root(years, "UPDATE role_grant SET role = 'supervisor' WHERE person = '0103'")
    with years.at(0) as station:
        with pytest.raises(RecordsDisagree):
            approve(station, REVIEWER, no)
        with pytest.raises(RecordsDisagree):
            confirm(station, REVIEWER, grant(station, KEEPER, "0102", "officer", "A", None, None).id)
        assert approve(station, DEPUTY, no).state == "granted"


def test_who_is_recused_sees_rows_and_a_named_reviewer_reads(bureau: Years, clip: str) -> None:
    with bureau.at(0) as station:
        case = open_case(station, KEEPER, [cases.number("K1")], {"title": "x", "officers": ["0101"]}).id
        station.act_writer.carry_out(links.linking(clip, case, {}, reason=None, at=station.now(), actor="P:0104"))
        permit(station, OFFICER, Action.STREAM, clip)
        for which in ("K1", "K0"):
            for refused in (
                lambda no: show_case(station, COLLEAGUE, no),
                lambda no: ask(station, COLLEAGUE, Asked("look", "x", case=no)),
                lambda no: note_case(station, COLLEAGUE, no, "x"),
                lambda no: name_reviewer(station, COLLEAGUE, no, "0103", None, "x"),
                lambda no: recuse(station, COLLEAGUE, no, "0102", "x"),
            ):
                with pytest.raises(NoSuchCase, match=f"^There is no case {which}.$"):
                    refused(which)
        with pytest.raises(NotAllowed):
            name_reviewer(station, KEEPER, case, "0103", None, "advice")
        with pytest.raises(NotAllowed):
            name_reviewer(station, DEPUTY, case, "0101", None, "handles it")
        with pytest.raises(ReasonNeeded):
            permit(station, REVIEWER, Action.STREAM, clip)
        name_reviewer(station, DEPUTY, case, "0103", station.now() + timedelta(days=1), "advice")
        permit(station, REVIEWER, Action.STREAM, clip)
        recuse(station, OFFICER, case, "0101", "a cousin")
        with pytest.raises(NotAllowed):
            recuse(station, OFFICER, case, "0103", "x")
        with pytest.raises(NotAllowed):
            permit(station, OFFICER, Action.STREAM, clip)
        with pytest.raises(NotAllowed):
            change_case(station, OFFICER, case, {"place": "there"}, reason=None)
        with pytest.raises(NotAllowed):
            end_part(station, OFFICER, case, "0101", "recused", "x")
        assert {one.part for one in show_case(station, DEPUTY, case).parts} == {"reviewer", "recused"}
        end_part(station, DEPUTY, case, "0101", "recused", "no cousin")
        with pytest.raises(NoSuchPart):
            end_part(station, DEPUTY, case, "0101", "recused", "again")
        permit(station, OFFICER, Action.STREAM, clip)
        assert [one.clip for one in show_case(station, OFFICER, case).clips] == [clip]
        station.act_writer.carry_out(classes.classifying(clip, "state", reason="r", at=station.now(), actor="P:0105"))
        assert show_case(station, OFFICER, case).clips == (), "its number, step and place are not for the file"


def test_a_row_lets_nobody_pull(bureau: Years, clip: str) -> None:
    with bureau.at(0) as station:
        ask(station, REVIEWER, Asked("copy", "x", (clip,)))
    as_root(bureau, GRANT)
    with bureau.at(0) as station, pytest.raises((NotGranted, RecordsDisagree)):
        permit(station, REVIEWER, Action.COPY, clip)


def test_who_holds_and_who_ends_it(bureau: Years, clip: str) -> None:
    with bureau.at(0) as station:
        with pytest.raises(NoSuchClip):
            hold_clip(station, OFFICER, clip, "a complaint")
        with pytest.raises(NotAllowed):
            hold_clip(station, REVIEWER, clip, "a complaint")
        hold_clip(station, KEEPER, clip, "a complaint")
        assert [len(standing_holds(station, one)) for one in (OFFICER, KEEPER)] == [0, 1]
        unhold_clip(station, KEEPER, clip, "settled")
        with pytest.raises(NotAllowed):
            unhold_clip(station, REVIEWER, clip, None)
        assert unhold_clip(station, DEPUTY, clip, None).state == "ended"


def test_who_keeps_clips_asks_for_a_lower_class_and_a_head_decides(bureau: Years, clip: str) -> None:
    with bureau.at(0) as station:
        classify_clip(station, KEEPER, clip, "privacy", reason="x")
        with pytest.raises(NotAllowed):
            declassify_clip(station, REVIEWER, clip, "privacy", reason="wrong")
        assert declassify_clip(station, KEEPER, clip, "privacy", reason="wrong").state == "asked"
        with pytest.raises(NotAllowed):
            declassify_clip(station, KEEPER, clip, "privacy", reason=None)
        assert declassify_clip(station, DEPUTY, clip, "privacy", reason=None).class_ == "none"
