"""A row of the list of clips (资料行): what is known of it, and its states in words.

Pure. Shapes: a state is a kind of `base.css`, an icon, and the name of a text with its facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from catalog.clips.search import ClipSummary
from catalog.keeping.disposals import Disposal
from catalog.rules.rights import Action
from docking_station.services.viewable import Viewable

COPY: Mapping[str, tuple[str, str]] = {
    "view_again": ("warn", "hourglass"),
    "view_cancelled": ("warn", "triangle-alert"),
    "view_held": ("warn", "triangle-alert"),
    "view_no_chore": ("run", "hourglass"),
    "view_nothing_in_it": ("warn", "triangle-alert"),
    "view_photograph": ("warn", "triangle-alert"),
    "view_running": ("run", "hourglass"),
    "view_waiting": ("run", "hourglass"),
}
"""What a row says of whether its clip can be viewed; what plays, is no footage or is gone needs no word of it."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a clip, as a row shows it."""

    kind: str
    icon: str
    name: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Row:
    """One clip of the list; `locked` while its original can be removed by nobody."""

    clip: ClipSummary
    states: tuple[State, ...]
    locked: bool
    has_poster: bool
    has_sheet: bool


def row(
    clip: ClipSummary,
    view: Viewable,
    disposal: Disposal | None,
    fault: str | None,
    now: datetime,
    may: Collection[Action],
) -> Row:
    """Return a row: how the original is kept first, then what of it can be viewed, then what its wearer flagged."""
    gone, locked = disposal is not None and disposal.done_at is not None, clip.retain_until > now
    states = [_kept(gone, disposal, fault, locked)]
    if view.word in COPY:
        making = view.making
        facts = {} if making is None else {"ahead": making.ahead, "progress": f"{making.progress:.0%}"}
        states.append(State(*COPY[view.word], f"page_row_{view.word}", facts))
    if clip.marks:
        states.append(State("hold", "circle-alert", "page_marked", {}))
    has_sheet = not gone and view.state == "now" and "strip" in view.parts and Action.STREAM in may
    has_poster = "poster" in view.parts and not gone and Action.POSTER in may
    return Row(clip, tuple(states), locked and not gone, has_poster, has_sheet)


def beside(found: Sequence[ClipSummary]) -> Mapping[str, Sequence[ClipSummary]]:
    """The logs among these (定位、日志文件) by the one film of the same recorder and name, up to its ending."""
    films, told = defaultdict[object, list[str]](list), defaultdict[str, list[ClipSummary]](list)
    for one in found:
        if one.path and one.kind == "video":
            films[one.recorder, PurePosixPath(one.path).with_suffix("")].append(one.id)
    for one in found:
        its = films.get((one.recorder, PurePosixPath(one.path).with_suffix(""))) if one.path else None
        if one.kind == "log" and its is not None and len(its) == 1:
            told[its[0]].append(one)
    return told


def _kept(gone: bool, disposal: Disposal | None, fault: str | None, locked: bool) -> State:
    if gone:
        return State("idle", "circle-x", "page_row_disposed", {})
    if fault is not None:
        return State("bad", "octagon-alert", "page_row_damaged", {})
    if disposal is not None:
        return State("hold", "timer", "page_row_disposal_asked", {})
    return State("ok", "lock", "page_locked", {}) if locked else State("idle", "lock-open", "page_row_lock_over", {})
