"""People, units and titles (人员、科室、岗位): who there is and what they may do, changed by form.

One person proposes, another confirms what gives rights: here with account and secret, or later from their own page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_args

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog.people import people, units
from catalog.people.errors import NeedsAnother
from catalog.people.roles import Role as Given
from catalog.rules.callers import Caller, person_no
from catalog.rules.house_rights import Right
from catalog.rules.rights import Role
from catalog.station_error import StationError
from docking_station.services import staff, staff_lists
from docking_station.services.rights import bind, is_founding, rights_held, switches
from docking_station.station.station import Station
from review.door import caller_of
from review.forms import Sent, form_of
from review.frame import Words
from review.person_steps import SAID, STEPS, Form
from review.register import Cell, Facts, Table, minute_of, names_of, refused, shown
from review.second import second_of
from review.toasts import done

PAGES = APIRouter()
CHANGES = frozenset({Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM})
STATES = {"active": ("ok", "check"), "suspended": ("warn", "pause"), "left": ("idle", "circle-x")}
ROLE_STATES = {"stands": ("ok", "check"), "waits": ("warn", "hourglass"), "over": ("idle", "circle-x")}


@PAGES.get("/people")
def everybody(request: Request, dialog: str = "") -> Response:
    """Everybody with unit, titles and account; the units; what each role may do, in words."""
    return _everybody(request, dialog_open=dialog)


@PAGES.post("/people/new")
def entered(request: Request, form: Sent) -> Response:
    """Enter a person (登记人员)."""
    station, no = request.app.state.station, form.get("no", "").strip()
    said: dict[str, Any] = {name: form[name].strip() for name in SAID if form.get(name, "").strip()}
    try:
        said |= {"unit": units.code_of(station.database, said.get("unit", units.ROOT)), "name": form.get("name", "")}
        staff.change(station, caller_of(request), lambda **made: people.adding(no, **said, **made))
    except StationError as error:
        return _everybody(request, **refused(request, error, "new"))
    return done(request, f"/people/{no}", "ppl_entered", called=said["name"])


@PAGES.post("/people/units")
async def unit_entered(request: Request) -> Response:
    """Enter a unit (设立科室)."""
    form = await form_of(request)
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_everybody, request, **refused(request, error, "unit"))
    return await run_in_threadpool(_unit_entered, request, form, second)


def _unit_entered(request: Request, form: Form, second: Caller | None) -> Response:
    station, code = request.app.state.station, form.get("code", "").strip()
    try:
        parent = units.code_of(station.database, form.get("below") or units.ROOT)
        said: dict[str, Any] = {"name": form.get("name", ""), "parent": parent}
        staff.change_unit(
            station, caller_of(request), lambda **made: units.adding(code, **said, **made), lambda: second
        )
    except StationError as error:
        return _everybody(request, **refused(request, error, "unit"))
    return done(request, "/people", "ppl_unit_entered", called=said["name"])


@PAGES.get("/people/{no}")
def one(request: Request, no: str, dialog: str = "") -> Response:
    """One person: what is known of them, titles, accounts; everybody may see their own."""
    return _person(request, no, dialog_open=dialog)


@PAGES.post("/people/{no}/{step}")
async def changed(request: Request, no: str, step: str) -> Response:
    """Change what a person may do, or how they sign in."""
    form = await form_of(request)
    if step not in (*STEPS, "reset"):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    dialog = f"{step}-{form['grant']}" if form.get("grant") else step
    try:
        second = await second_of(request, form)
    except StationError as error:
        return await run_in_threadpool(_person, request, no, **refused(request, error, dialog))
    return await run_in_threadpool(_changed, request, no, step, form, second, dialog)


def _changed(request: Request, no: str, step: str, form: Form, second: Caller | None, dialog: str) -> Response:
    station, me = request.app.state.station, caller_of(request)
    number = staff_lists.person_shown(station, me, no).person.no
    try:
        if step == "reset":
            if second is None:
                raise NeedsAnother(why=f"{me.who} is one", why_zh=f"{me.who} 为其中一人")
            staff.demand_pair(station, me, second)
            code = request.app.state.sessions.reset_secret(form.get("account", ""), [me, second])
            return _person(request, number, code=code)  # once: no address shows it
        said = STEPS[step](request, number, form, second)
    except StationError as error:
        return _person(request, number, **refused(request, error, dialog))
    return done(request, f"/people/{number}", said, title=form.get("title", "") or form.get("role", ""))


def _may_change(station: Station, me: Caller) -> bool:
    return is_founding(station) or bool(CHANGES & set(rights_held(station, me)[1]))


def _everybody(request: Request, **more: Any) -> Response:
    station, me, words = request.app.state.station, caller_of(request), Words.of(request)
    minute, called = minute_of(request), _units(station, words)

    def row(found: Mapping[str, Any]) -> Sequence[Cell | object]:
        state = "left" if found.get("left") else "suspended" if found.get("suspended") else "active"
        name = Cell(found.get("name") or found["account"], found.get("no") or "")
        if found.get("no"):
            name = Cell(found["name"], found["no"], f"/people/{found['no']}")
        secret = words("ppl_secret_since", at=minute(found["since"])) if found["since"] else words("ppl_no_secret")
        told = Cell(words(f"ppl_{state}"), state=STATES[state])
        return (
            name,
            called(found.get("unit")),
            "、".join(words.coded(called_so, one) for one in found.get("titles", ())),
            Cell(found["account"] or "", secret),
            told,
        )

    called_so, by_role = staff.title_words(station), staff.titles(station)
    found = staff_lists.everybody(station, me)
    tree = units.every(station.database)
    unit_rows = [
        (
            Cell(each.name, each.code),
            called(each.parent),
            "、".join(each.was),
            words("ppl_closed") if each.closed_at else "",
        )
        for each in tree
    ]
    roles = [
        (
            Cell("、".join(words.coded(called_so, code) for code in called_so if by_role[code] == role) or role),
            words(f"role_{role}"),
        )
        for role in get_args(Role)
    ]
    parts = [
        Table(
            "ppl_title",
            ("ppl_name", "ppl_unit", "ppl_roles", "ppl_account", "ppl_state"),
            [row(each) for each in found],
        ),
        Table("ppl_units", ("ppl_unit_name", "ppl_below", "ppl_was", "ppl_state"), unit_rows),
        Table("ppl_matrix", ("ppl_role", "ppl_may"), roles),
    ]
    needs_two = not (switches(station).small or is_founding(station))
    may_change = _may_change(station, me)
    open_units = [(each.code, each.name) for each in tree if each.closed_at is None]
    more = {"units": open_units, "needs_two": needs_two, "opener": may_change, **more}
    return shown(request, "ppl_title", parts, "people.html", **more)


def _person(request: Request, no: str, **more: Any) -> Response:
    station, me, words = request.app.state.station, caller_of(request), Words.of(request)
    member = staff_lists.person_shown(station, me, no)
    person, minute, called, named = member.person, minute_of(request), _units(station, words), names_of(request)
    now, called_so = station.now(), staff.title_words(station)

    def row(given: Given) -> Sequence[Cell | object]:
        state = "stands" if given.is_in_force(now) else "over" if given.revoked_at or given.granted_at else "waits"
        over = words("ppl_named_only") if given.unit is None else called(given.unit)
        told = Cell(words(f"ppl_role_{state}"), state=ROLE_STATES[state])
        return (
            Cell(words.coded(called_so, given.title), words(f"role_{given.role}")),
            over,
            minute(given.begins_at),
            minute(given.ends_at),
            told,
        )

    facts = [
        (f"ppl_{name}", getattr(person, name))
        for name in ("no", "sex", "post", "area", "card", "card_until", "recorder_no")
    ]
    facts[1:1] = [("ppl_unit", called(person.unit)), ("ppl_account", "、".join(member.accounts))]
    acting = [
        (named(each.delegate), named(each.person), minute(each.begins_at), minute(each.ends_at), each.reason)
        for each in member.delegations
    ]
    parts: list[Table | Facts] = [
        Facts("ppl_facts", facts),
        Table(
            "ppl_roles",
            ("ppl_title_of", "ppl_over", "ppl_from", "ppl_until", "ppl_state"),
            [row(each) for each in member.roles],
        ),
    ]
    if acting:
        heads = ("ppl_acts", "ppl_for", "ppl_from", "ppl_until", "req_reason")
        parts.append(Table("ppl_delegations", heads, acting))
    is_own = bind(station, me).no == person.no
    state = "left" if person.left_at else "suspended" if person.suspended_at else "active"
    may_change = _may_change(station, me) and state != "left"
    waits = [each for each in member.roles if each.granted_at is None and each.revoked_at is None]
    about: dict[str, Any] = {
        "heading": person.name,
        "back": "/people",
        "member": member,
        "state": state,
        "may_change": may_change,
        "may_delegate": is_own and staff.may_delegate(station, me),
        "others": [(each.no, each.name) for each in people.every(station.database) if each.no != person.no],
        "acting": [
            (each.id, named(each.delegate))
            for each in member.delegations
            if each.person == person.no and each.revoked_at is None and each.ends_at > now
        ],
        "waits": [(each, person_no(each.proposed_by) == me.no) for each in waits],
        "stands": [each for each in member.roles if each.is_in_force(now)],
        "titles": called_so,
        "units": [(each.code, each.name) for each in units.every(station.database) if each.closed_at is None],
        "needs_two": not is_founding(station),
        "code": "",
    }
    return shown(request, "ppl_title", parts, "person.html", **(about | more))


def _units(station: Station, words: Words) -> Callable[[str | None], str]:
    """What a unit is called."""
    names = {each.code: each.name for each in units.every(station.database)} | {units.ROOT: words("ppl_bureau")}
    return lambda code: names.get(code or "", code or "")
