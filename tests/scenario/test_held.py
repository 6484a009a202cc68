"""What waits for a person is struck off by a person, with a reason, on the trail."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.dock import Dock


def test_a_person_strikes_a_held_entry_off_the_list(dock: Dock, card: Path) -> None:
    (card / "link").symlink_to("/etc/hostname")
    dock.ingest(card, status=3)
    held = dock.held_list()["link"]
    dock.run("held", "release", held["id"], "--reason", "a prank; the card was cleaned")
    assert dock.held_list() == {}
    (line,) = [line for line in dock.run("trail", "show", "--json").document if line["action"] == "held.released"]
    assert (line["details"]["path"], line["details"]["code"]) == ("link", "devices.not-a-file")
    assert line["details"]["reason"] == "a prank; the card was cleaned"
    assert line["look"]


def test_what_is_not_held_cannot_be_struck_off(dock: Dock) -> None:
    answer = dock.run("held", "release", "00000000", "--reason", "x", status=15)
    assert "station.no-such-held" in answer.stderr
    dock.run("held", "release", "00000000", status=2)
