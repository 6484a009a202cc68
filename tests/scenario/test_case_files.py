"""Footage of a closed case is kept as its file by the bureau's table, by what is signed of the case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.cases import cases, files
from catalog.errors import NotDue
from docking_station.services.cases import change_case
from docking_station.services.dispose import dispose_clip
from docking_station.services.policy import shipped
from docking_station.station.station import Station
from ingest.custody.originals import originals
from ingest.errors import RecordsDisagree
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years
from tests.scenario.test_lies import as_root, due, stored

YEAR = 365
OVER, BEFORE = 12.2 * YEAR, 9 * YEAR
"""Later than ten years from the year after this one, and earlier."""

LINKED = """SELECT clip_id FROM link JOIN law_case ON law_case.id = case_id WHERE no = 'C2'"""


@pytest.fixture(scope="module")
def inspected(with_case: Dock, tmp_path_factory: pytest.TempPathFactory) -> tuple[Dock, str]:
    """A station by the policy that comes with the program, and a clip of an inspection that is closed today."""
    place = tmp_path_factory.mktemp("inspected")
    shutil.copytree(with_case.home, place / "home")
    (place / "policy.toml").write_text(shipped())
    dock = Dock(place / "home")
    clip = next(str(one["id"]) for one in dock.every_clip() if one["kind"] == "video" and not one["marks"])
    dock.run("policy", "adopt", place / "policy.toml", "--yes")
    dock.run("cases", "change", "C1", "--kind", "inspection", "--reason", "entered late")
    dock.run("clips", "link", clip, "--case", "C1")
    dock.run("cases", "add", "C2", "--title", "y")
    dock.run("clips", "link", next(one["id"] for one in dock.every_clip() if one["id"] != clip), "--case", "C2")
    for verdict in ("paper-missing", "step-missing"):
        dock.run("cases", "note", "C1", "--text", "on paper only", "--verdict", verdict)
    dock.run("cases", "close", "C1")
    return dock, clip


@pytest.fixture
def years(inspected: tuple[Dock, str], tmp_path: Path) -> Years:
    """The same in any year."""
    shutil.copytree(inspected[0].home, tmp_path / "home")
    return Years(Dock(tmp_path / "home"))


@pytest.fixture
def closed(inspected: tuple[Dock, str]) -> str:
    """The clip of the closed case."""
    return inspected[1]


def demanded(station: Station, clip: str) -> tuple[object, object]:
    """What the rows demand, and what is signed."""
    (one,) = originals(station.database, clip)
    signed = station.signed.of_clip(clip).keep(station.signed.retentions(), station.now())
    return one.keep(station.locks.policy(), station.now()), signed


def test_ten_years_from_the_year_after_closing(years: Years, closed: str) -> None:
    with years.at(BEFORE, "one") as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert demanded(station, closed) == ("case-file", "case-file")
        assert stored(station, closed).on_legal_hold
        with pytest.raises(NotDue, match="case file"):
            dispose_clip(station, station.caller, closed, "over")
    with years.at(OVER, "one") as station:
        assert demanded(station, closed) == (6, 6)
        station.locks.keep_all(station.now(), lambda: False)
        assert not stored(station, closed).on_legal_hold, "the hold ends, the lock never"
    with years.at(OVER + YEAR, "one") as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert closed in due(station)
        assert station.disposer.disagreeing == []


@pytest.mark.parametrize(
    "change", [{"facts": ["appealed"]}, {"state": "open"}, {"procedures": ["penalty"]}], ids=["appeal", "again", "kind"]
)
def test_what_is_corrected_afterwards_lengthens(years: Years, closed: str, change: dict[str, object]) -> None:
    with years.at(1, "one") as station:
        change_case(station, station.caller, "C1", change, reason="it came later")
    with years.at(OVER, "one") as station:
        kept = "permanent" if "facts" in change else "case-file"
        assert demanded(station, closed) == (kept, kept)


@pytest.mark.parametrize(
    "lie",
    [
        ("UPDATE law_case SET kind = 'inspection', facts = '[]'",),
        ("DELETE FROM trail WHERE action = 'case.changed'",),
    ],
    ids=["row", "trail"],
)
def test_a_fact_that_is_struck_out_lets_nothing_go(years: Years, closed: str, lie: tuple[str, ...]) -> None:
    with years.at(1, "one") as station:
        change_case(station, station.caller, "C1", {"facts": ["appealed"]}, reason="it came later")
        station.act_writer.carry_out(
            cases.adding(
                "C9",
                title="a later line",
                subject=None,
                officers=(),
                begins_at=None,
                ends_at=None,
                at=station.now(),
                actor="one",
            )
        )
    as_root(years, *lie)
    with years.at(OVER + YEAR, "one") as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert closed not in due(station)
        with pytest.raises((NotDue, RecordsDisagree)):
            dispose_clip(station, station.caller, closed, "over")


def test_a_case_that_only_a_row_calls_closed_is_open(years: Years) -> None:
    as_root(years, "UPDATE law_case SET kind = 'inspection', state = 'closed', closed = '2000-01-01' WHERE no = 'C2'")
    with years.at(OVER, "one") as station:
        (row,) = station.database.query(LINKED, {})
        clip = str(row["clip_id"])
        assert files.of_clip(station.database, clip) == (files.OPEN,)
        assert demanded(station, clip) == ("case-file", "case-file")
