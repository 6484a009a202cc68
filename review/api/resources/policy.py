"""`/policy` (管理制度): every version that was adopted, word for word; what a new one would change; its adoption."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from catalog.acts import policy
from catalog.rules import acts
from catalog.rules.house_rights import Right
from catalog.rules.policy_text import TEXT_BYTES_MAX
from docking_station.services.policy import Compared, adopt_text, compare, needs_two
from docking_station.station.errors import NotConfirmed
from review.api.answers import Body, Json
from review.api.asking import Here, Me, marks

API = APIRouter()
Version = Annotated[int, Path(ge=1, le=1_000_000, description="The version.")]


class Adopted(BaseModel):
    """A version: when, by whom, its text and that text's SHA-256."""

    version: int
    adopted_at: datetime
    adopted_by: str
    sha256: str
    text: str


class Versions(BaseModel):
    """The versions, the oldest first."""

    items: list[Adopted]


class PolicyText(Body):
    """The words of a policy file, in TOML."""

    text: str = Field(max_length=TEXT_BYTES_MAX)


class PolicyAdopting(PolicyText):
    """A policy, and that its files may be erased on recorders sooner than before, where it says so."""

    erases_sooner: bool = False


class Adoption(BaseModel):
    """The version in force now; `is_new` is false where these words were in force already."""

    version: int
    sha256: str
    is_new: bool


@API.get("/policy", **marks("station:read", None, answer=Versions))
def policy_versions(_: Me, station: Here) -> Response:
    """Every version that was adopted, the oldest first; nothing is ever erased on recorders before the first."""
    return Json({"items": policy.history(station.database)})


@API.get("/policy/{version:int}", **marks("station:read", None, answer=Adopted))
def policy_version(_: Me, station: Here, version: Version) -> Response:
    """One version."""
    return Json(policy.of_version(station.database, version))


@API.post("/policy/check", **marks("station:read", None, answer=Compared))
def policy_check(_: Me, station: Here, body: PolicyText) -> Response:
    """Say what a policy would change, and whether two people must adopt it; changes nothing."""
    return Json(compare(station, body.text))


@API.post(
    "/policy",
    **marks(
        "person",
        Right.POLICY_ADOPT,
        act=(acts.POLICY_ADOPTED, acts.UNIT_ADDED),
        answer=Adoption,
        status=HTTPStatus.CREATED,
    ),
)
def policy_adopt(me: Me, station: Here, body: PolicyAdopting) -> Response:
    """Put a policy into force (发布制度), where one person may; sent again it makes no second version."""

    def confirm(before: str, after: str) -> None:
        if not body.erases_sooner and "erases" in needs_two(before, after):
            raise NotConfirmed

    done = adopt_text(station, me, body.text, confirm)
    return Json({name: getattr(done, name) for name in Adoption.model_fields}, HTTPStatus.CREATED)
