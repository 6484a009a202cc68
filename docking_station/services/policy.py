"""Adopting the bureau's policy (管理制度): a signed act; what erases sooner is confirmed by a person."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from catalog.acts import policy
from catalog.errors import PolicyBad, PolicyNeedsAnother
from catalog.people import people, units
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.policy import Policy
from catalog.rules.policy_changes import (
    Rows,
    Setting,
    cells_changed,
    changes_rights,
    erases_sooner,
    keeps_shorter,
    rows_changed,
    settings_changed,
)
from catalog.rules.policy_marks import Mark, marks, settled
from catalog.rules.policy_text import EXAMPLE, TEXT_BYTES_MAX, is_readable, read_policy, read_whole
from catalog.rules.toml_places import line_of, places
from catalog.rules.working_days import Counted, Unit, WorkingDays
from docking_station.services.people import Read, entered, two_people
from docking_station.services.rights import bind, is_founding
from docking_station.services.staff import demand_pair, known
from docking_station.station.errors import NotAllowed, PolicyFileMissing, unreadable
from docking_station.station.station import Station
from vault import durable

SHIPPED = Path(__file__).with_name("civil_affairs.toml")


def read_file(path: Path) -> str:
    """The words of a policy file, whether they can be used or not; raises `PolicyFileMissing`, `PolicyBad`."""
    try:
        with path.open("rb") as file:
            body = file.read(TEXT_BYTES_MAX + 1)
    except OSError as error:
        make = f"`evidock policy example > {path}`"
        raise PolicyFileMissing(path=path, **unreadable(error, (f"Make one: {make}", f"执行 {make} 生成"))) from error
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise PolicyBad(what=f"line {line}: not UTF-8 text", what_zh=f"第 {line} 行：不是 UTF-8 文本") from error


def shipped() -> str:
    """The policy of a civil affairs bureau that comes with the program: an example, to be adapted."""
    return SHIPPED.read_text(encoding="utf-8")


def text_of(station: Station) -> str | None:
    """The policy in force, word for word; None where none was adopted."""
    every = policy.history(station.database)
    return every[-1].text if every else None


def known_texts(opened: Callable[[], AbstractContextManager[Station]]) -> Iterator[str]:
    """The texts an Excel file can have come from besides a file: the examples, then every version, the newest first."""
    yield from (shipped(), EXAMPLE)
    with opened() as station:
        yield from (one.text for one in reversed(policy.history(station.database)))


def import_into(workbook: Path, into: Path | None, known: Callable[[], Iterable[str]]) -> tuple[str, str]:
    """The policy an Excel file came from, and the new one, which replaces the file `into` where one is given.

    Raises `PolicyListsUnusable`, `PolicyBad` by sheet, row and column, `PolicyFileMissing`.
    """
    from docking_station.services.policy_lists import base_of, read_lists

    lists = read_lists(workbook)
    old = base_of(lists, [read_file(into)] if into is not None else known())
    new = lists.into(old)
    if into is not None and new != old:
        _replace(into, new)
    return old, new


def settle(path: Path, ask: Callable[[Mark, str], bool | None]) -> tuple[int, int]:
    """Lead through the marked lines of a policy file; returns how many marks were taken out, and how many are left.

    `ask` gets each with its words, down to the line of the value it is about, and says whether the bureau has checked
    it, or None to end. The file is written after each. Raises `PolicyFileMissing`, `PolicyBad`.
    """
    text, count = read_file(path), 0
    read_whole(text)
    for one in marks(text):
        last = line_of(text, places(text), one.path) or one.line  # what was taken out moves all that follows
        is_checked = ask(one, "\n".join(text.split("\n")[one.line - 1 : max(one.line, last)]))
        if is_checked is None:
            break
        if is_checked:
            text, count = settled(text, frozenset({one.line})), count + 1
            _replace(path, text)
    return count, len(marks(text))


def _replace(path: Path, text: str) -> None:
    try:
        durable.replace_file(path, text.encode(), stat.S_IMODE(path.stat().st_mode))
    except OSError as error:
        raise PolicyFileMissing(path=path, **unreadable(error)) from error


def due_day(station: Station, day: date, count: int, unit: Unit) -> Counted:
    """The last day of a limit, by the calendar of the policy in force now; raises `CalendarEnds`."""
    return WorkingDays(read_whole(text_of(station) or "").calendar).due(day, count, unit)


def needs_two(before: str, after: str) -> tuple[str, ...]:
    """Why one person alone may not put a policy into force: it changes rights, erases sooner, or keeps shorter.

    Against one that this version of the program cannot read, it may do any of that.
    """
    if not is_readable(before):
        return "rights", "erases", "keeps"
    wholes, docks = (read_whole(before), read_whole(after)), (read_policy(before), read_policy(after))
    found = {
        "rights": changes_rights(*wholes),
        "erases": erases_sooner(*docks),
        "keeps": keeps_shorter(*wholes),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def takes_two(station: Station, before: str, after: str) -> bool:
    """Whether two people put a policy into force: what `needs_two` once a secret is set, all once people are ruled."""
    return _is_ruled(station) or bool(needs_two(before, after) and entered(station))


def may_propose(station: Station, caller: Caller) -> bool:
    """Whether who asks is one of those who put a policy into force."""
    try:
        return not _is_ruled(station) or bool(known(station, caller, Right.POLICY_PROPOSE, Right.POLICY_ADOPT))
    except NotAllowed:
        return False


def _is_ruled(station: Station) -> bool:
    """Whether people are entered who propose and adopt."""
    return people.are_entered(station.database) and not is_founding(station)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a text would do in place of the policy in force, `version`, 0 for none; `needs_two` as the function.

    `settings` and `rows` are what it says otherwise; `marked` are the lines a bureau must check itself 待核定.
    """

    sha256: str
    version: int
    is_new: bool
    two_people: bool
    needs_two: tuple[str, ...]
    settings: tuple[Setting, ...]
    rows: tuple[Rows, ...]
    marked: tuple[Mark, ...]


