"""Releases of a clip to the public (音像公示): what can follow on what, and who may; pure.

Shapes: a release is what its signed acts say one after the other: asked, drafted, checked, approved, published; sent
back to be drafted anew, corrected, withdrawn, or dropped before it was published. Who drafted neither checks nor
approves; who asked does not approve. So there are two people at least. What is checked, approved and published is one
film, known by its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from catalog.errors import NoSuchRelease, ReleaseState, RequestPerson
from catalog.rules.acts import (
    RELEASE_APPROVED,
    RELEASE_ASKED,
    RELEASE_CHECKED,
    RELEASE_CORRECTED,
    RELEASE_DRAFTED,
    RELEASE_DROPPED,
    RELEASE_PUBLISHED,
    RELEASE_SENT_BACK,
    RELEASE_WITHDRAWN,
    Act,
)
from catalog.rules.callers import person
from catalog.rules.canonical import time_text

State = Literal["asked", "drafted", "sent-back", "checked", "approved", "published", "withdrawn", "dropped"]
WORDS: Mapping[str, tuple[str, str]] = {
    "asked": ("to be edited", "待制作"),
    "drafted": ("to be checked", "待复核"),
    "sent-back": ("sent back", "已退回"),
    "checked": ("to be approved", "待审批"),
    "approved": ("to be published", "待公示"),
    "published": ("published", "已公示"),
    "withdrawn": ("taken down", "已撤下"),
    "dropped": ("dropped", "已终止"),
}
EDITED: tuple[State, ...] = ("asked", "sent-back", "drafted")
"""In which states the copy may still be made anew."""
BEFORE: tuple[State, ...] = (*EDITED, "checked", "approved")
STEPS: Mapping[str, tuple[tuple[State, ...], State]] = {
    RELEASE_DRAFTED: (EDITED, "drafted"),
    RELEASE_CHECKED: (("drafted",), "checked"),
    RELEASE_SENT_BACK: (("drafted", "checked"), "sent-back"),
    RELEASE_APPROVED: (("checked",), "approved"),
    RELEASE_PUBLISHED: (("approved",), "published"),
    RELEASE_CORRECTED: (("published",), "published"),
    RELEASE_WITHDRAWN: (("published",), "withdrawn"),
    RELEASE_DROPPED: (BEFORE, "dropped"),
}
"""The states an act needs, and the one it makes."""
RELEASE_ACTIONS = (RELEASE_ASKED, *STEPS)
NEVER = ("informant", "work", "state")
"""Classes nothing of which is ever released, whatever a policy says."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release (音像公示); its fields are keys of `--json`.

    `steps`: each act with its time, person and words, as JSON; `film` and `recipe`: SHA-256 of what was drafted last.
    """

    no: str
    state: State
    clip: str
    case_id: str
    reason: str
    asked_at: datetime
    asked_by: str
    steps: tuple[str, ...]
    recipe: str | None = None
    film: str | None = None
    size_bytes: int | None = None
    drafted_by: str | None = None
    checked_by: str | None = None

    def told(self) -> list[dict[str, Any]]:
        """The steps as values, oldest first."""
        return [json.loads(one) for one in self.steps]


def after(release: Release | None, act: Act) -> Release:
    """A release once an act is carried out; raises `NoSuchRelease`, `ReleaseState`, `RequestPerson`."""
    details = dict(act.details)
    if details.pop("how") is None:  # two people are two only where both are known
        raise RequestPerson(request=act.subject, what="nothing tells who you are", what_zh="无法确认操作人身份")
    step = json.dumps({"action": act.action, "at": time_text(act.at), "by": act.actor, **details}, ensure_ascii=False)
    if act.action == RELEASE_ASKED:
        if release is not None:
            raise state_wrong(release)
        told = (details["clip"], details["case_id"], details["reason"])
        return Release(act.subject, "asked", *told, act.at, act.actor, (step,))
    if release is None:
        raise NoSuchRelease(release=act.subject)
    needed, state = STEPS[act.action]
    if release.state not in needed:
        raise state_wrong(release)
    _demand_person(release, act)
    on = replace(release, state=state, steps=(*release.steps, step))
    if act.action == RELEASE_DRAFTED:
        made = {name: details[name] for name in ("recipe", "film", "size_bytes")}
        return replace(on, **made, drafted_by=act.actor, checked_by=None)
    if details.get("film", release.film) != release.film:  # another film was drafted meanwhile
        raise state_wrong(release)
    return replace(on, checked_by=act.actor) if act.action == RELEASE_CHECKED else on


def state_wrong(release: Release) -> ReleaseState:
    """What is raised where an act does not follow on the state of a release."""
    return ReleaseState(release=release.no, state=WORDS[release.state][0], state_zh=WORDS[release.state][1])


def _demand_person(release: Release, act: Act) -> None:
    is_drafter = release.drafted_by is not None and person(act.actor) == person(release.drafted_by)
    if act.action in (RELEASE_CHECKED, RELEASE_APPROVED) and is_drafter:
        what, what_zh = "you made the copy; another person checks and approves it", "副本由您制作，须由他人复核、审批"
        raise RequestPerson(request=release.no, what=what, what_zh=what_zh)
    if act.action == RELEASE_APPROVED and person(act.actor) == person(release.asked_by):
        what, what_zh = "you asked for it; another person approves it", "本人的申请须由他人审批"
        raise RequestPerson(request=release.no, what=what, what_zh=what_zh)
