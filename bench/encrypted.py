"""Putting and reading one original, plain and encrypted, in turns. See README.md beside this file.

.venv/bin/python -m bench.encrypted --size 1G --rounds 3 --dir /path/on/the/disk
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.harness import filled, size_bytes, where
from vault.backends.directory import DirectoryVault
from vault.backends.encrypted import EncryptedVault
from vault.segments import digest_of

BLOCK_BYTES = 4 << 20
UNTIL = datetime.now(UTC) + timedelta(hours=1)
WRAPPING = "5a" * 32


def one(folder: Path, path: Path, sha256: str, *, is_sealed: bool) -> tuple[float, float, float]:
    """Seconds of a put and of a whole reading with its digest, from the disk, and the reading's processor time."""
    root, copy = folder / "vault", folder / "copy"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copyfile(path, copy)
    os.sync()
    plain = DirectoryVault(root, immutable=False)
    vault = EncryptedVault(plain, lambda _: WRAPPING)
    key = f"originals/{sha256[:2]}/{sha256}"
    began = time.perf_counter()
    if is_sealed:
        vault.reserve_key(key, UNTIL)
    vault.put(key, copy, sha256, UNTIL)
    put_s = time.perf_counter() - began
    with vault.open(key) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        began, worked = time.perf_counter(), time.process_time()
        assert digest_of(file) == sha256
    return put_s, time.perf_counter() - began, time.process_time() - worked


def main() -> None:
    """Print each round and the medians of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="1G", type=size_bytes)
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--dir", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.dir) as name:
        folder = Path(name)
        print(where(folder))
        sha256, reads, puts = filled(folder / "file", given.size), list[float](), list[float]()
        works = list[float]()
        for number in range(given.rounds):
            both = {}
            for is_sealed in (False, True) if number % 2 else (True, False):
                both[is_sealed] = one(folder, folder / "file", sha256, is_sealed=is_sealed)
            puts.append(both[True][0] / both[False][0])
            reads.append(both[False][1] / both[True][1])
            works.append(both[True][2] / both[False][2])
            words = "   ".join(
                f"{word}: put {both[kind][0]:.2f} s, read {given.size / both[kind][1] / 1e6:.0f} MB/s"
                for kind, word in ((False, "plain"), (True, "encrypted"))
            )
            print(words)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"reading: {statistics.median(reads):.2f} of plain; a put takes {statistics.median(puts):.1f} times as long"
        )
        print(f"reading takes {statistics.median(works):.2f} times the processor time of plain")
        print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
