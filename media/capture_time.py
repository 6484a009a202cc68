"""When a clip starts (拍摄时间): the best of what satellites, EXIF, container, name and file system say. Pure.

Sources: AOSP MPEG4Writer stamps the end; SoC muxers write local time as if it were UTC; FAT keeps local time with no
zone; a recorder's clock drifts 3 s a day and falls back to its factory date when the battery dies. Every claim is
kept; this module only chooses and says why the others are doubted. Shapes: n claims -> one CaptureTime.
Units: seconds; `starts_at` ± `uncertainty_s` holds the true start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from catalog.evidence import CaptureTime, CardClock, RefersTo, TimeClaim

CLOCK_S = 900.0
"""How far a recorder's clock may be off that nobody checked: 300 days at 3 s a day."""
HALF_DAY = timedelta(hours=12)
"""A day alone is read as its noon, this wide."""
ZONE_S = 14 * 3600.0
"""The widest zone: what a time may be off whose zone nobody stated."""
GPS_S = 5.0
LENGTH_UNKNOWN_S = 12 * 3600.0
"""How long before its end a clip of unknown length may have begun: one shift."""
YEAR_S = 366 * 24 * 3600.0
EARLIEST = datetime(2018, 1, 1, tzinfo=UTC)
"""No recorder in service is older; a time before it is a factory date."""
LATEST_AFTER_DOCKING = timedelta(days=1)
HOUR_S = 3600.0
SAME_CLOCK_S = 120.0
LATE_S_MAX = 1800.0
"""A clip whose length nobody knows allows any zone; nothing is concluded from that."""
READING_S = 1.0
"""Readings are cut to whole seconds, and a receiver tells its position a little late."""
XMP, IPTC, CHANGED = "xmp", "iptc", "changed"
KEPT_ONLY = frozenset({XMP, IPTC, CHANGED})
"""Sources of claims that are kept and never chosen: what other programs wrote, and when a file was changed."""
CARD = "card"
"""The source of a claim that was worked out from the other clips of the card: see `card_clock`."""

STATED = "stated"
AS_IF_UTC = "as if UTC"
UNKNOWN = "unknown"
_ORDER = ("gps", "card", "exif stated", "keys", "name", "container", "exif", "exiftool", "mtime")


_ZONE_NAME = re.compile(r"(?:\[[^\]]{1,64}\]){1,4}$")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class _Window:
    """What one claim allows for the start."""

    rank: int
    source: str
    starts_at: datetime
    uncertainty_s: float

    def is_sharpened_by(self, other: _Window) -> bool:
        """Tell whether the other is narrower and does not contradict this one."""
        away_s = abs((other.starts_at - self.starts_at).total_seconds())
        return other.uncertainty_s < self.uncertainty_s and away_s <= self.uncertainty_s + other.uncertainty_s


def choose(claims: Sequence[TimeClaim], docked_at: datetime, duration_s: float | None) -> CaptureTime:
    """Return the start by the best claim that is plausible; if none is, the docking, a year wide.

    A narrower claim of lower rank that does not contradict a better one only sharpens it, and is taken: a file name
    within the two hours in which a receiver found its satellites late.
    """
    windows = sorted(_windows(claims, docked_at, duration_s), key=lambda window: window.rank)
    if not windows:
        return CaptureTime(docked_at, "docking", YEAR_S)
    best, named = windows[0], _plausible_claim("name", claims, docked_at)
    if (
        best.source == "gps"
        and named is not None
        and (local_s := may_be_local(best.starts_at, named, best.uncertainty_s))
    ):
        return CaptureTime(best.starts_at, best.source, abs(local_s) + CLOCK_S)
    for other in windows[1:]:
        if best.is_sharpened_by(other):
            best = other
    return CaptureTime(best.starts_at, best.source, best.uncertainty_s)


def annotated(claims: Sequence[TimeClaim], docked_at: datetime) -> tuple[TimeClaim, ...]:
    """Return the claims, with a note on each that is doubted and has none yet."""
    return tuple(
        claim if claim.note is not None else replace(claim, note=_doubt(claim, claims, docked_at)) for claim in claims
    )


