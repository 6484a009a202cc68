"""Errors a person can act on (错误): a code for ever, one sentence and one hint in two languages.

Every error of the house is a `StationError`. Its class holds `code` (never reused), `retry` (may it pass by
itself), `exit_status` (of the command that ends with it), and the texts as `str.format` templates over the
facts the error was made with.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import ClassVar, Literal

from catalog.rules.canonical import local_time

Language = Literal["en", "zh"]


class StationError(Exception):
    """The base. Make a subclass for each thing that can happen; give its facts as keyword arguments."""

    code: ClassVar[str]
    retry: ClassVar[bool] = False
    exit_status: ClassVar[int] = 1
    reach: ClassVar[Literal["one", "all"]] = "one"
    """Whether `one` file, clip or act is at fault, and the others go on, or `all` wait."""
    is_many: ClassVar[bool] = False
    """Whether its message has a line for each of many things; else a line end in it is somebody's name, never shown."""
    en: ClassVar[tuple[str, str]]
    """Sentence and hint in English, as templates over the facts."""
    zh: ClassVar[tuple[str, str]]
    """Sentence and hint in Chinese (中文): 一句话说明, 下一步."""
    page_hint: ClassVar[tuple[str, str] | None] = None
    """What to do next for somebody at a page, who types no commands: in English and Chinese; None: the hint."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message())

    def message(self, language: Language = "en", zone: tzinfo = UTC) -> str:
        """What happened, in one sentence; a fact that is a time is said in `zone`, one that is a tuple part by part."""
        return self._texts(language)[0].format(**{name: _said(fact, zone) for name, fact in self.facts.items()})

    def hint(self, language: Language = "en") -> str:
        """What to do next."""
        return self._texts(language)[1].format(**self.facts)

    def hint_at_page(self, language: Language = "en") -> str:
        """What to do next, without a command to type; empty where only somebody with a terminal can do anything."""
        if self.page_hint is not None:
            return self.page_hint[language == "zh"].format(**self.facts)
        hint = self.hint(language)
        return "" if "`evidock" in hint or "--" in hint else hint

    def _texts(self, language: Language) -> tuple[str, str]:
        return self.zh if language == "zh" else self.en


def _said(fact: object, zone: tzinfo) -> object:
    if isinstance(fact, tuple):
        return " ".join(str(_said(part, zone)) for part in fact)
    if isinstance(fact, datetime):
        at = local_time(fact, zone)
        return f"{at:%Y-%m-%d %H:%M}{' UTC' if at.tzinfo is UTC else ''}"
    return fact
