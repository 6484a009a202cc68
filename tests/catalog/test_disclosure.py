"""By when a decision is public, on each channel, and as which row: days counted by hand, names and numbers hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_file import CaseFacts
from catalog.rules.case_limits import Judge
from catalog.rules.disclosure import (
    Cell,
    Channel,
    Decision,
    Gravity,
    days_within,
    heads_of,
    is_person,
    left_out,
    masked,
    row_of,
    shown_until,
    ten_thousands,
    unfit,
)
from catalog.rules.policy_text import read_whole
from catalog.rules.working_days import WorkingDays
from docking_station.services.policy import shipped
from tests.footage.caseload import ZONE, load, needs_shared

DUE = (
    # Counted by hand from the days off and worked weekends of 2026 (ENFORCEMENT 12): decided, kind, website, credit.
    ("2026-02-10", "penalty", "2026-02-26", "2026-02-26"),
    ("2026-01-05", "penalty", "2026-01-14", "2026-01-14"),
    ("2026-02-06", "penalty", "2026-02-24", "2026-02-24"),
    ("2026-02-13", "penalty", "2026-03-02", "2026-03-02"),
    ("2026-03-31", "penalty-simple", "2026-04-10", "2026-04-10"),
    ("2026-04-24", "penalty", "2026-05-08", "2026-05-08"),
    ("2026-04-30", "penalty", "2026-05-13", "2026-05-13"),
    ("2026-06-12", "penalty", "2026-06-24", "2026-06-24"),
    ("2026-09-18", "penalty", "2026-09-29", "2026-09-29"),
    ("2026-09-30", "penalty", "2026-10-15", "2026-10-15"),
    ("2026-10-10", "penalty", "2026-10-20", "2026-10-20"),
    ("2026-01-09", "licence", "2026-02-06", "2026-01-20"),
    ("2026-02-10", "licence", "2026-03-16", "2026-02-26"),
    ("2026-04-30", "licence", "2026-06-01", "2026-05-13"),
    ("2026-09-18", "licence", "2026-10-22", "2026-09-29"),
    ("2026-02-10", "inspection", "2026-03-16", None),
    ("2026-03-02", "measure", "2026-03-30", None),
    ("2026-06-12", "ban", "2026-07-13", None),
    ("2026-06-12", "assistance", None, None),
)
WITHDRAWN = (
    ("2026-02-12", "2026-02-24"),
    ("2026-04-30", "2026-05-08"),
    ("2026-09-24", "2026-09-30"),
    ("2026-09-30", "2026-10-10"),
    ("2026-05-06", "2026-05-09"),
)
HOME = {"name": "示范市某养老院", "id_kind": "统一社会信用代码", "id_no": "529901MJ0003616580", "phone": "0000-1"}
WANG = {"name": "王小明", "id_kind": "居民身份证", "id_no": "990101199001011234", "address": "某路3号", "phone": "1"}


@cache
def policy() -> BureauPolicy:
    return read_whole(shipped())


def due(start: str, count: int | None) -> str | None:
    days = WorkingDays(policy().calendar)
    return None if count is None else days.after(date.fromisoformat(start), count).day.isoformat()


@pytest.mark.parametrize(("decided", "kind", "website", "credit"), DUE)
def test_by_when_a_decision_is_public(decided: str, kind: str, website: str | None, credit: str | None) -> None:
    assert due(decided, days_within(policy(), [kind], "website")) == website
    assert due(decided, days_within(policy(), [kind], "credit")) == credit


@needs_shared
@pytest.mark.parametrize("seed", [7, 23])
def test_the_last_days_of_a_caseload_are_those_its_maker_counted(seed: int) -> None:
    decided = [case for case in load(seed).world.cases if "publish_due" in case.days]
    assert len(decided) > 20
    for case in decided:
        within = days_within(policy(), case.procedures, "website")
        assert due(case.days["decided"].isoformat(), within) == case.days["publish_due"].isoformat(), case.id


@pytest.mark.parametrize(("fell", "last"), WITHDRAWN)
def test_by_when_it_is_taken_down(fell: str, last: str) -> None:
    assert due(fell, policy().disclosure.withdraw_days) == last


def test_where_penalties_are_chosen_none_is_owed_and_none_is_late() -> None:
    chosen = replace(policy(), disclosure=replace(policy().disclosure, penalties="chosen"))
    assert days_within(chosen, ["penalty"], "website") is None
    assert days_within(chosen, ["licence"], "website") == 20
    case = CaseFacts("k", ("penalty",), decided=date(2026, 2, 10))

    def late(by: BureauPolicy, one: CaseFacts) -> list[str]:
        judge = Judge(by, WorkingDays(by.calendar), ZONE, date(2026, 6, 1), {})
        return [found.verdict for found in judge.findings(one) if found.verdict in ("publish-late", "withdraw-late")]

    assert (late(policy(), case), late(chosen, case)) == (["publish-late"], [])
    assert late(policy(), replace(case, is_kept_back=True)) == []
    gone = replace(case, is_kept_back=True, withdrawals=((date(2026, 2, 12), date(2026, 2, 24)),))
    assert late(policy(), gone) == []
    assert late(policy(), replace(gone, withdrawals=((date(2026, 2, 12), date(2026, 2, 25)),))) == ["withdraw-late"]
    assert late(policy(), replace(gone, withdrawals=((date(2026, 5, 20), None),))) == ["withdraw-late"]


@pytest.mark.parametrize(
    ("gravity", "months", "last"),
    [
        ("light", None, "2026-05-28"),
        ("general", None, "2027-02-28"),
        ("general", 3, "2026-05-28"),
        ("serious", 12, "2027-02-28"),
        ("serious", None, "2029-02-28"),
    ],
)
def test_how_long_a_penalty_is_on_the_credit_platform(gravity: Gravity, months: int | None, last: str) -> None:
    assert shown_until(policy(), gravity, months, date(2026, 2, 28)) == date.fromisoformat(last)


def test_months_that_the_policy_does_not_allow_are_refused() -> None:
    with pytest.raises(ValueError, match="3–12"):
        shown_until(policy(), "general", 2, date(2026, 2, 28))
    assert shown_until(policy(), None, None, date(2026, 2, 28)) is None


@pytest.mark.parametrize(
    ("name", "how", "shown"),
    [
        ("王小明", "surname", "王某某"),
        ("欧阳小明", "surname", "欧阳某某"),
        ("王小明", "full", "王小明"),
        ("王小明", "none", "自然人"),
    ],
)
def test_how_a_person_is_called(name: str, how: str, shown: str) -> None:
    assert masked(name, how) == shown


@pytest.mark.parametrize(
    ("party", "is_one"),
    [
        (WANG, True),
        (HOME, False),
        ({"name": "王小明"}, True),
        ({"name": "示范市某养老院"}, False),
        ({"name": "王小明", "id_kind": "护照", "id_no": "E123"}, True),
        ({"name": "云帆学社", "id_kind": "统一社会信用代码"}, False),
        ({"name": "云帆", "id_no": "519901MJ0001254750"}, False),
        ({"name": "阿依古丽·买买提"}, True),
        ({"name": "John Smith", "id_no": "E12345678"}, True),
        ({"name": "王小明", "id_no": "H1234567801"}, True),
        ({"name": "某养老服务有限公司", "id_no": "990102000012345X"}, False),
        ({"name": "王小明的店", "id_no": "990101199001011234"}, True),
    ],
)
def test_who_is_a_natural_person(party: dict[str, Any], is_one: bool) -> None:
    assert is_person(party) is is_one


def row(channel: Channel, *parties: Any, told: dict[str, str] | None = None, **said: Any) -> dict[str, Cell]:
    plain: dict[str, Any] = {"number": "示民罚决〔2026〕1号", "matter": "C0301", "penalty": "罚款", "fine": "2000.5"}
    decision = Decision(("penalty",), date(2026, 2, 10), parties=parties, **(plain | said))
    cells = row_of(policy(), decision, channel, date(2027, 2, 10), told or {})
    return {one.head: one for one in cells}


def test_the_row_of_an_organisation_for_the_website_and_for_the_credit_platform() -> None:
    web = row("website", HOME, told={"result": "罚款2000.5元", "违法事实": "消防\n通道堵塞"})
    assert web["执法对象（行政相对人名称）"] == Cell("party", "执法对象（行政相对人名称）", "示范市某养老院")
    assert web["违法事实"].text == "消防 通道堵塞"
    assert "公示截止期" not in web
    credit = row("credit", HOME)
    told = {head: credit[head].text for head in ("CF_XDR_SHXYM", "CF_NR_FK", "CF_GSJZQ", "CF_JDRQ", "CF_XDR_LB")}
    assert tuple(told.values()) == ("529901MJ0003616580", "0.20005", "2027-02-10", "2026-02-10", "法人及非法人组织")
    assert (credit["CF_CFJG"].text, credit["CF_SJLY"].text, credit["CF_YJ"].text) == (
        *("示范市民政局", "示范市民政局", "养老机构管理办法"),
    )


@pytest.mark.parametrize("channel", ["website", "credit"])
def test_of_a_person_nothing_but_the_family_name_is_in_any_column(channel: Channel) -> None:
    found = row(channel, WANG, told={"facts": "王 小明在某处散布", "result": "警告王小明"})
    said = " ".join(one.text for one in found.values())
    assert "王某某在某处散布" in said
    assert not any(word in said for word in ("小明", "990101199001011234", "某路3号"))
    assert sum(one.is_masked for one in found.values()) == 3
    assert left_out((WANG, HOME)) == ("identity-number", "address", "contact")


def test_a_licence_has_the_fields_of_licences() -> None:
    heads = [head for _, head in heads_of(policy(), ["licence"], "credit")]
    assert {"XK_XDR_MC", "XK_WSH", "XK_XKLB", "XK_NR", "XK_JDRQ", "XK_YXQZI", "XK_XKJG"} <= set(heads)
    assert all(head.startswith("XK_") for head in heads)


@pytest.mark.parametrize(
    ("yuan", "shown"),
    [("20000", "2"), (2000, "0.2"), ("2000.5", "0.20005"), (1_000_000, "100"), (None, ""), (0, ""), ("two", "")],
)
def test_sums_are_in_ten_thousands(yuan: object, shown: str) -> None:
    assert ten_thousands(yuan) == shown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("身份证990101199001011234", "identity-number"),
        ("身份证99010119900101123X号", "identity-number"),
        ("电话13800000000", "contact"),
        ("电话１３８ 0000-0000", "contact"),
        ("身份证 990101 19900101 1234", "identity-number"),
        ("旧身份证990101900101123", "identity-number"),
        ("账号6222020000000000000", "bank-account"),
        ("账号6222 0200 0000 0000 000", "bank-account"),
        ("2026-02-10 2026-03-10", None),
        ("住某路3号", "address"),
        ("罚款20000元,2026年2月10日", None),
        ("示民罚决〔2026〕1号", None),
        ("529901MJ0003616580", None),
    ],
)
def test_what_is_never_public_is_found_in_any_column(text: str, code: str | None) -> None:
    found = unfit([Cell("facts", "违法事实", text)], (WANG,), ())
    assert found == (None if code is None else ("违法事实", code))
    assert unfit([Cell("facts", "违法事实", text)], (), (text,)) is None
