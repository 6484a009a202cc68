"""`evidock ingest`: bring a card's files into vault and catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, remark
from docking_station.terminal.words import language, word

app = typer.Typer()

SOME_HELD = 3


@app.command()
def ingest(
    path: Annotated[
        Path,
        typer.Argument(
            help="The folder where the card is mounted, or any folder (存储卡挂载的文件夹，或任意文件夹).",
            readable=False,
        ),
    ],
    recorder: Annotated[str | None, typer.Option(help="Serial number of the recorder (记录仪编号).")] = None,
    officer: Annotated[str | None, typer.Option(help="Number of the officer who wore it (执法人员编号).")] = None,
    unit: Annotated[str | None, typer.Option(help="Number of the officer's unit (单位编号).")] = None,
    case: Annotated[str | None, typer.Option(help="Number of the case all of it belongs to (案件编号).")] = None,
    reread: Annotated[bool, typer.Option("--reread", help="Read files that are filed already in full (复读).")] = False,
    as_json: Json = False,
) -> None:
    """Copy, hash, seal and file everything on a card (采集). The card is only read.

    May be run again at any time: what is filed is not copied again, what was interrupted goes on. Exit status 0:
    all evidence is filed; 3: some is held for a person; any other: as the error says.
    """
    from docking_station.services import ingest_card
    from docking_station.terminal.progress import bars
    from docking_station.terminal.results import show_ingest

    with opened() as station, bars() as watcher:
        report = ingest_card.ingest(station, caller(), path, recorder, officer, unit, case, watcher, reread=reread)
    if report.opened is not None:
        remark(word("case_opened", case=report.opened))
    answer(as_json, report.as_json(language()), lambda: show_ingest(report))
    raise typer.Exit(SOME_HELD if report.outcome.held else 0)
