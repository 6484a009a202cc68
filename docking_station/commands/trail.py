"""`evidock trail`: who did what, and the proof that nothing was struck out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, remark, say, table
from docking_station.terminal.words import heads, word
from docking_station.texts.plain import called, time_shown

app = typer.Typer(name="trail", help="The trail of every look and change (操作留痕).", no_args_is_help=True)

BROKEN = 32


@app.command()
def show(
    subject: Annotated[
        str | None, typer.Option(help="Only lines about this clip or case (只列该资料或案件的留痕).")
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Go on behind the line with this number (从该序号之后续列).")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many (最多显示条数).")] = 100,
    as_json: Json = False,
) -> None:
    """Show the trail, oldest line first (查看留痕)."""
    from catalog.people import people
    from catalog.rules.house_rights import Right
    from catalog.trail import trail
    from docking_station.services.rights import demand
    from docking_station.terminal.clip import coded, in_short
    from docking_station.texts.codes import ACTIONS

    with opened() as station:
        demand(station, caller(), Right.TRAIL_READ)
        found = [line.as_json() for line in trail.lines(station.database, subject=subject, after=after, limit=limit)]
        zone, names = station.settings.zone, people.names(station.database)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            line["line"],
            time_shown(line["at"], zone),
            called(names, str(line["actor"])),
            coded(ACTIONS, line["action"]),
            line["subject"],
            in_short(line["details"]),
        )
        for line in found
    ]
    table(heads("line", "at", "actor", "action", "about", "details"), rows)
    if len(found) == limit:
        remark(word("more", after=found[-1]["line"]))


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            help="A checkpoint somebody kept, to compare with too; may be given again (留存的检查点，可多次填写).",
            dir_okay=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute chain and tree anew from every line and compare with every signed checkpoint (核验留痕).

    Exit status 32 if a line is missing or altered, or a checkpoint does not agree.
    """
    from docking_station.services.checkpoints import verify_trail
    from docking_station.terminal.progress import counted
    from docking_station.terminal.results import show_trail

    with opened() as station:
        verified = verify_trail(station, checkpoint or [], counted)
    show_trail(verified, as_json=as_json)
    raise typer.Exit(0 if verified.is_valid else BROKEN)


@app.command()
def checkpoint(
    text_only: Annotated[
        bool,
        typer.Option(
            "--print", help="Print the signed text alone, for a notice board or a second party (只输出签名文本)."
        ),
    ] = False,
) -> None:
    """Sign what the trail is now and lock it in the vault (签发检查点)."""
    from docking_station.services.checkpoints import write_checkpoint

    with opened() as station:
        kept = write_checkpoint(station)
    if kept is None:
        say(word("trail_empty"))
    elif text_only:
        print(kept.body.decode(), end="")
    else:
        say(word("checkpoint_kept", key=kept.key))
        say()
        say(kept.body.decode().rstrip("\n"))


@app.command()
def prove(
    line: Annotated[
        int,
        typer.Argument(min=1, help="The number of the line, as `trail show` prints it (留痕序号，见 `trail show`)."),
    ],
) -> None:
    """Print the proof that a line is in the tree a checkpoint is of (生成证明), as one JSON document."""
    from docking_station.services.checkpoints import prove_line

    with opened() as station:
        print_json(prove_line(station, line))
