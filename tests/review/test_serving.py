"""`evidock serve` as a process: what is wrong is said in the words of the command line, and its end loses no line."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from catalog.trail import trail
from review import __main__ as serving
from tests.fakes.waiting import PATIENCE_S
from tests.footage.coded import coded
from tests.review.conftest import served
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


def test_a_vault_that_does_not_answer_leaves_every_other_page_as_it_is(dock: Dock, card: Path) -> None:
    """The original is a pipe nobody writes into: whoever opens it waits."""
    (card / NAME).write_bytes(coded(seconds=2))
    dock.ingest(card)
    (clip,) = dock.every_clip()
    (original,) = (path for path in dock.objects() if path.name == clip["sha256"])
    aside, pipe = dock.home / "aside", dock.home / "pipe"
    with (
        served(dock) as (_, address),
        httpx2.Client(base_url=address, timeout=PATIENCE_S) as browser,
        ExitStack() as held,
    ):
        look = browser.post(f"/clips/{clip['id']}/look").headers["location"].partition("look=")[2]
        original.rename(aside)
        os.mkfifo(pipe)
        os.link(pipe, original)
        asked = f"GET /looks/{look}/content HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-9\r\n\r\n".encode()
        for _ in range(60):
            reader = held.enter_context(socket.create_connection(("127.0.0.1", urlsplit(address).port or 0)))
            reader.sendall(asked)
        try:
            assert {browser.get(page).status_code for page in ("/clips", "/bays", "/clips") * 4} == {200}
        finally:
            aside.replace(original)
            os.close(os.open(pipe, os.O_WRONLY))
        assert browser.get(f"/looks/{look}/content").content == coded(seconds=2)


def test_a_sweep_that_fails_is_not_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps = list[type[BaseException]]([SystemExit, OSError, OSError])

    class Failing:
        def sweep(self) -> None:
            raise sweeps.pop()

    monkeypatch.setattr(serving, "SWEEP_S", 0.0)
    with pytest.raises(SystemExit):
        serving._sweep(Failing())  # type: ignore[arg-type]  # only its sweep is asked for
    assert sweeps == []
