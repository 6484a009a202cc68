"""The bureau's policy in the catalog (管理制度): adopting a version is an act, signed, in the vault and on the trail.

Shapes: a policy is kept word for word with its SHA-256; versions count from 1 in the order of adoption. Where none was
adopted, `DEFAULT` is in force: nothing is ever cleared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.errors import PolicyBad, PolicyNeedsAnother, PolicyOfVersion
from catalog.readable import readable
from catalog.rules.acts import POLICY_ADOPTED, Act
from catalog.rules.callers import Caller, person
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.policy import DEFAULT, Policy
from catalog.rules.policy_text import read_policy, read_whole, retention_of
from catalog.rules.retention import Retentions

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row
    from catalog.rules.bureau_policy import BureauPolicy

SUBJECT = "policy"
COLUMNS = "version, adopted_at, adopted_by, sha256, text"


@dataclass(frozen=True, slots=True)
class Adopted:
    """One version as it was adopted (已发布制度)."""

    version: int
    at: datetime
    by: str
    sha256: str
    text: str

    @property
    def whole(self) -> BureauPolicy:
        """Everything the file says, section by section; raises `PolicyBad`."""
        return read_whole(self.text)

    @property
    def policy(self) -> Policy:
        """What a policy file says; raises `PolicyBad` if this version of the program cannot read it."""
        return read_policy(self.text, self.version)

    def as_json(self) -> dict[str, object]:
        """The policy as programs read it."""
        return {
            "version": self.version,
            "adopted_at": time_text(self.at),
            "adopted_by": self.by,
            "sha256": self.sha256,
            "text": self.text,
        }


def adopting(text: str, *, at: datetime, actor: str, two: tuple[Caller, Caller] | None = None) -> Act:
    """The act that puts a policy into force (发布制度), by one person or by two."""
    details = {"sha256": digest(text), "text": text}
    if two is None:
        return Act(at, actor, POLICY_ADOPTED, SUBJECT, details)
    first, second = two
    who = {"how": first.how, "confirmed_by": second.actor, "confirmed_how": second.how}
    return Act(at, first.actor, POLICY_ADOPTED, SUBJECT, details | who)


def digest(text: str) -> str:
    """The SHA-256 of a policy's words."""
    return hashlib.sha256(text.encode()).hexdigest()


def current(database: Database) -> Policy:
    """The policy in force now. Raises `CatalogUnreachable`, and `PolicyBad` if a newer program adopted it."""
    rows = database.query(f"SELECT {COLUMNS} FROM policy ORDER BY version DESC LIMIT 1", {})
    return _adopted(rows[0]).policy if rows else DEFAULT


def in_force(every: Sequence[Adopted], moment: datetime) -> Adopted | None:
    """The version that was in force at a moment: what was done then is judged by it. None: nothing was adopted yet."""
    return next((one for one in reversed(every) if one.at <= moment), None)


def retentions(every: Sequence[Adopted]) -> Retentions:
    """What each version says of keeping, from its day on; an unreadable one: for ever."""
    return Retentions(tuple((one.at, retention_of(one.text)) for one in every))


def versions(database: Database) -> tuple[tuple[object, ...], ...]:
    """Which versions there are, without their texts: what tells cheaply that there is a new one."""
    rows = database.query("SELECT version, adopted_at, sha256 FROM policy ORDER BY version", {})
    return tuple(tuple(row.values()) for row in rows)


def history(database: Database) -> tuple[Adopted, ...]:
    """Every version, oldest first."""
    return tuple(_adopted(row) for row in database.query(f"SELECT {COLUMNS} FROM policy ORDER BY version", {}))


def of_version(database: Database, version: int) -> Adopted:
    """One version; raises `PolicyOfVersion` if there is none."""
    every = history(database)
    if not 1 <= version <= len(every):
        raise PolicyOfVersion(version=version, count=len(every))
    return every[version - 1]


def _adopt(session: Session, act: Act) -> None:
    from sqlmodel import func, select

    from catalog.acts.tables import PolicyRow

    text, sha256 = _words(act)
    version = session.exec(select(func.count()).select_from(PolicyRow)).one() + 1
    session.add(PolicyRow(version=version, adopted_at=act.at, adopted_by=act.actor, sha256=sha256, text=text))


def _words(act: Act) -> tuple[str, str]:
    """The text and its digest, which must be its own."""
    text, sha256 = str(act.details["text"]), str(act.details["sha256"])
    if digest(text) != sha256:
        raise PolicyBad(what="its text is not that of its digest", what_zh="文本与摘要不符")
    return text, sha256


def _demand_usable(database: Database, act: Act) -> None:
    read_policy(_words(act)[0])
    confirmed_by = act.details.get("confirmed_by")
    if confirmed_by is not None and person(str(confirmed_by)) == person(act.actor):
        raise PolicyNeedsAnother(person=person(act.actor))


APPLIES = {POLICY_ADOPTED: _adopt}
DEMANDS = {POLICY_ADOPTED: _demand_usable}


@readable("policy")
def _adopted(row: Row) -> Adopted:
    at = parsed_time(row["adopted_at"])
    return Adopted(int(row["version"]), at, str(row["adopted_by"]), str(row["sha256"]), str(row["text"]))
