"""What the commands say besides errors (界面文字), in English and Chinese: a module a topic, no name in two."""

from __future__ import annotations

from functools import cache

from catalog.errors import Language, StationError
from docking_station.texts import card, clips, dock, policy, vault
from docking_station.texts.columns import COLUMNS

TOPICS = (card, clips, dock, policy, vault)
WORDS: dict[str, tuple[str, str]] = {name: texts for topic in TOPICS for name, texts in topic.WORDS.items()}
__all__ = ["COLUMNS", "TOPICS", "WORDS", "heads", "language", "word"]


@cache
def language() -> Language:
    """The language of this run: the settings', or the system's where there are none that can be read."""
    from docking_station.station.settings import home_from_environment, language_from_environment, read_settings

    try:
        return read_settings(home_from_environment()).language
    except StationError:
        return language_from_environment()


def word(name: str, **facts: object) -> str:
    """A text in the language of this run."""
    return WORDS[name][language() == "zh"].format(**facts)


def heads(*names: str) -> tuple[str, ...]:
    """Column heads in the language of this run."""
    return tuple(COLUMNS[name][language() == "zh"] for name in names)
