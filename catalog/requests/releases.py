"""Releases in the catalog (音像公示登记): rows and demands follow `catalog/rules/releases.py`.

Shapes: a release is called P, its year and a running number.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.cases import reading
from catalog.clips import search
from catalog.errors import NoSuchRelease, NotReleased
from catalog.keeping.disposals import demand_kept
from catalog.people import accounts
from catalog.readable import readable, value_in
from catalog.rules.acts import RELEASE_CORRECTED, RELEASE_DROPPED, RELEASE_SENT_BACK, RELEASE_WITHDRAWN, Act
from catalog.rules.callers import Caller
from catalog.rules.releases import NEVER, RELEASE_ACTIONS, Release, after

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

ENDS = (RELEASE_SENT_BACK, RELEASE_CORRECTED, RELEASE_WITHDRAWN, RELEASE_DROPPED)
"""What may be done whatever became of the clip meanwhile."""


def stating(action: str, no: str, at: datetime, by: Caller, **said: object) -> Act:
    """The act of one step of a release; `said` is what the step needs."""
    return Act(at, by.actor, action, no, {**said, "how": by.how})


# ---------------------------------------------------------------------- reading


def get(database: Database, no: str) -> Release:
    """One release; raises `NoSuchRelease`."""
    found = _of(database, no)
    if found is None:
        raise NoSuchRelease(release=no)
    return found


def every(database: Database) -> tuple[Release, ...]:
    """All releases, the newest first."""
    return tuple(map(_release, database.query("SELECT * FROM clip_release ORDER BY asked_at DESC, no DESC", {})))


def next_no(database: Database, year: int) -> str:
    """The number a new release gets; the caller holds the lock for acts."""
    rows = database.query("SELECT no FROM clip_release WHERE no LIKE :like", {"like": f"P{year}-%"})
    return f"P{year}-{1 + max((int(row['no'].rpartition('-')[2]) for row in rows), default=0):04}"


def _of(database: Database, no: str) -> Release | None:
    rows = database.query("SELECT * FROM clip_release WHERE no = :no", {"no": no})
    return _release(rows[0]) if rows else None


@readable("release")
def _release(row: Row) -> Release:
    return value_in(Release, row)


# ---------------------------------------------------------------------- the changes


def _change(session: Session, act: Act) -> None:
    from catalog.requests.tables import ReleaseRow

    row = session.get(ReleaseRow, act.subject)
    now = asdict(after(None if row is None else _release(row.model_dump()), act))
    session.merge(ReleaseRow(**{**now, "steps": json.dumps(now["steps"], ensure_ascii=False)}))


def _demand(database: Database, act: Act) -> None:
    release = _of(database, act.subject)
    if release is not None:
        drafter = release.drafted_by and accounts.asker(database, release.drafted_by, act.actor)
        asker = accounts.asker(database, release.asked_by, act.actor)
        release = replace(release, asked_by=asker, drafted_by=drafter)
    found = after(release, act)
    if act.action in ENDS:
        return
    demand_kept(database, found.clip)
    level = search.get(database, found.clip).class_
    if level in NEVER:
        raise NotReleased(clip=found.clip, what=f"its class is {level}", what_zh="其密级或敏感类别不得公开")
    links, case = reading.of_clip(database, found.clip), reading.find(database, found.case_id)
    if case not in {one.case_id for one in links if one.ended_at is None}:
        raise NotReleased(clip=found.clip, what="it belongs to no such case", what_zh="未关联该案件")


APPLIES = dict.fromkeys(RELEASE_ACTIONS, _change)
DEMANDS = dict.fromkeys(RELEASE_ACTIONS, _demand)
