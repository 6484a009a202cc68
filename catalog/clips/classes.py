"""How sensitive a clip is (密级与敏感类别): a set of classes, the highest holds; raising is quick, lowering needs two.

Shapes: `class` of a clip's row is the highest of its set, `none` where that is empty; a file beside it, such as a log
of where it was, has it too. To lower is to take one class out of the set: `clip.declassify-asked` by one person,
`clip.declassified` by another. `clip.handed-over` is two people's: the first act's, and who confirmed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.clips import sidecars
from catalog.clips.errors import (
    ClassNotSet,
    ClassSet,
    DeclassifyNeedsAnother,
    DeclassifyNotAsked,
    HandedOver,
    HandOverNeedsAnother,
    StateSecret,
)
from catalog.database import before
from catalog.errors import NoSuchClip, WordsUnfit
from catalog.people import accounts
from catalog.readable import any_of, readable, value_in
from catalog.rules.acts import CLASSIFIED, DECLASSIFIED, DECLASSIFY_ASKED, HANDED_OVER, Act
from catalog.rules.callers import LOGIN, SECRET, Caller, How, person
from catalog.rules.canonical import time_text
from catalog.rules.rights import CLASSES

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.clips.tables import ClipClassRow, ClipRow
    from catalog.database import Database, Row

ORDINARY, STATE = CLASSES[0], CLASSES[-1]


@dataclass(frozen=True, slots=True)
class Classed:
    """One class of a clip (密级): who gave it and why, who asked to take it away; who handed a state secret over."""

    code: str
    added_at: datetime
    added_by: str
    reason: str | None
    asked_at: datetime | None
    asked_by: str | None
    asked_reason: str | None
    asked_how: How | None
    handed_at: datetime | None = None
    handed_by: str | None = None
    receipt: str | None = None


def highest(codes: Sequence[str]) -> str:
    """The class that holds of several."""
    return max(codes, key=CLASSES.index, default=ORDINARY)


def classifying(clip: str, code: str, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that gives a clip a class (定密、标注): one person is enough."""
    return Act(at, actor, CLASSIFIED, clip, {"class": code, "reason": reason})


