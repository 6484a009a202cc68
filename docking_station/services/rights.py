"""The rights of who asks (操作人权限): which person an account stands for, what the rule says, what may be found.

Rights bind from the moment the first person is entered. Before, whoever may run the station may do everything, as its
operating system decides; afterwards an account bound to nobody keeps the station going, and sees no evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from catalog.acts import policy
from catalog.clips import search
from catalog.errors import CatalogUnreachable, NoSuchClip
from catalog.people import accounts, holders, people, standing
from catalog.rules import house_rights, rights
from catalog.rules.access import alike, decide
from catalog.rules.callers import Caller
from catalog.rules.house_rights import About, Right
from catalog.rules.rights import NOWHERE, Action, Answer, ClipFacts, Person, Switches
from catalog.rules.visible import NOTHING, Visible, visible
from catalog.station_error import StationError
from catalog.trail import refused_looks
from catalog.trail.watched import VIEWED
from docking_station.services.at_once import remembered
from docking_station.services.errors import SignInNeeded
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from ingest.errors import RecordsDisagree

if TYPE_CHECKING:
    from catalog.database import Database

BUREAU = About(holders.ROOT)
TRACKED = "clip.track-written"
"""With `VIEWED` the lines of looks that may need a reason."""
REASON_NEEDED = "access.reason-needed"
CLIP_ACTIONS = tuple(one for one in Action if one not in (Action.ADMINISTER, Action.GRANT))
"""What is asked about one clip."""


@remembered
def bind(station: Station, caller: Caller) -> Caller:
    """The caller with the person their account is bound to now, as far as the catalog answers.

    None where somebody else may sit there. Raises `SignInNeeded` where the account became another person's, or
    nobody's, since it was bound: what one person began is never laid to another.
    """
    if caller.is_doubted:
        return replace(caller, no=None)
    with suppress(CatalogUnreachable):
        no = accounts.person_of(station.database, caller.person)
        if caller.no not in (None, no):
            raise SignInNeeded
        return replace(caller, no=no)
    return caller


@remembered
def asker(station: Station, caller: Caller) -> Person | None:
    """Who asks, with the rights they have now; None for an account that is bound to nobody."""
    no = bind(station, caller).no
    return None if no is None else standing.person(station.database, no, station.now())


@remembered
def switches(station: Station) -> Switches:
    """What the policy in force chose, and before there is one what the station was made for."""
    every = policy.history(station.database)
    chosen = _chosen(every[-1].text) if every else None
    return chosen or Switches(small=station.settings.small)


def is_founding(station: Station) -> bool:
    """Whether there never were two who propose and confirm."""
    with station.database.transaction() as session:
        return accounts.founded_at(session, small=switches(station).small) is None


@lru_cache(maxsize=4)
def _chosen(text: str) -> Switches | None:
    """What a policy says of the rights, if it says anything."""
    from tomllib import loads

    from catalog.rules.policy_text import read_whole

    if "access" not in loads(text):
        return None
    access = read_whole(text).access
    return Switches(*(getattr(access, name) for name in Switches._fields))


def answers(station: Station, caller: Caller, action: Action, clips: Iterable[str]) -> Mapping[str, Answer]:
    """What the rule says of each clip; one that is not there is answered like one that is not theirs to see."""
    numbers = tuple(clips)
    if not people.are_entered(station.database):
        return dict.fromkeys(numbers, rights.ALLOWED if caller.person else rights.NOBODY)
    return answers_for(station, bind(station, caller).no, action, numbers)


def answers_for(station: Station, no: str | None, action: Action, numbers: Sequence[str]) -> Mapping[str, Answer]:
    """What the rule says to the person of that number; to None as to an account that is bound to nobody."""
    if no is None:
        return dict.fromkeys(numbers, rights.NOBODY)
    person = standing.person(station.database, no, station.now())
    known, chosen = standing.facts(station.database, numbers), switches(station)
    return {one: decide(person, known.get(one, NOWHERE), action, chosen) for one in numbers}


def allowed(
    station: Station, caller: Caller, actions: Iterable[Action], clips: Sequence[str]
) -> dict[str, frozenset[Action]]:
    """Which of these actions are allowed on each clip now; what needs a reason is, while one that was told holds."""
    every = frozenset(actions)
    if not people.are_entered(station.database):
        return dict.fromkeys(clips, every if caller.person else frozenset[Action]())
    person = asker(station, caller)
    if person is None:
        return dict.fromkeys(clips, frozenset[Action]())
    known, chosen, told = standing.facts(station.database, clips), switches(station), reason_stands(station, caller)

    @cache
    def allowed_on(clip: ClipFacts) -> frozenset[Action]:
        found = ((action, decide(person, clip, action, chosen)) for action in every)
        return frozenset(
            action for action, one in found if one.outcome == "allow" and (told or one.code != REASON_NEEDED)
        )

    return {one: allowed_on(alike(person, known.get(one, NOWHERE))) for one in clips}


@remembered
def reason_stands(station: Station, caller: Caller) -> bool:
    """Whether this person told a reason, and no blank, so lately that it holds for a whole sitting."""
    since = station.now() - timedelta(hours=switches(station).reason_hours)
    sql = f"""SELECT 1 FROM trail WHERE actor = :actor AND at > :since AND action IN ('{VIEWED}', '{TRACKED}')
 AND details LIKE '%"reason":"%' AND details NOT LIKE '%"reason":""%' AND details NOT LIKE '%"reason":" %' LIMIT 1"""
    values = {"actor": bind(station, caller).actor, "since": station.database.moment(since)}
    return bool(station.database.query(sql, values))  # the actions are written out: so the index trail_looks is used


def seen(station: Station, caller: Caller, action: Action = Action.ROW, *, reasoned: bool = False) -> Visible | None:
    """What this person may find at all, for lists; None where all may be found."""
    if not people.are_entered(station.database):
        return None
    person = asker(station, caller)
    return NOTHING if person is None else visible(person, action, switches(station), reasoned=reasoned)


def find_clip(station: Station, caller: Caller, typed: str) -> str:
    """The number of a clip a person meant, who may have typed its beginning: among those they may know of.

    Raises `NoSuchClip`, `AmbiguousClip`; `NotAllowed` for who sees no clip, whatever was typed.
    """
    shown = seen(station, caller)
    try:
        if shown is None or shown.is_anything:
            return search.full_id(station.database, typed, shown)
        (answer,) = answers(station, caller, Action.ROW, (typed,)).values()
        if answer is not rights.UNSEEN:
            raise NotAllowed(action=Action.ROW.value, rule=answer.code)
        raise NoSuchClip(clip=typed)
    except (NoSuchClip, NotAllowed) as error:
        note_refused(station, caller, Action.ROW, typed, str(error.facts.get("rule", rights.UNSEEN.code)))
        raise


def found_among(station: Station, caller: Caller, clips: Iterable[str]) -> set[str]:
    """Which of these clips somebody may find by their case: none that may hold a state secret."""
    every = answers(station, caller, Action.ROW, clips).items()
    return {clip for clip, answer in every if answer.outcome == "allow" and "masked" not in answer.obligations}


def note_refused(station: Station, caller: Caller, action: Action, clip: str, rule: str) -> None:
    """Put on the trail, or count, that a look at a clip was refused, once people are entered.

    Who asks is told nothing more by it: where it cannot be written the look is refused all the same.
    """
    try:
        if people.are_entered(station.database):
            station.demand_clock()
            actor = bind(station, caller).actor
            refused_looks.note(station.database, actor, clip, action.value, rule, station.now())
    except StationError as error:
        from docking_station.station.logs import get_log

        get_log().warning("refused look not written", clip=clip, error=error)


def demand_clips(
    station: Station, caller: Caller, action: Action, clips: Collection[str], enough: Collection[str] = ("allow",)
) -> Caller:
    """Return the caller, bound, if the rule's answer for each clip is enough; what needs two people by signed roles.

    Raises `NotAllowed`, `RecordsDisagree`, and `NoSuchClip` for what is not theirs to see as for what is not there.
    """
    known = bind(station, caller)
    for clip, answer in answers(station, known, action, clips).items():
        if answer is rights.UNSEEN:
            raise NoSuchClip(clip=clip)
        if answer.outcome not in enough:
            raise NotAllowed(action=action.value, rule=answer.code)
    demand_signed_clips(station, known, action, clips, enough)
    return known


def demand_signed_clips(
    station: Station, caller: Caller, action: Action, clips: Collection[str], enough: Collection[str] = ("allow",)
) -> None:
    """Raise `RecordsDisagree` where what is signed gives no right to decide about clips, whatever the rows say."""
    if caller.no is None or action not in rights.DECIDES or not people.are_entered(station.database):
        return
    with signed_catalog(station, caller.no, clips) as signed:
        person, known = standing.person(signed, caller.no, station.now()), standing.facts(signed, clips)
        for clip in clips:
            if decide(person, known.get(clip, NOWHERE), action, switches(station)).outcome not in enough:
                raise unsigned(clip, caller.no)


@contextmanager
def signed_catalog(station: Station, no: str, clips: Collection[str] = ()) -> Iterator[Database]:
    """A catalog of what is signed of a person and of clips alone; raises `RecordsDisagree`."""
    from catalog.acts.apart import catalog_of

    records = station.signed
    records.begin()
    recorded = {one.officer for one in standing.facts(station.database, clips).values() if one.officer is not None}
    acts = records.about_people({no, *recorded}, clips)
    with catalog_of([records.document(clip) for clip in clips], acts) as signed:
        yield signed


def unsigned(what: str, no: str) -> RecordsDisagree:
    """What is raised where the rows give somebody a right that nothing signed does."""
    return RecordsDisagree(
        clip=what, what=f"no signed role lets {no} decide this", what_zh=f"没有签名的授权允许 {no} 作此决定"
    )


def demand_role(
    station: Station, caller: Caller, roles: Collection[str], clips: Collection[str] = (), units: Collection[str] = ()
) -> Caller:
    """Return the caller, bound, if they have one of the roles over these units and those of these clips.

    Raises `NotAllowed`.
    """
    known = bind(station, caller)
    if not people.are_entered(station.database):
        return known
    person = asker(station, known)
    grants = [one for one in person.grants if one.role in roles] if person is not None else []
    over = {*units, *(one.unit for one in standing.facts(station.database, clips).values())}
    if not any(over <= one.units or holders.ROOT in one.units for one in grants):
        raise NotAllowed(action="request", rule=rights.LACKS.code)
    return known


def demand(station: Station, caller: Caller, right: Right, about: About = BUREAU, *, alone: bool = False) -> Caller:
    """Return the caller, bound, if they have a right; `alone`: not only as the second of two. Raises `NotAllowed`."""
    known = bind(station, caller)
    if not people.are_entered(station.database) or (known.no is None and right in house_rights.STATION):
        return known
    person = asker(station, known)
    answer = (
        rights.NOBODY if person is None else house_rights.may(person, right, about, holders.ROOT, switches(station))
    )
    if answer.outcome != "allow" or (alone and "second-person" in answer.obligations):
        raise NotAllowed(action=right.value, rule=answer.code)
    if known.no is not None and "second-person" in answer.obligations:
        with signed_catalog(station, known.no) as signed:
            again = standing.person(signed, known.no, station.now())
            if house_rights.may(again, right, about, holders.ROOT, switches(station)).outcome != "allow":
                raise unsigned(right.value, known.no)
    return known


def may_alone(station: Station, caller: Caller, right: Right, about: About) -> bool:
    """Whether who asks has a right, and not only as the second of two people."""
    try:
        return bool(demand(station, caller, right, about, alone=True))
    except NotAllowed:
        return False


def rights_about(station: Station, caller: Caller, about: About) -> frozenset[Right]:
    """Which rights who asks has about one case or unit; without anybody entered, all."""
    if not people.are_entered(station.database):
        return frozenset(Right)
    person, chosen = asker(station, caller), switches(station)
    if person is None:
        return frozenset()
    every = ((right, house_rights.may(person, right, about, holders.ROOT, chosen)) for right in Right)
    return frozenset(right for right, answer in every if answer.outcome == "allow")


def rights_held(station: Station, caller: Caller) -> tuple[Person | None, tuple[Right, ...]]:
    """Who asks, and which rights they have over some unit of theirs; without anybody entered, all."""
    if not people.are_entered(station.database):
        return None, tuple(Right)
    person, chosen = asker(station, caller), switches(station)
    if person is None:
        return None, tuple(sorted(house_rights.STATION))
    places = [About(unit) for unit in {holders.ROOT, *(unit for grant in person.grants for unit in grant.units)}]

    def has(right: Right) -> bool:
        every = (house_rights.may(person, right, about, holders.ROOT, chosen) for about in places)
        return any(one.outcome == "allow" for one in every)

    return person, tuple(right for right in Right if has(right))
