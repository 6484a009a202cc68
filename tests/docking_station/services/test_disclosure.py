"""Decisions that are made public, corrected, taken down and kept back, as a page would call it; and who may."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from catalog.acts import policy
from catalog.cases import disclosed
from catalog.cases.cases import number, opening
from catalog.cases.disclosures import publishing
from catalog.cases.errors import DisclosureUnfit, ExceptionNeedsAnother, NoSuchDisclosure
from catalog.cases.reading import Case
from catalog.errors import NoSuchCase, WordsUnfit
from catalog.rules.callers import Account
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.services import people
from docking_station.services.cases import check, merge_cases, open_case
from docking_station.services.disclosure import Line, list_lines, show, table, today_of
from docking_station.services.disclosure_changes import correct, end_decision, keep_back, publish, withdraw
from docking_station.services.people import Typed, set_secret
from docking_station.services.policy import shipped
from docking_station.services.table_files import write_table
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.people import caller, enter
from tests.scenario.dock import Dock
from tests.scenario.keeping import somebody

HOME = {"name": "示范市某养老院", "id_kind": "统一社会信用代码", "id_no": "529901MJ0003616580"}
WANG = {"name": "王小明", "id_kind": "居民身份证", "id_no": "990101199001011234", "address": "某路3号"}
TOLD = {"facts": "王小明占用消防通道", "result": "罚款2000.5元"}
SECOND = Typed("second", "a secret of theirs")


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    """A station with the policy as it is shipped."""
    with dock.opened() as opened:
        opened.act_writer.carry_out(policy.adopting(shipped(), at=opened.now(), actor="x"))
        yield opened


def decided(station: Station, no: str, days: int = 40, party: Any = WANG, **said: Any) -> Case:
    """A penalty of so many days ago."""
    about: dict[str, Any] = {"title": "x", "kind": "penalty", "matter": "C0301", "parties": [party], **said}
    day = (today_of(station) - timedelta(days=days)).isoformat()
    numbers = [number(no), number(f"示民罚决〔2026〕{no}号", "decision")]
    return open_case(station, ME, numbers, about | {"reported": {"decided": day, **about.get("reported", {})}})


def standing(station: Station, *, is_open: bool = True) -> list[tuple[str, str]]:
    return [(one.channel, one.state) for one in list_lines(station, ME, is_open=is_open)]


def verdicts(station: Station, no: str) -> set[str]:
    return {one.finding.verdict for one in check(station, ME, no)} & {"publish-late", "withdraw-late"}


def test_a_decision_is_published_late_corrected_and_taken_down_when_it_falls(station: Station) -> None:
    decided(station, "C1")
    line = list_lines(station, ME)[0]
    assert isinstance(line, Line)
    assert (line.party, line.state, line.days is not None and line.days < 0) == ("王小明", "due", True)
    assert verdicts(station, "C1") == {"publish-late"}
    ready = show(station, ME, "C1").prepared
    assert [(one.channel, one.wants_gravity, one.left_out) for one in ready] == [
        ("website", False, ("identity-number", "address")),
        ("credit", True, ("identity-number", "address")),
    ]
    web = partial(publish, station, ME, "C1", "website")
    today = today_of(station)
    for told, day in (({}, None), (TOLD | {"facts": "住某路3号"}, None), (TOLD, today + timedelta(days=1))):
        with pytest.raises(WordsUnfit):
            web(told, day=day)
    with pytest.raises(WordsUnfit):
        web(TOLD, day=today - timedelta(days=41))
    first = web(TOLD, place="www", day=today - timedelta(days=39))
    assert (first.shown["违法事实"], first.shown["罚款金额（万元）"]) == ("王某某占用消防通道", "")
    assert verdicts(station, "C1") == set(), "it was public a day after the decision, whenever that was entered"
    with pytest.raises(DisclosureUnfit, match="already"):
        web(TOLD)
    assert standing(station) == [("credit", "due")]
    with pytest.raises(WordsUnfit, match="row"):
        correct(station, ME, first.id, {}, day=None, reason="x")
    second = correct(station, ME, first.id, {"result": "罚款3000元"}, day=None, reason="金额有误")
    before = disclosed.get(station.database, first.id)
    assert (before.ended, before.reason, before.shown["执法结论（处罚内容）"]) == (
        "corrected",
        "金额有误",
        "罚款2000.5元",
    )
    assert (second.corrects, second.shown["执法结论（处罚内容）"]) == (first.id, "罚款3000元")
    end_decision(station, ME, "C1", "revoked", day=today - timedelta(days=10), number="复议1号", reason="复议撤销")
    assert standing(station) == [("website", "withdraw")]
    assert verdicts(station, "C1") == {"withdraw-late"}
    with pytest.raises(DisclosureUnfit, match="withdraw"):
        correct(station, ME, second.id, {"result": "x"}, day=None, reason="x")
    restored = partial(end_decision, station, ME, "C1", "restored", day=None, number=None, reason="误登")
    restored()
    assert (standing(station), verdicts(station, "C1")) == ([("credit", "due")], set())
    with pytest.raises(DisclosureUnfit, match="stands"):
        restored()
    end_decision(station, ME, "C1", "void", day=today - timedelta(days=10), number=None, reason="确认无效")
    assert withdraw(station, ME, second.id, day=None, reason="复议撤销").ended == "withdrawn"
    assert (standing(station), set(standing(station, is_open=False))) == ([], {("website", "gone"), ("credit", "gone")})
    by: dict[str, Any] = {"at": station.now(), "actor": "x"}
    late = publishing(line.case, "website", {}, place=None, until=None, gravity=None, day=str(today), **by)
    with pytest.raises(DisclosureUnfit):
        station.act_writer.carry_out(late)  # it was prepared before the decision fell
    for again in (partial(web, TOLD), partial(withdraw, station, ME, second.id, day=None, reason="x")):
        with pytest.raises(DisclosureUnfit):
            again()


def test_two_people_keep_a_decision_back_and_publishing_ends_that(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "account_called", lambda name: Account(1001, name))
    set_secret(station, ME, SECOND.account, SECOND.secret, [])
    decided(station, "C1")
    kept = partial(keep_back, station, somebody("first"), "C1")
    with pytest.raises(WordsUnfit, match="security"):
        kept(None, "light", "x", read=lambda: SECOND)
    with pytest.raises(ExceptionNeedsAnother):
        kept(None, "minor", "x", read=lambda: None)
    kept("credit", "light", "情节轻微", read=lambda: SECOND)
    assert standing(station) == [("website", "due")]
    kept(None, "minor", "未成年人", read=lambda: SECOND)
    assert (standing(station), verdicts(station, "C1")) == ([], set())
    publish(station, ME, "C1", "website", TOLD)
    assert set(standing(station, is_open=False)) == {("website", "public"), ("credit", "kept")}
    with pytest.raises(WordsUnfit, match="gravity"):
        publish(station, ME, "C1", "credit", TOLD)
    with pytest.raises(WordsUnfit, match="3–12"):
        publish(station, ME, "C1", "credit", TOLD, gravity="general", months=13)
    public = publish(station, ME, "C1", "credit", TOLD, gravity="general", months=3)
    assert (public.shown["CF_XDR_MC"], public.shown["CF_GSJZQ"]) == ("王某某", public.until)


def test_a_changed_decision_goes_and_comes_anew_and_a_reported_one_is_entered_first(station: Station) -> None:
    today = today_of(station)
    decided(station, "C1")
    first = publish(station, ME, "C1", "website", TOLD)
    end_decision(station, ME, "C1", "changed", day=None, number=None, reason="变更")
    assert standing(station) == [("website", "withdraw"), ("credit", "due")]
    withdraw(station, ME, first.id, day=None, reason="变更")
    assert standing(station) == [("website", "due"), ("credit", "due")]
    assert list_lines(station, ME)[0].decided == today
    publish(station, ME, "C1", "website", TOLD | {"result": "罚款1000元"})
    assert standing(station) == [("credit", "due")]
    reported = {"published": (today - timedelta(days=30)).isoformat(), "fine": "20000"}
    decided(station, "C2", party=HOME, reported=reported)
    assert ("website", "reported") in standing(station, is_open=False)
    end_decision(station, ME, "C2", "void", day=today - timedelta(days=1), number=None, reason="无效")
    assert standing(station)[0] == ("website", "withdraw")
    past = publish(station, ME, "C2", "website", TOLD, day=today - timedelta(days=30))
    assert past.shown["罚款金额（万元）"] == "2"
    withdraw(station, ME, past.id, day=None, reason="无效")
    assert standing(station) == [("credit", "due")]
    decided(station, "C3")
    merge_cases(station, ME, "C1", "C3", reason="the same")
    assert len(show(station, ME, "C3").told.disclosures) == 2


def test_tables_have_no_formula_and_their_line_comes_first(station: Station, tmp_path: Path) -> None:
    decided(station, "C1", party=HOME | {"name": "=SUM(A1)养老院"})
    decided(station, "C2", party=WANG)
    rows = table(station, ME, "CF", is_open=True, to="a.csv")
    assert ("CF_XDR_MC" in rows[0], len(rows), len(table(station, ME, "XK", is_open=True, to="a.csv"))) == (True, 3, 1)
    assert {row[rows[0].index("CF_XDR_MC")] for row in rows[1:]} == {"=SUM(A1)养老院", "王某某"}
    for name in ("a.csv", "a.xlsx"):
        write_table(tmp_path / name, rows)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        said = list(csv.reader(file))
    cells = [cell for row in load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in row]
    assert not any(cell.startswith("=") for row in said for cell in row)
    assert not any(cell.data_type == "f" for cell in cells)
    (line, *_) = trail.lines_of(station.database, ("list.read",))
    assert line.entry.subject == "disclosures"
    publish(station, ME, "C2", "website", TOLD)
    assert len(table(station, ME, "website", is_open=False, to="a.csv")) == 2


MAY: dict[str, type[StationError] | None] = {
    "0101": NotAllowed,
    "0102": NoSuchCase,
    "0103": NotAllowed,
    "0104": None,
    "0105": None,
}


def test_who_may_publish_correct_withdraw_and_keep_back(station: Station) -> None:
    enter(station.database, station.act_writer.carry_out, station.now())
    said: dict[str, Any] = {"title": "x", "kind": "penalty", "parties": [WANG], "unit": "A"}
    said["reported"] = {"decided": str(today_of(station))}
    station.act_writer.carry_out(opening([number("C1")], said, at=station.now(), actor="x"))
    shown = publish(station, caller("0104"), "C1", "website", TOLD)
    for no, wrong in MAY.items():
        who = caller(no)
        asked: dict[str, Callable[[], object]] = {
            "publish": partial(publish, station, who, "C1", "website", TOLD),
            "correct": partial(correct, station, who, shown.id, {}, day=None, reason="x"),
            "withdraw": partial(withdraw, station, who, shown.id, day=date.max, reason="x"),
            "keep": partial(keep_back, station, who, "C1", None, "none", "x", read=lambda: None),
        }
        for name, ask in asked.items():
            with pytest.raises(StationError) as told:
                ask()
            hidden = NoSuchDisclosure if name in ("correct", "withdraw") else NoSuchCase
            expected = hidden if wrong is NoSuchCase else wrong
            if no == "0105" and name in ("publish", "correct"):
                expected = NotAllowed  # a head is the second of two there, and enough where something is to go
            allowed = type(told.value) in (DisclosureUnfit, WordsUnfit)
            assert allowed if expected is None else type(told.value) is expected, (no, name, told.value)
        assert bool(list_lines(station, who, is_open=False)) == (wrong is not NoSuchCase)
    with pytest.raises(NotAllowed):
        end_decision(station, caller("0103"), "C1", "revoked", day=None, number=None, reason="x")
    with pytest.raises(NotAllowed):
        table(station, caller("0101"), "website", is_open=False, to="a.csv")
