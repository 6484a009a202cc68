"""`evidock cases`: enter and list cases."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, say
from docking_station.terminal.words import word

app = typer.Typer(name="cases", help="Cases clips belong to (案件).", no_args_is_help=True)


@app.command()
def add(
    no: Annotated[str, typer.Argument(help="The case number (案件编号).")],
    title: Annotated[str, typer.Option(help="What the case is called (案件名称).")],
    subject: Annotated[str | None, typer.Option(help="The subject of enforcement (执法对象).")] = None,
    officer: Annotated[list[str] | None, typer.Option(help="An officer on the case; may be given again.")] = None,
    since: Annotated[str | None, typer.Option(help="When its enforcement began.")] = None,
    until: Annotated[str | None, typer.Option(help="When it ended.")] = None,
) -> None:
    """Enter a case (登记案件). With officers and times, its clips are proposed for it at ingest."""
    from catalog.cases import cases
    from docking_station.station.settings import moment

    with opened() as station, station.changing("acts", wait=True):
        begins_at, ends_at = (moment(text, station.settings.zone) if text else None for text in (since, until))
        act = cases.adding(
            no,
            title=title,
            subject=subject,
            officers=tuple(officer or ()),
            begins_at=begins_at,
            ends_at=ends_at,
            at=station.now(),
            actor=caller().actor,
        )
        station.act_writer.carry_out(act)
    say(word("case_added", case=no))


@app.command("list")
def list_cases(as_json: Json = False) -> None:
    """List all cases with the number of their clips (案件列表)."""
    from catalog.cases import cases

    with opened() as station:
        found = cases.every(station.database)
    listed(
        found,
        "no_cases",
        as_json,
        no=lambda case: case.no,
        title=lambda case: case.title,
        subject=lambda case: case.subject,
        clips=lambda case: case.clips,
    )
