"""The registers: who may read each, what people and recorders are changed to by form, and what a proof says."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from catalog.acts import policy
from catalog.recorders.errors import RecorderExists
from catalog.rules.callers import LOGIN, Caller
from docking_station.services import policy_lists, recorders
from docking_station.services.people import set_secret
from docking_station.services.staff import title_words
from docking_station.services.staff_lists import person_shown
from docking_station.station.station import Station
from review.frame import Words
from review.pages.policy import remark_in, worded
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.bureau import SECRET, enter_bureau, signed_in
from tests.review.conftest import asking
from tests.scenario.dock import Dock, made_dock

TWO = (Caller("keeper", "keeper", LOGIN), Caller("deputy", "deputy", LOGIN))
SECOND = {"second_account": "deputy", "second_secret": SECRET}


@pytest.fixture(scope="module")
def dock(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    return made_dock(tmp_path_factory.mktemp("registers") / "home")


@pytest.fixture(scope="module")
def station(dock: Dock) -> Iterator[Station]:
    """Five people, two versions of the policy."""
    with dock.opened() as opened, pytest.MonkeyPatch.context() as patch:
        enter_bureau(opened, patch)
        for text in ("[clearing]\ndays = 30\n", "[clearing]\ndays = 30\n[access]\nask_days = 9\n"):
            opened.act_writer.carry_out(policy.adopting(text, at=opened.now(), actor="keeper", two=TWO))
        yield opened


@pytest.fixture(scope="module")
def keeper(station: Station) -> TestClient:
    pages = asking(station)
    assert signed_in(pages) == 303
    return pages


@pytest.fixture(scope="module")
def deputy(station: Station) -> TestClient:
    pages = asking(station)
    assert signed_in(pages, "deputy") == 303
    return pages


def test_each_register_is_there_for_who_may_read_it(keeper: TestClient, deputy: TestClient) -> None:
    def read(pages: TestClient) -> list[int]:
        return [pages.get(one).status_code for one in ("/people", "/recorders", "/stations", "/trail", "/policy")]

    assert (read(keeper), read(deputy)) == ([200, 200, 200, 403, 200], [200, 200, 403, 200, 200])
    assert 'href="/trail"' not in keeper.get("/people").text, "the rail has one's own desks"


def test_a_person_is_entered_gets_a_title_by_two_and_a_secret_to_begin_with(
    station: Station, keeper: TestClient
) -> None:
    body = {"no": "0200", "name": "新同事", "unit": "A", "card": "990200"}
    assert keeper.post("/people/new", data=body).headers["location"] == "/people/0200"
    again = keeper.post("/people/new", data=body)
    assert (again.status_code, 'aria-labelledby="new-title" open' in again.text) == (409, True)
    assert keeper.post("/people/0200/grant", data={"role": "officer", "over": "A"}).status_code == 303
    (proposed,) = person_shown(station, caller("0104"), "0200").roles
    alone = keeper.post("/people/0200/confirm", data={"grant": proposed.id})
    assert (alone.status_code, "待第二人确认" in alone.text) == (403, True)
    assert keeper.post("/people/0200/confirm", data={"grant": proposed.id} | SECOND).status_code == 303
    assert title_words(station)["officer"][1] in keeper.get("/people/0200").text
    assert keeper.post("/people/0200/bind", data={"account": "new"} | SECOND).status_code == 303
    assert keeper.post("/people/0200/reset", data={"account": "new"}).status_code == 409, "two vouch"
    text = keeper.post("/people/0200/reset", data={"account": "new"} | SECOND).text
    (code,) = re.findall(r'class="mono code">([0-9a-f-]+)<', text)
    first = asking(station).post("/sign-in", data={"account": "new", "secret": code, "to": "/clips"})
    assert (first.status_code, 'name="again"' in first.text) == (200, True), "a secret of one's own comes first"
    assert code not in keeper.get("/people/0200").text
    assert keeper.post("/people/0200/revoke", data={"grant": proposed.id, "reason": "调离"}).status_code == 303
    assert keeper.post("/people/0200/suspend", data={"reason": "核查"}).status_code == 303
    assert "已停用" in keeper.get("/people").text


def test_a_person_is_changed_and_their_head_lets_another_act(
    station: Station, keeper: TestClient, deputy: TestClient
) -> None:
    before = person_shown(station, caller("0104"), "0102").person
    assert keeper.post("/people/0102/change", data={"name": "新名", "recorder_no": "JY9"}).status_code == 303
    now = person_shown(station, caller("0104"), "0102").person
    assert now == replace(before, name="新名", recorder_no="JY9"), "what was not sent stays"
    assert keeper.post("/people/0102/change", data={"name": " "}).status_code == 409
    assert keeper.post("/people/0102/change", data={"name": "x", "since": "soon"}).status_code == 409
    form = {"to": "0103", "until": "2099-01-01T18:00", "reason": "出差"}
    assert keeper.post("/people/0104/delegate", data=form).status_code == 403, "a head's alone"
    assert "/delegate" not in keeper.get("/people/0104").text
    assert deputy.post("/people/0105/delegate", data=form | {"until": ""}).status_code == 409
    assert deputy.post("/people/0105/delegate", data=form).status_code == 303
    (acting,) = person_shown(station, caller("0104"), "0103").delegations
    assert (acting.person, acting.delegate) == ("0105", "0103")
    assert f'value="{acting.id}"' in deputy.get("/people/0105").text
    assert deputy.post("/people/0105/revoke", data={"grant": acting.id, "reason": "回来了"}).status_code == 303
    assert acting.id not in deputy.get("/people/0105").text


def test_a_recorder_is_entered_changed_handed_out_and_retired(station: Station, keeper: TestClient) -> None:
    body = {"serial": "TA00900", "unit": "A", "numbers": "TA00900"}
    assert keeper.post("/recorders/new", data=body).headers["location"] == "/recorders"
    with pytest.raises(RecorderExists):
        recorders.enter(station, caller("0104"), "TA00900", {})
    assert keeper.post("/recorders/new", data=body).status_code == 409
    assert "TA00900" in keeper.get("/recorders").text
    assert keeper.post("/recorders/TA00900/change", data={"label": "九号", "note": "新"}).status_code == 303
    one = recorders.one(station, caller("0104"), "TA00900")
    assert (one["label"], one["note"], one["numbers"]) == ("九号", "新", "TA00900")
    lent = {"officer": "0101", "until": "2099-01-01T18:00"}
    assert keeper.post("/recorders/TA00900/issue", data=lent).status_code == 303
    assert keeper.post("/recorders/TA00900/issue", data=lent).status_code == 409, "somebody has it"
    assert [each["how"] for each in recorders.one(station, caller("0104"), "TA00900")["holdings"]] == ["loan"]
    assert keeper.post("/recorders/TA00900/return", data={}).status_code == 303
    assert keeper.post("/recorders/TA00900/nothing", data={}).status_code == 404
    assert keeper.post("/recorders/TA00900/retirement", data={"reason": "损坏"}).status_code == 303
    text = keeper.get("/recorders/TA00900").text
    assert ("损坏" in text, "/retirement" in text) == (True, False)


def test_two_versions_of_the_policy_stand_side_by_side(keeper: TestClient) -> None:
    text = keeper.get("/policy?version=2&beside=1").text
    assert "ask_days" in text.split("第 1 版与第 2 版对照")[-1]
    assert "ask_days" in keeper.get("/policy").text
    assert keeper.get("/policy?version=3").status_code == 404


@pytest.mark.usefixtures("keeper")  # who signed in
def test_lines_are_found_and_a_line_that_was_altered_is_not_proved(
    dock: Dock, station: Station, deputy: TestClient
) -> None:
    some = deputy.get("/trail?actor=0104&action=session.begun").text
    assert ("Name 0104" in some, "登录网页" in some) == (True, True)
    assert "Name 0105" not in some.split("<tbody>")[1]
    (line, *_) = re.findall(r'href="/trail/(\d+)"', some)
    assert "与写入时一致" in deputy.get(f"/trail/{line}").text
    with closing(sqlite3.connect(dock.home / "catalog.db")) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f"DROP TRIGGER {name}")
        base.execute("UPDATE trail SET subject = 'P:0105' WHERE line = ?", (line,))
    assert "被改动" in deputy.get(f"/trail/{line}").text
    assert deputy.get("/trail/99999").status_code == 404


def test_a_list_says_what_becomes_of_each_row_then_is_taken_in(station: Station, keeper: TestClient) -> None:
    body = "记录仪编号,型号,科室\nTA00910,,Unit A\nTA00911,,no such unit\n".encode()
    token = {"form_token": keeper.headers["x-csrf-token"]}
    sent = {"list": ("台账.csv", body, "text/csv")}
    del keeper.headers["x-csrf-token"]  # a browser sends it as a field
    try:
        assert keeper.post("/imports", data={"kind": "recorders"}, files=sent).status_code == 403, "no form of ours"
        text = keeper.post("/imports", data={"kind": "recorders"} | token, files=sent).text
        assert ("台账.csv" in text, "新增 1" in text, "TA00910  Unit A" in text) == (True, True, True), text
        (number,) = set(re.findall(r"/imports/([0-9a-f]{16})/", text))
        assert "TA00910" not in keeper.get("/recorders").text, "nothing is changed by reading"
        assert keeper.post(f"/imports/{number}/taking-in", files=sent).status_code == 403, "no form of ours either"
        excel = keeper.post(f"/imports/{number}/answer", data=token)
        assert excel.content[:2] == b"PK"
        taken = keeper.post(f"/imports/{number}/taking-in", data=token)
        assert (taken.status_code, "已导入 1 行" in taken.text) == (200, True)
        assert "TA00910" in keeper.get("/recorders").text
        (address,) = re.findall(r'href="(/imports/recorders/[^"]+)"', keeper.get("/imports").text)
        fate = keeper.get(address).text
        assert ("TA00910" in fate, "已导入" in fate, "TA00911" in fate) == (True, True, False)
        assert keeper.get("/imports/recorders/x").status_code == 404
        assert keeper.post("/imports/0123456789abcdef/taking-in", data=token).status_code == 404
        broken = keeper.post("/imports", data={"kind": "cases"} | token, files=sent)
        assert (broken.status_code, "台账.csv" in broken.text) == (409, True)
    finally:
        keeper.headers["x-csrf-token"] = token["form_token"]


def test_a_value_of_the_policy_is_said_in_words() -> None:
    clearing, zh = policy_lists.settings()["clearing.when"][1], Words("zh")
    classes = next(one for one in policy_lists.sheets() if one.title == "密级与敏感类别")
    release, steps = (one for one in classes.columns if one.key in ("release", "default_for"))
    assert [worded(zh, {}, one, "never") for one in (clearing, release)] == ["不清除", "不公开"]
    assert worded(zh, {"lead": ("lead", "案源")}, steps, "lead\nother") == "案源；其他"


def test_a_remark_of_the_policy_is_said_in_one_language() -> None:
    remark = 'When it is erased (清除方式): "never" 从不, "after-days" 若干天后.'
    assert remark_in(remark, "zh") == '清除方式："never" 从不，"after-days" 若干天后'
    assert remark_in(remark, "en") == 'When it is erased: "never", "after-days".'
    assert remark_in("How many at once (同时采集的记录仪数), 1 to 32.", "zh") == "同时采集的记录仪数"


def test_a_policy_is_sent_shown_as_what_it_changes_and_adopted_by_two(
    station: Station, keeper: TestClient, deputy: TestClient
) -> None:
    token = {"form_token": keeper.headers["x-csrf-token"]}

    def sent(text: str, name: str = "制度.toml") -> Response:
        return keeper.post("/policy/reading", data=token, files={"policy": (name, text.encode(), "text/plain")})

    set_secret(station, ME, "first", SECRET, [Caller("first", "first", LOGIN)])
    first = asking(station)
    assert signed_in(first, "first") == 303
    assert "/policy/reading" not in first.get("/policy").text, "not everybody proposes one"
    assert ("没有" in sent("[nothing]\n").text, sent("x", "x.xlsx").status_code) == (True, 409)
    text = sent("[clearing]\ndays = 30\n[access]\nask_days = 4\n").text
    assert ("第 2 版与上传的制度对照" in text, "ask_days" in text, "变更权限" in text) == (True, True, True)
    (address,) = re.findall(r'action="(/policy/[0-9a-f]+/adoption)"', text)
    assert deputy.post(address, data=SECOND).status_code == 404, "it is whose sent it"
    assert keeper.post(address, data={"version": "2"}).status_code == 409, "one alone"
    assert keeper.post(address, data={"version": "1"} | SECOND).status_code == 409, "another is in force by now"
    assert keeper.post(address, data={"version": "2"} | SECOND).headers["location"] == "/policy"
    assert [one.version for one in policy.history(station.database)] == [1, 2, 3]
    assert keeper.get("/policy/lists").content[:2] == b"PK"
    book = keeper.post(
        "/policy/reading", data=token, files={"policy": ("a.xlsx", keeper.get("/policy/lists").content, "x")}
    )
    assert "与现行制度相同" in book.text
