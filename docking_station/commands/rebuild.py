"""`evidock rebuild`: a new catalog from the vault alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import visible

app = typer.Typer()

LEFT_OUT = 31


@app.command()
def rebuild(
    into: Annotated[
        str | None,
        typer.Option(help="Address of a new catalog, such as sqlite:////path/catalog.db; else in place (新编目地址)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the catalog anew from the vault's manifests and acts (重建编目), where it was lost or is an older copy.

    The old one is set aside and never deleted: it alone knows the looks. Only what a key in the station's keys folder
    signed is believed. Exit status 31 if anything was left out.
    """
    from catalog.database import Database
    from docking_station.services.rebuild import rebuild_in_place, rebuild_into
    from docking_station.terminal.progress import counted

    with opened() as station:
        url, aside = station.settings.catalog_url if into is None else into, None
        if into is None:
            rebuilt, aside = rebuild_in_place(station, caller(), counted)
        else:
            rebuilt = rebuild_into(station, caller(), into, counted)
    if as_json:
        print_json(asdict(rebuilt) | ({"aside": asdict(aside) if aside else None} if into is None else {}))
    else:
        for fault in rebuilt.faults:
            say(visible(word("left_out", key=fault.key, what=fault.what)))
        say(word("rebuilt", url=Database(url).shown, clips=rebuilt.clips, acts=rebuilt.acts))
        if aside is not None:
            say(visible(word("rebuilt_aside", where=aside.where, lines=aside.lines, looks=aside.looks)))
    raise typer.Exit(LEFT_OUT if rebuilt.faults else 0)
