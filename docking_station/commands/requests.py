"""`evidock requests`: ask for a look or a copy, decide, hand out, and the register."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.rules.requests import Wanted
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import visible

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station

app = typer.Typer(name="requests", help="Requests for looks and copies (调阅、复制).", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NO", help="The number of the request (申请编号).")]
CopyNumber = Annotated[str, typer.Argument(metavar="COPY", help="The number of the copy in the register (副本登记号).")]
Reason = Annotated[str, typer.Option(help="Why (理由).")]
MaybeReason = Annotated[str | None, typer.Option(help="Why, if it should be signed too (理由，一并签名).")]
Clips = Annotated[
    list[str] | None, typer.Option("--clip", help="This clip; may be given again (资料编号，可多次填写).")
]


@app.command()
def ask(
    reason: Annotated[str, typer.Option(help="Why it is needed (事由).")],
    wanted: Annotated[Wanted, typer.Option("--for", help="What is asked for (申请事项).")] = "copy",
    clip: Clips = None,
    case: Annotated[str | None, typer.Option(help="All clips of this case (案件编号).")] = None,
    describe: Annotated[str | None, typer.Option(help="What is looked for: time, place, unit (描述).")] = None,
    use: Annotated[str | None, typer.Option(help="What it is for: court, review, hand-over (用途).")] = None,
    paper: Annotated[str | None, typer.Option(help="Number of the document that asks for it (文号).")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=365, help="For how many days (期限).")] = None,
    organ: Annotated[str | None, typer.Option(help="Who outside asks (来函单位); entered by the custodian.")] = None,
    letter: Annotated[str | None, typer.Option(help="Number of the letter (来函文号).")] = None,
    as_json: Json = False,
) -> None:
    """Ask for a look or a copy of clips, of a case, or of what is described (申请). Another person decides."""
    from docking_station.services import requests

    if not (clip or case or describe):
        raise typer.BadParameter("give --clip, --case or --describe (请填写 --clip、--case 或 --describe)")
    asked = requests.Asked(wanted, reason, tuple(clip or ()), case, describe, use, paper, days, organ, letter)
    with opened() as station:
        who = _known(station)
        no = requests.ask(station, who, asked)
        is_named = asked.case is not None or asked.clips
        _tell(station, who, no, "request_asked" if is_named else "request_described", as_json=as_json)


@app.command()
def fill(no: Number, clip: Clips = None, as_json: Json = False) -> None:
    """Name the clips of a request in words, as the custodian (补列资料)."""
    from docking_station.services import requests

    if not clip:
        raise typer.BadParameter("give --clip once or more (请至少填写一个 --clip)")
    with opened() as station:
        who = _known(station)
        requests.fill(station, who, no, clip)
        _tell(station, who, no, "request_filled", as_json=as_json)


@app.command()
def withdraw(no: Number, reason: MaybeReason = None, as_json: Json = False) -> None:
    """Take back a request of one's own that nobody decided yet (撤回)."""
    from docking_station.services import requests

    with opened() as station:
        who = _known(station)
        requests.withdraw(station, who, no, reason)
        _tell(station, who, no, "request_withdrawn", as_json=as_json)


@app.command()
def approve(
    no: Number,
    clip: Clips = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=365, help="For fewer days than asked for (批准天数，少于申请天数).")
    ] = None,
    reason: MaybeReason = None,
    as_json: Json = False,
) -> None:
    """Grant a request, as another person who recorded none of it (批准): all of it, or only some clips of it."""
    from docking_station.services import requests

    with opened() as station:
        who = _other(station, no)
        requests.approve(station, who, no, chosen=clip or (), days=days, reason=reason)
        _tell(station, who, no, "request_granted", as_json=as_json)


