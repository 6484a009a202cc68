"""Permits (许可): the one door through which a service comes to evidence: the rule is asked, the trail has its line.

A service that gives out what a clip holds takes a `Permit`, and only this module makes one, after the line is durable.
So a check that was forgotten does not pass the type checker, and no byte comes before its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.rules.access import Action, Answer, decide
from catalog.rules.callers import Caller
from catalog.rules.canonical import encodable
from catalog.trail import trail
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

LINES: Mapping[Action, str] = {
    Action.COPY: "clip.pulled",
    Action.EXPORT: "clip.exported",
    Action.HISTORY: "clip.shown",
    Action.POSITION: "clip.track-written",
    Action.STREAM: "clip.viewed",
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

    Raises `NotAllowed`, `ClockWrong`, `ClockDoubted`, `CatalogUnreachable`.
    """
    answers = {subject: decide(caller, action, subject) for subject in subjects}
    for answer in answers.values():
        if answer.outcome != "allow":
            raise NotAllowed(action=action.value, rule=answer.code)
    # After every answer: a refusal must leave no line that says a look was given.
    note_looks(station, caller, LINES[action], subjects, details)
    return tuple(Permit(caller, action, subject, answers[subject]) for subject in subjects)


def note_looks(
    station: Station, caller: Caller, line: str, subjects: Sequence[str], details: Mapping[str, object]
) -> None:
    """Write looks on the trail, all or none; not by a clock that is not believed."""
    station.demand_clock()
    details = {name: encodable(value) for name, value in details.items()}  # a path may be of any bytes
    with station.database.transaction() as session:
        for subject in subjects:
            entry = trail.Entry(station.now(), caller.actor, line, subject, details, is_look=True)
            trail.append(session, entry)
