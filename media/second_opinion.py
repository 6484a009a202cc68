"""What another program's reading of a clip comes to (第二意见): its claims, and where they contradict our own. Pure.

Source: ExifTool's tags as `media.exiftool` hands them over. A date without a zone is in the recorders' zone in EXIF,
and in whichever elsewhere. A place without status is believed: the program tells none.
Shapes: tags -> SecondOpinion; one and what we found -> Disagreements, none where one side is silent.
Units: seconds, degrees WGS 84.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from catalog.evidence import CaptureTime, Fix, TimeClaim
from media.capture_time import (
    AS_IF_UTC,
    CLOCK_S,
    EARLIEST,
    GPS_S,
    LATEST_AFTER_DOCKING,
    LENGTH_UNKNOWN_S,
    SAME_CLOCK_S,
    STATED,
    ZONE_S,
    first_and_last_fix,
    utc_of_local,
)
from media.gps.contract import FIXES_MAX, possible_fix
from media.track import without_strays

SOURCE = "exiftool"
MARGIN_S = 60.0
"""How much less exact the second opinion is held to be than our own reading of the same."""
APART_DEG = 1e-4
DEGREES_MAX = 360
CLAIMS_MAX = 16
RAW_CHARS_MAX = 120
NOTE_CHARS_MAX = 200

_TAKEN = ("DateTimeOriginal", "CreateDate", "CreationDate", "MediaCreateDate", "TrackCreateDate", "ContentCreateDate")
_OTHERS = ("XMP", "ICC", "Composite", "IPTC", "Photoshop", "PDF")
"""Groups of tags that programs write which change files, and those that are made of others."""
_GPS = "GPS"
_OF_RECORDERS = ("ExifIFD", "IFD")
_PART = re.compile(r"(?:(Doc[\d-]+|Copy\d+|Main):)?(?:(.+):)?([^:]+)")
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the other program says: time claims, positions in file order, and its own first complaint."""

    claims: tuple[TimeClaim, ...] = ()
    track: tuple[Fix, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing both sides tell, and differently: `what`, our reading, the other's, and how far they are `apart`."""

    what: str
    own: str
    other: str
    apart: float
    unit: str


def read_opinion(
    tags: Mapping[str, object], zone: tzinfo, duration_s: float | None, docked_at: datetime | None = None
) -> SecondOpinion:
    """Return the opinion in a file's tags; what is no time and no place, or contradicts the others, is left out."""
    track = without_strays(tuple(_track(tags))[:FIXES_MAX], docked_at, duration_s)
    dates: dict[tuple[datetime, str], TimeClaim] = {}
    for name, value in tags.items():
        claim = _dated(name, value, zone)
        if claim is not None and claim.value is not None:
            dates.setdefault((claim.value, claim.zone), claim)
    warning = next((str(value) for name, value in tags.items() if name.endswith(":Warning")), None)
    claims = (*_of_fixes(track, tuple(dates.values()), duration_s), *dates.values())
    return SecondOpinion(claims[:CLAIMS_MAX], track, None if warning is None else warning[:NOTE_CHARS_MAX])


def disagreements(
    opinion: SecondOpinion, time: CaptureTime, claims: Sequence[TimeClaim], track: Sequence[Fix], docked_at: datetime
) -> tuple[Disagreement, ...]:
    """Return where the opinion contradicts what was found: time by more than both allow, place by more than 1e-4°.

    `time` is the start that was chosen, `claims` and `track` what it was chosen from.
    """
    return (*_of_time(opinion, time, claims, docked_at), *_of_place(opinion.track, track))


def _of_time(
    opinion: SecondOpinion, time: CaptureTime, claims: Sequence[TimeClaim], docked_at: datetime
) -> Iterator[Disagreement]:
    own = first_and_last_fix(claims)
    times = [fix.at for fix in opinion.track if fix.at is not None]
    if own is not None and times:
        for what, mine, other in zip(("first fix", "last fix"), own, (min(times), max(times)), strict=True):
            apart_s = (other - mine).total_seconds()
            if abs(apart_s) > GPS_S:
                yield Disagreement(what, mine.isoformat(), other.isoformat(), apart_s, "s")
    for claim in opinion.claims:
        if claim.value is None or claim.refers_to != "start" or (own is not None and claim.raw.startswith(_GPS)):
            continue
        apart_s = (claim.value - time.starts_at).total_seconds()
        senseless = not EARLIEST <= claim.value <= docked_at + LATEST_AFTER_DOCKING
        if not senseless and abs(apart_s) > time.uncertainty_s + claim.uncertainty_s:
            chosen = f"{time.starts_at.isoformat()} ({time.source})"
            yield Disagreement("start", chosen, claim.raw, apart_s, "s")


def _of_place(other: Sequence[Fix], own: Sequence[Fix]) -> Iterator[Disagreement]:
    if not other or not own:
        return
    for what, mine, theirs in (("first position", own[0], other[0]), ("last position", own[-1], other[-1])):
        apart_deg = max(
            _apart_deg(mine.longitude_deg, theirs.longitude_deg), abs(mine.latitude_deg - theirs.latitude_deg)
        )
        if apart_deg > APART_DEG:
            yield Disagreement(what, _place(mine), _place(theirs), apart_deg, "deg")


def _apart_deg(one: float, other: float) -> float:
    away = abs(one - other)
    return min(away, 360.0 - away)


def _place(fix: Fix) -> str:
    return f"{fix.latitude_deg:.6f}, {fix.longitude_deg:.6f}"


def _track(tags: Mapping[str, object]) -> Iterator[Fix]:
    """Yield the positions of each piece of the file in its order; the whole file's only where no piece has any."""
    pieces: dict[str, dict[str, object]] = {}
    for name, value in tags.items():
        part, group, tag = _parts(name)
        if tag in ("GPSLatitude", "GPSLongitude", "GPSDateTime") and (part.startswith("Doc") or group == "Composite"):
            pieces.setdefault(part, {})[tag] = value
    of_pieces = [piece for part, piece in pieces.items() if part.startswith("Doc") and "GPSLatitude" in piece]
    for piece in of_pieces or [piece for part, piece in pieces.items() if not part.startswith("Doc")]:
        latitude, longitude = (_angle(piece.get(name)) for name in ("GPSLatitude", "GPSLongitude"))
        if latitude is not None and longitude is not None:
            at, zone, _ = _time(piece.get("GPSDateTime"), UTC)
            fix = possible_fix(at if zone.startswith(STATED) else None, latitude, longitude, None)
            if fix is not None:
                yield fix


def _angle(value: object) -> float | None:
    """Return a number that may be an angle; JSON's may be too large for a float."""
    return float(value) if isinstance(value, int | float) and abs(value) <= DEGREES_MAX else None


def _of_fixes(track: Sequence[Fix], dates: Sequence[TimeClaim], duration_s: float | None) -> Iterator[TimeClaim]:
    """Yield the first position, before which the clip began by at most its length, and the last.

    Where they say what a clock of unknown zone says, both may hold local time.
    """
    times = [fix.at for fix in track if fix.at is not None]
    if not times:
        return
    uncertainty_s = MARGIN_S + (LENGTH_UNKNOWN_S if duration_s is None else duration_s)
    if any(_same_clock(claim, min(times)) for claim in dates):
        uncertainty_s += ZONE_S
    first, last, zone = min(times), max(times), f"{STATED} UTC"
    yield TimeClaim(SOURCE, f"{_GPS} first {first.isoformat()}", first, zone, "start", uncertainty_s)
    yield TimeClaim(SOURCE, f"{_GPS} last {last.isoformat()}", last, zone, "end", uncertainty_s)


def _same_clock(claim: TimeClaim, at: datetime) -> bool:
    unsure = claim.value if claim.zone == AS_IF_UTC else None
    return unsure is not None and abs((unsure - at).total_seconds()) <= SAME_CLOCK_S


def _dated(name: str, value: object, zone: tzinfo) -> TimeClaim | None:
    part, group, tag = _parts(name)
    if tag not in _TAKEN or part.startswith("Doc") or group.startswith(_OTHERS):
        return None
    unsure = not group.startswith(_OF_RECORDERS)
    at, how, twice_s = _time(value, UTC if unsure else zone)
    if at is None:
        return None
    how = AS_IF_UTC if unsure and not how.startswith(STATED) else how
    uncertainty_s = CLOCK_S + MARGIN_S + twice_s + (ZONE_S if how == AS_IF_UTC else 0.0)
    return TimeClaim(SOURCE, f"{group}:{tag} {value}"[:RAW_CHARS_MAX], at, how, "start", uncertainty_s)


def _parts(name: str) -> tuple[str, str, str]:
    """Return piece, group and tag of a name such as `Doc1:QuickTime:GPSDateTime`."""
    found = _PART.fullmatch(name)
    return ("", "", "") if found is None else (found[1] or "", found[2] or "", found[3].partition(" ")[0])


def _time(value: object, zone: tzinfo) -> tuple[datetime | None, str, float]:
    """Return a time in UTC, how it came to be, and by how many seconds it may be later: an hour that is twice.

    With no zone of its own it is read in `zone`.
    """
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None, "", 0.0
    year, month, day, hour, minute, second = (int(found[number]) for number in range(1, 7))
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone is told below
        local += timedelta(seconds=float(found[7] or 0))
        if found[8] is None:
            value, offset, twice_s = utc_of_local(local, zone)
            return value, f"assumed {offset}", twice_s
        stated = "+00:00" if found[8] == "Z" else found[8]
        return datetime.fromisoformat(local.isoformat() + stated).astimezone(UTC), f"{STATED} {stated}", 0.0
    except (ValueError, OverflowError):
        return None, "", 0.0
