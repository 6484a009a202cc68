"""The register: recorders, assignments, dockings, and the acts that change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.database import Database
from catalog.recorders import assignments, dockings, recorders
from catalog.recorders.errors import (
    AssignmentTimeWrong,
    NoSuchRecorder,
    RecorderAmbiguous,
    RecorderAssigned,
    RecorderExists,
    RecorderInRoom,
    RecorderNotAssigned,
    RecorderRetired,
)
from catalog.rules.acts import Act, read_act
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.filing import CatalogFiler
from tests.fakes.clips import clip, sealed
from tests.fakes.dockings import GAP, docking

DAY = datetime(2026, 3, 5, tzinfo=UTC)
ENTERED = DAY + timedelta(days=9)


def hour(number: float) -> datetime:
    return DAY + timedelta(hours=number)


class Clerk:
    """Makes acts one second after the other."""

    def __init__(self) -> None:
        self.now = ENTERED

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def add(self, serial: str = "EV1", **told: Any) -> Act:
        return recorders.adding(serial, **told, at=self.tick(), actor="clerk")

    def change(self, serial: str = "EV1", **told: Any) -> Act:
        return recorders.changing(serial, told, at=self.tick(), actor="clerk")

    def issue(self, officer: str, at: datetime | None = None, serial: str = "EV1") -> Act:
        return assignments.issuing(serial, officer, unit="U1", since=at, at=self.tick(), actor="clerk")

    def lend(self, officer: str, at: datetime | None = None, until: datetime | None = None) -> Act:
        due = until or self.now + timedelta(days=3)
        return assignments.lending("EV1", officer, unit="U2", since=at, until=due, at=self.tick(), actor="clerk")

    def give_back(self, at: datetime | None = None, serial: str = "EV1") -> Act:
        return assignments.returning(serial, since=at, at=self.tick(), actor="clerk")

    def retire(self, serial: str = "EV1") -> Act:
        return recorders.retiring(serial, reason="lost", at=self.tick(), actor="clerk")

    def dock(self, at: datetime, number: str = "d1", serial: str = "EV1", **other: Any) -> Act:
        return dockings.docked(docking(number, serial, at, **other), at=self.tick(), actor="station")


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


def apply(database: Database, *acts: Act) -> None:
    """As the act_writer does: first asked, then carried out, out of the signed document."""
    for act in acts:
        dispatch.demand(database, act)
        with database.transaction() as session:
            dispatch.apply(session, read_act(act.body()))


def held(database: Database, at: datetime, uncertainty_s: float = 0) -> list[str]:
    """The officers who may have held the recorder then, by the catalog and by the snapshot alike."""
    found = CatalogFiler(database).assignees("EV1", at, uncertainty_s)
    assert recorders.snapshot(database).assignees("EV1", at, uncertainty_s) == found
    return [one.officer for one in found]


def test_a_recorder_is_entered_changed_retired_and_brought_back(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(unit="U1"), clerk.add("EV2", label="CAM 2", note="spare"))
    told = {one["serial"]: one for one in recorders.every(database, clerk.now)}
    assert (told["EV1"]["usb_serial"], told["EV1"]["label"], told["EV1"]["unit"]) == ("EV1", None, "U1")
    assert (told["EV2"]["usb_serial"], told["EV2"]["label"], told["EV2"]["note"]) == (None, "CAM 2", "spare")
    apply(database, clerk.change(usb_serial=None, label="CAM 1"), clerk.retire("EV2"))
    register = recorders.snapshot(database)
    first, second = register.recorders
    assert (first.usb_serial, first.label, first.unit, first.retired) == (None, "CAM 1", "U1", False)
    assert second.retired
    apply(database, clerk.add("EV2", usb_serial="S2"))
    assert recorders.snapshot(database).recorders[1].usb_serial == "S2"
    assert recorders.details(database, "EV2", clerk.now)["retired_reason"] is None


def test_a_loan_lies_over_an_issue_which_then_goes_on(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(), clerk.issue("JX1", hour(8)), clerk.lend("JX2", hour(10), hour(30)))
    assert [held(database, hour(at)) for at in (7, 8, 9.99, 10, 40)] == [[], ["JX1"], ["JX1"], ["JX2"], ["JX2"]]
    apply(database, clerk.give_back(hour(12)))
    assert [held(database, hour(at)) for at in (11.99, 12, 40)] == [["JX2"], ["JX1"], ["JX1"]]
    assert held(database, hour(11), 1800) == ["JX2"]
    assert held(database, hour(11), 3601) == ["JX1", "JX2"]
    apply(database, clerk.give_back(hour(18)))
    assert [held(database, hour(at)) for at in (17, 18)] == [["JX1"], []]
    shown = recorders.details(database, "EV1", clerk.now)
    assert [(one["officer"], one["how"], one["unit"]) for one in shown["holdings"]] == [
        ("JX1", "issue", "U1"),
        ("JX2", "loan", "U2"),
    ]
    assert shown["holder"] is None


def test_a_holding_entered_late_ends_where_the_next_one_begins(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(), clerk.issue("JX2", hour(20)), clerk.issue("JX1", hour(8)))
    assert [held(database, hour(at)) for at in (7, 8, 19, 20, 99)] == [[], ["JX1"], ["JX1"], ["JX2"], ["JX2"]]
    apply(database, clerk.give_back(hour(12)))
    assert [held(database, hour(at)) for at in (11, 13, 20)] == [["JX1"], [], ["JX2"]]


def test_a_mistake_is_struck_out_by_a_return_at_its_begin(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(), clerk.issue("WRONG", hour(8)), clerk.give_back(hour(8)), clerk.issue("JX1", hour(8)))
    assert [held(database, hour(at), 7200) for at in (8, 9)] == [["JX1"], ["JX1"]]
    assert len(recorders.details(database, "EV1", clerk.now)["holdings"]) == 2


def test_retiring_ends_what_is_open(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(), clerk.issue("JX1", hour(8)), clerk.lend("JX2", hour(9)), clerk.retire())
    assert held(database, clerk.now - timedelta(seconds=1)) == ["JX2"]
    assert held(database, clerk.now) == []


REFUSED: dict[str, tuple[Callable[[Clerk], list[Act]], type[StationError]]] = {
    "exists": (lambda clerk: [clerk.add()], RecorderExists),
    "same serial on usb": (lambda clerk: [clerk.add("EV2", usb_serial="EV1")], RecorderAmbiguous),
    "same label": (lambda clerk: [clerk.add("E2", label="L"), clerk.add("E3", label="L")], RecorderAmbiguous),
    "changed to another's": (lambda clerk: [clerk.add("E2"), clerk.change(usb_serial="E2")], RecorderAmbiguous),
    "a retired one's": (
        lambda clerk: [clerk.retire(), clerk.add("EV2", usb_serial="EV1")],
        RecorderAmbiguous,
    ),
    "change of none": (lambda clerk: [clerk.change("EV9", unit="U1")], NoSuchRecorder),
    "issue of none": (lambda clerk: [clerk.issue("JX1", serial="EV9")], NoSuchRecorder),
    "retiring none": (lambda clerk: [clerk.retire("EV9")], NoSuchRecorder),
    "issue of a fixed camera": (lambda clerk: [clerk.change(room="302"), clerk.issue("JX1")], RecorderInRoom),
    "issue while issued": (lambda clerk: [clerk.issue("JX1", hour(8)), clerk.issue("JX2")], RecorderAssigned),
    "issue in the past": (
        lambda clerk: [clerk.issue("JX1", hour(8)), clerk.give_back(hour(10)), clerk.issue("JX2", hour(9))],
        RecorderAssigned,
    ),
    "loan while lent": (lambda clerk: [clerk.lend("JX1"), clerk.lend("JX2")], RecorderAssigned),
    "issue while lent": (lambda clerk: [clerk.lend("JX1"), clerk.issue("JX2")], RecorderAssigned),
    "issue of a retired one": (lambda clerk: [clerk.retire(), clerk.issue("JX1")], RecorderRetired),
    "retiring twice": (lambda clerk: [clerk.retire(), clerk.retire()], RecorderRetired),
    "return of what nobody has": (lambda clerk: [clerk.give_back()], RecorderNotAssigned),
    "return before the issue": (
        lambda clerk: [clerk.issue("JX1", hour(8)), clerk.give_back(hour(7))],
        RecorderNotAssigned,
    ),
    "return of none": (lambda clerk: [clerk.give_back(serial="EV9")], NoSuchRecorder),
    "issue tomorrow": (lambda clerk: [clerk.issue("JX1", ENTERED + timedelta(days=1))], AssignmentTimeWrong),
    "due before it begins": (lambda clerk: [clerk.lend("JX1", hour(8), hour(8))], AssignmentTimeWrong),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_changes_nothing(database: Database, clerk: Clerk, name: str) -> None:
    make, error = REFUSED[name]
    *acts, last = [clerk.add(), *make(clerk)]
    apply(database, *acts)
    before, lines = recorders.every(database, clerk.now), len(trail.lines(database))
    with pytest.raises(error):
        dispatch.demand(database, last)
    with pytest.raises(error), database.transaction() as session:
        dispatch.apply(session, last)
    assert recorders.every(database, clerk.now) == before
    assert len(trail.lines(database)) == lines


def test_a_docking_is_entered_once_and_its_last_words_count(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.add(), clerk.dock(hour(1)), clerk.dock(hour(2), "d2"))
    apply(database, clerk.dock(hour(1), cleared=7, clock=None, clock_set_at=None, ends_at=hour(2), gaps=()))
    newest, first = dockings.every(database, "EV1", 10)
    assert newest == {
        "id": "d2",
        "recorder": "EV1",
        "begins_at": "2026-03-05T02:00:00.000000Z",
        "ends_at": "2026-03-05T02:05:00.000000Z",
        "bay": "3",
        "model": "generic_dcim",
        "transport": "storage",
        "files": 8,
        "size_bytes": 5_000_000_000,
        "filed": 7,
        "held": 1,
        "cleared": 0,
        "station_clock": "synchronised",
        "clock": {"offset_s": -12.25, "method": "newest-file", "uncertainty_s": 60.0},
        "clock_set_at": "2026-03-05T02:00:00.000000Z",
        "gaps": [GAP.as_json()],
    }
    assert (first["id"], first["cleared"], first["clock"], first["gaps"]) == ("d1", 7, None, [])
    assert dockings.every(database, "another", 10) == []
    assert [one["id"] for one in dockings.every(database, None, 1)] == ["d2"]
    (one,) = recorders.every(database, clerk.now)
    assert one["last_docked_at"] == "2026-03-05T02:05:00.000000Z"


def test_a_recorder_nobody_entered_may_dock(database: Database, clerk: Clerk) -> None:
    apply(database, clerk.dock(hour(1), serial="stranger"))
    assert [one["recorder"] for one in dockings.every(database, None, 10)] == ["stranger"]


def test_who_did_not_dock_for_days(database: Database, clerk: Clerk) -> None:
    for serial in ("docked", "never", "drawer", "today", "returned", "lost", "unheld"):
        apply(database, clerk.add(serial))
    for serial, officer in (("docked", "JX1"), ("never", "JX2"), ("drawer", "JX3"), ("returned", "JX4"), ("lost", "X")):
        apply(database, clerk.issue(officer, hour(0), serial))
    apply(database, clerk.dock(hour(24), "d1", "docked"), clerk.give_back(hour(48), "drawer"))
    apply(database, clerk.dock(hour(49), "d2", "drawer"), clerk.give_back(hour(50), "returned"), clerk.retire("lost"))
    apply(database, clerk.dock(hour(1), "d3", "today"), clerk.issue("JX5", hour(200), "today"))
    now = hour(24 * 8 + 1)
    late = recorders.not_docked(database, now, 8)
    assert [(one["serial"], one["officer"], one["held"], one["days"]) for one in late] == [
        ("never", "JX2", True, 8),
        ("returned", "JX4", False, 8),
    ]
    assert [one["serial"] for one in recorders.not_docked(database, now, 7)] == ["never", "returned", "docked"]
    (docked,) = [one for one in recorders.not_docked(database, now, 7) if one["serial"] == "docked"]
    assert docked["since"] == docked["last_docked_at"] == "2026-03-06T00:05:00.000000Z"
    assert recorders.not_docked(database, now, 9) == []


def test_what_was_filed_before_comes_oldest_first(database: Database) -> None:
    for number in (3, 1, 2):
        CatalogFiler(database).file(sealed(clip(number)))
    CatalogFiler(database).file(sealed(clip(4, recorder="another")))
    found = dockings.filed_before(database, "TA00001")
    assert [one.path for one in found] == [clip(number).spooled.source.path for number in (1, 2, 3)]
    assert found[0] == dockings.Recorded(b"DCIM/TA00001.MP4", 1001, clip(1).time.starts_at, "name", 12.5)
