"""`evidock clock`: whether the station's clock is believed, and two people's word that it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, ask_confirmation, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import time_shown, visible

if TYPE_CHECKING:
    from docking_station.services.clock import ClockFound
    from docking_station.station.station import Station

app = typer.Typer(name="clock", help="The station's clock (本站时钟).", no_args_is_help=True)


@app.command()
def show(as_json: Json = False) -> None:
    """Show what the clock says, whether it is believed, and what a wrong clock wrote (查看时钟)."""
    from docking_station.services.clock import look_at_clock

    with opened() as station:
        found = look_at_clock(station)
        answer(as_json, _body(found), lambda: _say(station, found))


@app.command()
def confirm(
    reason: Annotated[
        str | None, typer.Option(help="Why; asked for from the first of the two people (理由，由第一人填写).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="As the second, confirm without being asked (确认时钟).")] = False,
    as_json: Json = False,
) -> None:
    """Say that the clock is right now; another person confirms it with the same command within the hour (确认时钟).

    Lines that say a later time than now, or that run backwards, are from then on known as a wrong clock's: they keep
    nothing from going on, also in a rebuilt catalog. Compare the clock with a watch first.
    """
    import sys

    from docking_station.services import clock
    from docking_station.terminal.asking import ask_who

    with opened() as station:
        found = clock.look_at_clock(station)
        if not as_json:
            _say(station, found)
        who = clock.who_confirms(station, caller(), ask_who)
        is_second = found.asked is not None and not yes and not as_json and sys.stdin.isatty()
        if is_second and not ask_confirmation(("right", "无误")):
            raise typer.Exit(1)
        state, found = clock.confirm(station, reason, who)
    answer(as_json, {"state": state} | _body(found), lambda: say(word(f"clock_{state}")))


def _body(found: ClockFound) -> dict[str, Any]:
    from catalog.rules.canonical import time_text

    error, asked = found.error, found.asked
    return {
        "now": time_text(found.reading.at),
        "clock": found.state,
        "code": None if error is None else error.code,
        "message": None if error is None else error.message("en"),
        "asked_by": None if asked is None else asked.by,
        "wrong": [span.as_details() for span in found.wrong],
    }


def _say(station: Station, found: ClockFound) -> None:
    zone = station.settings.zone
    say(word("clock_says", now=time_shown(found.reading.at.isoformat(), zone)))
    say(word("clock_believed") if found.error is None else visible(found.error.message(language(), zone)))
    for span in found.wrong:
        after = time_shown(span.after.isoformat(), zone)
        if span.first is None:
            say(word("clock_wrong_documents", count=len(span.documents) + len(span.checkpoints), after=after))
        else:
            say(word("clock_wrong_lines", first=span.first, last=span.last, after=after))
    if found.asked is not None:
        say(visible(word("clock_asked_by", by=found.asked.by, reason=found.asked.reason)))
