"""The yearly report: every cell as somebody counts it by hand who has the lists and the printed rules alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook

from catalog.acts import policy
from docking_station.bundle.year_document import year_document, year_files
from docking_station.services.policy import shipped
from docking_station.services.year_report import YearReport, year_report
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.footage.years import Made, made, take_in
from tests.scenario.dock import Dock

YEAR = 2026


def by_hand(cases: Sequence[Made]) -> dict[str, dict[str, int]]:
    """The tables of the year, with another hand: over the rows of the lists, one question a cell."""

    def count(kind: str, day: str, said: str = "", but: str = "-") -> int:
        days = ((one, getattr(one, day)) for one in cases if one.kind == kind)
        return sum(at is not None and at.year == YEAR and said in one.said and but not in one.said for one, at in days)

    def papers(name: str) -> int:
        return sum(day.year == YEAR for one in cases for code, day in one.papers if code == name)

    def first(kind: str, name: str, else_: str) -> int:
        found = 0
        for one in (one for one in cases if one.kind == kind):
            day = min((at for code, at in one.papers if code == name), default=getattr(one, else_))
            found += day is not None and day.year == YEAR
        return found

    decided = [one for one in cases if one.kind == "行政处罚" and one.decided and one.decided.year == YEAR]
    return {
        "penalty": Counter(one.column for one in decided if one.column not in (None, "none")),
        "licence": {
            "申请数量": count("行政许可", "opened"),
            "受理数量": first("行政许可", "行政许可受理通知书", "opened"),
            "许可数量": count("行政许可", "decided", "准予"),
            "不予许可数量": count("行政许可", "decided", "不予许可"),
            "撤销许可数量": count("行政许可", "decided", "撤销"),
        },
        "measure": {"查封场所、设施或者财物": papers("封存决定书")},
        "enforcement": {"其他强制执行": 0, "申请法院强制执行": papers("强制执行申请书")},
        "other": {
            "行政检查（次）": first("行政检查", "现场检查笔录", "decided"),
            "行政给付": count("社会救助", "decided"),
            "其他": count("取缔", "decided"),
        },
    }


def agrees(found: YearReport, cases: Sequence[Made]) -> None:
    hand = by_hand(cases)
    assert {one.title: one.count for one in found.penalties.columns if one.count} == hand["penalty"]
    for name, columns in found.tables.items():
        assert {one.title: one.count for one in columns if one.cases is not None} == hand[name], name
    decided = [one for one in cases if one.kind == "行政处罚" and one.decided and one.decided.year == YEAR]
    counted = [one for one in decided if one.column not in (None, "none")]
    assert float(found.penalties.yuan) == sum(one.yuan for one in counted)
    unsaid, none = (sum(one.column == column for one in decided) for column in (None, "none"))
    assert (len(found.penalties.unsaid), len(found.penalties.none)) == (unsaid, none)
    days = [(one.opened, one.decided) for one in cases]
    opened, done = (sum(day is not None and day.year == YEAR for day in some) for some in zip(*days, strict=True))
    assert (found.opened, found.decided, found.closed) == (opened, done, 0)
    should = sum(name == "现场检查笔录" and day.year == YEAR for one in cases for name, day in one.papers)
    assert sum(one.should for one in found.recorded) == should
    assert sum(one.open for one in found.recorded) == should, "nothing was recorded"


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    """One with the shipped policy."""
    with dock.opened() as opened:
        opened.act_writer.carry_out(policy.adopting(shipped(), at=opened.now(), actor="keeper"))
        yield opened


def test_each_cell_is_what_somebody_counts_by_hand(station: Station, dock: Dock, tmp_path: Path) -> None:
    cases = made(60)
    take_in(station, tmp_path, cases)
    found = year_report(station, ME, YEAR)
    agrees(found, cases)
    _files(found, tmp_path / "out")
    _commands(dock, found, cases[0].no, tmp_path / "reported")


def _commands(dock: Dock, found: YearReport, case: str, to: Path) -> None:
    told = dock.run("report", "year", str(YEAR), "--json").document
    assert (told["penalties"]["count"], told["made"]) == (found.penalties.count, str(found.made))
    assert {one["title"]: one["count"] for one in told["tables"]["licence"]}["申请数量"] > 0
    dock.run("report", "year", str(YEAR), "--to", to)
    assert {one.suffix for one in to.iterdir()} >= {".xlsx", ".html"}
    dock.run("report", "year", str(YEAR), "--to", to, status=14)
    items = dock.run("report", "case", case, "--json").document
    assert [(one["code"], one["of"], one["points"]) for one in items][:1] == [("E1", 10, None)]


def _files(found: YearReport, to: Path) -> None:
    """What is reported has all, what is published nothing that is the bureau's own."""
    files = {path.suffix: body for path, body in year_files(found, "zh", to)}
    to.mkdir()
    (to / "year.xlsx").write_bytes(files[".xlsx"])
    book = load_workbook(to / "year.xlsx")
    heads, values = list(book.worksheets[0].values)
    assert dict(zip(heads, values, strict=True))["合计"] == found.penalties.count > 0
    assert len(book.sheetnames) == 7
    blanks = dict(zip(*book.worksheets[2].values, strict=True))
    assert blanks["扣押财物"] is None, "what nothing here knows is left for a pen"
    page = files[".html"].decode()
    assert "由轻到重：警告 &lt; 通报批评 &lt; 罚款" in page
    assert ("表六" in page, "上报前须核实" in page, "表五" in page) == (False, False, True)
    own = str(year_document(found, "zh", is_public=False))
    assert ("表六" in own, "上报前须核实" in own) == (True, True)


@pytest.mark.slow
def test_each_cell_of_two_thousand_cases_is_what_somebody_counts_by_hand(station: Station, tmp_path: Path) -> None:
    cases = made(2000)
    take_in(station, tmp_path, cases)
    agrees(year_report(station, ME, YEAR), cases)
