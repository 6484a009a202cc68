"""People at a terminal (人员显示)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from docking_station.terminal.output import listed, pairs, say
from docking_station.terminal.words import word
from docking_station.texts.plain import time_shown

if TYPE_CHECKING:
    from catalog.people.sessions import SignedIn
    from docking_station.services.staff import Member


def show_people(rows: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """A line a person."""
    listed(
        rows,
        "no_people",
        False,
        no_of=lambda one: one.get("no"),
        name_of=lambda one: one.get("name"),
        unit=lambda one: unit_text(one.get("unit")),
        titles=lambda one: " ".join(one.get("titles", ())),
        account=lambda one: one["account"],
        secret_since=lambda one: one["since"] and time_shown(one["since"], zone),
        secret_by=lambda one: one["by"] and word(f"secret_by_{one['by']}"),
        state=lambda one: word("is_left") if one.get("left") else word("is_suspended") if one.get("suspended") else "",
    )


def show_sessions(rows: Sequence[SignedIn], zone: tzinfo) -> None:
    """A line a session at the pages."""
    listed(
        rows,
        "no_sessions",
        False,
        account=lambda one: one.account,
        signed_in=lambda one: time_shown(one.begun_at, zone),
        seen_at=lambda one: time_shown(one.seen_at, zone),
    )


def show_member(member: Member, zone: tzinfo) -> None:
    """Everything about one person."""
    person = member.person
    said = ("no", "name", "unit", "sex", "post", "area", "card", "card_until", "recorder_no")
    facts = {name: getattr(person, name) for name in said} | {"unit": unit_text(person.unit)}
    pairs({word(f"of_{name}"): value for name, value in facts.items() if value is not None})
    pairs({word("of_accounts"): " ".join(member.accounts)})
    for name, at in (("is_suspended", person.suspended_at), ("is_left", person.left_at)):
        if at is not None:
            say(f"{word(name)}: {time_shown(at, zone)}")
    listed(
        member.roles,
        "",
        False,
        id=lambda one: one.id,
        titles=lambda one: one.title,
        unit=lambda one: unit_text(one.unit),
        begins=lambda one: time_shown(one.begins_at, zone),
        ends=lambda one: _time(one.ends_at, zone),
        state=lambda one: word(_state(one.granted_at, one.revoked_at)),
    )
    listed(
        member.delegations,
        "",
        False,
        id=lambda one: one.id,
        acts_for=lambda one: one.person,
        acting=lambda one: one.delegate,
        begins=lambda one: time_shown(one.begins_at, zone),
        ends=lambda one: time_shown(one.ends_at, zone),
        state=lambda one: word(_state(one.begins_at, one.revoked_at)),
    )


def unit_text(unit: str | None) -> str | None:
    """A unit as a person reads it: the bureau itself has no name of its own."""
    from catalog.people.holders import ROOT

    return word("the_bureau") if unit == ROOT else unit


def _state(granted_at: datetime | None, revoked_at: datetime | None) -> str:
    return "role_is_revoked" if revoked_at else "role_stands" if granted_at else "role_waits"


def _time(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else time_shown(at, zone)
