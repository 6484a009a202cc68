"""Lists of other systems (导入台账): what would become of each row, then taken in; and the list back with the results.

Shapes: a list is sent once and kept in memory for whoever sent it, a few at a time, until it is taken in or forgotten.
To read it changes nothing. Units and people are taken in by two.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, cast, get_args

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.imports.imports import TWO_PEOPLE, ListTaken
from catalog.rules.callers import Caller
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import VERDICTS, Row
from catalog.station_error import StationError
from docking_station.services.import_apply import apply_import, demand_reader, lists_taken, may_apply, rows_taken
from docking_station.services.import_house import House, house_of
from docking_station.services.imports import Imported, read_import
from docking_station.services.links import words_now
from docking_station.services.rights import is_founding
from docking_station.services.search import facet_names
from docking_station.station.errors import NotAllowed
from docking_station.texts.imports import in_one_cell
from review.door import caller_of
from review.forms import form_of
from review.frame import Words
from review.register import Cell, Table, minute_of, names_of, refused, shown
from review.second import second_of
from review.sent import KEPT_MAX, Kept, as_file, form_with_file

PAGES = APIRouter()
LIST_BYTES_MAX, ROWS_SHOWN_MAX, ROW_MAX = 9 << 20, 500, 10_000_000
KINDS = get_args(Import)
NAMES = (".xlsx", ".csv", ".json")
LOOKS: Mapping[str, tuple[str, str]] = {
    "new": ("ok", "check"), "changed": ("run", "check"), "same": ("idle", "check"), "skipped": ("idle", "circle-x"),
    "duplicate": ("warn", "triangle-alert"), "doubtful": ("warn", "triangle-alert"), "refused": ("bad", "circle-x"),
}  # fmt: skip
NAMED = frozenset({"unit", "parent", "kind", "matter", "step"})
"""The fields whose codes are shown by their names."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sent:
    """A list somebody sent: which kind, its file's name and bytes."""

    kind: Import
    name: str
    body: bytes


_kept = Kept[Sent]()


@PAGES.get("/imports")
def choose(request: Request) -> Response:
    """Choose a list."""
    demand_reader(request.app.state.station, caller_of(request), "people")  # who may read this may read some
    return _page(request)


@PAGES.get("/imports/{kind}/{number}")
def taken(request: Request, kind: str, number: str, after: Annotated[int, Query(ge=0, le=ROW_MAX)] = 0) -> Response:
    """A list that was taken in, and what became of each of its rows."""
    if kind not in KINDS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    words, me = Words.of(request), caller_of(request)
    its, rows = rows_taken(request.app.state.station, me, cast(Import, kind), number, after, ROWS_SHOWN_MAX)
    told = [
        (
            one.row,
            one.subject or "",
            Cell(
                words("import_refused" if one.refused else "imp_is_in"),
                state=LOOKS["refused" if one.refused else "new"],
            ),
            Cell("  ".join(str(value) for value in list(one.said.values())[:4] if value), one.refused or ""),
        )
        for one in rows
    ]
    older = f"/imports/{kind}/{number}?after={rows[-1].row}" if len(rows) == ROWS_SHOWN_MAX else ""
    parts = [Table(its.file, ("imp_row", "reg_about", "imp_fate", "imp_why"), told)]
    return shown(request, "imp_title", parts, heading=its.file, back="/imports", older=older)


def _taken_before(request: Request) -> Table:
    """The lists of every kind this person may be told of, the newest first."""
    station, me, words = request.app.state.station, caller_of(request), Words.of(request)
    found = list[ListTaken]()
    for kind in KINDS:
        with suppress(NotAllowed):
            found += lists_taken(station, me, kind, "", KEPT_MAX)
    minute, named = minute_of(request), names_of(request)
    rows = [
        (
            Cell(one.file, one.id, f"/imports/{one.kind}/{one.id}"),
            words(f"imp_of_{one.kind}"),
            one.rows,
            Cell(named(one.by), minute(one.at)),
        )
        for one in sorted(found, key=lambda one: one.at, reverse=True)
    ]
    return Table("imp_before", ("imp_list", "imp_kind", "imp_rows", "reg_by"), rows)


@PAGES.post("/imports")
async def read(request: Request) -> Response:
    """Say what would become of each row of a list."""
    me, fields = await form_with_file(request, LIST_BYTES_MAX)
    kind, (name, body) = fields.get("kind", ("", b""))[1].decode("ascii", "replace"), fields.get("list", ("", b""))
    if kind not in KINDS or not name.lower().endswith(NAMES):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return await run_in_threadpool(_read, request, me, Sent(cast(Import, kind), name, body))


