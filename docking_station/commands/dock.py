"""`evidock dock`: the docking station itself."""

from __future__ import annotations

import typer

from docking_station.terminal.here import opened

app = typer.Typer()


@app.command()
def dock() -> None:
    """Serve the bays until told to stop (采集站守护进程): every recorder that is put in is copied, sealed and filed.

    Under systemd this is `evidock-dock.service`; by hand it needs the right to mount (root). Ctrl-C ends it: nothing is
    lost, and the next start goes on where this one stopped.
    """
    from docking_station.dock.daemon import run_dock

    with opened() as station:
        run_dock(station)
