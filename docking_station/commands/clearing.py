"""`evidock clearing`: what would be erased on a recorder's card, and what would stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer
from docking_station.terminal.words import language

app = typer.Typer(name="clearing", help="Erasing on recorders (清除): what would go, and why.", no_args_is_help=True)


@app.callback()
def clearing() -> None:
    """Erasing on recorders (清除): what would go, and why not."""


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="The folder where the card is mounted (存储卡挂载的文件夹).")],
    recorder: Annotated[str | None, typer.Option(help="Serial number it was ingested with (记录仪编号).")] = None,
    policy: Annotated[Path | None, typer.Option(help="Go by this policy, not by the adopted one (制度文件).")] = None,
    as_json: Json = False,
) -> None:
    """Prove every file on a card as a clearing would, and say what would be erased and what not (清除试算).

    Nothing is erased or written, on the card or in the station. Every original is read back from the vault and every
    file on the card is read in full: it takes as long as a clearing.
    """
    from docking_station.services import clearing_check
    from docking_station.terminal.progress import counted
    from docking_station.terminal.results import show_clearing

    with opened() as station:
        report = clearing_check.check(station, caller(), path, recorder, policy, counted)
    answer(as_json, report.as_json(language()), lambda: show_clearing(report))
