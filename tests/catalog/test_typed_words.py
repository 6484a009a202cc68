"""Nothing is signed that says nothing: every field of every kind of act, and what is stated at an ingest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.cases import cases
from catalog.errors import WordsUnfit
from catalog.recorders import recorders
from catalog.rules.acts import RECORDER_DOCKED, Act
from catalog.rules.typed_words import AS_TOLD, NOT_TYPED, OPENS, TEXTS, demand_act, demand_words
from ingest.examine import docking_of
from tests.catalog.test_act_schema import ACTS, AT, WHO

UNFIT = ("", " ", "\u3000", "a\nb", "a\x1b[2J", "a\u200bb", "a\u202eb", "a\u2028b", "a\udcff", "x" * 2001)
KNOWN = {"model": lambda: ["generic-dcim", "whole-volume"]}
TYPED = [act for act in ACTS if act.action != RECORDER_DOCKED]
"""All that people make; what a docking says nobody types, and nobody may refuse."""


def fields(act: Act) -> list[str]:
    words = [name for name, value in act.details.items() if isinstance(value, str | list) and name not in NOT_TYPED]
    return [*words, *(name for name in ("title", "note", "unit", "usb_serial") if name in act.details)]


@pytest.mark.parametrize("act", TYPED, ids=lambda act: act.action)
def test_what_says_something_is_taken(act: Act) -> None:
    demand_act(act, KNOWN)


@pytest.mark.parametrize("word", UNFIT, ids=ascii)
@pytest.mark.parametrize("act", TYPED, ids=lambda act: act.action)
def test_no_field_of_any_act_is_without_sense(act: Act, word: str) -> None:
    for name in fields(act):
        value: Any = ["JX0001", word] if isinstance(act.details[name], list) else word
        with pytest.raises(WordsUnfit, match=f"`{name}`"):
            demand_act(replace(act, details={**act.details, name: value}), KNOWN)
    if act.action in OPENS:
        with pytest.raises(WordsUnfit, match="number"):
            demand_act(replace(act, subject=word), KNOWN)
    else:  # a case or recorder that an earlier version entered so can still be retired, changed, unlinked
        demand_act(replace(act, subject=word), KNOWN)


@pytest.mark.parametrize("word", ["中队 3", "JX-0001/2", "a b", "😀", "é", "x" * 100])
def test_what_people_call_things_is_taken(word: str) -> None:
    for name in ("officer", "unit", "reason", "label"):
        demand_words({name: word})


def test_a_number_is_the_same_wherever_it_is_typed_again() -> None:
    for name, is_fit in (("unit", False), ("officer", False), *((name, True) for name in TEXTS | AS_TOLD)):
        if is_fit:
            demand_words({name: "a "})
        else:
            with pytest.raises(WordsUnfit, match="space"):
                demand_words({name: "a "})
    with pytest.raises(WordsUnfit, match="longer"):
        demand_words({"unit": "x" * 101})


def test_a_case_ends_after_it_began() -> None:
    def case(begins: int | None, ends: int | None) -> Act:
        at = [None if hours is None else AT + timedelta(hours=hours) for hours in (begins, ends)]
        told: dict[str, Any] = {"title": "x", "subject": None, "officers": (), "begins_at": at[0], "ends_at": at[1]}
        return cases.adding("1", **told, **WHO)

    for begins, ends in ((0, 1), (0, 0), (None, 1), (1, None)):
        demand_act(case(begins, ends), {})
    with pytest.raises(WordsUnfit, match="ends_at"):
        demand_act(case(1, 0), {})


@pytest.mark.parametrize(
    "said",
    [
        {"place": "a\u202eb"},
        {"place": ""},
        {"parties": [{"name": "a\u202eb"}]},
        {"opened": "9999-12-31"},
        {"begins_at": AT, "ends_at": AT - timedelta(hours=1)},
        {"inspected": "0001-01-01"},
        {"decided": "2026-02-30"},
        {"closed": "20260305"},
        {"fine": 10**30},
        {"fine": "nan"},
        {"fine": -1},
    ],
)
def test_what_is_corrected_is_asked_like_what_is_entered(said: dict[str, Any]) -> None:
    for act in (cases.opening((), {"title": "x", **said}, **WHO), cases.changing("1", said, reason="x", **WHO)):
        with pytest.raises(WordsUnfit, match=f"`{list(said)[-1]}`"):
            demand_act(act, {})


def test_a_model_is_one_of_those_there_are() -> None:
    demand_act(recorders.adding("EV1", model="whole-volume", **WHO), KNOWN)
    demand_act(recorders.changing("EV1", {"model": None}, **WHO), KNOWN)
    for act in (recorders.adding("EV1", model="X9", **WHO), recorders.changing("EV1", {"model": "X9"}, **WHO)):
        with pytest.raises(WordsUnfit, match="none of: generic-dcim, whole-volume"):
            demand_act(act, KNOWN)


@pytest.mark.parametrize("word", [word for word in UNFIT if word])
def test_what_is_stated_at_an_ingest_is_asked_too(word: str) -> None:
    for stated in ((word, None, None), (None, word, None), (None, None, word)):
        with pytest.raises(WordsUnfit):
            docking_of(stated[0], stated[1], stated[2], None, at=AT, by="clerk")
    assert docking_of("", "", "", "", at=AT, by="clerk").recorder is None
