"""Legal review of major decisions (重大执法决定法制审核), the same for every face: sent, judged, answered, decided.

Shapes: a round is named by its number. What the rules refuse (`catalog/rules/review_rounds.py`) is refused where its
act is carried out; here stand the rights, the days and what was watched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from catalog.acts import policy
from catalog.cases import papers, reading, reviews
from catalog.cases.decisions import deciding
from catalog.cases.errors import ClipsUnopened, NoSuchReview, ReviewUnfit
from catalog.cases.reading import Case
from catalog.errors import NoSuchCase, WordsUnfit
from catalog.people import standing
from catalog.rules import acts
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.callers import Caller
from catalog.rules.canonical import time_text
from catalog.rules.house_rights import About, Right
from catalog.rules.legal_review import REQUEST, Asked, asked, changed, counting, lacking, substance
from catalog.rules.review_rounds import Round, Verdict, due
from catalog.rules.working_days import WorkingDays
from catalog.station_error import StationError
from catalog.trail.watched import Watched, watched
from docking_station.services.completeness import check_cases
from docking_station.services.known_cases import about, demand_case, find_case, known_to
from docking_station.services.papers import demand_paper
from docking_station.services.people import Read, second_person
from docking_station.services.rights import bind, demand, find_clip, found_among
from docking_station.station.station import Station


@dataclass(frozen=True, slots=True)
class Shown:
    """A round as it stands now (审核详情), with its case, its last day and working days left, under 0 when over.

    `days` is None once the round has ended.
    """

    round: Round
    case: Case
    due: date
    days: int | None

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `reviews show --json`."""
        about = {"case": self.case.called, "party": self.case.named, "due": self.due, "days": self.days}
        return asdict(self.round) | about


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a case stands with its review (送审情况): what is asked for, what lacks, the newest round, what changed."""

    wanted: Asked
    lacks: tuple[str, ...]
    rounds: tuple[Round, ...]
    changed: tuple[str, ...]

    @property
    def newest(self) -> Round | None:
        """The round that was sent last."""
        return self.rounds[-1] if self.rounds else None

    @property
    def is_passed(self) -> bool:
        """Whether a round passed after the last change."""
        return self.newest is not None and self.newest.state == "passed" and not self.changed

    @property
    def is_locked(self) -> bool:
        """Whether no decision may be entered yet."""
        return not self.is_passed and (self.wanted.is_listed or self.wanted.unsure is not None)


# ---------------------------------------------------------------------- the unit's steps


def send(station: Station, caller: Caller, case: str, note: str | None = None) -> str:
    """Send a case for review (送审); returns the number of the round.

    Raises `NoSuchCase`, `NotAllowed`, `ReviewIncomplete`, `ReviewState`, `ReviewUnfit`.
    """
    found, known = demand_case(station, caller, Right.REVIEW_SEND, case)
    return _begin(station, known, found.id, note, None)


def again(station: Station, caller: Caller, no: str, reason: str) -> str:
    """Ask once to have an opinion reviewed anew (提请复审), within the policy's working days; the number of the round.

    Raises as `send`.
    """
    one = reviews.get(station.database, no)
    known = _demand_case(station, caller, Right.REVIEW_SEND, one)
    by = policy_of(station, one)
    if one.ended_at is not None:
        zone, days = station.settings.zone, _calendar(station)
        today, ended = (at.astimezone(zone).date() for at in (station.now(), one.ended_at))
        if today > days.after(ended, by.review.again_days).day:
            what, what_zh = "the days to ask again are over", f"已超过提请复审的 {by.review.again_days} 个工作日"
            raise ReviewUnfit(review=no, what=what, what_zh=what_zh)
    return _begin(station, known, one.case_id, reason, no)


def answer(station: Station, caller: Caller, no: str, point: str, note: str, *, adopted: bool) -> None:
    """Answer one point of an opinion that found problems (答复): adopted or not, and why."""
    said = {"point": point, "adopted": adopted, "note": note}
    _step(station, caller, Right.REVIEW_SEND, acts.REVIEW_ANSWERED, no, said)


def decide(
    station: Station, caller: Caller, case: str, day: str, *, approved_by: str | None = None, reason: str | None = None
) -> Case:
    """Enter the decision on a case (作出决定).

    Raises `NotReviewed` before a passed review that the policy asks for, `WordsUnfit` for a day that is still to come.
    """
    found, known = demand_case(station, caller, Right.CASE_DECIDE, case)
    if day > station.now().astimezone(station.settings.zone).date().isoformat():
        raise WordsUnfit(field="decided", what=f"{day} is still to come", what_zh=f"为 {day}，晚于今日")
    ready = ready_for(station, found.id)
    review = ready.newest.no if ready.newest is not None and ready.is_passed else None
    about: dict[str, Any] = {"review": review, "approved_by": approved_by, "reason": reason}
    _carry_out(station, lambda at: deciding(found.id, day, **about, at=at, actor=known.actor))
    return find_case(station, known, found.id)


# ---------------------------------------------------------------------- the reviewer's steps


def give_back(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Return what was sent for what is missing (退回补正); the days begin anew with the next round."""
    _step(station, caller, Right.REVIEW_JUDGE, acts.REVIEW_RETURNED, no, {"reason": reason})


