"""A decision made public, corrected, withdrawn, kept from the public, or that no longer stands (公示登记): the acts.

Shapes: `disclosure.published`, `disclosure.excepted` and `case.decision-ended` are about a case; a publication is the
act's id, and what is corrected is a new one, which names the one before: the rows of both stay. A row is a text under
each head, as it stood there. Days are `YYYY-MM-DD`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import cases
from catalog.cases.errors import DisclosureUnfit, NoSuchDisclosure
from catalog.database import before
from catalog.rules.acts import (
    DECISION_ENDED,
    DISCLOSED,
    DISCLOSURE_CORRECTED,
    DISCLOSURE_EXCEPTED,
    DISCLOSURE_WITHDRAWN,
    Act,
)
from catalog.rules.case_numbers import opened_by
from catalog.rules.disclosure import CORRECTED, WITHDRAWN, Channel, Ended, Gravity, undone

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.cases.tables import DisclosureRow
    from catalog.rules.callers import Caller

# ---------------------------------------------------------------------- the acts


def publishing(
    case: str,
    channel: Channel,
    row: Mapping[str, str],
    *,
    day: str,
    place: str | None,
    until: str | None,
    gravity: Gravity | None,
    at: datetime,
    actor: str,
) -> Act:
    """The act that says that a decision is public on a channel (公示), as this row, since a day, until another."""
    where = {"channel": channel, "place": place, "day": day, "until": until, "gravity": gravity}
    return Act(at, actor, DISCLOSED, case, {**where, "row": dict(row)})


def excepting(
    case: str, channel: Channel | None, ground: str, *, reason: str, at: datetime, two: tuple[Caller, Caller]
) -> Act:
    """The act by which two people keep a decision from the public (不予公示), on a ground of the policy."""
    first, second = two
    who = {"how": first.how, "confirmed_by": second.actor, "confirmed_how": second.how}
    return Act(
        at, first.actor, DISCLOSURE_EXCEPTED, case, {"channel": channel, "ground": ground, "reason": reason, **who}
    )


def correcting(disclosure: str, row: Mapping[str, str], *, day: str, reason: str, at: datetime, actor: str) -> Act:
    """The act that says that a publication was wrong and stands as this row since a day (公示更正)."""
    return Act(at, actor, DISCLOSURE_CORRECTED, disclosure, {"row": dict(row), "day": day, "reason": reason})


def withdrawing(disclosure: str, *, day: str, reason: str, at: datetime, actor: str) -> Act:
    """The act that says that a publication was taken down on a day (公示撤下), and why."""
    return Act(at, actor, DISCLOSURE_WITHDRAWN, disclosure, {"day": day, "reason": reason})


def ending(case: str, how: Ended, *, day: str, number: str | None, reason: str, at: datetime, actor: str) -> Act:
    """The act that says that a decision no longer stands (决定变更、撤销、确认违法、确认无效), or does again."""
    return Act(at, actor, DECISION_ENDED, case, {"how": how, "day": day, "number": number, "reason": reason})


# ---------------------------------------------------------------------- the changes


def _publish(session: Session, act: Act) -> None:
    from catalog.cases.tables import DisclosureExceptionRow

    _check_new(session, act)
    about = ("channel", "place", "day", "until", "gravity")
    _add(session, act, act.subject, {name: act.details[name] for name in about})
    for row in _of_channel(session, DisclosureExceptionRow, act):
        row.ended_at = act.at
        session.add(row)


def _add(session: Session, act: Act, case: str, about: Mapping[str, Any]) -> None:
    from catalog.cases.tables import DisclosureRow

    shown = json.dumps(dict(act.details["row"]), ensure_ascii=False, sort_keys=True)
    session.add(DisclosureRow(id=opened_by(act), case_id=case, shown=shown, at=act.at, by=act.actor, **about))


def _except(session: Session, act: Act) -> None:
    from catalog.cases.tables import DisclosureExceptionRow

    _check_new(session, act)
    about = {name: act.details[name] for name in ("channel", "ground", "reason", "confirmed_by")}
    session.add(DisclosureExceptionRow(id=opened_by(act), case_id=act.subject, at=act.at, by=act.actor, **about))


def _correct(session: Session, act: Act) -> None:
    row = _check_correct(session, act)
    about = {name: getattr(row, name) for name in ("channel", "place", "until", "gravity")}
    _end(session, act)
    _add(session, act, row.case_id, {**about, "day": act.details["day"], "corrects": row.id})


def _end(session: Session, act: Act) -> None:
    row = _check_standing(session, act)
    row.ended = CORRECTED if act.action == DISCLOSURE_CORRECTED else WITHDRAWN
    row.ended_day, row.ended_at, row.ended_by = act.details["day"], act.at, act.actor
    row.reason = act.details["reason"]
    session.add(row)


def _end_decision(session: Session, act: Act) -> None:
    from catalog.cases.tables import DecisionEndRow

    cases.standing(session, act.subject)
    about = {name: act.details[name] for name in ("how", "day", "number", "reason")}
    session.add(DecisionEndRow(id=opened_by(act), case_id=act.subject, at=act.at, by=act.actor, **about))


# ---------------------------------------------------------------------- what is demanded before


def _check_new(session: Session, act: Act) -> None:
    """Raise where the case is none, or it is public there already."""
    from catalog.cases.tables import DisclosureRow

    row = cases.standing(session, act.subject)
    if _of_channel(session, DisclosureRow, act):
        what, what_zh = "it is public there already; correct or withdraw that", "该渠道已公示，请更正或撤下"
        raise DisclosureUnfit(case=row.no or row.id, what=what, what_zh=what_zh)


def _check_stands(session: Session, act: Act) -> None:
    """As `_check_new`; nor where the decision fell meanwhile, for it would stay in public with nobody told."""
    from sqlmodel import col, select

    from catalog.cases.tables import DecisionEndRow as End

    _check_new(session, act)
    row = cases.standing(session, act.subject)
    decided = str(row.decided or json.loads(row.reported).get("decided") or "")
    fell = select(End).where(End.case_id == row.id, col(End.day) <= act.details["day"]).order_by(col(End.at).desc())
    last = session.exec(fell).first()
    if last is not None and last.how != "changed" and decided[:10] <= last.day:
        raise DisclosureUnfit(case=row.no or row.id, what="no decision of it stands", what_zh="尚无有效的行政决定")


def _of_channel(session: Session, table: Any, act: Act) -> list[Any]:
    """The rows of a case that stand, of the act's channel; without one in either, of all."""
    from sqlmodel import col, select

    rows = session.exec(select(table).where(table.case_id == act.subject, col(table.ended_at).is_(None)))
    channel = act.details["channel"]
    return [row for row in rows if None in (channel, row.channel) or row.channel == channel]


