"""Work for later (后台任务): viewing copies and whatever else may be done twice, by workers on this or other machines.

Shapes: one row a chore; its id follows from kind and subject, so that the same chore submitted again is the same row. A
chore is `waiting` until a worker claims it with a lease; `running` until it is `done`, comes back to `waiting` after an
error that may pass, or is `held` for a person; `cancelled` by a person. A worker that dies lets its lease run out, and
another takes over; each claim raises the chore's token, and what comes under an older token counts no more. Units:
seconds; times of different machines are compared, so their clocks must agree to well within a lease.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from catalog.errors import ChoreKillsWorkers, ChoreLost, NoSuchChore
from catalog.readable import any_of, readable
from catalog.rules.canonical import parsed_time_or_none
from catalog.station_error import StationError

if TYPE_CHECKING:
    from catalog.database import Database, Row

VIEWING_COPY, SECOND_OPINION = "viewing-copy", "second-opinion"
PAPER_PAGES, PAPER_WORDS = "paper-pages", "paper-words"
OF_SCANS = (PAPER_PAGES, PAPER_WORDS)
State = Literal["waiting", "running", "done", "held", "cancelled"]
"""How far a chore is (状态)."""
ID_CHARS = 10
ATTEMPTS_MAX = 5
"""So often a chore may fail, or its worker die, before a person has to look."""
LEASE_S = 120.0
LISTED_MAX = 10_000
WANTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Chore:
    """What is to be done (任务): a kind of work, and the clip or other thing it is about."""

    kind: str
    subject: str

    @property
    def id(self) -> str:
        """What people and workers call it."""
        return hashlib.sha256(f"{self.kind}\0{self.subject}".encode()).hexdigest()[:ID_CHARS]


@dataclass(frozen=True, slots=True)
class Claim:
    """A chore in a worker's hands (已领任务): its `attempt`, counted from 1, and the token that proves the claim."""

    chore: Chore
    attempt: int
    token: int
    worker: str


