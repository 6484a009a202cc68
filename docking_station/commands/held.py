"""`evidock held`: what waits for a person."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(name="held", help="Files that wait for a person (待处理).", no_args_is_help=True)


@app.command("list")
def list_held(as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False) -> None:
    """List what could not be filed, why, and since when (待处理列表). Ingest the card again to try again."""
    from docking_station.screen import print_json, remark, table, time_shown
    from docking_station.station import opened
    from docking_station.words import heads, language, word

    with opened() as station:
        held = list(station.journal.held().values())
        zone = station.settings.zone
    chinese = language() == "zh"
    rows = [
        {
            "path": one.path,
            "code": one.code,
            "message": one.message_zh if chinese else one.message,
            "hint": one.hint_zh if chinese else one.hint,
            "retry": one.retry,
            "since": one.since,
        }
        for one in held
    ]
    if as_json:
        print_json(rows)
    elif rows:
        table(
            heads("since", "code", "path", "message"),
            [(time_shown(row["since"], zone), row["code"], row["path"], row["message"]) for row in rows],
        )
    else:
        remark(word("no_held"))
