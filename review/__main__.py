"""`python -m review FD` (网页服务): serves the pages at a socket that `evidock serve` has bound and handed over.

The command binds, so that a port that is taken is said before this program is loaded, in the words of the command line.
"""

from __future__ import annotations

import ipaddress
import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module

import uvicorn

from catalog.station_error import StationError
from docking_station.services.first_run import is_begun
from docking_station.services.looks import Looks
from docking_station.services.people import entered
from docking_station.services.recent import Answers
from docking_station.station.identity import caller_of_process
from docking_station.station.logs import get_log
from docking_station.station.station import Station, opened_station
from review.app import make_app
from review.begin import Begin
from review.frame import TEMPLATES
from review.heads import Heads
from review.policy import Policy

SWEEP_S = 60.0
KEEP_ALIVE_S = 75
"""A player that waits between two ranges must not meet a closed connection."""


def main() -> None:
    """Serve until told to stop."""
    door = socket.socket(fileno=int(sys.argv[1]))
    assert ipaddress.ip_address(door.getsockname()[0]).is_loopback, "pages are served to this machine alone"
    with ExitStack() as stack:
        pages = partial(_pages, stack)
        app = pages() if is_begun() else Begin(caller_of_process(), pages)
        config = uvicorn.Config(
            app,
            access_log=False,
            date_header=False,
            http=Heads,
            loop="uvloop",
            lifespan="off",
            log_level="critical",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=KEEP_ALIVE_S,
            ws="none",
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # uvicorn hands both on when all is answered
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[door])


def _pages(stack: ExitStack) -> Policy:
    """The pages of the station, which is open until the stack ends."""
    station = stack.enter_context(opened_station())
    looks = Looks(station)
    stack.callback(looks.close_all)
    threading.Thread(target=_sweep, args=(looks,), name="looks", daemon=True).start()
    recent = Answers.of(station)
    threading.Thread(target=_warm_up, args=(station, recent), name="warm-up", daemon=True).start()
    return make_app(station, caller_of_process(), looks=looks, recent=recent)


def _warm_up(station: Station, recent: Answers) -> None:
    """Load what the first look needs, and find what who signs in first is told, before anybody waits for it."""
    import_module("catalog.schema")
    for name in TEMPLATES.list_templates():
        TEMPLATES.get_template(name)
    for find in (partial(entered, station), recent.facts, recent.limits, recent.wanting, recent.due):
        with suppress(StationError):  # whoever asks is told
            find()


def _sweep(looks: Looks) -> None:
    """End looks that nobody goes on with, once a minute."""
    while True:
        time.sleep(SWEEP_S)
        try:
            looks.sweep()
        except Exception:  # noqa: BLE001 - this thread's outermost loop: it must not end while pages are served
            get_log().exception("looks not swept")


if __name__ == "__main__":
    main()
