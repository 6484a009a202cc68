"""The shape of `docking_station/`, counted from its import statements: boxes, arrows, floors, circles; silent services.

A box is a room or a file directly below `docking_station/`. An arrow is one box that imports another, lazily too,
however often. The floors are the boxes of the longest chain of arrows. `pytest -s tests/house/test_structure.py` prints
them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, packages

PROGRAM = "docking_station"
SERVICES = f"{PROGRAM}.services"
BOXES_MAX = 12
ARROWS_MAX = 40
FLOORS_MAX = 9
ROWS = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("dock", "terminal"),
    ("bundle",),
    ("services",),
    ("faces", "derived"),
    ("station",),
    ("texts",),
)
"""The rooms from above to below; rooms of one row do not know each other."""
SPEAKS_TO_PEOPLE = (f"{PROGRAM}.terminal", f"{PROGRAM}.commands", f"{PROGRAM}.cli", "review", "rich", "typer")
CALLS_OF_A_TERMINAL = ("print", "input")
STREAMS_OF_A_TERMINAL = ("sys.stdin", "sys.stdout", "sys.stderr")


@cache
def parsed(path: Path) -> ast.Module:
    """One file of the tree."""
    return ast.parse((ROOT / path).read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """Every dotted name a file imports, at its top or in a function; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_below(name: str, *roots: str) -> bool:
    """Whether a dotted name is one of these modules or lies in one."""
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def boxes() -> dict[str, tuple[Path, ...]]:
    """The files of each room, or the one file that is a box of its own."""
    found: dict[str, tuple[Path, ...]] = {}
    for path in files(".py"):
        if path.parts[0] == PROGRAM and path.parts[1] != "__init__.py":
            name = path.parts[1].removesuffix(".py")
            found[name] = (*found.get(name, ()), path)
    return found


def arrows() -> dict[str, dict[str, list[Path]]]:
    """For each box the boxes it imports, and from which files."""
    every = boxes()
    found: dict[str, dict[str, list[Path]]] = {name: {} for name in every}
    for name, paths in every.items():
        for path in paths:
            parts = (other.split(".") for other in imported(parsed(path)) if is_below(other, PROGRAM))
            for target in {part[1] for part in parts if len(part) > 1 and part[1] in every} - {name}:
                found[name].setdefault(target, []).append(path)
    return found


def floors(below: Mapping[str, Mapping[str, object]]) -> int:
    """How many boxes the longest chain has; raises `CycleError` with the circle where there is one."""
    height: dict[str, int] = {}
    for name in TopologicalSorter({name: set(targets) for name, targets in below.items()}).static_order():
        height[name] = 1 + max((height[target] for target in below.get(name, ())), default=0)
    return max(height.values())


def imports_up(below: Mapping[str, Mapping[str, list[Path]]]) -> Iterator[str]:
    """Every import of a room that lies above, or beside in the same row."""
    row = {name: number for number, names in enumerate(ROWS) for name in names}
    for name, targets in below.items():
        for target, paths in targets.items():
            if row[target] <= row[name]:
                yield f"{name} -> {target}: {', '.join(map(str, paths))}"


def product_lines() -> dict[str, int]:
    """How many lines of Python each package has."""
    count = dict.fromkeys(packages(), 0)
    for path in files(".py"):
        if path.parts[0] in count:
            count[path.parts[0]] += (ROOT / path).read_bytes().count(b"\n")
    return count


def test_the_program_has_few_boxes_few_arrows_and_few_floors() -> None:
    below = arrows()
    figures = (len(below), sum(map(len, below.values())), floors(below))
    lines = product_lines()
    print("\nboxes {}, arrows {}, floors {}".format(*figures), *imports_up(below), sep="\n")
    print(f"lines {sum(lines.values())}:", *(f"{name} {count}" for name, count in lines.items()))
    assert all(figure <= most for figure, most in zip(figures, (BOXES_MAX, ARROWS_MAX, FLOORS_MAX), strict=True))


def test_every_box_has_its_floor() -> None:
    assert {name for names in ROWS for name in names} == set(boxes())


def test_no_import_runs_up() -> None:
    assert list(imports_up(arrows())) == []


def test_a_circle_and_an_import_upwards_are_noticed() -> None:
    with pytest.raises(CycleError):
        floors({"services": {"station": []}, "station": {"services": []}})
    assert list(imports_up({"services": {"cli": [Path("x.py")]}})) == ["services -> cli: x.py"]


def test_a_lazy_import_is_seen() -> None:
    tree = ast.parse("def late():\n    from docking_station.terminal import wall\n")
    assert "docking_station.terminal.wall" in set(imported(tree))


def speaks(tree: ast.Module) -> Iterator[str]:
    """What a file does with a terminal."""
    yield from (name for name in imported(tree) if is_below(name, *SPEAKS_TO_PEOPLE))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS_OF_A_TERMINAL:
            yield f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in STREAMS_OF_A_TERMINAL:
            yield ast.unparse(node)


def services() -> dict[str, Path]:
    """Every service by its module's name."""
    paths = boxes()["services"]
    return {f"{SERVICES}.{path.stem}": path for path in paths if path.stem != "__init__"}


def test_a_service_prints_nothing_and_reads_no_keyboard() -> None:
    every = {name: list(speaks(parsed(path))) for name, path in services().items()}
    assert {name: found for name, found in every.items() if found} == {}


@pytest.mark.parametrize("line", ["print(1)", "input()", "import typer", "import sys\nsys.stdin.read()"])
def test_a_service_that_speaks_is_noticed(line: str) -> None:
    assert list(speaks(ast.parse(line)))


def test_every_service_is_called_by_a_test_without_a_terminal() -> None:
    tests = (path for path in files(".py") if path.parts[0] == "tests" and path.parts[1] != "house")
    called = {name for path in tests for name in imported(parsed(path))}
    assert [name for name in services() if name not in called] == []
