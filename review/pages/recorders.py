"""Recorders and the station itself (设备台账、采集站): who has which recorder, its dockings, how the station is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from catalog.people import people, units
from catalog.rules.house_rights import Right
from catalog.station_error import StationError
from docking_station.services import recorders
from docking_station.services.hand_out import Make, change_register
from docking_station.services.health import findings, told_at_page
from docking_station.services.health_facts import EVERYTHING, gather
from docking_station.services.links import words_now
from docking_station.services.rights import demand
from docking_station.station.station import Station
from docking_station.texts.plain import size_text
from review.door import caller_of
from review.forms import Sent
from review.frame import Words
from review.register import Cell, Facts, Table, minute_of, names_of, refused, shown
from review.toasts import done

PAGES = APIRouter()
Form = Mapping[str, str]
BROKEN, WARNING = ("bad", "octagon-alert"), ("warn", "triangle-alert")


@PAGES.get("/registers")
def registers(request: Request) -> Response:
    """Go to the first register that this person may read."""
    desks = request.app.state.rails.registers(caller_of(request))
    if not desks:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(desks[0].address, HTTPStatus.SEE_OTHER)


@PAGES.get("/recorders")
def every_recorder(request: Request, dialog: str = "") -> Response:
    """All recorders, with who has each now."""
    return _recorders(request, dialog_open=dialog)


@PAGES.post("/recorders/new")
def recorder_entered(request: Request, form: Sent) -> Response:
    """Enter a recorder (登记)."""
    serial = form.get("serial", "").strip()
    try:
        recorders.enter(request.app.state.station, caller_of(request), serial, form)
    except StationError as error:
        return _recorders(request, **refused(request, error, "new"))
    return done(request, "/recorders", "reg_recorder_entered", serial=serial)


def _recorders(request: Request, **dialog: Any) -> Response:
    named, minute, words = names_of(request), minute_of(request), Words.of(request)
    called = words_now(request.app.state.station)

    def row(one: Mapping[str, Any]) -> tuple[Cell | object, ...]:
        holder = one["holder"] or {}
        state = "reg_retired" if one["retired_at"] else "reg_in_use" if holder or one["room"] else "reg_free"
        look = (
            ("ok", "check") if state == "reg_in_use" else ("idle", "circle-x" if one["retired_at"] else "circle-dashed")
        )
        serial = Cell(one["serial"], one["model"] or "", f"/recorders/{one['serial']}")
        held = Cell(named(holder.get("officer")) or one["room"] or "", minute(holder.get("begins_at")))
        return (
            serial,
            held,
            words.coded(called, one["unit"] or ""),
            minute(one["last_docked_at"]),
            Cell(words(state), state=look),
            one["note"] or "",
        )

    heads = ("reg_serial", "reg_holder", "reg_unit", "reg_docked", "reg_state", "reg_note")
    found = recorders.every(request.app.state.station, caller_of(request))
    parts = [Table("reg_recorders", heads, [row(one) for one in found])]
    return shown(request, "reg_recorders", parts, "recorders.html", opener=True, units=_units(request), **dialog)


@PAGES.get("/recorders/{serial}")
def one_recorder(request: Request, serial: str, dialog: str = "") -> Response:
    """One recorder: what is said of it, who had it when, its dockings."""
    return _recorder(request, serial, dialog_open=dialog)


@PAGES.post("/recorders/{serial}/{step}")
def recorder_changed(request: Request, serial: str, step: str, form: Sent) -> Response:
    """Change what is said of a recorder or who has it, or take it out of service (变更、领用、归还、停用)."""
    if step not in STEPS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    station, me = request.app.state.station, caller_of(request)
    try:
        change_register(station, me, STEPS[step](station, serial, form))
    except StationError as error:
        return _recorder(request, serial, **refused(request, error, step))
    return done(request, f"/recorders/{serial}", f"reg_recorder_{step}_done", serial=serial)


def _issued(station: Station, serial: str, form: Form) -> Make:
    person = people.get(station.database, form.get("officer", ""))
    until = form.get("until", "").strip() or None
    return recorders.handing(serial, person.recorder_no or person.no, person.unit, until=until)


STEPS: Mapping[str, Callable[[Station, str, Form], Make]] = {
    "change": lambda _, serial, form: recorders.changing(serial, form),
    "issue": _issued,
    "retirement": lambda _, serial, form: recorders.retiring(serial, form.get("reason", "")),
    "return": lambda _, serial, __: recorders.returning(serial),
}


def _units(request: Request) -> list[tuple[str, str]]:
    every = units.every(request.app.state.station.database)
    return [(one.code, one.name) for one in every if one.closed_at is None]


def _recorder(request: Request, serial: str, **dialog: Any) -> Response:
    named, minute, words = names_of(request), minute_of(request), Words.of(request)
    one = recorders.one(request.app.state.station, caller_of(request), serial)
    unit = words.coded(words_now(request.app.state.station), one["unit"] or "")
    said = {"reg_model": "model", "reg_unit": "unit", "reg_room": "room", "reg_usb": "usb_serial"}
    said |= {"reg_label": "label", "reg_numbers": "numbers", "reg_note": "note"}
    facts = [(name, unit if key == "unit" else one[key]) for name, key in said.items()]
    facts.append(("reg_entered", f"{minute(one['added_at'])} {named(one['added_by'])}"))
    if one["retired_at"]:
        facts.append(("reg_retired", f"{minute(one['retired_at'])} {named(one['retired_by'])} {one['retired_reason']}"))
    held = [
        (
            named(each["officer"]),
            words("reg_lent" if each["how"] == "lent" else "reg_issued"),
            minute(each["begins_at"]),
            minute(each["ended_at"]),
            named(each["by"]),
        )
        for each in reversed(one["holdings"])
    ]
    docked = [
        (minute(each["begins_at"]), each["bay"] or "", each["files"], each["filed"], each["held"], len(each["gaps"]))
        for each in one["dockings"]
    ]
    parts: list[Table | Facts] = [
        Facts("reg_recorders", facts),
        Table("reg_holders", ("reg_holder", "reg_how", "reg_from", "reg_to", "reg_by"), held),
        Table("reg_dockings", ("reg_at", "reg_bay", "reg_files", "reg_filed", "reg_held", "reg_gaps"), docked),
    ]
    everybody = [(each.no, each.name) for each in people.every(request.app.state.station.database) if not each.left_at]
    more: dict[str, Any] = {
        "units": _units(request),
        "heading": serial,
        "back": "/recorders",
        "one": one,
        "people": everybody,
    }
    return shown(request, "reg_recorders", parts, "recorder.html", serial=serial, **more, **dialog)


@PAGES.get("/stations")
def station_now(request: Request) -> Response:
    """What is wrong with the station now, what to do, and how much room it has."""
    station, words = request.app.state.station, Words.of(request)
    demand(station, caller_of(request), Right.HEALTH)
    facts = gather(station, EVERYTHING)
    found = [
        (
            Cell(words(f"reg_{one.severity}"), state=BROKEN if one.severity == "broken" else WARNING),
            Cell(one.message, one.code),
            one.hint,
        )
        for one in told_at_page(findings(facts), words.language, station.settings.zone)
    ]
    rooms = [
        (Cell(words(name), one.path), size_text(one.free_bytes), size_text(one.total_bytes))
        for name, one in (("reg_spool", facts.spool), ("reg_vault", facts.vault_room))
        if one is not None
    ]
    bays = [
        (
            one.bay,
            words("state_clearing" if one.clearing else f"state_{one.state}"),
            one.recorder or one.device,
            names_of(request)(one.officer),
        )
        for one in facts.bays
    ]
    parts = [
        Table("reg_findings", ("reg_state", "reg_what", "reg_todo"), found, "reg_well"),
        Table("reg_disks", ("reg_disk", "reg_free_room", "page_size"), rooms),
        Table("reg_bays", ("reg_bay", "reg_state", "reg_recorders", "reg_holder"), bays),
    ]
    return shown(request, "reg_stations", parts)
