"""Legal reviews for a person's eyes (法制审核): the register, and one round with its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.review_rounds import STATES, Point
from docking_station.services.legal_review import Shown
from docking_station.terminal.output import listed, pairs, say
from docking_station.terminal.words import heads, language, word
from docking_station.texts.plain import called, time_shown

MS = 1000


def list_shown(found: Sequence[Shown], *, as_json: bool) -> None:
    """Print rounds, one a line."""
    listed(
        found,
        "no_reviews",
        as_json,
        review=lambda one: one.round.no,
        party=lambda one: one.case.named,
        case=lambda one: one.case.called,
        state=lambda one: STATES[one.round.state][language() == "zh"],
        due=lambda one: one.due if one.days is not None else None,
        days=lambda one: one.days,
    )


def show_round(shown: Shown, by: BureauPolicy, zone: tzinfo, names: Mapping[str, str]) -> None:
    """Print one round, its points and what was answered; `names` are people's, by their numbers."""
    one, opinions = shown.round, {it.code: it.zh for it in by.review.opinions}
    facts = {
        "review": one.no,
        "party": shown.case.named,
        "case": shown.case.called,
        "state": STATES[one.state][language() == "zh"],
        "sent_by": f"{called(names, one.sent_by)}  {time_shown(one.sent_at, zone)}",
        "due": shown.due if shown.days is not None else None,
        "reviewer": f"{called(names, one.ended_by)}  {time_shown(one.ended_at, zone)}" if one.ended_by else None,
        "opinion": opinions.get(one.opinion or "", one.opinion),
        "reason": one.reason,
    }
    pairs({heads(name)[0]: value for name, value in facts.items() if value is not None})
    points = {it.code: it.zh for it in by.review.points}
    if one.points:
        say()
        listed(
            one.points,
            "",
            point=lambda it: points.get(it.code, it.code),
            verdict=lambda it: word(f"review_{it.verdict}"),
            rests=_rests,
            message=lambda it: it.note,
            answer=lambda it: it.answer,
        )


def _rests(point: Point) -> str:
    spans = (
        f"{it['clip']}@{it['from_ms'] / MS:g}-{it['to_ms'] / MS:g}" if "clip" in it else it["paper"]
        for it in point.rests
    )
    return " ".join(spans)
