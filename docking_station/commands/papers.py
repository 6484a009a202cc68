"""`evidock papers`: enter, correct, list and show written records; seal their scans and hand them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, listed, pairs, say
from docking_station.terminal.words import heads, word
from docking_station.texts.plain import size_text, time_shown, visible

if TYPE_CHECKING:
    from datetime import tzinfo

    from docking_station.services.papers import PaperShown
    from docking_station.station.station import Station

app = typer.Typer(name="papers", help="Written records of cases (执法文书).", no_args_is_help=True)

PaperNo = Annotated[str, typer.Argument(metavar="PAPER", help="The record's number, or its id (文书编号).")]
Number = Annotated[str | None, typer.Option(help="Its number (文号).")]
Step = Annotated[str | None, typer.Option(help="Its step, a code of the policy (步骤); else that of its type.")]
Day = Annotated[str | None, typer.Option(help="Its day (日期).")]
Since = Annotated[str | None, typer.Option(help="When what it records began (开始时间).")]
Until = Annotated[str | None, typer.Option(help="When that ended (结束时间).")]
Place = Annotated[str | None, typer.Option(help="Where that was (地点).")]
Officer = Annotated[list[str] | None, typer.Option(help="An officer who was there; may be given again.")]
Party = Annotated[str | None, typer.Option(help="The party it is about (当事人).")]
Pages = Annotated[int | None, typer.Option(min=0, max=100_000, help="How many pages it has (页数).")]
Note = Annotated[str | None, typer.Option(help="Anything worth knowing (备注).")]


@app.command()
def add(
    case: Annotated[str, typer.Argument(metavar="NO", help="Any number of its case, or the case's id (案件编号).")],
    code: Annotated[str, typer.Argument(help="Its type, a code of the policy (文书种类).")],
    number: Number = None,
    step: Step = None,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    place: Place = None,
    officer: Officer = None,
    party: Party = None,
    pages: Pages = None,
    note: Note = None,
    as_json: Json = False,
) -> None:
    """Enter a written record of a case (文书登记)."""
    from docking_station.services.papers import add_paper

    texts = {"number": number, "step": step, "place": place, "party": party, "note": note}
    with opened() as station:
        said = {"code": code, **_said(station, texts, day, since, until, officer, pages)}
        paper = add_paper(station, caller(), case, said)
    answer(as_json, paper, lambda: say(visible(word("paper_added", paper=paper.called, case=case))))


@app.command()
def change(
    paper: PaperNo,
    code: Annotated[str | None, typer.Option(help="Its type, a code of the policy (文书种类).")] = None,
    number: Number = None,
    step: Step = None,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    place: Place = None,
    officer: Officer = None,
    party: Party = None,
    pages: Pages = None,
    note: Note = None,
    reason: Annotated[str | None, typer.Option(help="Why, if it should stand on the trail.")] = None,
    as_json: Json = False,
) -> None:
    """Correct what is said of a written record (文书更正); an empty text strikes it out. The record itself stays."""
    from docking_station.services.papers import change_paper

    texts = {"code": code, "number": number, "step": step, "place": place, "party": party, "note": note}
    with opened() as station:
        changes = _said(station, texts, day, since, until, officer, pages)
        if not changes:
            raise typer.BadParameter("give at least one thing that changes")
        done = change_paper(station, caller(), paper, changes, reason=reason)
    answer(as_json, done, lambda: say(visible(word("paper_changed", paper=done.called))))


@app.command("list")
def list_papers(
    case: Annotated[str | None, typer.Option(help="Only those of this case (案件编号).")] = None, as_json: Json = False
) -> None:
    """List written records, those of a case in the order of its file (卷内目录)."""
    from docking_station.services.links import words_now
    from docking_station.services.papers import readable_papers
    from docking_station.terminal.case import named

    with opened() as station:
        found, zone, words = readable_papers(station, caller(), case), station.settings.zone, words_now(station)
    listed(
        found,
        "no_papers",
        as_json,
        paper=lambda one: named(words, one.code),
        number=lambda one: one.number,
        day=lambda one: one.day,
        begins=lambda one: time_shown(one.begins_at, zone),
        ends=lambda one: time_shown(one.ends_at, zone),
        step=lambda one: named(words, one.step),
        case=lambda one: one.case,
        id=lambda one: one.id,
    )


@app.command()
def show(paper: PaperNo, as_json: Json = False) -> None:
    """Show what is known of a written record (文书详情)."""
    from docking_station.services.papers import show_paper

    with opened() as station:
        found, zone = show_paper(station, caller(), paper), station.settings.zone
    answer(as_json, found.as_json(), lambda: _tell(found, zone))


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
    to: Annotated[Path, typer.Option("--to", help="The folder to write to.", file_okay=False)],
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


def _tell(shown: PaperShown, zone: tzinfo) -> None:
    paper, scan = shown.paper, shown.scan
    texts = {name: getattr(paper, name) for name in ("id", "case", "number", "step", "day")}
    times = {"begins": time_shown(paper.begins_at, zone), "ends": time_shown(paper.ends_at, zone)}
    more = {name: getattr(paper, name) for name in ("place", "party", "volume", "position", "note")}
    told = {"paper": paper.code, **texts, **times, "officer": ", ".join(paper.officers), **more}
    if scan is not None:
        told |= {"scan": f"{scan.name} ({size_text(scan.size_bytes)})", "pages": scan.pages, "drawn": shown.drawn}
    told = {name: value for name, value in told.items() if value}
    pairs(dict(zip(heads(*told), told.values(), strict=True)))


def _said(
    station: Station,
    texts: dict[str, str | None],
    day: str | None,
    since: str | None,
    until: str | None,
    officers: list[str] | None,
    pages: int | None,
) -> dict[str, Any]:
    """What was typed of a written record, by the fields of `catalog.cases.papers.FIELDS`."""
    from docking_station.station.settings import moment

    said: dict[str, Any] = {name: text or None for name, text in texts.items() if text is not None}
    if day is not None:
        zone = station.settings.zone
        said["day"] = moment(day, zone).astimezone(zone).date().isoformat() if day else None
    for name, text in (("begins_at", since), ("ends_at", until)):
        if text is not None:
            said[name] = moment(text, station.settings.zone) if text else None
    if said.get("begins_at") and "day" not in said:
        said["day"] = said["begins_at"].astimezone(station.settings.zone).date().isoformat()
    if officers is not None:
        said["officers"] = [one for one in officers if one]
    return said | ({"pages": pages} if pages is not None else {})
