"""A hold keeps a clip and what stands beside it, with a case or without one, until two people end it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from catalog.errors import HoldEndNotAsked, HoldNeedsAnother, NotDue, NotHeld
from catalog.keeping import holds
from catalog.rules.acts import HOLD_END_ASKED, HOLD_ENDED, HOLD_SET, Act
from catalog.rules.callers import Caller
from catalog.station_error import StationError
from docking_station.commands import clips as commands
from docking_station.services.dispose import dispose_clip
from docking_station.services.holds import ask_who_unholds, hold_clip, unhold_clip
from docking_station.station.errors import PersonUnknown
from docking_station.station.station import Station
from ingest.errors import RecordsDisagree
from tests.fakes.clips import SEALED
from tests.scenario.dock import demand_whole
from tests.scenario.keeping import Years, somebody
from tests.scenario.test_keeping import beside
from tests.scenario.test_lies import as_root, due, stored

HALF_A_YEAR, LONG = 185, 900
DAY = timedelta(days=1)


def kept(station: Station, clip: str) -> bool:
    """Whether it is kept after a pass: not offered, on hold in the vault, its lock rolling on."""
    station.locks.keep_all(station.now(), lambda: False)
    found = stored(station, clip)
    return clip not in due(station) and found.on_legal_hold and found.retain_until > station.now()


def test_a_hold_keeps_a_clip_without_a_case_until_two_people_end_it(years: Years) -> None:
    clip, sidecar = beside(years)
    with years.at(0, "one") as station:
        assert hold_clip(station, station.caller, clip, "a complaint").refused == ()
        assert stored(station, clip).on_legal_hold
        assert stored(station, sidecar).on_legal_hold, "at once, and what stands beside it too"
    with years.at(LONG, "one") as station:
        assert kept(station, clip)
        assert kept(station, sidecar)
        for one in (clip, sidecar):
            with pytest.raises(NotDue, match="it is held"):
                dispose_clip(station, station.caller, one, "over")
        with pytest.raises(HoldEndNotAsked):
            unhold_clip(station, station.caller, clip, None)
        assert unhold_clip(station, station.caller, clip, "settled").state == "asked"
        for same in (somebody("one"), somebody("one as root")):
            with pytest.raises(HoldNeedsAnother):
                unhold_clip(station, same, clip, None)
        with pytest.raises(HoldNeedsAnother):
            ask_who_unholds(station, station.caller, clip, lambda: None)
        with pytest.raises(PersonUnknown):
            unhold_clip(station, Caller("root", "root", None), clip, None)
        assert kept(station, clip), "asked for is not ended"
        hold_clip(station, somebody("three"), clip, "another complaint")
        assert unhold_clip(station, somebody("two"), clip, None).state == "ended"
        assert kept(station, clip), "what was held after the asking stays held"
        assert [one.reason for one in holds.standing(station.database)] == ["another complaint"]
        unhold_clip(station, somebody("two"), clip, "settled too")
        unhold_clip(station, somebody("one"), clip, None)
        with pytest.raises(NotHeld):
            unhold_clip(station, station.caller, clip, "again")
        assert not stored(station, clip).on_legal_hold
    with years.at(LONG + HALF_A_YEAR) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert {clip, sidecar} <= due(station)
        demand_whole(station)


def test_who_asked_for_a_disposal_before_the_hold_asks_again(years: Years, clip: str) -> None:
    with years.at(HALF_A_YEAR, "one") as station:
        assert dispose_clip(station, station.caller, clip, "over") == ("asked", clip)
        hold_clip(station, station.caller, clip, "a complaint")
        assert station.disposer.asked(clip) is None


@pytest.mark.parametrize(
    "lie",
    [
        ("DELETE FROM hold",),
        ("UPDATE hold SET ended_at = begins_at, ended_by = 'two'",),
        ("DELETE FROM hold", "DELETE FROM trail WHERE action = 'hold.set'"),
    ],
    ids=["gone", "ended", "rows and trail"],
)
def test_a_hold_that_is_struck_out_keeps_all_the_same(years: Years, clip: str, lie: tuple[str, ...]) -> None:
    with years.at(0, "one") as station:
        hold_clip(station, station.caller, clip, "a complaint")
    years.dock.run("cases", "add", "C2", "--title", "a later line: without the newest, the catalog is lost")
    as_root(years, *lie)
    with years.at(LONG, "one") as station:
        assert kept(station, clip)
        with pytest.raises((RecordsDisagree, NotDue)):
            dispose_clip(station, station.caller, clip, "over")


def test_the_commands_hold_list_and_end(
    years: Years, clip: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    steps: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: commands.hold(clip, "a complaint", as_json=True), "held"),
        (lambda: commands.unhold(clip, "settled", as_json=True), "asked"),
        (lambda: commands.unhold(clip, None, as_json=True), "ended"),
    )
    who = ["one"]
    monkeypatch.setattr(commands, "opened", lambda: years.at(0))
    monkeypatch.setattr(commands, "caller", lambda: somebody(who[0]))
    for step, state in steps:
        who[0] = "two" if state == "ended" else "one"
        step()
        assert json.loads(capsys.readouterr().out) == {"clip": clip, "state": state, "refused": []}
        commands.list_holds(as_json=True)
        assert [one["clip_id"] for one in json.loads(capsys.readouterr().out)] == [clip] * (state != "ended")


A, B = ("one as root", "login"), ("two", "secret")
FOLLOWS = {
    "set, asked, ended": ([(HOLD_SET, A), (HOLD_END_ASKED, A), (HOLD_ENDED, B)], 0),
    "set by whoever": ([(HOLD_SET, ("root", None))], 1),
    "twice, asked once": ([(HOLD_SET, A), (HOLD_END_ASKED, A), (HOLD_SET, B), (HOLD_ENDED, B)], 1),
    "asked of none": ([(HOLD_END_ASKED, A)], NotHeld),
    "not asked": ([(HOLD_SET, A), (HOLD_ENDED, B)], HoldEndNotAsked),
    "the same": ([(HOLD_SET, B), (HOLD_END_ASKED, A), (HOLD_ENDED, ("one", "login"))], HoldNeedsAnother),
    "nobody asks": ([(HOLD_SET, A), (HOLD_END_ASKED, ("root", None))], HoldNeedsAnother),
    "nobody ends": ([(HOLD_SET, A), (HOLD_END_ASKED, A), (HOLD_ENDED, ("root", None))], HoldNeedsAnother),
    "over": ([(HOLD_SET, A), (HOLD_END_ASKED, A), (HOLD_ENDED, B), (HOLD_ENDED, B)], NotHeld),
}


@pytest.mark.parametrize(("steps", "end"), FOLLOWS.values(), ids=FOLLOWS)
def test_what_follows_on_what(steps: list[tuple[str, tuple[str, str | None]]], end: int | type[StationError]) -> None:
    found = tuple[holds.Hold, ...]()

    def carried() -> tuple[holds.Hold, ...]:
        every = found
        for number, (action, (who, how)) in enumerate(steps):
            every = holds.after(every, Act(SEALED + number * DAY, who, action, "c", {"reason": "x", "how": how}))
        return every

    if isinstance(end, int):
        assert len(holds.stands(carried())) == end
    else:
        with pytest.raises(end):
            carried()
