"""Statistics: what is wrong is told with its cases, of the units somebody oversees alone; at the page, in sentences."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from catalog.acts import policy
from catalog.cases import cases
from catalog.people import roles
from catalog.rules.callers import LOGIN
from docking_station.services.cases import open_case
from docking_station.services.papers import add_paper
from docking_station.services.policy import shipped
from docking_station.services.recent import Answers
from docking_station.services.requests import Asked, ask
from docking_station.services.statistics import UNPUBLISHED, UNREVIEWED, statistics
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.review.bureau import signed_in
from tests.review.conftest import asking

FIRST, UNTIL = date(2026, 3, 1), date(2026, 4, 1)


def _case(station: Station, no: str, unit: str, **said: Any) -> str:
    told = {"title": "x", "kind": "penalty", "unit": unit, "parties": [{"name": f"第{no}协会"}], **said}
    return open_case(station, caller("0104"), [cases.number(no)], told).id


@pytest.fixture
def known(bureau: Station) -> dict[str, str]:
    """Cases of two units that were decided before there was a policy; one is of another month."""
    about = {"opened": "2026-02-02", "decided": "2026-03-05", "state": "open"}
    found = {"unreviewed": _case(bureau, "1", "A", matter="C0101", **about), "other": _case(bureau, "2", "B", **about)}
    _case(bureau, "3", "A", matter="C0101", opened="2026-01-02", decided="2026-02-05")
    for hour in (1, 2, 3):
        at = datetime(2026, 3, 2, hour, tzinfo=bureau.now().tzinfo)
        said = {"code": "site-record", "day": "2026-03-02", "begins_at": at, "ends_at": at + timedelta(hours=1)}
        add_paper(bureau, caller("0104"), found["unreviewed"], {**said, "place": "院内"})
    bureau.act_writer.carry_out(policy.adopting(shipped(), at=bureau.now(), actor="keeper"))
    return found


def _make_head_of_b(station: Station) -> None:
    by: dict[str, Any] = {"at": station.now(), "actor": "P:0105"}
    said = {"title": "supervisor", "role": "supervisor", "unit": "B", "since": by["at"], "until": None}
    station.act_writer.carry_out(roles.proposing("0102", **said, **by | {"actor": "P:0104"}))
    (new,) = (one for one in roles.of_people(station.database, ["0102"]) if one.role == "supervisor")
    station.act_writer.carry_out(roles.granting("0102", new.id, how=LOGIN, first=False, small=True, **by))


def test_what_is_wrong_is_told_with_its_cases_of_the_units_somebody_oversees(
    bureau: Station, known: dict[str, str]
) -> None:
    ask(bureau, caller("0101"), Asked("look", reason="复核", description="三月五日的检查"))
    found = statistics(bureau, caller("0105"), Answers.of(bureau), FIRST, UNTIL)
    assert found.wrong[UNREVIEWED] == (known["unreviewed"],)
    assert set(found.wrong[UNPUBLISHED]) == set(known.values())
    assert (found.opened, found.decided, found.closed, found.running) == (0, 2, 0, 3)
    (only,) = found.recorded
    assert (only.unit, only.matter, only.should, only.met, only.open) == ("A", "M10", 3, 0, 3)
    assert found.reviews == dict.fromkeys(("sent", "passed", "again", "failed", "returned", "waiting"), 0)
    assert (only.cases, found.asked, found.kinds) == ((known["unreviewed"],), 0, ())
    year = statistics(bureau, caller("0105"), Answers.of(bureau), date(2026, 1, 1), date(2027, 1, 1))
    assert (len(year.wrong[UNREVIEWED]), year.opened, year.asked) == (2, 3, 1)
    _make_head_of_b(bureau)
    own = statistics(bureau, caller("0102"), Answers.of(bureau), FIRST, UNTIL)
    assert (own.wrong[UNPUBLISHED], own.wrong.get(UNREVIEWED), own.recorded) == ((known["other"],), None, ())
    with pytest.raises(NotAllowed):
        statistics(bureau, caller("0101"), Answers.of(bureau), FIRST, UNTIL)


def _spot(text: str, said: str) -> tuple[str, str, str]:
    """How a sentence looks at the page, its number, and the whole of it."""
    every = re.findall(r'<li class="(bad|ok|warn)">(.*?)<span class="count">(.*?)</span></li>', text, re.DOTALL)
    kind, whole, count = next(one for one in every if said in one[1])
    return kind, count, whole


def test_the_page_says_it_in_sentences_and_leads_to_the_cases(bureau: Station, known: dict[str, str]) -> None:
    pages = asking(bureau)
    signed_in(pages, "deputy")
    text = pages.get("/statistics?of=2026-03").text
    first, hole = (_spot(text, said) for said in ("应经法制审核", "现场检查"))
    assert first[:2] == ("bad", "1 / 2")
    assert f'href="/cases/{known["unreviewed"]}">第1协会' in first[2]
    assert hole[:2] == ("warn", "3 / 3")
    assert "%" not in re.sub(r"<[^>]*>", "", text), "no share of so few"
    assert _spot(pages.get("/statistics?of=2020").text, "应经法制审核")[:2] == ("ok", "0 / 0"), "0 is said first"
    assert [pages.get(f"/statistics{of}").status_code for of in ("", "?of=2026-13", "?of=x")] == [200, 404, 404]
    page = pages.get("/statistics/2026.html")
    assert ("表一" in page.text, page.headers["content-disposition"]) == (
        True,
        'attachment; filename="enforcement-2026.html"',
    )
    for none in ("2026.doc", "0.html", "10000.html", "2026-03.html"):
        assert pages.get(f"/statistics/{none}").status_code == 404
