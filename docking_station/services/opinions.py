"""The opinion of a legal review as a document (法制审核意见书): a written record of the case, sealed like a scan.

Source: 《规定》10, "审核意见入卷归档". The letter is Chinese, and made of the signed acts of its round alone. A filing
that was broken off is finished by filing it once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from catalog.cases import papers
from catalog.cases.errors import ReviewUnfit
from catalog.cases.papers import Paper
from catalog.people import people
from catalog.rules.acts import REVIEW_GIVEN
from catalog.rules.callers import Caller, person_no
from catalog.rules.case_numbers import opened_by
from catalog.rules.legal_review import OPINION
from catalog.rules.review_rounds import Point, Round
from catalog.trail import trail
from docking_station import texts
from docking_station.derived.official import Blocks, Line, Table, html_of
from docking_station.derived.pdf import pdf_of
from docking_station.derived.scratch import draft_in
from docking_station.services.legal_review import Shown, demand_reviewer, give, policy_of, shown
from docking_station.services.links import words_now
from docking_station.services.papers import known_type
from docking_station.services.scans import seal_scan
from docking_station.station.errors import DerivedUnwritable, unwritten
from docking_station.station.station import Station
from docking_station.texts.plain import called, spans_text, time_shown


def give_opinion(station: Station, caller: Caller, no: str, opinion: str, text: str) -> Paper:
    """Give the opinion and file it (出具审核意见并入卷); raises as `legal_review.give` and `file_opinion`."""
    give(station, caller, no, opinion, text)
    return file_opinion(station, caller, no)


def file_opinion(station: Station, caller: Caller, no: str) -> Paper:
    """Enter the opinion of a round as a written record with its PDF (入卷), where it is not there yet.

    Without what makes a PDF it has no scan, and gets one when it is filed again. Raises `NoSuchReview`, `NotAllowed`,
    `ReviewUnfit` (no opinion yet), `DerivedUnwritable`.
    """
    known, given = demand_reviewer(station, caller, no), shown(station, caller, no)
    one = given.round
    if one.opinion is None or one.ended_at is None:
        raise ReviewUnfit(review=no, what="no opinion is given yet", what_zh="尚未出具审核意见")
    found = opinion_of(station, one)
    if found is None:
        day = one.ended_at.astimezone(station.settings.zone).date().isoformat()
        said = known_type(station, OPINION) | {"code": OPINION, "number": no, "day": day}
        with station.changing("acts", wait=True):
            act = papers.adding(one.case_id, said, at=station.now(), actor=known.actor)
            found = papers.get(station.database, opened_by(station.act_writer.carry_out(act)))
    printed = None if found.scan is not None else pdf_of(html_of(letter(station, given)))
    if printed is not None:
        with unwritten(DerivedUnwritable, path=station.settings.derived), draft_in(station.settings.derived) as draft:
            file = Path(draft) / f"{no}.pdf"
            file.write_bytes(printed)
            seal_scan(station, found, file, known.actor)
    return papers.get(station.database, found.id)


def opinion_of(station: Station, one: Round) -> Paper | None:
    """The record that holds the opinion of a round, if it is filed."""
    its = papers.of_case(station.database, one.case_id)
    return next((paper for paper in its if paper.code == OPINION and paper.number == one.no), None)


def letter(station: Station, given: Shown) -> Blocks:
    """The opinion in words, with the annex of what it rests on and what was opened."""
    one, case, by = given.round, given.case, policy_of(station, given.round)
    names, words = people.names(station.database), words_now(station)
    zone, opinions = station.settings.zone, {it.code: it.zh for it in by.review.opinions}
    record = {
        it.id: f"{words.get(it.code, ('', it.code))[1]} {it.number or it.day or ''}"
        for it in papers.of_case(station.database, one.case_id)
    }
    unit = words.get(case.unit or "", ("", case.unit or "承办机构"))[1]
    blocks: list[Line | Table] = [
        Line(f"{by.bureau.name}重大执法决定法制审核意见书", "title"),
        Line(f"审核编号 {one.no}", "right"),
        Line(f"{unit}："),
        Line(f"你单位送审的{case.named}（{case.title or ''}，{case.called}）一案收悉。经逐项审核："),
        Table(
            (("审核要点", "结论", "依据", "说明"), *_points(one, {it.code: it.zh for it in by.review.points}, record))
        ),
        Line(f"审核意见：{opinions.get(one.opinion or '', '（草稿）')}。{one.reason or ''}"),
    ]
    if one.ended_at is not None:
        reviewer = names.get(person_no(one.ended_by or "") or "", called(names, one.ended_by))
        blocks.append(Line(f"审核人：{reviewer}", "right"))
        blocks.append(Line(f"{one.ended_at.astimezone(zone):%Y年%-m月%-d日}", "right"))
    looks = [(it["clip"], time_shown(it["at"], zone), _spans(it["watched_ms"])) for it in one.opened]
    blocks.append(Line("附：审核前调阅的音像资料"))
    blocks.append(Table((("资料编号", "调阅时间", "观看区段"), *(looks or [("无", "", "")]))))
    signed = [trail.act_of(it).body() for it in trail.lines_of(station.database, [REVIEW_GIVEN], one.no)]
    if signed:
        sent = f"送审：{called(names, one.sent_by)} {time_shown(one.sent_at, zone)}"
        digest = hashlib.sha256(signed[-1]).hexdigest()
        blocks.append(Line(f"{sent}；意见的签名记录校验值（SHA-256）：{digest}"))
    return blocks


def _points(one: Round, titles: dict[str, str], record: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for code, title in titles.items():
        point = one.point(code)
        if point is not None:
            verdict = texts.text(f"review_{point.verdict}", "zh")
            yield title, verdict, "；".join(_rests(point, record)), point.note or ""


def _rests(point: Point, record: dict[str, str]) -> Iterator[str]:
    for it in point.rests:
        if "clip" in it:
            yield f"音像 {it['clip']} {_spans([[it['from_ms'], it['to_ms']]])}"
        else:
            yield record.get(it["paper"], it["paper"])


def _spans(spans: list[list[int]] | None) -> str:
    if spans is None:
        return "不详"
    return spans_text(spans, "–", "、")
