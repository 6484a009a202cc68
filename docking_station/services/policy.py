"""The bureau's policy on the screen (管理制度): its words, what a new one changes, and adopting it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.acts import policy
from catalog.failures import PolicyBad
from catalog.rules.policy import COPIES_MAX, Caps, Policy
from catalog.rules.policy_text import TEXT_BYTES_MAX, read_policy
from catalog.rules.retention import Keep
from docking_station.station.errors import NotConfirmed, PolicyFileMissing
from docking_station.station.station import Station
from docking_station.terminal.output import ask_confirmation, say
from docking_station.terminal.words import word

CONFIRMATIONS = ("erase", "清除")
"""What a person types to switch erasing on."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a new policy says otherwise, as a person reads it."""

    what: str
    before: str
    after: str


def read_file(path: Path) -> str:
    """The words of a policy file, whether they can be used or not; raises `PolicyFileMissing`, `PolicyBad`."""
    try:
        with path.open("rb") as file:
            body = file.read(TEXT_BYTES_MAX + 1)
    except OSError as error:
        raise PolicyFileMissing(path=path, reason=error.strerror) from error
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise PolicyBad(where=f"line {line}", what="not UTF-8 text", what_zh="不是 UTF-8 文本") from error


def told(one: Policy) -> dict[str, str]:
    """Everything a policy says, in plain words, by what it is about."""
    return dict(_told(one))


def _told(one: Policy) -> Iterator[tuple[str, str]]:
    yield word("policy_clearing"), word(f"policy_{one.clearing}", days=one.clearing_days)
    yield word("policy_overdue"), word("policy_of_hours", count=one.overdue_hours)
    yield word("policy_not_docked"), word("policy_of_days", count=one.not_docked_days)
    yield word("policy_set_clock"), word("policy_yes" if one.set_clock else "policy_no")
    yield word("policy_keep"), word("policy_of_months", count=one.retention.months)
    yield word("policy_keep_linked"), _keep(one.retention.linked)
    yield word("policy_keep_important"), _keep(one.retention.important)
    yield word("policy_caps"), _caps(one.caps)
    for hours in one.hours:
        yield word("policy_hours", begins=f"{hours.begins:%H:%M}", ends=f"{hours.ends:%H:%M}"), _caps(hours.caps)


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


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """What a new policy says otherwise."""
    old, new = told(before), told(after)
    nothing = word("policy_nothing")
    return tuple(
        Change(what, old.get(what, nothing), new.get(what, nothing))
        for what in dict.fromkeys((*old, *new))
        if old.get(what) != new.get(what)
    )


def erases_sooner(before: Policy, after: Policy) -> bool:
    """Whether files are erased that the policy before would still leave on their recorders."""
    order = {"never": None, "after-receipt": 0}
    old, new = (order.get(one.clearing, one.clearing_days) for one in (before, after))
    return new is not None and (old is None or new < old)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting a file did: the version that holds now, and what changed; no change, no new version."""

    version: int
    sha256: str
    changes: tuple[Change, ...]
    is_new: bool


def adopt(station: Station, path: Path, *, confirmed: bool, quiet: bool) -> Adoption:
    """Make a policy file hold; asks on a terminal before erasing is switched on. Raises `NotConfirmed`, `PolicyBad`."""
    text = read_file(path)
    new = read_policy(text)
    station.database.migrate()
    every = policy.history(station.database)
    if every and every[-1].text == text:
        return Adoption(every[-1].version, every[-1].sha256, (), is_new=False)
    old = policy.current(station.database)
    found = changes(old, new)
    if not quiet:
        show_changes(found)
    if erases_sooner(old, new) and not confirmed:
        _ask(new, quiet=quiet)
    with station.changing("acts", wait=True):
        act = policy.adopting(text, at=station.now(), actor=station.actor)
        station.registrar.carry_out(act)
        return Adoption(len(policy.history(station.database)), policy.digest(text), found, is_new=True)


def show_changes(found: tuple[Change, ...]) -> None:
    """Tell a person what becomes otherwise."""
    if not found:
        say(word("policy_same"))
    for one in found:
        say(f"  {one.what}: {one.before} → {one.after}")


def _ask(new: Policy, *, quiet: bool) -> None:
    """Demand that a person says yes to erasing."""
    warning = word("policy_erases", when=word(f"policy_{new.clearing}", days=new.clearing_days))
    if quiet or not sys.stdin.isatty():
        raise NotConfirmed()
    say(warning)
    if not ask_confirmation(CONFIRMATIONS):
        raise NotConfirmed()
