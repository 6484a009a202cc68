"""Services as a page would call them: with who asks and how to tell progress, and a value comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.clips import search
from catalog.database import Database
from catalog.errors import CatalogNotEmpty
from catalog.people import units
from catalog.rules.access import Action
from catalog.rules.policy_marks import Mark, marks
from catalog.trail import trail
from docking_station.services.clearing_check import check
from docking_station.services.policy import adopt_policy, needs_two, settle, shipped
from docking_station.services.rebuild import rebuild_in_place, rebuild_into
from docking_station.services.track import track_source, write_track
from docking_station.station.errors import NotConfirmed, NoTrack
from docking_station.station.station import Station
from tests.docking_station.running import fill
from tests.fakes.callers import ME, allowed
from tests.scenario.dock import Dock

ERASING = '[clearing]\nwhen = "after-receipt"\n'
SENTENCES = "".join(f"$GPRMC,01362{second},A,3015.000,N,11945.000,E,0.0,,110326,,,A\r\n" for second in range(4))
NAME = "DCIM/EV00001_JY0001_20260311093620"


def agree(_before: str, _after: str) -> None:
    """What a person says who wants the new policy."""


def refuse(_before: str, _after: str) -> None:
    raise NotConfirmed()


def clips(station: Station) -> dict[str, str]:
    """Every clip's number by its path."""
    return {str(one.path): str(one.id) for one in search.search(station.database, search.Search())}


def test_a_policy_is_adopted_once_and_only_if_somebody_agrees(dock: Dock, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(ERASING)
    with dock.opened() as station:
        with pytest.raises(NotConfirmed):
            adopt_policy(station, ME, file, refuse)
        first, again = adopt_policy(station, ME, file, agree), adopt_policy(station, ME, file, refuse)
    assert (first.version, first.is_new, again.version, again.is_new) == (1, True, 1, False)
    assert needs_two(first.before, first.after) == ("erases",)
    assert needs_two(first.after, first.before) == ()


def test_units_of_a_policy_are_entered_once_below_the_bureau(dock: Dock, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    row = '{ code = "CODE", name = "Unit CODE", was = ["Old CODE"], kind = "enforcing", number = "" }'
    with dock.opened() as station:
        for codes in (("a",), ("a", "b")):
            file.write_text(f"[units]\nlist = [{', '.join(row.replace('CODE', one) for one in codes)}]\n")
            adopt_policy(station, ME, file, agree)
            adopt_policy(station, ME, file, refuse)
            found = units.every(station.database)
            assert [(one.code, one.parent, one.was) for one in found] == [
                (one, units.ROOT, (f"Old {one}",)) for one in codes
            ]


def test_each_marked_setting_is_shown_down_to_its_value_however_many_marks_are_gone(tmp_path: Path) -> None:
    file, seen = tmp_path / "policy.toml", list[tuple[str, str]]()
    file.write_text(shipped())

    def ask(one: Mark, words: str) -> bool:
        *_, last = words.splitlines()
        seen.append((str(one.path[-1]), last))
        return True

    assert settle(file, ask) == (len(marks(shipped())), 0)
    single = [(key, last) for key, last in seen if not key.isdigit()]
    assert len(single) == 12
    assert all(last.startswith(f"{key} = ") for key, last in single), single


def test_a_clearing_is_tried_and_writes_nothing(dock: Dock, card: Path, tmp_path: Path) -> None:
    dock.ingest(fill(card, {"a.log": 100}), "--recorder", "EV00001")
    fill(card, {"b.log": 100})
    file = tmp_path / "policy.toml"
    file.write_text(ERASING)
    with dock.opened() as station:
        before = trail.size(station.database)
        found = check(station, ME, card, "EV00001", file)
        assert trail.size(station.database) == before
    left = {one.path for one in found.clearing.left}
    assert {one.path for one in found.clearing.erased} | left == {"a.log", "b.log"}
    assert "b.log" in left
    assert sorted(path.name for path in card.iterdir()) == ["a.log", "b.log"]


def test_a_catalog_is_rebuilt_elsewhere_and_not_in_the_place_of_a_good_one(
    dock: Dock, card: Path, tmp_path: Path
) -> None:
    dock.ingest(fill(card, {"a.log": 100, "b.log": 100}))
    with dock.opened() as station:
        with pytest.raises(CatalogNotEmpty):
            rebuild_in_place(station, ME)
        url = f"sqlite:///{tmp_path / 'other.db'}"
        assert rebuild_into(station, ME, url).faults == ()
        database = Database(url)
        again = {str(one.id) for one in search.search(database, search.Search())}
        database.close()
        assert again == set(clips(station).values())


def test_a_track_is_written_for_a_permit_to_positions(dock: Dock, card: Path) -> None:
    fill(card, {"a.log": 100})
    (card / "DCIM").mkdir()
    (card / f"{NAME}.NMEA").write_text(SENTENCES)
    dock.ingest(card)
    with dock.opened() as station:
        found = clips(station)
        place = found[f"{NAME}.NMEA"]
        assert track_source(station.database, place) == {}
        written = write_track(
            station, allowed(station, Action.POSITION, place), None, "gpx", tolerance_m=0, gcj02=False
        )
        assert (written.fixes, written.kept, written.source) == (4, 4, None)
        assert '<trkpt lat="30.25' in written.text
        nothing = allowed(station, Action.POSITION, found["a.log"])
        with pytest.raises(NoTrack):
            write_track(station, nothing, None, "gpx", tolerance_m=0, gcj02=False)
        with pytest.raises(AssertionError, match="a permit to copy"):
            write_track(station, allowed(station, Action.COPY, place), None, "gpx", tolerance_m=0, gcj02=False)
