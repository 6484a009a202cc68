"""A major decision's way through legal review, by mouse in Debian's chromium: sent, judged, answered, decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.cases import cases, reviews
from catalog.rules.callers import SECRET, Caller
from catalog.rules.review_rounds import Round
from docking_station.services import legal_review
from docking_station.services.case_parts import name_reviewer
from docking_station.services.cases import open_case
from docking_station.services.ingest_card import ingest
from docking_station.services.links import link_clip
from docking_station.services.papers import add_paper
from docking_station.services.policy import SHIPPED, adopt_policy
from docking_station.station.identity import caller_of_process
from docking_station.station.station import Station
from tests.footage.bureau import DEPUTY, KEEPER, enter_people, enter_recorders
from tests.review.browsing import NEEDED, faults, prefer, quiet_page, sideways
from tests.review.conftest import listening
from tests.review.numbered import AVC_NAME, HEVC_NAME, film_card
from tests.review.test_browser import WIDTHS
from tests.review.test_desks_story import sign_in
from tests.scenario.dock import made_dock

pytestmark = NEEDED
BEGINS = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)
REVIEWER = Caller("cheng", "cheng", SECRET)


@dataclass(frozen=True)
class Desk:
    """A station with its pages open, and the case that waits for a decision: a ban, with its film."""

    station: Station
    address: str
    case: str
    clip: str

    @property
    def round(self) -> Round:
        found = reviews.newest(self.station.database, self.case)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("reviews")
    dock, card = made_dock(place / "home"), place / "card"
    card.mkdir()
    film_card(card)
    (card / HEVC_NAME).unlink()
    with dock.opened() as station:
        adopt_policy(station, caller_of_process(), SHIPPED, lambda before, after: None)
        enter_people(station)
        enter_recorders(station, BEGINS - timedelta(days=60))
        said: dict[str, Any] = {"title": "取缔“同心互助会”", "kind": "ban", "matter": "Q0201", "unit": "ylfw"}
        said |= {"state": "open", "officers": ["0003"], "parties": [{"name": "同心互助会"}]}
        case = open_case(station, KEEPER, [cases.number("示民取〔2026〕1号", "office")], said).id
        for code in ("review-request", "final-report"):
            add_paper(station, KEEPER, case, {"code": code, "day": "2026-03-06"})
        times = {"begins_at": BEGINS, "ends_at": BEGINS + timedelta(seconds=2), "day": "2026-03-05"}
        add_paper(station, KEEPER, case, {"code": "ban-record", "officers": ["0003"], **times})
        filed = ingest(station, KEEPER, card, "TA00003", "JX0003", None, None).filed
        clip = next(one.id for one in filed if one.path.endswith(AVC_NAME))
        link_clip(station, KEEPER, clip, case, {"step": "force"}, reason=None)
        name_reviewer(station, DEPUTY, case, "0005", None, "送审")
        with listening(station) as address:
            yield Desk(station, address, case, clip)


def judge(page: Page, code: str, verdict: str, *, part: bool = False) -> None:
    """One point, by mouse: its verdict and the first record it rests on."""
    point = page.locator(f".point:has([name=point][value={code}])")
    if point.get_attribute("open") is None:
        point.locator("summary").click()
    point.locator(f"[name=verdict][value={verdict}]").check()
    point.locator("[name^=paper-]").first.check()
    if part:
        point.locator("[name=clip]").select_option(index=1)
        point.locator("[name=from]").fill("0:00")
        point.locator("[name=to]").fill("0:01")
    point.locator("button:not([type=button])").click()
    expect(page.locator(f".point:has([name=point][value={code}]) summary .state")).to_be_visible()


def test_a_decision_goes_through_two_rounds(desk: Desk, browser: Browser) -> None:
    with quiet_page(browser, desk.address) as page:
        sign_in(page, "fang")
        page.goto(f"/cases/{desk.case}")
        expect(page.locator("text=此案尚不能作出决定")).to_be_visible()
        assert page.locator("[data-dialog=decide-case]").count() == 0
        page.click("[data-dialog=send-review]")
        page.click("#send-review .button.main")
        expect(page.locator("#done")).to_be_visible()
        first = desk.round.no
        sign_in(page, "cheng")
        page.goto("/")
        page.click(f"[href='/reviews/{first}']")
        assert page.locator(".steps input:checked").count() == 0, "nothing is chosen before somebody chooses"
        for where in ("/reviews", f"/reviews/{first}"):
            sound(page, where)
        judge(page, "R1", "none")
        judge(page, "R3", "pass", part=True)
        judge(page, "R9", "fail")
        for number in (2, 4, 5, 6, 7, 8, 10):
            rests = [{"paper": desk.round.papers[0]}]
            legal_review.judge(desk.station, REVIEWER, first, f"R{number}", "pass", rests)
        page.goto(f"/reviews/{first}")
        gives(page, "papers", "请补正文书后重新送审。")
        expect(page.locator(".steps")).to_contain_text(desk.clip)
        page.click("#play")
        page.wait_for_url("**look=*")
        gives(page, "papers", "请补正文书后重新送审。")
        expect(page.locator("#opinion-title")).to_be_visible()
        assert (desk.round.state, desk.round.opened[0]["clip"]) == ("failed", desk.clip)
        sign_in(page, "fang")
        page.goto(f"/reviews/{first}")
        page.locator("[name=adopted][value=yes]").check()
        page.fill(".point [name=note]", "已补签。")
        page.click(".point form button")
        page.click(f"[action='/reviews/{first}/send'] button")
        expect(page.locator(".tabs a")).to_have_count(2)
        second = desk.round.no
        for number in range(1, 11):
            rests = [{"paper": desk.round.papers[0]}]
            legal_review.judge(desk.station, REVIEWER, second, f"R{number}", "pass", rests)
        sign_in(page, "cheng")
        page.goto(f"/reviews/{second}")
        gives(page, "agree", "同意按拟定意见作出决定。")
        expect(page.locator("#opinion-title")).to_be_visible()
        assert page.request.get(f"/reviews/{second}/letter.pdf").body().startswith(b"%PDF")
        assert page.request.get(f"/reviews/{second}/letter.docx").body().startswith(b"PK")
        sign_in(page, "fang")
        page.goto(f"/cases/{desk.case}")
        page.click("[data-dialog=decide-case]")
        page.fill("#decide-case [name=day]", "2026-03-20")
        page.click("#decide-case .button.main")
        expect(page.locator("#done")).to_be_visible()
        (row,) = desk.station.database.query("SELECT state, decided FROM law_case", {})
        assert tuple(row.values()) == ("decided", "2026-03-20")


def gives(page: Page, opinion: str, text: str) -> None:
    """Sign an opinion and send it back."""
    page.locator(f"[name=opinion][value={opinion}]").check()
    page.fill("[name=text]", text)
    page.click("[action$='/give'] button")


def sound(page: Page, where: str) -> None:
    """Nothing to complain about, in both themes and languages at every width."""
    for language, theme, size in (("en", "light", "plain"), ("zh", "dark", "large")):
        prefer(page, language, theme, size)
        page.goto(where)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        assert faults(page) == []
        assert sideways(page, WIDTHS) == []
    prefer(page, "zh", "light")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(where)
