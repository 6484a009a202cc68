"""Who may do what with evidence (权限): the one rule; pure, asked by every face, every list and every check.

Shapes: an action is something that is done with a clip; an answer carries its code for ever. Until people are entered,
whoever may run the station may do everything, as its operating system decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from catalog.rules.callers import Caller


class Action(StrEnum):
    """What is asked for (操作)."""

    COPY = "copy"
    EXPORT = "export"
    HISTORY = "history"
    POSITION = "position"
    STREAM = "stream"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rule says: allowed, to be asked for, or refused; and why."""

    outcome: Literal["allow", "request", "refuse"]
    code: str


ALLOWED = Answer("allow", "access.ok")
NOBODY = Answer("refuse", "access.nobody")


def decide(caller: Caller, action: Action, subject: str) -> Answer:
    """Return whether a person may do this with a clip, or with all the station keeps."""
    return ALLOWED if caller.person and action and subject else NOBODY
