"""Three minutes of damaged files for all readers together; an hour for one: `python -m tests.media.fuzz`."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.footage import clips, movies
from tests.media import fuzz
from tests.media.mutation import GROWN_BYTES_MAX, WOUNDS, mutated, parts
from tests.media.readers_to_fuzz import READERS

ALL_TOGETHER_S = 180.0
PLANTED = """
import sys
from tests.media import fuzz
from tests.media.readers_to_fuzz import Reader

fuzz.CASE_S_MAX, fuzz.HANGS_S = {slow_s}, {hangs_s}
held = []
def read(data):
    if not getattr(sys, "planted", False):
        return False
    {fault}
fuzz._sorted_seeds = lambda reader: ([b"one file"], [b"one file"])
fuzz.READERS["planted"] = Reader("planted", read)
sys.planted = True
fuzz.main(["--child", "--parser", "planted", "--seed", "1", "--slice", "60", "--keep", sys.argv[1]])
"""
"""One reader with a fault; only the bound that is looked for is tight, so that a busy machine finds the same."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(READERS))
def test_damaged_files_do_no_harm(name: str, tmp_path: Path) -> None:
    told = fuzz.run_once(name, random.SystemRandom().randrange(2**31), ALL_TOGETHER_S / len(READERS), tmp_path)
    print(fuzz.line_of([told]))
    assert not told.failure, fuzz.line_of([told])
    assert told.cases > 0
    assert told.known > 0


@pytest.mark.parametrize(
    ("fault", "found", "slow_s", "hangs_s"),
    [
        ("raise KeyError('planted')", "KeyError", 60, 60),
        ("while True: pass", "no end", 60, 2),
        ("held.append(bytearray(2**24))", "MemoryError", 60, 60),
        ("sum(range(30_000_000))", "for one file", 0.05, 60),
    ],
    ids=["crash", "hang", "memory", "slow"],
)
def test_what_is_planted_is_found_and_kept(
    fault: str, found: str, slow_s: float, hangs_s: float, tmp_path: Path
) -> None:
    code = PLANTED.format(fault=fault, slow_s=slow_s, hangs_s=hangs_s)
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=fuzz.ROOT, capture_output=True, text=True, timeout=100
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert found in told["failure"]
    assert (tmp_path / f"planted-1-{told['cases']}").exists()


def test_a_case_that_never_comes_back_to_python_ends_its_process(tmp_path: Path) -> None:
    code = PLANTED.format(fault="sum(iter(int, 1))", slow_s=60, hangs_s=2)
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=fuzz.ROOT, capture_output=True, timeout=100)
    assert run.returncode == -signal.SIGVTALRM
    assert (tmp_path / "planted.case").stat().st_size > 0


def test_a_process_that_dies_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    told = fuzz.run_once("kinds", 1, 1, tmp_path)
    assert "died with 1" in told.failure


def test_each_wound_is_the_same_for_the_same_chance_and_has_an_end() -> None:
    files = (movies.movie([b"picture"]), clips.wav(), b"$GPRMC,1\n$GPRMC,2\n", b"")
    for data in files:
        for wound in WOUNDS:
            for seed in range(20):
                once = wound(data, files[0], random.Random(seed))
                assert once == wound(data, files[0], random.Random(seed))
        assert len({mutated(data, files[0], random.Random(seed)) for seed in range(50)}) > 25
        assert all(len(mutated(data, files[0], random.Random(seed))) <= GROWN_BYTES_MAX for seed in range(50))


def test_boxes_and_chunks_are_found() -> None:
    movie = movies.movie([b"picture"])
    kinds = [movie[at + 4 : at + 8] for at, _ in parts(movie)]
    assert {b"ftyp", b"mdat", b"moov", b"trak", b"stsz"} <= set(kinds)
    sound = clips.wav()
    assert b"data" in [sound[at : at + 4] for at, _ in parts(sound)]