def extend(station: Station, caller: Caller, no: str, reason: str) -> None:
    """Take the further days that a complex case has (延长审核期限)."""
    _step(station, caller, Right.REVIEW_JUDGE, acts.REVIEW_EXTENDED, no, {"reason": reason})


def judge(
    station: Station,
    caller: Caller,
    no: str,
    point: str,
    verdict: Verdict,
    rests: Sequence[Mapping[str, Any]] = (),
    note: str | None = None,
) -> None:
    """Judge one point (逐项审核), by what it rests on: records, parts of clips, or a sentence; a later word counts."""
    said = {"point": point, "verdict": verdict, "note": note, "rests": [dict(one) for one in rests]}
    _step(station, caller, Right.REVIEW_JUDGE, acts.REVIEW_JUDGED, no, said)


def rest_on(
    station: Station, caller: Caller, typed: Sequence[str], parts: Sequence[tuple[str, int, int]]
) -> list[dict[str, Any]]:
    """What a verdict rests on, of records by number or id, and of clips from-to in milliseconds.

    Raises `NoSuchPaper`, `PaperAmbiguous`, `NoSuchClip`.
    """
    found: list[dict[str, Any]] = [{"paper": demand_paper(station, caller, it, Right.CASE_READ)[0].id} for it in typed]
    return found + [{"clip": find_clip(station, caller, it), "from_ms": a, "to_ms": b} for it, a, b in parts]


def give(station: Station, caller: Caller, no: str, opinion: str, text: str) -> Round:
    """Give the opinion (出具审核意见), with the looks it rests on; raises `ClipsUnopened` besides."""
    one = reviews.get(station.database, no)
    known = _demand_case(station, caller, Right.REVIEW_JUDGE, one)
    looks, left, unseen = opened(station, known, one)
    if left or unseen:
        raise ClipsUnopened(review=no, clips=", ".join([*left, *([f"+{unseen}"] if unseen else [])]))
    by = policy_of(station, one)
    passes = next((it.passes for it in by.review.opinions if it.code == opinion), False)
    told = [{"clip": it.clip, "at": time_text(it.at), "watched_ms": _spans(it)} for it in looks]
    said = {"opinion": opinion, "passes": passes, "reason": text, "opened": told}
    _step(station, known, Right.REVIEW_JUDGE, acts.REVIEW_GIVEN, no, said)
    return reviews.get(station.database, no)


def opened(station: Station, caller: Caller, one: Round) -> tuple[tuple[Watched, ...], tuple[str, ...], int]:
    """What this person opened of the case's clips since it was first sent; what must be opened and was not.

    Of the latter the numbers of those they may find, and how many there are besides, which a head shows them by naming
    them on the case.
    """
    by = policy_of(station, one)
    linked = {it.clip for it in reading.of_case(station.database, one.case_id)}
    its = found_among(station, caller, linked)
    since = next(it.sent_at for it in reviews.of_case(station.database, one.case_id))
    looks = watched(station.database, bind(station, caller).who, sorted(its), since, station.now())
    whole = tuple(it for it in looks if it.part is None)
    wanted = {it.code for it in by.recordings.every if it.mode in by.review.must_open}
    found = (it.finding for it in check_cases(station, one.case_id) if it.finding.recording in wanted)
    known = standing.facts(station.database, linked & {clip for it in found for clip in it.clips})
    left = {clip for clip, it in known.items() if it.level != "state"} - {it.clip for it in whole}
    return whole, tuple(sorted(left & its)), len(left - its)


# ---------------------------------------------------------------------- reading


def shown(station: Station, caller: Caller, no: str) -> Shown:
    """One round as it stands now; raises `NoSuchReview` also for one of a case that is not theirs to see."""
    one = reviews.get(station.database, no)
    found = _shown(station, caller, (one,))
    if not found:
        raise NoSuchReview(review=no)
    return found[0]


def every_round(station: Station, caller: Caller) -> tuple[Shown, ...]:
    """The rounds of the cases this person may know of: what waits first, by its last day, then the newest."""
    found = _shown(station, caller, reviews.every(station.database))
    open_ones = sorted((one for one in found if one.days is not None), key=lambda one: (one.due, one.round.no))
    return (*open_ones, *reversed([one for one in found if one.days is None]))


