"""A file that a browser sent with a form (随表单上传的文件), and what is kept of it until somebody says yes to it.

Shapes: a few are kept in memory, each for whoever sent it: nobody else finds it, and the oldest goes first.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from typing import Generic, TypeVar

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool

from catalog.rules.callers import SECRET, Caller
from review.door import caller_of
from review.forms import FIELD, HEADER, WITH_FILE, body_of, demand_token
from review.multipart import Begin, Parts, boundary_of

KEPT_MAX = 8
Fields = dict[str, tuple[str, bytes]]
Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """What people sent and did not decide about yet, by a number for each."""

    def __init__(self) -> None:
        self._kept, self._lock = dict[str, tuple[str, Thing]](), threading.Lock()

    def keep(self, whose: Caller, thing: Thing) -> str:
        """Keep it; its number."""
        number = token_hex(8)
        with self._lock:
            self._kept[number] = whose.actor, thing
            while len(self._kept) > KEPT_MAX:
                del self._kept[next(iter(self._kept))]
        return number

    def of(self, whose: Caller, number: str) -> Thing:
        """What this person sent under a number; raises `HTTPException` for what is none of theirs."""
        with self._lock:
            actor, thing = self._kept.get(number, ("", None))
        if thing is None or actor != whose.actor:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return thing


async def form_with_file(request: Request, most_bytes: int) -> tuple[Caller, Fields]:
    """Who sent a form with a file, and its fields; raises `FormNotOurs`, `HTTPException` for more bytes than that."""
    me = await run_in_threadpool(caller_of, request)
    kind, body = request.headers.get("content-type", ""), await body_of(request, most_bytes)
    fields = parts_of(kind, body)
    if me.how == SECRET and kind.startswith(WITH_FILE):  # else it was demanded at the door
        demand_token(request, request.headers.get(HEADER) or fields.get(FIELD, ("", b""))[1].decode("ascii", "replace"))
    return me, fields


def parts_of(content_type: str, body: bytes) -> Fields:
    """The fields of a form with a file, each with its file's name (RFC 7578); what is no such form has none."""
    found, name, filename, piece = Fields(), "", "", bytearray()
    with suppress(ValueError):
        for event in Parts(boundary_of(content_type)).feed(body):
            if isinstance(event, Begin):
                name, filename, piece = event.name, event.filename or "", bytearray()
            elif event is None:
                found[name] = filename, bytes(piece)
            else:
                piece += event
    return found


@contextmanager
def as_file(name: str, body: bytes) -> Iterator[Path]:
    """What was sent as a file with the ending it had, for as long as it is read."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, f"sent{Path(name).suffix.lower()}")
        place.write_bytes(body)
        yield place
