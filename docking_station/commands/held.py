"""`evidock held`: what waits for a person."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, print_json, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import in_zone, time_shown, visible

app = typer.Typer(name="held", help="Files and changes that wait for a person (待处理).", no_args_is_help=True)


@app.command()
def release(
    held: Annotated[str, typer.Argument(help="The ID that `evidock held list` shows (`evidock held list` 所列编号).")],
    reason: Annotated[str, typer.Option(help="Why nothing more is to be done (无需再办理的理由).")],
) -> None:
    """Strike off the list what a person has dealt with (人工处理完毕). Who and why is on the trail.

    A change that was refused is withdrawn by that: it will not be carried out, here or in a rebuilt catalog. The copy
    of a file whose bytes were disposed of leaves the spool.
    """
    from docking_station.services.held import strike_off

    with opened() as station:
        strike_off(station, caller(), held, reason)
    say(word("released", held=held))


@app.command("list")
def list_held(as_json: Json = False) -> None:
    """List what could not be filed or carried out, oldest first, why, and what to do (待处理列表)."""
    from docking_station.services.held import waiting

    with opened() as station:
        held, zone = waiting(station, caller()), station.settings.zone
    rows = [{"id": number, **one.said(language()), "retry": one.retry, "since": one.since} for number, one in held]
    if as_json:
        print_json(rows)
        return
    listed(
        rows,
        "no_held",
        id=lambda row: row["id"],
        since=lambda row: time_shown(row["since"], zone),
        code=lambda row: row["code"],
        path=lambda row: row["path"],
        message=lambda row: in_zone(str(row["message"]), zone),
    )
    first = {str(row["code"]): row for row in reversed(rows)}
    for code, row in sorted(first.items()):  # a cell is cut, and has no room for what to do
        say(f"{visible(in_zone(str(row['message']), zone))} [{code}]")
        say(f"→ {visible(str(row['hint']))}")
