"""What is wrong is said, worst first, also when half of the station is broken."""

from __future__ import annotations

import json
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.acts import policy
from catalog.recorders import assignments, recorders
from devices.clock import StationClock
from docking_station.faces.board import BayView, Board, StationView
from docking_station.faces.errors import DockForbidden, DockNotRunning
from docking_station.faces.stream import Stream
from docking_station.services.health import (
    Facts,
    Finding,
    Kept,
    NotDocked,
    Room,
    at_page,
    exit_status,
    findings,
    told_at_page,
)
from docking_station.services.health_facts import EVERYTHING, HealthProbes, answers, gather
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from docking_station.texts.health import PARTS, TEXTS
from tests.docking_station.shift import UNKNOWN, VAULT
from tests.scenario.dock import Dock

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
GB = 10**9
WELL = Facts(NOW, GB, clock="synchronised", station=StationView("s", clock="synchronised"), beat_s=1.0)
ROOM = Room("/s", 500 * GB, 1000 * GB)


def said(facts: Facts) -> list[tuple[str, str]]:
    return [(finding.why.code, finding.severity) for finding in findings(facts)]


def old(hours: float) -> StationView:
    return StationView("s", clock="synchronised", unsealed=2, oldest_unsealed_at=NOW - timedelta(hours=hours))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"beat_s": 61.0}, [("health.dock-hung", "broken")]),
        ({"faults": (DockNotRunning(path="p"),)}, [("station.dock-not-running", "broken")]),
        ({"faults": (DockForbidden(path="p"),)}, [("station.dock-forbidden", "attention")]),
        ({"failed": (("spool", "OSError: x"),)}, [("health.look-failed", "broken")]),
        ({"silent": ("vault",), "silent_s": 10.0}, [("health.silent", "broken")]),
        ({"clock": "free"}, [("health.clock-free", "attention")]),
        ({"clock": None, "station": StationView("s", clock="wrong")}, [("health.clock-wrong", "broken")]),
        ({"spool": ROOM, "vault_room": ROOM}, []),
        ({"spool": replace(ROOM, free_bytes=99 * GB)}, [("health.spool-low", "attention")]),
        ({"spool": replace(ROOM, free_bytes=GB - 1)}, [("health.spool-full", "broken")]),
        ({"vault_room": replace(ROOM, free_bytes=49 * GB)}, [("health.vault-low", "attention")]),
        ({"vault_room": replace(ROOM, free_bytes=9 * GB)}, [("health.vault-full", "broken")]),
        ({"station": old(3.9)}, []),
        ({"station": old(4.1)}, [("health.unsealed-old", "attention")]),
        ({"station": old(24.1)}, [("health.unsealed-old", "broken")]),
        ({"station": None, "oldest_copy_at": NOW - timedelta(days=2), "kept": Kept(0, 0, None)}, []),
        (
            {"station": None, "oldest_copy_at": NOW - timedelta(days=2), "kept": Kept(3, 0, None)},
            [("health.unsealed-old", "broken")],
        ),
        ({"kept": Kept(0, 2, "2026-03-01T00:00:00Z")}, [("health.held", "attention")]),
        ({"station": StationView("s", clock="synchronised", vault=VAULT)}, [("vault.unreachable", "broken")]),
        ({"bays": (BayView("3", "u", "unknown", NOW, why=UNKNOWN),)}, [("devices.unregistered", "attention")]),
        ({"bays": (BayView("3", "u", "copying", NOW, overdue=2),)}, [("health.overdue", "attention")]),
        ({"readable_keys": ("/k",)}, [("health.key-readable", "attention")]),
        ({"plain_key": "/k"}, [("health.key-plain", "attention")]),
        ({"writable_keys": ("/k",)}, [("health.keys-writable", "broken")]),
        ({"missing": ("/k",)}, [("health.missing", "broken")]),
        ({"missing_tools": ("ffprobe",)}, [("health.tool-missing", "attention")]),
        ({"not_docked": (NotDocked("O1", "R1", 9),)}, [("health.not-docked", "attention")]),
    ],
)
def test_each_fact_makes_its_finding(changed: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert said(replace(WELL, **changed)) == expected


def test_the_worst_comes_first_and_nothing_twice() -> None:
    facts = replace(
        WELL,
        clock="free",
        faults=(DockForbidden(path="p"), DockNotRunning(path="p"), DockNotRunning(path="p")),
        not_docked=tuple(NotDocked(f"O{days}", f"R{days}", days) for days in range(8, 108)),
    )
    found = findings(facts)
    assert [one.why.code for one in found][:3] == [
        "station.dock-not-running",
        "station.dock-forbidden",
        "health.clock-free",
    ]
    people = [one.why.en[0] for one in found if one.why.code == "health.not-docked"]
    assert len(people) == 50
    assert "O107" in people[0]
    assert found[-1].why.en[0] == "50 more recorders have not been docked for 8 days or longer."
    assert exit_status(found) == 5
    assert exit_status(found[1:]) == 4
    assert exit_status(()) == 0


def test_every_finding_is_told_in_both_languages_with_the_same_facts() -> None:
    for code, (english, chinese) in TEXTS.items():
        told = [
            {field.removesuffix("_zh") for _, field, _, _ in string.Formatter().parse(text) if field}
            for text in (english[0] + english[1], chinese[0] + chinese[1])
        ]
        assert told[0] == told[1], code
        assert all((*english, *chinese))


# ---------------------------------------------------------------------- a real station


@contextmanager
def station_of(dock: Dock) -> Iterator[Station]:
    station = Station(read_settings(Home(dock.home)))
    try:
        yield station
    finally:
        station.close()


def looked(dock: Dock, asked: HealthProbes | None = None) -> tuple[Finding, ...]:
    with station_of(dock) as station:
        return findings(gather(station, asked or HealthProbes()))


def codes(found: tuple[Finding, ...]) -> set[str]:
    """What was found, but for what this machine's disks and tools have to do with it."""
    ours = {one.why.code for one in found}
    return ours - {"health.spool-low", "health.vault-low", "health.tool-missing"}


@contextmanager
def running(dock: Dock) -> Iterator[Board]:
    board = Board(StationView("s", clock="synchronised"))
    with Stream(board, dock.home / "dock.sock", heartbeat_s=0.2) as stream:
        stream.beat()
        yield board


def test_a_well_station_is_well(dock: Dock) -> None:
    with running(dock):
        assert codes(looked(dock, HealthProbes(clock=lambda _: "synchronised", not_docked=lambda _: ()))) == set()


def test_the_dock_is_down_hung_or_unhappy(dock: Dock) -> None:
    assert codes(looked(dock)) == {"station.dock-not-running"}
    with running(dock) as board:
        board.note(clock="free", vault=VAULT)
        board.show(BayView("1", "u", "unknown", NOW, why=UNKNOWN))
        expected = {"health.clock-free", "vault.unreachable", "devices.unregistered"}
        assert codes(looked(dock)) == expected
    with Stream(board, dock.home / "dock.sock", heartbeat_s=0.2) as stream:
        stream._beaten = time.monotonic() - 120
        assert "health.dock-hung" in codes(looked(dock))


def test_what_others_know_is_asked(dock: Dock) -> None:
    def not_docked(station: Station) -> tuple[NotDocked, ...]:
        assert station.database.exists()
        return (NotDocked("O1", "R1", 8),)

    with running(dock):
        assert codes(looked(dock, HealthProbes(lambda _: "wrong", not_docked))) == {
            "health.clock-wrong",
            "health.not-docked",
        }


def test_recorders_that_stay_away_and_the_clock_are_asked_for(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_out = datetime.now(UTC) - timedelta(days=9)
    with station_of(dock) as station, station.changing("acts", wait=True):
        at = datetime.now(UTC)
        station.act_writer.carry_out(recorders.adding("TA00001", at=at, actor="custodian"))
        act = assignments.issuing("TA00001", "JX0001", unit="U1", since=handed_out, at=at, actor="custodian")
        station.act_writer.carry_out(act)
    with running(dock):
        (late,) = [one for one in looked(dock, EVERYTHING) if one.why.code == "health.not-docked"]
        assert "TA00001" in late.why.en[0]
        assert "JX0001" in late.why.en[0]
        assert " 9 days" in late.why.en[0]
        answer = dock.run("health", "--json", status=4)
        assert "health.not-docked" in [one["code"] for one in answer.document["findings"]]
        with station_of(dock) as station, station.changing("acts", wait=True):
            text = "[dock]\nnot_docked_days = 10\n"
            station.act_writer.carry_out(policy.adopting(text, at=datetime.now(UTC), actor="custodian"))
        assert "health.not-docked" not in codes(looked(dock, EVERYTHING))
        monkeypatch.setattr(Station, "now", lambda _: datetime(2025, 1, 1, tzinfo=UTC))
        found = codes(looked(dock, EVERYTHING))
    assert "health.clock-wrong" in found
    assert "ingest.clock-wrong" not in found  # it is said once


def test_a_clock_far_ahead_is_said_once(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    with station_of(dock) as station, station.changing("acts", wait=True):
        act = recorders.adding("TA00001", at=datetime.now(UTC), actor="custodian")
        station.act_writer.carry_out(act)
    ahead = datetime.now(UTC) + timedelta(days=3650)
    monkeypatch.setattr(Station, "now", lambda _: ahead)
    monkeypatch.setattr("devices.clock.station_clock", lambda: StationClock(False, None, "test"))
    with running(dock):
        found = codes(looked(dock, EVERYTHING))
    assert "health.clock-wrong" in found
    assert "ingest.clock-doubted" not in found


@pytest.mark.parametrize("answer", [True, False])
def test_the_clock_is_as_the_system_says(dock: Dock, monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    monkeypatch.setattr("devices.clock.station_clock", lambda: StationClock(answer, None, "test"))
    with running(dock):
        assert ("health.clock-free" in codes(looked(dock, EVERYTHING))) is not answer


def test_half_a_station_is_looked_at_all_the_same(dock: Dock) -> None:
    (dock.home / "vault").rename(dock.home / "unplugged")
    (dock.home / "journal.db").write_bytes(b"not a database" * 100)
    (dock.home / "catalog.db").write_bytes(b"not a database" * 100)
    for end in ("-wal", "-shm"):
        (dock.home / f"journal.db{end}").unlink(missing_ok=True)
        (dock.home / f"catalog.db{end}").unlink(missing_ok=True)
    (dock.home / "keys" / "station.key").unlink()
    (dock.home / "spool").rmdir()
    found = looked(dock, HealthProbes(clock=lambda _: str(1 // 0)))
    assert codes(found) == {
        "station.dock-not-running",
        "vault.unreachable",
        "catalog.unreachable",
        "ingest.journal-failed",
        "vault.key-missing",
        "health.missing",
        "health.look-failed",
    }
    assert exit_status(found) == 5
    assert not (dock.home / "spool").exists()
    assert not (dock.home / "vault").exists()


def test_looking_makes_nothing(dock: Dock) -> None:
    for name in ("journal.db", "catalog.db"):
        for end in ("", "-wal", "-shm"):
            (dock.home / f"{name}{end}").unlink(missing_ok=True)
    before = sorted(path.name for path in dock.home.iterdir())
    found = {"station.dock-not-running", "health.missing", "catalog.lost"}
    assert codes(looked(dock, EVERYTHING)) - {"health.clock-free"} == found
    assert sorted(path.name for path in dock.home.iterdir()) == before


def test_open_keys_are_noticed(dock: Dock) -> None:
    key = dock.home / "keys" / "station.key"
    key.chmod(0o644)
    (dock.home / "keys").chmod(0o777)
    with running(dock):
        found = looked(dock)
    assert codes(found) == {"health.key-readable", "health.keys-writable"}
    assert str(key) in next(one.why.en[1] for one in found if one.why.code == "health.key-readable")


def test_a_part_that_hangs_is_left_behind(dock: Dock) -> None:
    never = threading.Event()
    begun = time.monotonic()
    found = answers({"vault": lambda: {"x": never.wait(30)}, "spool": lambda: {"y": 1}}, 0.3)
    assert time.monotonic() - begun < 20
    assert found == {"spool": {"y": 1}}
    never.set()
    assert set(PARTS) >= {"dock", "vault", "vault_room", "catalog", "journal", "spool", "keys", "tools", "clock"}


def test_the_command_says_it_and_ends_with_it(dock: Dock, tmp_path: Path) -> None:
    plain, document = dock.run("health", status=5), dock.run("health", "--json", status=5)
    assert "[station.dock-not-running]\n  → Start it" in plain.stdout
    assert document.document["state"] == "broken"
    assert {"code", "severity", "message", "hint"} == set(document.document["findings"][0])
    assert "station.dock-not-running" in [one["code"] for one in document.document["findings"]]
    with running(dock):
        answer = dock.run("health", "--json", status=None)
        assert (answer.status, answer.document["state"]) in ((0, "ok"), (4, "attention"))
    (dock.home / "station.toml").write_text("nonsense")
    broken = json.loads(dock.run("health", "--json", status=5).stdout)
    assert [one["code"] for one in broken["findings"]] == ["station.settings-bad"]


def test_at_a_page_the_time_is_here_and_what_is_done_there_is_said() -> None:
    found = findings(replace(WELL, kept=Kept(0, 2, "2026-03-05T01:30:00Z")))
    (one,) = (each for each in told_at_page(found, "zh", ZoneInfo("Asia/Shanghai")) if each.code == "health.held")
    assert "2026-03-05 09:30" in one.message
    assert "`" not in one.hint
    assert at_page("x", "See `timedatectl`.", "en") == "Whoever keeps this computer does it: See `timedatectl`."
