"""Statistics of a month or a year (统计): weak spots as sentences with a way in, then figures; and the year's report.

Shapes: `of` is `2026-03` or `2026`, this month without it. A number is never alone: it opens the cases that make it, or
leads to the search that does. What a whole bureau reports is downloaded by who oversees all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from catalog.people.holders import ROOT
from docking_station.bundle.year_document import year_files
from docking_station.services.case_file import called_after
from docking_station.services.links import policy_now, words_now
from docking_station.services.statistics import (
    LATE,
    PUBLISHED_LATE,
    STANDS_LATE,
    UNPUBLISHED,
    UNREVIEWED,
    Statistics,
    overseen,
    statistics,
)
from docking_station.services.year_report import year_report
from docking_station.station.station import Station
from docking_station.texts.codes import KINDS
from docking_station.texts.statistics import HOLES
from review.door import caller_of
from review.frame import Words, page

PAGES = APIRouter()
DECISIONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (UNREVIEWED, (UNREVIEWED,), "bad"),
    (UNPUBLISHED, (UNPUBLISHED,), "bad"),
    ("published_late", (PUBLISHED_LATE,), "warn"),
    ("stands_late", (STANDS_LATE,), "bad"),
    ("late", LATE, "warn"),
)
"""What is told of decisions and limits, 0 too: its words, what is found of cases, how it looks where there are any."""
PERIOD = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?")
SPOTS, CASES = 8, 20
"""So many units and matters, or recorders, are told as sentences; so many cases of a sentence by name."""
FILES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A weak spot (薄弱环节): how it looks, a sentence, how many of how many, the cases or the address behind it."""

    kind: str
    said: str
    count: int
    of: int | None = None
    cases: tuple[str, ...] = ()
    address: str = ""


@PAGES.get("/month")
def month(request: Request) -> Response:
    """Where the month sheet was before it became part of the statistics."""
    return RedirectResponse(f"/statistics?{request.url.query}".rstrip("?"), HTTPStatus.SEE_OTHER)


@PAGES.get("/statistics")
def shown(request: Request) -> Response:
    """A month, or a year."""
    station: Station = request.app.state.station
    words, caller = Words.of(request), caller_of(request)
    today = station.now().astimezone(station.settings.zone).date()
    asked = PERIOD.fullmatch(request.query_params.get("of", f"{today:%Y-%m}"))
    if asked is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    year, month = int(asked[1]), asked[2] and int(asked[2])
    first = date(year, month or 1, 1)
    until = _month_after(first) if month else date(year + 1, 1, 1)
    found = statistics(station, caller, request.app.state.recent, first, until)
    spots = tuple(_spots(words, found, station))
    behind = {case for one in spots for case in one.cases[:CASES]}
    return page(
        request,
        "statistics.html",
        title="stat_title",
        found=found,
        called=words("stat_month" if month else "stat_year", year=year, month=month),
        spots=spots,
        names=called_after(station, caller, behind),
        most=CASES,
        periods=list(_periods(words, first, today, is_month=bool(month))),
        files=tuple(FILES) if not month and overseen(station, caller) is None else (),
        year=year,
        today=today,
        kinds=KINDS,
        holes=HOLES,
        units=words_now(station),
        matters={one.code: one.zh for one in policy_now(station).recordings.every},
    )


@PAGES.get("/statistics/{year}.{kind}")
def report(request: Request, year: str, kind: str) -> Response:
    """The report of a year as a file."""
    station: Station = request.app.state.station
    asked = PERIOD.fullmatch(year)
    if asked is None or asked[2] or kind not in FILES:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    found = year_report(station, caller_of(request), int(year))
    for path, body in year_files(found, Words.of(request).language, Path(f"{year}"), (kind,)):
        head = {"Content-Disposition": f'attachment; filename="{path.name}"'}
        return Response(body, media_type=FILES[kind], headers=head)
    raise HTTPException(HTTPStatus.NOT_FOUND)


def _periods(words: Words, first: date, today: date, *, is_month: bool) -> Iterator[tuple[str, str, bool]]:
    """The month or year before and behind, this month and this year."""
    before, after = first - timedelta(days=1), _month_after(first) if is_month else date(first.year + 1, 1, 1)
    form = "%Y-%m" if is_month else "%Y"
    for name, day, by in (
        ("stat_before", before, form), ("stat_this_month", today, "%Y-%m"), ("stat_this_year", today, "%Y"),
        ("stat_after", after, form),
    ):  # fmt: skip
        at = day.strftime(by)
        if day <= today:
            yield words(name), f"/statistics?of={at}", at == first.strftime(form)


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _spots(words: Words, found: Statistics, station: Station) -> Iterator[Spot]:
    """The sentences: decisions first, 0 too, then footage by unit and matter, then what came in late or unsure."""
    policy, called = policy_now(station), words_now(station)
    matters = {one.code: one.zh for one in policy.recordings.every}
    for name, codes, kind in DECISIONS:
        cases = tuple(dict.fromkeys(case for code in codes for case in found.wrong.get(code, ())))
        of = found.decided if name == UNREVIEWED else None
        yield Spot(kind if cases else "ok", words(f"stat_{name}"), len(cases), of, cases)

    def unit(code: str | None) -> str:
        return words.coded(called, code) if code and code != ROOT else words("stat_no_unit")

    for one in [one for one in found.recorded if one.open][:SPOTS]:
        holes = "、".join(f"{words.coded(HOLES, code)} {count}" for code, count in one.holes.items())
        said = words("stat_hole", unit=unit(one.unit), matter=matters.get(one.matter, one.matter), holes=holes)
        yield Spot("warn", said, one.open, one.should, one.cases)
    days = {"since": str(found.first), "until": str(found.until - timedelta(days=1))}
    for came in sorted(found.units, key=lambda came: -came.overdue):
        if came.overdue:
            said = words("stat_overdue", unit=unit(came.of), hours=policy.dock.overdue_hours)
            to = {"is": "overdue", **({"unit": came.of} if came.of else {}), **days}
            yield Spot("warn", said, came.overdue, came.count, address=f"/clips?{urlencode(to)}")
    for came in sorted(found.recorders, key=lambda came: -came.unsure)[:SPOTS]:
        if came.unsure and came.of:
            to = {"recorder": came.of, **days}
            said = words("stat_clock", recorder=came.of)
            yield Spot("warn", said, came.unsure, came.count, address=f"/clips?{urlencode(to)}")
