"""What a person may find at all (可见范围), as data: the rule is asked for each role, relation and class.

Shapes: a bucket is a set of classes with the units, cases or clips it holds for. `catalog/clips/search.py` makes SQL of
it, the index of texts words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.rules.access import cell, is_granted
from catalog.rules.rights import CLASSES, CONFLICT, KEPT, USUAL, Action, Answer, Person, Relation, Role, Switches

Classes = frozenset[str]
Bucket = tuple[Classes, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Visible:
    """Which clips an action is allowed on, for one person: in any bucket, and in none of what is left out."""

    no: str
    own: Classes
    units: tuple[Bucket, ...]
    cases: tuple[Bucket, ...]
    clips: tuple[Bucket, ...]
    not_own: Classes
    """Nobody decides about these of their own."""
    not_cases: frozenset[str]
    """Cases the person is recused from."""
    with_disposed: bool

    @property
    def is_anything(self) -> bool:
        """Whether there can be any such clip."""
        return bool(self.own or self.units or self.cases or self.clips)


NOTHING = Visible("", frozenset(), (), (), (), frozenset(), frozenset(), with_disposed=False)
"""For who is nobody here."""


def visible(person: Person, action: Action, switches: Switches = USUAL, *, reasoned: bool = False) -> Visible:
    """Compile what a person may find; with `reasoned` also what needs a reason, which was told."""

    def allowed(role: Role, relation: Relation) -> Classes:
        return frozenset(
            level for level in CLASSES if _is_allowed(cell(role, relation, level, action, switches), reasoned=reasoned)
        )

    roles = {grant.role for grant in person.grants}
    named = ((role, {case for held, case in person.cases if held == role}) for role in roles)
    approved = {clip for clip, actions in person.approved.items() if is_granted(actions, action)}
    return Visible(
        no=person.no,
        own=frozenset[str]().union(*(allowed(role, "own") for role in roles)),
        units=_merged((allowed(grant.role, "unit"), grant.units) for grant in person.grants),
        cases=_merged((allowed(role, "assigned"), cases) for role, cases in named),
        clips=_merged((allowed(role, "granted"), approved) for role in roles),
        not_own=frozenset(
            level for level in CLASSES for role in roles if cell(role, "own", level, action, switches) is CONFLICT
        ),
        not_cases=person.recused if action is not Action.ROW else frozenset(),
        with_disposed=action in KEPT,
    )


def _is_allowed(answer: Answer, *, reasoned: bool) -> bool:
    return answer.outcome == "allow" and (reasoned or answer.code != "access.reason-needed")


def _merged(buckets: Iterable[tuple[Classes, Iterable[str]]]) -> tuple[Bucket, ...]:
    """Buckets of the same classes made one; those that hold nothing left out."""
    found = dict[Classes, frozenset[str]]()
    for classes, held in buckets:
        found[classes] = found.get(classes, frozenset()) | frozenset(held)
    return tuple((classes, held) for classes, held in found.items() if classes and held)
