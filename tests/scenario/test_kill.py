"""`kill -9` at any moment of an ingest: the next ingest ends as if nothing had happened.

Moments are drawn from a seed and spread over the whole of the command, from the start of Python to its last step.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenario.comparing import Told, same_card_twice
from tests.scenario.dock import COMMAND_S_MAX, Dock, Report
from tests.scenario.truth import make_small_card

CASE = ("--case", "2026-0305-1")
FILED, COPIES = 7, 1


@dataclass(frozen=True)
class Undisturbed:
    """A card, what its catalog is when nobody disturbs the ingest, and how long that took."""

    card: Path
    catalog: Told
    seconds: float
    fresh: Callable[[Path], Dock]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Undisturbed:
    place = tmp_path_factory.mktemp("kill")
    card = place / "card"
    make_small_card(card)
    dock = new_dock(place / "home")
    seconds, said = undisturbed_run(dock, "ingest", card, *CASE, "--json")
    report = Report.of(json.loads(said))
    assert (len(report.filed), len(report.held), len(report.skipped)) == (FILED, 0, COPIES)
    assert [clip["case"] for clip in report.filed.values()] == [CASE[1]] * FILED
    return Undisturbed(card, same_card_twice(dock.home / "catalog.db"), seconds, new_dock)


def undisturbed_run(dock: Dock, *words: str | Path) -> tuple[float, bytes]:
    """How long a command takes that is begun as those that are killed, and what it says."""
    began = time.monotonic()
    process = dock.start(*words)
    said, _ = process.communicate(timeout=COMMAND_S_MAX)
    assert process.returncode == 0
    return time.monotonic() - began, said


def kill(dock: Dock, card: Path, moment_s: float) -> None:
    """Begin an ingest and kill it without warning after so long."""
    process = dock.start("ingest", card, *CASE, "--json")
    time.sleep(moment_s)
    process.kill()
    process.communicate()


def assert_as_undisturbed(dock: Dock, undisturbed: Undisturbed) -> None:
    """Nothing twice, nothing missing, nothing left behind."""
    dock.ingest(undisturbed.card, *CASE)
    found = same_card_twice(dock.home / "catalog.db")
    for table, rows in undisturbed.catalog.items():
        assert found[table] == rows, table
    digests = {path.name for path in dock.objects()}
    assert len(digests) == len(dock.objects()) == FILED - 1, "two logs have the same bytes"
    assert len(dock.objects("manifests")) == FILED
    assert len(dock.objects("acts")) == 1
    assert len(dock.objects("signatures")) == FILED + 1
    assert dock.leavings() == []
    assert dock.held() == {}
    dock.verify()


def moments(seed: int, count: int, seconds: float) -> list[float]:
    """Moments all over a command that takes so long: one in each part of equal length, in any order."""
    source = random.Random(seed)
    drawn = [(number + source.random()) * seconds / count for number in range(count)]
    source.shuffle(drawn)
    return drawn


def killed_once_each(undisturbed: Undisturbed, place: Path, drawn: list[float]) -> None:
    for number, moment_s in enumerate(drawn):
        dock = undisturbed.fresh(place / f"home{number}")
        kill(dock, undisturbed.card, moment_s)
        assert_as_undisturbed(dock, undisturbed)


def killed_again_and_again(undisturbed: Undisturbed, place: Path, drawn: list[float]) -> None:
    dock = undisturbed.fresh(place / "home")
    for moment_s in drawn:
        kill(dock, undisturbed.card, moment_s)
    assert_as_undisturbed(dock, undisturbed)


@pytest.mark.parametrize("number", range(4))
def test_killed_once(undisturbed: Undisturbed, tmp_path: Path, number: int) -> None:
    killed_once_each(undisturbed, tmp_path, [moments(1, 4, undisturbed.seconds)[number]])


def test_killed_again_and_again(undisturbed: Undisturbed, tmp_path: Path) -> None:
    killed_again_and_again(undisturbed, tmp_path, moments(2, 6, undisturbed.seconds))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_at_a_hundred_moments(undisturbed: Undisturbed, tmp_path: Path) -> None:
    killed_once_each(undisturbed, tmp_path, moments(4, 100, undisturbed.seconds))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_ten_times_in_a_row_ten_times(undisturbed: Undisturbed, tmp_path: Path) -> None:
    for seed in range(10, 20):
        (tmp_path / str(seed)).mkdir()
        killed_again_and_again(undisturbed, tmp_path / str(seed), moments(seed, 10, undisturbed.seconds))
