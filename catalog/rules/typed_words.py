"""What somebody types and the station signs or seals for ever (录入校验): words that say something, and times in order.

Asked once, before anything is signed. What was signed by an earlier version is carried out, and rebuilt, as it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date

from catalog.errors import WordsUnfit
from catalog.rules.acts import CASE_ADDED, PERSON_ADDED, RECORDER_ADDED, UNIT_ADDED, Act

NAME_CHARS_MAX, TEXT_CHARS_MAX = 100, 2000
TEXTS = frozenset({"description", "reason", "despite", "note", "title", "subject"})
"""Sentences; all others are numbers and names, which must be the same wherever they are typed again."""
AS_TOLD = frozenset({"usb_serial", "label"})
"""What a device says of itself, to the last space."""
NOT_TYPED = frozenset({"path", "text", "act", "case"})
"""What stands in another document or in the catalog already, whatever it is."""
GROUPS = frozenset({"parties", "served", "row"})
"""Fields that hold groups of words."""
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
OPENS = (CASE_ADDED, RECORDER_ADDED, UNIT_ADDED, PERSON_ADDED)
"""Acts whose subject is a new number; of every other act the subject is there already."""
PERIOD = ("begins_at", "ends_at")
DAYS, YEARS = (*PERIOD, "day", "inspected", "opened", "decided", "closed"), ("1900", "2199")
"""When something was, of cases and records: limits are counted from it, and a year 9999 has no day after it."""
DAY = re.compile(r"\d{4}-\d\d-\d\d(?!\d)", re.ASCII)
WHOLE_MAX = 10**15
"""More than any number that is typed; what no column of a database holds would be signed, and never carried out."""
Known = Mapping[str, Callable[[], Collection[str]]]
"""For a field, what may stand there."""


def demand_act(act: Act, known: Known) -> None:
    """Raise `WordsUnfit` for an act nobody should sign."""
    if act.action in OPENS:
        demand_words({"number": act.subject})
    for said in (act.details, act.details.get("changes") or {}):
        demand_words(said, known)
        _demand_numbers(said)
        begins, ends = (said.get(name) for name in PERIOD)
        if begins is not None and ends is not None and ends < begins:  # both are UTC, of one form
            raise WordsUnfit(field="ends_at", what="is before begins_at", what_zh="早于 begins_at")
        if act.action.startswith(("case.", "paper.", "disclosure.")):
            _demand_days(said)


def says_something(word: str) -> bool:
    """Whether there is anything in it that a person can see."""
    return any(not char.isspace() and unicodedata.category(char) not in HIDDEN for char in word)


def demand_words(fields: Mapping[str, object], known: Known | None = None) -> None:
    """Raise `WordsUnfit` for the first word that cannot stand; None says nothing, and may."""
    for field, value in fields.items():
        for word in value if isinstance(value, list | tuple) else (value,):
            if isinstance(word, str) and field not in NOT_TYPED:
                _demand(field, word)
            for part in word.values() if isinstance(word, Mapping) and field in GROUPS else ():
                if isinstance(part, str):
                    _demand_visible(field, part, TEXT_CHARS_MAX)
        if known and field in known and value is not None and value not in (able := known[field]()):
            names = ", ".join(sorted(able))
            raise WordsUnfit(field=field, what=f"is none of: {names}", what_zh=f"应为下列之一：{names}")


def _demand(field: str, word: str) -> None:
    if not word.strip():
        raise WordsUnfit(field=field, what="is empty", what_zh="不能为空")
    _demand_visible(field, word, TEXT_CHARS_MAX if field in TEXTS else NAME_CHARS_MAX)
    if field not in TEXTS | AS_TOLD and word != word.strip():
        raise WordsUnfit(field=field, what="begins or ends with a space", what_zh="首尾含空格")


def _demand_visible(field: str, word: str, most: int) -> None:
    hidden = next((char for char in word if unicodedata.category(char) in HIDDEN), None)
    if hidden is not None:
        code = f"U+{ord(hidden):04X}"
        raise WordsUnfit(field=field, what=f"holds {code}, which nobody can see", what_zh=f"含不可见字符 {code}")
    if len(word) > most:
        raise WordsUnfit(field=field, what=f"is longer than {most} characters", what_zh=f"超过 {most} 个字符")


def _demand_numbers(said: Mapping[str, object]) -> None:
    """Refuse a number that no column holds, and a fine that is none."""
    for field, value in said.items():
        if isinstance(value, int) and abs(value) > WHOLE_MAX:
            raise WordsUnfit(field=field, what=f"is more than {WHOLE_MAX}", what_zh=f"超过 {WHOLE_MAX}")
        if field == "fine" and (isinstance(value, bool | str) or (isinstance(value, int) and value < 0)):
            raise WordsUnfit(field=field, what="is no whole number of yuan", what_zh="应为整数（元）")


def _demand_days(said: Mapping[str, object]) -> None:
    for field in DAYS:
        value, (first, last) = said.get(field), YEARS
        if not isinstance(value, str):
            continue
        if not first <= value[:4] <= last:
            what, what_zh = f"is of no year from {first} to {last}", f"年份应在 {first} 至 {last} 之间"
            raise WordsUnfit(field=field, what=what, what_zh=what_zh)
        with suppress(ValueError):
            date.fromisoformat(value[:10])
            if DAY.match(value):
                continue
        raise WordsUnfit(field=field, what="is no day of a calendar (YYYY-MM-DD)", what_zh="不是有效日期（YYYY-MM-DD）")
