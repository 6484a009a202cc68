"""`evidock vault`: time stamps, what is kept how long, and whether it is still whole."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(name="vault", help="The vault: time stamps, retention, scrubbing (保全库).", no_args_is_help=True)

DIFFERS = 31
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def stamp(as_json: Json = False) -> None:
    """Fetch the time stamps that are owed, now (补办时间戳). The dock does so by itself."""
    from docking_station.screen import print_json, say
    from docking_station.station import opened
    from docking_station.words import word

    done = owed = 0
    with opened() as station:
        stamper = station.stamper
        if stamper is not None:
            done = stamper.catch_up(len(stamper.owed()), lambda: False)
            owed = len(stamper.owed())
    if as_json:
        print_json({"stamped": done, "owed": owed, "configured": stamper is not None})
    else:
        say(word("stamps_none") if stamper is None else word("stamps_sum", done=done, owed=owed))
