"""`evidock trail`: who did what, and the proof that nothing was struck out."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(name="trail", help="The trail of every look and change (操作留痕).", no_args_is_help=True)

BROKEN = 32
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def show(
    subject: Annotated[str | None, typer.Option(help="Only lines about this clip or case.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Go on behind the line with this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    as_json: Json = False,
) -> None:
    """Show the trail, oldest line first (查看留痕)."""
    from catalog import trail
    from docking_station.screen import print_json, table, time_shown
    from docking_station.station import opened
    from docking_station.words import heads

    with opened() as station:
        found = [line.as_json() for line in trail.lines(station.database, subject=subject, after=after, limit=limit)]
        zone = station.settings.zone
    if as_json:
        print_json(found)
        return
    rows = [
        (line["line"], time_shown(line["at"], zone), line["actor"], line["action"], line["subject"]) for line in found
    ]
    table(heads("line", "at", "actor", "action", "about"), rows)


@app.command()
def verify(as_json: Json = False) -> None:
    """Compute chain and tree anew from every line (核验留痕); exit status 32 if a line is missing or altered."""
    from catalog import trail
    from docking_station.screen import print_json, say
    from docking_station.station import opened
    from docking_station.words import word

    with opened() as station:
        verdict = trail.verify(station.database)
    if as_json:
        fault = None if verdict.fault is None else {"line": verdict.fault_line, "what": verdict.fault}
        print_json({"lines": verdict.lines, "root": verdict.root, "fault": fault})
    elif verdict.fault is None:
        say(word("trail_holds", lines=verdict.lines, root=verdict.root))
    else:
        say(word("trail_fault", line=verdict.fault_line, what=verdict.fault))
    raise typer.Exit(0 if verdict.fault is None else BROKEN)
