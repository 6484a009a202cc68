"""How long a viewing copy takes beside the same ffmpeg command by hand, and how soon a filed clip plays.

.venv/bin/python -m bench.viewing --seconds 20 --rounds 5
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.harness import EVIDOCK, evidock, own_folder, station, where
from catalog.clips import search
from docking_station.derived.copies import choose_view, open_view
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from media import ffmpeg, proxy
from media.encoders import usable
from media.faststart import moov_first
from media.ffmpeg import Tools
from media.viewing import looked

RATIO_MAX = 1.05
PLAYABLE_S_MAX = 1.0
FIRST_BYTES = 256 * 1024
PICTURE = "testsrc2=size=1920x1080:rate=25"
SOUND = "anoisesrc=r=16000:a=0.1:seed=1"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one making took: by the clock, and of processors."""

    seconds: float
    processors_s: float


def made(path: Path, seconds: float, *codec: str) -> Path:
    """A clip with a moving picture and noise."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", SOUND]
    subprocess.run([*argv, "-t", str(seconds), *codec, "-c:a", "aac", str(path)], check=True, timeout=3600)
    return path


def processors_s() -> float:
    """Seconds of processors used by this process and those it waited for: another's work does not lengthen them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def pair(original: Path, folder: Path, tools: Tools, *, ours_first: bool) -> tuple[Taken, Taken]:
    """Our way and the same command by hand, on the same file, one after the other."""
    seen = looked(original, "video", tools)
    encoder = usable(tools, folder / "encoders.json", hardware=True)[0]
    limits = proxy.limits_for("encode", seen.media.duration_s, original.stat().st_size)
    args = [
        proxy.view_args(original, folder / f"{name}.mp4", seen.plan, encoder, "a bench") for name in ("ours", "hand")
    ]
    taken = {}
    for ours in (ours_first, not ours_first):
        began, used = time.perf_counter(), processors_s()
        if ours:
            looked(original, "video", tools)
            ffmpeg.make(args[0], tools, limits, lambda _: None)
        else:
            by_hand = ["nice", "-n", str(tools.niceness), "ffmpeg", "-nostdin", "-y", "-v", "error", *args[1]]
            subprocess.run(by_hand, check=True, timeout=limits.timeout_s)
        taken[ours] = Taken(time.perf_counter() - began, processors_s() - used)
    return taken[True], taken[False]


def soon(home: Path, card: Path) -> tuple[float, float]:
    """Seconds from a receipt to the first bytes that play: in a program that runs, and as a whole command."""
    evidock(home, "ingest", card)
    opened = Station(read_settings(Home(home)))
    began = time.perf_counter()
    (clip,) = search.search(opened.database, search.Search())
    with open_view(opened, choose_view(opened, str(clip.id))).file as file, moov_first(file) or file as shown:
        if len(shown.read(FIRST_BYTES)) != FIRST_BYTES:
            sys.exit("the first bytes did not come")
    inside = time.perf_counter() - began
    opened.close()
    began = time.perf_counter()
    line = [str(EVIDOCK), "clips", "view", str(clip.id), "--to", "-"]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, env={"EVIDOCK_HOME": str(home), "PATH": "/usr/bin:/bin"}
    ) as child:
        assert child.stdout is not None
        child.stdout.read(1)
        outside = time.perf_counter() - began
        child.stdout.read()
    return inside, outside


def main() -> None:
    """Both questions, each some times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long the clips are (20)")
    parser.add_argument("--rounds", type=int, default=5, help="how many pairs (5)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    tools = Tools(niceness=0)
    with own_folder(chosen.dir) as folder:
        print(f"1080p clips of {chosen.seconds:g} s on {where(folder)}")
        hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
        original = made(folder / "hevc.mp4", chosen.seconds, *hevc)
        pairs = [pair(original, folder, tools, ours_first=bool(number % 2)) for number in range(chosen.rounds)]
        for ours, hand in pairs:
            print(
                f"re-encoded in {ours.seconds:.2f} s, by hand {hand.seconds:.2f} s: {ours.seconds / hand.seconds:.3f}"
            )
        ratio = statistics.median(ours.seconds / hand.seconds for ours, hand in pairs)
        work = statistics.median(ours.processors_s / hand.processors_s for ours, hand in pairs)
        print(f"median {ratio:.3f} (wanted: at most {RATIO_MAX}); of processors' time {work:.3f}")
        (folder / "card").mkdir()
        made(folder / "card" / "a.mp4", chosen.seconds, "-c:v", "libx264", "-preset", "ultrafast")
        for number in range(chosen.rounds):
            with station(folder / f"home{number}") as home:
                inside, outside = soon(home, folder / "card")
            print(f"first bytes after {inside * 1000:.0f} ms; of a whole command after {outside:.2f} s", flush=True)
        print(f"(wanted: under {PLAYABLE_S_MAX:g} s after filing)")


if __name__ == "__main__":
    main()
