"""`evidock people units`: the units of the bureau, a tree."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, say
from docking_station.terminal.people_options import Since, moment_of
from docking_station.terminal.words import word

app = typer.Typer(name="units", help="Units of the bureau (科室).", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Code of the unit, or its name (科室代码).")]
Below = Annotated[
    str | None, typer.Option("--below", help="The unit it stands below; else the bureau itself (上级科室，不填为本局).")
]


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="Code of the unit, for ever (科室代码).")],
    name: Annotated[str, typer.Option(help="Name (科室名称).")],
    was: Annotated[
        list[str] | None, typer.Option(help="A former name (曾用名，可多次填写); may be given again.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="enforcing, legal, archive, office (类别：enforcing、legal、archive、office).")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Characters it adds to record numbers (文号代字).")] = None,
    below: Below = None,
    at: Since = None,
) -> None:
    """Enter a unit (设立科室)."""
    from catalog.people import units as tree
    from docking_station.services import staff
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        parent = tree.code_of(station.database, below or tree.ROOT)
        since = moment_of(station, at)
        said: dict[str, Any] = {"name": name, "was": was or (), "kind": kind, "number": number, "parent": parent}
        staff.change_unit(station, caller(), lambda **made: tree.adding(code, **said, since=since, **made), ask_second)
    say(word("unit_added", code=code, called=name))


@app.command()
def change(
    code: Code,
    name: Annotated[str | None, typer.Option(help="New name (新名称); the old one becomes a former name.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="enforcing, legal, archive, office (类别：enforcing、legal、archive、office).")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Characters it adds to record numbers (文号代字).")] = None,
) -> None:
    """Change what is said of a unit (变更科室)."""
    from catalog.people import units as tree
    from docking_station.services import staff
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        now = tree.get(station.database, code)
        said = {"name": name, "kind": kind, "number": number}
        changed: dict[str, object] = {field: value for field, value in said.items() if value is not None}
        if name is not None and name != now.name:
            changed["was"] = [*(one for one in now.was if one != name), now.name]
        staff.change_unit(station, caller(), lambda **made: tree.changing(now.code, changed, **made), ask_second)
    say(word("unit_changed", code=now.code))


@app.command()
def move(code: Code, below: Below = None, at: Since = None) -> None:
    """Put a unit below another (调整隶属): who may see what goes by the tree as it is now."""
    from catalog.people import units as tree
    from docking_station.services import staff
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        one, parent = (tree.code_of(station.database, typed) for typed in (code, below or tree.ROOT))
        since = moment_of(station, at)
        staff.change_unit(station, caller(), lambda **made: tree.moving(one, parent, since=since, **made), ask_second)
    say(word("unit_moved", code=one, parent=parent))


@app.command()
def close(code: Code, reason: Annotated[str, typer.Option(help="Why, for the trail (理由，记入留痕).")]) -> None:
    """Close a unit that has no people and no units any more (撤销科室); its clips stay its own."""
    from catalog.people import units as tree
    from docking_station.services import staff
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        one = tree.code_of(station.database, code)
        staff.change_unit(station, caller(), lambda **made: tree.closing(one, reason=reason, **made), ask_second)
    say(word("unit_closed", code=one))


@app.command("list")
def list_units(as_json: Json = False) -> None:
    """List all units (科室列表)."""
    from catalog.people import units as tree

    with opened() as station:
        found = tree.every(station.database)
    listed(
        found,
        "no_units",
        as_json,
        unit=lambda one: one.code,
        name=lambda one: one.name,
        below=lambda one: one.parent,
        state=lambda one: word("unit_is_closed") if one.closed_at else "",
    )
