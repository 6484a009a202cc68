"""`evidock recorders`: the register, who holds which recorder, their dockings, and who is late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json, Typed, takes
from docking_station.terminal.output import answer, remark, say
from docking_station.terminal.words import word
from docking_station.texts.plain import time_shown, visible

if TYPE_CHECKING:
    from catalog.rules.acts import Act
    from docking_station.station.station import Station

app = typer.Typer(
    name="recorders", help="The register of recorders and who holds them (设备台账).", no_args_is_help=True
)

Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="The recorder's number in the house (记录仪编号).")]
FIELDS = {
    "usb_serial": Typed("text", "The serial it tells on USB (USB 序列号)."),
    "label": Typed("text", "The volume label of its card (存储卡卷标), if it tells no serial."),
    "model": Typed("text", "Its model file, if it must not be chosen by itself (型号)."),
    "unit": Typed("text", "The unit it belongs to (单位)."),
    "note": Typed("text", "Anything worth knowing (备注)."),
    "numbers": Typed(
        "text", "Other numbers its files are named with, commas between them (文件名中的编号，以逗号分隔)."
    ),
    "room": Typed("text", "The room of a fixed camera, which nobody holds (安装位置)."),
}
Officer = Annotated[str, typer.Option(help="The officer's number （执法人员编号）.")]
OfficerUnit = Annotated[str | None, typer.Option("--unit", help="The officer's unit (单位); else the recorder's.")]
At = Annotated[str | None, typer.Option(help="When it was, if not now: a time that is past (补记时间，不填为现在).")]


@app.command()
@takes(FIELDS)
def add(serial: Serial, **typed: Any) -> None:
    """Enter a recorder (登记), or bring a retired one back. On USB it has its serial, if nothing else is given."""
    from catalog.recorders import recorders

    stated = typed | {name: typed[name] or None for name in ("numbers", "room")}
    _, one, _ = _carry_out(lambda station, actor: recorders.adding(serial, **stated, at=station.now(), actor=actor))
    _tell("recorder_added", recorder=serial)
    _remark_unnumbered(one)


@app.command()
@takes(FIELDS)
def change(serial: Serial, **typed: Any) -> None:
    """Change what the register says of a recorder (变更); an empty text strikes it out."""
    from docking_station.services import recorders

    if not any(value is not None for value in typed.values()):
        options = ", ".join(f"--{name.replace('_', '-')}" for name in FIELDS)
        raise typer.BadParameter(f"give at least one of {options} (请至少填写其中一项：{options})")
    _, one, _ = _carry_out(recorders.changing(serial, typed))
    _tell("recorder_changed", recorder=serial)
    _remark_unnumbered(one)


@app.command()
def issue(serial: Serial, officer: Officer, unit: OfficerUnit = None, at: At = None) -> None:
    """Give a recorder to an officer for good (领用). Clips it made from then on are that officer's."""
    from docking_station.services import recorders

    _handed_out(recorders.handing(serial, officer, unit, at), "recorder_issued")


@app.command()
def lend(
    serial: Serial,
    officer: Officer,
    until: Annotated[str, typer.Option(help="When it is due back (应还时间).")],
    unit: OfficerUnit = None,
    at: At = None,
) -> None:
    """Lend a recorder (借用). If it is issued, the issue goes on after the return."""
    from docking_station.services import recorders

    _handed_out(recorders.handing(serial, officer, unit, at, until), "recorder_lent")


@app.command("return")
def give_back(serial: Serial, at: At = None) -> None:
    """Enter that a recorder was given back (归还): the loan ends, or else the issue."""
    from docking_station.services import recorders

    done, one, zone = _carry_out(recorders.returning(serial, at))
    _tell("recorder_returned", recorder=serial, since=time_shown(done.details["at"], zone))
    if one["holder"] is not None:
        _tell("recorder_still_issued", officer=one["holder"]["officer"])


