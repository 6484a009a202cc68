"""The frame: one's own desks, dialogs that the server or a script opens, the second of two people, toasts."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pytest
from fastapi import APIRouter, Request
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Page, Route, expect
from starlette.responses import Response
from starlette.testclient import TestClient

from catalog.rules.callers import SECRET as BY_SECRET
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from docking_station.services.errors import SecondIsFirst
from docking_station.services.people import WRONG_MAX, Typed, caller_other_than
from docking_station.services.sign_in import Sessions
from docking_station.station.errors import SecretLocked, SecretWrong
from docking_station.station.station import Station
from review.forms import form_of
from review.frame import TEMPLATES, page
from review.pages import home
from review.rail import Desk, Rails
from review.second import second_of
from review.toasts import done
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.browsing import NEEDED, faults, sideways
from tests.review.bureau import DEPUTY, KEEPER, SECRET, signed_in
from tests.review.conftest import asking

pytestmark = NEEDED
TRIAL = """{% extends "frame.html" %}{% block work %}<div class="pad stack wide">
{{ c.opens("hold", "lock", "保留") }}
{{ c.chips("筛选", [("全部", "/trial", true), ("逾期", "/trial?x=1", false)]) }}
{{ c.stages("阶段", [("立案", "done", "3 月 1 日"), ("调查", "now", ""), ("决定", "later", "")]) }}
{{ c.facts([("page_size", "1"), ("page_unit", "")]) }}
{% call c.table("案件", [("page_case", ""), ("page_size", "num")]) %}
<tr><td>x</td><td class="num">1</td></tr>
{% endcall %}
{% call c.dialog("hold", "依法保留", "/trial", "保留", "lock") %}
{{ c.reason() }}{{ c.count_again(2) }}{{ c.second() }}
{% endcall %}
</div>{% endblock %}"""


@pytest.fixture
def pages(bureau: Station, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The pages of a bureau, with one that has every part of the frame."""
    trial, loader = APIRouter(), TEMPLATES.loader
    assert loader is not None

    @trial.get("/trial")
    def shown(request: Request) -> Response:
        return page(request, "trial.html", title="page_clips")

    @trial.post("/trial")
    async def held(request: Request) -> Response:
        form = await form_of(request)
        try:
            second = await second_of(request, form)
        except SecondIsFirst as error:
            said = {"title": "page_clips", "dialog_open": "hold", "dialog_wrong": error.message("zh")}
            return page(request, "trial.html", HTTPStatus.FORBIDDEN, **said)
        assert second is not None
        return done(request, "/trial", "page_two_first", undo=("/trial", {"no": "7"}), person=f"<b>{second.who}")

    monkeypatch.setattr(home.PAGES, "routes", [*home.PAGES.routes, *trial.routes])
    monkeypatch.setattr(TEMPLATES, "loader", ChoiceLoader([DictLoader({"trial.html": TRIAL}), loader]))
    client = asking(bureau)
    assert signed_in(client) == 303
    return client


def typed(account: str, secret: str = SECRET) -> Mapping[str, str]:
    return {"second_account": account, "second_secret": secret}


def test_the_second_person_signs_for_one_act_and_the_first_stays_signed_in(pages: TestClient) -> None:
    cookies = dict(pages.cookies)
    assert pages.post("/trial", data=typed("deputy", "wrong")).status_code == 401
    refused = pages.post("/trial", data=typed("keeper"))
    assert refused.status_code == 403
    assert "已是其中一人" in refused.text.split('aria-labelledby="hold-title" open')[1]
    answer = pages.post("/trial", data=typed("deputy"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/trial")
    assert {name: pages.cookies[name] for name in cookies} == cookies
    assert "Name 0104 0104" in pages.get("/trial").text


def test_guesses_at_the_second_secret_are_counted_as_those_at_the_door(bureau: Station) -> None:
    sessions, first = Sessions(bureau, ME), caller("0104")
    found = sessions.second(first, DEPUTY)
    assert (found.who, found.how) == ("P:0105", BY_SECRET)
    assert caller_other_than(bureau, ME, first.who, lambda: found) == found, "a service that reads who is second"
    with pytest.raises(SecondIsFirst):
        sessions.second(first, KEEPER)
    for told in (*[SecretWrong] * WRONG_MAX, SecretLocked):
        with pytest.raises(told):
            sessions.second(first, Typed("deputy", "wrong"))


def test_a_toast_is_said_once_to_whom_it_is_for_and_has_its_way_back(pages: TestClient) -> None:
    pages.post("/trial", data=typed("deputy"))
    name, said = next((name, value) for name, value in pages.cookies.items() if name.endswith("-done"))
    text = pages.get("/trial").text
    assert "第一人：&lt;b&gt;P:0105" in text
    toast = text.split('id="done"')[1].split("</form>")[0]
    assert '<form method="post" action="/trial">' in toast
    assert 'name="no" value="7"' in toast
    assert 'id="done"' not in pages.get("/trial").text
    for forged in ("x" + said, said[:-1], '"x.\\351"'):
        pages.cookies.set(name, forged)
        assert 'id="done"' not in pages.get("/trial").text
    assert signed_in(pages, "deputy") == 303
    pages.cookies.set(name, said)
    assert 'id="done"' not in pages.get("/trial").text, "it was said to somebody else"


def test_a_rail_has_ones_own_desks_and_what_waits_there(bureau: Station) -> None:
    asked = list[Caller]()

    def waiting(_: Station, who: Caller) -> int:
        asked.append(who)
        return 3

    desks = (
        Desk("page_bays", "/bays", "plug", is_open=True),
        Desk("page_clips", "/clips", "film", count=waiting),
        Desk("page_trail", "/trail", "route", frozenset({Right.TRAIL_READ})),
    )
    rails = Rails(bureau, desks)

    def seen(who: Caller | None) -> Any:
        return [(one.desk.address, one.waiting) for one in rails.of(who)]

    assert seen(None) == [("/bays", 0)]
    assert seen(caller("0104")) == [("/bays", 0), ("/clips", 3)]
    assert seen(caller("0105")) == [("/bays", 0), ("/clips", 3), ("/trail", 0)]
    assert seen(caller("0104")) == [("/bays", 0), ("/clips", 3)]
    assert len(asked) == 2, "believed for a while"
    rails.forget(caller("0104"))
    seen(caller("0104"))
    assert len(asked) == 3


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_a_dialog_opens_in_place_and_a_toast_goes(pages: TestClient, page: Page, language: str, theme: str) -> None:
    pages.post("/trial", data=typed("deputy"))
    pages.cookies.set("theme", theme)
    shown, opened = (pages.get(f"/trial?lang={language}{more}").text for more in ("", "&dialog=hold"))

    def answer(route: Route) -> None:
        text = opened if "dialog=" in route.request.url else shown
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    page.route("**/trial*", answer)
    page.clock.install()
    page.goto("/trial")
    page.clock.run_for(200)
    toast = page.locator("[role=status] .toast")
    expect(toast).to_contain_text("<b>P:0105")
    toast.hover()
    assert faults(page) == []
    page.clock.run_for(20_000)
    expect(toast).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(2000)
    expect(toast).to_have_count(0)
    opener, dialog = page.locator("[data-dialog=hold]"), page.locator("#hold")
    opener.press("Enter")
    expect(dialog.locator("[name=reason]")).to_be_focused()
    assert faults(page) == []
    assert sideways(page, ((683, 384), (1366, 768))) == []
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    dialog.locator("[formmethod=dialog]").click()
    expect(dialog).to_be_hidden()
    page.goto("/trial?dialog=hold")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.wait_for_url("**/trial")
