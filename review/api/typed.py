"""What a program may type (输入格式): ids, codes of the policy, words; each bounded, as OpenAPI says."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints


def _as_text(form: str, value: object) -> object:
    """A time as it is written in RFC 3339: a bare number is none, nor is a year that some zone or calendar has not."""
    if not isinstance(value, str) or re.fullmatch(form, value) is None:
        raise ValueError("not as RFC 3339 writes it")
    return value


ClipId = Annotated[str, Path(pattern=r"^c[a-z2-7]{20}$", description="The clip's ID.", examples=["c" + "a" * 20])]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
WordsAsked = Annotated[Words, Query(description="Why.")]
CaseNo = Annotated[
    str,
    Path(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="A number of the case, or its id.", examples=["0" * 12]),
]
YEARS = r"(19|2[01])\d\d-\d\d-\d\d"
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(partial(_as_text, rf"{YEARS}[Tt ]\d\d:\d\d.*")),
    Field(json_schema_extra={"pattern": f"^{YEARS}"}),
]
Day = Annotated[date, BeforeValidator(partial(_as_text, r"\d{4}-\d\d-\d\d"))]
Class = Literal["none", "privacy", "business", "work", "informant", "state"]
ClipIds = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^c[a-z2-7]{20}$")], ...], Field(max_length=200, description="IDs.")
]


class Page(BaseModel):
    """A page of things as `--json` prints them."""

    items: list[dict[str, Any]]
    next: str | None


def said(body: BaseModel, *without: str) -> dict[str, Any]:
    """What was sent of a thing, as acts have it: a day as text; neither why, nor the fields that are left out."""
    sent = body.model_dump(exclude_unset=True, exclude={"reason", *without})
    return {name: value.isoformat() if type(value) is date else value for name, value in sent.items()}
