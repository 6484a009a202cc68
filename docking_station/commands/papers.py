"""`evidock papers`: enter, correct, list and show written records; seal their scans and hand them out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Fields, Json, Typed, said, takes
from docking_station.terminal.output import answer, listed, pairs, say
from docking_station.terminal.words import heads, word
from docking_station.texts.plain import size_text, time_shown, visible

if TYPE_CHECKING:
    from datetime import tzinfo

    from docking_station.services.papers import PaperShown

app = typer.Typer(name="papers", help="Written records of cases (执法文书).", no_args_is_help=True)

PaperNo = Annotated[str, typer.Argument(metavar="PAPER", help="The record's number, or its id (文书编号).")]
FIELDS = {
    "number": Typed("text", "Its number (文号)."),
    "step": Typed("text", "Its step, a code of the policy (步骤); else that of its type."),
    "day": Typed("day", "Its day (日期)."),
    "begins_at": Typed("moment", "When what it records began (开始时间).", "--since"),
    "ends_at": Typed("moment", "When that ended (结束时间).", "--until"),
    "place": Typed("text", "Where that was (地点)."),
    "officers": Typed("many", "An officer who was there; may be given again (在场执法人员，可多次填写).", "--officer"),
    "party": Typed("text", "The party it is about (当事人)."),
    "pages": Typed("count", "How many pages it has (页数)."),
    "note": Typed("text", "Anything worth knowing (备注)."),
}
CHANGED = {"code": Typed("text", "Its type, a code of the policy (文书种类)."), **FIELDS}


@app.command()
@takes(FIELDS)
def add(
    case: Annotated[str, typer.Argument(metavar="NO", help="Any number of its case, or the case's id (案件编号).")],
    code: Annotated[str, typer.Argument(help="Its type, a code of the policy (文书种类).")],
    as_json: Json = False,
    **typed: Any,
) -> None:
    """Enter a written record of a case (文书登记)."""
    from docking_station.services.papers import add_paper

    with opened() as station:
        paper = add_paper(station, caller(), case, {"code": code, **_said(FIELDS, typed, station.settings.zone)})
    answer(as_json, paper, lambda: say(visible(word("paper_added", paper=paper.called, case=case))))


@app.command()
@takes(CHANGED)
def change(
    paper: PaperNo,
    reason: Annotated[str | None, typer.Option(help="Why, if it should stand on the trail (理由，记入留痕).")] = None,
    as_json: Json = False,
    **typed: Any,
) -> None:
    """Correct what is said of a written record (文书更正); an empty text strikes it out. The record itself stays."""
    from docking_station.services.papers import change_paper

    with opened() as station:
        changes = _said(CHANGED, typed, station.settings.zone)
        if not changes:
            raise typer.BadParameter("give at least one thing that changes (请至少填写一项变更)")
        done = change_paper(station, caller(), paper, changes, reason=reason)
    answer(as_json, done, lambda: say(visible(word("paper_changed", paper=done.called))))


@app.command("list")
def list_papers(
    case: Annotated[str | None, typer.Option(help="Only those of this case (案件编号).")] = None, as_json: Json = False
) -> None:
    """List written records, those of a case in the order of its file (卷内目录)."""
    from docking_station.services.links import words_now
    from docking_station.services.papers import readable_papers
    from docking_station.terminal.case import paper_cells

    with opened() as station:
        found, zone, words = readable_papers(station, caller(), case), station.settings.zone, words_now(station)
    listed(found, "no_papers", as_json, **paper_cells(words, zone), case=lambda one: one.case)


@app.command()
def show(paper: PaperNo, as_json: Json = False) -> None:
    """Show what is known of a written record (文书详情)."""
    from docking_station.services.links import words_now
    from docking_station.services.papers import show_paper

    with opened() as station:
        found, zone, words = show_paper(station, caller(), paper), station.settings.zone, words_now(station)
    answer(as_json, found.as_json(), lambda: _tell(found, zone, words))


@app.command()
def scan(
    paper: PaperNo,
    file: Annotated[Path, typer.Argument(help="A PDF, OFD, JPEG, PNG or TIFF file (扫描件).", dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Seal a file as the scan of a written record (文书扫描): locked like any original, named by a signed act."""
    from docking_station.services.scans import scan_paper
    from docking_station.terminal.progress import counted

    with opened() as station:
        done = scan_paper(station, caller(), paper, file, counted)
    sha256 = "" if done.scan is None else done.scan.sha256
    words = {"paper": done.paper.called, "sha256": sha256}
    answer(as_json, done.as_json(), lambda: say(visible(word("paper_scanned", **words))))


@app.command()
def pull(
    paper: PaperNo,
    to: Annotated[Path, typer.Option("--to", help="The folder to write to (要写入的文件夹).", file_okay=False)],
    page: Annotated[int | None, typer.Option(min=1, help="Only the picture of this page (页码).")] = None,
    as_json: Json = False,
) -> None:
    """Write a scan, its manifest and signature into a folder, or the picture of one page (调取扫描件)."""
    from docking_station.services.scans import pull_scan
    from docking_station.terminal.progress import counted

    with opened() as station:
        pulled = pull_scan(station, caller(), paper, to, page, counted)
    said = word("pulled", path=pulled.path, sha256=pulled.sha256)
    if page is not None:
        said = word("page_pulled", path=pulled.path, page=page)
    answer(as_json, pulled, lambda: say(visible(said)))


def _tell(shown: PaperShown, zone: tzinfo, words: Mapping[str, tuple[str, str]]) -> None:
    from docking_station.terminal.case import named
    from docking_station.texts.codes import VOLUMES

    paper, scan = shown.paper, shown.scan
    texts = {name: getattr(paper, name) for name in ("id", "case", "number", "step", "day")}
    times = {"begins": time_shown(paper.begins_at, zone), "ends": time_shown(paper.ends_at, zone)}
    more = {name: getattr(paper, name) for name in ("place", "party", "volume", "position", "note")}
    said = partial(named, words)
    more["volume"] = named(VOLUMES, paper.volume)
    told = {
        "paper": said(paper.code),
        **texts,
        "step": said(paper.step),
        **times,
        "officer": ", ".join(paper.officers),
        **more,
    }
    if scan is not None:
        told |= {"scan": f"{scan.name} ({size_text(scan.size_bytes)})", "pages": scan.pages, "drawn": shown.drawn}
    told = {name: value for name, value in told.items() if value}
    pairs(dict(zip(heads(*told), told.values(), strict=True)))


def _said(fields: Fields, typed: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """What was typed of a written record; its day is that of its beginning where nobody says."""
    told = said(fields, typed, zone)
    if told.get("begins_at") and "day" not in told:
        told["day"] = told["begins_at"].astimezone(zone).date().isoformat()
    return told
