"""The state of the dock over a real socket: complete, quick, and never at the dock's expense."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from docking_station.faces.board import BayView, Board, StationView, Why
from docking_station.faces.errors import DockCrowded, DockNotRunning, DockSilent, SocketTaken
from docking_station.faces.stream import CLIENTS_MAX, Stream, bay_view, listen, snapshot, station_view
from tests.fakes.waiting import until

NOW = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
WHY = Why("vault.unreachable", ("It does not answer.", "Look."), ("保全库无响应。", "请检查。"))


@pytest.fixture
def board() -> Board:
    board = Board(StationView("站 1", clock="synchronised", vault=WHY, oldest_unsealed_at=NOW))
    for label in ("10", "9", "1"):
        board.show(BayView(label, f"usb-{label}", "empty", NOW))
    board.show(BayView("2", "usb-2", "held", NOW, device="x\x1b\udcff", officer="O1", why=WHY, left_s=1.5))
    return board


@pytest.fixture
def stream(board: Board, tmp_path: Path) -> Iterator[Stream]:
    with Stream(board, tmp_path / "dock.sock", heartbeat_s=0.3) as stream:
        yield stream


def dropped(board: Board, stream: Stream) -> bool:
    board.change("1", lambda view: replace(view, done_bytes=view.done_bytes + 1))
    return not stream._clients


def told_until_ready(events: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for event in events:
        told.append(event)
        if event["event"] == "ready":
            return told
    raise AssertionError("it closed")


def test_everything_is_told_first_then_what_changes(board: Board, stream: Stream) -> None:
    events = listen(stream.path)
    told = told_until_ready(events)
    assert [event["event"] for event in told] == ["station", "bay", "bay", "bay", "bay", "ready"]
    assert station_view(told[0]) == board.station
    assert tuple(bay_view(event) for event in told[1:-1]) == board.bays()
    board.change("9", lambda view: replace(view, state="copying", recorder="R1"))
    assert [bay_view(e) for e in [next(events)] if e["event"] == "bay"] == [board.bays()[2]]
    board.note(held=3)
    changed = next(event for event in events if event["event"] == "station")
    assert changed["held"] == 3
    assert next(event for event in events if event["event"] == "alive")["beat_s"] is None
    stream.beat()
    assert next(event for event in events if event["event"] == "alive")["beat_s"] < 5
    gone = next(view.bay for view in board.bays() if view.state == "empty")
    board.drop(gone)
    assert next(event for event in events if event["event"] == "dropped") == {"event": "dropped", "bay": gone}
    assert snapshot(stream.path) == (board.station, board.bays())


def test_a_newer_dock_may_tell_more(stream: Stream) -> None:
    told = told_until_ready(listen(stream.path))
    assert bay_view(told[1] | {"colour": "green"}) == bay_view(told[1])
    assert station_view(told[0] | {"colour": "green"}) == station_view(told[0])


def test_the_socket_is_for_its_group_and_goes_with_the_dock(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "dock.sock"
    with Stream(board, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        events = listen(path)
        told_until_ready(events)
    assert list(events) == []
    assert os.listdir(tmp_path) == []
    with pytest.raises(DockNotRunning):
        next(listen(path))


def test_a_dead_docks_socket_is_replaced_and_a_living_ones_is_not(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "dock.sock"
    code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert path.is_socket()
    with pytest.raises(DockNotRunning):
        snapshot(path)
    with Stream(board, path):
        with pytest.raises(SocketTaken, match="another dock"):
            Stream(board, path).open()
        assert snapshot(path) == (board.station, board.bays())


def test_something_else_at_the_place_is_left_alone(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "dock.sock"
    path.write_text("evidence")
    with pytest.raises(SocketTaken, match="no socket"):
        Stream(board, path).open()
    assert path.read_text() == "evidence"
    with pytest.raises(SocketTaken):
        Stream(board, tmp_path / "none" / "dock.sock").open()


def test_a_long_path_is_no_matter(board: Board, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with Stream(board, folder / "dock.sock"):
        assert snapshot(folder / "dock.sock") == (board.station, board.bays())


def test_a_client_that_does_not_read_holds_nobody_up(
    board: Board, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docking_station.faces.stream.SEND_S", 0.2)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect(str(stream.path))
        until(lambda: stream._clients, "the client")
        for count in range(20_000):
            board.change("1", partial(replace, done_bytes=count, device="x" * 1000))
        until(lambda: dropped(board, stream), "the end of the client")
    assert snapshot(stream.path)[1][0].done_bytes >= 20_000


def test_one_bays_storm_loses_no_other_bays_newest_view(board: Board) -> None:
    with board.subscribed() as face:
        board.change("9", lambda view: replace(view, state="full"))
        for count in range(5000):
            board.change("1", partial(replace, done_bytes=count))
        assert face.qsize() == 5
        views = {view.bay: view for view in (face.get_nowait() for _ in range(5)) if isinstance(view, BayView)}
    assert views["9"].state == "full"
    assert views["1"].done_bytes == 4999


def test_there_is_room_for_so_many_and_again_when_they_leave(stream: Stream) -> None:
    clients = [listen(stream.path) for _ in range(CLIENTS_MAX)]
    for client in clients:
        told_until_ready(client)
    with pytest.raises(DockCrowded):
        snapshot(stream.path)
    clients.pop().close()  # type: ignore[attr-defined]  # a generator, for which listen promises less
    until(lambda: len(stream._clients) < CLIENTS_MAX, "a place")
    snapshot(stream.path)


def test_a_dock_that_hangs_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "dock.sock"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        with pytest.raises(DockSilent, match="no sign of life"):
            next(listen(path, silence_s=0.2))


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"event"\n',
        b"\xff\n",
        b'{"event":"bay","bay":"1"}\n',
        b'{"event":"station","station":"s","clock":"new"}\n',
    ],
)
def test_what_is_no_dock_is_said_so(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "dock.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        threading.Thread(target=lambda: other.accept()[0].sendall(line)).start()
        with pytest.raises(DockSilent, match="no event"):
            next(listen(path))


def test_every_thread_ends_with_the_stream(board: Board, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with Stream(board, tmp_path / "dock.sock", heartbeat_s=60) as stream:
        clients = [listen(stream.path) for _ in range(5)]
        for client in clients:
            told_until_ready(client)
        assert len(set(threading.enumerate()) - before) == 6
        begun = time.monotonic()
    assert time.monotonic() - begun < 20
    assert set(threading.enumerate()) <= before
    assert board._faces == []


def test_whoever_looks_once_gives_the_place_back_before_the_next_heartbeat(board: Board, tmp_path: Path) -> None:
    def looked() -> bool:
        try:
            return snapshot(tmp_path / "dock.sock")[0] == board.station
        except DockCrowded:
            return False

    with Stream(board, tmp_path / "dock.sock", heartbeat_s=600):
        for _ in range(CLIENTS_MAX + 8):
            until(looked, "a place")
