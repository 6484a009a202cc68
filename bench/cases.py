"""How long `evidock cases check --all` takes as a whole process over a bureau's years, and how much memory it needs.

.venv/bin/python -m bench.cases --cases 2000

Ten records and thirty clips a case, all but every sixth linked. People, cases and records come by `evidock import`, ten
thousand rows at a time; clips by the catalog's own door, links by acts, carried out as the station does.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from bench.harness import evidock, own_folder, station, where
from bench.listing import TRANSACTION_CLIPS
from catalog.acts.dispatch import apply
from catalog.cases import links
from catalog.clips import clips
from catalog.database import Database
from catalog.evidence import CaptureTime
from catalog.rules.acts import Act
from docking_station.services.policy import shipped
from docking_station.services.sheets import ROWS_MAX
from tests.fakes import people as fakes
from tests.fakes.callers import ME
from tests.fakes.clips import clip, sealed

WANTED_S, WANTED_MB = 20, 300
RECORDS, CLIPS, PEOPLE, CASES_A_DAY = 10, 30, 400, 5
CLIP_MINUTES, UNLINKED = 10, 6
ZONE = timezone(timedelta(hours=8))
START = datetime(2026, 1, 5, 9, tzinfo=ZONE)
TYPES = (
    ("现场检查笔录", "某区某路"), ("询问笔录", "局询问室"), ("封存现场笔录", "某区某路"), ("陈述申辩笔录", "局询问室"),
    ("立案审批表", ""), ("案件调查终结报告", ""), ("行政处罚事先告知书", ""), ("行政处罚决定书", ""),
    ("送达回证", ""), ("结案审批表", ""),
)  # fmt: skip
PERSON_HEADS = ("人员编号", "姓名", "执法证号")
PENALTIES = (("警告", ""), ("罚款", "2000"), ("限期停止活动", ""), ("没收违法所得、罚款", "12000.5"))
CASE_HEADS = (
    "案件编号", "案件名称", "执法类别", "执法事项", "当事人", "承办人1", "执法证号1", "承办人2", "执法证号2",
    "立案日期", "决定日期", "处理结果/种类", "处理结果/罚没金额(元)",
)  # fmt: skip
PAPER_HEADS = ("案件编号", "文书名称", "制作日期", "开始时间", "结束时间", "地点", "执法人员", "送达方式")


def case_no(number: int) -> str:
    """The office's number of a case."""
    return f"9901002026{number:06d}"


def officers(number: int) -> tuple[int, int]:
    """The two people on a case."""
    first = random.Random(number).randrange(PEOPLE)
    return first, (first + 7) % PEOPLE


