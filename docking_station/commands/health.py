"""`evidock health`: what is wrong now and what to do."""

from __future__ import annotations

import typer

from docking_station.terminal.here import opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import language, word, zone
from docking_station.texts.plain import in_zone, visible

app = typer.Typer()


@app.command()
def health(as_json: Json = False) -> None:
    """Say what is wrong and what to do, worst first (健康检查).

    Exit status 0: nothing is wrong; 4: something needs attention; 5: something is broken.
    """
    from catalog.station_error import StationError
    from docking_station.faces.board import Why
    from docking_station.services.health import Finding, exit_status, findings, state_of, told
    from docking_station.services.health_facts import EVERYTHING, gather
    from media.errors import NoSecondOpinion

    opinion, bounds, why = None, list[str](), "-"
    try:
        with opened() as station:
            found = findings(gather(station, EVERYTHING))
            try:
                program = station.second_opinion.program
                opinion, bounds = f"ExifTool {program.version}", list(program.bounds)
            except NoSecondOpinion as error:
                why = str(error.facts["why"])
    except StationError as error:  # no home, or settings that cannot be read: nothing else can be looked at
        found = (Finding("broken", Why.of(error)),)
    rows = told(found, language())
    if as_json:
        about = {"second_opinion": opinion, "second_opinion_bounds": bounds}
        print_json({"state": state_of(found), "findings": rows, **about})
    else:
        for row in rows:
            message = visible(in_zone(row.message, zone()))
            say(f"{word(row.severity)} {message} [{row.code}]\n  → {visible(row.hint)}")
        if not rows:
            say(word("healthy"))
        held = word("comma").join(word(f"bound_{name}") for name in bounds)
        say(word("opinion_by", tool=opinion, bounds=held) if opinion else word("no_opinion", why=visible(why)))
    raise typer.Exit(exit_status(found))
