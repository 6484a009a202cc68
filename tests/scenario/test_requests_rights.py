"""With people entered: who may ask, decide, hold and carry a copy away; and by a signed grant alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import NoSuchClip, NoSuchRequest, NotGranted
from catalog.rules.rights import Action
from docking_station.bundle.export import export_bundle
from docking_station.bundle.facts import Order
from docking_station.bundle.granted import make_copy
from docking_station.services.errors import RequestNeeded
from docking_station.services.holds import hold_clip, standing_holds, unhold_clip
from docking_station.services.permits import permit
from docking_station.services.requests import Asked, approve, ask, every_request, fill, hand_out, refuse, revoke, shown
from docking_station.station.errors import NotAllowed
from ingest.errors import RecordsDisagree
from tests.fakes.people import caller, enter
from tests.scenario.keeping import Years
from tests.scenario.test_lies import as_root
from tests.scenario.test_requests import GRANT

OFFICER, REVIEWER, KEEPER, DEPUTY = (caller(no) for no in ("0101", "0103", "0104", "0105"))


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
        with pytest.raises(RequestNeeded):
            export_bundle(station, KEEPER, Order((clip,), None, tmp_path / "out"))
        with pytest.raises(NotGranted):
            export_bundle(station, REVIEWER, Order((clip,), None, tmp_path / "out"))
        with pytest.raises(NotAllowed):
            revoke(station, OFFICER, no, "x")
        revoke(station, DEPUTY, no, "over")
        with pytest.raises(RequestNeeded):
            permit(station, REVIEWER, Action.COPY, clip)


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
