"""Ingest against what a careful person would type, in one run, alternating. See README.md beside this file.

.venv/bin/python bench/ingest.py --size 4G --files 20 --rounds 3 --dir /path/on/the/disk
.venv/bin/python bench/ingest.py --sparse 8G
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from bench.harness import Run, discard, evidock, own_folder, run, settle, size_bytes, station, where

BLOCK_BYTES = 4 << 20
START = datetime(2026, 3, 5, 9, tzinfo=UTC)
FASTER_AT_LEAST = 2.6
OF_SM3_AT_MOST = 0.80
CPU_S_A_GB_MAX = 4.0
PEAK_MB_MAX = 100
GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the ingest, and the wall times of the others in seconds."""

    ingest: Run
    by_hand_s: float
    sm3_s: float

    @property
    def faster(self) -> float:
        """How many times faster than by hand."""
        return self.by_hand_s / self.ingest.seconds

    @property
    def of_sm3(self) -> float:
        """How many times the SM3 digest alone."""
        return self.ingest.seconds / self.sm3_s


def name(number: int) -> str:
    """A file name as recorders write them."""
    return f"EV00001_JY0001_{START + timedelta(minutes=number):%Y%m%d%H%M%S}.MP4"


def fill(card: Path, files: int, total_bytes: int, first: int = 0) -> None:
    """Files of pseudo-random bytes, the same in every run; no two of a number are equal."""
    card.mkdir()
    for number in range(first, first + files):
        stream = Cipher(AES(b"evidock bench 16"), CTR(number.to_bytes(16, "big"))).encryptor()
        left = total_bytes // files
        with (card / name(number)).open("wb") as file:
            while left:
                block = min(left, BLOCK_BYTES)
                file.write(stream.update(bytes(block)))
                left -= block


def ingest(card: Path, folder: Path, *, cold: bool) -> Run:
    """(a) The card into a fresh station."""
    with station(folder / "home") as home:
        settle(cold=cold)
        ended = evidock(home, "ingest", card, "--json")
    filed = len(json.loads(ended.output)["filed"])
    wanted = len(os.listdir(card))
    if filed != wanted:
        raise SystemExit(f"{filed} of {wanted} files were filed")
    return ended


def by_hand(card: Path, folder: Path, *, cold: bool) -> float:
    """(b) Copy, sync and both digests, one after the other."""
    copy = folder / "copy"
    copied = [str(copy / file) for file in sorted(os.listdir(card))]
    settle(cold=cold)
    commands: tuple[list[str], ...] = (
        ["cp", "-r", str(card), str(copy)],
        ["sync"],
        ["sha256sum", *copied],
        ["openssl", "dgst", "-sm3", *copied],
    )
    seconds = sum(run(command).seconds for command in commands)
    discard(copy)
    return seconds


def sm3(card: Path, *, cold: bool) -> float:
    """(c) The SM3 digest alone."""
    settle(cold=cold)
    return run(["openssl", "dgst", "-sm3", *map(str, sorted(card.iterdir()))]).seconds


def one_round(card: Path, folder: Path, *, number: int, cold: bool) -> Round:
    """All three, in an order that turns round every time."""
    found: dict[str, float] = {}
    ingests: list[Run] = []
    steps: list[Callable[[], None]] = [
        lambda: ingests.append(ingest(card, folder, cold=cold)),
        lambda: found.update(b=by_hand(card, folder, cold=cold)),
        lambda: found.update(c=sm3(card, cold=cold)),
    ]
    for step in steps if number % 2 == 0 else reversed(steps):
        step()
    return Round(ingests[0], found["b"], found["c"])


def compare(folder: Path, files: int, total_bytes: int, rounds: int, *, cold: bool) -> None:
    """All rounds, then what they say together."""
    card = folder / "card"
    fill(card, files, total_bytes)
    print(f"{files} files, {total_bytes / 1e9:.2f} GB, caches {'cold' if cold else 'warm'}, on {where(folder)}")
    print("round  (a) ingest  (b) cp+sync+sha256sum+sm3  (c) sm3 alone  (b)/(a)  (a)/(c)  (a) CPU a GB  peak memory")
    done = []
    for number in range(rounds):
        one = one_round(card, folder, number=number, cold=cold)
        done.append(one)
        print(
            f"{number + 1:5}  {one.ingest.seconds:8.2f} s  {one.by_hand_s:23.2f} s  {one.sm3_s:11.2f} s"
            f"  {one.faster:7.2f}  {one.of_sm3:7.2f}  {one.ingest.cpu_s / total_bytes * GIGA:10.2f} s"
            f"  {one.ingest.peak_bytes / 1e6:8.0f} MB",
            flush=True,
        )
    faster, of_sm3 = statistics.median(one.faster for one in done), statistics.median(one.of_sm3 for one in done)
    cpu_s = statistics.median(one.ingest.cpu_s for one in done) / total_bytes * GIGA
    peak_mb = max(one.ingest.peak_bytes for one in done) / 1e6
    print(f"times faster than by hand, median: {faster:.2f} (wanted: at least {FASTER_AT_LEAST})")
    print(f"times the SM3 digest alone, median: {of_sm3:.2f} (wanted: at most {OF_SM3_AT_MOST})")
    print(f"processor time a GB, median: {cpu_s:.2f} s (wanted: at most {CPU_S_A_GB_MAX})")
    print(f"peak memory, largest: {peak_mb:.0f} MB (wanted: at most {PEAK_MB_MAX})")


def sparse(folder: Path, file_bytes: int) -> None:
    """One file of that size, with nothing in it."""
    card = folder / "card"
    card.mkdir()
    with (card / name(0)).open("wb") as file:
        file.truncate(file_bytes)
    ended = ingest(card, folder, cold=False)
    print(f"one file of {file_bytes / 1e9:.2f} GB, on {where(folder)}")
    print(f"{ended.seconds:.1f} s, peak memory {ended.peak_bytes / 1e6:.0f} MB (wanted: at most {PEAK_MB_MAX})")


def main() -> None:
    """Read the arguments, run, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size_bytes, default="4G", help="of all files together (4G)")
    parser.add_argument("--files", type=int, default=20, help="how many (20)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure; twice the size must be free")
    parser.add_argument("--cold", action="store_true", help="empty the page cache before each measurement (root)")
    parser.add_argument("--sparse", type=size_bytes, metavar="SIZE", help="instead: one sparse file of this size")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        if chosen.sparse:
            sparse(folder, chosen.sparse)
        else:
            compare(folder, chosen.files, chosen.size, chosen.rounds, cold=chosen.cold)


if __name__ == "__main__":
    main()
