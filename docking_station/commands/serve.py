"""`evidock serve`: the pages of the station, for a browser of this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.here import opened
from docking_station.terminal.output import say
from docking_station.terminal.words import word

app = typer.Typer()

LOOPBACK = "127.0.0.1"
NEEDED = ("fastapi", "jinja2", "uvicorn")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port the pages are served at (网页端口).")] = 8760,
) -> None:
    """Show the station in a browser of this machine (网页): bays, clips, one clip. Ctrl-C ends it.

    Only this machine is answered. Where there is no station yet, the pages set one up. Until the first person is
    entered, whoever runs it looks under this name; then each signs in. Each look is on the trail.
    """
    import errno
    import os
    import socket
    import sys
    from importlib.util import find_spec

    from docking_station.station.errors import HomeMissing, PagesMissing, PagesUnserved
    from docking_station.station.settings import home_from_environment

    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise PagesMissing(what=", ".join(missing))
    served, facts = "pages_served", dict[str, object]()
    try:
        with opened():
            pass  # there is a station here whose settings can be read, or this says why not
    except HomeMissing:
        served, facts = "pages_first_run", {"home": home_from_environment().root}
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just left is free
    try:
        door.bind((LOOPBACK, port))
        door.listen()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = ("something is served there already", "该端口已被占用") if taken else (error.strerror,) * 2
        raise PagesUnserved(address=f"{LOOPBACK}:{port}", reason=reason[0], reason_zh=reason[1]) from error
    say(word(served, address=f"http://{LOOPBACK}:{port}/", **facts))
    sys.stdout.flush()
    door.set_inheritable(True)
    # Pages stand above this program, so it starts them and never imports them; -P: not from the folder one stands in.
    os.execv(sys.executable, [sys.executable, "-P", "-X", "utf8", "-m", "review", str(door.fileno())])
