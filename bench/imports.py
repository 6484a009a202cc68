"""How long reading lists of 10,000 rows takes, or taking them in, and how much memory it needs.

.venv/bin/python bench/imports.py --rows 10000 [--apply]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

from bench.harness import Run, evidock, own_folder, run, station, where

WANTED_S, WANTED_MB = 30, 300
HEADS = (
    "序号", "案件编号", "立案文号", "案件名称", "执法类别", "执法事项", "承办科室", "当事人", "证件类型", "证件号码",
    "住址", "联系电话", "承办人1", "执法证号1", "承办人2", "执法证号2", "立案日期", "决定日期", "结案日期",
    "决定书文号", "处罚种类", "罚没金额", "法制审核日期", "法制审核结论", "公示日期", "备注",
)  # fmt: skip

WORDS = ("行政处罚", "社会团体从事营利性经营活动", "民间组织管理科")


def rows(count: int) -> list[list[object]]:
    """A case list of so many cases, each with what a case list has."""
    found: list[list[object]] = [list(HEADS)]
    for n in range(1, count + 1):
        day = f"2026年{n % 12 + 1}月{n % 28 + 1}日"
        cells = [
            n,
            f"9901002026{n:06d}",
            f"示民罚立字（2026）第{n}号",
            f"示范市第{n}协会案",
            *WORDS,
            f"示范市第{n}协会",
        ]
        cells += ["统一社会信用代码", f"519901MJ{n:08d}50", f"某路{n}号", f"0000-{n:07d}"]
        cells += [f"第{n % 40}某", f"990100{n % 40:05d}", f"第{n % 41}某", f"990100{n % 41:05d}", day, day, day]
        found.append([*cells, f"示民罚决〔2026〕{n}号", "罚款", n % 9000, day, "同意", day, ""])
    return found


def make(folder: Path, count: int) -> None:
    """Write the list as CSV and as XLSX."""
    from openpyxl import Workbook

    cells = rows(count)
    with (folder / "list.csv").open("w", newline="", encoding="gb18030") as file:
        csv.writer(file).writerows(cells)
    people = [["人员编号", "姓名", "执法证号"], *([f"N{n}", f"第{n}某", f"990100{n:05d}"] for n in range(41))]
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(people)
    book = Workbook()
    for row in cells:
        book.active.append(row)
    book.save(folder / "list.xlsx")


def take_in(home: Path, folder: Path, count: int) -> None:
    """Take the list in, again, then another day's list of the same cases; and make the catalog anew of the vault."""
    evidock(home, "policy", "adopt", folder / "policy.toml", "--yes")
    evidock(home, "import", "people", folder / "people.csv", "--apply")
    for what, wanted in (("taken in", "new"), ("again", "same")):
        ran = evidock(home, "import", "cases", folder / "list.xlsx", "--apply", "--json")
        if json.loads(ran.output)["counts"][wanted] != count:
            raise SystemExit(f"not all of them are {wanted}")
        tell(what, ran)
    act = max((home / "vault/objects/acts").iterdir(), key=lambda path: path.stat().st_size)
    print(f"the act has {act.stat().st_size / 1e6:.1f} MB")
    tell("rebuilt", evidock(home, "rebuild", "--into", f"sqlite:///{folder}/again.db"))
    print(f"(wanted: taken in under {WANTED_S} s, {WANTED_MB} MB)")


def tell(what: str, ran: Run) -> None:
    """Say what a command took."""
    print(f"{what} in {ran.seconds:.1f} s, processor {ran.cpu_s:.1f} s, {ran.peak_bytes / 1e6:.0f} MB")


def main() -> None:
    """Have the lists made by a process of its own, as this one must stay small, and read them as a person would."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    parser.add_argument("--apply", action="store_true", help="take them in, twice, and read the catalog anew")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        make(chosen.make, chosen.rows)
        return
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        run([sys.executable, __file__, "--make", str(folder), "--rows", str(chosen.rows)])
        (folder / "policy.toml").write_bytes(evidock(home, "policy", "example", "--civil-affairs").output)
        print(f"{chosen.rows} rows of {len(HEADS)} columns on {where(folder)}")
        if chosen.apply:
            take_in(home, folder, chosen.rows)
            return
        for name, more in (("list.csv", ()), ("list.xlsx", ()), ("list.xlsx", ("--answer", folder / "answer.xlsx"))):
            beside = ("--policy", folder / "policy.toml", "--beside", f"people={folder / 'people.csv'}")
            ran = evidock(home, "import", "cases", folder / name, *beside, *more, "--json")
            if json.loads(ran.output)["counts"]["new"] != chosen.rows:
                raise SystemExit("not all of them were read")
            tell(f"{name} {'with --answer ' if more else ''}read", ran)
        print(f"(wanted: under {WANTED_S} s, {WANTED_MB} MB)")


if __name__ == "__main__":
    main()
