"""`evidock releases`: clips made public, with faces covered: asked, drafted, checked, approved, published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import word

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station

app = typer.Typer(name="releases", help="Clips made public, with faces covered (音像公示).", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="NO", help="The number of the release (公示编号).")]
Reason = Annotated[str, typer.Option(help="Why (理由).")]


@app.command("list")
def list_releases(as_json: Json = False) -> None:
    """List the releases of clips you may know of, the newest first (公示列表)."""
    from docking_station.services import releases
    from docking_station.terminal.releases import list_shown

    with opened() as station:
        list_shown(releases.every_release(station, caller()), station.settings.zone, as_json=as_json)


@app.command()
def show(no: Number, as_json: Json = False) -> None:
    """Show a release and every step of it (查看公示)."""
    from docking_station.services import releases
    from docking_station.terminal.releases import show_release

    with opened() as station:
        show_release(releases.shown(station, caller(), no), station.settings.zone, as_json=as_json)


@app.command()
def ask(
    clip: Annotated[str, typer.Argument(metavar="CLIP", help="The clip (资料编号).")],
    case: Annotated[str, typer.Option(help="Its case, which is decided (案件编号，已作出决定).")],
    reason: Reason,
    cleared: Annotated[
        bool,
        typer.Option("--cleared", help="It holds nothing that must stay private (不涉及不予公开的情形)."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask for a clip of a decided case to be made public (申请公示)."""
    from docking_station.services import releases

    with opened() as station:
        who = _known(station)
        no = releases.ask(station, who, clip, case, reason, cleared=cleared)
        _tell(station, who, no, as_json=as_json)


@app.command()
def draft(
    no: Number,
    recipe: Annotated[
        Path | None,
        typer.Option(help="A JSON file with boxes, mutes and cuts (遮盖方案).", exists=True, dir_okay=False),
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Only have faces looked for, and print what is suggested (仅查找人脸).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the covered copy of a release, to be checked by another person (制作遮盖副本).

    What is covered is edited on the page of the release, or comes from a file; every suggestion is confirmed or
    dismissed with a reason, and the maker has watched all of the clip.
    """
    from docking_station.services import redaction

    with opened() as station:
        who = _known(station)
        if suggest:
            print_json(redaction.suggest(station, who, no))
            return
        if recipe is not None:
            redaction.save(station, who, no, redaction.edit_of(recipe, no))
        redaction.draft(station, who, no)
        _tell(station, who, no, as_json=as_json)


@app.command()
def check(no: Number, as_json: Json = False) -> None:
    """Say that you watched the whole copy and nothing shows that must not (复核); another person than who made it."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.check(station, who, no), _other, as_json=as_json)


@app.command("send-back")
def send_back(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Send a copy back to be made anew (退回); the reason names the times at which something shows."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.send_back(station, who, no, reason), _known, as_json=as_json)


@app.command()
def approve(no: Number, as_json: Json = False) -> None:
    """Approve a checked copy, as the head of the recording unit (审批); neither who asked nor who made it."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.approve(station, who, no), _other, as_json=as_json)


@app.command()
def publish(
    no: Number,
    place: Annotated[str | None, typer.Option(help="Where it was made public: the website (公示渠道).")] = None,
    to: Annotated[
        Path | None, typer.Option(help="Write the film to this new file first (将影片写入新文件).", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Take the film of an approved copy (`--to`), or enter where it was made public (`--place`) (公示)."""
    from docking_station.services import releases

    if place is None and to is None:
        raise typer.BadParameter("give --to or --place (请填写 --to 或 --place)")
    with opened() as station:
        who = _known(station)
        if to is not None:
            taken = releases.take(station, who, no, to)
            if not as_json:
                say(word("release_taken", path=taken.path))
        if place is not None:
            releases.publish(station, who, no, place)
        _tell(station, who, no, as_json=as_json)


@app.command()
def correct(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Enter that what was published with a film was wrong and was put right (更正)."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.correct(station, who, no, reason), _known, as_json=as_json)


@app.command()
def withdraw(no: Number, reason: Reason, as_json: Json = False) -> None:
    """Enter that a published copy was taken down, and why (撤下)."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.withdraw(station, who, no, reason), _known, as_json=as_json)


@app.command()
def drop(no: Number, reason: Reason, as_json: Json = False) -> None:
    """End a release that was not published, as the head of the recording unit (终止)."""
    from docking_station.services import releases

    _step(no, lambda station, who: releases.drop(station, who, no, reason), _known, as_json=as_json)


def _step(
    no: str,
    take: Callable[[Station, Caller], object],
    who_takes: Callable[[Station, str], Caller],
    *,
    as_json: bool,
) -> None:
    """Take a step of a release, and say where it stands then."""
    with opened() as station:
        who = who_takes(station, no)
        take(station, who)
        _tell(station, who, no, as_json=as_json)


def _known(station: Station, _: str = "") -> Caller:
    """Who runs this; types account and secret where the system does not tell who that is."""
    from docking_station.services.requests import ask_who_asks
    from docking_station.terminal.asking import ask_who

    return ask_who_asks(station, caller(), ask_who)


def _other(station: Station, no: str) -> Caller:
    """Another person than who made the copy."""
    from docking_station.services.releases import ask_who_checks
    from docking_station.terminal.asking import ask_who

    return ask_who_checks(station, caller(), no, ask_who)


def _tell(station: Station, who: Caller, no: str, *, as_json: bool) -> None:
    from docking_station.services import releases
    from docking_station.terminal.releases import state_word

    found = releases.shown(station, who, no)
    if as_json:
        print_json(releases.as_json(found))
    else:
        say(word("release_now", no=no, state=state_word(found.state)))
