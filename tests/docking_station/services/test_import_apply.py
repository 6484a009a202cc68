"""Lists are taken into the catalog: by whoever may, once, and what the catalog's own rules refuse is told by row."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from openpyxl import load_workbook

from catalog.imports import imports
from catalog.people import people, units
from catalog.people.errors import NeedsAnother
from catalog.recorders import recorders
from catalog.rules.callers import Caller
from catalog.rules.imports.maps import Import
from docking_station.services import staff
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.import_house import House, house_of
from docking_station.services.imports import Applied, Imported, read_import
from docking_station.services.people import Typed
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from tests.fakes import people as bureau
from tests.fakes.callers import ME
from tests.scenario.dock import Dock, demand_whole


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    with dock.opened() as opened:
        yield opened


def taken_in(
    station: Station,
    path: Path,
    of: Import,
    rows: Sequence[Sequence[str]],
    caller: Caller = ME,
    typed: Typed | None = None,
) -> Imported:
    """Take a list of these rows in."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    by = may_apply(station, caller, of, lambda: typed)
    return apply_import(station, by, lambda house: read_import(house, of, path))


def verdicts(found: Imported) -> list[str]:
    return [row.verdict for row in found.reading.rows if row.verdict != "skipped"]


HOLDINGS: Import = "holdings"
UNITS = [
    ["科室代码", "科室名称", "曾用名", "上级科室"],
    ["y2", "养老二科", "", "养老科"],
    ["y1", "养老科", "福利科", ""],
]
PEOPLE = [
    ["人员编号", "姓名", "执法证号", "科室", "调动"],
    ["N1", "王某", "99010000137", "养老科", "2026-03-05前在养老二科"],
]


def test_units_below_others_and_people_who_moved_are_as_the_lists_say(station: Station, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    assert verdicts(taken_in(station, path, "units", UNITS)) == ["new", "new"]
    assert {one.code: one.parent for one in units.every(station.database)} == {"y1": units.ROOT, "y2": "y1"}
    assert verdicts(taken_in(station, path, "people", PEOPLE)) == ["new"]
    (one,) = people.every(station.database)
    assert (one.no, one.card, one.unit) == ("N1", "99010000137", "y1")
    (moved,) = station.database.query("SELECT begins_at FROM posting WHERE unit = 'y1'", {})
    assert str(moved["begins_at"]).startswith("2026-03-04 16:00"), "midnight where the recorders are"
    changed = [PEOPLE[0], ["N1", "王某某", "99010000137", "福利科", "2026-03-05前在养老二科"]]
    found = taken_in(station, path, "people", changed)
    assert verdicts(found) == ["changed"]
    assert found.reading.rows[1].problems[-1].readings == ("王某某", "王某")
    assert people.get(station.database, "N1").name == "王某某"
    assert verdicts(taken_in(station, path, "people", changed)) == ["same"]
    demand_whole(station)


def test_people_need_two_once_there_are_two(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.csv"
    bureau.enter(station.database, station.act_writer.carry_out, station.now())
    devices = [["设备编号"], ["MZ-R01"]]
    lists: list[tuple[Import, list[list[str]]]] = [("recorders", devices), ("people", PEOPLE)]
    for of, rows in lists:
        with pytest.raises(NotAllowed):
            taken_in(station, path, of, rows)
    keeper, deputy = bureau.caller("0104"), bureau.caller("0105")
    assert verdicts(taken_in(station, path, "recorders", devices, keeper)) == ["new"]
    with pytest.raises(NeedsAnother):
        taken_in(station, path, "units", UNITS, keeper)
    monkeypatch.setattr(staff, "caller_typed", lambda *_: deputy)
    assert verdicts(taken_in(station, path, "units", UNITS, keeper, Typed("deputy", "x"))) == ["new", "new"]
    sql = "SELECT details FROM trail WHERE action = 'import.applied' AND details LIKE '%confirmed_by%'"
    (act,) = station.database.query(sql, {})
    assert json.loads(act["details"])["confirmed_by"] == "P:0105"
    demand_whole(station)


class Killed(Exception):
    """As a power cut."""


def test_what_was_done_is_told_in_the_list_and_a_kill_in_between_is_gone_on_from(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, of = tmp_path / "book.csv", HOLDINGS
    taken_in(station, tmp_path / "units.csv", "units", UNITS)
    taken_in(station, tmp_path / "people.csv", "people", PEOPLE)
    taken_in(
        station,
        tmp_path / "recorders.csv",
        "recorders",
        [["设备编号", "备注"], ["MZ-R01", ""], ["MZ-R02", "零\u200b宽"]],
    )
    days = [f"2026-03-{day:02}" for day in range(1, 29)]
    rows = [["日期", "设备编号", "领用人", "领用时间", "归还时间"]]
    rows += [[day, "MZ-R01", "王某", "08:30", "17:00"] for day in days]
    rows.append(["2026-03-05", "MZ-R01", "王某", "09:00", "10:00"])
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    seen = count()

    def told(_: int) -> None:
        if next(seen) == 2:
            raise Killed

    @contextmanager
    def progress(name: str, total: int, *, in_bytes: bool = True) -> Iterator[Callable[[int], None]]:
        yield told if name == "importing" else lambda _: None

    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)

    def read(house: House) -> Imported:
        return read_import(house, of, path)

    with pytest.raises(Killed):
        apply_import(station, may_apply(station, ME, of), read, progress)
    assert len(recorders.snapshot(station.database).holdings) == 20
    again = apply_import(station, may_apply(station, ME, of), read)
    assert Counter(verdicts(again)) == {"same": 28, "refused": 1}
    assert (again.applied, len(recorders.snapshot(station.database).holdings)) == (Applied(), 28)
    (problem,) = again.as_json("zh")["rows"][-1].as_json()["problems"]  # type: ignore[index]
    assert (problem["code"], "N1" in problem["message"]) == ("catalog.recorder-held", True)
    rows[1][4] = "16:00"
    done = taken_in(station, path, of, rows)
    done.answer(tmp_path / "answer.xlsx", "zh")
    page = load_workbook(tmp_path / "answer.xlsx").active
    said = [page.cell(row, 6).value for row in (1, 2, 3, 30)]
    assert said[:3] == [
        "结果",
        "已按台账更改；归还时间：台账与已登记内容：2026-03-01T16:00:00 / 2026-03-01T17:00:00",
        "未变",
    ]
    assert said[3].startswith("不能导入；")
    assert read_import(house_of(station), of, tmp_path / "answer.xlsx").reading.counts["same"] == 28
    assert done.applied is not None
    assert done.as_json("en")["applied"] == {"id": done.applied.id, "rows": 1}
    demand_whole(station)
