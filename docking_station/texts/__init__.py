"""All texts of both languages (界面文字): a module a topic, no name in two. The language is always handed in."""

from __future__ import annotations

from catalog.station_error import Language
from docking_station.texts import (
    bays,
    card,
    case_file,
    case_register,
    clips,
    completeness,
    disclosure,
    dock,
    evaluation,
    finding,
    first_run,
    frame,
    imports,
    legal_review,
    pages,
    people,
    people_pages,
    policy,
    policy_pages,
    printing,
    queues,
    registers,
    releases,
    request_pages,
    requests,
    sign_in,
    statistics,
    todo,
    upload,
    vault,
    year,
)
from docking_station.texts.columns import COLUMNS

TOPICS = (
    bays,
    card,
    case_file,
    case_register,
    clips,
    completeness,
    disclosure,
    dock,
    evaluation,
    finding,
    first_run,
    frame,
    imports,
    legal_review,
    pages,
    people,
    people_pages,
    policy,
    policy_pages,
    printing,
    queues,
    registers,
    releases,
    request_pages,
    requests,
    sign_in,
    statistics,
    todo,
    upload,
    vault,
    year,
)
TEXTS: dict[str, tuple[str, str]] = {name: texts for topic in TOPICS for name, texts in topic.WORDS.items()}
__all__ = ["COLUMNS", "TEXTS", "TOPICS", "heads", "text"]


def text(name: str, language: Language, **facts: object) -> str:
    """Return a text in a language, with its facts put in; raises `KeyError` for a name nobody wrote."""
    return TEXTS[name][language == "zh"].format(**facts)


def heads(language: Language, *names: str) -> tuple[str, ...]:
    """Return the heads of columns in a language."""
    return tuple(COLUMNS[name][language == "zh"] for name in names)