def compare(station: Station, text: str) -> Compared:
    """Say what adopting a text would do; changes nothing. Raises `PolicyBad`.

    What this version of the program cannot read any more is compared as the default.
    """
    every, whole, dock = policy.history(station.database), read_whole(text), read_policy(text)
    old = every[-1].text if every else ""
    known = old if is_readable(old) else ""
    wholes, before = (read_whole(known), whole), read_policy(known)
    docks = (Setting(one.name, getattr(before, one.name), getattr(dock, one.name)) for one in fields(Policy))
    settings = (*(one for one in docks if one.before != one.after), *settings_changed(*wholes), *cells_changed(*wholes))
    is_new = not every or old != text
    return Compared(
        policy.digest(text),
        every[-1].version if every else 0,
        is_new,
        is_new and takes_two(station, old, text),
        needs_two(old, text),
        settings,
        tuple(rows_changed(*wholes)),
        tuple(marks(text)),
    )


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a file did: the version that is in force now, and both texts; no change, no new version."""

    version: int
    sha256: str
    before: str
    after: str
    is_new: bool


def adopt_policy(
    station: Station,
    caller: Caller,
    path: Path,
    confirm: Callable[[str, str], None],
    read: Read = lambda: None,
) -> Adoption:
    """Put a policy file in force; raises `PolicyFileMissing`, and as `adopt_text`."""
    return adopt_text(station, caller, read_file(path), confirm, read)


def adopt_text(
    station: Station,
    caller: Caller,
    text: str,
    confirm: Callable[[str, str], None],
    read: Read = lambda: None,
) -> Adoption:
    """Put the words of a policy in force.

    `confirm` gets the text before and the new one, and raises `NotConfirmed` where a person does not want it. From the
    first person on whose secret is set, what `needs_two` is signed by two, and all of it once people are entered who
    propose and adopt; `read` asks one for account and secret. Raises `PolicyBad`, `NotAllowed`, `PolicyNeedsAnother`,
    `NeedsAnother`, `PersonUnknown`, `SecretWrong`, and what `confirm` raises.
    """
    read_whole(text)
    confirmed: int | None = None
    two: tuple[Caller, Caller] | None = None
    while True:
        with station.changing("acts", wait=True):
            station.act_writer.catch_up()  # what a crash left on its way is in force, and must not become two versions
            every = policy.history(station.database)
            old = every[-1].text if every else ""
            if every and every[-1].text == text:
                _enter_units(station, caller, text)
                return Adoption(every[-1].version, every[-1].sha256, old, text, is_new=False)
            if confirmed == len(every):
                act = policy.adopting(text, at=station.now(), actor=caller.actor, two=two)
                station.act_writer.carry_out(act)
                _enter_units(station, caller, text)
                return Adoption(len(policy.history(station.database)), policy.digest(text), old, text, is_new=True)
        confirm(old, text)  # nobody else waits meanwhile; what they changed is confirmed anew
        two = None
        if is_ruled := _is_ruled(station):
            known(station, caller, Right.POLICY_PROPOSE, Right.POLICY_ADOPT)
        if takes_two(station, old, text):
            two = two_people(station, caller, read, lambda who: PolicyNeedsAnother(person=who))
        if is_ruled and two is not None:
            demand_pair(station, *two, (Right.POLICY_PROPOSE, Right.POLICY_ADOPT))
        confirmed = len(every)


def _enter_units(station: Station, caller: Caller, text: str) -> None:
    """Enter below the bureau what units of a policy are not there yet; what is there stands as acts made it."""
    known = {one.code for one in units.every(station.database)}
    for one in read_whole(text).units:
        if one.code not in known:
            said: dict[str, Any] = {"name": one.name, "was": one.was, "kind": one.kind, "number": one.number or None}
            act = units.adding(one.code, **said, at=station.now(), actor=bind(station, caller).actor)
            station.act_writer.carry_out(act)
