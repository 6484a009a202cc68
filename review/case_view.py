"""A case as its page tells it (案卷展示): stages with their days, findings by record, points of the checklist. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from docking_station.services.case_file import CaseFile
from docking_station.services.completeness import Checked, HowFar, open_ones

POINTS: Mapping[str, tuple[str, ...]] = {
    "R2": ("card-ended",),
    "R3": (
        *(
            "decision-late",
            "publish-late",
            "withdraw-late",
            "preserve-late",
            "limit-late",
            "limit-early",
            "not-reviewed",
        ),
        *("matter-not-reviewed", "review-unsure", "decided-before-review", "force-on-day-off", "force-at-night"),
        *("step-missing", "withdraw-late"),
    ),
    "R5": (
        *("missing", "no-reason", "late-start", "early-end", "gap", "wrong-holder", "unplayable", "clock-wrong"),
        *("wrong-medium", "linked-elsewhere"),
    ),
    "R9": ("paper-missing", "time-missing"),
}
"""Which findings bear on a point of the checklist; of the others the program finds nothing by itself."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the checklist (审核内容), and what was found that bears on it; None where nothing is looked for."""

    code: str
    zh: str
    found: tuple[Checked, ...] | None


def way(far: HowFar) -> dict[str, tuple[str, str]]:
    """Of each stage whether it is done, goes on now or is to come, and its days."""
    found = dict[str, tuple[str, str]]()
    for stage, days in far.stages:
        at_stage = "now" if stage == far.stage else "done" if days else "later"
        found[stage.code] = at_stage, " – ".join(dict.fromkeys(str(day) for day in (*days[:1], *days[-1:])))
    return found


def by_record(file: CaseFile) -> dict[str | None, list[Checked]]:
    """What was found of each record, and, by None, of the case itself."""
    found = defaultdict[str | None, list[Checked]](list)
    for one in file.shown.completeness:
        found[one.finding.paper].append(one)
    return found


def points(file: CaseFile) -> tuple[Point, ...]:
    """The checklist, each point with what is open that bears on it."""
    open_now = open_ones(file.shown.completeness)

    def bearing(code: str) -> tuple[Checked, ...] | None:
        codes = POINTS.get(code)
        return None if codes is None else tuple(one for one in open_now if one.finding.verdict in codes)

    return tuple(Point(one.code, one.zh, bearing(one.code)) for one in file.policy.review.points)
