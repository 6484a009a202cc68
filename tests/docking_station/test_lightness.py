"""A list and a help page load nothing they do not need: that, not a stopwatch, keeps them quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "alembic",
    "cryptography",
    "exifread",
    "prometheus_client",
    "pydantic",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
}


def run(home: Path, *words: str, loaded: bool = False) -> set[str]:
    """Run a command; the top-level modules it loaded."""
    code = (
        "import sys; from docking_station.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert end.code in (0, None), end.code\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    )
    environment = {"EVIDOCK_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, env=environment
    )
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "station.toml").write_text('[vault]\nimmutable = "never"\n')
    assert "sqlalchemy" in run(home, "init")
    return home


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("bays", "--help"),
        ("clips", "--help"),
        ("clips", "list", "--officer", "x", "--json"),
        ("trail", "show"),
    ],
)
def test_quick_commands_load_nothing_heavy(home: Path, words: tuple[str, ...]) -> None:
    assert run(home, *words) & HEAVY == set()
