"""How a case is told at a terminal (案件详情的显示)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import partial

from catalog.cases.papers import Paper
from catalog.cases.reading import Link
from docking_station.services.cases import CaseShown
from docking_station.terminal.checks import tell_checked
from docking_station.terminal.clip import coded
from docking_station.terminal.output import listed, pairs, say
from docking_station.terminal.words import heads, word
from docking_station.texts.codes import CASE_STATES, NUMBERS
from docking_station.texts.plain import called, span_text, time_shown

Words = Mapping[str, tuple[str, str]]
"""What each code is called, in English and Chinese."""


def tell_case(shown: CaseShown, zone: tzinfo, words: Words, names: Mapping[str, str]) -> None:
    """Print the facts of a case, its written records in the order of the file, and its clips, in the policy's words.

    `names` are people's, by their numbers.
    """
    case = shown.case
    said = partial(named, words)
    facts = {
        "id": case.id,
        "no": "; ".join(f"{one['number']} ({coded(NUMBERS, one['kind'])})" for one in case.numbers),
        "title": case.title,
        "subject": "; ".join(str(one.get("name")) for one in case.parties) or case.subject,
        "state": coded(CASE_STATES, case.state),
        "procedure": said(case.kind),
        **{name: said(getattr(case, name)) for name in ("matter", "unit")},
        "place": case.place,
        "officer": ", ".join(str(called(names, one)) for one in case.officers),
        "facts": ", ".join(map(str, map(said, case.facts))),
        **{name: getattr(case, name) for name in ("inspected", "opened", "decided", "closed")},
    }
    told = {name: value for name, value in facts.items() if value}
    labels = dict(zip(told, heads(*told), strict=True))
    pairs({labels[name]: value for name, value in told.items()})
    if shown.parts:
        say()
        listed(
            shown.parts,
            "",
            no_of=lambda one: called(names, one.person),
            state=lambda one: word(f"part_{one.part}"),
            begins=lambda one: time_shown(one.begins_at, zone),
            ends=lambda one: time_shown(one.until, zone),
            reason=lambda one: one.reason,
        )
    if shown.papers:
        say()
        listed(shown.papers, "", **paper_cells(words, zone))
    known: dict[str, Callable[[Link], object]] = {
        "part": lambda one: "–".join(filter(None, map(_part, (one.from_ms, one.to_ms)))),
        "step": lambda one: said(one.step),
        "proves": lambda one: ", ".join(map(str, map(said, one.proves))),
        "place": lambda one: one.place,
    }
    if shown.clips:
        say()
        listed(
            shown.clips,
            "",
            id=lambda one: one.clip,
            starts_at=lambda one: time_shown(shown.filmed[one.clip].starts_at, zone),
            length=lambda one: span_text(shown.filmed[one.clip].duration_s),
            recorder=lambda one: shown.filmed[one.clip].recorder,
            **{name: cell for name, cell in known.items() if any(map(cell, shown.clips))},
        )
    if shown.completeness:
        say()
        tell_checked(shown.completeness)


def paper_cells(words: Words, zone: tzinfo) -> dict[str, Callable[[Paper], object]]:
    """What a list of written records shows of each."""
    return {
        "paper": lambda one: named(words, one.code),
        "number": lambda one: one.number,
        "day": lambda one: one.day,
        "begins": lambda one: time_shown(one.begins_at, zone),
        "ends": lambda one: time_shown(one.ends_at, zone),
        "step": lambda one: named(words, one.step),
        "id": lambda one: one.id,
    }


def named(words: Words, code: str | None) -> str | None:
    """A code as a person reads it; None where there is none."""
    return None if code is None else coded(words, code)


def _part(value_ms: int | None) -> str | None:
    return None if value_ms is None else span_text(value_ms / 1000)
