"""What the tree may hold: sizes of files and functions, no address of a package host, all of it in the wheel."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.database import HEAD
from tests.house.tree import ROOT, files, packages

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
FILE_BYTES_MAX = 1_000_000
LOCKS = tuple(Path(f"requirements{part}.txt") for part in ("", "-test", "-build", "-tools", "-redact"))
PROGRAMS = ("demo", "test", "install", "systemd/evidock", ".ci/run", ".ci/setup", ".ci/lock")
PACKAGE_HOST = re.compile(r"https?://\S+/(simple|packages|debian)\b|index[-]url|--extra[-]index|\"resolved\": *\"http")


def long_functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length of every function that is too long."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.name, lines


def too_long(path: Path) -> Iterator[str]:
    """What of a file is longer than one idea, or one page."""
    source = (ROOT / path).read_text()
    if source.count("\n") > FILE_LINES_MAX:
        yield f"{path}: {source.count(chr(10))} lines"
    yield from (f"{path}: {name} has {lines} lines" for name, lines in long_functions(source))


def test_a_file_is_one_idea_and_a_function_fits_a_page() -> None:
    assert [fault for path in files(".py") for fault in too_long(path)] == []


def test_a_long_function_is_noticed() -> None:
    source = "def short():\n    pass\n\nasync def long():\n" + "    pass\n" * FUNCTION_LINES_MAX
    assert list(long_functions(source)) == [("long", FUNCTION_LINES_MAX + 1)]


def unfit(path: Path) -> Iterator[str]:
    """What of a file does not belong into the tree."""
    content = (ROOT / path).read_bytes()
    if len(content) > FILE_BYTES_MAX:
        yield f"{path}: {len(content)} bytes"
    if host := PACKAGE_HOST.search(content.decode(errors="replace")):
        yield f"{path}: {host[0]}"


def test_every_file_is_small_and_names_no_package_host() -> None:
    assert [fault for path in files() for fault in unfit(path)] == []


@pytest.mark.parametrize(
    "line",
    ["--index" + "-url x", "https://host.example" + "/simple/x", '"resolved": ' + '"https://host.example/x.tgz"'],
)
def test_the_address_of_a_package_host_is_noticed(line: str) -> None:
    assert PACKAGE_HOST.search(line)


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_every_locked_package_has_digests_and_no_address(path: Path) -> None:
    text = (ROOT / path).read_text()
    pins = re.findall(r"^(\S+==\S+)(?: ; [^\\\n]+\")?( \\\n    --hash=sha256:[0-9a-f]{64})?", text, re.MULTILINE)
    assert len(pins) > 2
    assert [pin for pin, digest in pins if not digest] == []
    assert "://" not in text


def test_the_locks_agree() -> None:
    station, test, build = (
        set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS[:3]
    )
    assert station < test
    assert build < test


def test_a_station_is_installed_with_every_extra_but_the_tests_and_what_is_as_large_as_all_the_rest() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for lock, its in (
        ("requirements.txt", extras.keys() - {"test", "ocr"}),
        ("requirements-ocr.txt", {"ocr", "papers"}),
    ):
        pinned = set(re.findall(r"^(\S+)==", (ROOT / lock).read_text(), re.MULTILINE))
        assert {re.split(r"[\[>=<]", line)[0] for name in its for line in extras[name]} <= pinned


def cannot_run(name: str) -> Iterator[str]:
    """Why a program cannot be run."""
    if (ROOT / name).stat().st_mode & 0o111 != 0o111:
        yield f"{name}: not everybody may run it"
    if subprocess.run(["bash", "-n", ROOT / name], check=False, timeout=60).returncode:
        yield f"{name}: bash cannot read it"


def test_each_migration_of_the_catalog_follows_the_one_before() -> None:
    names = sorted(path.name for path in (ROOT / "catalog/migrations/versions").glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert names[-1][:4] == HEAD


def test_every_program_can_be_run() -> None:
    assert [fault for name in PROGRAMS for fault in cannot_run(name)] == []


def test_the_licence_is_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("evidock-*.whl")
    wanted = {str(path) for path in files() if path.parts[0] in packages()}
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())
