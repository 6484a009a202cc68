"""Visits of recorders at the station (接入记录): each is an act, told when it is over; of two, the last counts.

Shapes: a record's id is the dock's; in acts times are ISO text, and the clock's offset whole milliseconds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.evidence import ClockOffset
from catalog.readable import readable, value_in
from catalog.recorders.assignments import shown
from catalog.rules.acts import RECORDER_DOCKED, Act
from catalog.rules.canonical import parsed_time, parsed_time_or_none, time_text, time_text_or_none
from catalog.rules.gaps import Gap
from catalog.rules.manifest import milli

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database, Row

EARLIER_MAX = 6_000
"""So many of a recorder's clips tell which numbers were filed before: more than half a round of four digits."""

PLAIN = ("bay", "model", "transport", "files", "size_bytes", "filed", "held", "cleared", "station_clock")
TIMES = ("ends_at", "clock_set_at")
"""What a record, its act and its row have by the same names."""

SHOWN_MAX = 100
"""So many visits are told with a recorder."""


@dataclass(frozen=True, slots=True)
class DockingRecord:
    """What there is to say of one visit (接入记录).

    `recorder` is its serial, or the card's name while nobody knows it. `files` and `size_bytes` are what was on the
    card, `filed` how many became clips at this visit, `cleared` how many files were erased on it, `left` how many a
    clearing had to leave, by reason. `clock` is how far the recorder's clock was off, `station_clock` whether the
    station's own was to be trusted, as on the board.
    """

    id: str
    recorder: str
    bay: str | None
    begins_at: datetime
    ends_at: datetime | None
    model: str | None
    transport: str | None
    files: int
    size_bytes: int
    filed: int
    held: int
    clock: ClockOffset | None
    clock_set_at: datetime | None
    station_clock: str | None
    gaps: tuple[Gap, ...]
    cleared: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A clip of a recorder as the search for gaps needs it; `path` is as on the card."""

    path: bytes
    size_bytes: int
    starts_at: datetime
    starts_at_source: str
    duration_s: float | None


def docked(record: DockingRecord, *, at: datetime, actor: str) -> Act:
    """The act that enters a visit (接入登记). The same record again, at whatever time, leaves one row."""
    clock = record.clock
    measured = None
    if clock is not None:
        uncertainty_ms = milli(clock.uncertainty_s)
        measured = {"offset_ms": milli(clock.offset_s), "method": clock.method, "uncertainty_ms": uncertainty_ms}
    details = {
        "docking": record.id,
        "begins_at": time_text(record.begins_at),
        **{name: getattr(record, name) for name in PLAIN},
        **{name: time_text_or_none(getattr(record, name)) for name in TIMES},
        "clock": measured,
        "gaps": [gap.as_json() for gap in record.gaps],
        "left": dict(record.left),
    }
    return Act(at, actor, RECORDER_DOCKED, record.recorder, details)


def _dock(session: Session, act: Act) -> None:
    from catalog.recorders.tables import DockingRow

    details = act.details
    clock = details["clock"]
    same: dict[str, Any] = {name: details[name] for name in PLAIN}
    same |= {name: parsed_time_or_none(details[name]) for name in TIMES}
    row = DockingRow(
        id=details["docking"],
        recorder=act.subject,
        begins_at=parsed_time(details["begins_at"]),
        **same,
        clock_offset_s=None if clock is None else clock["offset_ms"] / 1000,
        clock_method=None if clock is None else clock["method"],
        clock_uncertainty_s=None if clock is None else clock["uncertainty_ms"] / 1000,
        gaps=json.dumps(details["gaps"], ensure_ascii=False, sort_keys=True),
    )
    session.merge(row)


APPLIES = {RECORDER_DOCKED: _dock}
DEMANDS: dict[str, Any] = {}


# ---------------------------------------------------------------------- reading


def every(database: Database, recorder: str | None, limit: int) -> list[dict[str, Any]]:
    """Visits as programs read them, newest first, at most `limit`; of one recorder, or of all."""
    where = "" if recorder is None else "WHERE recorder = :recorder "
    values: dict[str, object] = {"limit": limit} | ({} if recorder is None else {"recorder": recorder})
    sql = f"SELECT * FROM docking {where}ORDER BY begins_at DESC, id DESC LIMIT :limit"
    return [_as_json(row) for row in database.query(sql, values)]


@readable("clip of")
def filed_before(database: Database, recorder: str) -> tuple[Recorded, ...]:
    """The clips of a recorder that are filed, oldest first: the newest `EARLIER_MAX` of them."""
    sql = (
        "SELECT path_hex, size_bytes, starts_at, starts_at_source, duration_s FROM clip WHERE recorder = :recorder "
        "ORDER BY starts_at DESC, id DESC LIMIT :limit"
    )
    rows = database.query(sql, {"recorder": recorder, "limit": EARLIER_MAX})
    return tuple(value_in(Recorded, row, path=bytes.fromhex(row["path_hex"])) for row in reversed(rows))


@readable("docking")
def _as_json(row: Row) -> dict[str, Any]:
    clock = None
    if row["clock_method"] is not None:
        clock = {
            "offset_s": row["clock_offset_s"],
            "method": row["clock_method"],
            "uncertainty_s": row["clock_uncertainty_s"],
        }
    return {
        "id": row["id"],
        "recorder": row["recorder"],
        "begins_at": shown(row["begins_at"]),
        **{name: row[name] for name in PLAIN},
        **{name: shown(row[name]) for name in TIMES},
        "clock": clock,
        "gaps": json.loads(row["gaps"]),
    }
