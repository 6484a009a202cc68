"""Units, people, roles and accounts (人员管理): each change a signed act by whoever has the right.

Accounts and roles need two people: one proposes, another confirms. While a bureau is being founded nobody could be the
second: until there are one who proposes and one who confirms, with accounts, the acts say `first`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from catalog.acts import policy
from catalog.people import accounts, people, roles, units
from catalog.people.errors import NeedsAnother, NoSuchGrant
from catalog.people.roles import Delegation, Role
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.house_rights import About, Right
from catalog.rules.policy_text import read_whole
from docking_station.services.errors import NoSuchTitle
from docking_station.services.people import Read, caller_typed
from docking_station.services.rights import bind, demand, is_founding, switches
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

Make = Callable[..., Act]
EVERYWHERE = About(units.ROOT)


@dataclass(frozen=True, slots=True)
class Member:
    """A person with what they may do and how they sign in (人员), as lists and pages show them."""

    person: people.Person
    roles: tuple[Role, ...]
    delegations: tuple[Delegation, ...]
    accounts: tuple[str, ...]

    def titles(self, at: datetime) -> tuple[str, ...]:
        """The titles in force."""
        return tuple(one.title for one in self.roles if one.is_in_force(at))


def members(station: Station) -> list[Member]:
    """Everybody who is entered."""
    base = station.database
    every, acting, bound = roles.of_people(base), roles.delegations(base), accounts.bound(base)
    return [
        Member(
            one,
            tuple(role for role in every if role.person == one.no),
            tuple(some for some in acting if one.no in (some.person, some.delegate)),
            tuple(account for account, no in sorted(bound.items()) if no == one.no),
        )
        for one in people.every(base)
    ]


def member(station: Station, typed: str) -> Member:
    """One person by any number; raises `NoSuchPerson`."""
    no = people.get(station.database, typed).no
    return next(one for one in members(station) if one.person.no == no)


# ---------------------------------------------------------------------- one person is enough


def change(station: Station, caller: Caller, make: Make, *rights: Right, about: About = EVERYWHERE) -> None:
    """Carry out an act by whoever has one of these rights; raises `NotAllowed`, and as the act."""
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        known = _known(station, caller, rights or (Right.PEOPLE_PROPOSE,), about)
        station.act_writer.carry_out(make(at=station.now(), actor=known.actor))


def known(station: Station, caller: Caller, *rights: Right) -> Caller:
    """Return the caller, bound, who has one of these rights over the bureau, or founds it; raises `NotAllowed`."""
    return _known(station, caller, rights)


def _known(station: Station, caller: Caller, rights: Sequence[Right], about: About = EVERYWHERE) -> Caller:
    """The caller, bound, who has one of these rights, or founds the bureau; raises `NotAllowed`."""
    if is_founding(station):
        return bind(station, caller)
    refused: NotAllowed | None = None
    for right in rights:
        try:
            return demand(station, caller, right, about)
        except NotAllowed as error:
            refused = refused or error
    assert refused is not None
    raise refused


# ---------------------------------------------------------------------- what needs two


def grant(
    station: Station,
    caller: Caller,
    no: str,
    title: str,
    unit: str | None,
    since: datetime | None,
    until: datetime | None,
    read: Read = lambda: None,
) -> Role:
    """Propose a role for a person, and grant it where a second person types account and secret now.

    Raises `NotAllowed`, `NoSuchTitle`, `RolesApart`, `SecretWrong`, and as the acts.
    """
    role = role_of(station, title)
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        founding = is_founding(station)
        known = _known(station, caller, (Right.PEOPLE_PROPOSE,))
        said: dict[str, Any] = {"title": title, "role": role, "unit": unit, "since": since, "until": until}
        station.act_writer.carry_out(roles.proposing(no, **said, at=station.now(), actor=known.actor))
        proposed = roles.of_people(station.database, [no])[-1]
    if founding:
        return _granted(station, known, proposed, first=True)
    typed = read()
    return proposed if typed is None else confirm(station, caller_typed(station, caller, typed), proposed.id)


def confirm(station: Station, caller: Caller, proposal: str) -> Role:
    """Grant what another person proposed; raises `NotAllowed`, `NoSuchGrant`, `NeedsAnother`."""
    known = demand(station, caller, Right.PEOPLE_CONFIRM)
    found = [one for one in roles.of_people(station.database) if one.id.startswith(proposal) and proposal]
    if len(found) != 1:
        raise NoSuchGrant(grant=proposal, what="granted", what_zh="确认")
    return _granted(station, known, found[0], first=False)


def _granted(station: Station, known: Caller, proposed: Role, *, first: bool) -> Role:
    small = switches(station).small
    with station.changing("acts", wait=True):
        act = roles.granting(
            proposed.person,
            proposed.id,
            at=station.now(),
            actor=known.actor,
            how=known.how,
            first=first,
            small=small,
        )
        station.act_writer.carry_out(act)
    return next(one for one in roles.of_people(station.database, [proposed.person]) if one.id == proposed.id)


def bind_account(station: Station, caller: Caller, no: str, account: str | None, read: Read = lambda: None) -> None:
    """Say whose an account of the operating system is, by two people; raises `NeedsAnother` while there is one."""
    first, second = both(station, caller, read)
    with station.changing("acts", wait=True):
        small = switches(station).small
        act = accounts.binding(no, account, at=station.now(), by=first, second=second, small=small)
        station.act_writer.carry_out(act)


def change_unit(station: Station, caller: Caller, make: Make, read: Read) -> None:
    """Carry out an act about a unit: in a small bureau one person is enough, else another confirms it.

    Raises `NeedsAnother`, `NotAllowed`, `SecretWrong`, and as the act.
    """
    if switches(station).small or is_founding(station):
        change(station, caller, make)
        return
    first, second = both(station, caller, read)
    assert second is not None
    with station.changing("acts", wait=True):
        act = make(at=station.now(), actor=first.actor)
        said = {"confirmed_by": second.actor, "confirmed_how": second.how}
        station.act_writer.carry_out(replace(act, details={**act.details, **said}))


def both(station: Station, caller: Caller, read: Read) -> tuple[Caller, Caller | None]:
    """Who proposes and who confirms, whichever asks; no second one while the bureau is being founded.

    Raises `NeedsAnother`, `NotAllowed`, `SecretWrong`.
    """
    founding = is_founding(station)
    first = _known(station, caller, (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM))
    if founding:
        return first, None
    typed = read()
    if typed is None:
        raise NeedsAnother(why=f"{first.who} is one", why_zh=f"{first.who} 为其中一人")
    second = bind(station, caller_typed(station, caller, typed))
    demand_pair(station, first, second)
    return first, second


def demand_pair(
    station: Station,
    one: Caller,
    other: Caller,
    rights: tuple[Right, Right] = (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM),
) -> None:
    """One of the two proposes, the other confirms; raises `NeedsAnother`."""
    for pair in ((one, other), (other, one)):
        try:
            for person, right in zip(pair, rights, strict=True):
                demand(station, person, right)
        except NotAllowed:
            continue
        return
    raise NeedsAnother(why="one of the two may not do this", why_zh="两人中有人无此权限")


def may_delegate(station: Station, caller: Caller) -> bool:
    """Whether who asks is a head, who may let somebody act for them."""
    try:
        return bool(demand(station, caller, Right.DELEGATE, About(units.ROOT, is_own=True)))
    except NotAllowed:
        return False


def delegate(station: Station, caller: Caller, to: str, until: datetime, since: datetime | None, reason: str) -> None:
    """Let somebody act for the head who asks, from–to; raises `NotAllowed`."""
    known = demand(station, caller, Right.DELEGATE, About(units.ROOT, is_own=True))
    assert known.no is not None
    said: dict[str, Any] = {"since": since, "until": until, "reason": reason}
    with station.changing("acts", wait=True):
        act = roles.delegating(known.no, to, **said, at=station.now(), actor=known.actor)
        station.act_writer.carry_out(act)


def revoke(station: Station, caller: Caller, grant_id: str, reason: str) -> str:
    """End a role or a delegation, or drop a proposal; either of the two may, at once. Returns whose it was."""
    base = station.database
    every: Iterable[Role | Delegation] = (*roles.of_people(base), *roles.delegations(base))
    found = [one for one in every if one.id.startswith(grant_id) and grant_id]
    if len(found) != 1:
        raise NoSuchGrant(grant=grant_id, what="revoked", what_zh="撤销")
    whose, number = found[0].person, found[0].id
    about = About(units.ROOT, is_own=bind(station, caller).no == whose)
    own = (Right.DELEGATE,) if isinstance(found[0], Delegation) else ()

    def make(**made: Any) -> Act:
        return roles.revoking(whose, number, reason=reason, **made)

    change(station, caller, make, Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM, *own, about=about)
    return whose


# ---------------------------------------------------------------------- titles


def titles(station: Station) -> Mapping[str, str]:
    """The role of each title of the policy in force, by its code and its Chinese name; else as the example has them."""
    return {name: one.role for one in _listed(station) for name in (one.code, one.zh)}


def title_words(station: Station) -> Mapping[str, tuple[str, str]]:
    """What each title is called, in English and Chinese, by its code."""
    return {one.code: (one.en, one.zh) for one in _listed(station)}


def _listed(station: Station) -> tuple[Any, ...]:
    every = policy.history(station.database)
    return (read_whole(every[-1].text).roles.every if every else ()) or _usual()


@cache
def _usual() -> tuple[Any, ...]:
    example = files("docking_station.services").joinpath("civil_affairs.toml").read_text()
    return read_whole(example).roles.every


def role_of(station: Station, title: str) -> str:
    """The role a title stands for; raises `NoSuchTitle`."""
    able = titles(station)
    if title not in able:
        raise NoSuchTitle(title=title, able=", ".join(able))
    return able[title]
