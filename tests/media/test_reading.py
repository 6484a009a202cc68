"""How much of a large clip is read: counted by the kernel, in a process of its own."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.footage import movies

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)
LARGE_BYTES = 2 * 1024**3
BLOCKS = 1800
"""Half an hour, one block a second: what fits into 2 GB."""
READ_BYTES_MAX = 4 * 1024 * 1024
CPU_S_MAX = 1.0
ROOT = Path(__file__).parents[2]

READER = """
import json, sys, time
from datetime import timezone
from media.container_time import movie_claims
from media.look import glance
from media.mp4 import read_movie
from media.track import formats, read_track

def read():
    return {name: int(count) for name, count in (line.split(": ") for line in open("/proc/self/io"))}["rchar"]

formats()
open("/proc/self/io").read()
before, began = read(), time.process_time()
with open(sys.argv[1], "rb", buffering=0) as file:
    movie = read_movie(file)
    track = read_track(file, "movie")
    looked = read() - before
    file.seek(0)
    glance(file, sys.argv[1], timezone.utc)
claims = movie_claims(movie)
print(json.dumps({"read": looked, "glanced": read() - before - looked, "cpu_s": time.process_time() - began,
                  "fixes": len(track.fixes), "format": track.format, "claims": len(claims)}))
"""


def large(path: Path, *, moov_first: bool = False) -> None:
    """Write a sparse movie of 2 GB with Novatek's blocks spread over it, and their index."""
    step = (LARGE_BYTES - 64) // BLOCKS
    head = movies.FTYP
    index = [(64 + number * step, 0x4000) for number in range(BLOCKS)]
    gps = movies.box(b"gps ", struct.pack(">II", 0x101, BLOCKS), *(struct.pack(">II", *place) for place in index))
    moov = movies.movie(parts=(gps,), created=movies.seconds_1904(AT))
    moov = moov[moov.index(b"moov") - 4 :]
    with path.open("wb") as file:
        file.write(head)
        file.write(struct.pack(">I4sQ", 1, b"mdat", LARGE_BYTES - len(head)))
        for number, (at, _) in enumerate(index):
            file.seek(at)
            file.write(movies.freegps(AT + timedelta(seconds=number), *PLACE)[:300])
        file.truncate(LARGE_BYTES)
        file.seek(LARGE_BYTES)
        file.write(moov)


def test_no_more_than_four_megabytes_of_two_gigabytes_are_read(tmp_path: Path) -> None:
    if not Path("/proc/self/io").exists():
        pytest.skip("this kernel does not count what a process reads")
    path = tmp_path / "large.MP4"
    large(path)
    run = subprocess.run(
        [sys.executable, "-c", READER, path], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    told = json.loads(run.stdout)
    assert (told["format"], told["fixes"]) == ("novatek", BLOCKS)
    assert told["claims"] >= 1
    assert told["read"] < READ_BYTES_MAX
    assert told["glanced"] < READ_BYTES_MAX
    assert told["cpu_s"] < CPU_S_MAX
    print(told)