def first_and_last_fix(claims: Iterable[TimeClaim]) -> tuple[datetime, datetime] | None:
    """Return when the first and the last position were, the same twice if there is but one; None without any."""
    times = [claim.value for claim in claims if claim.source == "gps" and claim.value is not None]
    return (min(times), max(times)) if times else None


def is_reading(claim: TimeClaim) -> bool:
    """Tell whether a claim says to the second what a recorder's clock showed at the start: a day alone does not."""
    widest_s = CLOCK_S + (ZONE_S if claim.source == "container" else 0.0)
    return claim.refers_to == "start" and claim.value is not None and claim.uncertainty_s <= widest_s


def with_card_clock(claims: Sequence[TimeClaim], clock: CardClock | None) -> tuple[TimeClaim, ...]:
    """Return the claims, and one more: what the recorder's clock said, set right by the other clips of its card."""
    readings = () if clock is None else (one for one in claims if one.source == clock.source and is_reading(one))
    for claim in readings:
        if clock is not None and claim.value is not None:
            value = claim.value - timedelta(seconds=clock.offset_s)
            raw = f"{claim.source} {claim.raw} {-clock.offset_s:+.1f} s by {clock.clips} clips"
            return (*claims, TimeClaim(CARD, raw, value, f"{STATED} UTC", "start", clock.uncertainty_s))
    return tuple(claims)


def offset_text(at: datetime) -> str:
    """Return the zone of an aware time as `+08:00`."""
    text = f"{at:%z}"
    return f"{text[:3]}:{text[3:5]}"


def utc_of_local(local: datetime, zone: tzinfo) -> tuple[datetime, str, float]:
    """Return in UTC what a clock in that zone showed, the offset that was assumed, and how many seconds it may be more.

    `local` is the reading alone, whatever zone it carries.
    Where summer time ends an hour is twice, and where it begins one is never: which was meant nobody can tell.
    """
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    value = first.astimezone(UTC)
    return value, offset_text(first), abs((second.astimezone(UTC) - value).total_seconds())


def utc_of_iso(text: str) -> datetime | None:
    """Return an ISO 8601 time in UTC, one without a zone as if it were UTC; None if it is no time.

    The name of a zone behind it, as RFC 9557 has it (`+08:00[Asia/Shanghai]`), says no more than its offset.
    """
    try:
        at = datetime.fromisoformat(_ZONE_NAME.sub("", text.strip()))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def whole_hours(one: datetime, other: datetime) -> int:
    """Return by how many whole hours two readings of the same clock lie apart, as zones do; 0 if they do not."""
    apart_s = (one - other).total_seconds()
    hours = round(apart_s / HOUR_S)
    same_clock = abs(apart_s - hours * HOUR_S) <= SAME_CLOCK_S and abs(hours) * HOUR_S <= ZONE_S
    return hours if same_clock else 0


def may_be_local(fix_at: datetime, reading: TimeClaim, late_s: float = 0.0) -> float:
    """Return by how many seconds positions are late if they hold local time, as some recorders write it; else 0.

    `late_s` is how much later than the reading the first position may be besides.

    They then say the same as the recorder's own local reading. So they do where the recorder's clock is set to UTC:
    which of the two is wrong is not told. Any other difference of whole hours is the recorder's clock's alone.
    """
    zone = _ZONE.search(reading.zone)
    if zone is None or reading.value is None:
        return 0.0
    local_s = (1 if zone[1] == "+" else -1) * (int(zone[2]) * HOUR_S + int(zone[3]) * 60)
    return (
        local_s
        if abs((fix_at - reading.value).total_seconds() - local_s) <= SAME_CLOCK_S + min(late_s, LATE_S_MAX)
        else 0.0
    )


def unzoned(
    source: str, raw: str, value: datetime | None, *, is_day: bool = False, refers_to: RefersTo = "start"
) -> TimeClaim:
    """Return the claim of a reading that states no zone, kept as if it were UTC; a day alone is read as its noon."""
    if value is None:
        return senseless(source, raw)
    half = HALF_DAY if is_day else timedelta()
    return TimeClaim(source, raw, value + half, AS_IF_UTC, refers_to, ZONE_S + CLOCK_S + half.total_seconds())


