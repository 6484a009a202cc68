"""Putting a policy into force by form (发布管理制度): sent as a file, shown as what it changes, adopted by two people.

Shapes: the file is the policy itself (TOML), or its lists as Excel, written out from a version that is known here. What
was sent is kept in memory for whoever sent it, a few at a time. To read it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.rules.callers import Caller
from catalog.rules.policy_text import TEXT_BYTES_MAX
from catalog.station_error import StationError
from docking_station.services.policy import (
    adopt_text,
    compare,
    import_into,
    known_texts,
    may_propose,
    read_file,
    text_of,
)
from docking_station.services.policy_lists import write_lists
from docking_station.services.workbooks import FILE_BYTES_MAX
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import form_of
from review.frame import Words
from review.pages.policy import compared
from review.register import Table, refused, shown
from review.second import second_of
from review.sent import Kept, as_file, form_with_file
from review.toasts import done

PAGES = APIRouter()
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_kept = Kept[str]()


class _NewerError(Exception):
    """Another version came into force since this one was compared with it."""


@PAGES.get("/policy/lists")
def lists(request: Request) -> Response:
    """The lists of the policy in force as Excel, to be changed and sent back."""
    station, _ = request.app.state.station, caller_of(request)
    if (text := text_of(station)) is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with TemporaryDirectory() as folder:
        place = Path(folder, "policy.xlsx")
        write_lists(text, place)
        body = place.read_bytes()
    return Response(body, media_type=EXCEL, headers={"Content-Disposition": 'attachment; filename="policy.xlsx"'})


@PAGES.post("/policy/reading")
async def read(request: Request) -> Response:
    """Say what a policy would change, and what it takes to put it into force."""
    me, fields = await form_with_file(request, max(FILE_BYTES_MAX, TEXT_BYTES_MAX) + 4096)
    return await run_in_threadpool(_read, request, me, *fields.get("policy", ("", b"")))


def _read(request: Request, me: Caller, name: str, body: bytes) -> Response:
    station: Station = request.app.state.station
    try:
        with as_file(name, body) as file:
            if file.suffix == ".xlsx":
                text = import_into(file, None, lambda: known_texts(lambda: nullcontext(station)))[1]
            else:
                text = read_file(file)
        return _page(request, text, _kept.keep(me, text))
    except StationError as error:
        if "path" in error.facts:
            error.facts["path"] = name
        facts = {"parts": [Table(name, (), (), "pol_unread")], "back": "/policy"}
        return _shown(request, **facts, **refused(request, error, "wrong"))


@PAGES.post("/policy/{number}/adoption")
async def adopt(request: Request, number: str) -> Response:
    """Put what was sent into force."""
    form = await form_of(request)
    text = _kept.of(await run_in_threadpool(caller_of, request), number)
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_page, request, text, number, refused(request, error, "adopt"))
    return await run_in_threadpool(_adopted, request, text, number, form, second)


def _adopted(request: Request, text: str, number: str, form: Mapping[str, str], second: Caller | None) -> Response:
    station, me = request.app.state.station, caller_of(request)

    def confirm(*_: str) -> None:
        if str(compare(station, text).version) != form.get("version"):
            raise _NewerError

    try:
        adopted = adopt_text(station, me, text, confirm, lambda: second)
    except _NewerError:
        wrong = {"dialog_open": "adopt", "dialog_wrong": Words.of(request)("pol_newer"), "status": HTTPStatus.CONFLICT}
        return _page(request, text, number, wrong)
    except StationError as error:
        return _page(request, text, number, refused(request, error, "adopt"))
    return done(request, "/policy", "pol_adopted", version=adopted.version)


def _page(request: Request, text: str, number: str, wrong: Mapping[str, Any] | None = None) -> Response:
    station, words = request.app.state.station, Words.of(request)
    found = compare(station, text)
    called = words("reg_version", version=found.version) if found.version else words("pol_none"), words("pol_sent")
    parts = compared(words, text_of(station) or "", text, called)
    return _shown(request, parts=parts, found=found, number=number, back="/policy", **(wrong or {}))


def _shown(request: Request, *, parts: Any, **facts: Any) -> Response:
    may = may_propose(request.app.state.station, caller_of(request))
    usual = {"found": None, "number": "", "may_change": may, "heading": Words.of(request)("pol_change")}
    return shown(request, "reg_policy", parts, "policy_change.html", **(usual | facts))
