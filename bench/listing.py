"""How long `evidock clips list` takes as a whole process over a full catalog, and `evidock --help`.

.venv/bin/python bench/listing.py --clips 100000
"""

from __future__ import annotations

import argparse
import random
import statistics
from datetime import timedelta
from pathlib import Path

from bench.harness import evidock, own_folder, station
from catalog.clips import clips
from catalog.database import Database
from catalog.evidence import CaptureTime, Clip
from tests.fakes.clips import START, clip, sealed

RECORDERS, OFFICERS, CASES = 500, 400, 2000
KINDS = ("video", "video", "video", "video", "audio", "image", "log")
TRANSACTION_CLIPS = 1000
LISTED_MS_MAX, HELP_MS_MAX = 300, 250


def made_up(number: int, chance: random.Random) -> Clip:
    """One of many clips, spread over recorders, officers, cases and some years."""
    starts_at = START + timedelta(minutes=chance.randrange(60 * 24 * 1000))
    return clip(
        number,
        kind=chance.choice(KINDS),
        recorder=f"TA{chance.randrange(RECORDERS):05d}",
        officer=f"JX{chance.randrange(OFFICERS):04d}",
        case=f"2026-{chance.randrange(CASES):04d}" if chance.random() < 0.5 else None,
        time=CaptureTime(starts_at, "name", 900.0),
    )


def fill(database: Database, count: int) -> None:
    """File `count` clips through the catalog's own door, as an ingest would."""
    chance = random.Random(1)
    for first in range(0, count, TRANSACTION_CLIPS):
        with database.transaction() as session:
            for number in range(first, min(first + TRANSACTION_CLIPS, count)):
                sealed_clip = sealed(made_up(number, chance))
                signed = sealed_clip.signed
                document = clips.Document(signed.manifest.encode(), signed.signature, signed.seal.key_id)
                clips.file(session, document, sealed_clip.locked_until)


def searches(database: Database, count: int) -> dict[str, tuple[str, ...]]:
    """Every filter: one that many clips pass, one that few do, one that none does, and several together."""
    half = database.query("SELECT id FROM clip ORDER BY starts_at LIMIT 1 OFFSET :half", {"half": count // 2})
    return {
        "no filter": (),
        "case": ("--case", "2026-0007"),
        "case, none": ("--case", "no-such-case"),
        "officer": ("--officer", "JX0007"),
        "recorder": ("--recorder", "TA00007"),
        "kind, many": ("--kind", "video"),
        "kind, none": ("--kind", "other"),
        "since": ("--since", "2028-06-01"),
        "until": ("--until", "2026-04-01"),
        "a day": ("--since", "2027-03-05", "--until", "2027-03-06"),
        "far down": ("--after", str(half[0]["id"])),
        "kind none, since": ("--kind", "other", "--since", "2026-06-01"),
        "officer and kind": ("--officer", "JX0007", "--kind", "image"),
        "officer and recorder": ("--officer", "JX0007", "--recorder", "TA00007"),
        "all": ("--case", "2026-0007", "--officer", "JX0007", "--recorder", "TA00007", "--kind", "audio"),
    }


def show(what: str, home: Path, arguments: tuple[str, ...], times: int, wanted_ms: int) -> None:
    """Run a command some times; print its median, its worst, and what is wanted."""
    taken = sorted(evidock(home, *arguments).seconds * 1000 for _ in range(times))
    print(f"{what:26} {statistics.median(taken):7.0f} ms {taken[-1]:7.0f} ms {wanted_ms:7} ms", flush=True)


def main() -> None:
    """Fill a catalog and ask it everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--times", type=int, default=10, help="how often each command is run (10)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        database = Database(f"sqlite:///{home / 'catalog.db'}")
        fill(database, chosen.clips)
        asked = searches(database, chosen.clips)
        database.close()
        print(f"{chosen.clips} clips, each command {chosen.times} times, whole processes")
        print(f"{'':26} {'median':>10} {'worst':>10} {'wanted':>10}")
        show("--help", home, ("--help",), chosen.times, HELP_MS_MAX)
        for what, arguments in asked.items():
            for ending in ((), ("--json",)):
                label = " ".join((what, *ending))
                show(label, home, ("clips", "list", *arguments, *ending), chosen.times, LISTED_MS_MAX)


if __name__ == "__main__":
    main()
