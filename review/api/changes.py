"""Changes through the API (接口变更): of the version that was seen, and once however often they are sent.

Source: RFC 9110, 13 (`If-Match`); draft-ietf-httpapi-idempotency-key-header. Shapes: what a change is of is compared
before it is signed, under the lock for changes; that a key was used is written in the transaction of the change. The
answer is kept 48 hours; who was killed before it was written is answered what holds then.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from catalog.acts.condition import Condition, attached
from catalog.database import Database
from catalog.people import answered
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.trail.versions import versions
from docking_station.station.station import Station
from review.api.answers import Json, tag
from review.api.errors import KeyUsed, VersionDiffers, VersionNeeded

REPLAYED = "Idempotent-Replayed"
KEPT_HEADERS = ("etag", "location")
LOCKS = tuple(threading.Lock() for _ in range(64))
"""Two requests of one key wait for each other: the second is answered what the first was."""
IfMatch = Annotated[str | None, Header(max_length=100, description="The ETag you saw; 428 without it.")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Yours: sent again with it, a request is carried out once.",
    ),
]


def change_of(
    station: Station, subject: str, if_match: str | None, change: Callable[[], object], show: Callable[[], Response]
) -> Response:
    """Change what was seen, and return what `show` says then; raises `VersionNeeded`, `VersionDiffers`."""
    if if_match is None:
        raise VersionNeeded

    def demanded(database: Database) -> None:
        if if_match != tag(versions(database, (subject,)).get(subject, 0)):
            raise VersionDiffers

    demanded(station.database)
    with attached(Condition(demanded)):
        change()
    return show()


def once(
    request: Request,
    station: Station,
    me: Caller,
    key: str | None,
    body: BaseModel,
    change: Callable[[], str],
    show: Callable[[str], Response],
    *,
    made: Callable[[Act], str] = lambda act: act.subject,
) -> Response:
    """Make a change and return what `show` says of what it made; with a key both once, and the same answer again.

    `made` tells of the act what `change` returns, for who was killed in between. Raises `KeyUsed`.
    """
    if key is None:
        return show(change())
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n{body.model_dump_json()}".encode()).hexdigest()
    with LOCKS[hash((me.who, key)) % len(LOCKS)]:
        at = station.now()
        found = answered.find(station.database, me.who, key, at)
        if found is not None and found.asked != asked:
            raise KeyUsed
        if found is not None and "content" in found.answer:
            kept = dict(found.answer)
            show(str(kept.pop("made")))  # who may not see it any more is told so
            return Response(**kept, media_type=Json.media_type)
        its = (me.who, key, asked, at)
        if found is not None:
            about = str(found.answer["made"])
        else:
            with attached(Condition(noted=lambda session, act: answered.note(session, *its, {"made": made(act)}))):
                about = change()
        answer = show(about)
        with station.database.transaction() as session:
            answered.note(session, *its, {"made": about} | _kept(answer))
        return answer


def _kept(answer: Response) -> dict[str, Any]:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    content = bytes(answer.body).decode()
    return {"content": content, "status_code": answer.status_code, "headers": headers | {REPLAYED: "true"}}