def waiting(station: Station, caller: Caller) -> tuple[Shown, ...]:
    """What waits for this person: a round to review, or one of a case of theirs to answer and send again."""
    found = _shown(station, caller, reviews.waiting(station.database))

    def is_mine(one: Shown) -> bool:
        right = Right.REVIEW_JUDGE if one.round.state == "sent" else Right.REVIEW_SEND
        try:
            return bool(_demand_case(station, caller, right, one.round))
        except StationError:
            return False

    return tuple(sorted(filter(is_mine, found), key=lambda one: (one.days is None, one.due, one.round.no)))


def ready_for(station: Station, case: str) -> Ready:
    """Where a case stands with its review; the caller may know of it."""
    seen, by, _ = reviews.now(station.database, case, station.now())
    wanted, rounds = asked(seen, by), reviews.of_case(station.database, case)
    is_kept = rounds and by.review.again_if_changed
    other = changed(rounds[-1].substance, substance(seen, by)) if is_kept else ()
    return Ready(wanted, lacking(seen, wanted), rounds, other)


def demand_reviewer(station: Station, caller: Caller, no: str) -> Caller:
    """Return the caller, bound, if they may judge this round; raises `NoSuchReview`, `NotAllowed`."""
    return _demand_case(station, caller, Right.REVIEW_JUDGE, reviews.get(station.database, no))


def policy_of(station: Station, one: Round) -> BureauPolicy:
    """The policy that a round goes by."""
    return policy.of_version(station.database, one.policy).whole if one.policy else BureauPolicy()


def ask_who(station: Station, runs: Caller, no: str, read: Read) -> Caller:
    """Who takes a step; types a secret where nothing else tells. Raises `PersonUnknown`."""
    return second_person(station, runs, None, read, ReviewUnfit(review=no, what="", what_zh=""))


# ---------------------------------------------------------------------- inside


def _begin(station: Station, known: Caller, case: str, note: str | None, again_of: str | None) -> str:
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        at = station.now()
        seen, by, version = reviews.now(station.database, case, at)
        no = reviews.next_no(station.database, at.astimezone(station.settings.zone).year)
        types = {it.id: it.code for it in papers.of_case(station.database, case)}
        sent = [it.id for it in counting(seen, by)] + [it for it, code in types.items() if code == REQUEST]
        said: dict[str, Any] = {"case_id": case, "policy": version, "note": note, "papers": sorted(set(sent))}
        said["substance"] = substance(seen, by)
        action = acts.REVIEW_SENT if again_of is None else acts.REVIEW_AGAIN
        said |= {} if again_of is None else {"again_of": again_of}
        station.act_writer.carry_out(reviews.stating(action, no, said, at=at, by=known))
    return no


def _step(station: Station, caller: Caller, right: Right, action: str, no: str, said: Mapping[str, Any]) -> None:
    known = _demand_case(station, caller, right, reviews.get(station.database, no))
    _carry_out(station, lambda at: reviews.stating(action, no, said, at=at, by=known))


def _demand_case(station: Station, caller: Caller, right: Right, one: Round) -> Caller:
    """Return the caller, bound, if they have the right over the round's case; who handles the case never judges it.

    Raises `NoSuchReview` for what is not theirs to see, `NotAllowed`.
    """
    known = bind(station, caller)
    try:
        case = find_case(station, known, one.case_id)
    except NoSuchCase:
        raise NoSuchReview(review=one.no) from None
    is_party = known.no is not None and standing.is_party(station.database, known.no, case.id)
    its: About = replace(about(case), is_party=is_party)
    return demand(station, known, right, its)


def _carry_out(station: Station, act: Callable[[datetime], Act]) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.carry_out(act(station.now()))


def _shown(station: Station, caller: Caller, rounds: Sequence[Round]) -> list[Shown]:
    known, zone = known_to(station, caller), station.settings.zone
    every = reading.among(station.database, sorted({one.case_id for one in rounds}))
    cases = {one.id: one for one in every if known is None or known.holds(one.id, about(one).unit)}
    policies, days = {one.policy: policy_of(station, one) for one in rounds}, _calendar(station)
    today, found = station.now().astimezone(zone).date(), list[Shown]()
    its = found_among(station, caller, {clip for one in rounds for clip in one.clips})
    for one in (each.told(its) for each in rounds):
        if one.case_id in cases:
            last = due(one, policies[one.policy].review, days, zone)
            left = days.left(today, last) if one.state == "sent" else None
            found.append(Shown(one, cases[one.case_id], last, left))
    return found


def _calendar(station: Station) -> WorkingDays:
    """The newest calendar counts."""
    every = policy.history(station.database)
    return WorkingDays((every[-1].whole if every else BureauPolicy()).calendar)


def _spans(look: Watched) -> list[list[int]] | None:
    return None if look.watched_ms is None else [list(span) for span in look.watched_ms]
