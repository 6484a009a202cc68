"""Format, lint, types and arrows hold for the tree; and each tool, with our settings, does find a fault."""

from __future__ import annotations

import re
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
    "use": ("vulture",),
}
FAULTS = {
    "an unformatted line": ("vault/fault_1.py", ("format", "WORDS = 'single quotes'\n")),
    "an unused import": ("vault/fault_2.py", ("lint", '"""A leaf."""\n\nimport os\n')),
    "a print outside the program": ("ingest/fault_3.py", ("lint", '"""A walk."""\n\nprint("done")\n')),
    "a look at the environment": (
        "media/fault_4.py",
        ("lint", '"""A leaf."""\n\nimport os\n\nHOME = os.environ["HOME"]\n'),
    ),
    "a blind except": (
        "ingest/fault_5.py",
        ("lint", '"""A walk."""\n\ntry:\n    X = 1\nexcept Exception:\n    X = 2\n'),
    ),
    "a function without a docstring": (
        "vault/fault_6.py",
        ("lint", '"""A leaf."""\n\n\ndef put() -> None:\n    ...\n'),
    ),
    "a function without types": ("catalog/fault_7.py", ("types", "def known(x):\n    return x\n")),
    "a leaf that imports its sibling": ("vault/fault_8.py", ("arrows", "import media\n")),
    "an arrow that points up": ("catalog/fault_9.py", ("arrows", "import ingest\n")),
    "a leaf that knows the tables": ("media/fault_10.py", ("arrows", "import catalog.clips.tables\n")),
    "a noun that touches the disk": ("catalog/rules/fault_11.py", ("arrows", "import os\n")),
    "a second door to other programs": ("devices/fault_12.py", ("arrows", "import subprocess\n")),
    "SQL outside the catalog": ("ingest/fault_13.py", ("arrows", "import sqlmodel\n")),
    "a function nobody calls": ("vault/fault_14.py", ("use", "def put_nowhere() -> None: ...\n")),
    "a service that prints": (
        "docking_station/services/fault_15.py",
        ("arrows", "import docking_station.terminal.output\n"),
    ),
    "a service that knows pages": ("docking_station/services/fault_16.py", ("arrows", "import review\n")),
    "a command that speaks HTTP": ("docking_station/commands/fault_17.py", ("arrows", "import fastapi\n")),
    "a page that reads the vault itself": ("review/pages/fault_18.py", ("arrows", "import vault.contract\n")),
}
"""Path and source of each fault, behind the tool that is to find it; no two in one file."""


def run(tool: str, where: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = TOOLS[tool]
    command = [str(Path(sys.executable).parent / program), *arguments, *targets]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tool", TOOLS)
def test_the_tree_passes(tool: str) -> None:
    ended = run(tool, ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each tool says of a tree with all faults in it, each in a file of its own."""
    tree = tmp_path_factory.mktemp("faulty")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in packages():
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, (_, code) in FAULTS.values():
        (tree / path).write_text(code)
    ended = {
        tool: run(tool, tree, *(path for path, (of, _) in FAULTS.values() if tool == of == "types")) for tool in TOOLS
    }
    assert {tool: one.returncode for tool, one in ended.items()} == dict.fromkeys(TOOLS, 1) | {"use": 3}
    return {tool: one.stdout + one.stderr for tool, one in ended.items()}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(said: dict[str, str], fault: str) -> None:
    path, (tool, _) = FAULTS[fault]
    assert re.search(rf"\b{Path(path).stem}\b", said[tool])