def asking(clip: str, code: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act that asks to take a class from a clip (申请降低密级)."""
    return Act(at, by.actor, DECLASSIFY_ASKED, clip, {"class": code, "reason": reason, "how": by.how})


def declassifying(clip: str, asked: Classed, *, at: datetime, by: Caller) -> Act:
    """The act that confirms it (确认降低密级): who asked, and why."""
    assert asked.asked_at is not None
    first = {"asked_at": time_text(asked.asked_at), "asked_by": asked.asked_by, "asked_how": asked.asked_how}
    return Act(
        at, by.actor, DECLASSIFIED, clip, {"class": asked.code, "reason": asked.asked_reason, "how": by.how, **first}
    )


def handing_over(clip: str, *, receipt: str, medium: str, to: str, at: datetime, two: tuple[Caller, Caller]) -> Act:
    """The act of two people that tells where a state secret went (移交): on which medium, to whom, by which receipt."""
    first, second = two
    who = {"how": first.how, "confirmed_by": second.actor, "confirmed_how": second.how}
    return Act(at, first.actor, HANDED_OVER, clip, {"receipt": receipt, "medium": medium, "to": to, **who})


def is_secret_after(act: Act, *, is_secret: bool) -> bool:
    """Whether a clip is kept as a state secret after an act about it: from the first word until it is handed over."""
    if act.action == HANDED_OVER or (act.action == DECLASSIFIED and act.details["class"] == STATE):
        return False
    return is_secret or act.details.get("class") == STATE


# ---------------------------------------------------------------------- the changes


def add(session: Session, clip: str, code: str, act: Act) -> None:
    """Give a clip a class, unless it has it."""
    from catalog.clips.tables import ClipClassRow

    if _row(session, clip, code) is None:
        row = ClipClassRow(clip_id=clip, code=code, added_at=act.at, added_by=act.actor, reason=act.details["reason"])
        session.add(row)
        settle(session, clip)


def _classify(session: Session, act: Act) -> None:
    _check_new(session, act)
    add(session, act.subject, act.details["class"], act)


def _ask(session: Session, act: Act) -> None:
    row = _check_set(session, act)
    row.asked_at, row.asked_by = act.at, act.actor
    row.asked_reason, row.asked_how = act.details["reason"], act.details["how"]
    session.add(row)


def _declassify(session: Session, act: Act) -> None:
    session.delete(_check_asked(session, act))
    settle(session, act.subject)


def _hand_over(session: Session, act: Act) -> None:
    row = _check_here(session, act)
    row.handed_at, row.handed_by, row.receipt = act.at, act.actor, act.details["receipt"]
    session.add(row)


def _check_here(session: Session, act: Act) -> ClipClassRow:
    clip_row(session, act.subject)
    row = _row(session, act.subject, STATE)
    if row is None:
        raise ClassNotSet(clip=act.subject, class_=STATE)
    if row.handed_at is not None:
        raise HandedOver(clip=act.subject, receipt=row.receipt)
    is_known = all(act.details[name] in (LOGIN, SECRET) for name in ("how", "confirmed_how"))
    if not is_known or person(act.actor) == person(str(act.details["confirmed_by"])):
        raise HandOverNeedsAnother(clip=act.subject, person=person(act.actor))
    return row


def settle(session: Session, clip: str) -> None:
    """The highest class is the clip's, and of what stands beside it too."""
    from catalog.clips.tables import ClipRow

    session.flush()
    for one in (clip, *sidecars.beside(session, clip)):
        row = session.get(ClipRow, one)
        if row is not None:  # a file beside it may be filed later, and settles itself then
            row.class_ = highest(sidecars.codes(session, one))
            session.add(row)


def _row(session: Session, clip: str, code: str) -> ClipClassRow | None:
    from catalog.clips.tables import ClipClassRow

    return session.get(ClipClassRow, (clip, code))


def clip_row(session: Session, clip: str) -> ClipRow:
    """The row of a clip; raises `NoSuchClip`."""
    from catalog.clips.tables import ClipRow

    row = session.get(ClipRow, clip)
    if row is None:
        raise NoSuchClip(clip=clip)
    return row


def _check_new(session: Session, act: Act) -> None:
    clip_row(session, act.subject)
    code = act.details["class"]
    if code not in CLASSES[1:]:
        names = ", ".join(CLASSES[1:])
        raise WordsUnfit(field="class", what=f"is none of: {names}", what_zh=f"应为下列之一：{names}")
    if _row(session, act.subject, code) is not None:
        raise ClassSet(clip=act.subject, class_=code)


def _check_set(session: Session, act: Act) -> ClipClassRow:
    clip_row(session, act.subject)
    row = _row(session, act.subject, act.details["class"])
    if row is None:
        raise ClassNotSet(clip=act.subject, class_=act.details["class"])
    return row


def _check_asked(session: Session, act: Act) -> ClipClassRow:
    row = _check_set(session, act)
    if row.asked_by is None:
        raise DeclassifyNotAsked(clip=act.subject, class_=row.code)
    is_known = all(act.details[name] in (LOGIN, SECRET) for name in ("how", "asked_how"))
    if not is_known or person(act.actor) in {person(row.asked_by), person(str(act.details["asked_by"]))}:
        raise DeclassifyNeedsAnother(clip=act.subject, class_=row.code, person=person(row.asked_by))
    return row


def _demand_another(database: Database, act: Act) -> None:
    """As `_check_asked`, and whichever account asked, another person lowers it."""
    with database.transaction() as session:
        row = _check_asked(session, act)
        if accounts.are_one(database, str(row.asked_by), act.actor):
            raise DeclassifyNeedsAnother(clip=act.subject, class_=row.code, person=person(act.actor))


APPLIES = {CLASSIFIED: _classify, DECLASSIFY_ASKED: _ask, DECLASSIFIED: _declassify, HANDED_OVER: _hand_over}
DEMANDS = {
    CLASSIFIED: before(_check_new),
    DECLASSIFY_ASKED: before(_check_set),
    DECLASSIFIED: _demand_another,
    HANDED_OVER: before(_check_here),
}


# ---------------------------------------------------------------------- reading


@readable("classes of")
def of_clip(database: Database, clip: str) -> tuple[Classed, ...]:
    """The classes of a clip, the highest first."""
    rows: list[Row] = database.query("SELECT * FROM clip_class WHERE clip_id = :id", {"id": clip})
    return tuple(sorted((value_in(Classed, row) for row in rows), key=lambda one: -CLASSES.index(one.code)))


def waiting(database: Database) -> tuple[str, ...]:
    """The clips that may hold a state secret and were not handed over."""
    sql = "SELECT clip_id FROM clip_class WHERE code = :state AND handed_at IS NULL ORDER BY clip_id"
    return tuple(row["clip_id"] for row in database.query(sql, {"state": STATE}))


def locked_away(database: Database, among: Sequence[str] | None = None) -> frozenset[str]:
    """The clips that may hold a state secret; of these clips, or of all."""
    these, values = ("", dict[str, object]()) if among is None else any_of(among)
    which = "" if among is None else f" AND id IN {these}"
    rows = database.query(f"SELECT id FROM clip WHERE class = :state{which}", {**values, "state": STATE})
    return frozenset(row["id"] for row in rows)


def demand_shown(database: Database, clip: str) -> None:
    """Raise `StateSecret` for a clip that may hold one: nothing of it is shown, copied or made."""
    if database.query("SELECT 1 FROM clip WHERE id = :id AND class = :state", {"id": clip, "state": STATE}):
        raise StateSecret(clip=clip)
