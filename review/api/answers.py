"""What the API answers (接口应答): JSON of our values, pages of a list, versions of a thing.

Shapes: a page is `{"items": […], "next": … | null}`; `next` is given back as `after`. It is base64url of a seal and of
JSON: nobody makes one up, and it goes on with the list it came from alone. The version of a thing is the number of the
newest line of the trail that is a change of it; `ETag` holds it between quotes.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Header, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from catalog.trail.versions import versions
from docking_station.station.station import Station
from docking_station.texts.plain import json_of
from review.api.errors import NoSuchPage

PREFIX = "/api/v1"
SEAL_BYTES = 9
PAGE_MAX = 200
NO_FILTER = ("after", "limit")
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="So many at most.")]
After = Annotated[
    str | None, Query(max_length=400, pattern=r"^[A-Za-z0-9_-]*$", description="`next` of the page before.")
]
IfNoneMatch = Annotated[str | None, Header(max_length=100, description="The ETag you have: 304 if it still holds.")]
NOT_MODIFIED: Mapping[int | str, Any] = {304: {"description": "What you have still holds."}}
OF_BYTES = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
PICTURE: Mapping[int | str, Any] = {200: {"description": "A picture.", "content": {"image/jpeg": OF_BYTES}}}


class Numbered(Protocol):
    """What has an id (有标识)."""

    @property
    def id(self) -> str:
        """Its id."""


Item = TypeVar("Item", bound=Numbered)


class Body(BaseModel):
    """What is sent; nothing else may be."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Line(BaseModel):
    """A line of the trail; its leaf hash is over the canonical JSON of all but the hashes (RFC 9162)."""

    line: int
    at: str
    actor: str
    action: str
    look: bool
    subject: str
    details: dict[str, Any]
    leaf_hash: str
    chain_hash: str


class LinePage(BaseModel):
    """A page of lines."""

    items: list[Line]
    next: str | None


class Json(JSONResponse):
    """A value as `--json` prints it."""

    def render(self, content: Any) -> bytes:
        """Return the bytes; a name of a file that is no Unicode is escaped."""
        return json.dumps(content, default=json_of, separators=(",", ":")).encode()


def tagged(value: Any, version: int, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return a thing with its version."""
    return Json(value, status, {"ETag": tag(version)})


def tag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def not_modified(version: int) -> Response:
    """Return that what was seen still holds."""
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag(version)})


def version_of(station: Station, subject: str) -> int:
    """The version of a thing; 0 where no line is about it."""
    return versions(station.database, (subject,)).get(subject, 0)


def sealed(request: Request, place: object) -> str:
    """Where a list goes on, for who asked for it."""
    body = json.dumps(place, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_seal(request, body) + body).rstrip(b"=").decode()


def place_in(request: Request, after: str) -> Any:
    """What was sealed; raises `NoSuchPage` for anything else."""
    try:
        whole = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
    except ValueError as error:
        raise NoSuchPage from error
    seal, body = whole[:SEAL_BYTES], whole[SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(request, body)):
        raise NoSuchPage
    return json.loads(body)


def behind(request: Request, every: Sequence[Item], after: str | None) -> Sequence[Item]:
    """What of a list is behind the thing whose id is sealed in `after`; raises `NoSuchPage` where it is gone."""
    if after is None:
        return every
    place = place_in(request, after)
    found = next((number for number, one in enumerate(every, 1) if one.id == place), None)
    if found is None:
        raise NoSuchPage
    return every[found:]


def fields_of(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, as they are."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _seal(request: Request, body: bytes) -> bytes:
    asked = sorted((name, value) for name, value in request.query_params.multi_items() if name not in NO_FILTER)
    said = json.dumps([request.url.path, asked]).encode() + b"\0" + body
    return hmac.digest(request.app.state.cursor_key, said, "sha256")[:SEAL_BYTES]


def value_of(value: object, **more: object) -> Mapping[str, Any]:
    """The object that `--json` prints of a value, with more keys."""
    known = json_of(value)
    assert isinstance(known, dict)
    return known | more
