"""Memory does not grow with the file: what an ingest takes at most for one of two gigabytes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.dock import Dock

LARGE_BYTES = 2 << 30
PEAK_BYTES_MAX = 150 << 20
NAME = "EV00001_JY0001_20260305093000.MP4"
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a command and says how many kilobytes it, or any child it waited for, had in memory at most."""


def peak_bytes(dock: Dock, card: Path) -> int:
    argv = [sys.executable, "-c", MEASURE, *dock.line("ingest", card)]
    said = subprocess.run(argv, env=dock.surroundings(), capture_output=True, check=True, timeout=600).stdout
    return int(said.split()[-1]) * 1024


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_gigabytes_take_no_more_than_a_small_file(dock: Dock, card: Path) -> None:
    if shutil.disk_usage(card).free < 3 * LARGE_BYTES:
        pytest.skip("no room here for a file of 2 GB and its copy")
    (card / NAME).write_bytes(b"\x00\x00\x00\x18ftypmp42")
    os.truncate(card / NAME, LARGE_BYTES)
    peak = peak_bytes(dock, card)
    print(f"peak memory for {LARGE_BYTES >> 20} MB: {peak >> 20} MB (page {resource.getpagesize()} bytes)")
    assert dock.clips()[NAME]["size_bytes"] == LARGE_BYTES
    assert peak < PEAK_BYTES_MAX
    shutil.rmtree(dock.home)