def begins(number: int, record: int) -> datetime:
    """When what a record of a case tells of began: on one of the days after it was opened, in office hours."""
    hours = timedelta(days=number // CASES_A_DAY + record, hours=number % CASES_A_DAY)
    return START + hours + timedelta(minutes=random.Random(number * RECORDS + record).randrange(60))


def people() -> Iterator[Sequence[object]]:
    """The rows of the list of people."""
    yield from ((f"JX{one:04d}", f"第{one}某", f"990100{one:05d}") for one in range(PEOPLE))


def cases(count: int) -> Iterator[Sequence[object]]:
    """The rows of the list of cases."""
    for number in range(count):
        on = (text for one in officers(number) for text in (f"第{one}某", f"990100{one:05d}"))
        opened, decided = (f"{begins(number, 0) + timedelta(days=days):%Y-%m-%d}" for days in (0, 40))
        told = ("行政处罚", "社会团体不接受监督检查(年检)", f"示范市第{number}协会")
        yield case_no(number), f"示范案{number}", *told, *on, opened, decided, *PENALTIES[number % len(PENALTIES)]


def papers(count: int) -> Iterator[Sequence[object]]:
    """The rows of the list of written records."""
    for number in range(count):
        names = "、".join(f"第{one}某" for one in officers(number))
        for record, (code, place) in enumerate(TYPES):
            first = begins(number, record)
            last = first + timedelta(minutes=CLIPS // 3 * CLIP_MINUTES - 5)
            times = f"{first:%Y-%m-%d}", f"{first:%H:%M}", f"{last:%H:%M}"
            yield case_no(number), code, *times, place, names, "直接送达" if code == "送达回证" else ""


def take_in(home: Path, folder: Path, kind: str, heads: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """Have a list taken in, in as many files as it needs."""
    every = list(rows)
    for first in range(0, len(every), ROWS_MAX):
        path, some = folder / f"{kind}-{first}.csv", every[first : first + ROWS_MAX]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows((heads, *some))
        found = json.loads(evidock(home, "import", kind, path, "--apply", "--json").output)
        if found["applied"]["rows"] != len(some):
            raise SystemExit(f"{path.name}: {found['counts']}")


def fill(database: Database, count: int) -> None:
    """Have whoever runs this be the custodian, file the clips, some at a time, and link each to its case."""
    moments = itertools.count()

    def carry_out(act: Act) -> None:
        with database.transaction() as session:
            apply(session, replace(act, at=act.at + timedelta(seconds=next(moments))))

    fakes.enter(database, carry_out, START.astimezone(UTC), keeper=ME.person)
    ids = {row["number"]: row["case_id"] for row in database.query("SELECT number, case_id FROM case_number", {})}
    shot = [
        (number, begins(number, record) + timedelta(minutes=part * CLIP_MINUTES))
        for number in range(count)
        for record in range(CLIPS // 10)
        for part in range(CLIPS // 3)
    ]
    for first in range(0, len(shot), TRANSACTION_CLIPS):
        with database.transaction() as session:
            for at, (number, starts_at) in enumerate(shot[first : first + TRANSACTION_CLIPS], start=first + 1):
                filed = _file(session, at, f"JX{officers(number)[0]:04d}", starts_at)
                if at % UNLINKED:
                    apply(session, links.linking(filed, ids[case_no(number)], {}, **LINK))


LINK: dict[str, Any] = {"reason": None, "at": START.astimezone(UTC), "actor": "bench"}


def _file(session: Any, number: int, officer: str, starts_at: datetime) -> str:
    time = CaptureTime(starts_at, "gps", 5.0)
    media = replace(clip().media, duration_s=CLIP_MINUTES * 60.0)
    about: dict[str, Any] = {"officer": officer, "recorder": f"TA{number % 500:05d}", "case": None, "media": media}
    filed = sealed(clip(number, time=time, **about))
    signed = filed.signed
    document = clips.Document(signed.manifest.encode(), signed.signature, signed.seal.key_id)
    return clips.file(session, document, filed.locked_until)[0]


def asked() -> Iterator[tuple[str, ...]]:
    """What is measured."""
    yield ("cases", "check", "--all", "--json")
    yield ("cases", "check", case_no(7), "--json")
    yield ("cases", "show", case_no(7), "--json")
    yield ("clips", "proposals", "--json")
    yield ("report", "year", "2026", "--json")


def main() -> None:
    """Fill a catalog and have it checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        (folder / "policy.toml").write_text(shipped(), encoding="utf-8")
        evidock(home, "policy", "adopt", folder / "policy.toml", "--yes")
        take_in(home, folder, "people", PERSON_HEADS, people())
        take_in(home, folder, "cases", CASE_HEADS, cases(chosen.cases))
        take_in(home, folder, "papers", PAPER_HEADS, papers(chosen.cases))
        database = Database(f"sqlite:///{home / 'catalog.db'}")
        fill(database, chosen.cases)
        database.close()
        print(
            f"{chosen.cases} cases, {chosen.cases * RECORDS} records, {chosen.cases * CLIPS} clips on {where(folder)}"
        )
        for words in asked():
            ran = evidock(home, *words)
            count = len(json.loads(ran.output))
            print(
                f"{' '.join(words):44} {ran.seconds:5.1f} s, {ran.peak_bytes / 1e6:4.0f} MB, {count} found", flush=True
            )
        print(f"(wanted: all of them under {WANTED_S} s, {WANTED_MB} MB)")


if __name__ == "__main__":
    main()
