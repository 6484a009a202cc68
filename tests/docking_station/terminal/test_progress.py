"""The bars of an ingest on terminals of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.progress import Progress

from catalog.evidence import SourceFile
from docking_station.terminal import progress
from docking_station.texts.plain import width

FILES = ("DCIM/100MEDIA/EV42445_JY2471_20260430150615_IMP.MP4", f"DCIM/{'现场处置' * 12}.mp4", "A.MP4")


def drawn(columns: int) -> list[str]:
    """What stands on the terminal while three files are read."""
    console = Console(file=io.StringIO(), width=columns, force_terminal=True, color_system=None)
    made: Progress = progress._progress(console)
    bars = progress.Bars(made)
    bars.begins(3, 700_000_000)
    for number, name in enumerate(FILES):
        source = SourceFile(None, name.encode(), 123_000_000, number, "")
        bars.reading(source)
        bars.read(source, 12_345_678)
    lines = console.render_lines(made.get_renderable())
    return ["".join(segment.text for segment in line) for line in lines]


@pytest.mark.parametrize("columns", [80, 100, 101, 160])
def test_each_file_has_one_line_that_ends_with_its_name_and_is_not_cut(columns: int) -> None:
    lines = drawn(columns)
    assert len(lines) == len(FILES) + 1
    for line in lines:
        assert width(line.rstrip()) <= columns
        assert "MB" in line
    assert "_20260430150615_IMP.MP4" in lines[1]
    assert "处置.mp4" in lines[2]
    assert lines[3].startswith("A.MP4")
