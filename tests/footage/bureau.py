"""A made-up bureau in the station of EVIDOCK_HOME (虚构单位): five people, six cases with records, films.

    EVIDOCK_HOME=HOME .venv/bin/python tests/footage/bureau.py CARDS    # says the accounts and their secrets

What is in it stands in `bureau.toml`. Three recorders were at one inspection at the same time, one of them with a gap.
Needs ffmpeg with libx264, and weasyprint for the scans. Shapes: a row of a table is a mapping.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from catalog.cases import cases
from catalog.recorders import assignments, recorders
from catalog.rules.callers import SECRET, Caller
from docking_station.derived.pdf import pdf_of
from docking_station.services import legal_review, requests
from docking_station.services.case_parts import name_reviewer
from docking_station.services.cases import open_case
from docking_station.services.founding import found_seats
from docking_station.services.ingest_card import ingest
from docking_station.services.links import link_clip
from docking_station.services.papers import add_paper
from docking_station.services.people import set_secret
from docking_station.services.policy import SHIPPED, adopt_policy
from docking_station.services.scans import scan_paper
from docking_station.station.identity import caller_of_process
from docking_station.station.station import Station, opened_station
from tests.footage.clips import made, rmc
from tests.footage.coded import AAC, AVC

Row = Mapping[str, Any]
BUREAU: Row = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SECRETS = {seat["account"]: f"Shifan-{seat['account']}-7" for seat in BUREAU["seats"] if seat["account"]}
"""The secret of each account."""
KEEPER, DEPUTY = Caller("an", "an", SECRET), Caller("deng", "deng", SECRET)
TRACK_FIXES = 12


def main() -> None:
    """Fill the station, and say who may sign in."""
    with opened_station() as station:
        fill(station, Path(sys.argv[1]))
    for seat in BUREAU["seats"]:
        if seat["account"]:
            print(f"{seat['account']:6} {SECRETS[seat['account']]:16} {seat['name']} ({seat['title']})")


def fill(station: Station, cards: Path) -> None:
    """Make people, recorders, cases, records and films; `cards` gets what was on the recorders."""
    adopt_policy(station, caller_of_process(), SHIPPED, lambda before, after: None)
    enter_people(station)
    today = station.now().astimezone(station.settings.zone).replace(hour=9, minute=30, second=0, microsecond=0)
    enter_recorders(station, today - timedelta(days=60))
    for case in BUREAU["cases"]:
        _case(station, case, today - timedelta(days=case["days"]), cards)
    asked = BUREAU["request"]
    asker = Caller(asked["by"], asked["by"], SECRET)
    requests.ask(station, asker, requests.Asked("copy", asked["reason"], case=asked["case"], use=asked["use"]))


def enter_people(station: Station) -> None:
    """Enter the five; the first two vouch for the others, and all have set a secret of their own."""
    runs, accounts = caller_of_process(), list(SECRETS)
    rows = [seat | {"card": f"9901{seat['no']}", "recorder_no": f"JX{seat['no']}"} for seat in BUREAU["seats"]]
    before = {account: f"Kaitong-{account}-3" for account in accounts}
    found_seats(station, runs, rows, {account: before[account] for account in accounts[:2]})
    vouching = [Caller(account, account, SECRET) for account in accounts[:2]]
    for account in accounts[2:]:
        set_secret(station, runs, account, before[account], vouching)
    for account, secret in SECRETS.items():
        set_secret(station, runs, account, secret, [Caller(account, account, SECRET)])


def enter_recorders(station: Station, since: datetime) -> None:
    by: Row = {"at": station.now(), "actor": "P:0002"}
    for serial, no in BUREAU["recorders"].items():
        with station.changing("acts", wait=True):
            said: Row = {"model": None, "unit": "ylfw", "note": None, "numbers": serial, "room": None}
            station.act_writer.carry_out(recorders.adding(serial, **said, **by))
            station.act_writer.carry_out(assignments.issuing(serial, f"JX{no}", unit="ylfw", since=since, **by))


def _case(station: Station, case: Row, began: datetime, cards: Path) -> None:
    said = {name: case[name] for name in ("title", "kind", "matter", "unit", "place")}
    said |= {"parties": [{"name": case["subject"]}], "officers": ["0003", "0004"], "state": "open"}
    said |= {"inspected": began.date().isoformat(), "begins_at": began}
    said["facts"] = case.get("facts", [])
    if "decided" in case:
        said["reported"] = {"decided": str((station.now() - timedelta(days=case["decided"])).date())}
    opened = open_case(station, KEEPER, [cases.number(case["number"], "office")], said)
    if reviewer := case.get("reviewer"):
        name_reviewer(station, DEPUTY, opened.id, reviewer, None, "送审")
    for paper in case["papers"]:
        _paper(station, opened.id, case, paper, began, cards)
    for film in case["films"]:
        at, officer = began + timedelta(minutes=film["after"]), f"JX{BUREAU['recorders'][film['recorder']]}"
        card = cards / f"{film['recorder']}-{at:%Y%m%d%H%M%S}"
        _shoot(card, film, f"{film['recorder']}_{officer}_{at:%Y%m%d%H%M%S}", at)
        report = ingest(station, KEEPER, card, film["recorder"], officer, None, None)
        for clip in report.filed if "step" in film else ():
            step = film["step"] if clip.kind == "video" else None
            link_clip(station, KEEPER, clip.id, opened.id, {"step": step}, reason=None)
    if sent := case.get("sent"):
        legal_review.send(station, Caller(sent["by"], sent["by"], SECRET), opened.id, sent["note"])


def _paper(station: Station, number: str, case: Row, paper: Row, began: datetime, cards: Path) -> None:
    since = began + timedelta(minutes=paper["after"])
    said: dict[str, Any] = {"code": paper["code"], "day": since.date().isoformat(), "place": case["place"]}
    if minutes := paper.get("minutes"):
        said |= {"begins_at": since, "ends_at": since + timedelta(minutes=minutes), "officers": ["0003", "0004"]}
        said |= {"party": case["subject"]}
    entered = add_paper(station, KEEPER, number, said)
    if lines := paper.get("lines"):
        cards.mkdir(parents=True, exist_ok=True)
        scan = cards / f"{entered.id}.pdf"
        scan.write_bytes(_sheet(case["title"], lines))
        scan_paper(station, KEEPER, entered.id, scan)


def _sheet(title: str, lines: Sequence[str]) -> bytes:
    """A record as a PDF file with its words in it."""
    words = "".join(f"<p>{escape(line)}" for line in lines)
    printed = pdf_of(f"<style>@page {{ size: A4 }}</style><h2>{escape(title)}</h2>{words}".encode())
    assert printed is not None
    return printed


def _shoot(card: Path, film: Row, stem: str, at: datetime) -> None:
    """A card with one film, and where it was taken beside it."""
    folder, seconds = card / "DCIM/100MEDIA", film["seconds"]
    folder.mkdir(parents=True, exist_ok=True)
    picture = "-f", "lavfi", "-i", f"{film['picture']}=size=640x360:rate=25"
    sound = "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000", "-af", "tremolo=f=0.4:d=0.9"
    coded = *AVC, *AAC, "-crf", "33", "-movflags", "+faststart"
    (folder / f"{stem}.MP4").write_bytes(made("mp4", seconds, *picture, *sound, *coded))
    times = (at.astimezone(UTC) + timedelta(seconds=seconds * n / TRACK_FIXES) for n in range(TRACK_FIXES))
    fixes = (rmc(one, 10.0 + n * 4e-5, 170.0 + n * 6e-5) for n, one in enumerate(times))
    (folder / f"{stem}.NMEA").write_text("\r\n".join(fixes))


if __name__ == "__main__":
    main()