def _check_standing(session: Session, act: Act) -> DisclosureRow:
    from catalog.cases.tables import DisclosureRow

    row = session.get(DisclosureRow, act.subject)
    if row is None:
        raise NoSuchDisclosure(disclosure=act.subject)
    if row.ended is not None:
        what, what_zh = "it is public no more", "该公示已更正或撤下"
        raise DisclosureUnfit(case=row.case_id, what=what, what_zh=what_zh)
    return row


def _check_correct(session: Session, act: Act) -> DisclosureRow:
    """What is corrected; a decision that no longer stands is withdrawn instead."""
    from sqlmodel import col, select

    from catalog.cases.tables import DecisionEndRow as End

    row = _check_standing(session, act)
    ends = session.exec(select(End).where(End.case_id == row.case_id).order_by(col(End.at), col(End.id))).all()
    if any(one.at > row.at or one.day > row.day for one in ends[undone([one.how for one in ends]) :]):
        what, what_zh = "the decision stands no more; withdraw it", "原决定已失效，应予撤下"
        raise DisclosureUnfit(case=row.case_id, what=what, what_zh=what_zh)
    return row


APPLIES = {
    DISCLOSED: _publish,
    DISCLOSURE_EXCEPTED: _except,
    DISCLOSURE_CORRECTED: _correct,
    DISCLOSURE_WITHDRAWN: _end,
    DECISION_ENDED: _end_decision,
}
DEMANDS = {
    DISCLOSED: before(_check_stands),
    DISCLOSURE_EXCEPTED: before(_check_new),
    DISCLOSURE_CORRECTED: before(_check_correct),
    DISCLOSURE_WITHDRAWN: before(_check_standing),
    DECISION_ENDED: before(lambda session, act: cases.standing(session, act.subject)),
}
