"""Requests and copies in the catalog (调阅、复制申请与登记): rows and demands follow `catalog/rules/requests.py`.

Shapes: a request is called R, its year and a running number; a copy the request's number and its own behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from catalog.clips import search
from catalog.errors import NoSuchRequest
from catalog.keeping.disposals import demand_kept
from catalog.people import accounts
from catalog.readable import readable, value_in
from catalog.rules.acts import (
    COPY_HANDED,
    COPY_MADE,
    COPY_RETURNED,
    EMERGENCY_FAULTED,
    EMERGENCY_OPENED,
    EMERGENCY_UPHELD,
    REQUEST_ASKED,
    REQUEST_FILLED,
    REQUEST_GRANTED,
    REQUEST_REFUSED,
    REQUEST_REVOKED,
    REQUEST_WITHDRAWN,
    Act,
)
from catalog.rules.callers import Caller
from catalog.rules.canonical import time_text
from catalog.rules.requests import (
    COPY_ACTIONS,
    DECISIONS,
    EMERGENCY,
    REQUEST_ACTIONS,
    Copy,
    Request,
    Wanted,
    after,
    copy_after,
)

if TYPE_CHECKING:
    from sqlmodel import Session, SQLModel

    from catalog.database import Database, Row

T = TypeVar("T")

ASKED = ("case_id", "description", "use", "paper", "organ", "letter")
"""What a request may say besides: the case, what is looked for in words, what it is for and by which document; and who
outside asks, by which letter (来函)."""


def asking(
    no: str,
    wanted: Wanted,
    clips: tuple[str, ...],
    *,
    reason: str,
    days: int | None,
    at: datetime,
    by: Caller,
    **told: str | None,
) -> Act:
    """The act that asks for a look or a copy (申请); `told` is of `ASKED`."""
    assert told.keys() <= set(ASKED)
    said = {name: told.get(name) for name in ASKED}
    what = {"wanted": wanted, "clips": list(clips), "reason": reason, "days": days, "how": by.how}
    return Act(at, by.actor, REQUEST_ASKED, no, what | said)


def filling(no: str, clips: tuple[str, ...], *, at: datetime, by: Caller) -> Act:
    """The act that names the clips of a request in words (补列资料)."""
    return Act(at, by.actor, REQUEST_FILLED, no, {"clips": list(clips), "how": by.how})


def withdrawing(no: str, *, reason: str | None, at: datetime, by: Caller) -> Act:
    """The act of the asker that takes a request back (撤回)."""
    return Act(at, by.actor, REQUEST_WITHDRAWN, no, {"reason": reason, "how": by.how})


def refusing(no: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act of another person that refuses a request (驳回)."""
    return Act(at, by.actor, REQUEST_REFUSED, no, {"reason": reason, "how": by.how})


def granting(
    no: str, clips: tuple[str, ...], until: datetime, policy: int, *, reason: str | None, at: datetime, by: Caller
) -> Act:
    """The act of another person that grants a request (批准): these clips until then, by that version of the policy."""
    term = {"until": time_text(until), "watermark": no, "policy": policy}
    return Act(at, by.actor, REQUEST_GRANTED, no, {"clips": list(clips), "reason": reason, "how": by.how} | term)


def revoking(no: str, *, reason: str, at: datetime, by: Caller) -> Act:
    """The act that takes a grant back, at once (收回批准)."""
    return Act(at, by.actor, REQUEST_REVOKED, no, {"reason": reason, "how": by.how})


def opening(
    no: str,
    clips: tuple[str, ...],
    until: datetime,
    policy: int,
    *,
    case: str | None,
    reason: str,
    at: datetime,
    by: Caller,
) -> Act:
    """The act that opens clips at once, to be judged afterwards (紧急调阅)."""
    about = {"case_id": case, "reason": reason, "until": time_text(until), "policy": policy}
    return Act(at, by.actor, EMERGENCY_OPENED, no, {"clips": list(clips), "how": by.how} | about)


def judging(no: str, *, is_upheld: bool, reason: str, at: datetime, by: Caller) -> Act:
    """The act of another person that says whether an emergency look was rightly opened (评判)."""
    action = EMERGENCY_UPHELD if is_upheld else EMERGENCY_FAULTED
    return Act(at, by.actor, action, no, {"reason": reason, "how": by.how})


def making(
    no: str,
    request: str,
    originals: Mapping[str, str],
    bundle: str,
    sha256: str,
    *,
    at: datetime,
    by: Caller,
    kind: Literal["bundle", "burnt"] = "bundle",
) -> Act:
    """The act that enters a copy in the register (制作副本): a bundle, its index's and the originals' digests.

    Or films with number, receiver and use in every picture, `burnt`, and the digest of their list.
    """
    each = [{"clip": clip, "sha256": digest} for clip, digest in originals.items()]
    details = {"request": request, "kind": kind, "bundle": bundle, "sha256": sha256, "originals": each}
    return Act(at, by.actor, COPY_MADE, no, details | {"watermark": no, "how": by.how})


def handing(no: str, *, medium: str, receiver: str, at: datetime, by: Caller) -> Act:
    """The act that hands a copy out (交付)."""
    return Act(at, by.actor, COPY_HANDED, no, {"medium": medium, "receiver": receiver, "how": by.how})


