"""A server that says the same to everybody, for answers no real server is made to give.

Contract: what it says goes out once for each connection, all at once or byte by byte; then it is silent. In pieces it
goes out for each request, the next piece when the first was acknowledged.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator


@contextlib.contextmanager
def answering(answer: bytes, drip_s: float = 0, pieces: int = 1) -> Iterator[str]:
    """A server that says the same to everybody, all at once or byte by byte; without anything to say it is silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = list[socket.socket]()

    def serve(client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while pieces > 1 and client.recv(65536):
                length = -(-len(answer) // pieces)
                for at in range(0, len(answer), length):
                    client.sendall(answer[at : at + length])
            client.recv(65536)
            for drop in (answer[at : at + 1] for at in range(len(answer))) if drip_s else (answer,):
                client.sendall(drop)
                time.sleep(drip_s)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                held.append(listener.accept()[0])
                threading.Thread(target=serve, args=(held[-1],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    host, port = listener.getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        listener.close()
        for one in held:
            one.close()


def answer(status: str, body: bytes, length: int | None = None, head: str = "") -> bytes:
    """One answer; `length` is what it says of itself, `head` further lines."""
    lines = f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {length or len(body)}\r\n{head}\r\n"
    return lines.encode() + body


def error(code: str) -> bytes:
    """The body of a refusal."""
    return f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()
