"""What a container says about when it was recorded (容器时间): its headers, its Keys, its `©day`. Pure.

Sources: ISO/IEC 14496-12 (mvhd, tkhd, mdhd count seconds from 1904, in UTC by the standard, in local time by many
recorders); AOSP MPEG4Writer for Android's end time; QuickTime Keys. Shapes: a movie -> at most CLAIMS_MAX claims: that
of mvhd, each other time a track's header has, when these were changed if it is another time, then Navitel's `IDIT`,
Keys, `©day`; a clock that was never set (0) claims nothing.
Units: seconds; every reading is kept as found, with the name of its box before it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from catalog.evidence import RefersTo, TimeClaim
from media.capture_time import AS_IF_UTC, CHANGED, CLOCK_S, STATED, ZONE_S, offset_text, senseless, unzoned, utc_of_iso
from media.mp4 import ILST, KEYS, UDTA, Movie, Stamp

CLAIMS_MAX = 10
CHANGES_MAX = 2
EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_REAL_YEAR = 1971
"""QuickTime counts from 1904, Unix from 1970: a clock that was never set says one of them."""
FIRST_REAL = datetime(FIRST_REAL_YEAR, 1, 1, tzinfo=UTC)
COUNTS_FROM_1970_UNTIL = UNIX_EPOCH + (UNIX_EPOCH - EPOCH)
"""2036: the number is then 1970 by the standard, which a clock says that was never set."""
ANDROID = "com.android.version"
KEYS_DATE = "com.apple.quicktime.creationdate"
DAY = "©day"
DIGITIZED = "IDIT"
"""A box of Navitel's, named as the chunk of AVI."""
TIME_CHARS_MIN = len("2026-03-11T09:36")


def movie_claims(movie: Movie) -> tuple[TimeClaim, ...]:
    """Return what a movie's boxes and texts say about the time."""
    android = movie.text(KEYS, ANDROID) is not None
    stamps = [*movie.times, *(stamp for track in movie.tracks for stamp in track.times)]
    first_of = {stamp.created_raw: stamp for stamp in reversed(stamps) if stamp.created_raw != 0}
    distinct = [stamp for stamp in stamps if first_of.get(stamp.created_raw) is stamp]
    found = [_header_claim(stamp, android=android) for stamp in distinct]
    found = found[: CLAIMS_MAX - 3 - CHANGES_MAX]
    changed = dict.fromkeys(stamp.modified_raw for stamp in stamps if stamp.modified_raw not in (0, *first_of))
    found += [_changed_claim(raw) for raw in islice(changed, CHANGES_MAX)]
    keys = movie.text(KEYS, KEYS_DATE)
    day = movie.text(UDTA, DAY) or movie.text(ILST, DAY)
    digitized = movie.text(UDTA, DIGITIZED)
    if digitized:
        found.append(container_claim(f"{DIGITIZED} {digitized}", utc_of_iso(digitized), android=False))
    if keys:
        found.append(keys_claim(keys))
    if day:
        found.append(day_claim(day))
    return tuple(found)


def _header_claim(stamp: Stamp, *, android: bool) -> TimeClaim:
    value, other = _readings(stamp.created_raw)
    claim = container_claim(f"{stamp.box} {stamp.created_raw}", value, android=android)
    if other is None:
        return claim
    return replace(
        claim, note=f"read as seconds since 1970; since 1904, by the standard, it is {other:%Y-%m-%d %H:%M:%S}"
    )


def _readings(raw: int) -> tuple[datetime | None, datetime | None]:
    """Return when a header says it was, and the standard's reading of it where that is not believed.

    Some recorders count from 1970, which by the standard is a time before there were films: between the two years a
    number can only be of the former kind.
    """
    value = _utc(raw)
    if value is None or not FIRST_REAL <= UNIX_EPOCH + timedelta(seconds=raw) < COUNTS_FROM_1970_UNTIL:
        return value, None
    return UNIX_EPOCH + timedelta(seconds=raw), value


def _changed_claim(raw: int) -> TimeClaim:
    return unzoned(CHANGED, f"mvhd {raw}", _readings(raw)[0], refers_to="end")


def container_claim(raw: str, value: datetime | None, *, android: bool) -> TimeClaim:
    """Return the claim of a container's header that reads as `value`; Android writes it when recording ends."""
    if value is None:
        return senseless("container", raw)
    if value.year < FIRST_REAL_YEAR:
        return senseless("container", raw, "the recorder's clock was never set")
    refers_to: RefersTo = "end" if android else "start"
    # Android's clock is UTC by itself; any other container may hold local time.
    return TimeClaim("container", raw, value, AS_IF_UTC, refers_to, CLOCK_S if android else ZONE_S + CLOCK_S)


def keys_claim(raw: str) -> TimeClaim:
    """Return the claim of Keys' creation date, which states its zone."""
    return _stated("keys", raw) or senseless("keys", raw, "no zone is stated" if utc_of_iso(raw) else "no such time")


def day_claim(raw: str) -> TimeClaim:
    """Return the claim of a `©day` text, with or without a zone; a day alone tells no time."""
    value = utc_of_iso(raw)
    if value is None or len(raw) < TIME_CHARS_MIN:
        return senseless("day", raw)
    return _stated("day", raw) or unzoned("day", raw, value)


def _stated(source: str, raw: str) -> TimeClaim | None:
    """Return the claim of an ISO 8601 time that states its zone, or None if it is none."""
    try:
        stated = datetime.fromisoformat(raw)
        if stated.tzinfo is None:
            return None
        return TimeClaim(source, raw, stated.astimezone(UTC), f"{STATED} {offset_text(stated)}", "start", CLOCK_S)
    except (ValueError, OverflowError):
        return None


def _utc(seconds: int) -> datetime | None:
    try:
        return EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
