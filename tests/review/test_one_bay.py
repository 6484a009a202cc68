"""A bay is looked at by everybody; what is changed there is one's own, by PIN; a person is locked, never a bay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from catalog.database import Database
from catalog.errors import CatalogUnreachable, NoSuchCase
from catalog.people import people
from catalog.recorders import recorders
from catalog.rules.callers import LOGIN, SECRET, Caller
from docking_station.faces.board import Board, StationView
from docking_station.faces.stream import Stream
from docking_station.services import at_bay, hand_out, pins
from docking_station.services.people import caller_other_than, set_secret
from docking_station.station.errors import PersonUnknown, SecretLocked, SecretNotSet, SecretWrong
from docking_station.station.station import Station
from review.bay_keys import KEPT_S, BayKeys
from tests.fakes.callers import ME
from tests.review.browsing import CHROMIUM, chromium, faults, quiet_page
from tests.review.bureau import SECRET as THEIRS
from tests.review.bureau import enter_bureau, signed_in
from tests.review.conftest import COPYING, asking, listening
from tests.review.desk import FILES, HOME_VISIT, Filed, enter_cases

PIN = "274951"
OFFICER = Caller("first", "first", SECRET, no="0101")
"""Who recorded what is on the card: the recorder's own number of theirs stands in the names."""


