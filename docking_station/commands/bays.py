"""`evidock bays`: the bays of the dock, once and all the time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import listed, print_json, remark
from docking_station.terminal.words import language, word
from docking_station.texts.plain import span_text, time_shown, visible

if TYPE_CHECKING:
    from docking_station.faces.bay_words import Spoken
    from docking_station.faces.follower import Follower
    from docking_station.station.settings import Settings

app = typer.Typer(name="bays", help="The bays of the dock (仓位).", no_args_is_help=True)

AS_LINES = "The dock's own events on stdout, a JSON document a line (输出采集站事件，每行一个 JSON)."


def _settings() -> Settings:
    from docking_station.station.settings import home_from_environment, read_settings

    return read_settings(home_from_environment())


@app.command("list")
def list_bays(as_json: Json = False) -> None:
    """List the bays as they are now (仓位列表). The dock must be running."""
    from docking_station.faces.bay_words import texts_of
    from docking_station.faces.stream import snapshot

    station, bays = snapshot(_settings().socket)
    if as_json:
        print_json({"station": station, "bays": bays})
        return
    spoken = _spoken()
    listed(
        bays,
        "no_bays",
        bay=lambda view: view.bay,
        state=lambda view: word("state_clearing" if view.clearing else f"state_{view.state}"),
        recorder=lambda view: view.recorder or view.device,
        officer=lambda view: view.officer,
        files=lambda view: f"{view.files_done}/{view.files}" if view.files else "",
        left=lambda view: span_text(view.left_s),
        why=lambda view: " · ".join(
            [word("overdue_count", count=view.overdue)] * bool(view.overdue)
            + ([] if view.why is None else [texts_of(view.why, spoken)[0]])
        ),
    )
    for why in (station.clock_why, station.vault, station.catalog):
        if why is not None:
            remark("! " + " ".join(texts_of(why, spoken)))


@app.command()
def watch(as_json: Annotated[bool, typer.Option("--json", help=AS_LINES)] = False) -> None:
    """Show the bays full screen, all the time (状态屏).

    `q` leaves. Not on a terminal, a line is printed whenever a bay's state changes.
    """
    import sys
    from contextlib import suppress

    from docking_station.terminal import watching

    path = _settings().socket
    with suppress(KeyboardInterrupt):
        if as_json:
            watching.watch_json(path)
        elif sys.stdout.isatty():
            _screen(path)
        else:
            _lines(path)


def _spoken() -> Spoken:
    from docking_station.faces.bay_words import Spoken

    return Spoken(language(), word, _settings().zone)


def _screen(path: Path) -> None:
    from rich.text import Text

    from docking_station.terminal import watching
    from docking_station.terminal.cells import Size
    from docking_station.terminal.wall import notice, wall

    spoken = _spoken()

    def drawn(seen: Follower, columns: int, rows: int) -> Text:
        station, bays, fault = seen.now()
        size = Size(columns, rows)
        if station is not None:
            lines = wall(station, bays, size, watching.now(), spoken)
        elif fault is not None:
            heading = spoken.word("not_running")
            lines = notice(heading, fault.message(spoken.language, spoken.zone), fault.hint(spoken.language), size)
        else:
            lines = notice(spoken.word("joining"), "", "", size)
        text = Text(no_wrap=True, overflow="crop", end="")
        for at, line in enumerate(lines):
            text.append("\n" if at else "")
            for piece, style in line:
                text.append(piece, style)
        return text

    watching.watch_screen(path, drawn)


def _lines(path: Path) -> None:
    from catalog.rules.canonical import time_text
    from catalog.station_error import StationError
    from docking_station.faces.bay_words import counts, state_word, texts_of
    from docking_station.faces.board import BayView
    from docking_station.terminal import watching

    spoken = _spoken()

    def line_of(view: BayView) -> str:
        why = "" if view.why is None else texts_of(view.why, spoken)[0]
        texts = (view.recorder or view.device or "", view.officer or "", *counts(view, spoken), why)
        at = time_shown(time_text(view.since), spoken.zone)
        known = "  ".join(visible(text) for text in texts if text)
        return f"{at}  {visible(view.bay)}  {state_word(view, spoken)}  {known}".rstrip()

    def fault_of(error: StationError) -> str:
        return f"{error.message(spoken.language, spoken.zone)} [{error.code}]\n→ {error.hint(spoken.language)}"

    watching.watch_lines(path, line_of, fault_of)


@app.command()
def calibrate(
    begin: Annotated[int, typer.Option("--from", min=0, help="The number of the first bay (首个仓位的编号).")] = 1,
    labels: Annotated[
        str | None,
        typer.Option(help="Labels in order, such as A1,A2,B1, instead of numbers (仓位标签，依次填写，如 A1,A2,B1)."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Add to the bays that are known, instead of anew (在已有仓位之后追加).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Learn which port is which bay (仓位标定): plug one device through the bays in order.

    Works while the dock runs. Enter ends and keeps, `u` and Enter undoes the last bay, Ctrl-C asks whether to keep.
    """
    from catalog.rules.house_rights import Right
    from docking_station.services.rights import demand
    from docking_station.terminal.calibrate import calibrating

    with opened() as station:
        demand(station, caller(), Right.BAY_WRITE)
    calibrating(begin, labels, add=keep, as_json=as_json)
