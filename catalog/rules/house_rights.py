"""Who may do what with everything that is no clip (其他权限): cases, recorders, the station, the policy, people.

Shapes: as in `catalog/rules/access.py`; `root` is a grant over all units, `any` asks for the role alone. In a small
bureau custodian and supervisor stand for administrator and security officer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from catalog.rules.rights import ALLOWED, CONFLICT, LACKS, USUAL, Answer, Person, Role, Switches

Standing = Literal["own", "unit", "assigned", "root", "any"]


class Right(StrEnum):
    """What is asked for (事项)."""

    BACKUP = "backup"
    BAY_WRITE = "bay.write"
    CASE_CLOSE = "case.close"
    CASE_DECIDE = "case.decide"
    CASE_READ = "case.read"
    CASE_WRITE = "case.write"
    CHORES = "chores"
    DELEGATE = "delegate"
    HEALTH = "health"
    HELD = "held"
    IMPORT = "import"
    NOTE_WRITE = "note.write"
    PAPER_WRITE = "paper.write"
    PEOPLE_CONFIRM = "people.confirm"
    PEOPLE_PROPOSE = "people.propose"
    POLICY_ADOPT = "policy.adopt"
    POLICY_PROPOSE = "policy.propose"
    PUBLISH = "publish"
    RECORDER_WRITE = "recorder.write"
    REVIEW_JUDGE = "review.judge"
    REVIEW_SEND = "review.send"
    STATION_WRITE = "station.write"
    STATISTICS = "statistics"
    TRAIL_READ = "trail.read"


@dataclass(frozen=True, slots=True)
class About:
    """What a right is asked about: the unit and the case it belongs to, whether it is the person's own thing.

    `is_party`: the person handled the case, or recorded what belongs to it.
    """

    unit: str = ""
    case: str = ""
    is_own: bool = False
    is_party: bool = False


SECOND = Answer("allow", "access.second-person", frozenset(("second-person",)))
STATION = {Right.BAY_WRITE, Right.HELD, Right.CHORES, Right.HEALTH, Right.STATION_WRITE, Right.BACKUP}
"""What keeps the station going; it needs nobody who was entered."""
HANDLES = {Right.CASE_CLOSE, Right.CASE_DECIDE, Right.NOTE_WRITE, Right.PAPER_WRITE, Right.REVIEW_SEND}
KEEPS = {Right.CASE_WRITE, Right.PAPER_WRITE, Right.PUBLISH, Right.IMPORT, Right.RECORDER_WRITE, Right.POLICY_PROPOSE}
OVERSEES = {Right.CASE_READ, Right.STATISTICS, Right.TRAIL_READ}
DUTIES: dict[tuple[Role, Standing], set[Right]] = {
    ("officer", "assigned"): HANDLES | {Right.CASE_READ, Right.CASE_WRITE},
    ("officer", "unit"): {Right.CASE_READ, Right.CASE_WRITE},
    ("officer", "own"): {Right.RECORDER_WRITE},
    ("custodian", "unit"): KEEPS | STATION | {Right.CASE_READ, Right.STATISTICS},
    ("custodian", "any"): {Right.HEALTH, Right.STATION_WRITE, Right.BACKUP},
    ("reviewer", "unit"): {Right.CASE_READ, Right.REVIEW_JUDGE},
    ("reviewer", "assigned"): {Right.CASE_READ},
    ("supervisor", "unit"): OVERSEES | {Right.NOTE_WRITE, Right.CASE_CLOSE, Right.PUBLISH},
    ("supervisor", "assigned"): {Right.CASE_READ},
    ("supervisor", "own"): {Right.DELEGATE},
    ("supervisor", "root"): {Right.POLICY_ADOPT},
    ("auditor", "unit"): OVERSEES,
    ("administrator", "any"): STATION | {Right.POLICY_PROPOSE, Right.PEOPLE_PROPOSE},
    ("security", "any"): {Right.PEOPLE_CONFIRM},
}
SECONDS = {("supervisor", Right.CASE_CLOSE), ("supervisor", Right.PUBLISH), ("supervisor", Right.POLICY_ADOPT)}
"""What a role does as the second of two people; whoever confirms about people always is."""
STANDS_FOR: dict[Role, Right] = {
    "custodian": Right.PEOPLE_PROPOSE,
    "supervisor": Right.PEOPLE_CONFIRM,
}


def may(person: Person, right: Right, about: About, root: str, switches: Switches = USUAL) -> Answer:
    """Return whether a person has a right; `root` is the unit all others lie below."""
    found = LACKS
    for grant in person.grants:
        holds: dict[Standing, bool] = {
            "own": about.is_own,
            "unit": about.unit in grant.units or root in grant.units,  # also a unit that nobody entered
            "assigned": (grant.role, about.case) in person.cases,
            "root": root in grant.units,
            "any": True,
        }
        for standing in (standing for standing, is_so in holds.items() if is_so):
            answer = answer_of(grant.role, standing, right, switches)
            found = answer if answer is ALLOWED or found is LACKS else found
    is_recused = about.case in person.recused and right is not Right.CASE_READ
    is_conflict = is_recused or (right is Right.REVIEW_JUDGE and about.is_party)
    return CONFLICT if found is not LACKS and is_conflict else found


def answer_of(role: Role, standing: Standing, right: Right, switches: Switches) -> Answer:
    """Return what one role answers, for one way to stand to what is asked about."""
    stands = switches.small and standing == "any" and STANDS_FOR.get(role) == right
    if right not in DUTIES.get((role, standing), ()) and not stands:
        return LACKS
    return SECOND if right is Right.PEOPLE_CONFIRM or (role, right) in SECONDS else ALLOWED


class Known(NamedTuple):
    """Which cases somebody may know of (可知悉案件): all of these units, and these."""

    units: frozenset[str]
    cases: frozenset[str]

    def holds(self, case: str, unit: str) -> bool:
        """Whether a case is one of them."""
        return unit in self.units or case in self.cases


def units_with(person: Person, right: Right, root: str, switches: Switches = USUAL) -> frozenset[str] | None:
    """The units over which `may` gives a person a right, as data for lists; None for all there are."""
    held = {grant.role for grant in person.grants if answer_of(grant.role, "unit", right, switches) is ALLOWED}
    units = frozenset(unit for grant in person.grants if grant.role in held for unit in grant.units)
    return None if root in units else units


def known_cases(person: Person, root: str, switches: Switches = USUAL) -> Known | None:
    """Which cases `may` lets a person read, as data for lists; None for every case there is."""
    units = units_with(person, Right.CASE_READ, root, switches)
    roles = {one.role for one in person.grants if answer_of(one.role, "assigned", Right.CASE_READ, switches) is ALLOWED}
    return None if units is None else Known(units, frozenset(case for role, case in person.cases if role in roles))
