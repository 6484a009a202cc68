"""The case register at the pages, its table, and the page of a party: each as much as its person may know."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from catalog.acts import policy
from catalog.cases import cases as entered
from catalog.cases.reading import Case
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services.case_register import late_among, next_limits, wanting_cases
from docking_station.services.cases import change_case, open_case
from docking_station.services.papers import add_paper
from docking_station.services.policy import shipped
from docking_station.services.recent import Recent
from docking_station.station.station import Station
from review.pages import cases
from tests.docking_station.services.test_looks import Hand
from tests.fakes.people import caller
from tests.review.bureau import signed_in
from tests.review.conftest import asking
from tests.scenario.dock import Dock

QUESTIONS = (
    *("state=all", "state=ended", "show=late", "show=wanting", "show=mine", "text=晨光", "text=3号", "unit=B"),
)
NAMES = re.compile(r'<a class="name" href="/cases/([0-9a-z]+)">([^<]*)</a>')


def opened(station: Station, number: str, name: str, **said: Any) -> Case:
    said = {"title": f"{name}检查", "parties": [{"name": name}], **said}
    return open_case(station, caller("0104"), [entered.number(number)], said)


@pytest.fixture
def known(bureau: Station) -> Mapping[str, Case]:
    """Four cases: one overdue, one that runs, one of another name of the same party, one that is over."""
    today = bureau.now().astimezone(bureau.settings.zone).date()
    long, lately = (str(today - timedelta(days=days)) for days in (200, 1))
    party = {"name": "松柏养老院", "id_no": "52150000MJY000001X"}
    made = {
        "late": opened(bureau, "示民罚〔2026〕1号", "x", opened=long, parties=[party], kind="penalty", unit="A"),
        "soon": opened(bureau, "示民罚〔2026〕2号", "晨光<b>社", opened=lately, kind="penalty", unit="A"),
        "other": opened(bureau, "示民检〔2026〕3号", "旧名", parties=[{**party, "name": "旧名"}]),
        "over": opened(bureau, "示民检〔2026〕4号", "松柏养老院", unit="A", state="ended"),
    }
    two = (Caller("keeper", "keeper", LOGIN), Caller("deputy", "deputy", LOGIN))
    bureau.act_writer.carry_out(policy.adopting(shipped(), at=bureau.now(), actor="keeper", two=two))
    return made


def test_the_register_is_read_page_by_page_and_narrowed(
    bureau: Station, known: Mapping[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = asking(bureau)
    signed_in(pages)
    assert [name for _, name in NAMES.findall(pages.get("/cases").text)] == ["旧名", "晨光&lt;b&gt;社", "松柏养老院"]
    text = pages.get("/cases").text
    assert "个工作日" in text
    assert re.search(r"逾期 \d+ 个工作日", text)
    found = {
        question: {case for case, _ in NAMES.findall(pages.get(f"/cases?{question}").text)}
        for question in (
            "state=all",
            "state=ended",
            "show=late",
            "show=wanting",
            "show=mine",
            "text=晨光",
            "text=3号",
            "unit=B",
        )
    }
    ids = {name: case.id for name, case in known.items()}
    assert found == {
        "state=all": set(ids.values()),
        "state=ended": {ids["over"]},
        "show=late": {ids["late"]},
        "show=wanting": set(),
        "show=mine": set(),
        "text=晨光": {ids["soon"]},
        "text=3号": {ids["other"]},
        "unit=B": set(),
    }
    monkeypatch.setattr(cases, "ROWS", 2)
    first = pages.get("/cases").text
    (older,) = re.findall(r'href="(/cases\?after=[^"]*)"', first)
    assert [len(NAMES.findall(text)) for text in (first, pages.get(older).text)] == [2, 1]
    assert pages.get("/cases?after=nope").status_code == 404


def test_the_table_holds_what_is_shown_and_stands_on_the_trail(bureau: Station, known: Mapping[str, Case]) -> None:
    pages = asking(bureau)
    signed_in(pages)
    body = pages.get("/cases.xlsx?show=late").content
    (heads, row) = load_workbook(BytesIO(body)).active.iter_rows(values_only=True)
    said = dict(zip(heads, row, strict=True))
    assert (said["案号"], said["当事人"], said["剩余工作日"] < 0) == (known["late"].no, "松柏养老院", True)
    assert "晨光<b>社" in pages.get("/cases.csv").content.decode("utf-8-sig")
    assert pages.get("/cases.pdf").status_code == 404
    lines = [line for line in trail.lines(bureau.database) if line.entry.action == "list.read"]
    told = [(one.entry.actor.partition(" as ")[0], one.entry.subject, json.loads(one.details)["rows"]) for one in lines]
    assert told == [("P:0104", "cases", 1), ("P:0104", "cases", 3)]


def test_a_party_has_its_cases_by_number_and_by_name_and_nothing_that_is_hidden(
    bureau: Station, known: Mapping[str, Case]
) -> None:
    pages = asking(bureau)
    signed_in(pages)
    text = pages.get(f"/parties/{known['late'].id}-0").text
    assert {case for case, _ in NAMES.findall(text)} == {known[name].id for name in ("late", "other", "over")}
    assert text.count("仅名称相同") == 1
    for nothing in ("nope-0", f"{known['late'].id}-1", known["late"].id, f"{known['late'].id}-x", "-0"):
        assert pages.get(f"/parties/{nothing}").status_code == 404


def test_which_cases_are_late_is_asked_once_a_while(bureau: Station, known: Mapping[str, Case]) -> None:
    clock, late = Hand(), frozenset({known["late"].id})
    assert (late_among(next_limits(bureau)), wanting_cases(bureau)) == (late, frozenset())
    asked = Recent(lambda: late_among(next_limits(bureau)), 60, clock)
    assert asked() == late
    change_case(bureau, caller("0104"), known["late"].id, {"state": "ended"}, reason="x")
    assert asked() == late
    clock.at_s += 61
    assert asked() == frozenset()


def test_what_takes_long_is_looked_for_behind_the_page_that_asks() -> None:
    clock, told, go_on = Hand(), iter("abc"), threading.Event()

    def ask() -> str:
        answer = next(told)
        if answer == "b":
            go_on.wait()
        clock.at_s += 3  # so long it takes
        return answer

    asked = Recent(ask, 10, clock)
    assert asked() == "a"
    clock.at_s += 59
    assert asked() == "a", "twenty times as long as it took to find"
    clock.at_s += 2
    assert (asked(), asked()) == ("a", "a"), "nobody waits"
    go_on.set()
    while asked() == "a":
        time.sleep(0.01)
    assert asked() == "b"
    clock.at_s += 60 * 5 + 1
    assert asked() == "c", "too old to be told"


def test_what_was_dated_before_years_were_checked_breaks_no_page(
    dock: Dock, bureau: Station, known: Mapping[str, Case]
) -> None:
    far, case, pages = "9999-12-31T23:59:59.000000Z", known["late"].id, asking(bureau)
    add_paper(bureau, caller("0104"), case, {"code": "site-record", "day": "2026-03-05"})
    with closing(sqlite3.connect(dock.home / "catalog.db")) as base, base:  # as an earlier version let it be signed
        base.execute("UPDATE law_case SET opened = '9999-12-31', begins_at = ?, ends_at = ?", (far, far))
        base.execute("UPDATE paper SET day = '9999-12-31', begins_at = ?, ends_at = ?", (far, far))
    signed_in(pages)
    for address in ("/", "/cases", f"/cases/{case}", f"/print?form=all&case={case}"):
        assert pages.get(address).status_code == 200, address
