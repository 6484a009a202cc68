"""How long a long trail takes to be verified, and with how much memory: chain and tree anew from all that it says.

.venv/bin/python -m bench.trail --lines 2000000
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.harness import CHECKOUT, KIB, own_folder, run
from catalog.database import Database
from catalog.trail import trail

BEGAN, BATCH = datetime(2026, 1, 1, tzinfo=UTC), 1000
WANTED_S, WANTED_MB = 60, 200


def fill(base: Database, count: int) -> None:
    """Looks of many clips, a second apart, by the product's own appending."""
    base.migrate()
    for done in range(0, count, BATCH):
        with base.transaction() as session:
            trail.append_all(session, [look(number) for number in range(done, min(done + BATCH, count))])


def look(number: int) -> trail.Entry:
    """The line of one look."""
    details = {"derived": True, "look": f"{number:032x}"}
    at = BEGAN + timedelta(seconds=number)
    return trail.Entry(at, "P:0104 as keeper", "clip.viewed", f"c{number % 100_000:020d}", details, is_look=True)


def verify(base: Database) -> None:
    """In a process of its own, whose memory is then this work's alone."""
    began, used = time.perf_counter(), time.process_time()
    found = trail.recompute(base).verdict
    took, cpu_s = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB >> 20
    assert found.fault is None, found
    print(
        f"{found.lines:,} lines verified in {took:.1f} s, {cpu_s:.1f} s of processor time, {peak} MB "
        f"(wanted for 2,000,000: under {WANTED_S} s and {WANTED_MB} MB)"
    )


def main() -> None:
    """Make a trail, and verify it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", default=2_000_000, type=int)
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--verify", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.verify:
        verify(Database(chosen.verify))
        return
    with own_folder(chosen.dir) as folder:
        url, used = f"sqlite:///{folder}/catalog.db", time.process_time()
        fill(Database(url, lasting=False), chosen.lines)
        print(f"{chosen.lines:,} lines made in {time.process_time() - used:.1f} s of processor time", flush=True)
        again = [sys.executable, "-m", "bench.trail", "--verify", url]
        print(run(again, {"PYTHONPATH": str(CHECKOUT)}).output.decode(), end="")


if __name__ == "__main__":
    main()
