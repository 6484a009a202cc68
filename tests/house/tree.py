"""The tree as it would be committed: its files, its packages."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS_WHEN_IMPORTED = ("__main__", "migrations")


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Every file that is committed or about to be, relative to the root."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout.decode().split("\0")
    paths = sorted(Path(name) for name in names if name.endswith(suffix) and name)
    return tuple(path for path in paths if (ROOT / path).is_file())


@cache
def packages() -> tuple[str, ...]:
    """The top-level packages the wheel is made of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return tuple(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def import_everything() -> Iterator[str]:
    """Import every module of the product and give its name."""
    for package in packages():
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not set(RUNS_WHEN_IMPORTED) & set(found.name.split(".")):
                importlib.import_module(found.name)
                yield found.name
