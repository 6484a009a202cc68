"""What a form of a person's page does (人员变更): each step calls its service, and says the name of the text for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request

from catalog.people import people, units
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services import staff
from docking_station.station.errors import BadTime
from docking_station.station.settings import moment
from review.door import caller_of

Form = Mapping[str, str]
SAID = ("name", "unit", "sex", "post", "area", "card", "card_until", "recorder_no")


def _step(name: str, right: tuple[Right, ...]) -> Callable[..., str]:
    """Suspended, resumed, left: an act with a reason."""
    makes: Mapping[str, Callable[..., Any]] = {
        "suspend": people.suspending,
        "resume": people.resuming,
        "leave": partial(people.leaving, since=None),
    }

    def step(request: Request, no: str, form: Form, _: Caller | None) -> str:
        station, me = request.app.state.station, caller_of(request)
        staff.change(station, me, lambda **made: makes[name](no, reason=form.get("reason", ""), **made), *right)
        return f"ppl_{name}_done"

    return step


def _grant(request: Request, no: str, form: Form, _: Caller | None) -> str:
    over = form.get("over") or units.ROOT
    unit = None if over == "-" else units.code_of(request.app.state.station.database, over)
    staff.grant(request.app.state.station, caller_of(request), no, form.get("role", ""), unit, None, None)
    return "ppl_granted"


def _confirm(request: Request, _: str, form: Form, second: Caller | None) -> str:
    staff.confirm(request.app.state.station, second or caller_of(request), form.get("grant", ""))
    return "ppl_confirmed"


def _revoke(request: Request, _: str, form: Form, __: Caller | None) -> str:
    staff.revoke(request.app.state.station, caller_of(request), form.get("grant", ""), form.get("reason", ""))
    return "ppl_revoked"


def _bind(request: Request, no: str, form: Form, second: Caller | None) -> str:
    account = form.get("account", "").strip() or None
    staff.bind_account(request.app.state.station, caller_of(request), no, account, lambda: second)
    return "ppl_bound"


def _change(request: Request, no: str, form: Form, _: Caller | None) -> str:
    station, known = request.app.state.station, people.get(request.app.state.station.database, no)
    typed: dict[str, Any] = {name: form[name].strip() or None for name in SAID if name in form}
    if "unit" in typed:
        typed["unit"] = units.code_of(station.database, typed["unit"] or units.ROOT)
    changed = {name: value for name, value in typed.items() if value != getattr(known, name)}
    since = _time(request, form, "since")
    if changed:
        staff.change(station, caller_of(request), lambda **made: people.changing(no, changed, since=since, **made))
    return "ppl_changed"


def _delegate(request: Request, _: str, form: Form, __: Caller | None) -> str:
    until = _time(request, form, "until")
    if until is None:
        raise BadTime(text="")
    who, since, reason = form.get("to", ""), _time(request, form, "since"), form.get("reason", "")
    staff.delegate(request.app.state.station, caller_of(request), who, until, since, reason)
    return "ppl_delegated"


def _time(request: Request, form: Form, name: str) -> datetime | None:
    text = form.get(name, "").strip()
    return moment(text, request.app.state.station.settings.zone) if text else None


BOTH = (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM)
STEPS: Mapping[str, Callable[[Request, str, Form, Caller | None], str]] = {
    "bind": _bind,
    "change": _change,
    "confirm": _confirm,
    "delegate": _delegate,
    "grant": _grant,
    "leave": _step("leave", (Right.PEOPLE_PROPOSE,)),
    "resume": _step("resume", BOTH),
    "revoke": _revoke,
    "suspend": _step("suspend", BOTH),
}
"""What a form of a person's page does; the name of the text that says so."""
