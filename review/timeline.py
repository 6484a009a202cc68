"""The footage of a case on one line of time (时间轴): who recorded when, what was to be recorded, moments of records.

Pure. Shapes: clips that follow one another are a sitting (一次办理); within it a lane is a recorder's, its oldest clip
first, and a gap is a time between two clips of a lane. Units: seconds since the begin of what is shown; a place on the
line is a share of it in per cent, as SVG counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from catalog.cases.notes import CaseNote
from catalog.cases.papers import Paper
from catalog.clips.search import ClipSummary
from docking_station.services.completeness import Checked

PLAYED = ("video", "audio")
APART = timedelta(minutes=30)
"""Clips with so much time between them are of two sittings."""
AROUND = timedelta(minutes=10)
"""So much before and after its footage a record still stands on the line."""
LANES_MAX, CLIPS_MAX, TICKS_MAX = 4, 16, 5
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
PART = frozenset({"late-start", "early-end", "gap", "clock-wrong"})
Met = Literal["met", "part", "miss"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A clip on its lane: when it begins and how long it is, in seconds of the line."""

    clip: ClipSummary
    begin_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Lane:
    """What one recorder took: its clips, and the times between them."""

    recorder: str | None
    who: str | None
    pieces: tuple[Piece, ...]

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """From when to when nothing was recorded, between two clips."""
        ends = ((one.begin_s + one.length_s, other.begin_s) for one, other in pairwise(self.pieces))
        return tuple((begin, end) for begin, end in ends if end - begin >= 1)


@dataclass(frozen=True, slots=True)
class Band:
    """A time at which a record wanted footage, and how far it has it."""

    paper: str
    begin_s: float
    end_s: float
    met: Met


@dataclass(frozen=True, slots=True)
class Square:
    """The moment of a written record, by its number in the list."""

    paper: str
    number: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Flag:
    """Something said of a moment (标注): a note to a record, or, with its lane from 0, that its wearer marked a clip.

    `text` is None for a mark.
    """

    at_s: float
    text: str | None
    paper: str | None
    lane: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on the line of time; `begins_at` is its second 0."""

    begins_at: datetime
    length_s: float
    lanes: tuple[Lane, ...]
    bands: tuple[Band, ...]
    squares: tuple[Square, ...]
    flags: tuple[Flag, ...]

    def share(self, at_s: float) -> float:
        """Where a moment is, in per cent of the line."""
        return round(100 * at_s / self.length_s, 4)

    def clock(self, at_s: float, said: Callable[[datetime], str]) -> str:
        """What the clock says at a moment: hours and minutes, seconds too where they tell it apart."""
        text = said(self.begins_at + timedelta(seconds=at_s))[11:19]
        return text if self._step < 60 else text[:5]

    @property
    def _step(self) -> int:
        return next((one for one in STEPS_S if self.length_s / one <= TICKS_MAX), STEPS_S[-1])

    @property
    def ticks(self) -> tuple[float, ...]:
        """Moments that are written above, on whole seconds, minutes or hours of the clock."""
        step = self._step
        first = -self.begins_at.timestamp() % step
        return tuple(first + step * number for number in range(int(max(0, self.length_s - first) // step) + 1))

    @property
    def clips(self) -> tuple[ClipSummary, ...]:
        """Every clip of it, lane by lane."""
        return tuple(piece.clip for lane in self.lanes for piece in lane.pieces)


def sittings(clips: Iterable[ClipSummary]) -> tuple[tuple[ClipSummary, ...], ...]:
    """What plays of these clips, parted where nothing was recorded for long; each at most what is shown at once."""
    found = list[list[ClipSummary]]()
    reach: datetime | None = None
    for one in sorted((clip for clip in clips if clip.kind in PLAYED), key=lambda clip: clip.starts_at):
        if reach is None or one.starts_at > reach + APART or len(found[-1]) == CLIPS_MAX or _is_full(found[-1], one):
            found.append([])
            reach = None
        found[-1].append(one)
        reach = max(reach or _end(one), _end(one))
    return tuple(tuple(some) for some in found)


def line(
    clips: Sequence[ClipSummary],
    papers: Collection[Paper],
    numbers: Mapping[str, int],
    checked: Iterable[Checked],
    notes: Iterable[CaseNote] = (),
) -> Line:
    """Return the line of some clips, with the records of about that time and the notes to them; at least one clip."""
    begins_at, ends_at = min(one.starts_at for one in clips), max(_end(one) for one in clips)
    near = {one.id: one for one in papers if _is_near(one, begins_at, ends_at)}
    for one in near.values():
        assert one.begins_at is not None
        begins_at, ends_at = min(begins_at, one.begins_at), max(ends_at, min(_until(one), ends_at + AROUND))

    def second(at: datetime) -> float:
        return (at - begins_at).total_seconds()

    by_recorder = defaultdict[str | None, list[ClipSummary]](list)
    for clip in sorted(clips, key=lambda one: one.starts_at):
        by_recorder[clip.recorder].append(clip)
    lanes = [
        Lane(
            recorder,
            its[0].officer_name or its[0].officer,
            tuple(Piece(one, second(one.starts_at), _length(one)) for one in its),
        )
        for recorder, its in by_recorder.items()
    ]
    wanted = [one.finding for one in checked if one.finding.recording is not None and one.finding.paper in near]
    bands = [
        Band(one.id, second(_begin(one)), min(second(_until(one)), second(ends_at)), _met(found.verdict))
        for found in wanted
        for one in (near[str(found.paper)],)
    ]
    squares = [Square(one.id, numbers[one.id], second(_begin(one))) for one in near.values()]
    pieces = [(number, piece) for number, lane in enumerate(lanes) for piece in lane.pieces if piece.clip.marks]
    flags = [Flag(piece.begin_s, None, None, number) for number, piece in pieces]
    flags += [Flag(second(_begin(near[one.paper])), one.note, one.paper, None) for one in notes if one.paper in near]
    length_s = max(1.0, second(ends_at))
    ordered = tuple(sorted(squares, key=lambda one: (one.at_s, one.number)))
    told = tuple(sorted(flags, key=lambda one: one.at_s))
    return Line(begins_at, length_s, tuple(lanes), tuple(bands), ordered, told)


def _is_full(some: Collection[ClipSummary], one: ClipSummary) -> bool:
    recorders = {each.recorder for each in some}
    return len(recorders) == LANES_MAX and one.recorder not in recorders


def _met(verdict: str) -> Met:
    return "met" if verdict in ("met", "noted") else "part" if verdict in PART else "miss"


def _is_near(paper: Paper, begins_at: datetime, ends_at: datetime) -> bool:
    return (
        paper.begins_at is not None and paper.begins_at <= ends_at + AROUND and _until(paper) >= begins_at - AROUND
        and paper.begins_at >= begins_at - APART
    )  # fmt: skip


def _begin(paper: Paper) -> datetime:
    assert paper.begins_at is not None
    return paper.begins_at


def _until(paper: Paper) -> datetime:
    return max(_begin(paper), paper.ends_at or _begin(paper))


def _length(clip: ClipSummary) -> float:
    return max(0.04, clip.duration_s or 0.0)


def _end(clip: ClipSummary) -> datetime:
    return clip.starts_at + timedelta(seconds=_length(clip))
