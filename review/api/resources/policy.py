"""`/policy` (管理制度): every version that was adopted, word for word; the last is in force."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.responses import Response

from catalog.acts import policy
from review.api.answers import Json
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


@API.get("/policy", **marks("station:read", None, answer=Versions))
def policy_versions(_: Me, station: Here) -> Response:
    """Every version that was adopted, the oldest first; nothing is ever erased on recorders before the first."""
    return Json({"items": policy.history(station.database)})


@API.get("/policy/{version}", **marks("station:read", None, answer=Adopted))
def policy_version(_: Me, station: Here, version: Version) -> Response:
    """One version."""
    return Json(policy.of_version(station.database, version))
