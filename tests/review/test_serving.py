"""`evidock serve` as a process: what is wrong is said in the words of the command line, and its end loses no line."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from catalog.trail import trail
from tests.fakes.waiting import PATIENCE_S
from tests.footage.coded import coded
from tests.review.conftest import free_port, served
from tests.scenario.dock import Dock

NAME = "EV00001_JY0001_20260311093620.MP4"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"LC_ALL": "C.UTF-8"}, ("something is served there already", "evidock serve --port N")),
        ({"LC_ALL": "zh_CN.UTF-8"}, ("该端口已被占用", "evidock serve --port N")),
    ],
)
def test_a_port_that_is_taken_is_said_with_a_next_step(
    dock: Dock, environment: Mapping[str, str], words: tuple[str, ...]
) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        answer = replace(dock, environment=environment).run("serve", "--port", str(door.getsockname()[1]), status=17)
    assert "[station.pages-unserved]" in answer.stderr
    assert all(word in answer.stderr for word in words)


def test_without_a_station_there_are_no_pages(tmp_path: Path) -> None:
    answer = Dock(tmp_path / "nowhere").run("serve", "--port", str(free_port()), status=10)
    assert "[station.no-home]" in answer.stderr


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_look_that_goes_on_is_written_down_when_the_pages_end(dock: Dock, card: Path, end: signal.Signals) -> None:
    (card / NAME).write_bytes(coded(seconds=2))
    dock.ingest(card)
    (clip,) = dock.every_clip()
    with served(dock) as (program, address), httpx2.Client(base_url=address, timeout=PATIENCE_S) as browser:
        opened = browser.post(f"/clips/{clip['id']}/look")
        look = opened.headers["location"].partition("look=")[2]
        assert browser.get(f"/looks/{look}/content").content == coded(seconds=2)
        assert browser.get("/clips", headers={"host": "evil.example"}).status_code == 403
        program.send_signal(end)
        assert program.wait(PATIENCE_S) == 0
    with dock.opened() as station:
        lines = [line.entry.action for line in trail.lines(station.database, subject=clip["id"])]
    assert lines == ["clip.filed", "clip.viewed", "clip.view-ended"]
