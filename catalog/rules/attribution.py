"""Whose clip it is (归属): what a person stated; else who had the recorder then; else what names say (R7). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.evidence import Attribution
from catalog.rules.register import Assignment


@dataclass(frozen=True, slots=True)
class OfficerClaims:
    """The officers that were told (各方说法): by a person at the docking, by the file's name, by the card's names.

    `unit` is what a person stated.
    """

    stated: str | None
    unit: str | None
    named: str | None
    card: str | None


@dataclass(frozen=True, slots=True)
class Attributed:
    """The officer of a clip, the unit, and how it came to be known; all None where nothing tells."""

    officer: str | None
    unit: str | None
    how: Attribution | None


def attributed(claims: OfficerClaims, assignees: Sequence[Assignment], at: datetime) -> Attributed:
    """Whose clip it is; `assignees` may have had its recorder at its start, `at` is the best estimate of that.

    One assignee at the estimate is sure, and so is one of several whom the file's name names. Else it is the one at the
    estimate, or nearest to it, and unsure.
    """
    if claims.stated is not None:
        return _of(claims.stated, "stated", claims, assignees)
    if assignees:
        officers = {one.officer for one in assignees}
        if claims.named in officers:
            return _of(claims.named, "register", claims, assignees)
        nearest = min(assignees, key=lambda one: (_away(one, at), one.how != "loan"))
        sure = len(officers) == 1 and _away(nearest, at) == timedelta(0)
        how: Attribution = "register" if sure else "register-unsure"
        return Attributed(nearest.officer, claims.unit or nearest.unit, how)
    if claims.named is not None:
        return Attributed(claims.named, claims.unit, "name")
    return Attributed(claims.card, claims.unit, None if claims.card is None else "card")


def _of(officer: str | None, how: Attribution, claims: OfficerClaims, assignees: Sequence[Assignment]) -> Attributed:
    """An officer somebody named; the unit is that of the assignment, where there is one."""
    unit = next((one.unit for one in assignees if one.officer == officer and one.unit is not None), None)
    return Attributed(officer, claims.unit or unit, how)


def _away(one: Assignment, at: datetime) -> timedelta:
    """How far a moment lies outside an assignment."""
    if one.covers(at):
        return timedelta(0)
    if at < one.begins_at:
        return one.begins_at - at
    return max(at - (one.ends_at or at), timedelta(microseconds=1))
