"""`evidock chores` and `evidock work`: work that is done later, and the workers that do it."""

from __future__ import annotations

from typing import Annotated

import typer

from catalog.clips.chores import State
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import in_zone, time_shown

app = typer.Typer()
chores = typer.Typer(
    name="chores", help="Work for later (后台任务): viewing copies, second opinions.", no_args_is_help=True
)
app.add_typer(chores)

ChoreId = Annotated[
    str, typer.Argument(help="The ID that `evidock chores list` shows (`evidock chores list` 所列编号).")
]


@app.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end (办完当前任务即退出).")] = False,
    kinds: Annotated[
        str | None, typer.Option(help="Only these kinds of work, with commas between (任务类型，以逗号分隔).")
    ] = None,
) -> None:
    """Do chores until told to stop (后台处理进程): make viewing copies and ask for second opinions, behind everything
    else on the machine.

    Any number may run, on this machine or on others that reach catalog, vault and the folder of derived files. One that
    is killed loses nothing: another takes over after two minutes.
    """
    import signal
    import threading

    from catalog.clips.chores import SECOND_OPINION, CatalogChores
    from docking_station.derived.worker import KINDS, Worker, kinds_here
    from docking_station.station.logs import get_log

    chosen = [name.strip() for name in kinds.split(",")] if kinds else []
    unknown = [name for name in chosen if name not in KINDS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r}: there are {', '.join(KINDS)} (可用：{'、'.join(KINDS)})")
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with opened() as station:
        doing = chosen or kinds_here(station)
        if SECOND_OPINION in doing:  # who asks for it by name is told that it is not there
            program = station.second_opinion.program
            get_log().info("second opinions", tool=f"ExifTool {program.version}", bounds=" ".join(program.bounds))
        else:
            get_log().info("no second opinions: there is no ExifTool, or other work was asked for")
        done = Worker(station, CatalogChores(station.database), doing, ending).run(once=once)
    remark(word("chores_done", count=done))


@chores.command("list")
def list_chores(
    state: Annotated[State | None, typer.Option(help="Only chores in this state (只列该状态的任务).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many (最多显示条数).")] = 100,
    as_json: Json = False,
) -> None:
    """List work for later: what is held first, then what is running and waiting (任务列表)."""
    from docking_station.services.chores import every_chore

    with opened() as station:
        found = every_chore(station, caller(), state, limit)
        zone = station.settings.zone
    said = "message_zh" if language() == "zh" else "message"
    listed(
        [{name: one[name] for name in one if name != "message_zh"} | {"message": one[said]} for one in found],
        "no_chores",
        as_json,
        id=lambda one: one["id"],
        kind=lambda one: one["kind"],
        about=lambda one: one["subject"],
        state=lambda one: word(f"chore_{one['state']}"),
        progress=lambda one: f"{one['progress']:.0%}",
        attempts=lambda one: one["attempts"],
        since=lambda one: time_shown(one["submitted_at"], zone),
        message=lambda one: None if one["message"] is None else in_zone(one["message"], zone),
    )


@chores.command()
def cancel(chore: ChoreId) -> None:
    """Let nobody do a chore any more; a worker that is at it stops (取消任务). What is done stays done."""
    from docking_station.services.chores import cancel_chore

    with opened() as station:
        cancel_chore(station, caller(), chore)
    say(word("chore_is_off", chore=chore))


@chores.command()
def retry(chore: ChoreId) -> None:
    """Have a chore done again, whatever came of it (重试任务): also one that is done, to make its files again."""
    from docking_station.services.chores import retry_chore

    with opened() as station:
        retry_chore(station, caller(), chore)
    say(word("chore_again", chore=chore))
