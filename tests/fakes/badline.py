"""A bad line to a real server: a proxy on loopback that cuts, hurts, loses and withholds what passes through it.

Contract: an exchange (a request and its answer) without a fault passes unchanged; one with a fault suffers that fault
only, once. What was done to it is counted in `done`, and a fault whose place is never reached counts for nothing.
"""

from __future__ import annotations

import random
import re
import select
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

BLOCK_BYTES = 64 << 10
LINE_BYTES_MAX = 2000
IDLE_S_MAX = 60
KINDS = ("refused", "cut up", "hurt up", "lost", "cut down", "hurt down", "silent", "busy")
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls one exchange, and behind how many bytes of it.

    A `reworded` answer has what `pattern` finds in its head exchanged for `says`; one that is `said` comes from here
    and the server never hears of the request.
    """

    kind: str
    after_bytes: int = 0
    pattern: bytes = b""
    says: bytes = b""


@dataclass
class Exchange:
    """A request and its answer on their way."""

    fault: Fault | None
    up_bytes: int = 0
    down_bytes: int = 0
    head: bytes = b""
    is_down: bool = False
    is_hurt: bool = False


class Cut(Exception):
    """This connection ends now."""


@dataclass
class BadLine:
    """See the module. `plan` is asked at the beginning of each exchange, with the request's first line."""

    upstream: tuple[str, int]
    plan: Callable[[str], Fault | None]
    silence_s: float = 4
    done: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=socket.socket)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> BadLine:
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def endpoint(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(Cut, OSError), socket.create_connection(self.upstream, timeout=IDLE_S_MAX) as server:
            try:
                self._pass(client, server)
            finally:  # a reset, not a polite end: nothing may be taken for a whole answer
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        exchange: Exchange | None = None
        while True:
            ready, _, _ = select.select([client, server], [], [], IDLE_S_MAX)
            if not ready:
                raise Cut
            if client in ready:
                if exchange is None or exchange.is_down:
                    exchange = self._begun(client)
                self._up(exchange, client, server)
            if server in ready and exchange is not None:
                self._down(exchange, client, server)
            elif server in ready:
                raise Cut

    def _begun(self, client: socket.socket) -> Exchange:
        line = client.recv(LINE_BYTES_MAX, socket.MSG_PEEK).partition(b"\r\n")[0].decode("latin-1")
        with self._lock:
            self.asked.append(line)
            return Exchange(self.plan(line))

    def _up(self, exchange: Exchange, client: socket.socket, server: socket.socket) -> None:
        data = received(client)
        kind = exchange.fault.kind if exchange.fault else ""
        if kind == "refused":
            self._count(kind)
            raise Cut
        if kind in ("busy", "said") and exchange.fault:
            self._count(kind)
            client.sendall(exchange.fault.says or BUSY)
            time.sleep(0.05)
            raise Cut
        if kind == "cut up" and exchange.fault and exchange.up_bytes + len(data) > exchange.fault.after_bytes:
            server.sendall(data[: max(0, exchange.fault.after_bytes - exchange.up_bytes)])
            self._count(kind)
            raise Cut
        if kind == "hurt up":
            data = self._hurt(exchange, data)
        exchange.up_bytes += len(data)
        server.sendall(data)

    def _down(self, exchange: Exchange, client: socket.socket, server: socket.socket) -> None:
        data = received(server)
        kind = exchange.fault.kind if exchange.fault else ""
        if not exchange.is_down and kind != "hurt up":
            exchange.head = b""
        exchange.is_down = True
        if kind == "lost":
            self._count(kind)
            raise Cut
        if kind == "silent":
            self._count(kind)
            time.sleep(self.silence_s)
            raise Cut
        if kind == "cut down" and exchange.fault and exchange.down_bytes + len(data) > exchange.fault.after_bytes:
            client.sendall(data[: max(0, exchange.fault.after_bytes - exchange.down_bytes)])
            self._count(kind)
            raise Cut
        if kind == "hurt down":
            data = self._hurt(exchange, data)
        if kind == "reworded" and exchange.fault and not exchange.down_bytes:
            data, count = re.subn(exchange.fault.pattern, exchange.fault.says, data, count=1)
            self.done[kind] += count
        exchange.down_bytes += len(data)
        client.sendall(data)

    def _hurt(self, exchange: Exchange, data: bytes) -> bytes:
        """Turn one bit of the body, so many bytes behind the head."""
        assert exchange.fault is not None
        if exchange.is_hurt:
            return data
        before = len(exchange.head)
        exchange.head += data
        head, mark, _ = exchange.head.partition(b"\r\n\r\n")
        place = len(head) + len(mark) + exchange.fault.after_bytes - before
        if not mark or not 0 <= place < len(data):
            return data
        exchange.is_hurt = True
        self._count(exchange.fault.kind)
        hurt = bytearray(data)
        hurt[place] ^= 4
        return bytes(hurt)

    def _count(self, kind: str) -> None:
        with self._lock:
            self.done[kind] += 1


def received(source: socket.socket) -> bytes:
    """What came; the end of one side is the end of both."""
    data = source.recv(BLOCK_BYTES)
    if not data:
        raise Cut
    return data


def random_faults(seed: int, rate: float, longest_bytes: int) -> Callable[[str], Fault | None]:
    """A plan: so many of all exchanges suffer, silence less often than the rest, at any place up to the longest.

    What hurts bytes finds some in few exchanges only: it is chosen where they are.
    """
    chance = random.Random(seed)
    anywhere = ("refused", "cut up", "lost", "cut down", "busy")
    hurting = {"PUT": ("hurt up",), "POST": ("hurt up",), "GET": ("hurt down",)}

    def plan(line: str) -> Fault | None:
        if chance.random() > rate:
            return None
        kinds = (*anywhere, *anywhere, "silent", *hurting.get(line.partition(" ")[0], ()) * 5)
        return Fault(chance.choice(kinds), int(longest_bytes ** chance.random()) - 1)

    return plan