def senseless(source: str, raw: str, note: str = "no such time") -> TimeClaim:
    """Return the claim of a reading that is no time: it is kept as found, and never chosen."""
    return TimeClaim(source, raw, None, UNKNOWN, "start", CLOCK_S, note)


def _windows(claims: Sequence[TimeClaim], docked_at: datetime, duration_s: float | None) -> Iterable[_Window]:
    is_set_right = any(one.source == CARD and one.value and not _out_of_range(one.value, docked_at) for one in claims)
    latest_fix = max((claim.value for claim in claims if _is_last_fix(claim) and claim.value), default=None)
    for claim in claims:
        if is_set_right and claim.source not in (CARD, "gps"):
            continue  # what the recorder's clock said is in the card's claim, set right; by itself it says no more
        if claim.value is None or claim.source in KEPT_ONLY or _is_last_fix(claim):
            continue
        if _out_of_range(claim.value, docked_at) is not None:
            continue
        start, uncertainty_s = claim.value, claim.uncertainty_s
        if claim.source == "gps" and duration_s is not None:
            start, uncertainty_s = _between(start, latest_fix, duration_s, uncertainty_s)
        elif claim.refers_to == "end" and duration_s is not None:
            start -= timedelta(seconds=duration_s)
        elif claim.refers_to == "end":
            uncertainty_s += LENGTH_UNKNOWN_S
        yield _Window(_rank(claim), claim.source, start, uncertainty_s)


def _between(first: datetime, last: datetime | None, duration_s: float, uncertainty_s: float) -> tuple[datetime, float]:
    """Return the start of a clip whose first and last position are known, and how sure it is.

    It began before its first position and ended after its last. A film shorter than its positions, such as one frame a
    second, says nothing by its length.
    """
    if last is None:
        return first, max(uncertainty_s, duration_s)
    unseen_s = duration_s - (last - first).total_seconds()
    if unseen_s < -READING_S:
        return first, max(uncertainty_s, -unseen_s)
    return first - timedelta(seconds=max(0.0, unseen_s) / 2), max(0.0, unseen_s) / 2 + READING_S


def _is_last_fix(claim: TimeClaim) -> bool:
    """Tell whether this is the last fix: it bounds how late the first may have come, and is no start itself."""
    return claim.source == "gps" and claim.refers_to == "end"


def _rank(claim: TimeClaim) -> int:
    stated = claim.source == "exif" and claim.zone.startswith(STATED)
    name = "exif stated" if stated else claim.source
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _out_of_range(value: datetime, docked_at: datetime) -> str | None:
    if value < EARLIEST:
        return f"before {EARLIEST.year}: a clock that was reset"
    if value > docked_at + LATEST_AFTER_DOCKING:
        return "later than the docking"
    return None


def _doubt(claim: TimeClaim, claims: Sequence[TimeClaim], docked_at: datetime) -> str | None:
    if claim.value is None:
        return "no time that makes sense"
    out_of_range = _out_of_range(claim.value, docked_at)
    if out_of_range is not None:
        return out_of_range
    named = _plausible_start("name", claims, docked_at)
    if claim.source in ("container", "gps") and named is not None:
        hours = whole_hours(claim.value, named)
        if hours and claim.source == "container":
            return f"local time written as UTC: {hours:+d} h from the name"
        if hours:
            return f"{hours:+d} h from the name: one of the two is in another zone"
    first_fix = _plausible_start("gps", claims, docked_at)
    if claim.source in ("exif", "keys", "name") and first_fix is not None:
        off_s = (claim.value - first_fix).total_seconds()
        if abs(off_s) > claim.uncertainty_s:
            return f"{off_s:+.0f} s from the satellites' time"
    return None


def _plausible_start(source: str, claims: Sequence[TimeClaim], docked_at: datetime) -> datetime | None:
    claim = _plausible_claim(source, claims, docked_at)
    return None if claim is None else claim.value


def _plausible_claim(source: str, claims: Sequence[TimeClaim], docked_at: datetime) -> TimeClaim | None:
    return next(
        (
            claim
            for claim in claims
            if claim.source == source
            and claim.refers_to == "start"
            and claim.value is not None
            and _out_of_range(claim.value, docked_at) is None
        ),
        None,
    )
