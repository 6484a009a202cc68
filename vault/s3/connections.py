"""Connections to an S3 server that end: no answer's head is waited for longer than the time limit, drop by drop or not.

Source: urllib3 limits each read from the socket; a server that sends a byte a minute stays below such a limit for ever.
Bodies are limited by whoever reads them (`vault.s3.wire`).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from ssl import SSLContext

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

CONNECTIONS = 16
SEND_BYTES = 256 << 10
"""A body goes out in blocks of this size, so that the time limit is each block's and not the body's."""
HEAD_S_MAX = 300


@contextmanager
def ending(sock: socket.socket, limit_s: float) -> Iterator[None]:
    """Cut the connection if what is done takes longer than that."""

    def cut() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    cutting = threading.Timer(limit_s, cut)
    cutting.daemon = True
    cutting.start()
    try:
        yield
    finally:
        cutting.cancel()


def final(answer: urllib3.HTTPResponse) -> urllib3.HTTPResponse:
    """Refuse a hint of an answer that is still to come: it would be taken for that to the next request."""
    if answer.status < 200:
        raise HTTPException(f"an answer that is none: {answer.status}")
    return answer


def at_once(sock: socket.socket) -> None:
    """Acknowledge what comes now: a server that sends its answer in pieces may wait 40 ms for that with the second."""
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Plain(HTTPConnection):
    """A connection over HTTP."""

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself overrides it
        """Within the time limit."""
        at_once(self.sock)
        with ending(self.sock, self.timeout or HEAD_S_MAX):
            return final(super().getresponse())


class Secret(HTTPSConnection):
    """A connection over TLS."""

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself overrides it
        """Within the time limit."""
        at_once(self.sock)
        with ending(self.sock, self.timeout or HEAD_S_MAX):
            return final(super().getresponse())


class PlainPool(urllib3.HTTPConnectionPool):
    """Connections over HTTP."""

    ConnectionCls = Plain


class SecretPool(urllib3.HTTPSConnectionPool):
    """Connections over TLS."""

    ConnectionCls = Secret


def pools(connect_s: float, answer_s: float, context: SSLContext | None) -> urllib3.PoolManager:
    """Connections to one server, kept for the next request; nothing is tried again by itself."""
    made = urllib3.PoolManager(
        num_pools=1,
        maxsize=CONNECTIONS,
        retries=False,
        timeout=urllib3.Timeout(connect=connect_s, read=answer_s),
        ssl_context=context,
        blocksize=SEND_BYTES,
    )
    made.pool_classes_by_scheme = {"http": PlainPool, "https": SecretPool}
    return made
