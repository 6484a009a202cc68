"""Releases of a clip to the public with everything that can be done with them, as acts; and the files they name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from catalog.requests.releases import stating
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.retention import months_later
from docking_station.station.station import Station
from ingest.sealing import recipe_key, released_key

FILES = {"recipe": b'{"schema":"evidock.redaction/1"}', "film": b"film"}
RECIPE, FILM = (hashlib.sha256(body).hexdigest() for body in FILES.values())


def every_release(clip: str, case: str, at: datetime, by: Caller, other: Caller) -> Iterator[Act]:
    """One that was sent back, published, corrected and taken down; and one that was dropped."""
    said = {"clip": clip, "case_id": case, "reason": "a penalty", "cleared": ["minor"]}
    drafted = {"recipe": RECIPE, "film": FILM, "size_bytes": len(FILES["film"]), "original": "ab" * 32}
    one, two = "P2026-0001", "P2026-0002"
    yield stating(acts.RELEASE_ASKED, one, at, by, **said)
    yield stating(acts.RELEASE_DRAFTED, one, at, by, **drafted)
    yield stating(acts.RELEASE_SENT_BACK, one, at, other, reason="a face at 0:05")
    yield stating(acts.RELEASE_DRAFTED, one, at + timedelta(milliseconds=1), by, **drafted)
    yield stating(acts.RELEASE_CHECKED, one, at, other, film=FILM)
    yield stating(acts.RELEASE_APPROVED, one, at, other, film=FILM, recipe=RECIPE, derived="evidock.derived/1")
    yield stating(acts.RELEASE_PUBLISHED, one, at, by, film=FILM, place="the website")
    yield stating(acts.RELEASE_CORRECTED, one, at, by, reason="a wrong date")
    yield stating(acts.RELEASE_WITHDRAWN, one, at, by, reason="the decision fell")
    yield stating(acts.RELEASE_ASKED, two, at, by, **said)
    yield stating(acts.RELEASE_DROPPED, two, at, other, reason="no interest")


def released(station: Station, clip: str, by: Caller, other: Caller) -> Iterator[Act]:
    """The same for a clip of a station that belongs to a case; what the acts name is in the vault first."""
    found = station.database.query("SELECT case_id FROM link WHERE clip_id = :id AND ended_at IS NULL", {"id": clip})
    now = station.now()
    for key, body in ((recipe_key(RECIPE), FILES["recipe"]), (released_key(FILM), FILES["film"])):
        station.own_vault.put_document(key, body, months_later(now, station.settings.lock_months))
    yield from every_release(clip, str(found[0]["case_id"]), now, by, other)
