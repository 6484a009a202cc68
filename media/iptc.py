"""When a photograph was made, by the fields that newsrooms' programs write into it (IPTC).

Source: IPTC-IIM 4.2 (records `1C 02`, a number, a length of two bytes; 2:55 DateCreated `CCYYMMDD`, 2:60 TimeCreated
`HHMMSS±HHMM`) in the JPEG segment APP13, which begins `Photoshop 3.0`. Shapes: the beginning of a JPEG -> at most one
claim that is kept and never chosen, for a person or any program may have written it. Units: a day alone is its noon.
"""

from __future__ import annotations

from catalog.evidence import TimeClaim
from media.capture_time import CLOCK_S, IPTC, STATED, senseless, unzoned, utc_of_iso

SEGMENT_BYTES_MAX = 64 * 1024
FIELDS_MAX = 200
DAY, CLOCK = 55, 60
_SEGMENT, _RECORD = b"Photoshop 3.0\0", b"\x1c\x02"


def iptc_claims(beginning: bytes) -> tuple[TimeClaim, ...]:
    """Return the time of a photograph's IPTC fields; nothing if it has none."""
    at = beginning.find(_SEGMENT)
    fields = _fields(beginning[at : at + SEGMENT_BYTES_MAX]) if at >= 0 else {}
    day, clock = fields.get(DAY, ""), fields.get(CLOCK, "")
    if not day:
        return ()
    raw = f"DateCreated {day} {clock}".strip()
    value = utc_of_iso(f"{day}T{clock}") if clock else utc_of_iso(day)
    if value is None or len(day) != len("CCYYMMDD"):
        return (senseless(IPTC, raw),)
    if clock[-5:-4] in ("+", "-"):
        return (TimeClaim(IPTC, raw, value, f"{STATED} {clock[-5:-2]}:{clock[-2:]}", "start", CLOCK_S),)
    return (unzoned(IPTC, raw, value, is_day=not clock),)


def _fields(segment: bytes) -> dict[int, str]:
    """Return the first text of each of the two fields."""
    found: dict[int, str] = {}
    at = segment.find(_RECORD)
    for _ in range(FIELDS_MAX):
        head = segment[at : at + 5]
        if at < 0 or len(head) < 5 or not head.startswith(_RECORD):
            break
        end = at + 5 + int.from_bytes(head[3:5], "big")
        if head[2] in (DAY, CLOCK):
            found.setdefault(head[2], segment[at + 5 : min(end, at + 37)].decode("ascii", "replace").strip("\0 "))
        at = end
    return found
