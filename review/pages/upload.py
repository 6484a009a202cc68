"""Bringing in files (导入文件) that no bay reads: phone photographs, cameras, discs; and where they are from.

Shapes: a form with files is written to the disk as it comes, its words before its files; how far it is can be asked
for meanwhile, by the number that the form carries. Then the walk takes the files in, and what was taken in is offered
to be linked. What was not stays named on the page.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_hex
from typing import IO
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from catalog.rules.callers import SECRET, Caller
from catalog.station_error import StationError
from docking_station.services.errors import UploadBroken
from docking_station.services.ingest_card import Report
from docking_station.services.upload import SAID, SOURCES, Upload, begin_upload, demand_uploader
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import FIELD, demand_form_token, demand_token
from review.frame import Words, page
from review.multipart import Begin, Parts, boundary_of
from review.toasts import done

PAGES = APIRouter()
WORD_BYTES_MAX = 1024
NUMBER = re.compile(r"[0-9a-f]{16}")
MTIME = re.compile(r"\d{1,15}")
KNOWN_MAX, DRAINED_BYTES_MAX = 100, 1 << 28
FIELDS = (FIELD, "number", *SAID, "officer", "times")


@dataclass
class Coming:
    """How far an upload is: whose it is, bytes that came and that were announced."""

    actor: str
    bytes: int
    of: int


@PAGES.get("/upload")
def upload(request: Request) -> Response:
    """The form."""
    return _page(request, None)


@PAGES.get("/upload/{number}")
def progress(request: Request, number: str) -> Response:
    """How far one's own upload is."""
    found: Coming | None = _known(request).get(number)
    if found is None or found.actor != caller_of(request).actor:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return JSONResponse({"bytes": found.bytes, "of": found.of})


@PAGES.post("/upload")
async def sent(request: Request) -> Response:
    """Write down what comes, then take it in."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):  # no form of ours
        await demand_form_token(request)
        raise UploadBroken(reason="no multipart/form-data", reason_zh="格式无法识别")
    caller, stream = await run_in_threadpool(caller_of, request), request.stream()
    try:
        arriving = Arriving(request, caller)
    except ValueError as error:
        raise UploadBroken(reason=error, reason_zh="格式无法识别") from error
    try:
        async for data in stream:
            await to_thread.run_sync(arriving.take, data)
        return await run_in_threadpool(_taken_in, request, arriving)
    except (OSError, ValueError, ClientDisconnect) as error:
        raise UploadBroken(reason=error, reason_zh="传输中断或格式无法识别") from error
    except StationError:
        await _drained(stream)
        raise
    finally:
        await run_in_threadpool(arriving.end)


async def _drained(stream: AsyncIterator[bytes]) -> None:
    """Let the rest come, as far as it is no great deal: a browser shows no answer before it has sent all."""
    left = DRAINED_BYTES_MAX
    with suppress(ClientDisconnect):
        async for data in stream:
            left -= len(data)
            if left < 0:
                return


def _taken_in(request: Request, arriving: Arriving) -> Response:
    found = arriving.whole()
    if found is None:
        return _page(request, None, wrong="upload_no_file", typed=arriving.said)
    report, station = found.finish(), request.app.state.station
    clips = [*(one.id for one in report.filed), *(one.clip for one in report.outcome.skipped if one.clip is not None)]
    if report.outcome.held or not clips:
        return _page(request, report, typed=arriving.said)
    assert isinstance(station, Station)
    address = f"/chosen?{urlencode({'do': 'link', 'clip': clips}, doseq=True)}"
    return done(request, address, "upload_done", count=len(report.filed), known=len(clips) - len(report.filed))


class Arriving:
    """A form while it comes, piece by piece: its words, then its files."""

    def __init__(self, request: Request, caller: Caller) -> None:
        length = request.headers.get("content-length", "")
        if not length.isdigit():
            raise HTTPException(HTTPStatus.LENGTH_REQUIRED)
        self.said = dict[str, str]()
        self._request, self._caller, self._of = request, caller, int(length)
        self._parts = Parts(boundary_of(request.headers.get("content-type", "")))
        self._field, self._word, self._mtimes = "", b"", list[int]()
        self._upload: Upload | None = None
        self._coming = Coming("", 0, 0)
        self._file: IO[bytes] | None = None

    def take(self, data: bytes) -> None:
        """Write down a piece; raises `FormNotOurs`, `UploadTooLarge`, `NotAllowed`, `ValueError`."""
        for event in self._parts.feed(data):
            if isinstance(event, Begin):
                self._begin(event)
            elif event is None:
                self._close()
            elif self._file is not None and self._upload is not None:
                self._upload.demand_room(len(event))
                self._file.write(event)
                self._coming.bytes = self._upload.bytes
            elif self._field:
                self._word += event
                if len(self._word) > WORD_BYTES_MAX * (64 if self._field == "times" else 1):
                    raise ValueError("a field is too long")

    def whole(self) -> Upload | None:
        """What came, or None where no file did; raises `ValueError` where it broke off."""
        if not self._parts.is_whole:
            raise ValueError("it broke off")
        found, self._upload = self._upload, None
        return found

    def end(self) -> None:
        """Forget what is left of it."""
        with suppress(OSError):
            self._close()
        _known(self._request).pop(self.said.get("number", ""), None)
        if self._upload is not None:
            self._upload.drop()

    def _begin(self, part: Begin) -> None:
        is_word = part.name in FIELDS and self._upload is None  # words come first: those behind a file are no one's
        self._field, self._word = (part.name if is_word else ""), b""
        if part.filename:
            if self._upload is None:
                self._upload = self._begun()
            self._path = self._upload.open(part.filename)
            self._file = self._path.open("xb")

    def _begun(self) -> Upload:
        if self._caller.how == SECRET:
            demand_token(self._request, self.said.get(FIELD, ""))
        found = begin_upload(self._request.app.state.station, self._caller, self.said, self._of)
        self._mtimes = [int(one) for one in self.said.get("times", "").split() if MTIME.fullmatch(one)][::-1]
        number, known = self.said.get("number", ""), _known(self._request)
        self.said["number"] = number = number if NUMBER.fullmatch(number) else token_hex(8)
        known[number] = self._coming = Coming(found.caller.actor, 0, self._of)
        while len(known) > KNOWN_MAX:
            known.pop(next(iter(known)))
        return found

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            if self._mtimes:  # as its device has it: a browser sends none by itself
                os.utime(self._path, ns=(self._mtimes[-1] * 10**6,) * 2)
                self._mtimes.pop()
        elif self._field:
            self.said[self._field] = self._word.decode("utf-8", "replace").strip()
        self._field = ""


def _known(request: Request) -> dict[str, Coming]:
    found: dict[str, Coming] = request.app.state.uploads
    return found


def _page(request: Request, report: Report | None, wrong: str = "", typed: dict[str, str] | None = None) -> Response:
    station: Station = request.app.state.station
    demand_uploader(station, caller_of(request))
    language = Words.of(request).language
    return page(
        request,
        "upload.html",
        HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        title="upload_title",
        sources=SOURCES,
        number=token_hex(8),
        most_bytes=station.settings.upload_bytes,
        report=report,
        held=[] if report is None else [one.said(language) for one in report.outcome.held],
        skipped=[] if report is None else [(one.path, one.reasons[language == "zh"]) for one in report.outcome.skipped],
        wrong=wrong,
        typed=typed or {},
    )
