"""`/imports/{kind}` (导入台账): what becomes of each row of a list of another system; taken in, where that is asked.

Those that were taken in are told with what became of their rows.
Shapes: a list is sent whole, in base64, with the name of its file; `dry=true`, which is the default, changes nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Base64Bytes, Field
from starlette.responses import Response

from catalog.imports.imports import ListTaken, RowTaken
from catalog.rules import acts
from catalog.rules.house_rights import Right
from catalog.rules.imports.maps import Import
from catalog.station_error import StationError
from docking_station.services.import_apply import apply_import, demand_reader, lists_taken, may_apply, rows_taken
from docking_station.services.import_house import House, house_of
from docking_station.services.imports import Imported, read_import
from review.api.answers import After, Body, Json, Limit, place_in, sealed
from review.api.asking import Here, Me, marks
from review.api.typed import Code
from review.frame import Words

API = APIRouter()
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f]{1,64}$", description="The import's id.", examples=["0" * 12])]
CONTENT_CHARS_MAX = 11 << 20
Dry = Annotated[bool, Query(description="Say what would become of each row; change nothing.")]

BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class ListGiven(Body):
    """A list: its file's name, its bytes in base64, and by which map its columns are called, if not the usual one."""

    name: str = Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f/\\]{1,90}\.(xlsx|csv|json)$")
    content: Base64Bytes = Field(max_length=CONTENT_CHARS_MAX, json_schema_extra={"pattern": BASE64})
    map: Code | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of lists that were taken in, the newest first."""

    items: tuple[ListTaken, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RowPage:
    """A list that was taken in, and a page of its rows."""

    list: ListTaken
    items: tuple[RowTaken, ...]
    next: str | None


@API.get("/imports/{kind}", **marks("cases:read", Right.IMPORT, answer=ListPage))
def imports_of(
    request: Request, me: Me, station: Here, kind: Import, limit: Limit = 50, after: After = None
) -> Response:
    """The lists of a kind that were taken in."""
    behind = "" if after is None else str(place_in(request, after))
    found = lists_taken(station, me, kind, behind, limit + 1)
    more = sealed(request, found[limit - 1].id) if len(found) > limit else None
    return Json(ListPage(tuple(found[:limit]), more))


@API.get("/imports/{kind}/{number}", **marks("cases:read", Right.IMPORT, answer=RowPage))
def one_import(
    request: Request, me: Me, station: Here, kind: Import, number: ImportId, limit: Limit = 50, after: After = None
) -> Response:
    """What became of each row of a list that was taken in."""
    behind = 0 if after is None else int(place_in(request, after))
    its, rows = rows_taken(station, me, kind, number, behind, limit + 1)
    more = sealed(request, rows[limit - 1].row) if len(rows) > limit else None
    return Json(RowPage(its, tuple(rows[:limit]), more))


@API.post("/imports/{kind}", **marks("cases:write", Right.IMPORT, act=(acts.IMPORT_APPLIED,), answer=dict[str, Any]))
def import_of(request: Request, me: Me, station: Here, kind: Import, body: ListGiven, dry: Dry = True) -> Response:
    """Say what becomes of each row of a list, as `evidock import --json`; with `dry=false` take it into the catalog.

    The same list again is nothing new. Units and people need two people, who do it at the station.
    """
    by = None if dry else may_apply(station, me, kind)
    if by is None:
        demand_reader(station, me, kind)
    with tempfile.TemporaryDirectory() as folder:
        file = File(folder, body.name)
        file.write_bytes(body.content)
        read = partial(_read, kind=kind, file=file, map_name=body.map)
        found = read(house_of(station)) if by is None else apply_import(station, by, read)
    return Json(dict(found.as_json(Words.of(request).language)) | {"file": body.name})


def _read(house: House, kind: Import, file: File, map_name: str | None) -> Imported:
    """The list, read; an error names it as it was sent."""
    try:
        return read_import(house, kind, file, map_name)
    except StationError as error:
        error.facts["path"] = file.name
        raise
