"""Requests that never become whole: their connections are closed, and others are answered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from review import heads
from tests.fakes.waiting import PATIENCE_S

BEGINS = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Read what is sent, and answer."""
    await Request(scope, receive).body()
    await PlainTextResponse("here")(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where something is served by this protocol, in a hurry."""
    monkeypatch.setattr(heads, "WHOLE_S", 0.3)
    door = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(answer, http=heads.Heads, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
    thread.start()
    yield door.getsockname()[1]
    server.should_exit = True
    thread.join()


def send_all(asks: socket.socket, *lines: bytes) -> None:
    for line in lines:
        asks.sendall(line)


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        BEGINS,
        BEGINS + b"content-length: 9\r\n\r\nx",
    ],
    ids=["nothing", "no end of its head", "no end of its body"],
)
def test_a_request_that_is_not_whole_in_time_is_over(port: int, begins: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as asks:
        asks.sendall(begins)
        while asks.recv(1000):
            pass


def test_what_begins_no_request_after_an_answer_keeps_no_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S / 6) as asks:
        asks.sendall(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        assert asks.recv(1000).endswith(b"here")
        asks.sendall(b"\r\n")
        assert asks.recv(1000) == b""


def test_what_a_request_begins_with_is_no_longer_than_is_kept(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as asks, pytest.raises(ConnectionError):
        send_all(asks, BEGINS, *[b"x: " + b"x" * 995 + b"\r\n"] * heads.HEAD_BYTES_MAX)


def test_files_may_take_longer_as_long_as_they_come(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LONG_BYTES_MIN", 10)
    begins = BEGINS.replace(b"/ ", b"/upload ") + b"content-length: 40\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as asks:
        asks.sendall(begins)
        for _ in range(4):
            time.sleep(0.2)
            asks.sendall(b"x" * 10)
        assert asks.recv(1000).endswith(b"here")
        asks.sendall(begins)
        while asks.recv(1000):
            pass
