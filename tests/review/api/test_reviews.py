"""A listed decision over HTTP: refused by every address until its review passed; a person sends it, no token."""

from __future__ import annotations

from typing import Any

from catalog.acts import policy
from catalog.cases import cases, papers
from catalog.rules.case_numbers import opened_by
from docking_station.services.policy import shipped
from docking_station.station.station import Station
from tests.fakes.people import caller
from tests.review.api.conftest import ROOT, by_token, signed_in


def test_a_listed_decision_is_refused_and_sent_for_review(bureau: Station) -> None:
    who: dict[str, Any] = {"actor": "P:0104"}
    carry_out = bureau.act_writer.carry_out
    carry_out(policy.adopting(shipped(), at=bureau.now(), **who))
    said = {"title": "x", "kind": "ban", "unit": "A", "officers": ["0104"]}
    case = opened_by(carry_out(cases.opening([], said, at=bureau.now(), **who)))
    keeper = signed_in(bureau, "keeper")
    version = keeper.get(f"{ROOT}/cases/{case}").headers["etag"]
    answer = keeper.patch(f"{ROOT}/cases/{case}", json={"decided": "2026-03-20"}, headers={"if-match": version})
    assert (answer.status_code, answer.json()["code"]) == (409, "catalog.not-reviewed")
    made = keeper.post(f"{ROOT}/cases", json={"title": "y", "kind": "ban", "decided": "2026-03-20"})
    assert (made.status_code, made.json()["code"]) == (409, "catalog.not-reviewed")
    assert keeper.post(f"{ROOT}/cases/{case}/review", json={}).json()["code"] == "station.not-allowed"
    program = by_token(bureau, caller("0104"))
    answer = program.post(f"{ROOT}/cases/{case}/decision", json={"day": "2026-03-20"})
    assert answer.json()["code"] == "station.person-needed"
    for code in ("review-request", "final-report"):
        carry_out(papers.adding(case, {"code": code}, at=bureau.now(), **who))
    assert keeper.get(f"{ROOT}/reviews").json() == {"items": [], "next": None}
    assert keeper.get(f"{ROOT}/reviews/F2026-0001").json()["code"] == "catalog.no-such-review"
