"""`evidock report`: what a bureau reports of a year, and what a case file is evaluated by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, print_json, remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import visible

app = typer.Typer(name="report", help="Reports of a year and of a case (统计年报、案卷评查).", no_args_is_help=True)


@app.command()
def case(
    no: Annotated[str, typer.Argument(help="A number of the case, or its id (案件编号).")], as_json: Json = False
) -> None:
    """Evaluate a case file (案卷评查) as far as the station can tell; an item without points is for a person."""
    from docking_station.services.case_file import case_file
    from docking_station.services.evaluation import evaluated

    with opened() as station:
        found = evaluated(station, case_file(station, caller(), no))
    listed(
        found,
        "no_evaluation",
        as_json,
        item=lambda one: f"{one.item.zh}{' *' if one.item.fail else ''}",
        points=lambda one: f"{'' if one.points is None else one.points} / {one.item.points}",
        why=lambda one: "; ".join(said[language()] for said in one.why),
    )


@app.command()
def year(
    year: Annotated[int, typer.Argument(help="The year (年度).", min=2000, max=2200)],
    to: Annotated[Path | None, typer.Option(help="Write it into this folder (写入此文件夹).")] = None,
    as_json: Json = False,
) -> None:
    """Report a year's enforcement (行政执法统计年报): XLSX and PDF to report, HTML to publish; or say it as JSON."""
    from docking_station.bundle.year_document import year_files
    from docking_station.services.table_files import write_new
    from docking_station.services.year_report import year_report
    from docking_station.terminal.progress import counted

    if (to is None) != as_json:
        raise typer.BadParameter("give --to or --json (请填写 --to 或 --json)", param_hint="--to")
    with opened() as station:
        found = year_report(station, caller(), year, counted)
        if to is None:
            print_json(found)
            return
        for path, body in year_files(found, language(), to):
            write_new(path, body)
            say(visible(word("year_written", path=path)))
    if found.penalties.unsaid:
        remark(word("year_unsaid", count=len(found.penalties.unsaid)))
