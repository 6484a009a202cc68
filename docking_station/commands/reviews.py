"""`evidock reviews`: legal review of major decisions: sent, judged point by point, answered, and the register."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.rules.review_rounds import Verdict
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer as answered
from docking_station.terminal.output import say
from docking_station.terminal.words import word
from docking_station.texts.plain import visible

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station

app = typer.Typer(name="reviews", help="Legal review of major decisions (法制审核).", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NO", help="The number of the round (审核编号).")]
Case = Annotated[str, typer.Argument(metavar="CASE", help="Any number of the case, or its id (案件编号).")]
Point = Annotated[str, typer.Option("--point", help="Code of the point, as the policy has it (审核要点代码，如 R3).")]
Reason = Annotated[str, typer.Option(help="Why (理由).")]
PART = re.compile(r"(?P<clip>[^@]+)@(?P<begins>\d+(?:\.\d+)?)-(?P<ends>\d+(?:\.\d+)?)")
MS = 1000


@app.command()
def send(
    case: Case,
    note: Annotated[str | None, typer.Option(help="What the reviewer should know (送审说明).")] = None,
    as_json: Json = False,
) -> None:
    """Send a case for review (送审). What must be sent and is not there is named, and nothing is sent."""
    from docking_station.services import legal_review

    with opened() as station:
        who = _who(station, case)
        _tell(station, who, legal_review.send(station, who, case, note), "review_sent", as_json=as_json)


@app.command("return")
def give_back(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Return what was sent for what is missing (退回补正); the days begin anew once it is sent again."""
    from docking_station.services import legal_review

    with opened() as station:
        who = _who(station, no)
        legal_review.give_back(station, who, no, reason)
        _tell(station, who, no, "review_returned", as_json=as_json)


@app.command()
def extend(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Take the further days that the policy gives a complex case (延长审核期限)."""
    from docking_station.services import legal_review

    with opened() as station:
        who = _who(station, no)
        legal_review.extend(station, who, no, reason)
        _tell(station, who, no, "review_extended", as_json=as_json)


@app.command()
def judge(
    no: Number,
    point: Point,
    verdict: Annotated[Verdict, typer.Option("--verdict", help="Holds, does not, or is not concerned (结论).")],
    paper: Annotated[
        list[str] | None, typer.Option(help="A written record it rests on; may be given again (所依据的文书).")
    ] = None,
    clip: Annotated[
        list[str] | None,
        typer.Option(
            help="A part of a clip it rests on, CLIP@FROM-TO in seconds; may be given again (所依据的音像，秒)."
        ),
    ] = None,
    note: Annotated[str | None, typer.Option(help="A remark, or what it rests on (审核说明).")] = None,
    as_json: Json = False,
) -> None:
    """Judge one point of the checklist (逐项审核); a later word on it counts until the opinion is given."""
    from docking_station.services import legal_review

    parts = [PART.fullmatch(one) for one in clip or ()]
    if not all(parts):
        raise typer.BadParameter("write CLIP@FROM-TO in seconds (请按 资料编号@起-止 填写，单位为秒)")
    spans = [(it["clip"], round(float(it["begins"]) * MS), round(float(it["ends"]) * MS)) for it in parts if it]
    with opened() as station:
        who = _who(station, no)
        rests = legal_review.rest_on(station, who, paper or (), spans)
        legal_review.judge(station, who, no, point, verdict, rests, note)
        _tell(station, who, no, "review_judged", as_json=as_json)


@app.command()
def give(
    no: Number,
    opinion: Annotated[str, typer.Option(help="Code of the opinion, as the policy has it (审核意见代码).")],
    text: Annotated[str, typer.Option(help="The opinion in words (意见正文).")],
    as_json: Json = False,
) -> None:
    """Give the opinion, once every point is judged (出具审核意见): signed, and filed in the case as PDF."""
    from docking_station.services.opinions import give_opinion

    with opened() as station:
        who = _who(station, no)
        give_opinion(station, who, no, opinion, text)
        _tell(station, who, no, "review_given", as_json=as_json)


@app.command("file")
def file_again(no: Number, as_json: Json = False) -> None:
    """File an opinion that was given and is not in the case yet, or has no PDF there (意见入卷)."""
    from docking_station.services.opinions import file_opinion

    with opened() as station:
        who = _who(station, no)
        file_opinion(station, who, no)
        _tell(station, who, no, "review_filed", as_json=as_json)


@app.command()
def answer(
    no: Number,
    point: Point,
    adopted: Annotated[bool, typer.Option("--adopted/--not-adopted", help="Adopted, or not (采纳、不采纳).")],
    text: Annotated[str, typer.Option(help="What was done, or why not (答复).")],
    as_json: Json = False,
) -> None:
    """Answer one point of an opinion that found problems (逐项答复); when all are answered it is sent again."""
    from docking_station.services import legal_review

    with opened() as station:
        who = _who(station, no)
        legal_review.answer(station, who, no, point, text, adopted=adopted)
        _tell(station, who, no, "review_answered", as_json=as_json)


@app.command()
def again(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Ask once to have an opinion reviewed anew, within the policy's working days (提请复审)."""
    from docking_station.services import legal_review

    with opened() as station:
        who = _who(station, no)
        _tell(station, who, legal_review.again(station, who, no, reason), "review_sent", as_json=as_json)


@app.command("list")
def list_reviews(as_json: Json = False) -> None:
    """List the rounds: what waits first, by its last day (审核登记)."""
    from docking_station.services import legal_review
    from docking_station.terminal.reviews import list_shown

    with opened() as station:
        list_shown(legal_review.every_round(station, caller()), as_json=as_json)


@app.command()
def show(no: Number, as_json: Json = False) -> None:
    """Show a round: its points, its opinion and the answers (查看审核)."""
    from catalog.people import people
    from docking_station.services import legal_review
    from docking_station.terminal.reviews import show_round

    with opened() as station:
        found, names = legal_review.shown(station, caller(), no), people.names(station.database)
        by, zone = legal_review.policy_of(station, found.round), station.settings.zone
    answered(as_json, found, lambda: show_round(found, by, zone, names))


def _who(station: Station, no: str) -> Caller:
    """Who runs this; types account and secret where the system does not tell who that is."""
    from docking_station.services import legal_review
    from docking_station.terminal.asking import ask_who

    return legal_review.ask_who(station, caller(), no, ask_who)


def _tell(station: Station, who: Caller, no: str, said: str, *, as_json: bool) -> None:
    from docking_station.services.legal_review import shown

    found = shown(station, who, no)
    answered(as_json, found, lambda: say(visible(word(said, no=no, party=found.case.named, due=found.due))))
