"""Carrying acts out in the catalog (人工变更的执行): one table of what each action changes.

A module that owns actions offers `APPLIES` (action → change inside a transaction) and `DEMANDS` (action → check that
raises the StationError why it cannot be carried out); it is named here once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog import cases, disposals, dockings, holdings, notices, policy, recorders, trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database
    from catalog.rules.acts import Act

OWNERS = (cases, disposals, recorders, holdings, dockings, policy, notices)
APPLIES = {action: change for owner in OWNERS for action, change in owner.APPLIES.items()}
DEMANDS = {action: check for owner in OWNERS for action, check in owner.DEMANDS.items()}


def apply(session: Session, act: Act) -> None:
    """Carry an act out and write its trail line. The same act again changes nothing.

    Raises the StationErrors of its action; KeyError for an action this version does not know.
    """
    APPLIES[act.action](session, act)
    trail.append(session, trail.Entry(act.at, act.actor, act.action, act.subject, act.details))


def demand(database: Database, act: Act) -> None:
    """Raise why an act cannot be carried out: what cannot be must not come into the vault."""
    check = DEMANDS.get(act.action)
    if check is not None:
        check(database, act)
