"""What is entered and corrected at a case's page (登记与更正): the case itself, written records, notes that answer.

Shapes: each is a form in a dialog, whose fields are those of the command that does the same; times are of the day that
stands beside them, in the recorders' zone. What is corrected stays on record. Where a service refuses, the page is
shown again with its dialog open and what was typed in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from catalog.cases.cases import number as numbered
from catalog.cases.papers import Paper
from catalog.cases.reading import Case
from catalog.errors import WordsUnfit
from catalog.station_error import StationError
from docking_station.services.cases import change_case, open_case
from docking_station.services.completeness import note_case
from docking_station.services.known_cases import find_case
from docking_station.services.links import policy_now
from docking_station.services.papers import add_paper, change_paper, show_paper
from docking_station.station.errors import BadTime
from docking_station.station.settings import moment
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import Sent
from review.frame import Words, page
from review.pages.case import case_page
from review.toasts import done

PAGES = APIRouter()
CASE_TEXTS = ("title", "kind", "matter", "unit", "place", "inspected", "opened", "decided", "penalty")
PAPER_TEXTS = ("code", "number", "step", "day", "place", "party", "note")
DAYS = frozenset({"inspected", "opened", "decided", "day"})
FINE_DIGITS = 12
BETWEEN = re.compile(r"[\s,，、;；]+")
"""What stands between two officers' numbers."""


@PAGES.get("/new-case")
def blank(request: Request) -> Response:
    """A form for a new case."""
    return _new(request, {}, "")


@PAGES.post("/new-case")
def opening(request: Request, form: Sent) -> Response:
    """Open a case."""
    station: Station = request.app.state.station
    numbers = [numbered(one) for one in (form.get("no", "").strip(),) if one]
    try:
        said = {name: value for name, value in case_said(form).items() if value}
        if name := form.get("party", "").strip():
            said["parties"] = [{"name": name}]
        case = open_case(station, caller_of(request), numbers, said)
    except StationError as error:
        return _new(request, form, error.message(Words.of(request).language))
    return done(request, f"/cases/{case.id}", "case_was_opened", case=case.called)


@PAGES.post("/cases/{case}")
def changing(request: Request, case: str, form: Sent) -> Response:
    """Correct what is said of a case."""
    station: Station = request.app.state.station
    caller = caller_of(request)
    its = find_case(station, caller, case)
    numbers = [numbered(one) for one in (form.get("no", "").strip(),) if one and one != its.no]

    def change() -> str:
        change_case(station, caller, its.id, _other(its, case_said(form)), numbers=numbers, reason=_reason(form))
        return ""

    return tried(request, its.id, form, "change-case", change, "case_was_changed")


@PAGES.post("/cases/{case}/papers")
def adding(request: Request, case: str, form: Sent) -> Response:
    """Enter a written record."""
    station: Station = request.app.state.station
    caller = caller_of(request)
    its = find_case(station, caller, case)

    def add() -> str:
        said = {name: value for name, value in paper_said(form, station.settings.zone).items() if value}
        return add_paper(station, caller, its.id, said).id

    return tried(request, its.id, form, "add-paper", add, "case_paper_was_added")


@PAGES.post("/papers/{paper}")
def correcting(request: Request, paper: str, form: Sent) -> Response:
    """Correct what is said of a written record."""
    station: Station = request.app.state.station
    caller = caller_of(request)
    its = show_paper(station, caller, paper).paper

    def change() -> str:
        changes = _other(its, paper_said(form, station.settings.zone))
        change_paper(station, caller, its.id, changes, reason=_reason(form))
        return its.id

    return tried(request, its.case, {**form, "r": its.id}, "change-paper", change, "case_paper_was_changed")


@PAGES.post("/cases/{case}/notes")
def noting(request: Request, case: str, form: Sent) -> Response:
    """Answer what was found with a note of today."""
    station: Station = request.app.state.station
    caller = caller_of(request)
    its = find_case(station, caller, case)

    def note() -> str:
        note_case(station, caller, its.id, form.get("note", "").strip(), paper=form.get("paper") or None)
        return form.get("paper", "")

    return tried(request, its.id, form, "note-case", note, "case_was_noted")


def _new(request: Request, typed: Mapping[str, str], wrong: str) -> Response:
    status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    policy = policy_now(request.app.state.station)
    return page(request, "case_new.html", status, title="case_new", typed=typed, wrong=wrong, policy=policy)


def tried(
    request: Request, case: str, form: Mapping[str, str], dialog: str, act: Callable[[], str], name: str
) -> Response:
    """Do it and say so, with the record it was about open; or show the page again, its dialog open and why."""
    try:
        record = act()
    except StationError as error:
        wrong = error.message(Words.of(request).language)
        about: dict[str, Any] = {"dialog_open": dialog, "dialog_wrong": wrong, "typed": form}
        return case_page(request, case, form, (), HTTPStatus.BAD_REQUEST, **about)
    return done(request, f"/cases/{case}" + (f"?r={record}" if record else ""), name)


def case_said(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of a case; what is empty is None. Raises `BadTime` for what is no day."""
    said: dict[str, Any] = {name: form[name].strip() or None for name in CASE_TEXTS if name in form}
    return _dated(said) | _officers(form) | _fine(form)


def _fine(form: Mapping[str, str]) -> dict[str, Any]:
    """The fine in yuan, as digits with or without separators; raises `WordsUnfit` for anything else."""
    text = form.get("fine", "").strip().replace(",", "").replace("，", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= FINE_DIGITS):
        raise WordsUnfit(field="fine", what="is no whole number of yuan", what_zh="应为整数（元）")
    return {"fine": int(text) if text else None} if "fine" in form else {}


def paper_said(form: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    """What a form says of a written record; an end before its begin is of the next day. Raises `BadTime`."""
    said: dict[str, Any] = {name: form[name].strip() or None for name in PAPER_TEXTS if name in form}
    times = {name: _at(said.get("day"), form[name], zone) for name in ("begins_at", "ends_at") if name in form}
    begin, end = times.get("begins_at"), times.get("ends_at")
    if begin is not None and end is not None and end < begin:
        times["ends_at"] = end + timedelta(days=1)
    return _dated(said) | times | _officers(form)


def _dated(said: dict[str, Any]) -> dict[str, Any]:
    """What was said, once each of its days is one."""
    for name in DAYS & said.keys():
        try:
            date.fromisoformat(said[name] or "2000-01-01")
        except ValueError as error:
            raise BadTime(text=said[name]) from error
    return said


def _officers(form: Mapping[str, str]) -> dict[str, Any]:
    return {"officers": [one for one in BETWEEN.split(form["officers"]) if one]} if "officers" in form else {}


def _at(day: str | None, time: str, zone: tzinfo) -> datetime | None:
    return moment(f"{day or ''} {time.strip()}", zone) if time.strip() else None


def _other(its: Case | Paper, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said that is not so yet; seconds nobody can type change nothing."""

    def now(name: str) -> object:
        value = getattr(its, name)
        return list(value) if isinstance(value, tuple) else value

    def is_same(name: str, value: object) -> bool:
        was = now(name)
        if isinstance(was, datetime) and isinstance(value, datetime):
            return was.replace(second=0, microsecond=0) == value
        return was == value

    return {name: value for name, value in said.items() if not is_same(name, value)}


def _reason(form: Mapping[str, str]) -> str | None:
    return form.get("reason", "").strip() or None
