"""People as lists show them (人员列表), with titles, accounts and secrets; and the table that a bureau publishes."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog.people import people, roles, units
from catalog.people.errors import NoSuchPerson
from catalog.rules.callers import Caller
from catalog.rules.canonical import time_text
from catalog.rules.house_rights import Right
from docking_station.services import people as secrets_of
from docking_station.services import staff
from docking_station.services.rights import bind, demand
from docking_station.services.staff import Member, member, members
from docking_station.station.errors import CannotPull, FileThere, unwritable
from docking_station.station.station import Station
from vault import durable

PUBLISHED = ("姓名", "性别", "单位", "职务", "执法证号", "证件有效期", "执法类别", "执法区域")
"""What of a person with a card is published (执法人员公示), and nothing else."""
READERS = (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM, Right.STATISTICS)
"""Who reads the list of people, with accounts and roles: who changes it, and who oversees."""
MARK = "\ufeff"
"""Excel reads UTF-8 only behind it."""


def everybody(station: Station, caller: Caller) -> list[dict[str, Any]]:
    """A row for each person, and for each account with a secret that is nobody's; the secret's keys stand in each.

    Raises `NotAllowed`.
    """
    staff.known(station, caller, *READERS)
    secrets, now = secrets_of.entered(station), station.now()
    rows = [
        _secret(secrets, account)
        | {"no": one.person.no, "name": one.person.name, "unit": one.person.unit}
        | {"titles": list(one.titles(now)), "accounts": list(one.accounts)}
        | {"suspended": one.person.suspended_at is not None, "left": one.person.left_at is not None}
        for one in members(station)
        for account in (one.accounts or (None,))
    ]
    bound = {row["account"] for row in rows}
    return rows + [_secret(secrets, account) for account in secrets if account not in bound]


def _secret(secrets: Any, account: str | None) -> dict[str, Any]:
    act = secrets.get(account)
    if act is None:
        return {"account": account, "uid": None, "since": None, "by": None, "vouched": [], "actor": None}
    details = act.details
    since = {"account": account, "uid": details["uid"], "since": time_text(act.at)}
    return since | {"by": details["word"], "vouched": details["vouched"], "actor": act.actor}


def person_shown(station: Station, caller: Caller, typed: str) -> Member:
    """One person with roles and accounts; everybody may see their own. Raises `NotAllowed`, `NoSuchPerson`.

    Who may not read of people is not told which numbers there are.
    """
    own, is_own = bind(station, caller).no, False
    with suppress(NoSuchPerson):
        is_own = own is not None and people.get(station.database, typed).no == own
    if not is_own:
        staff.known(station, caller, *READERS)
    return member(station, typed)


def told(member: Member) -> dict[str, Any]:
    """A person as programs read them."""
    parts = {"roles": [role_told(one) for one in member.roles], "accounts": list(member.accounts)}
    return asdict(member.person) | parts | {"delegations": [asdict(one) for one in member.delegations]}


def role_told(role: roles.Role) -> dict[str, Any]:
    """A role as programs read it."""
    return asdict(role)


def publish(station: Station, caller: Caller, to: Path) -> int:
    """Write the table of people with cards into a new file; returns how many. Raises `FileThere`, `CannotPull`."""
    demand(station, caller, Right.STATISTICS)
    names = {one.code: one.name for one in units.every(station.database)}
    rows = [
        (one.name, one.sex, names.get(one.unit, ""), one.post, one.card, one.card_until, "、".join(one.kinds), one.area)
        for one in (member.person for member in members(station))
        if one.card is not None and one.left_at is None
    ]
    text = io.StringIO()
    csv.writer(text).writerows((PUBLISHED, *rows))
    if to.exists():
        raise FileThere(path=to)
    try:
        durable.replace_file(to, f"{MARK}{text.getvalue()}".encode(), 0o644)
    except OSError as error:
        raise CannotPull(path=to, **unwritable(error)) from error
    return len(rows)
