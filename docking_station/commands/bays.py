"""`evidock bays`: which port is which bay."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(name="bays", help="The bays of the dock (仓位).", no_args_is_help=True)


@app.callback()
def bays() -> None:
    """The bays of the dock (仓位)."""


@app.command()
def calibrate(
    begin: Annotated[int, typer.Option("--from", min=0, help="The number of the first bay.")] = 1,
    labels: Annotated[str | None, typer.Option(help="Labels in order, such as A1,A2,B1, instead of numbers.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Add to the bays that are known, instead of anew.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Learn which port is which bay (仓位标定): plug one device through the bays in order.

    Works while the dock runs. Enter ends and keeps, `u` and Enter undoes the last bay, Ctrl-C asks whether to keep.
    """
    from docking_station.calibrating import calibrating

    calibrating(begin, labels, add=keep, as_json=as_json)