def _read(request: Request, me: Caller, sent: Sent) -> Response:
    station = request.app.state.station
    try:
        demand_reader(station, me, sent.kind)
        with as_file(sent.name, sent.body) as file:
            found = read_import(house_of(station), sent.kind, file)
    except StationError as error:
        error.facts["path"] = sent.name
        return _page(request, **refused(request, error, "wrong"))
    number = _kept.keep(me, sent)
    return _page(request, found, sent, number)


@PAGES.post("/imports/{number}/taking-in")
async def taking_in(request: Request, number: str) -> Response:
    """Take in the rows that are new or changed."""
    form = await form_of(request)
    sent = _kept.of(await run_in_threadpool(caller_of, request), number)
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_again, request, sent, number, error)
    return await run_in_threadpool(_taken, request, sent, number, second)


def _taken(request: Request, sent: Sent, number: str, second: Caller | None) -> Response:
    station, me = request.app.state.station, caller_of(request)
    try:
        by = may_apply(station, me, sent.kind, lambda: second)
        with as_file(sent.name, sent.body) as file:
            found = apply_import(station, by, partial(_list, sent.kind, file))
    except StationError as error:
        return _again(request, sent, number, error)
    return _page(request, found, sent, number)


def _list(kind: Import, file: Path, house: House) -> Imported:
    return read_import(house, kind, file)


def _again(request: Request, sent: Sent, number: str, error: StationError) -> Response:
    """The page of the list again, with what was refused in its dialog."""
    with as_file(sent.name, sent.body) as file:
        found = read_import(house_of(request.app.state.station), sent.kind, file)
    return _page(request, found, sent, number, **refused(request, error, "apply"))


@PAGES.post("/imports/{number}/answer")
def answer(request: Request, number: str) -> Response:
    """The list as Excel, with what becomes of each row beside it."""
    me, station = caller_of(request), request.app.state.station
    sent = _kept.of(me, number)
    demand_reader(station, me, sent.kind)
    with as_file(sent.name, sent.body) as file:
        told = file.with_name("answer.xlsx")
        read_import(house_of(station), sent.kind, file).answer(told, Words.of(request).language)
        body = told.read_bytes()
    return Response(body, media_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{sent.kind}.xlsx"'})


def _page(
    request: Request, found: Imported | None = None, sent: Sent | None = None, number: str = "", **more: Any
) -> Response:
    words = Words.of(request)
    parts, counts = [] if found is not None else [_taken_before(request)], dict[str, int]()
    if found is not None and sent is not None:
        counts = {one: found.reading.counts.get(one, 0) for one in VERDICTS if found.reading.counts.get(one)}
        station = request.app.state.station
        called = words_now(station) | {code: (name, name) for code, name in facet_names(station)["unit"].items()}
        told = [one for one in found.reading.rows if one.verdict != "skipped"][:ROWS_SHOWN_MAX]
        rows = [_row(words, found, one, called) for one in told]
        parts = [Table(sent.name, ("imp_row", "imp_fate", "imp_why"), rows)]
    about: dict[str, Any] = {
        "kinds": KINDS,
        "kind": None if sent is None else sent.kind,
        "counts": counts,
        "applied": None if found is None else found.applied,
        "takes": sum(counts.get(one, 0) for one in ("new", "changed")),
        "needs_two": sent is not None and sent.kind in TWO_PEOPLE and not is_founding(request.app.state.station),
        "number": number,
        "more_rows": sum(counts.values()) > ROWS_SHOWN_MAX,
        "looks": LOOKS,
    }
    return shown(request, "imp_title", parts, "imports.html", **(about | more))


def _row(words: Words, found: Imported, one: Row, called: Mapping[str, tuple[str, str]]) -> tuple[Cell | object, ...]:
    is_done = found.is_done(one)
    said = in_one_cell(one, words.language, is_done=is_done)
    fate = f"import_done_{one.verdict}" if is_done else f"import_{one.verdict}"
    some = [(name, value) for name, value in list(one.values.items())[:4] if value not in (None, "", ())]
    values = "  ".join(words.coded(called, value) if name in NAMED else str(value) for name, value in some)
    return one.row, Cell(words(fate), state=LOOKS[one.verdict]), Cell(values, "" if said == words(fate) else said)
