"""`evidock releases` as a person types it: an empty register, what is not there, what was not said."""

from __future__ import annotations

from tests.scenario.dock import Dock


def test_what_is_typed_is_answered(dock: Dock) -> None:
    assert dock.run("releases", "list", "--json").document == []
    assert dock.run("releases", "show", "P2026-0001", "--json", status=53).error == "catalog.no-such-release"
    dock.run("releases", "publish", "P2026-0001", status=2)
