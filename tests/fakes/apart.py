"""A program that only slow tests need, in an environment of its own, by a lock of the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT


def programs(folder: Path, lock: str) -> Path:
    """Install what a lock names; returns where its programs are. Skips where it is not to be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=300)
    argv = [str(folder / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    done = subprocess.run(
        [*argv, "-r", str(ROOT / lock)], check=False, timeout=900, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        pytest.skip(f"{lock}: not to be had here: {done.stderr[-300:]}")
    return folder / "bin"