@pytest.fixture
def station(filed_dock: Filed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    """A bureau whose officer has a PIN, and at bay 3 the recorder with clips of theirs and of another's."""
    files = {name.replace("JX0003", "JX0003" if "0930" in name else "JX0004"): body for name, body in FILES.items()}
    with filed_dock(tmp_path / "home", files).opened() as opened:
        enter_cases(opened)
        enter_bureau(opened, monkeypatch)
        act = people.changing("0101", {"recorder_no": "JX0003"}, since=people.BEGINNING, at=opened.now(), actor="root")
        opened.act_writer.carry_out(act)
        set_secret(opened, ME, "first", THEIRS, [Caller("first", "first", LOGIN)])
        pins.set_pin(opened, OFFICER, PIN)
        board = Board(StationView("站"))
        board.show(replace(COPYING, state="safe", recorder="TA00003"))
        with Stream(board, opened.home.root / "dock.sock"):
            yield opened


def enter(pages: TestClient, typed: str = PIN, account: str = "first") -> str:
    return str(pages.post("/bays/3/in", data={"account": account, "secret": typed}).text)


def key_in(text: str) -> str:
    return str(re.findall(r'name="key" value="([^"]+)"', text)[0])


def its(station: Station, name: str) -> str:
    """The field of a clip in a form."""
    (row,) = station.database.query("SELECT id FROM clip WHERE path LIKE :name", {"name": f"%{name}%"})
    return f"clip-{row['id']}"


def linked(station: Station) -> list[str]:
    sql = "SELECT path FROM link JOIN clip ON clip.id = clip_id WHERE ended_at IS NULL ORDER BY path"
    return [str(row["path"]) for row in station.database.query(sql, {})]


def test_who_has_said_nothing_sees_times_and_no_case_and_changes_nothing(station: Station) -> None:
    pages = asking(station)
    text = pages.get("/bays/3").text
    assert "03-05 09:30" in text
    assert "某养老院" not in text
    assert pages.get("/bays/99").status_code == HTTPStatus.NOT_FOUND
    for what in ("link", "take", "return", "explain"):
        answer = pages.post(f"/bays/3/{what}", data={its(station, "0930"): "on", "case": HOME_VISIT})
        assert (answer.status_code, 'id="pin"' in answer.text) == (HTTPStatus.UNAUTHORIZED, True)
    assert linked(station) == []


def test_an_officer_links_what_they_recorded_by_pin_and_nothing_of_another(station: Station) -> None:
    pages = asking(station)
    text = enter(pages)
    assert "某养老院" in text
    sent = {"key": key_in(text), "case": HOME_VISIT}
    refused = pages.post("/bays/3/link", data={**sent, its(station, "1500"): "on"})
    assert (refused.status_code, linked(station)) == (HTTPStatus.NOT_FOUND, [])
    done = pages.post("/bays/3/link", data={**sent, its(station, "0930"): "on"})
    assert f"已保存：1 份关联到 {HOME_VISIT}。" in done.text
    assert [name[-10:] for name in linked(station)] == ["093000.MP4"]
    (why,) = [row["why"] for row in station.database.query("SELECT why FROM link", {})]
    assert why.startswith(("linked at bay 3", "proposal confirmed"))


def test_a_new_inspection_has_no_number_yet(station: Station) -> None:
    pages = asking(station)
    key = key_in(enter(pages))
    sent = {"key": key, "case": "new", "party": "某福利院", "where": "城东"}
    refused = [sent, {**sent, its(station, "0930"): "on", "party": " "}, {**sent, its(station, "1500"): "on"}]
    for data in refused:
        assert pages.post("/bays/3/link", data=data).status_code >= HTTPStatus.BAD_REQUEST
    sql = "SELECT no, unit FROM law_case WHERE parties LIKE '%某福利院%'"
    assert not station.database.query(sql, {}), "nothing is opened for what cannot be linked"
    whole = {**sent, its(station, "0930"): "on"}
    assert "已保存：1 份" in pages.post("/bays/3/link", data=whole).text
    assert pages.post("/bays/3/link", data=whole).status_code >= HTTPStatus.BAD_REQUEST, "sent twice opens one"
    assert [(row["no"], row["unit"]) for row in station.database.query(sql, {})] == [(None, "A")]


def test_while_the_catalog_is_away_a_bay_is_looked_at_and_nothing_saved(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = asking(station)
    sent = {"key": key_in(enter(pages)), "case": HOME_VISIT, its(station, "0930"): "on"}

    def away(_self: Database, _sql: str, _values: object) -> list[object]:
        raise CatalogUnreachable(reason="closed")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "query", away)
        shown, refused = pages.get("/bays/3"), pages.post("/bays/3/link", data=sent)
    assert (shown.status_code, "现在不能保存" in shown.text, "可取走" in shown.text) == (HTTPStatus.OK, True, True)
    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert linked(station) == []


def test_what_is_missing_is_explained_for_cases_of_own_clips_alone(station: Station) -> None:
    one = Caller("first", "first", None, no="0101")
    (row,) = station.database.query("SELECT case_id FROM case_number WHERE number = :no", {"no": HOME_VISIT})
    with pytest.raises(NoSuchCase):
        at_bay.explain(station, one, "TA00003", (row["case_id"], None, "missing"), "记录仪没电")
    at_bay.link(station, one, ("3", "TA00003"), [its(station, "0930").removeprefix("clip-")], HOME_VISIT, ())
    at_bay.explain(station, one, "TA00003", (row["case_id"], None, "missing"), "记录仪没电")
    (note,) = station.database.query("SELECT note, by FROM case_note", {})
    assert (note["note"], note["by"]) == ("记录仪没电", "P:0101")


def test_an_officer_takes_the_recorder_and_gives_it_back(station: Station) -> None:
    act = recorders.adding("TA00003", at=station.now(), actor="root")
    station.act_writer.carry_out(act)
    pages = asking(station)
    key = {"key": key_in(enter(pages))}
    assert "由您领用" in pages.post("/bays/3/take", data=key).text
    assert hand_out.holder(station, "TA00003") == "0101"
    assert pages.post("/bays/3/take", data=key).status_code >= HTTPStatus.BAD_REQUEST
    assert "已归还" in pages.post("/bays/3/return", data=key).text
    assert hand_out.holder(station, "TA00003") is None


def test_five_wrong_pins_lock_the_person_and_neither_their_secret_nor_the_next(station: Station) -> None:
    for _ in range(5):
        with pytest.raises(SecretWrong):
            pins.caller_by_pin(station, ME, "first", "999111")
    with pytest.raises(SecretLocked):
        pins.caller_by_pin(station, ME, "first", PIN)
    with pytest.raises(SecretWrong):
        pins.caller_by_pin(station, ME, "keeper", PIN)
    text = enter(asking(station), THEIRS)
    assert key_in(text)


def test_a_pin_is_set_at_ones_account_by_ones_secret(station: Station) -> None:
    pages = asking(station)
    assert signed_in(pages, "keeper", to="/account") == HTTPStatus.SEE_OTHER
    for old, pin, status in (("no", PIN, 401), (THEIRS, "111111", 422), (THEIRS, PIN, 303)):
        answer = pages.post("/account/pin", data={"old": old, "pin": pin})
        assert answer.status_code == status, answer.text
    assert pins.caller_by_pin(station, ME, "keeper", PIN).no == "0104"
    assert pages.get("/account").status_code == HTTPStatus.OK, "the session of who sets it goes on"


def test_a_pin_is_no_easy_one_and_nobody_who_could_be_one_of_two(station: Station) -> None:
    for pin in ("12345", "1234567", "123456", "987654", "112112", "12a456", "一二三四五六"):
        with pytest.raises(SecretNotSet):
            pins.set_pin(station, OFFICER, pin)
    found = pins.caller_by_pin(station, ME, "first", PIN)
    assert (found.no, found.how) == ("0101", None)
    with pytest.raises(PersonUnknown):
        caller_other_than(station, found, None, lambda: None)


def test_a_key_is_good_for_one_bay_and_a_few_minutes() -> None:
    now = [0.0]
    keys = BayKeys(lambda: now[0])
    key = keys.give("3", OFFICER)
    assert keys.caller(key, "4") is None
    assert keys.caller(key, "3") == OFFICER
    now[0] = KEPT_S
    assert keys.caller(key, "3") is None


def test_a_cover_or_a_label_is_scanned_into_one_field(station: Station) -> None:
    for serial, label in (("TA00003", None), ("TA00007", "七号")):
        station.act_writer.carry_out(recorders.adding(serial, label=label, at=station.now(), actor="root"))
    pages = asking(station)
    key = {"key": key_in(enter(pages))}
    (case,) = station.database.query("SELECT case_id FROM case_number WHERE number = :no", {"no": HOME_VISIT})
    for scanned in (case["case_id"], HOME_VISIT, "某养老院"):
        text = pages.post("/bays/3/scan", data=key | {"scan": scanned}).text
        assert (f'name="other" value="{HOME_VISIT}"' in text, 'value="other" checked' in text) == (True, True), scanned
    text = pages.post("/bays/3/scan", data=key | {"scan": "七号"}).text
    assert "领用记录仪 TA00007" in text, "one from the cupboard"
    assert "由您领用" in pages.post("/bays/3/take", data=key | {"serial": "TA00007"}).text
    assert [hand_out.holder(station, one) for one in ("TA00003", "TA00007")] == [None, "0101"]
    assert pages.post("/bays/3/scan", data=key | {"scan": "x"}).status_code == HTTPStatus.NOT_FOUND
    assert pages.post("/bays/3/scan", data={"scan": HOME_VISIT}).status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_a_pin_is_pressed_or_typed_and_a_code_is_scanned_at_the_bay(station: Station) -> None:
    with listening(station) as address, chromium() as browser, quiet_page(browser, address, 1280, 800) as page:
        page.goto("/bays/3")
        page.select_option("[name=account]", "first")
        for digit in f"{PIN}1":
            page.locator(".pads").get_by_text(digit, exact=True).click()
        page.locator(".pads").get_by_text("退格", exact=True).click()
        page.locator(".pads .main").click()
        expect(page.locator("[name=scan]")).to_be_focused()
        assert faults(page) == []
        page.keyboard.type(HOME_VISIT)  # as a scanner does, Enter behind it
        page.keyboard.press("Enter")
        expect(page.locator("[name=other]")).to_have_value(HOME_VISIT)
        page.goto("/bays/3")
        page.select_option("[name=account]", "first")
        page.locator("[name=secret]").press_sequentially(PIN)
        page.keyboard.press("Enter")
        expect(page.locator("[name=scan]")).to_be_focused()