class CatalogChores:
    """The chores in the catalog's own table. Everything raises `CatalogUnreachable`."""

    def __init__(self, database: Database, lease_s: float = LEASE_S) -> None:
        self._database = database
        self.lease_s = lease_s

    # ------------------------------------------------------------------ for whoever wants something done

    def submit(self, chore: Chore, at: datetime) -> str:
        """Leave a chore and return its id; one that was left before stays as it is, done or not."""
        from sqlalchemy import text

        values = {"id": chore.id, "kind": chore.kind, "subject": chore.subject, "at": self._database.moment(at)}
        with self._database.transaction() as session:
            session.connection().execute(text(_SUBMIT), values)
        return chore.id

    def unsubmitted(self, kind: str, of: Sequence[str]) -> list[Chore]:
        """Chores nobody has left yet, one for each clip of these kinds: what was lost on the way is found again.

        A clip that is disposed of needs none. Pages are drawn, and read, of every scan that has some.
        """
        if kind in OF_SCANS:
            sql = _SCANS + (_DRAWN if kind == PAPER_WORDS else "") + _SCANS_END
            rows = self._database.query(sql, {"chore": kind, "pages": PAPER_PAGES})
            return [Chore(kind, str(row["id"])) for row in rows]
        names = {f"kind{number}": name for number, name in enumerate(of)}
        sql = (
            f"SELECT clip.id FROM clip LEFT JOIN chore ON chore.subject = clip.id AND chore.kind = :chore "
            f"LEFT JOIN disposal ON disposal.clip_id = clip.id "
            f"WHERE chore.id IS NULL AND disposal.done_at IS NULL "
            f"AND clip.kind IN ({', '.join(f':{name}' for name in names)}) "
            f"ORDER BY clip.starts_at DESC LIMIT {WANTED_MAX}"
        )
        rows = self._database.query(sql, {"chore": kind} | names)
        return [Chore(kind, str(row["id"])) for row in rows]

    def done(self, kind: str, after: str, limit: int) -> list[tuple[str, str]]:
        """Chores that are done behind this one, with the SHA-256 of their clips' originals; of disposed clips none."""
        sql = (
            "SELECT chore.id, clip.sha256 FROM chore JOIN clip ON clip.id = chore.subject "
            "LEFT JOIN disposal ON disposal.clip_id = clip.id "
            "WHERE chore.kind = :kind AND chore.state = 'done' AND chore.id > :after AND disposal.done_at IS NULL "
            "ORDER BY chore.id LIMIT :limit"
        )
        rows = self._database.query(sql, {"kind": kind, "after": after, "limit": limit})
        return [(str(row["id"]), str(row["sha256"])) for row in rows]

    def among(self, chores: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Which of these chores there are, as programs read them."""
        these, values = any_of(chores)
        rows = self._database.query(f"SELECT * FROM chore WHERE id IN {these}", values)
        return {row["id"]: _as_json(row) for row in rows}

    def ahead(self, chores: Sequence[str]) -> dict[str, int]:
        """How many chores will be taken before each of these that waits, those that are being done among them."""
        these, values = any_of(chores)
        sql = (
            "SELECT id, place FROM (SELECT id, state, ROW_NUMBER() OVER "
            "(ORDER BY CASE state WHEN 'running' THEN 0 ELSE 1 END, due_at, id) - 1 AS place FROM chore "
            f"WHERE state IN ('running', 'waiting')) AS queue WHERE state = 'waiting' AND id IN {these}"
        )
        return {row["id"]: int(row["place"]) for row in self._database.query(sql, values)}

    def hope_again(self, kind: str, code: str, at: datetime) -> None:
        """Have chores that are held with this error tried once more, where their recorder gave a whole film since."""
        from sqlalchemy import text

        values = {"kind": kind, "code": code, "at": self._database.moment(at), "attempts": ATTEMPTS_MAX - 1}
        with self._database.transaction() as session:
            session.connection().execute(text(_HOPE), values)

    # ------------------------------------------------------------------ for workers

    def claim(self, worker: str, kinds: Sequence[str], at: datetime) -> Claim | None:
        """Take the chore that is due longest, or one whose worker let its lease run out; None if there is none.

        One statement finds and takes it, so that no two workers get the same.
        """
        from sqlmodel import and_, col, or_, select, update

        from catalog.clips.tables import ChoreRow

        left = and_(col(ChoreRow.state) == "running", col(ChoreRow.lease_until) < at)
        due = or_(and_(col(ChoreRow.state) == "waiting", col(ChoreRow.due_at) <= at), left)
        next_one = (
            select(ChoreRow.id)
            .where(due, col(ChoreRow.kind).in_(kinds))
            .order_by(col(ChoreRow.due_at), col(ChoreRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        taken = (
            update(ChoreRow)
            .where(col(ChoreRow.id) == next_one)
            .values(
                state="running",
                worker=worker,
                token=col(ChoreRow.token) + 1,
                attempts=col(ChoreRow.attempts) + 1,
                lease_until=at + timedelta(seconds=self.lease_s),
                progress=0.0,
            )
            .returning(col(ChoreRow.kind), col(ChoreRow.subject), col(ChoreRow.attempts), col(ChoreRow.token))
        )
        deadly = ChoreKillsWorkers(attempts=ATTEMPTS_MAX)
        held = (
            update(ChoreRow)
            .where(left, col(ChoreRow.attempts) >= ATTEMPTS_MAX)
            .values(state="held", ended_at=at, lease_until=None, **_words(deadly))
        )
        with self._database.transaction() as session:
            session.exec(held)
            found = session.exec(taken).one_or_none()
            if found is None:
                return None
            kind, subject, attempts, token = found
            return Claim(Chore(kind, subject), attempts, token, worker)

    def beat(self, claim: Claim, progress: float, at: datetime) -> None:
        """Lengthen the lease and tell how far the work is; raises `ChoreLost` if it is no longer this worker's."""
        self._change(claim, lease_until=at + timedelta(seconds=self.lease_s), progress=min(1.0, max(0.0, progress)))

    def finish(self, claim: Claim, at: datetime) -> None:
        """The work is done; raises `ChoreLost`."""
        nothing = {"code": None, "message": None, "message_zh": None}
        self._change(claim, state="done", progress=1.0, ended_at=at, lease_until=None, **nothing)

    def fail(self, claim: Claim, error: StationError, at: datetime, again_at: datetime | None) -> None:
        """The work failed: it comes back at `again_at`, or is held for a person; raises `ChoreLost`."""
        if again_at is None or claim.attempt >= ATTEMPTS_MAX:
            self._change(claim, state="held", ended_at=at, lease_until=None, **_words(error))
        else:
            self._change(claim, state="waiting", due_at=again_at, lease_until=None, **_words(error))

    def give_back(self, claim: Claim, again_at: datetime | None = None) -> None:
        """Let a chore wait again, without blame, behind those due before `again_at`; raises `ChoreLost`.

        The attempt does not count.
        """
        later = {} if again_at is None else {"due_at": again_at}
        self._change(claim, state="waiting", attempts=claim.attempt - 1, lease_until=None, **later)

    def _change(self, claim: Claim, **values: object) -> None:
        from sqlmodel import col, update

        from catalog.clips.tables import ChoreRow

        mine = (col(ChoreRow.id) == claim.chore.id, col(ChoreRow.token) == claim.token)
        change = update(ChoreRow).where(*mine, col(ChoreRow.state) == "running").values(**values)
        with self._database.transaction() as session:
            if session.exec(change.returning(col(ChoreRow.id))).one_or_none() is None:
                raise ChoreLost(chore=claim.chore.id)

    # ------------------------------------------------------------------ for people

    def every(self, state: State | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """Chores as programs read them: held first, then running, waiting, and the rest; each newest first."""
        where = "" if state is None else "WHERE state = :state "
        values: dict[str, object] = {"limit": max(1, min(limit, LISTED_MAX))}
        sql = (
            f"SELECT * FROM chore {where}ORDER BY CASE state WHEN 'held' THEN 0 WHEN 'running' THEN 1 "
            "WHEN 'waiting' THEN 2 ELSE 3 END, submitted_at DESC, id LIMIT :limit"
        )
        return [_as_json(row) for row in self._database.query(sql, values | ({"state": state} if state else {}))]

    def get(self, chore: str) -> dict[str, Any]:
        """One chore as programs read it; raises `NoSuchChore`."""
        found = self.among((chore,))
        if chore not in found:
            raise NoSuchChore(chore=chore)
        return found[chore]

    def cancel(self, chore: str, at: datetime) -> None:
        """Call a chore off; a worker that is at it stops. One that is done stays done."""
        self._turn(chore, ("waiting", "running", "held"), state="cancelled", ended_at=at, lease_until=None)

    def retry(self, chore: str, at: datetime) -> None:
        """Do it anew from the first attempt, whatever came of it; one that is running is left to run."""
        fresh = {"attempts": 0, "progress": 0.0, "ended_at": None, "lease_until": None}
        said = {"code": None, "message": None, "message_zh": None}
        self._turn(chore, ("waiting", "done", "held", "cancelled"), state="waiting", due_at=at, **fresh, **said)

    def _turn(self, chore: str, states: Sequence[str], **values: object) -> None:
        from sqlmodel import col, update

        from catalog.clips.tables import ChoreRow

        self.get(chore)
        change = update(ChoreRow).where(col(ChoreRow.id) == chore, col(ChoreRow.state).in_(states))
        with self._database.transaction() as session:
            session.exec(change.values(**values))


_SUBMIT = (
    "INSERT INTO chore (id, kind, subject, state, attempts, token, progress, submitted_at, due_at) "
    "VALUES (:id, :kind, :subject, 'waiting', 0, 0, 0, :at, :at) ON CONFLICT (id) DO NOTHING"
)

_SCANS = """SELECT its.id FROM paper_scan AS its LEFT JOIN chore ON chore.subject = its.id AND chore.kind = :chore
 WHERE chore.id IS NULL AND its.pages IS NOT NULL"""
_DRAWN = """ AND EXISTS (
 SELECT 1 FROM chore AS drawn WHERE drawn.subject = its.id AND drawn.kind = :pages AND drawn.state = 'done')"""
_SCANS_END = f" ORDER BY its.at DESC LIMIT {WANTED_MAX}"

_HOPE = """UPDATE chore SET state = 'waiting', attempts = :attempts, due_at = :at, ended_at = NULL
 WHERE state = 'held' AND kind = :kind AND code = :code AND EXISTS (
  SELECT 1 FROM clip AS mine JOIN clip AS other ON other.recorder = mine.recorder
  WHERE mine.id = chore.subject AND other.kind = 'video' AND other.playable = TRUE
   AND other.sealed_at > chore.ended_at)"""


def _words(error: StationError) -> dict[str, str]:
    return {"code": error.code, "message": error.message(), "message_zh": error.message("zh")}


@readable("chore")
def _as_json(row: Row) -> dict[str, Any]:
    times = ("submitted_at", "due_at", "lease_until", "ended_at")
    plain = ("id", "kind", "subject", "state", "attempts", "progress", "worker", "code", "message", "message_zh")
    return {name: row[name] for name in plain} | {name: parsed_time_or_none(row[name]) for name in times}
