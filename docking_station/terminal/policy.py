"""The bureau's policy at a terminal (管理制度): what it says in plain words, what a new one changes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.policy import COPIES_MAX, Caps, Policy
from catalog.rules.policy_changes import Rows, cells_changed, erases_sooner, rows_changed, settings_changed
from catalog.rules.policy_checks import lists
from catalog.rules.policy_marks import Mark
from catalog.rules.policy_text import is_readable, name_zh, read_policy, read_whole
from catalog.rules.retention import Keep
from docking_station.services.people import Typed
from docking_station.station.errors import NotConfirmed
from docking_station.terminal.asking import ask, ask_who
from docking_station.terminal.output import ask_confirmation, remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import visible

MARKS_SHOWN, MARK_CHARS_MAX = 5, 80
CHANGES_SHOWN, CHANGE_CHARS_MAX = 20, 120
CONFIRMATIONS = ("erase", "清除")
"""What a person types to switch erasing on."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a new policy says otherwise, as a person reads it."""

    what: str
    before: str
    after: str


def described(one: Policy) -> dict[str, str]:
    """Everything a policy says, in plain words, by what it is about."""
    return dict(_described(one))


def _described(one: Policy) -> Iterator[tuple[str, str]]:
    yield word("policy_clearing"), word(f"policy_{one.clearing}", days=one.clearing_days)
    yield word("policy_overdue"), word("policy_of_hours", count=one.overdue_hours)
    yield word("policy_not_docked"), word("policy_of_days", count=one.not_docked_days)
    yield word("policy_set_clock"), word("policy_yes" if one.set_clock else "policy_no")
    yield word("policy_keep"), _keep(one.retention.months)
    yield word("policy_keep_linked"), _keep(one.retention.linked)
    yield word("policy_keep_important"), _keep(one.retention.important)
    yield word("policy_caps"), _caps(one.caps)
    for hours in one.hours:
        yield word("policy_hours", begins=f"{hours.begins:%H:%M}", ends=f"{hours.ends:%H:%M}"), _caps(hours.caps)


def counted(whole: BureauPolicy) -> dict[str, int]:
    """How many rows each list has that has any, by its place in the file."""
    return {".".join(str(part) for part in path): len(rows) for path, rows in lists(whole) if rows}


def show_marks(found: Sequence[Mark]) -> None:
    """Tell a person how many lines are still marked, and which come next."""
    if found:
        remark(word("policy_marked", count=len(found)))
    for one in found[:MARKS_SHOWN]:
        remark(f"  {one.line}: {visible(named(one.about))}: {visible(one.text)[:MARK_CHARS_MAX]}")


def _keep(keep: Keep) -> str:
    return word("policy_of_months", count=keep) if isinstance(keep, int) else word(f"policy_{keep}")


def _caps(caps: Caps) -> str:
    copies = (
        word("policy_of_no_cap_copies", count=COPIES_MAX)
        if caps.copies == COPIES_MAX
        else word("policy_of_copies", count=caps.copies)
    )
    speed = word("policy_of_no_cap_speed") if caps.megabytes_per_s is None else f"{caps.megabytes_per_s:g} MB/s"
    return word("policy_of_caps", copies=copies, speed=speed)


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What a new text of the policy says otherwise; than the default, where the one before cannot be read any more."""
    unread = list[Change]()
    if not is_readable(before):
        unread.append(Change(word("policy_before"), word("policy_unread"), word("policy_default")))
        before = ""
    old, new = described(read_policy(before)), described(read_policy(after))
    nothing = word("policy_nothing")
    in_words = (
        Change(what, old.get(what, nothing), new.get(what, nothing))
        for what in dict.fromkeys((*old, *new))
        if old.get(what) != new.get(what)
    )
    wholes = read_whole(before), read_whole(after)
    settings, cells = (
        tuple(Change(named(one.name), _shown(one.before), _shown(one.after)) for one in found(*wholes))
        for found in (settings_changed, cells_changed)
    )
    lists_ = (
        Change(named(one.name), word("policy_of_rows", count=one.before), _rows(one)) for one in rows_changed(*wholes)
    )
    return (*unread, *in_words, *settings, *lists_, *cells)


def named(name: str) -> str:
    """A setting, a list or a row of one (`steps.list lead`) as it is called at this terminal."""
    name, _, row = name.partition(" ")
    return f"{name_zh(name) if language() == 'zh' else name} {row}".rstrip()


def _shown(value: object) -> str:
    """A setting as a person reads it."""
    if isinstance(value, bool):
        return word("policy_is_so" if value else "policy_is_not_so")
    if isinstance(value, tuple) and value:
        return "; ".join(map(_shown, value)) if isinstance(value[0], tuple) else ", ".join(map(_shown, value))
    return "-" if value in (None, "", ()) else str(value)


def _rows(one: Rows) -> str:
    """A list as it is now: how many rows, and which came, went or changed."""
    codes = {"policy_rows_added": one.added, "policy_rows_removed": one.removed, "policy_rows_changed": one.changed}
    told = [word(name, count=len(some), codes=" ".join(some)) for name, some in codes.items() if some]
    return "; ".join([word("policy_of_rows", count=one.after), *(told or [word("policy_rows_moved")])])


def show_changes(found: tuple[Change, ...], *, in_short: bool) -> None:
    """Tell a person what becomes otherwise, words first, rows of lists last; `in_short` of what begins with nothing."""
    most, longest = (CHANGES_SHOWN, CHANGE_CHARS_MAX) if in_short else (len(found), sys.maxsize)
    if not found:
        say(word("policy_same"))
    for one in found[:most]:
        change = f"{visible(one.what)}: {visible(one.before)} → {visible(one.after)}"
        say(f"  {change if len(change) <= longest else change[: longest - 1] + '…'}")
    if len(found) > most:
        say(word("policy_more_changes", count=len(found) - most))


def ask_checked(one: Mark, words: str) -> bool | None:
    """Whether the bureau has checked a marked line, as a person answers; None at the end of the input, or to end."""
    say(f"{one.line}: {visible(named(one.about))}")
    for line in words.splitlines():
        say(f"  {visible(line)}")
    answer = ask(word("policy_is_checked"), at_end="q").lower()
    return None if answer in ("q", "止") else answer in ("y", "yes", "是")


def ask_one_of_two() -> Typed | None:
    """Account and secret of one of the two people, or None where nobody types them."""
    remark(word("policy_needs_two"))
    return ask_who()


def confirm(before: str, after: str, *, confirmed: bool, quiet: bool) -> None:
    """Show what becomes otherwise, and demand a person's word before files are erased sooner; raises `NotConfirmed`."""
    if not quiet:
        show_changes(changes(before, after), in_short=not before)
    new = read_policy(after)
    if confirmed or not erases_sooner(read_policy(before if is_readable(before) else ""), new):
        return
    warning = word("policy_erases", when=word(f"policy_{new.clearing}", days=new.clearing_days))
    if quiet or not sys.stdin.isatty():
        raise NotConfirmed()
    say(warning)
    if not ask_confirmation(CONFIRMATIONS):
        raise NotConfirmed()
