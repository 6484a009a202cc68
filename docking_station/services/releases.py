"""Releases of clips to the public (音像公示), the same for every face: asked, checked, approved, published, withdrawn.

A copy is made in `redaction.py`. What is checked, approved and published is one film, known by its digest, and read
again each time. Before it leaves, the acts are read again from the vault.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from catalog.cases import reading
from catalog.clips import search
from catalog.errors import NoSuchRelease, NotReleased, RecipeUnfit, RequestPerson
from catalog.requests import releases
from catalog.rules import acts
from catalog.rules.access import Action
from catalog.rules.callers import Caller, person
from catalog.rules.canonical import parsed_time
from catalog.rules.house_rights import Right
from catalog.rules.redaction import unfit
from catalog.rules.releases import NEVER, Release, state_wrong
from catalog.rules.retention import months_later
from catalog.station_error import StationError
from catalog.trail.watched import watched
from docking_station.derived.copies import SCHEMA, choose_view
from docking_station.derived.redacted import described, film_of, film_path
from docking_station.derived.scratch import draft_in
from docking_station.services.disclosure import decision_of
from docking_station.services.known_cases import demand_case, find_case
from docking_station.services.links import policy_now
from docking_station.services.people import Read, second_person
from docking_station.services.permits import LINES, demand_change, note_looks
from docking_station.services.play import demand_new
from docking_station.services.rights import answers, bind, demand_clips, find_clip
from docking_station.station.errors import CannotPull, NotAllowed, NothingToView, unwritten
from docking_station.station.station import Station
from docking_station.texts.plain import spans_text
from ingest.sealing import released_key

SLACK_MS = 500
"""So much between two spans a player may leave out."""
SHOWN_GAPS, MS = 5, 1000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A film that was handed over for publishing; its fields are keys of `--json`."""

    release: str
    path: Path
    sha256: str


def ask(station: Station, caller: Caller, clip: str, case: str, reason: str, *, cleared: bool) -> str:
    """Ask for a clip of a decided case to be made public (申请公示); returns the number of the release.

    `cleared`: this person says that nothing the policy forbids is in it. Raises `NotReleased`, `NoSuchCase`,
    `NoSuchClip`, `NotAllowed`, `RequestNeeded`, `NothingToView`.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        number = find_clip(station, caller, clip)
        known = demand_change(station, caller, Action.REDACT, number)
        found = find_case(station, known, case)
        demand_releasable(station, number, found.id)
        never = [one.code for one in policy_now(station).disclosure.never]
        if not cleared:
            names = "、".join(one.zh for one in policy_now(station).disclosure.never) or "不予公开的情形"
            what = "nobody said that nothing is in it that must not be made public"
            raise NotReleased(clip=number, what=what, what_zh=f"须确认不涉及：{names}")
        if search.get(station.database, number).kind != "video":
            raise NothingToView(clip=number, why="it is no film")
        choose_view(station, number)
        no = releases.next_no(station.database, station.now().astimezone(station.settings.zone).year)
        said = {"clip": number, "case_id": found.id, "reason": reason, "cleared": never}
        station.act_writer.carry_out(releases.stating(acts.RELEASE_ASKED, no, station.now(), known, **said))
    return no


def check(station: Station, caller: Caller, no: str) -> None:
    """Say that the whole copy was watched and may go on (复核), as another person than who made it.

    Raises `RequestPerson`, `RecipeUnfit` where part of it was not watched, `ReleaseState`, `CopyDiffers`.
    """
    release = shown(station, caller, no)
    known = demand_checker(station, caller, release)
    demand_releasable(station, release.clip, release.case_id)
    film_of(station, release)
    if gaps := unwatched_film(station, known, release):
        raise _to_watch(release, gaps)
    _step(station, known, acts.RELEASE_CHECKED, no, film=release.film)


def send_back(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Send a copy back to be made anew, with the times at which something shows (退回)."""
    release = shown(station, caller, no)
    _step(station, demand_checker(station, caller, release), acts.RELEASE_SENT_BACK, no, reason=reason)


