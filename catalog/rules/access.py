"""Who may do what with evidence (权限): the one rule; pure, asked by every face, every list and every check.

Shapes: a person stands to a clip in relations: `own`, who recorded it; `unit`, its unit is in the part of a grant;
`assigned`, named on its case in that role; `granted`, by an approved request in term; else `none`. The best answer over
grants and relations holds, but nobody decides about what they recorded themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from catalog.rules import rights
from catalog.rules.rights import Action as Action
from catalog.rules.rights import Answer as Answer
from catalog.rules.rights import ClipFacts, Grant, Person, Relation, Role, Switches, allow

ABOUT_STATE = (*rights.KEPT, Action.CLASSIFY, Action.DECLASSIFY, Action.HOLD, Action.UNHOLD)
"""What may be done about a state secret: never what shows it, changes it or carries it away."""


def decide(person: Person, clip: ClipFacts, action: Action, switches: Switches = rights.USUAL) -> Answer:
    """Return whether a person may do this with a clip."""
    best = rights.NOBODY
    for grant in person.grants:
        for relation in relations(person, grant, clip):
            one = cell(grant.role, relation, clip.level, action, switches)
            if relation == "granted" and not is_granted(person.approved[clip.id], action):
                one = rights.REQUEST if one.outcome == "allow" else one  # something else was approved
            best = min(best, one, key=lambda answer: rights.RANK[answer.code])
    if best.outcome != "refuse" and action is not Action.ROW and person.recused & clip.cases:
        return rights.CONFLICT
    return rights.DISPOSED if best.outcome != "refuse" and clip.is_disposed and action not in rights.KEPT else best


def alike(person: Person, clip: ClipFacts) -> ClipFacts:
    """What decides about a clip for one person, and nothing else: clips that are alike are answered alike."""
    its = frozenset(case for _, case in person.cases) | person.recused
    is_own = clip.officer is not None and clip.officer == person.no
    return replace(
        clip,
        id=clip.id if clip.id in person.approved else "",
        officer=clip.officer if is_own else None,
        cases=clip.cases & its,
    )


def relations(person: Person, grant: Grant, clip: ClipFacts) -> Iterator[Relation]:
    """How a person stands to a clip in one role: all that is true, and `none`, which adds nothing to others."""
    if clip.officer is not None and clip.officer == person.no:
        yield "own"
    if clip.unit in grant.units:
        yield "unit"
    if any((grant.role, case) in person.cases for case in clip.cases):
        yield "assigned"
    if clip.id in person.approved:
        yield "granted"
    yield "none"


def is_granted(approved: frozenset[Action], action: Action) -> bool:
    """Whether what was approved of a clip counts for an action: it shows the row, and no more than it says."""
    return action in approved or action not in (*rights.LOOKS, *rights.TAKES)


@cache
def cell(role: Role, relation: Relation, level: str, action: Action, switches: Switches) -> Answer:
    """Return what one role answers in one relation for one class."""
    if action in (Action.ADMINISTER, Action.GRANT):
        role_of, stands_in = (
            ("administrator", "custodian") if action is Action.ADMINISTER else ("security", "supervisor")
        )
        return allow(action) if role == role_of or (switches.small and role == stands_in) else rights.LACKS
    if role in ("administrator", "security") or (role == "auditor" and action not in rights.KEPT):
        return rights.EXCLUDES
    if not _sees(role, relation, level):
        return rights.UNSEEN
    if level == "state" and action not in ABOUT_STATE:
        return rights.STATE
    if action in rights.READS:
        return allow(action, "masked" if action is Action.ROW and level == "state" else "")
    groups = ((rights.LOOKS, _look), (rights.TAKES, _take), (rights.DECIDES, _second))
    rule = next((rule for actions, rule in groups if action in actions), _act)
    return rule(role, relation, level, action, switches)


def _sees(role: Role, relation: Relation, level: str) -> bool:
    """Whether there is such a clip at all, for this role: who may not even know gets the answer of none."""
    if role == "auditor" or relation == "none":
        return relation == "unit"
    if relation == "unit":
        return role in ("custodian", "supervisor") or level in ("none", "privacy", "business")
    return level != "state" if relation == "granted" else relation == "own" or role != "custodian"


def _look(role: Role, relation: Relation, level: str, action: Action, switches: Switches) -> Answer:
    """Pictures and places: at once where it is one's own work; else by reason or by request, as the duty is."""
    if relation != "unit":
        return allow(action)
    private, open_ = level in ("privacy", "business"), level == "none"
    needs = {
        "officer": switches.unit_colleagues,
        "custodian": "" if open_ else switches.custodian_privacy if private else "request",
        "reviewer": "reason" if open_ else "request",
        "supervisor": "" if open_ else "reason",
    }[role]
    if needs == "request":
        return rights.REQUEST
    return rights.HIDDEN if needs and action is Action.POSTER else allow(action, needs)


def _take(role: Role, relation: Relation, level: str, action: Action, switches: Switches) -> Answer:
    """What leaves the house, or is made to: a copy only by an approved request, whoever asks."""
    is_keeper = role == "custodian" and relation == "unit"
    if action is Action.REDACT:
        if not (is_keeper or relation == "granted" or (role, relation) == ("officer", "assigned")):
            return rights.LACKS
        return rights.RELEASED if level == "informant" else _look(role, relation, level, action, switches)
    if relation == "granted":
        return allow(action)
    return (
        rights.LACKS
        if action is Action.EXPORT and relation == "unit" and role in ("officer", "reviewer")
        else rights.REQUEST
    )


def _second(role: Role, relation: Relation, level: str, action: Action, switches: Switches) -> Answer:
    """What a keeper asks for and the head of the unit decides, neither about their own recording."""
    asks = role == "custodian" and action is not Action.APPROVE
    if relation not in ("own", "unit") or not (asks or role == "supervisor"):
        return rights.LACKS
    if action is Action.DECLASSIFY and level == "none":
        return rights.TOP
    return rights.CONFLICT if relation == "own" else rights.REQUEST if asks else allow(action)


def _act(role: Role, relation: Relation, level: str, action: Action, switches: Switches) -> Answer:
    """What changes little, or errs on the safe side: links, marks, a higher class, a hold; and who reads who looked."""
    keeps, heads = ((one, "unit") == (role, relation) for one in ("custodian", "supervisor"))
    works = role == "officer" and relation in ("own", "assigned")
    if action is Action.TRAIL:
        if (role, relation) == ("supervisor", "own"):
            return rights.CONFLICT
        return allow(action) if role == "auditor" or (heads and switches.supervisor_trail) else rights.LACKS
    if action is Action.CLASSIFY:
        if relation == "unit" and not (keeps or heads):
            return rights.LACKS
        return rights.TOP if level == "state" else allow(action)
    if action is Action.LINK and (role, relation) == ("officer", "unit"):
        return rights.REQUEST
    reviews = (role, relation) == ("reviewer", "assigned")
    may = keeps or (works if action is Action.LINK else reviews or heads or (works and action is Action.MARK))
    return allow(action) if may else rights.LACKS