@app.command()
def retire(
    serial: Serial, reason: Annotated[str, typer.Option(help="Why: lost, broken, replaced (停用原因).")]
) -> None:
    """Take a recorder out of service (停用): it stays known, and is refused when docked."""
    from docking_station.services import recorders

    _carry_out(recorders.retiring(serial, reason))
    _tell("recorder_retired", recorder=serial)


@app.command("list")
def list_recorders(as_json: Json = False) -> None:
    """List all recorders with who holds them now (设备列表)."""
    from catalog.recorders import recorders
    from docking_station.terminal.recorders import show_recorders

    with opened() as station:
        found = recorders.every(station.database, station.now())
    answer(as_json, found, lambda: show_recorders(found, station.settings.zone))


@app.command()
def show(serial: Serial, as_json: Json = False) -> None:
    """Show a recorder: who had it when, its dockings, what seems to be missing (设备详情)."""
    from catalog.imports import imports
    from catalog.recorders import dockings, recorders
    from docking_station.terminal.recorders import show_recorder

    with opened() as station:
        details = recorders.details(station.database, serial, station.now())
        details["imported"] = imports.source_of(station.database, "recorders", serial)
        details["dockings"] = dockings.every(station.database, serial, dockings.SHOWN_MAX)
    answer(as_json, details, lambda: show_recorder(details, station.settings.zone))


@app.command("dockings")
def list_dockings(
    recorder: Annotated[str | None, typer.Option(help="Only of this recorder (记录仪编号).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many (最多显示条数).")] = 100,
    as_json: Json = False,
) -> None:
    """List the visits of recorders at the station, newest first (接入记录)."""
    from catalog.recorders import dockings
    from docking_station.terminal.recorders import show_dockings

    with opened() as station:
        found = dockings.every(station.database, recorder, limit)
    answer(as_json, found, lambda: show_dockings(found, station.settings.zone))


@app.command()
def overdue(
    days: Annotated[
        int | None, typer.Option(min=0, help="Not docked for so many days; else the policy's (未接入天数，不填按制度).")
    ] = None,
    as_json: Json = False,
) -> None:
    """List recorders that are in use and were not docked for days, with their officers (超期未接入)."""
    from catalog.acts import policy
    from catalog.recorders import recorders
    from docking_station.terminal.recorders import show_overdue

    with opened() as station:
        wanted = policy.current(station.database).not_docked_days if days is None else days
        found = recorders.not_docked(station.database, station.now(), wanted)
    answer(as_json, found, lambda: show_overdue(found, station.settings.zone))


def _carry_out(make: Callable[[Station, str], Act]) -> tuple[Act, dict[str, Any], tzinfo]:
    """Carry the act out; the recorder as it is then, and the zone."""
    from docking_station.services.hand_out import change_register

    with opened() as station:
        return *change_register(station, caller(), make), station.settings.zone


def _handed_out(make: Callable[[Station, str], Act], text: str) -> None:
    """Carry a hand-out out and say who has the recorder now."""
    from catalog.rules.canonical import time_text

    act, one, zone = _carry_out(make)
    since, until = (time_shown(act.details.get(name), zone) for name in ("at", "due_at"))
    _tell(text, recorder=act.subject, officer=act.details["officer"], since=since, until=until)
    for held in one["holdings"]:
        if held["entered_at"] == time_text(act.at) and held["ended_at"] is not None:
            _tell("holding_ended", until=time_shown(held["ended_at"], zone))


def _remark_unnumbered(one: Mapping[str, Any]) -> None:
    """Say what is missing for a card with another recorder's files to be noticed."""
    from catalog.recorders.recorders import listed
    from catalog.rules.recognition import is_comparable
    from catalog.rules.register import Registered

    if not is_comparable(Registered(one["serial"], None, None, None, None, numbers=listed(one["numbers"]))):
        remark(visible(word("recorder_unnumbered", recorder=one["serial"])))


def _tell(text: str, **facts: object) -> None:
    say(visible(word(text, **facts)))