@app.command()
def refuse(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Refuse a request, as another person (驳回)."""
    from docking_station.services import requests

    with opened() as station:
        who = _other(station, no)
        requests.refuse(station, who, no, reason)
        _tell(station, who, no, "request_refused", as_json=as_json)


@app.command()
def revoke(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Take a grant back, at once: no copy is made by it any more (收回批准)."""
    from docking_station.services import requests

    with opened() as station:
        who = _known(station)
        requests.revoke(station, who, no, reason)
        _tell(station, who, no, "request_revoked", as_json=as_json)


@app.command()
def emergency(
    reason: Annotated[str, typer.Option(help="Why it cannot wait for a decision (事由).")],
    clip: Clips = None,
    case: Annotated[str | None, typer.Option(help="All clips of this case (案件编号).")] = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, max=30, help="For fewer minutes than the policy lets (分钟数，少于制度上限).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open clips for looking at once, without a decision (紧急调阅); another head judges it within a day.

    For custodians and heads. Nothing can be copied by it; while it is not judged, or was judged wrong, its person opens
    no other.
    """
    from docking_station.services.emergencies import open_emergency

    if not (clip or case):
        raise typer.BadParameter("give --clip or --case (请填写 --clip 或 --case)")
    with opened() as station:
        who = _known(station)
        request = open_emergency(station, who, tuple(clip or ()), case=case, reason=reason, minutes=minutes)
        _tell(station, who, request.no, "emergency_opened", as_json=as_json)


@app.command()
def judge(
    no: Number,
    upheld: Annotated[bool, typer.Option("--upheld/--faulted", help="Rightly, or wrongly opened (正当、不当).")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Judge an emergency look, as another person (评判紧急调阅): a head of the unit, else an auditor.

    What was watched by it is shown first.
    """
    from docking_station.services.emergencies import judge as judging
    from docking_station.services.requests import shown
    from docking_station.terminal.requests import show_looks

    with opened() as station:
        who = _other(station, no)
        if not as_json:
            show_looks(shown(station, who, no), station.settings.zone)
        judging(station, who, no, is_upheld=upheld, reason=reason)
        _tell(station, who, no, "emergency_judged", as_json=as_json)


@app.command("list")
def list_requests(
    mine: Annotated[bool, typer.Option("--for-me", help="What waits for you, or became of yours (待我办理).")] = False,
    as_json: Json = False,
) -> None:
    """List the requests as they stand now, the newest first (申请列表).

    With `--for-me` only what you decide, fill in or judge, and for seven days what became of what you asked for.
    """
    from catalog.people import people
    from docking_station.services import requests
    from docking_station.terminal.requests import list_shown

    with opened() as station:
        found = (requests.for_me if mine else requests.every_request)(station, caller())
        list_shown(found, station.settings.zone, people.names(station.database), as_json=as_json)


@app.command()
def show(no: Number, as_json: Json = False) -> None:
    """Show a request, its decision and its copies (查看申请)."""
    from catalog.people import people
    from docking_station.services import requests
    from docking_station.terminal.requests import show_request

    with opened() as station:
        names, zone = people.names(station.database), station.settings.zone
        show_request(requests.shown(station, caller(), no), zone, names, as_json=as_json)


@app.command()
def hand(
    copy: CopyNumber,
    medium: Annotated[str, typer.Option(help="On what: a disc, a stick, its number (介质).")],
    receiver: Annotated[str, typer.Option(help="To whom; they sign on paper (接收人).")],
    as_json: Json = False,
) -> None:
    """Enter that a copy was handed out (交付)."""
    from docking_station.services import requests

    with opened() as station:
        requests.hand_out(station, _known(station), copy, medium=medium, receiver=receiver)
    _told(copy, "handed", as_json=as_json)


@app.command("return")
def take_back(
    copy: CopyNumber,
    witness: Annotated[str, typer.Option(help="Who saw it: another person (见证人).")],
    destroyed: Annotated[bool, typer.Option("--destroyed", help="It was destroyed, not brought back (销毁).")] = False,
    as_json: Json = False,
) -> None:
    """Enter that a copy came back, or was destroyed, before a witness (收回、销毁)."""
    from docking_station.services import requests

    with opened() as station:
        requests.take_back(station, _known(station), copy, witness=witness, is_destroyed=destroyed)
    _told(copy, "returned", as_json=as_json)


@app.command()
def register(
    to: Annotated[
        Path | None, typer.Option("--to", help="A new CSV file to write (要写入的新 CSV 文件).", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the register of copies (调阅、复制登记), or write it as CSV for Excel."""
    from docking_station.services import requests
    from docking_station.terminal.requests import show_register, write_register

    with opened() as station:
        found, zone = requests.every_request(station, caller()), station.settings.zone
        if to is not None:
            write_register(found, zone, to)
    if to is None or as_json:
        show_register(found, zone, as_json=as_json)
    else:
        say(visible(word("register_written", path=to)))


def _known(station: Station) -> Caller:
    """Who runs this; types account and secret where the system does not tell who that is."""
    from docking_station.services.requests import ask_who_asks
    from docking_station.terminal.asking import ask_who

    return ask_who_asks(station, caller(), ask_who)


def _other(station: Station, no: str) -> Caller:
    from docking_station.services.requests import ask_who_decides
    from docking_station.terminal.asking import ask_who

    return ask_who_decides(station, caller(), no, ask_who)


def _tell(station: Station, who: Caller, no: str, said: str, *, as_json: bool) -> None:
    from docking_station.services.requests import shown
    from docking_station.texts.plain import time_shown

    found = shown(station, who, no)
    until = found.request.until or found.lapses_at
    if as_json:
        print_json(found)
    else:
        say(word(said, no=no, clips=len(found.request.clips), until=time_shown(until, station.settings.zone)))


def _told(copy: str, state: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"copy": copy, "state": state})
    else:
        say(word(f"copy_{state}", no=copy))
