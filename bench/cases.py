"""How long `evidock cases check --all` takes as a whole process over a bureau's years, and how much memory it needs.

.venv/bin/python -m bench.cases --cases 2000

Ten records and thirty clips a case, all but every sixth linked; entered by acts, carried out as the station does.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.harness import evidock, own_folder, station, where
from bench.listing import TRANSACTION_CLIPS
from catalog.acts.dispatch import apply
from catalog.cases import cases, links, papers
from catalog.clips import clips
from catalog.database import Database
from catalog.evidence import CaptureTime
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from docking_station.services.policy import shipped
from tests.fakes.clips import clip, sealed

WANTED_S, WANTED_MB = 20, 300
RECORDS, CLIPS = 10, 30
CLIP_MINUTES, UNLINKED = 10, 6
START = datetime(2026, 1, 5, 1, tzinfo=UTC)
TYPES = (
    ("site-record", "site-check", "某区某路"), ("question-record", "questioning", "局询问室"),
    ("seal-record", "seal", "某区某路"), ("defence-record", "defence", "局询问室"),
    ("opening-form", "opening", ""), ("final-report", "report", ""), ("penalty-notice", "notice", ""),
    ("penalty-decision", "decide", ""), ("service-receipt", "serve-direct", ""), ("closing-form", "close", ""),
)  # fmt: skip


def made(number: int) -> tuple[Act, list[Act], list[tuple[Any, datetime]]]:
    """The act that opens a case, those of its records, and its clips with their times."""
    chance = random.Random(number)
    opened = START + timedelta(hours=2 * number)
    who: dict[str, Any] = {"at": opened, "actor": "bench"}
    officers = [f"JX{chance.randrange(400):04d}" for _ in range(2)]
    said = {"title": f"示范案{number}", "officers": officers, "kind": "penalty", "matter": "C0102"}
    said |= {"opened": opened.date().isoformat(), "decided": (opened + timedelta(days=40)).date().isoformat()}
    act = cases.opening([cases.number(f"9901002026{number:06d}", "office")], said, **who)
    records, shot = list[Act](), list[tuple[Any, datetime]]()
    for index, (code, step, place) in enumerate(TYPES):
        begins = opened + timedelta(days=index, minutes=chance.randrange(60))
        about: dict[str, Any] = {"code": code, "step": step, "day": begins.date().isoformat(), "place": place or None}
        about |= {"begins_at": begins, "ends_at": begins + timedelta(minutes=CLIPS // 3 * CLIP_MINUTES - 5)}
        records.append(papers.adding(opened_by(act), {**about, "officers": officers}, **who))
        if index < CLIPS // 10:
            for part in range(CLIPS // 3):
                shot.append((officers[0], begins + timedelta(minutes=part * CLIP_MINUTES)))
    return act, records, shot


def fill(database: Database, count: int) -> None:
    """Enter everything; each case with its clips in one transaction."""
    number = 0
    for first in range(0, count, TRANSACTION_CLIPS // CLIPS):
        with database.transaction() as session:
            for index in range(first, min(first + TRANSACTION_CLIPS // CLIPS, count)):
                act, records, shot = made(index)
                for one in (act, *records):
                    apply(session, one)
                for officer, starts_at in shot:
                    number += 1
                    filed = _file(session, number, officer, starts_at)
                    if number % UNLINKED:
                        apply(session, links.linking(filed, opened_by(act), {}, **LINK))


LINK: dict[str, Any] = {"reason": None, "at": START, "actor": "bench"}


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
    yield ("cases", "check", "9901002026000007", "--json")
    yield ("cases", "show", "9901002026000007", "--json")
    yield ("clips", "proposals", "--json")


def main() -> None:
    """Fill a catalog and have it checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        (folder / "policy.toml").write_text(shipped(), encoding="utf-8")
        evidock(home, "policy", "adopt", folder / "policy.toml", "--yes")
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
