"""`evidock disclosures`: what of decisions is to be public; published, corrected, withdrawn, kept back, exported."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.rules.disclosure import Channel, Ended, Form, Gravity
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, say
from docking_station.terminal.words import language, word
from docking_station.texts.disclosure import CHANNEL_WORDS, ENDED_WORDS
from docking_station.texts.plain import visible

if TYPE_CHECKING:
    from datetime import date

    from docking_station.station.station import Station

app = typer.Typer(name="disclosures", help="Publication of decisions (执法公示).", no_args_is_help=True)

CaseNo = Annotated[str, typer.Argument(metavar="NO", help="Any number of the case, or its id (案件编号).")]
PublicNo = Annotated[str, typer.Argument(metavar="NO", help="The publication, as `show` names it (公示编号).")]
Where = Annotated[Channel, typer.Option(help="On which channel (公示渠道).")]
Day = Annotated[str | None, typer.Option(help="On which day, if not today (日期，不填为今天).")]
Reason = Annotated[str, typer.Option(help="Why (理由).")]
Told = Annotated[
    list[str] | None,
    typer.Option("--field", help="What a column says: HEAD=TEXT or CODE=TEXT; or more (公示项=内容，可多次填写)."),
]


@app.command("list")
def list_disclosures(
    done: Annotated[bool, typer.Option("--done", help="What was dealt with, instead (改为已办理的).")] = False,
    as_json: Json = False,
) -> None:
    """List the decisions that must be made public or taken down, the most urgent first (待公示、应撤下)."""
    from docking_station.services.disclosure import list_lines
    from docking_station.terminal.disclosures import tell_lines

    with opened() as station:
        found = list_lines(station, caller(), is_open=not done)
    tell_lines(found, as_json=as_json)


@app.command()
def show(no: CaseNo, as_json: Json = False) -> None:
    """Show what is public of a case, what is due, and the rows as they would be (公示详情)."""
    from docking_station.services.disclosure import show as showing
    from docking_station.terminal.disclosures import tell_shown

    with opened() as station:
        shown = showing(station, caller(), no)
    answer(as_json, shown, lambda: tell_shown(shown))


@app.command()
def publish(
    no: CaseNo,
    channel: Where = "website",
    day: Day = None,
    place: Annotated[str | None, typer.Option(help="Its address or column there (网址或栏目).")] = None,
    field: Told = None,
    gravity: Annotated[Gravity | None, typer.Option(help="How grave, for the credit platform (失信程度).")] = None,
    months: Annotated[
        int | None, typer.Option(min=0, max=1200, help="How long there; if not given, the longest (公示期，月).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Enter that a decision was made public on a channel, as this row (登记公示); an exception to that ends."""
    from docking_station.services.disclosure_changes import publish as publishing

    with opened() as station:
        sent = partial(publishing, station, caller(), no, channel, _told(field), place=place)
        done = sent(day=_day(station, day), gravity=gravity, months=months)
    about_it = {"case": no, "day": done.day, "channel": _said(CHANNEL_WORDS, channel), "no": done.id}
    answer(as_json, done, lambda: say(visible(word("disclosure_published", **about_it))))


@app.command("except")
def keep_back(
    no: CaseNo,
    ground: Annotated[str, typer.Option(help="A ground of the policy, or light (不予公示情形代码，或 light).")],
    reason: Reason,
    channel: Annotated[Channel | None, typer.Option(help="On one channel alone (仅限某渠道).")] = None,
) -> None:
    """Keep a decision from the public (不予公示), by two people: the second types account and secret."""
    from docking_station.services.disclosure_changes import keep_back as keeping
    from docking_station.terminal.asking import ask_who

    with opened() as station:
        keeping(station, caller(), no, channel, ground, reason, read=ask_who)
    say(visible(word("disclosure_kept", case=no, channel=_said(CHANNEL_WORDS, channel or ""))))


@app.command()
def correct(no: PublicNo, reason: Reason, field: Told = None, day: Day = None, as_json: Json = False) -> None:
    """Enter that a publication was wrong and now stands otherwise (公示更正); the row before is kept."""
    from docking_station.services.disclosure_changes import correct as correcting

    with opened() as station:
        done = correcting(station, caller(), no, _told(field), day=_day(station, day), reason=reason)
    answer(as_json, done, lambda: say(visible(word("disclosure_corrected", old=no, no=done.id))))


@app.command()
def withdraw(no: PublicNo, reason: Reason, day: Day = None, as_json: Json = False) -> None:
    """Enter that a publication was taken down, and why (公示撤下)."""
    from docking_station.services.disclosure_changes import withdraw as withdrawing

    with opened() as station:
        done = withdrawing(station, caller(), no, day=_day(station, day), reason=reason)
    answer(as_json, done, lambda: say(visible(word("disclosure_withdrawn", no=no, day=done.ended_day))))


@app.command()
def end(
    no: CaseNo,
    how: Annotated[Ended, typer.Option(help="What became of the decision (失效情形).")],
    reason: Reason,
    day: Day = None,
    number: Annotated[str | None, typer.Option(help="Number of the document that says so (文书文号).")] = None,
) -> None:
    """Enter that a decision was changed, revoked, found unlawful or void: what is public of it must go (决定失效)."""
    from docking_station.services.disclosure_changes import end_decision

    with opened() as station:
        end_decision(station, caller(), no, how, day=_day(station, day), number=number, reason=reason)
    say(visible(word("decision_ended", case=no, how=_said(ENDED_WORDS, how))))


@app.command()
def export(
    to: Annotated[Path, typer.Option(help="A new file, .xlsx or .csv (要写入的新文件).", dir_okay=False)],
    form: Annotated[Form, typer.Option(help="Website, CF penalties, XK licences (网站、处罚、许可).")] = "website",
    done: Annotated[
        bool, typer.Option("--done", help="What is public, instead of what is due (改为已公示的).")
    ] = False,
) -> None:
    """Write the rows for the website or the credit platform as a table (导出公示表); no cell is a formula."""
    from docking_station.services.disclosure import table
    from docking_station.services.table_files import write_table

    with opened() as station:
        rows = table(station, caller(), form, is_open=not done, to=str(to))
        write_table(to, rows)
    say(visible(word("disclosure_written", count=len(rows) - 1, path=to)))


def _told(fields: list[str] | None) -> dict[str, str]:
    """What was typed of columns; raises `BadParameter` for what names none."""
    for one in fields or ():
        if "=" not in one:
            raise typer.BadParameter("write it as HEAD=TEXT (请按 公示项=内容 填写)", param_hint="--field")
    return dict(one.split("=", 1) for one in fields or ())


def _day(station: Station, typed: str | None) -> date | None:
    from docking_station.station.settings import moment

    zone = station.settings.zone
    return None if typed is None else moment(typed, zone).astimezone(zone).date()


def _said(words: Mapping[str, tuple[str, str]], code: str) -> str:
    return words[code][language() == "zh"]
