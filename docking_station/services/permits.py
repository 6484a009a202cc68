"""Permits (许可): the one door through which a service comes to evidence: the rule is asked, the trail has its line.

A service that gives out what a clip holds takes a `Permit`, and only this module makes one, after the line is durable.
So a check that was forgotten does not pass the type checker, and no byte comes before its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.clips import classes
from catalog.clips.errors import StateSecret
from catalog.errors import NoSuchClip, NotGranted
from catalog.people import people
from catalog.rules import rights
from catalog.rules.callers import Caller, person_no
from catalog.rules.canonical import encodable
from catalog.rules.requests import demand_open
from catalog.rules.rights import Action, Answer
from catalog.rules.typed_words import says_something
from catalog.station_error import StationError
from catalog.trail import trail
from catalog.trail.watched import VIEWED
from docking_station.services.errors import ReasonNeeded, RequestNeeded
from docking_station.services.requests import demand_signed, signed_request
from docking_station.services.rights import (
    REASON_NEEDED,
    TRACKED,
    answers,
    answers_for,
    bind,
    demand_signed_clips,
    note_refused,
    reason_stands,
)
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

STATION = "station"
"""The subject of what is about all the station keeps."""

LINES: Mapping[Action, str] = {
    Action.COPY: "clip.pulled",
    Action.EXPORT: "clip.exported",
    Action.HISTORY: "clip.shown",
    Action.POSITION: TRACKED,
    Action.REDACT: "clip.redacted",
    Action.STREAM: VIEWED,
    Action.VERIFY: "clip.verified",
}
"""What the trail says of each action."""


@dataclass(frozen=True, slots=True)
class Permit:
    """This person may do this with this clip, and it stands on the trail."""

    caller: Caller
    action: Action
    subject: str
    answer: Answer

    def demand(self, action: Action) -> str:
        """Return what the permit is for; a permit for something else is a fault of the program."""
        assert self.action is action, f"a permit to {self.action} was used to {action}"
        return self.subject


def permit(station: Station, caller: Caller, action: Action, subject: str, **details: object) -> Permit:
    """Ask for one subject; see `permit_all`."""
    return permit_all(station, caller, action, (subject,), details)[0]


def permit_all(
    station: Station, caller: Caller, action: Action, subjects: Sequence[str], details: Mapping[str, object]
) -> tuple[Permit, ...]:
    """Return a permit for each subject once all their lines are on the trail, or for none.

    With people entered a bundle leaves by `permit_granted` alone, a copy by a grant that is read again in the vault.
    Raises `StateSecret`, `NotAllowed`, `NotGranted`, `RequestNeeded`, `ReasonNeeded`, `NoSuchClip` for what is not
    theirs to see as for what is not there, `ClockWrong`, `ClockDoubted`, `CatalogUnreachable`.
    """
    if not says_something(str(details.get("reason") or "")):  # else it held for a whole sitting
        details = {name: value for name, value in details.items() if name != "reason"}
    known = bind(station, caller)
    # Whoever runs the station proves it whole, and sees no clip.
    found: Mapping[str, Answer] = {STATION: rights.ALLOWED}
    if list(subjects) != [STATION]:
        found = answers(station, known, action, subjects)
    for subject, answer in found.items():
        _demand_look(station, known, action, subject, answer, details)
    if known.no is not None and action is Action.EXPORT:
        what, what_zh = "a bundle is made with `evidock export --request`", "证据包须以 `evidock export --request` 制作"
        raise NotGranted(request="-", what=what, what_zh=what_zh)
    if known.no is not None and action is Action.COPY:
        demand_signed(station, known.no, action, subjects)
    # After every answer: a refusal must leave no line that says a look was given.
    note_looks(station, known, LINES[action], subjects, details)
    return tuple(Permit(known, action, subject, found[subject]) for subject in subjects)


def permit_granted(
    station: Station, caller: Caller, no: str, subjects: Sequence[str], details: Mapping[str, object]
) -> tuple[Permit, ...]:
    """Return a permit to export each subject under a grant, by whoever makes the copy; lines as `permit_all`.

    The grant is read again in the vault, and the rule is asked about who asked: a class that was raised meanwhile, or a
    recusal, counts. Raises `NotGranted`, `NoSuchRequest`, `RecordsDisagree`, and as `permit_all`.
    """
    request = demand_open(signed_request(station, no), no, station.now(), subjects)
    known, asker = bind(station, caller), person_no(request.asked_by)
    if people.are_entered(station.database):
        for subject, answer in answers_for(station, asker, Action.EXPORT, subjects).items():
            _demand_look(station, known, Action.EXPORT, subject, answer, details)
    for subject in subjects:
        classes.demand_shown(station.database, subject)
    note_looks(station, known, LINES[Action.EXPORT], subjects, {**details, "request": no})
    return tuple(Permit(known, Action.EXPORT, subject, rights.ALLOWED) for subject in subjects)


def demand_change(station: Station, caller: Caller, action: Action, clip: str) -> Caller:
    """Return the caller, bound, if they may change this of a clip; the line is that of the act itself.

    Raises `NotAllowed`, `RequestNeeded`, `NoSuchClip`.
    """
    known = bind(station, caller)
    (answer,) = answers(station, known, action, (clip,)).values()
    _demand_allowed(station, known, action, clip, answer, {"reason": action.value})
    demand_signed_clips(station, known, action, (clip,), ("allow", "request"))
    return known


def _demand_look(
    station: Station, caller: Caller, action: Action, subject: str, answer: Answer, details: Mapping[str, object]
) -> None:
    """As `_demand_allowed`, and what is refused stands on the trail; of a state secret nothing is shown."""
    try:
        _demand_allowed(station, caller, action, subject, answer, details)
        if action is not Action.VERIFY:
            classes.demand_shown(station.database, subject)
    except ReasonNeeded:
        raise
    except StationError as error:
        rule = rights.STATE.code if isinstance(error, StateSecret) else answer.code
        note_refused(station, caller, action, subject, rule)
        raise


def _demand_allowed(
    station: Station, caller: Caller, action: Action, subject: str, answer: Answer, details: Mapping[str, object]
) -> None:
    if answer is rights.UNSEEN:
        raise NoSuchClip(clip=subject)
    facts = {"action": action.value, "rule": answer.code}
    if answer.outcome == "request":
        raise RequestNeeded(clip=subject, **facts)
    if answer.outcome == "refuse":
        raise NotAllowed(**facts)
    needs_reason = answer.code == REASON_NEEDED and not details.get("reason")
    if needs_reason and not reason_stands(station, caller):
        raise ReasonNeeded(clip=subject, **facts)


def note_looks(
    station: Station, caller: Caller, line: str, subjects: Sequence[str], details: Mapping[str, object]
) -> None:
    """Write looks on the trail, all or none; not by a clock that is not believed."""
    actor = (caller if caller.no is not None else bind(station, caller)).actor
    details = {name: encodable(value) for name, value in details.items()}  # a path may be of any bytes
    station.together.write(
        lambda at: [trail.Entry(at, actor, line, subject, details, is_look=True) for subject in subjects]
    )
