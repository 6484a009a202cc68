"""Requests and the register of copies for a person's eyes (申请与登记): tables, one request, a CSV for Excel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

from catalog.rules.requests import EMERGENCY, WORDS, Copy
from docking_station.services.requests import Shown
from docking_station.services.table_files import write_table
from docking_station.terminal.output import listed, pairs, print_json, remark, say, table
from docking_station.terminal.words import heads, language, word
from docking_station.texts.plain import called, spans_text, time_shown

REGISTER = (
    *("request", "asked_by", "asked_at", "reason", "use", "document", "clips", "state", "approved_by", "until"),
    *("copy", "made_by", "made_at", "sha256", "medium", "receiver", "handed_at", "returned_at", "witness"),
)


def list_shown(found: Sequence[Shown], zone: tzinfo, names: Mapping[str, str], *, as_json: bool) -> None:
    """Print requests, one a line; `names` are people's, by their numbers."""
    if as_json:
        print_json(found)
        return
    listed(
        found,
        "no_requests",
        request=lambda one: one.request.no,
        state=lambda one: state_word(one.state),
        wanted=lambda one: word(f"wanted_{one.request.wanted}"),
        clips=lambda one: len(one.request.clips),
        asked_by=lambda one: one.request.organ or called(names, one.request.asked_by),
        at=lambda one: time_shown(one.request.asked_at, zone),
        until=lambda one: time_shown(one.request.until or one.lapses_at, zone),
        reason=lambda one: one.request.reason,
    )


def show_request(shown: Shown, zone: tzinfo, names: Mapping[str, str], *, as_json: bool) -> None:
    """Print one request, its decision and its copies; `names` are people's, by their numbers."""
    if as_json:
        print_json(shown)
        return
    one = shown.request
    facts = {
        "request": one.no,
        "state": state_word(shown.state),
        "wanted": word(f"wanted_{one.wanted}"),
        "case": one.case_id,
        "about": one.description,
        "reason": one.reason,
        "use": one.use,
        "document": one.paper,
        "organ": " ".join(filter(None, (one.organ, one.letter))),
        "asked_by": f"{called(names, one.asked_by)}  {time_shown(one.asked_at, zone)}",
        "approved_by": _said(called(names, one.decided_by), time_shown(one.decided_at, zone), one.decided_reason),
        "until": time_shown(one.until or shown.lapses_at, zone),
        "clips": ", ".join(one.granted or one.clips),
        "watermark": one.watermark,
        "revoked": _said(called(names, one.revoked_by), time_shown(one.revoked_at, zone), one.revoked_reason),
    }
    pairs({heads(name)[0]: value for name, value in facts.items() if value})
    if shown.copies:
        say()
        listed(
            shown.copies,
            "",
            copy=lambda copy: copy.no,
            state=lambda copy: state_word(copy.state),
            made_by=lambda copy: called(names, copy.made_by),
            made_at=lambda copy: time_shown(copy.made_at, zone),
            receiver=lambda copy: copy.receiver,
            sha256=lambda copy: copy.sha256,
        )
    show_looks(shown, zone)


def show_looks(shown: Shown, zone: tzinfo) -> None:
    """Print what was watched in an emergency."""
    if shown.request.wanted == EMERGENCY:
        say()
        listed(
            shown.looks,
            "no_emergency_looks",
            clip=lambda look: look.clip,
            at=lambda look: time_shown(look.at, zone),
            watched=lambda look: _spans(look.watched_ms),
        )


def _spans(spans: Sequence[tuple[int, int]] | None) -> str:
    """As `0:05-1:30`, minutes and seconds."""
    if spans is None:
        return word("unknown")
    return spans_text(spans)


def show_register(found: Sequence[Shown], zone: tzinfo, *, as_json: bool) -> None:
    """Print the register: each copy, and each request that has none."""
    if as_json:
        print_json(found)
    elif found:
        table(heads(*REGISTER), list(register_rows(found, zone)))
    else:
        remark(word("no_requests"))


def write_register(found: Sequence[Shown], zone: tzinfo, to: Path) -> None:
    """Write the register as CSV that Excel opens as it is; raises `FileThere`, `CannotPull`."""
    write_table(to, [heads(*REGISTER), *register_rows(found, zone)])


def register_rows(found: Sequence[Shown], zone: tzinfo) -> Iterator[list[object]]:
    """The rows of the register, the oldest first."""
    for shown in reversed(found):
        for copy in shown.copies or (None,):
            yield [*_of_request(shown, copy, zone), *_of_copy(copy, zone)]


def state_word(state: str) -> str:
    """A state as a person reads it."""
    return WORDS[state][language() == "zh"]


def _of_request(shown: Shown, copy: Copy | None, zone: tzinfo) -> list[object]:
    one = shown.request
    asker = " ".join(filter(None, (one.organ, one.letter, one.asked_by)))
    clips = copy.clips if copy is not None else one.granted or one.clips
    state = state_word(copy.state if copy is not None else shown.state)
    what = [one.reason, one.use, one.paper, " ".join(clips), state]
    return [one.no, asker, time_shown(one.asked_at, zone), *what, one.decided_by, time_shown(one.until, zone)]


def _of_copy(copy: Copy | None, zone: tzinfo) -> list[object]:
    if copy is None:
        return [None] * 9
    made = [copy.no, copy.made_by, time_shown(copy.made_at, zone), copy.sha256]
    handed = [copy.medium, copy.receiver, time_shown(copy.handed_at, zone)]
    return [*made, *handed, time_shown(copy.returned_at, zone), copy.witness]


def _said(who: str | None, at: str | None, why: str | None) -> str:
    return "  ".join(filter(None, (who, at, why)))
