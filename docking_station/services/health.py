"""What is wrong with the station now, and what to do (健康检查): decisions over facts, worst first.

Pure: `docking_station/services/health_facts.py` brings the facts. A fact that could not be had is None and says
nothing; that it could not be had is a fault of its own. Severities: `attention`: the station works, a person should
act; `broken`: evidence is not taken or not sealed, or its proof is in danger. Units: in the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from catalog.keeping.storage_refusals import Refused
from catalog.rules.callers import person
from catalog.rules.requests import Request, state_at
from catalog.station_error import Language, StationError
from docking_station.faces.board import BayView, StationView, Why
from docking_station.faces.errors import DockCrowded, DockForbidden
from docking_station.texts.health import BY_COMMAND, PAGE_HINTS, PARTS, TEXTS
from docking_station.texts.plain import in_zone, size_text

Severity = Literal["attention", "broken"]
State = Literal["ok", "attention", "broken"]

EXIT_STATUS: dict[Severity, int] = {"attention": 4, "broken": 5}
BEAT_S_MAX = 60.0
UNSEALED_LATE = timedelta(hours=4)
UNSEALED_TOO_LATE = timedelta(hours=24)
SPOOL_LOW_SHARE = 0.10
BACKUP_LATE = timedelta(days=3)
VAULT_LOW_SHARE, VAULT_FULL_SHARE = 0.05, 0.01
NOT_DOCKED_MAX = 50
MILD = (DockCrowded, DockForbidden)


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a disk has (磁盘空间)."""

    path: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Copies and files that wait, as the station's own disk tells (待处理情况)."""

    unsealed: int
    held: int
    oldest_held: str | None
    acts: int = 0
    """Changes that were signed and refused."""
    first_act: Why | None = None


@dataclass(frozen=True, slots=True)
class NotDocked:
    """A recorder that was not docked for so many days (长期未接入), and who has it."""

    officer: str
    recorder: str
    days: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that could be found out; `faults` and `failed` are what looks at parts raised, `silent` never came."""

    now: datetime
    reserve_bytes: int
    faults: tuple[StationError, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()
    silent_s: float = 0.0
    station: StationView | None = None
    bays: tuple[BayView, ...] = ()
    beat_s: float | None = None
    clock: str | None = None
    spool: Room | None = None
    oldest_copy_at: datetime | None = None
    vault_room: Room | None = None
    kept: Kept | None = None
    not_docked: tuple[NotDocked, ...] = ()
    unjudged: tuple[Request, ...] = ()
    """Emergency looks that nobody judged."""
    readable_keys: tuple[str, ...] = ()
    writable_keys: tuple[str, ...] = ()
    plain_key: str | None = None
    missing: tuple[str, ...] = ()
    missing_tools: tuple[str, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()
    papers: tuple[tuple[str, str], ...] = ()
    """Clips whose manifest, signature or time stamp is damaged."""
    refused: tuple[Refused, ...] = ()
    owed: tuple[int, int] = (0, 0)
    """What vaults of a mirror lack for long, and for how many days."""
    unread: int = 0
    backed_up_at: datetime | None = None
    """None where this station was never backed up, which it may leave to others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: how bad, and the words for it."""

    severity: Severity
    why: Why


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Everything that is wrong, worst first, each code and sentence once."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in _all(facts):
        found.setdefault((finding.why.code, finding.why.en[0]), finding)
    return tuple(sorted(found.values(), key=lambda finding: finding.severity != "broken"))


def exit_status(found: tuple[Finding, ...]) -> int:
    """0: nothing is wrong; 4: something needs attention; 5: something is broken."""
    return max((EXIT_STATUS[finding.severity] for finding in found), default=0)


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in one language; its fields are keys of `health --json`."""

    code: str
    severity: Severity
    message: str
    hint: str


