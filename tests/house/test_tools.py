"""Format, lint, types and arrows hold for the tree; and each tool, with our settings, does find a fault."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, packages

TOOLS = {
    "format": ("ruff", "format", "--check", "--diff"),
    "lint": ("ruff", "check"),
    "types": ("mypy",),
    "arrows": ("lint-imports", "--no-cache"),
}
FAULTS = {
    "an unformatted line": ("format", "vault/fault.py", "WORDS = 'single quotes'\n"),
    "an unused import": ("lint", "vault/fault.py", '"""A leaf."""\n\nimport os\n'),
    "a print outside the program": ("lint", "ingest/fault.py", '"""A walk."""\n\nprint("done")\n'),
    "a look at the environment": (
        "lint",
        "media/fault.py",
        '"""A leaf."""\n\nimport os\n\nHOME = os.environ["HOME"]\n',
    ),
    "a blind except": ("lint", "ingest/fault.py", '"""A walk."""\n\ntry:\n    X = 1\nexcept Exception:\n    X = 2\n'),
    "a function without a docstring": ("lint", "vault/fault.py", '"""A leaf."""\n\n\ndef put() -> None:\n    ...\n'),
    "a function without types": ("types", "catalog/fault.py", "def known(x):\n    return x\n"),
    "a leaf that imports its sibling": ("arrows", "vault/fault.py", "import media\n"),
    "an arrow that points up": ("arrows", "catalog/fault.py", "import ingest\n"),
    "a leaf that knows the tables": ("arrows", "media/fault.py", "import catalog.tables\n"),
    "a noun that touches the disk": ("arrows", "catalog/rules/fault.py", "import os\n"),
    "a second door to other programs": ("arrows", "devices/fault.py", "import subprocess\n"),
    "SQL outside the catalog": ("arrows", "ingest/fault.py", "import sqlmodel\n"),
}


def run(tool: str, where: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = TOOLS[tool]
    command = [str(Path(sys.executable).parent / program), *arguments, *targets]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tool", TOOLS)
def test_the_tree_passes(tool: str) -> None:
    ended = run(tool, ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(("tool", "path", "code"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(tmp_path: Path, tool: str, path: str, code: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in packages():
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / path).write_text(code)
    ended = run(tool, tmp_path, *([path] if tool == "types" else []))
    assert ended.returncode == 1
    assert Path(path).stem in ended.stdout + ended.stderr
