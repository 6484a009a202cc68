"""Disclosure of decisions (执法公示): what is due where, by when, and as what; and what was made public of one case.

Shapes: each change is a form in a dialog of the case's page, whose fields are those of the command that does the same;
a column of a row is the field `field-` and its code or head. Where a service refuses, the page comes again with its
dialog open and what was typed in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.rules.callers import Caller
from catalog.rules.disclosure import CHANNELS, ENDED, GRAVITIES, Channel, Ended, Form, Gravity
from catalog.rules.house_rights import Right
from catalog.station_error import StationError
from docking_station.services import disclosure_changes as changes
from docking_station.services.disclosure import list_lines, show, table, today_of
from docking_station.services.known_cases import about, find_case
from docking_station.services.links import policy_now
from docking_station.services.rights import may_alone, rights_about, rights_held
from docking_station.services.table_files import table_bytes
from docking_station.station.station import Station
from docking_station.texts.disclosure import CHANNEL_WORDS, ENDED_WORDS, GRAVITY_WORDS, STATE_WORDS
from review.door import caller_of
from review.forms import day_in, form_of
from review.frame import Words, page
from review.pages.cases import KINDS
from review.second import second_of
from review.statuses import status_of
from review.toasts import done

PAGES = APIRouter()
FORMS: tuple[Form, ...] = get_args(Form)
FIELD, LINES_MAX = "field-", 200
LOOKS: Mapping[str, tuple[str, str]] = {
    "withdraw": ("bad", "octagon-alert"),
    "due": ("warn", "hourglass"),
    "public": ("ok", "eye"),
    "kept": ("hold", "lock"),
    "reported": ("ok", "file-text"),
    "gone": ("idle", "circle-x"),
}
"""How a state looks: its kind and its icon."""
CODES = {"channels": CHANNEL_WORDS, "states": STATE_WORDS, "ended": ENDED_WORDS, "gravities": GRAVITY_WORDS}
Typed = Mapping[str, str]


@PAGES.get("/disclosures")
def every(request: Request) -> Response:
    """What is to be made public or taken down; or what was."""
    station, caller = request.app.state.station, caller_of(request)
    is_open = request.query_params.get("show") != "done"
    found = list_lines(station, caller, is_open=is_open)
    return page(
        request,
        "disclosures.html",
        title="disc_title",
        lines=found[:LINES_MAX],
        more=max(0, len(found) - LINES_MAX),
        is_open=is_open,
        looks=LOOKS,
        codes=CODES,
        forms=FORMS,
        kinds=tuple(KINDS),
        may_write="publish" in rights_held(station, caller)[1],
    )


@PAGES.get("/disclosures.{kind}")
def as_table(request: Request, kind: str, form: Form = "website", show: str = "") -> Response:
    """The rows of one table as a file; it stands on the trail before its first byte."""
    if kind not in KINDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    name = f"{Words.of(request)(f'disc_table_{form}')}.{kind}"
    is_open = show != "done"
    rows = table(request.app.state.station, caller_of(request), form, is_open=is_open, to=name)
    answer = Response(table_bytes(Path(name), rows), media_type=KINDS[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@PAGES.get("/disclosures/{case}")
def one(request: Request, case: str) -> Response:
    """What is public of one case, was, or would be."""
    return _page(request, case, {}, request.query_params.get("dialog", ""), None)


def _page(request: Request, case: str, typed: Typed, opened: str, error: StationError | None) -> Response:
    station, caller = request.app.state.station, caller_of(request)
    shown = show(station, caller, case)
    return page(
        request,
        "disclosure.html",
        HTTPStatus.OK if error is None else status_of(error),
        title="disc_of_case",
        shown=shown,
        case=shown.case,
        policy=policy_now(station).disclosure,
        channels=CHANNELS,
        ends=ENDED,
        gravities=GRAVITIES,
        must=changes.MUST,
        today=today_of(station).isoformat(),
        looks=LOOKS,
        codes=CODES,
        may=rights_about(station, caller, about(shown.case)),
        alone=may_alone(station, caller, Right.PUBLISH, about(shown.case)),
        typed=typed,
        dialog_open=opened,
        dialog_wrong="" if error is None else error.message(Words.of(request).language),
    )


# ---------------------------------------------------------------------- changes


def _publish(station: Station, caller: Caller, case: str, form: Typed, _: Caller | None) -> object:
    gravity, months = form.get("gravity") or None, form.get("months", "").strip()
    return changes.publish(
        station,
        caller,
        case,
        _channel(form) or CHANNELS[0],
        _told(form),
        day=day_in(form),
        place=form.get("place", "").strip() or None,
        gravity=cast(Gravity | None, gravity),
        months=None if not months else int(months) if months.isascii() and months.isdigit() else -1,
    )


def _except(station: Station, caller: Caller, case: str, form: Typed, second: Caller | None) -> None:
    channel, ground, reason = _channel(form), form.get("ground", ""), form.get("reason", "")
    changes.keep_back(station, caller, case, channel, ground, reason, read=lambda: second)


def _correct(station: Station, caller: Caller, _: str, form: Typed, __: Caller | None) -> object:
    no, reason = form.get("disclosure", ""), form.get("reason", "")
    return changes.correct(station, caller, no, _told(form), day=day_in(form), reason=reason)


def _withdraw(station: Station, caller: Caller, _: str, form: Typed, __: Caller | None) -> object:
    return changes.withdraw(
        station, caller, form.get("disclosure", ""), day=day_in(form), reason=form.get("reason", "")
    )


def _end(station: Station, caller: Caller, case: str, form: Typed, _: Caller | None) -> None:
    number, reason = form.get("number", "").strip() or None, form.get("reason", "")
    how = cast(Ended, form.get("how", ""))
    changes.end_decision(station, caller, case, how, day=day_in(form), number=number, reason=reason)


STEPS: Mapping[str, tuple[Callable[[Station, Caller, str, Typed, Caller | None], object], str]] = {
    "publish": (_publish, "published"),
    "except": (_except, "excepted"),
    "correct": (_correct, "corrected"),
    "withdraw": (_withdraw, "withdrawn"),
    "end": (_end, "ended"),
}


@PAGES.post("/disclosures/{case}/{step}")
async def change(request: Request, case: str, step: str) -> Response:
    """Enter what was done with a decision."""
    if step not in STEPS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    form = await form_of(request)
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_page, request, case, form, _dialog(step, form), error)
    return await run_in_threadpool(_changed, request, case, step, form, second)


def _changed(request: Request, case: str, step: str, form: Typed, second: Caller | None) -> Response:
    station, caller = request.app.state.station, caller_of(request)
    its = find_case(station, caller, case)
    take, said = STEPS[step]
    try:
        take(station, caller, its.id, form, second)
    except StationError as error:
        return _page(request, its.id, form, _dialog(step, form), error)
    return done(request, f"/disclosures/{its.id}", f"disc_said_{said}")


def _dialog(step: str, form: Typed) -> str:
    """The dialog that a form was in: of a step there is one a channel, or one a publication."""
    which: Any = form.get("disclosure") or (form.get("channel") if step == "publish" else "")
    return f"{step}-{which}" if which else step


def _channel(form: Typed) -> Channel | None:
    return next((one for one in CHANNELS if one == form.get("channel")), None)


def _told(form: Typed) -> dict[str, str]:
    return {name.removeprefix(FIELD): text for name, text in form.items() if name.startswith(FIELD)}