def told(found: tuple[Finding, ...], language: Language) -> tuple[Told, ...]:
    """The findings in a language."""
    words = ((one, one.why.zh if language == "zh" else one.why.en) for one in found)
    return tuple(Told(one.why.code, one.severity, message, hint) for one, (message, hint) in words)


def told_at_page(found: tuple[Finding, ...], language: Language, zone: tzinfo) -> tuple[Told, ...]:
    """The findings for who sits at a page: times in their zone; instead of a command, a page or whom to ask."""
    every = told(found, language)
    return tuple(
        replace(one, message=in_zone(one.message, zone), hint=at_page(one.code, one.hint, language)) for one in every
    )


def at_page(code: str, hint: str, language: Language) -> str:
    """What to do, for who sits at a page: there, or, where only a command does it, whom to ask."""
    if code in PAGE_HINTS:
        return PAGE_HINTS[code][language == "zh"]
    return BY_COMMAND[language == "zh"].format(hint=hint) if "`" in hint else hint


def state_of(found: tuple[Finding, ...]) -> State:
    """How the station is, in one word."""
    return found[0].severity if found else "ok"


def _all(facts: Facts) -> Iterator[Finding]:
    yield from _looks(facts)
    yield from _clock(facts)
    yield from _rooms(facts)
    yield from _waiting(facts)
    yield from _evidence(facts)
    yield from _keys(facts)
    for tool in facts.missing_tools:
        yield _said("health.tool-missing", "attention", tool=tool)
    if facts.backed_up_at is not None and facts.now - facts.backed_up_at > BACKUP_LATE:
        yield _said("health.backup-late", "attention", days=(facts.now - facts.backed_up_at).days)
    yield from _bays(facts)
    yield from _recorders(facts)
    for one in facts.unjudged:
        late = "health.emergency-late" if state_at(one, facts.now) == "overdue" else "health.emergency-open"
        yield _said(late, "attention", request=one.no, by=person(one.asked_by))


def _looks(facts: Facts) -> Iterator[Finding]:
    """What could not be looked at, or gives no answer."""
    for error in facts.faults:
        yield Finding("attention" if isinstance(error, MILD) else "broken", Why.of(error))
    for part, reason in facts.failed:
        what = part.replace("_", " ")
        yield _said("health.look-failed", "broken", what=what, what_zh=PARTS[part], reason=reason)
    for part in facts.silent:
        yield _said("health.silent", "broken", what=part.replace("_", " "), what_zh=PARTS[part], seconds=facts.silent_s)
    if facts.beat_s is not None and facts.beat_s > BEAT_S_MAX:
        yield _said("health.dock-hung", "broken", seconds=round(facts.beat_s))
    for path in facts.missing:
        yield _said("health.missing", "broken", path=path)


def _evidence(facts: Facts) -> Iterator[Finding]:
    for clip, fault in facts.damaged:
        yield _said("health.original-damaged", "broken", clip=clip, fault=fault)
    for clip, fault in facts.papers:
        yield _said("health.paper-damaged", "broken", clip=clip, fault=fault.rstrip("."))
    for one in facts.refused:
        values = {"count": one.count, "first": one.first, "reason": one.reason}
        yield (
            _said("health.hold-refused", "attention", **values)
            if one.what == "hold"
            else _said("health.lock-refused", "broken", **values)
        )
    if facts.owed[0]:
        yield _said("health.mirror-behind", "attention", count=facts.owed[0], days=facts.owed[1])
    if facts.unread:
        yield _said("health.scrub-late", "attention", count=facts.unread)


def _keys(facts: Facts) -> Iterator[Finding]:
    for path in facts.writable_keys:
        yield _said("health.keys-writable", "broken", path=path)
    for path in facts.readable_keys:
        yield _said("health.key-readable", "attention", path=path)
    if facts.plain_key is not None:
        yield _said("health.key-plain", "attention", path=facts.plain_key)


