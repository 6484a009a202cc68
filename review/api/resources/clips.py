"""`/clips` (音像资料): searched and listed, one with all that is known of it, its manifest, its lines of the trail."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import Counts, Found
from catalog.clips.search import Search
from catalog.evidence import Kind
from catalog.rules.callers import Caller
from catalog.rules.places import Area
from catalog.rules.rights import Action
from catalog.trail.versions import versions
from docking_station.services import looks
from docking_station.services.at_once import at_once
from docking_station.services.listing import READ, clip_details, lines_about, signed_manifest
from docking_station.services.permits import LINES, permit
from docking_station.services.rights import CLIP_ACTIONS, allowed, demand_clips, find_clip
from docking_station.services.search import area_typed, count_clips, search_clips
from docking_station.services.viewable import viewable
from docking_station.station.errors import NothingToView
from docking_station.station.station import Station
from review.api.answers import (
    NOT_MODIFIED,
    PAGE_MAX,
    PICTURE,
    After,
    Body,
    IfNoneMatch,
    Json,
    Limit,
    LinePage,
    not_modified,
    place_in,
    sealed,
    tag,
    tagged,
    value_of,
    version_of,
)
from review.api.asking import Here, Me, marks
from review.api.typed import Class, ClipId, Code, Moment, Words

API = APIRouter()
PLACES = ("box", "around")
Flag = Literal["hold", "marked", "overdue", "unlinked", "unplayable"]
Place = Annotated[str, StringConstraints(max_length=100, pattern=r"^-?[0-9.]{1,12}(,-?[0-9.]{1,12}){2,3}$")]
OF_ONE = LINES[Action.HISTORY]


class Asked(Body):
    """What clips are asked for, as `evidock clips search` has it."""

    text: list[Words] = Field([], max_length=20, description="Words that all must be found.")
    case: Words | None = None
    officer: Code | None = None
    recorder: Code | None = None
    unit: Code | None = None
    party: Words | None = None
    matter: Code | None = None
    step: Code | None = None
    kind: Kind | None = None
    class_: Class | None = Field(None, alias="class")
    box: Place | None = Field(None, description="Within south,west,north,east, in degrees.")
    around: Place | None = Field(None, description="Within so many metres of a point: latitude,longitude,metres.")
    flags: list[Flag] = Field([], alias="is", max_length=5)
    since: Moment | None = None
    until: Moment | None = None
    due: Moment | None = Field(None, description="Whose lock ends before.")
    limit: int = Field(50, ge=1, le=PAGE_MAX)
    after: str | None = Field(
        None, max_length=400, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before."
    )
    count: bool = Field(False, description="Whether they are counted as well.")


@dataclass(frozen=True, slots=True)
class ClipItem(Found):
    """A clip of a page; `may` is what the person who asks may do with it now, `version` its ETag."""

    may: tuple[Action, ...]
    version: int


@dataclass(frozen=True, slots=True)
class ClipPage:
    """A page of clips; `back_to`: so far it looked, `waiting`: so many changes are not searched yet."""

    items: tuple[ClipItem, ...]
    next: str | None
    back_to: datetime | None
    waiting: int
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest as the vault holds it: `body` encoded as UTF-8 are the bytes of that digest that were signed."""

    clip: str
    sha256: str
    signature: str
    key_id: str
    body: str


@API.get("/clips", **marks("clips:read", Action.ROW, look=READ, answer=ClipPage))
def clips(request: Request, me: Me, station: Here, asked: Annotated[Asked, Query()]) -> Response:
    """The clips that fit and may be found, newest first."""
    told = asked.model_dump(exclude={"count", "after", *PLACES}) | {"area": _area(station, me, asked)}
    told |= {"text": tuple(asked.text), "flags": frozenset(asked.flags)}
    wanted = Search(**told, after=None if asked.after is None else place_in(request, asked.after))
    with at_once():
        page = search_clips(station, me, wanted)
        counts = count_clips(station, me, wanted) if asked.count else None
        ids = [one.id for one in page.clips]
        may, version = allowed(station, me, CLIP_ACTIONS, ids), versions(station.database, ids)
    items = tuple(
        ClipItem(**_fields(one), may=tuple(sorted(may[one.id])), version=version.get(one.id, 0)) for one in page.clips
    )
    after = None if page.after is None else sealed(request, page.after)
    return Json(ClipPage(items, after, page.back_to, page.waiting, counts))


def _area(station: Station, me: Caller, asked: Asked) -> Area | None:
    """The place that is asked for; raises `SearchUnfit` for two, and for what is none."""
    given = [(name, text) for name in PLACES if (text := getattr(asked, name)) is not None]
    if not given:
        return None
    try:
        ((name, text),) = given
        return area_typed(station, me, name, text)
    except ValueError as error:
        raise SearchUnfit(what="give one place, on earth", what_zh="只能填写一个有效的位置") from error


def _fields(one: Found) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(Found)}


@API.get("/clips/{clip}", **marks("clips:read", Action.HISTORY, look=OF_ONE, answer=dict[str, Any], other=NOT_MODIFIED))
def one_clip(me: Me, station: Here, clip: ClipId, if_none_match: IfNoneMatch = None) -> Response:
    """All that is known of a clip and may be seen: what `clips show --json` prints, `may` and `version`."""
    number = find_clip(station, me, clip)
    version, shown = version_of(station, number), viewable(station, number)
    if if_none_match == tag(version) and shown.state != "making":
        return not_modified(version)
    with at_once():
        permit(station, me, Action.HISTORY, number)
        may = sorted(allowed(station, me, CLIP_ACTIONS, [number])[number])
        details = clip_details(station, me, number)
    return tagged(value_of(details, view=shown, may=may, version=version), version)


@API.get("/clips/{clip}/manifest", **marks("clips:read", Action.STREAM, look=OF_ONE, answer=SignedManifest))
def manifest(me: Me, station: Here, clip: ClipId) -> Response:
    """The manifest, to the byte that was signed, with its signature."""
    number = find_clip(station, me, clip)
    found = signed_manifest(station, me, number)
    return Json(SignedManifest(number, found.sha256, found.signature, found.key_id, found.body.decode()))


@API.get("/clips/{clip}/trail", **marks("trail:read", Action.TRAIL, look=OF_ONE, answer=LinePage))
def clip_lines(
    request: Request, me: Me, station: Here, clip: ClipId, limit: Limit = 50, after: After = None
) -> Response:
    """What happened to a clip, oldest first; who looked at it is for those who may read the trail."""
    number = find_clip(station, me, clip)
    permit(station, me, Action.HISTORY, number, what="trail")
    behind = 0 if after is None else place_in(request, after)
    found, more = lines_about(station, me, number, behind, limit)
    return Json({"items": found, "next": None if more is None else sealed(request, more)})


@API.get("/clips/{clip}/poster", **marks("clips:read", Action.POSTER, other=PICTURE))
def poster(me: Me, station: Here, clip: ClipId) -> Response:
    """The one picture of a clip that lists show."""
    number = find_clip(station, me, clip)
    demand_clips(station, me, Action.POSTER, [number])
    found = looks.poster(station, number)
    if found is None:
        raise NothingToView(clip=number, why="its poster is not made")
    return Response(found[1], media_type=found[0].media_type)
