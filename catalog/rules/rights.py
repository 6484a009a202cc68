"""What the rights are about (权限用语): actions, roles, classes, a person who asks, a clip asked for, an answer.

Shapes: a person has grants, each a role over a part of the units; `catalog/rules/access.py` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

Role = Literal["officer", "custodian", "reviewer", "supervisor", "auditor", "administrator", "security"]
Relation = Literal["own", "unit", "assigned", "granted", "none"]
CLASSES = ("none", "privacy", "business", "work", "informant", "state")
"""The classes a clip can have (密级与敏感类别), the lowest first; privacy and business are answered alike."""


class Action(StrEnum):
    """What is asked for (操作)."""

    ADMINISTER = "administer"
    APPROVE = "approve"
    CLASSIFY = "classify"
    COPY = "copy"
    DECLASSIFY = "declassify"
    DISPOSE = "dispose"
    EXPORT = "export"
    GRANT = "grant"
    HISTORY = "history"
    HOLD = "hold"
    LINK = "link"
    MARK = "mark"
    POSITION = "position"
    POSTER = "poster"
    REDACT = "redact"
    ROW = "row"
    STREAM = "stream"
    TRAIL = "trail"
    UNHOLD = "unhold"
    VERIFY = "verify"


class Switches(NamedTuple):
    """What a policy may choose of the rights (权限表可选项), and nothing else."""

    small: bool = True
    unit_colleagues: str = "request"
    custodian_privacy: str = "reason"
    supervisor_trail: bool = True
    reason_hours: int = 2


USUAL = Switches()
"""What holds where no policy says otherwise."""


class Answer(NamedTuple):
    """What the rule says: allowed, to be asked for, or refused; its code for ever; and what goes with it."""

    outcome: Literal["allow", "request", "refuse"]
    code: str
    obligations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grant:
    """A role a person has over units (岗位授权): the tree below the unit it was granted for, as it is now."""

    role: Role
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks (人员): grants, the roles in which cases name them, what was approved of clips, and recusals (回避)."""

    no: str
    grants: tuple[Grant, ...] = ()
    cases: frozenset[tuple[Role, str]] = frozenset()
    approved: Mapping[str, frozenset[Action]] = field(default_factory=dict)
    recused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What decides about a clip (资料属性), and nothing else; `officer` is a person's number, `level` its class."""

    id: str
    officer: str | None
    unit: str
    cases: frozenset[str] = frozenset()
    level: str = "none"
    is_disposed: bool = False


NOWHERE = ClipFacts("", None, "")
"""A clip that is not there: who asks for it gets the answer of one that is not theirs to see."""

READS = (Action.ROW, Action.HISTORY, Action.VERIFY)
LOOKS = (Action.POSTER, Action.STREAM, Action.POSITION)
TAKES = (Action.EXPORT, Action.COPY, Action.REDACT)
DECIDES = (Action.DECLASSIFY, Action.UNHOLD, Action.DISPOSE, Action.APPROVE)
KEPT = (*READS, Action.TRAIL)
"""What remains to be done with a clip whose original is disposed of."""
DUTIES: Mapping[Action, str] = {
    Action.ROW: "",
    Action.STREAM: "trail-first watermark",
    Action.EXPORT: "trail-first register signed-act reason",
    Action.COPY: "trail-first watermark register signed-act reason",
    **dict.fromkeys((Action.LINK, Action.MARK, Action.CLASSIFY, Action.HOLD, Action.ADMINISTER), "signed-act"),
    **dict.fromkeys((Action.DECLASSIFY, Action.UNHOLD, Action.DISPOSE), "signed-act reason second-person"),
    **dict.fromkeys((Action.APPROVE, Action.GRANT), "signed-act second-person"),
}
"""What goes with an answer that allows; with others it is that the trail comes first."""
ALLOWED, REQUEST = Answer("allow", "access.ok"), Answer("request", "access.request-needed")
BEST = ("conflict", "ok", "second-person", "reason-needed", "request-needed", "hidden-until-opened", "never-released")
WORST = ("nothing-to-change", "state-secret", "disposed", "role-lacks", "not-visible", "role-excludes", "nobody")
RANK = {f"access.{code}": rank for rank, code in enumerate((*BEST, *WORST))}
"""The first of several answers holds."""
CONFLICT, HIDDEN, RELEASED, TOP, STATE, DISPOSED, LACKS, UNSEEN, EXCLUDES, NOBODY = (
    Answer("refuse", f"access.{code}") for code in ("conflict", *BEST[5:], *WORST)
)


def allow(action: Action, more: str = "") -> Answer:
    """Allowed, with what goes with it."""
    duties = frozenset(f"{DUTIES.get(action, 'trail-first')} {more}".split())
    code = "second-person" if "second-person" in duties else "reason-needed" if more == "reason" else "ok"
    return Answer("allow", f"access.{code}", duties)
