"""What a GB costs through a look beside plain preads of the same file, and how soon bytes come at any place of a clip.

.venv/bin/python -m bench.looks --size 2G --vault folder          # or encrypted, or s3 (a server is started)
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.harness import discard, evidock, own_folder, size_bytes, where
from catalog.clips import search
from docking_station.services.looks import ANSWER_BYTES_MAX, READ_BYTES, Look, Looks, answered
from docking_station.station.identity import caller_of_process
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from tests.vault.weed import ACCESS, SECRET, Weed

PROCESSOR_S_A_GB_MAX = 0.35
FIRST_S_MAX = 0.3
PLACES = 60
GB = 1e9
SECRETS = {"s3-access-key": ACCESS, "s3-secret-key": SECRET, "vault-wrapping-key": "5a" * 32}


@contextmanager
def station(folder: Path, kind: str) -> Iterator[Station]:
    """A station on a vault of this kind."""
    home, server = folder / "home", Weed(folder / "weed") if kind == "s3" else None
    (home / "credentials").mkdir(parents=True)
    for name, secret in SECRETS.items():
        (home / "credentials" / name).write_text(secret)
        (home / "credentials" / name).chmod(0o600)
    try:
        address = {"folder": "folder:vault", "encrypted": "encrypted:folder:vault"}.get(kind, "")
        if server is not None:
            server.start()
            address = server.address(f"looks-{uuid.uuid4().hex[:12]}/station")
        text = EXAMPLE.replace("folder:vault", address, 1).replace('immutable = "auto"', 'immutable = "never"')
        (home / "station.toml").write_text(
            text.replace('encrypt = "none"', f'encrypt = "{"all" if kind == "encrypted" else "none"}"')
        )
        evidock(home, "init")
        opened = Station(read_settings(Home(home)))
        yield opened
        opened.close()
    finally:
        if server is not None:
            server.stop(signal.SIGKILL)
        discard(home)


def film(path: Path, total_bytes: int) -> None:
    """A film that plays, and a box behind it that makes it as long as is wanted."""
    path.parent.mkdir()
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "10"]
    subprocess.run([*argv, "-c:v", "libx264", "-preset", "ultrafast", str(path)], check=True, timeout=600)
    left = total_bytes - path.stat().st_size
    with path.open("ab") as file:
        file.write((1).to_bytes(4, "big") + b"free" + left.to_bytes(8, "big"))
        block = os.urandom(4 << 20)
        for at in range(16, left, len(block)):
            file.write(block[: left - at])


def by_look(looks: Looks, look: Look) -> None:
    """The whole clip as a browser asks for it: range after range."""
    size, at = look.parts["view"].size_bytes, 0
    while at < size:
        span = answered(size, at, None)
        assert span is not None
        at += sum(len(piece) for piece in looks.pieces(look, "view", *span))


def by_hand(path: Path) -> None:
    """The whole file by preads of the same length."""
    fd = os.open(path, os.O_RDONLY)
    at = 0
    while piece := os.pread(fd, READ_BYTES, at):
        at += len(piece)
    os.close(fd)


def spent_s(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of this process's processor time, and by the clock."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - used, time.perf_counter() - began


def firsts_s(looks: Looks, look: Look) -> list[float]:
    """How long the first MiB takes at places anywhere."""
    size, dice, found = look.parts["view"].size_bytes, random.Random(1), list[float]()
    for _ in range(PLACES):
        span = answered(size, dice.randrange(size), None)
        assert span is not None
        began = time.perf_counter()
        next(looks.pieces(look, "view", *span))
        found.append(time.perf_counter() - began)
    return sorted(found)


def main() -> None:
    """Print each round and the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="2G", type=size_bytes)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--vault", default="folder", choices=("folder", "encrypted", "s3"))
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    given = parser.parse_args()
    with own_folder(given.dir) as folder, station(folder, given.vault) as opened:
        print(f"a clip of {given.size / GB:.2f} GB in a vault ({given.vault}) on {where(folder)}", flush=True)
        film(folder / "card/a.mp4", given.size)
        evidock(opened.home.root, "ingest", folder / "card")
        (clip,) = search.search(opened.database, search.Search())
        looks, caller = Looks(opened), caller_of_process()
        looks.open(caller, str(clip.id))  # the first one loads what all others have
        began = time.perf_counter()
        look = looks.open(caller, str(clip.id))
        opened_s = time.perf_counter() - began
        next(looks.pieces(look, "view", 0, READ_BYTES))
        first_s = time.perf_counter() - began
        print(f"opened in {opened_s * 1000:.0f} ms, the first bytes {first_s * 1000:.0f} ms after asking")
        cold_s, clock_s = spent_s(lambda: by_look(looks, look))
        print(f"from the disk {cold_s / given.size * GB:.3f} s of processor time a GB, {clock_s:.2f} s by the clock")
        ratios, costs = list[float](), list[float]()
        for number in range(given.rounds):
            ways = [lambda: by_look(looks, look), lambda: by_hand(folder / "card/a.mp4")]
            took = {way: spent_s(ways[way]) for way in ((0, 1) if number % 2 else (1, 0))}
            ours, hand = (took[way][0] / given.size * GB for way in (0, 1))
            costs.append(ours)
            ratios.append(ours / hand)
            clocks = f"by the clock {took[0][1]:.2f} and {took[1][1]:.2f} s"
            print(f"processor time a GB {ours:.3f} s, by preads {hand:.3f} s ({ours / hand:.2f}); {clocks}", flush=True)
        found = firsts_s(looks, look)
        print(
            f"median {statistics.median(costs):.3f} s a GB (wanted, of a folder: under {PROCESSOR_S_A_GB_MAX}), ratio "
            f"{statistics.median(ratios):.2f}\nfirst MiB of {ANSWER_BYTES_MAX >> 20} anywhere: median "
            f"{statistics.median(found) * 1000:.1f} ms, p95 {found[int(PLACES * 0.95)] * 1000:.1f} ms, longest "
            f"{found[-1] * 1000:.1f} ms (wanted: p95 under {FIRST_S_MAX * 1000:.0f} ms)"
        )
        looks.close_all()


if __name__ == "__main__":
    main()
