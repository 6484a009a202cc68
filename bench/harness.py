"""Runs whole programs and tells how long they took and how much memory; makes stations to throw away.

Memory is the largest resident set of the program or of any program it waited for. A fork begins with the memory of
its parent, so this process must stay small: it never holds what it measures.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVIDOCK = Path(sys.executable).with_name("evidock")
CHECKOUT = Path(__file__).parent.parent
KIB = 1024
BLOCK_BYTES = 4 << 20
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True, slots=True)
class Run:
    """One program's end."""

    seconds: float
    cpu_s: float
    """Of all processors together, of what it started too."""
    peak_bytes: int
    output: bytes


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run a program to its end; one that fails ends the bench."""
    surroundings = {**os.environ, **(environment or {})}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed was compiled once, and not at every start
    began = time.perf_counter()
    with (
        tempfile.TemporaryFile() as remarks,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=remarks, env=surroundings) as child,
    ):
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            remarks.seek(0)
            errors = remarks.read().decode(errors="replace")
            sys.exit(f"{errors}{' '.join(command)} ended with status {child.returncode}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * KIB, output)


def evidock(home: Path, *arguments: str | Path) -> Run:
    """Run the command line in a station."""
    return run([str(EVIDOCK), *map(str, arguments)], {"EVIDOCK_HOME": str(home)})


@contextmanager
def own_folder(inside: Path | None) -> Iterator[Path]:
    """A folder for one bench, and nothing left of it afterwards, also where the bench is told to end."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    folder = Path(tempfile.mkdtemp(prefix="evidock-bench-", dir=inside))
    try:
        yield folder
    finally:
        discard(folder)


@contextmanager
def station(home: Path) -> Iterator[Path]:
    """A fresh station, and nothing left of it afterwards."""
    packages = [str(package) for package in CHECKOUT.iterdir() if (package / "__init__.py").exists()]
    run([sys.executable, "-m", "compileall", "-q", *packages])
    try:
        evidock(home, "init")
        yield home
    finally:
        discard(home)


def discard(folder: Path) -> None:
    """Remove a folder, sealed files in it included; only what a bench has made itself."""
    unlock = ["chattr", "-R", "-f", "-i", str(folder)]
    subprocess.run(unlock, stderr=subprocess.DEVNULL, check=False, timeout=600)
    shutil.rmtree(folder, ignore_errors=not folder.exists())


def settle(*, cold: bool) -> None:
    """Wait until the disk has written what is owed; with `cold`, forget what was read (root only)."""
    os.sync()
    if cold:
        Path("/proc/sys/vm/drop_caches").write_text("3")


def size_bytes(text: str) -> int:
    """A size such as 4G or 512M."""
    unit = UNITS.get(text[-1:].upper(), 1)
    return int(float(text.rstrip("KMGTkmgt")) * unit)


def filled(path: Path, total_bytes: int) -> str:
    """A file of random bytes, synced; its digest."""
    digest, left = hashlib.sha256(), total_bytes
    with path.open("wb") as file:
        while left:
            block = os.urandom(min(left, BLOCK_BYTES))
            digest.update(block)
            file.write(block)
            left -= len(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def where(folder: Path) -> str:
    """The file system a folder lies on, with its mount options."""
    lines = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    mounts = {Path(fields[1]): f"{fields[0]} {fields[2]} ({fields[3]})" for fields in lines}
    place = folder.resolve()
    return mounts[next(above for above in (place, *place.parents) if above in mounts)]