def taking_back(no: str, *, outcome: str, witness: str, at: datetime, by: Caller) -> Act:
    """The act that ends a copy (收回或销毁): `returned` or `destroyed`, before a witness."""
    return Act(at, by.actor, COPY_RETURNED, no, {"outcome": outcome, "witness": witness, "how": by.how})


# ---------------------------------------------------------------------- reading


def get(database: Database, no: str) -> Request:
    """One request; raises `NoSuchRequest`."""
    found = _request_of(database, no)
    if found is None:
        raise NoSuchRequest(request=no)
    return found


def every(database: Database) -> tuple[Request, ...]:
    """All requests, the newest first."""
    return tuple(map(_request, database.query("SELECT * FROM request ORDER BY asked_at DESC, no DESC", {})))


def open_or_decided(database: Database, since: datetime) -> tuple[Request, ...]:
    """What waits for somebody, also where its time is over, and what was decided since, the newest first."""
    sql = """SELECT * FROM request WHERE state = 'asked' OR (wanted = :wanted AND state = 'granted')
 OR decided_at > :since OR revoked_at > :since ORDER BY asked_at DESC, no DESC"""
    return tuple(map(_request, database.query(sql, {"wanted": EMERGENCY, "since": database.moment(since)})))


def granted(database: Database, at: datetime) -> tuple[Request, ...]:
    """The requests whose grant stands at a time, as their rows say."""
    sql = "SELECT * FROM request WHERE state = 'granted' AND until >= :at"
    return tuple(map(_request, database.query(sql, {"at": database.moment(at)})))


def emergencies(database: Database) -> tuple[Request, ...]:
    """What was opened without a request (紧急调阅), oldest first."""
    sql = "SELECT * FROM request WHERE wanted = :wanted ORDER BY asked_at, no"
    return tuple(map(_request, database.query(sql, {"wanted": EMERGENCY})))


def copies(database: Database, request: str | None = None) -> tuple[Copy, ...]:
    """All copies, or those of a request, oldest first."""
    only = "" if request is None else "WHERE request = :request "
    rows = database.query(f"SELECT * FROM handout {only}ORDER BY made_at, no", {"request": request})
    return tuple(map(_copy, rows))


def next_no(database: Database, year: int) -> str:
    """The number a new request gets; the caller holds the lock for acts."""
    rows = database.query("SELECT no FROM request WHERE no LIKE :like", {"like": f"R{year}-%"})
    return f"R{year}-{1 + max((int(row['no'].rpartition('-')[2]) for row in rows), default=0):04}"


def next_copy_no(database: Database, request: str) -> str:
    """The number a new copy gets; the caller holds the lock for acts."""
    return f"{request}-{len(copies(database, request)) + 1}"


def _request_of(database: Database, no: str) -> Request | None:
    rows = database.query("SELECT * FROM request WHERE no = :no", {"no": no})
    return _request(rows[0]) if rows else None


def _copy_of(database: Database, no: str) -> Copy | None:
    rows = database.query("SELECT * FROM handout WHERE no = :no", {"no": no})
    return _copy(rows[0]) if rows else None


@readable("request")
def _request(row: Row) -> Request:
    return value_in(Request, row)


@readable("copy")
def _copy(row: Row) -> Copy:
    return value_in(Copy, row)


# ---------------------------------------------------------------------- the changes


def _change_request(session: Session, act: Act) -> None:
    from catalog.requests.tables import RequestRow

    session.merge(RequestRow(**_plain(after(_known(session, RequestRow, _request, act.subject), act))))


def _change_copy(session: Session, act: Act) -> None:
    from catalog.requests.tables import HandoutRow, RequestRow

    granted = _known(session, RequestRow, _request, act.details.get("request", ""))
    session.merge(HandoutRow(**_plain(copy_after(_known(session, HandoutRow, _copy, act.subject), act, granted))))


def _known(session: Session, table: type[SQLModel], read: Callable[[Row], T], no: str) -> T | None:
    row = session.get(table, no)
    return None if row is None else read(row.model_dump())


def _plain(value: Request | Copy) -> dict[str, Any]:
    """As columns: lists are JSON."""
    return {name: json.dumps(one) if isinstance(one, tuple) else one for name, one in asdict(value).items()}


def _demand_request(database: Database, act: Act) -> None:
    for clip in act.details.get("clips", ()):
        search.get(database, clip)
        demand_kept(database, clip)
    request = _request_of(database, act.subject)
    if request is not None and act.action in DECISIONS:
        request = replace(request, asked_by=accounts.asker(database, request.asked_by, act.actor))
    after(request, act)


def _demand_copy(database: Database, act: Act) -> None:
    granted = _request_of(database, str(act.details.get("request", "")))
    copy_after(_copy_of(database, act.subject), act, granted)


APPLIES = {**dict.fromkeys(REQUEST_ACTIONS, _change_request), **dict.fromkeys(COPY_ACTIONS, _change_copy)}
DEMANDS = {**dict.fromkeys(REQUEST_ACTIONS, _demand_request), **dict.fromkeys(COPY_ACTIONS, _demand_copy)}
