"""Arguments and paths whose bytes are no text: they are not found, or written to, and end nothing with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.docking_station.running import fill
from tests.scenario.dock import Dock

NO_TEXT = os.fsdecode(b"x\xff")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("clips", "list", "--case", NO_TEXT), 0),
        (("clips", "show", NO_TEXT), 51),
        (("trail", "show", "--subject", NO_TEXT), 0),
        (("ingest", "card", "--case", NO_TEXT), None),
        (("cases", "add", NO_TEXT, "--title", "t"), None),
    ],
)
def test_what_no_text_asks_for_is_not_found(dock: Dock, card: Path, words: tuple[str, ...], status: int | None) -> None:
    answer = dock.run(*(card if word == "card" else word for word in words), status=status)
    assert status == 0 or "[" in answer.stderr
    with dock.opened() as station:
        assert station.journal.intended() == []


def test_a_folder_of_any_bytes_is_written_to_and_named_on_the_trail(dock: Dock, tmp_path: Path) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    clip = dock.clips()["a.log"]["id"]
    for way in (("clips", "pull", clip), ("export", "--clip", clip)):
        to = tmp_path / f"{way[0]}{NO_TEXT}"
        dock.run(*way, "--to", to)
        assert any(path for path in to.iterdir() if not path.name.startswith("."))
    lines = [line["details"]["to"] for line in dock.run("trail", "show", "--json").document if line["look"]]
    assert [name.endswith("x\\udcff") for name in lines] == [True, True]
    dock.run("trail", "verify")
