"""Decisions at their pages: published, corrected and taken down by forms, kept back by two people."""

from __future__ import annotations

import re
from http import HTTPStatus

from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.review.bureau import SECRET, signed_in
from tests.review.conftest import asking
from tests.review.decisions import TOLD, enter_decisions

FORM = {"channel": "website", **{f"field-{code}": text for code, text in TOLD.items()}}


def test_a_decision_is_published_kept_back_by_two_and_taken_down_at_its_page(bureau: Station) -> None:
    its, pages = enter_decisions(bureau, caller("0104")), asking(bureau)
    assert signed_in(pages, to="/disclosures") == HTTPStatus.SEE_OTHER
    listed = pages.get("/disclosures").text
    assert listed.index("示范养老院") < listed.index("安泰殡仪服务部"), "what must go comes first"
    start = pages.get("/").text
    assert "应撤下公示：示范养老院" in start
    assert "4 项决定待公示" in start, "each channel of the late one, and of the one that is due in days"
    assert "公示应撤下" in pages.get(f"/cases/{its['示范养老院']}").text
    case = f"/disclosures/{its['王小明']}"
    shown = pages.get(case).text
    assert "王某某" in shown
    assert "990101199001011234" not in shown
    assert "自然人身份证件号码、自然人家庭住址" in shown
    wrong = pages.post(f"{case}/publish", data=FORM | {"field-facts": "住某路3号", "day": ""})
    assert (wrong.status_code, "不得公开" in wrong.text, "住某路3号" in wrong.text) == (
        HTTPStatus.CONFLICT,
        True,
        True,
    )
    assert '<dialog id="publish-website" aria-labelledby="publish-website-title" open>' in wrong.text
    assert pages.post(f"{case}/publish", data=FORM | {"day": "never"}).status_code == HTTPStatus.CONFLICT
    assert pages.post(f"{case}/publish", data=FORM).headers["location"] == case
    (no,) = re.findall(r'id="withdraw-([0-9a-f]{12})"', pages.get(case).text)
    corrected = {"disclosure": no, "field-违法事实": "价格未公示", "reason": "表述有误"}
    assert pages.post(f"{case}/correct", data=corrected).status_code == HTTPStatus.SEE_OTHER
    page = pages.get(case).text
    assert "价格未公示" in page
    assert "未在显著位置公示服务价格" in page
    (no,) = re.findall(r'id="withdraw-([0-9a-f]{12})"', page)
    kept = {"channel": "credit", "ground": "light", "reason": "情节轻微"}
    assert "dialog_open" not in pages.post(f"{case}/except", data=kept).text
    two = kept | {"second_account": "deputy", "second_secret": SECRET}
    assert pages.post(f"{case}/except", data=two).status_code == HTTPStatus.SEE_OTHER
    end = {"how": "void", "reason": "确认无效"}
    assert pages.post(f"{case}/end", data=end).status_code == HTTPStatus.SEE_OTHER
    assert "应撤下" in pages.get(case).text
    assert pages.post(f"{case}/withdraw", data={"disclosure": no, "reason": "无效"}).status_code == HTTPStatus.SEE_OTHER
    assert pages.post(f"{case}/else", data={}).status_code == HTTPStatus.NOT_FOUND
    table = pages.get("/disclosures.csv", params={"form": "CF"})
    assert table.content.decode("utf-8-sig").startswith("CF_CFJG,CF_XDR_MC")
    assert pages.get("/disclosures.pdf").status_code == HTTPStatus.NOT_FOUND
