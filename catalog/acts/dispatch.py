"""Carrying acts out in the catalog (人工变更的执行): one table of what each action changes.

A module that owns actions offers `APPLIES` (action → change inside a transaction) and `DEMANDS` (action → check that
raises the StationError why it cannot be carried out); it is named here once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catalog.acts import clock, policy, station_acts
from catalog.cases import cases, decisions, disclosures, links, notes, papers, parts, reviews, scans
from catalog.clips import classes
from catalog.errors import ActUnknown
from catalog.imports import imports
from catalog.keeping import disposals, holds
from catalog.people import accounts, people, roles, units
from catalog.recorders import assignments, dockings, recorders
from catalog.requests import releases, requests
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database
    from catalog.rules.acts import Act

OWNERS = (
    *(cases, decisions, reviews, disclosures, links, papers, scans, notes, parts, classes, disposals, holds),
    *(recorders, assignments, dockings, policy, station_acts, clock, imports, units, people, accounts, roles),
    *(requests, releases),
)
APPLIES = {action: change for owner in OWNERS for action, change in owner.APPLIES.items()}
DEMANDS = {action: check for owner in OWNERS for action, check in owner.DEMANDS.items()}


def carry_out(
    database: Database,
    act: Act,
    told: Callable[[int], None] = lambda _: None,
    noted: Callable[[Session, Act], None] = lambda _session, _act: None,
) -> None:
    """Carry an act out, as `apply`; one of many rows in several transactions, and `told` hears of each row.

    Killed in between, it goes on where it was. `noted` writes in the (last) transaction what else goes with it.
    """
    if act.action in imports.ROW_BY_ROW:
        with _known(act):
            imports.ROW_BY_ROW[act.action](database, act, told)
    with database.transaction() as session:
        apply(session, act)
        noted(session, act)


def apply(session: Session, act: Act) -> None:
    """Carry an act out and write its trail line. The same act again changes nothing.

    Raises the StationErrors of its action; `ActUnknown` for one this version does not know, or of another shape.
    """
    with _known(act):
        APPLIES[act.action](session, act)
    trail.append(session, trail.Entry(act.at, act.actor, act.action, act.subject, act.details))


def demands(act: Act) -> bool:
    """Whether anything is demanded before an act of this kind, or this version does not know the kind."""
    return act.action in DEMANDS or act.action not in APPLIES


def demand(database: Database, act: Act) -> None:
    """Raise why an act cannot be carried out: what cannot be must not come into the vault."""
    with _known(act):
        check = DEMANDS.get(act.action)
        if check is not None:
            check(database, act)


@contextmanager
def _known(act: Act) -> Iterator[None]:
    if act.action not in APPLIES:
        raise ActUnknown(action=act.action, reason="no such action")
    try:
        yield
    except (KeyError, TypeError, ValueError, OverflowError) as error:  # the last: a number that no column holds
        raise ActUnknown(action=act.action, reason=f"{type(error).__name__}: {error}") from error
