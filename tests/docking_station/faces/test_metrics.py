"""Metrics as Prometheus reads them: over http, bounded, nobody's name in them."""

from __future__ import annotations

import json
import socket
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from docking_station.faces.board import BayView, Board, StationView, Why
from docking_station.faces.metrics import LABELS_MAX, Metrics
from docking_station.station.logs import configure

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def free_port(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> int:
    with socket.socket(family) as door:
        door.bind((host, 0))
        return int(door.getsockname()[1])


def samples(address: str) -> dict[str, float]:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return {
        sample.name + "".join(f",{key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def board() -> Board:
    board = Board(StationView("s", clock="synchronised", oldest_unsealed_at=NOW - timedelta(hours=2), unsealed=4))
    board.show(BayView("1", "usb-1", "copying", NOW, officer="112233", recorder="R1", overdue=2))
    board.show(BayView("2", "usb-2", "empty", NOW))
    return board


def test_what_the_daemon_tells_and_the_board_shows_is_read(board: Board) -> None:
    metrics, address = Metrics(board, now=lambda: NOW), f"127.0.0.1:{free_port()}"
    metrics.read("1", 5_000)
    metrics.read("1", 1)
    metrics.step("take", 3.0)
    metrics.ended("filed")
    metrics.error("devices.card-gone")
    metrics.docked()
    metrics.cleared(7)
    with metrics.serving(address):
        found = samples(address)
        expected = {
            "evidock_read_bytes_total,bay=1": 5001,
            "evidock_step_seconds_count,step=take": 1,
            "evidock_step_seconds_sum,step=take": 3,
            "evidock_step_seconds_count,step=seal": 0,
            "evidock_files_total,outcome=filed": 1,
            "evidock_files_total,outcome=cut-short": 0,
            "evidock_errors_total,code=devices.card-gone": 1,
            "evidock_dockings_total": 1,
            "evidock_cleared_files_total": 7,
            "evidock_oldest_unsealed_seconds": 7200,
            "evidock_unsealed_files": 4,
            "evidock_overdue_files": 2,
            "evidock_bays,state=copying": 1,
            "evidock_bays,state=held": 0,
            "evidock_clock,state=synchronised": 1,
            "evidock_clock,state=free": 0,
            "evidock_vault_up": 1,
        }
        assert {name: found.get(name) for name in expected} == expected
        board.note(vault=Why("v", ("a", "b"), ("a", "b")), spool_free_bytes=9)
        again = samples(address)
        assert (again["evidock_vault_up"], again["evidock_spool_free_bytes"]) == (0, 9)
        assert not [name for name in again if "112233" in name or "R1" in name]
    with pytest.raises(OSError, match="refused"):
        samples(address)


def test_labels_are_bounded(board: Board) -> None:
    metrics = Metrics(board)
    for count in range(LABELS_MAX * 3):
        metrics.error(f"code.{count}")
        metrics.read(f"{count}", 1)
        metrics.step(f"{count}", 1)
        metrics.ended(f"{count}")
    families = {family.name: family for family in metrics.registry.collect()}
    errors = [s for s in families["evidock_errors"].samples if s.name.endswith("_total")]
    assert len(errors) == LABELS_MAX + 1
    assert sum(sample.value for sample in errors) == LABELS_MAX * 3
    assert len([s for s in families["evidock_files"].samples if s.name.endswith("_total")]) == 6


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:", "127.0.0.1:99999", ":1", "TAKEN", "203.0.113.1:9464"])
def test_an_address_that_cannot_be_had_stops_nothing(
    board: Board, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(journal=True, terminal=False)
    metrics = Metrics(board)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}" if address == "TAKEN" else address
        with metrics.serving(address):
            metrics.docked()
    line = capsys.readouterr().err
    assert line.startswith("<3>{")
    said = json.loads(line[3:])
    assert (said["event"], said["code"]) == ("metrics not served", "station.metrics-unserved")
    assert address in said["error"]


def test_no_address_serves_nowhere(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    with Metrics(board).serving(""):
        pass
    assert capsys.readouterr().err == ""


def test_two_docks_in_one_process_do_not_meet(board: Board) -> None:
    one, two = Metrics(board), Metrics(board)
    one.docked()
    assert two.registry.get_sample_value("evidock_dockings_total") == 0


def test_a_reader_too_many_or_too_slow_does_not_stop_the_others(board: Board) -> None:
    address = f"127.0.0.1:{free_port()}"
    with Metrics(board).serving(address):
        host, _, port = address.rpartition(":")
        idle = [socket.create_connection((host, int(port))) for _ in range(6)]
        assert samples(address)["evidock_unsealed_files"] == 4
        for door in idle:
            door.close()
