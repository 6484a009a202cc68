"""Files damaged on purpose for every reader of the house (模糊测试): nothing may crash, hang or eat the memory.

    python -m tests.media.fuzz --minutes 60 --parser gpmf        one reader; several `--parser`, or none for all in turn

Shapes: each reader runs in a process of its own, with SLICE_S of it at a time, under a limit of its address space and
one of the processor's time for each case. Files it knows are damaged (see `mutation`); a damaged file that leads it
along lines not seen before is damaged further. A case that fails is written to `--keep`; the seed of chance is told.
Units: seconds of the processor's time, bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.media.mutation import mutated
from tests.media.readers_to_fuzz import READERS, Reader, seeds_of

ROOT = Path(__file__).parents[2]
MEMORY_BYTES_MAX = 200 * 1024 * 1024
CASE_S_MAX = 1.0
"""What one file may cost."""
HANGS_S = 5.0
SLICE_S = 60.0
STARTS_S_MAX = 60.0
TRACED_EVERY = 8
FOUND_MAX = 400
OTHERS_SHARE = 0.15
KEPT_WORST_S = 0.3


@dataclass
class Told:
    """What one process did with one reader."""

    parser: str
    seed: int
    cases: int = 0
    known: int = 0
    cpu_s: float = 0.0
    worst_s: float = 0.0
    peak_bytes: int = 0
    lines: int = 0
    failure: str = ""


class Hung(BaseException):
    """A case took longer than any file may."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit status is 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.media.fuzz", description="Damage files for every reader.")
    parser.add_argument("--minutes", type=float, default=3.0, help="for all readers together")
    parser.add_argument("--parser", action="append", choices=sorted(READERS), help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31), help="of chance")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz", help="folder for what fails")
    parser.add_argument("--slice", type=float, default=SLICE_S, help="seconds a reader has at a time")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    asked.keep.mkdir(parents=True, exist_ok=True)
    if asked.child:
        print(json.dumps(asdict(_child(READERS[asked.parser[0]], asked.seed, asked.slice, asked.keep))))
        return 0
    names = asked.parser or sorted(READERS)
    told = []
    for slice_told in rounds(names, asked.minutes * 60, asked.seed, asked.slice, asked.keep):
        told.append(slice_told)
        print(line_of([slice_told]), flush=True)
    print("\nall together:")
    for name in names:
        print(line_of([one for one in told if one.parser == name]))
    return int(any(one.failure for one in told))


def rounds(names: Sequence[str], seconds: float, seed: int, slice_s: float, keep: Path) -> Iterator[Told]:
    """Give each reader its turn until the time is over, and tell how each went."""
    slice_s = min(slice_s, seconds / len(names))
    ends, turn = time.monotonic() + seconds, 0
    while (left := ends - time.monotonic()) > slice_s / 2 or turn == 0:
        yield run_once(names[turn % len(names)], seed + turn, min(slice_s, max(left, 1.0)), keep)
        turn += 1


def line_of(told: Sequence[Told]) -> str:
    """Return one line of figures about one reader."""
    cases, cpu_s = sum(one.cases for one in told), sum(one.cpu_s for one in told)
    known = sum(one.known for one in told)
    failures = [f"seed {one.seed}: {one.failure}" for one in told if one.failure]
    name = told[0].parser if told else "?"
    return (
        f"{name:16} {cases:9} cases ({100 * known // max(cases, 1):3} % known) {cases / max(cpu_s, 1e-9):7.0f}/s "
        f"{cpu_s / 60:6.2f} min CPU, worst {max((one.worst_s for one in told), default=0):6.3f} s, "
        f"peak {max((one.peak_bytes for one in told), default=0) / 2**20:5.0f} MiB, "
        f"{max((one.lines for one in told), default=0):4} steps  {'; '.join(failures) or 'ok'}"
    )


