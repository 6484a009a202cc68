"""A case is opened, corrected, given records, scans and notes at its page, each an act; what is refused says why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.cases import notes, papers, reading
from catalog.trail import trail
from docking_station.station.errors import BadTime
from docking_station.station.station import Station
from review.pages.case_changes import case_said, paper_said
from tests.footage.papers import pdf
from tests.review.bureau import signed_in
from tests.review.conftest import asking

ZONE = ZoneInfo("Asia/Shanghai")
RECORD = {"code": "site-record", "day": "2026-03-05", "begins_at": "23:50", "ends_at": "00:20", "officers": "1、2 3"}


def test_times_are_of_the_day_beside_them_and_an_end_before_its_begin_is_of_the_next() -> None:
    said = paper_said(RECORD, ZONE)
    assert said["begins_at"] == datetime(2026, 3, 5, 15, 50, tzinfo=UTC)
    assert said["ends_at"] == datetime(2026, 3, 5, 16, 20, tzinfo=UTC)
    assert said["officers"] == ["1", "2", "3"]
    with pytest.raises(BadTime):
        paper_said({"day": "", "begins_at": "9:30"}, ZONE)
    assert case_said({"title": " ", "x": "y"}) == {"title": None}


def test_a_case_is_opened_corrected_and_gets_records_scans_and_notes(bureau: Station) -> None:
    pages = asking(bureau)
    signed_in(pages)
    refused = pages.post("/new-case", data={"title": "x", "no": "2026-1", "opened": "yesterday"})
    assert (refused.status_code, 'value="yesterday"' in refused.text) == (400, True)
    to = pages.post("/new-case", data={"title": "x", "party": "示范养老院", "no": "2026-1"}).headers["location"]
    case = reading.get(bureau.database, "2026-1")
    assert case is not None
    assert to == f"/cases/{case.id}"
    assert "示范养老院" in pages.get(to).text

    pages.post(to, data={"title": "y", "no": "2026-1", "reason": "misheard"})
    (changed,) = (one for one in trail.lines(bureau.database, subject=case.id) if one.entry.action == "case.changed")
    details = json.loads(changed.details)
    assert (details["changes"], details["reason"]) == ({"title": "y"}, "misheard")

    wrong = pages.post(f"{to}/papers", data=RECORD | {"begins_at": "soon", "place": "<b>"})
    assert (wrong.status_code, 'id="add-paper"' in wrong.text, 'value="&lt;b&gt;"' in wrong.text) == (400, True, True)
    assert papers.of_case(bureau.database, case.id) == ()
    opened = pages.post(f"{to}/papers", data=RECORD).headers["location"]
    (paper,) = papers.of_case(bureau.database, case.id)
    assert opened == f"{to}?r={paper.id}"
    pages.post(f"/papers/{paper.id}", data=RECORD | {"place": "示范路 8 号", "officers": "1 2 3", "reason": "late"})
    assert papers.get(bureau.database, paper.id).place == "示范路 8 号"

    token, file = pages.headers.pop("x-csrf-token"), {"scan": ("笔录.pdf", pdf("one"), "application/pdf")}
    for sent, status in (("not ours", 403), (token, 303)):
        answer = pages.post(f"/upload/scans/{paper.id}", data={"form_token": sent}, files=file)
        assert answer.status_code == status
        assert (papers.get(bureau.database, paper.id).scan is None) == (status == 403)
    assert pages.post(f"/upload/scans/{paper.id}", data={"form_token": token}).status_code == 503

    head = asking(bureau)
    signed_in(head, "deputy")
    assert "note-case" in head.get(to).text
    assert "note-case" not in pages.get(to).text, "the custodian answers no finding"
    head.post(f"{to}/notes", data={"note": "设备故障", "paper": paper.id})
    (note,) = notes.of_case(bureau.database, case.id)
    assert (note.note, note.paper, note.by[:6]) == ("设备故障", paper.id, "P:0105")