def approve(station: Station, caller: Caller, no: str) -> None:
    """Approve a checked copy, as the head of the recording unit (审批); from now on its film is locked in the vault.

    Raises `RequestPerson`, `NotAllowed`, `ReleaseState`, `CopyDiffers`.
    """
    release = shown(station, caller, no)
    known = demand_approver(station, caller, release)
    demand_releasable(station, release.clip, release.case_id)
    if release.state != "checked" or release.film is None:
        raise state_wrong(release)
    film_of(station, release)
    with draft_in(station.settings.derived) as folder:
        copy = folder / "film"
        shutil.copyfile(film_path(station, release), copy)
        until = months_later(station.now(), station.settings.lock_months)
        station.own_vault.put(released_key(release.film), copy, release.film, until)
    _step(station, known, acts.RELEASE_APPROVED, no, film=release.film, recipe=release.recipe, derived=SCHEMA)


def publish(station: Station, caller: Caller, no: str, place: str) -> None:
    """Enter that an approved copy was made public, and where (公示)."""
    release = shown(station, caller, no)
    known = demand_publisher(station, caller, release)
    _demand_signed(station, release, "approved")
    _step(station, known, acts.RELEASE_PUBLISHED, no, film=release.film, place=place)


def correct(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Enter that what was published beside the film was wrong, and was put right (更正)."""
    known = demand_publisher(station, caller, shown(station, caller, no))
    _step(station, known, acts.RELEASE_CORRECTED, no, reason=reason)


def withdraw(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Enter that a published copy was taken down, and why (撤下)."""
    known = demand_withdrawer(station, caller, shown(station, caller, no))
    _step(station, known, acts.RELEASE_WITHDRAWN, no, reason=reason)


def drop(station: Station, caller: Caller, no: str, reason: str) -> None:
    """End a release that was not published, as the head of the recording unit (终止)."""
    known = demand_approver(station, caller, shown(station, caller, no))
    _step(station, known, acts.RELEASE_DROPPED, no, reason=reason)


def take(station: Station, caller: Caller, no: str, path: Path) -> Outgoing:
    """Write the film of an approved release to a new file outside the home; the line is on the trail first.

    Raises `FileThere`, `NotApart`, `CannotPull`, and as `outgoing`.
    """
    demand_new(station, path)
    release, source = outgoing(station, caller, no, to=str(path))
    with unwritten(CannotPull, path=path):
        shutil.copyfile(source, path)
    return Outgoing(no, path, str(release.film))


def outgoing(station: Station, caller: Caller, no: str, **told: str) -> tuple[Release, Path]:
    """The film of an approved release, for who publishes it: read again, and its line on the trail.

    Raises `ReleaseState`, `NotAllowed`, `RecordsDisagree`, `CopyDiffers`.
    """
    release = shown(station, caller, no)
    known = demand_publisher(station, caller, release)
    _demand_signed(station, release, "approved", "published")
    film_of(station, release)
    note_looks(station, known, LINES[Action.EXPORT], (release.clip,), {"release": no, "film": release.film, **told})
    return release, film_path(station, release)


def ask_who_checks(station: Station, runs: Caller, no: str, read: Read) -> Caller:
    """Who checks or approves: another person than who made the copy. Raises `RequestPerson`, `PersonUnknown`."""
    drafter = releases.get(station.database, no).drafted_by
    what, what_zh = "another person than its maker checks and approves it", "须由制作人以外的人员复核、审批"
    same = RequestPerson(request=no, what=what, what_zh=what_zh)
    return second_person(station, runs, None if drafter is None else person(drafter), read, same)


# ---------------------------------------------------------------------- reading


def every_release(station: Station, caller: Caller) -> tuple[Release, ...]:
    """The releases of clips this person may know of, the newest first."""
    found = releases.every(station.database)
    seen = answers(station, bind(station, caller), Action.ROW, {one.clip for one in found})
    return tuple(one for one in found if seen[one.clip].outcome == "allow")


def shown(station: Station, caller: Caller, no: str) -> Release:
    """One release; raises `NoSuchRelease` also for one of a clip that is not theirs to see."""
    release = releases.get(station.database, no)
    (answer,) = answers(station, bind(station, caller), Action.ROW, (release.clip,)).values()
    if answer.outcome != "allow":
        raise NoSuchRelease(release=no)
    return release


def as_json(release: Release) -> dict[str, object]:
    """The fixed contract of `releases show --json`."""
    return asdict(release) | {"steps": release.told()}


def demand_releasable(station: Station, clip: str, case: str) -> None:
    """Raise `NotReleased` for a class that is never made public, by rule or policy; and where no decision stands."""
    its = reading.get(station.database, case)
    if its is None or decision_of(station, its) is None:
        raise NotReleased(clip=clip, what="no decision on its case stands", what_zh="所属案件无有效的行政决定")
    level = search.get(station.database, clip).class_
    forbidden = {one.code for one in policy_now(station).secrecy.classes if one.release == "never"}
    if level in forbidden | set(NEVER):
        raise NotReleased(clip=clip, what=f"its class is {level}", what_zh="其密级或敏感类别不得公开")


def unwatched(
    station: Station, caller: Caller, release: Release, length_ms: int, since: datetime, film: str | None = None
) -> list[tuple[int, int]]:
    """What this person has not watched yet, of the clip or of the `film`, in looks that have ended: from-to in ms."""
    looks = watched(station.database, person(caller.actor), [release.clip], since, station.now(), film)
    gaps, end = list[tuple[int, int]](), 0
    for begin, until in sorted(span for look in looks for span in look.watched_ms or ()):
        if begin > end + SLACK_MS:
            gaps.append((end, begin))
        end = max(end, until)
    return gaps + ([(end, length_ms)] if length_ms > end + SLACK_MS else [])


def unwatched_film(station: Station, caller: Caller, release: Release) -> list[tuple[int, int]]:
    """What this person has not watched yet of the film that was drafted last; raises `NothingToView`."""
    length_s = described(station, film_path(station, release))["duration_s"]
    made_at = max(parsed_time(one["at"]) for one in release.told() if one["action"] == acts.RELEASE_DRAFTED)
    return unwatched(station, bind(station, caller), release, round(float(str(length_s)) * MS), made_at, release.film)


def demand_watched(station: Station, caller: Caller, release: Release, length_ms: int) -> None:
    """Raise `RecipeUnfit` unless this person watched every second of the clip since it was asked for."""
    if gaps := unwatched(station, caller, release, length_ms, release.asked_at):
        raise _to_watch(release, gaps)


def _to_watch(release: Release, gaps: Sequence[tuple[int, int]]) -> RecipeUnfit:
    spans = spans_text(gaps[:SHOWN_GAPS])
    return unfit(release.no, f"you have not watched all of it: {spans}", f"尚未看完全部内容：{spans}")


def demand_checker(station: Station, caller: Caller, release: Release) -> Caller:
    """Return the caller, bound, if they check copies: who may make one, or who approves one."""
    try:
        return demand_approver(station, caller, release)
    except NotAllowed:
        return demand_change(station, caller, Action.REDACT, release.clip)


def reason_for(station: Station, caller: Caller, release: Release) -> str | None:
    """Why this person looks at its clip: as it was asked for, if they work at it; others tell a reason of their own."""
    try:
        demand_checker(station, caller, release)
    except StationError:
        return None
    return release.reason


def demand_publisher(station: Station, caller: Caller, release: Release) -> Caller:
    """Return the caller, bound, if they alone publish what belongs to the case; raises `NotAllowed`, `NoSuchCase`."""
    return demand_case(station, caller, Right.PUBLISH, release.case_id, alone=True)[1]


def demand_withdrawer(station: Station, caller: Caller, release: Release) -> Caller:
    """Return the caller, bound, if they take down what belongs to the case, which a head may alone; raises the same."""
    return demand_case(station, caller, Right.PUBLISH, release.case_id)[1]


def demand_approver(station: Station, caller: Caller, release: Release) -> Caller:
    """Return the caller, bound, if they are the head of the recording unit, who recorded none of it."""
    return demand_clips(station, caller, Action.APPROVE, (release.clip,))


def _demand_signed(station: Station, release: Release, *states: str) -> None:
    """Raise `RecordsDisagree` or `ReleaseState` unless what is signed lets this film out, whatever the row says."""
    demand_releasable(station, release.clip, release.case_id)
    station.signed.begin()
    signed = station.signed.release(release.no)
    if signed is None or signed.state not in states or signed.film != release.film:
        raise state_wrong(signed or release)


def _step(station: Station, known: Caller, action: str, no: str, **said: object) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        station.act_writer.carry_out(releases.stating(action, no, station.now(), known, **said))
