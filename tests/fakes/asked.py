"""Requests and copies with everything that can be done with them, as acts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from catalog.requests import requests
from catalog.rules.acts import Act
from catalog.rules.callers import Caller

DIGEST = "ab" * 32


def every_step(clip: str, at: datetime, by: Caller, other: Caller) -> Iterator[Act]:
    """One request that ends in a copy that came back, one each that is filled in and refused, withdrawn, revoked."""
    until = at + timedelta(days=5)
    told = {"case_id": "C1", "use": "court", "paper": "x", "organ": "y", "letter": "z"}
    for number in (1, 2, 3):
        no = f"R2026-000{number}"
        named = () if number == 2 else (clip,)
        said = {"description": "the market, in the morning"} if number == 2 else told
        yield requests.asking(no, "copy", named, reason="a lawsuit", days=30, at=at, by=by, **said)
    for no in ("R2026-0001", "R2026-0003"):
        yield requests.granting(no, (clip,), until, 0, reason="agreed", at=at, by=other)
    yield requests.making("R2026-0001-1", "R2026-0001", {clip: DIGEST}, "bundle", DIGEST, at=at, by=by)
    yield requests.handing("R2026-0001-1", medium="disc 1", receiver="the court", at=at, by=by)
    yield requests.taking_back("R2026-0001-1", outcome="returned", witness="w", at=at, by=by)
    yield requests.filling("R2026-0002", (clip,), at=at, by=by)
    yield requests.refusing("R2026-0002", reason="not needed", at=at, by=other)
    yield requests.revoking("R2026-0003", reason="settled", at=at, by=other)
    for number, is_upheld in ((5, True), (6, False)):
        no, soon = f"R2026-000{number}", at + timedelta(minutes=9)
        yield requests.opening(no, (clip,), soon, 0, case="C1", reason="a fire", at=at, by=by)
        yield requests.judging(no, is_upheld=is_upheld, reason="seen", at=at, by=other)
    yield requests.asking("R2026-0004", "look", (clip,), reason="x", days=None, at=at, by=by)
    yield requests.withdrawing("R2026-0004", reason=None, at=at, by=by)
