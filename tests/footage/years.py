"""A made-up caseload over the turn of two years (虚构年度案件): rows of lists, and what each counts as, said by hand.

Shapes: a `Made` is one case with its records; `column` is where its penalty stands in the yearly table, as a person who
reads the printed rules would say, None for none. Everything follows from the number and the seed.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from catalog.rules.imports.maps import Import
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.imports import read_import
from docking_station.station.station import Station
from tests.fakes.callers import ME

BEGIN, DAYS = date(2025, 9, 1), 560
WARNING, FINE, FORFEIT, RESTRICT = "警告、通报批评", "罚款", "没收违法所得、没收非法财物", "限制开展生产经营活动"
STOP, REVOKE, OTHER = "责令停产停业、责令关闭、限制从业", "吊销许可证件", "其他行政处罚"
PENALTIES: tuple[tuple[str, str | None], ...] = (
    ("警告", WARNING), ("通报批评", WARNING), ("罚款", FINE), ("警告、罚款", FINE), ("警告并处罚款", FINE),
    ("没收违法所得，罚款", FORFEIT), ("限期停止活动", RESTRICT), ("罚款；限期停止活动", RESTRICT), ("责令关闭", STOP),
    ("撤销登记", REVOKE), ("限期停止活动、撤销登记", REVOKE), ("训诫", OTHER), ("其他行政处罚、警告", WARNING),
    ("不予处罚", "none"), ("", None),
)  # fmt: skip
"""What lists write, and the column of it; the last one says nothing."""
SUMS = (("", 0.0), ("2000", 2000.0), ("2,000.50", 2000.5), ("1.25万元", 12500.0))
MATTERS = {
    "行政处罚": "社会团体不接受监督检查(年检)", "行政许可": "社会团体成立登记", "行政检查": "养老机构日常检查",
    "取缔": "取缔非法社会组织", "社会救助": "最低生活保障",
}  # fmt: skip
HEADS = (
    "案件编号", "案件名称", "执法类别", "执法事项", "承办科室", "当事人", "立案日期", "决定日期", "处理结果/种类",
    "处理结果/罚没金额(元)",
)  # fmt: skip
PAPERS = ("案件编号", "文书名称", "制作日期")


@dataclass(frozen=True, slots=True)
class Made:
    """A case as lists have it, and what it is."""

    no: str
    kind: str
    unit: str
    opened: date
    decided: date | None
    said: str
    column: str | None
    sum_said: str
    yuan: float
    papers: tuple[tuple[str, date], ...]


def made(count: int, seed: int = 7) -> tuple[Made, ...]:
    """So many cases."""
    return tuple(_made(number, random.Random(seed * 100_003 + number)) for number in range(count))


def _made(number: int, chance: random.Random) -> Made:
    kind = chance.choices(tuple(MATTERS), (12, 4, 4, 1, 1))[0]
    opened = BEGIN + timedelta(days=chance.randrange(DAYS))
    decided = opened + timedelta(days=chance.randrange(1, 90)) if chance.random() < 0.9 else None
    said, column, sum_said, yuan = "", None, "", 0.0
    if kind == "行政处罚" and decided:
        said, column = chance.choice(PENALTIES)
        if "罚款" in said or not said:
            sum_said, yuan = chance.choice(SUMS)
            column = FINE if not said and yuan else column
    elif kind == "行政许可" and decided:
        said = chance.choice(("准予许可", "不予许可", "准予许可", "撤销许可"))
    papers = [
        (name, opened + timedelta(days=chance.randrange(30) + 30 * n)) for n, name in enumerate(_papers(kind, chance))
    ]
    unit = chance.choice(("社会组织管理科", "养老服务科"))
    no = f"990100{opened.year}{number:06d}"
    return Made(no, kind, unit, opened, decided, said, column, sum_said, yuan, tuple(papers))


def _papers(kind: str, chance: random.Random) -> Iterator[str]:
    if kind == "行政许可" and chance.random() < 0.7:
        yield "行政许可受理通知书"
    if kind == "行政检查":
        yield from ["现场检查笔录"] * chance.randrange(3)
    if kind == "行政处罚":
        yield from ["封存决定书"] * chance.choice((0, 0, 0, 1, 2))
        yield from ["强制执行申请书"] * chance.choice((0, 0, 0, 0, 1))


def _told(one: Made) -> tuple[str, ...]:
    return one.no, f"示范案{one.no}", one.kind, MATTERS[one.kind], one.unit, f"第{one.no}协会"


def take_in(station: Station, folder: Path, cases: Sequence[Made]) -> None:
    """Have the lists of these cases taken in by whoever runs the station."""
    rows = [(*_told(one), one.opened, one.decided or "", one.said, one.sum_said) for one in cases]
    _take(station, folder / "cases.csv", "cases", (HEADS, *rows))
    papers = [(one.no, name, day) for one in cases for name, day in one.papers]
    _take(station, folder / "papers.csv", "papers", (PAPERS, *papers))


def _take(station: Station, path: Path, of: Import, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    by = may_apply(station, ME, of, lambda: None)
    done = apply_import(station, by, lambda house: read_import(house, of, path))
    assert done.reading.counts["new"] == len(rows) - 1, done.reading.counts
