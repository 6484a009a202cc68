"""What the forms of a case are filled with (打印表单), beside its file: its requests, who had its recorders, a code.

Shapes: a code is a QR code of the case's id as SVG; a scanner at a bay types it like a number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.clips.search import ClipSummary
from catalog.people import people
from catalog.recorders import assignments
from catalog.rules.callers import Caller
from catalog.rules.canonical import parsed_time, parsed_time_or_none
from docking_station.services.case_file import CaseFile
from docking_station.services.requests import Shown, every_request
from docking_station.station.station import Station


@dataclass(frozen=True, slots=True)
class Issue:
    """That somebody had a recorder (领用): from when, until when it was due, and when it came back."""

    serial: str
    officer: str
    unit: str | None
    begins_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


def issues(station: Station, clips: Iterable[ClipSummary]) -> tuple[Issue, ...]:
    """Who had the recorders of these clips when they were filmed, each time once, oldest first."""
    filmed, found = list(clips), list[Issue]()
    names = people.names(station.database)
    for serial in sorted({one.recorder for one in filmed if one.recorder is not None}):
        for row in assignments.entered(station.database, serial).get(serial, ()):
            begins, ended = parsed_time(row["begins_at"]), parsed_time_or_none(row["ended_at"])
            times = [one.starts_at for one in filmed if one.recorder == serial]
            if any(begins <= at and (ended is None or at < ended) for at in times):
                officer = names.get(str(row["officer"]), str(row["officer"]))
                found.append(Issue(serial, officer, row["unit"], begins, parsed_time_or_none(row["due_at"]), ended))
    return tuple(sorted(found, key=lambda one: (one.begins_at, one.serial)))


def requests_about(station: Station, caller: Caller, file: CaseFile) -> tuple[Shown, ...]:
    """The requests for this case or clips of it that this person may see, oldest first."""
    clips, case = {one.id for one in file.clips}, file.shown.case.id
    found = (
        one for one in every_request(station, caller) if one.request.case_id == case or clips & {*one.request.clips}
    )
    return tuple(sorted(found, key=lambda one: one.request.asked_at))


def code_of(text: str) -> str | None:
    """A QR code as SVG; None where nothing that makes one is installed."""
    try:
        import segno
    except ImportError:
        return None
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, xmldecl=False, svgns=True, nl=False)
    return out.getvalue().decode()