def run_once(name: str, seed: int, seconds: float, keep: Path) -> Told:
    """Let a process of its own damage files; what it did not live to tell is a failure."""
    command = [sys.executable, "-m", "tests.media.fuzz", "--child", "--parser", name, "--seed", str(seed)]
    command += ["--slice", f"{seconds:.1f}", "--keep", str(keep)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + STARTS_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return Told(name, seed, failure=f"hangs; the case is {_case_path(keep, name)}")
    if ended.returncode != 0:
        last = ended.stderr.strip().splitlines()[-1:]
        return Told(name, seed, failure=f"died with {ended.returncode}: {last}; the case is {_case_path(keep, name)}")
    return Told(**json.loads(ended.stdout.splitlines()[-1]))


def _case_path(keep: Path, name: str) -> Path:
    """Return where the case that runs just now is written."""
    return keep / f"{name}.case"


def _child(reader: Reader, seed: int, seconds: float, keep: Path) -> Told:
    """Damage files for one reader, until the time is over or the first failure."""
    chance, told = random.Random(seed), Told(reader.name, seed)
    own, others = _sorted_seeds(reader)
    signal.signal(signal.SIGPROF, _hang)
    _limit_memory()
    seen: set[tuple[str, int, int]] = set()
    found: list[bytes] = []
    case_file = os.open(_case_path(keep, reader.name), os.O_RDWR | os.O_CREAT, 0o600)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        base = chance.choice(found) if found and chance.random() < 0.4 else chance.choice(own)
        if chance.random() < OTHERS_SHARE:
            base = chance.choice(others)
        case = mutated(base, chance.choice(own if chance.random() < 0.7 else others), chance)
        os.ftruncate(case_file, 0)
        os.pwrite(case_file, case, 0)
        told.cases += 1
        traced = told.cases % TRACED_EVERY == 0
        failure = _case(reader, case, told, seen if traced else None)
        if failure:
            kept = keep / f"{reader.name}-{seed}-{told.cases}"
            kept.write_bytes(case)
            told.failure = f"{failure} ({kept})"
            break
        if traced and len(seen) > told.lines and len(found) < FOUND_MAX:
            found.append(case)
        told.lines = len(seen)
    told.peak_bytes = _peak_bytes()
    if not told.failure and told.peak_bytes > MEMORY_BYTES_MAX:
        told.failure = f"{told.peak_bytes} bytes of memory"
    return told


def _peak_bytes() -> int:
    """The most memory this program has held; what getrusage tells would count the parent it was forked from too."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024


def _case(reader: Reader, case: bytes, told: Told, seen: set[tuple[str, int, int]] | None) -> str:
    """Let the reader read one file; return what went wrong."""
    signal.setitimer(signal.ITIMER_PROF, HANGS_S)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * HANGS_S)  # kills, where no line of Python runs that could raise
    begun = time.process_time()
    if seen is not None:
        sys.settrace(_tracer(seen))
    try:
        told.known += bool(reader.read(case))
    except Hung:
        return f"no end after {HANGS_S} s"
    # Whatever a reader raises is what is looked for here; it is told with its place.
    except Exception as error:  # noqa: BLE001
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} at {Path(where.filename).name}:{where.lineno}"[:300]
    finally:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took_s = time.process_time() - begun
        told.cpu_s += took_s
    if seen is None:
        told.worst_s = max(told.worst_s, took_s)
        if took_s > CASE_S_MAX:
            return f"{took_s:.2f} s for one file"
    return ""


def _sorted_seeds(reader: Reader) -> tuple[list[bytes], list[bytes]]:
    """Return the files this reader knows, and all."""
    every = list(seeds_of(reader))
    own = [seed for seed in every if reader.read(seed)]
    return own or every, every


def _limit_memory() -> None:
    """Let the address space grow by what a reader may need, and no more."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_BYTES_MAX, used + MEMORY_BYTES_MAX))


def _hang(_number: int, _frame: FrameType | None) -> None:
    raise Hung


def _tracer(seen: set[tuple[str, int, int]]) -> Callable[[FrameType, str, Any], Any]:
    """Return a trace function that notes each step from line to line in the readers."""

    def called(frame: FrameType, _event: str, _argument: object) -> Callable[[FrameType, str, Any], Any] | None:
        name = frame.f_code.co_filename
        if "/media/" not in name or "/tests/" in name:
            return None
        last = frame.f_lineno

        def line(frame: FrameType, event: str, _argument: object) -> Callable[[FrameType, str, Any], Any]:
            nonlocal last
            if event == "line":
                seen.add((name, last, frame.f_lineno))
                last = frame.f_lineno
            return line

        return line

    return called


if __name__ == "__main__":
    raise SystemExit(main())
