"""A station with a filed card, looked at in any year; a card on which one file needs more room than the others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.cases import cases
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years
from tests.scenario.truth import SMALL, TOO_LARGE, make_small_card

LARGE_BYTES = 6 << 20


@pytest.fixture
def large_card(card: Path) -> Path:
    """A card with one large file, which comes first, and some small ones."""
    (card / TOO_LARGE).write_bytes(os.urandom(LARGE_BYTES))
    for number, name in enumerate(SMALL):
        (card / name).write_bytes(name.encode())
        os.utime(card / name, (1_780_000_000 + number,) * 2)
    os.utime(card / TOO_LARGE, (1_770_000_000,) * 2)
    return card


@pytest.fixture(scope="session")
def with_case(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station whose card is filed and that knows a case; copied, never used."""
    place = tmp_path_factory.mktemp("with-case")
    make_small_card(place / "EV00001", "EV00001")
    dock = new_dock(place / "home")
    dock.ingest(place / "EV00001")
    told: dict[str, Any] = {"title": "x", "subject": None, "officers": (), "begins_at": None, "ends_at": None}
    with dock.opened() as station:  # as an earlier version entered it, whose acts name it by its number
        station.act_writer.carry_out(cases.adding("C1", **told, at=station.now(), actor="custodian"))
    return dock


@pytest.fixture
def years(with_case: Dock, tmp_path: Path) -> Years:
    """The same in any year."""
    shutil.copytree(with_case.home, tmp_path / "home")
    return Years(Dock(tmp_path / "home"))


@pytest.fixture
def clip(years: Years) -> str:
    """A clip that nothing marks."""
    return next(str(one["id"]) for one in years.dock.every_clip() if one["kind"] == "video" and not one["marks"])