def _clock(facts: Facts) -> Iterator[Finding]:
    clock = facts.clock or (facts.station.clock if facts.station is not None else None)
    if clock == "free":
        yield _said("health.clock-free", "attention")
    elif clock == "wrong":
        yield _said("health.clock-wrong", "broken")


def _rooms(facts: Facts) -> Iterator[Finding]:
    spool, vault = facts.spool, facts.vault_room
    if spool is not None:
        low = max(2 * facts.reserve_bytes, round(SPOOL_LOW_SHARE * spool.total_bytes))
        if spool.free_bytes < facts.reserve_bytes:
            sizes = {"free": size_text(spool.free_bytes), "reserve": size_text(facts.reserve_bytes)}
            yield _said("health.spool-full", "broken", path=spool.path, **sizes)
        elif spool.free_bytes < low:
            yield _said("health.spool-low", "attention", path=spool.path, free=size_text(spool.free_bytes))
    if vault is not None and vault.free_bytes < VAULT_LOW_SHARE * vault.total_bytes:
        full = vault.free_bytes < VAULT_FULL_SHARE * vault.total_bytes
        code = "health.vault-full" if full else "health.vault-low"
        yield _said(code, "broken" if full else "attention", path=vault.path, free=size_text(vault.free_bytes))


def _waiting(facts: Facts) -> Iterator[Finding]:
    station, kept = facts.station, facts.kept
    oldest = station.oldest_unsealed_at if station is not None else facts.oldest_copy_at
    count = station.unsealed if station is not None else kept.unsealed if kept is not None else 0
    if oldest is not None and count and (age := facts.now - oldest) > UNSEALED_LATE:
        severity: Severity = "broken" if age > UNSEALED_TOO_LATE else "attention"
        yield _said("health.unsealed-old", severity, hours=int(age / timedelta(hours=1)), count=count)
    if kept is not None and kept.held:
        yield _said("health.held", "attention", count=kept.held, since=_to_minute(kept.oldest_held))
    if kept is not None and kept.first_act is not None:
        (en, en_hint), (zh, zh_hint) = kept.first_act.en, kept.first_act.zh
        more = (f" ({kept.acts} in all)", f"（共 {kept.acts} 项）") if kept.acts > 1 else ("", "")
        yield Finding("attention", Why(kept.first_act.code, (en + more[0], en_hint), (zh + more[1], zh_hint)))


def _bays(facts: Facts) -> Iterator[Finding]:
    if facts.station is not None:
        for why in (facts.station.vault, facts.station.catalog):
            if why is not None:
                yield Finding("broken", why)
    for view in facts.bays:
        if view.state in ("unknown", "full") and view.why is not None:
            (en, en_hint), (zh, zh_hint) = view.why.en, view.why.zh
            of_bay = Why(view.why.code, (f"Bay {view.bay}: {en}", en_hint), (f"仓位 {view.bay}：{zh}", zh_hint))
            yield Finding("attention", of_bay)
        if view.overdue:
            recorder = view.recorder or view.device or "?"
            yield _said("health.overdue", "attention", bay=view.bay, count=view.overdue, recorder=recorder)


def _recorders(facts: Facts) -> Iterator[Finding]:
    longest = sorted(facts.not_docked, key=lambda one: -one.days)
    for one in longest[:NOT_DOCKED_MAX]:
        yield _said("health.not-docked", "attention", officer=one.officer, recorder=one.recorder, days=one.days)
    if rest := longest[NOT_DOCKED_MAX:]:
        yield _said("health.not-docked-more", "attention", count=len(rest), days=rest[-1].days)


def _to_minute(moment: str | None) -> str:
    """A moment in UTC, as a journal writes it, to the minute; whoever reads the sentence is told it in their zone."""
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "?"


def _said(code: str, severity: Severity, **facts: object) -> Finding:
    (en, en_hint), (zh, zh_hint) = TEXTS[code]
    return Finding(
        severity,
        Why(code, (en.format(**facts), en_hint.format(**facts)), (zh.format(**facts), zh_hint.format(**facts))),
    )
