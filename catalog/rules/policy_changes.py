"""What a new policy says otherwise than the one before (制度变更), and whether one person may put it into force.

Source: whoever may see what, and what may be erased, is decided by two people. Shapes: a list is compared row by row,
by code where it has one; what the dock goes by is told in words elsewhere (`docking_station/terminal/policy.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.policy import Policy
from catalog.rules.policy_checks import lists
from catalog.rules.policy_reading import fields_of, row_kind
from catalog.rules.retention import longest

TOLD_IN_WORDS = ("clearing", "dock", "hours")
KEPT_IN_WORDS = ("months", "linked", "important")
RIGHTS = ("access", "roles", "secrecy")
SHOWN_WHOLE = (*RIGHTS, "retention", "recordings")
"""The sections that two people sign for: they see what a row says, not only which."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A single setting that is another now."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Rows:
    """A list that is another now: how many rows, and the codes (or numbers) of those that came, went or changed."""

    name: str
    before: int
    after: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def settings_changed(before: BureauPolicy, after: BureauPolicy) -> Iterator[Setting]:
    """Every single setting that differs."""
    for section in fields_of(BureauPolicy):
        old, new = (getattr(one, section.name) for one in (before, after))
        if section.name in TOLD_IN_WORDS or isinstance(old, tuple):
            continue
        for one in fields_of(section.hint):
            if row_kind(one.hint) is None and not (section.name == "retention" and one.name in KEPT_IN_WORDS):
                values = getattr(old, one.name), getattr(new, one.name)
                if values[0] != values[1]:
                    yield Setting(f"{section.section}.{one.key}", *values)


def rows_changed(before: BureauPolicy, after: BureauPolicy) -> Iterator[Rows]:
    """Every list that differs, also where only the order does: of some lists the first row that fits holds."""
    for (path, old), (_, new) in zip(lists(before), lists(after), strict=True):
        if old == new or path[0] in TOLD_IN_WORDS:
            continue
        was, now = _by_code(old), _by_code(new)
        changed = tuple(code for code in now if code in was and was[code] != now[code])
        added, removed = (
            tuple(one for one in first if one not in second) for first, second in ((now, was), (was, now))
        )
        yield Rows(".".join(map(str, path)), len(old), len(new), added, removed, changed)


def cells_changed(before: BureauPolicy, after: BureauPolicy) -> Iterator[Setting]:
    """What differs in the rows of `SHOWN_WHOLE`: each column of a row that changed, a row that came or went whole."""
    for (path, old), (_, new) in zip(lists(before), lists(after), strict=True):
        was, now, name = _by_code(old), _by_code(new), ".".join(map(str, path))
        for code in dict.fromkeys((*was, *now)) if path[0] in SHOWN_WHOLE else ():
            rows = [row for row in (was.get(code), now.get(code)) if row is not None]
            kind: Any = type(rows[0])
            columns = fields_of(kind)
            if len(rows) == 1:
                row = tuple(getattr(rows[0], one.name) for one in columns)
                yield Setting(f"{name} {code}", *((row, None) if code in was else (None, row)))
                continue
            for one in columns:
                first, second = (getattr(row, one.name) for row in rows)
                if first != second:
                    yield Setting(f"{name}.{one.key} {code}", first, second)


def changes_rights(before: BureauPolicy, after: BureauPolicy) -> bool:
    """Whether people may do otherwise than before: by switch, by title, by class."""
    return any(getattr(before, name) != getattr(after, name) for name in RIGHTS)


def erases_sooner(before: Policy, after: Policy) -> bool:
    """Whether files are erased that the policy before would still leave on their recorders."""
    order = {"never": None, "after-receipt": 0}
    old, new = (order.get(one.clearing, one.clearing_days) for one in (before, after))
    return new is not None and (old is None or new < old)


def keeps_shorter(before: BureauPolicy, after: BureauPolicy) -> bool:
    """Whether anything sealed from now on is kept for a shorter time, or a case file or matter gets another period."""
    old, new = before.retention, after.retention
    kept = ((getattr(old, name), getattr(new, name)) for name in KEPT_IN_WORDS)
    shorter = any(longest(pair) != pair[1] for pair in kept)
    counts_sooner = old.counts_from != new.counts_from == "closing"
    kept_as, keep_as = ({(row.code, row.keep) for row in one.recordings.every} for one in (before, after))
    others = bool(old.rules) and (old.classes, old.rules) != (new.classes, new.rules)
    return shorter or counts_sooner or others or not kept_as <= keep_as


def _by_code(rows: tuple[Any, ...]) -> Mapping[str, Any]:
    named = ((getattr(row, "code", getattr(row, "year", number)), row) for number, row in enumerate(rows, start=1))
    return {str(name): row for name, row in named}
