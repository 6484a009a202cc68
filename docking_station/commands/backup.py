"""`evidock backup`, `evidock restore`: the station on another disk, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import size_text, visible

app = typer.Typer()

DAMAGED = 31


@app.command()
def backup(
    to: Annotated[
        Path | None,
        typer.Option(help="The folder, if not the disk that carries EVIDOCK-BACKUP (备份文件夹，不填用备份磁盘)."),
    ] = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Say the recovery sheet instead, to be printed (改为输出可打印的恢复说明).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Back the station up (备份): catalog, keys under the recovery code, and a copy of the vault that only grows.

    The last 14 stay. Exit status 31 if an original is damaged: it was left out.
    """
    from docking_station.services import backup as service
    from docking_station.services.backup_sets import recovery_code
    from docking_station.terminal.progress import counted

    with opened() as station:
        if sheet:
            say(word("recovery_sheet", station=station.settings.station, code=recovery_code(station.home)))
            return
        is_first = not station.home.recovery.exists()
        done = service.back_up(station, caller(), to or service.disk_here(), counted)
    if as_json:
        print_json(done)
    else:
        size = size_text(done.catalog_bytes)
        say(visible(word("backed_up", set=done.set, size=size)))
        say(word(f"backed_up_{done.vault}", count=done.objects, size=size_text(done.bytes)))
        for name in done.damaged:
            say(word("backup_damaged", original=name))
        if is_first:
            say(word("print_sheet"))
    raise typer.Exit(DAMAGED if done.damaged else 0)


@app.command()
def restore(
    from_: Annotated[
        Path | None, typer.Option("--from", help="The folder or disk `backup` wrote to (备份所在文件夹或磁盘).")
    ] = None,
    station: Annotated[
        str | None, typer.Option(help="Which station, where the disk has several (采集站，磁盘上有多个时填写).")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Which backup, by the name of its folder; else the newest (备份文件夹名，不填为最新)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a station back from its backup (恢复), where EVIDOCK_HOME names a folder that is not there or empty.

    The recovery code is asked for, or is the next line of the input.
    """
    from docking_station.services import backup as service
    from docking_station.station.settings import home_from_environment
    from docking_station.terminal.asking import ask_secret
    from docking_station.terminal.progress import counted

    disk, code = from_ or service.disk_here(), ask_secret(word("ask_recovery_code"))
    done = service.restore(home_from_environment(), disk, code, station=station, at=at, progress=counted)
    if as_json:
        print_json(done)
        return
    say(visible(word("restored", home=done.home, at=done.at, count=done.objects)))
    say(word("restored_newer", count=done.newer) if done.newer else word("restored_next"))
