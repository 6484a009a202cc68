"""What follows on what in a request and a copy, who may, and what the clock says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from catalog.errors import NoSuchRequest, NotGranted, RequestPerson, RequestState, RequestTooWide
from catalog.requests import requests
from catalog.rules.acts import Act
from catalog.rules.bureau_policy import Access, Calendar, Year
from catalog.rules.callers import LOGIN, SECRET, Caller
from catalog.rules.policy_fields import Days
from catalog.rules.requests import Copy, Request, after, copy_after, demand_open, lapses_at, state_at, term_days
from catalog.rules.working_days import WorkingDays
from catalog.station_error import StationError
from tests.fakes.asked import DIGEST, every_step

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, NOBODY = Caller("a", "root", SECRET), Caller("b", "b", LOGIN), Caller("root", "root", None)
NO, COPY = "R2026-0001", "R2026-0001-1"


def asked(by: Caller = A, clips: tuple[str, ...] = ("c1", "c2"), wanted: str = "copy", **told: str | None) -> Act:
    return requests.asking(NO, wanted, clips, reason="r", days=10, at=AT, by=by, **told)  # type: ignore[arg-type]


def granted(by: Caller = B, clips: tuple[str, ...] = ("c1",), days: int = 10) -> Act:
    return requests.granting(NO, clips, AT + days * DAY, 1, reason=None, at=AT, by=by)


def made(at: datetime = AT, clips: tuple[str, ...] = ("c1",), by: Caller = A) -> Act:
    return requests.making(COPY, NO, dict.fromkeys(clips, DIGEST), "b", DIGEST, at=at, by=by)


FILL, REFUSE = requests.filling(NO, ("c3",), at=AT, by=B), requests.refusing(NO, reason="r", at=AT, by=B)
WITHDRAW = requests.withdrawing(NO, reason=None, at=AT, by=A)
REVOKE = requests.revoking(NO, reason="r", at=AT, by=B)
HAND = requests.handing(COPY, medium="disc", receiver="x", at=AT, by=A)
BACK = requests.taking_back(COPY, outcome="destroyed", witness="w", at=AT, by=A)
WORDS_ALONE = asked(clips=(), description="the market")
LOOK = asked(wanted="look")


def opened(minutes: int = 30, clips: tuple[str, ...] = ("c1",), case: str | None = None, by: Caller = A) -> Act:
    until = AT + timedelta(minutes=minutes)
    return requests.opening(NO, clips, until, 0, case=case, reason="a fire", at=AT, by=by)


def judged(*, is_upheld: bool = True, by: Caller = B) -> Act:
    return requests.judging(NO, is_upheld=is_upheld, reason="r", at=AT, by=by)


MANY = tuple(f"c{number}" for number in range(11))

ROWS: dict[str, tuple[list[Act], str | type[StationError]]] = {
    "asked": ([asked()], "asked"),
    "filled in and granted": ([WORDS_ALONE, FILL, granted(clips=("c3",))], "granted"),
    "withdrawn": ([asked(), WITHDRAW], "withdrawn"),
    "refused": ([asked(), REFUSE], "refused"),
    "granted": ([asked(), granted()], "granted"),
    "revoked": ([asked(), granted(), REVOKE], "revoked"),
    "a copy": ([asked(), granted(), made()], "made"),
    "handed": ([asked(), granted(), made(), HAND], "handed"),
    "back": ([asked(), granted(), made(), HAND, BACK], "returned"),
    "on the last moment": ([asked(), granted(), made(AT + 10 * DAY)], "made"),
    "an emergency": ([opened()], "granted"),
    "an emergency of a case": ([opened(clips=MANY, case="x")], "granted"),
    "upheld": ([opened(), judged()], "upheld"),
    "faulted": ([opened(), judged(is_upheld=False)], "faulted"),
    "upheld after all": ([opened(), judged(is_upheld=False), judged()], "upheld"),
    "an emergency for too long": ([opened(31)], RequestTooWide),
    "an emergency for too much": ([opened(clips=MANY)], RequestTooWide),
    "judged by who opened it": ([opened(), judged(by=A)], RequestPerson),
    "judged twice": ([opened(), judged(), judged()], RequestState),
    "an emergency revoked": ([opened(), REVOKE], RequestState),
    "a grant judged": ([asked(), granted(), judged()], RequestState),
    "a copy by an emergency": ([opened(), made()], NotGranted),
    "nothing asked": ([granted()], NoSuchRequest),
    "asked twice": ([asked(), asked()], RequestState),
    "asked by nobody": ([asked(NOBODY)], RequestPerson),
    "granted by the asker": ([asked(), granted(A)], RequestPerson),
    "granted by the asker as another": ([asked(), granted(Caller("a", "a", LOGIN))], RequestPerson),
    "granted by nobody": ([asked(), granted(NOBODY)], RequestPerson),
    "refused by the asker": ([asked(), replace(REFUSE, actor="a")], RequestPerson),
    "withdrawn by another": ([asked(), replace(WITHDRAW, actor="b")], RequestPerson),
    "widened by clips": ([asked(), granted(clips=("c1", "c3"))], RequestTooWide),
    "widened by days": ([asked(), granted(days=11)], RequestTooWide),
    "granted for no time": ([asked(), granted(days=0)], RequestTooWide),
    "granted before it is filled in": ([WORDS_ALONE, granted(clips=())], RequestTooWide),
    "filled in though it names them": ([asked(), FILL], RequestTooWide),
    "granted twice": ([asked(), granted(), granted()], RequestState),
    "granted after the refusal": ([asked(), REFUSE, granted()], RequestState),
    "granted after the withdrawal": ([asked(), WITHDRAW, granted()], RequestState),
    "granted again after it was revoked": ([asked(), granted(), REVOKE, granted()], RequestState),
    "revoked before it is granted": ([asked(), REVOKE], RequestState),
    "a copy of nothing": ([made()], NotGranted),
    "a copy before the grant": ([asked(), made()], NotGranted),
    "a copy after the refusal": ([asked(), REFUSE, made()], NotGranted),
    "a copy after the revoking": ([asked(), granted(), REVOKE, made()], NotGranted),
    "a copy after the term": ([asked(), granted(), made(AT + 10 * DAY + timedelta(seconds=1))], NotGranted),
    "a copy of more": ([asked(), granted(), made(clips=("c1", "c2"))], NotGranted),
    "a copy where only a look was granted": ([LOOK, granted(), made()], NotGranted),
    "a copy by nobody": ([asked(), granted(), made(by=NOBODY)], RequestPerson),
    "the same copy twice": ([asked(), granted(), made(), made()], RequestState),
    "handed before it is made": ([asked(), granted(), HAND], NoSuchRequest),
    "handed twice": ([asked(), granted(), made(), HAND, HAND], RequestState),
    "back before it is handed": ([asked(), granted(), made(), BACK], RequestState),
    "one's own witness": (
        [asked(), granted(), made(), HAND, replace(BACK, details={**BACK.details, "witness": "a"})],
        RequestPerson,
    ),
}


def carried_out(steps: list[Act]) -> Request | Copy:
    request: Request | None = None
    copy: Copy | None = None
    for act in steps:
        if act.action.startswith("copy."):
            copy = copy_after(copy, act, request)
        else:
            request = after(request, act)
    found = copy or request
    assert found is not None
    return found


@pytest.mark.parametrize(("steps", "end"), ROWS.values(), ids=ROWS)
def test_what_follows_on_what(steps: list[Act], end: str | type[StationError]) -> None:
    if isinstance(end, str):
        assert carried_out(steps).state == end
    else:
        carried_out(steps[:-1]) if steps[:-1] else None
        with pytest.raises(end):
            carried_out(steps)


def test_every_step_of_the_example_follows() -> None:
    found = dict[str, Request]()
    for act in every_step("c1", AT, A, B):
        if not act.action.startswith("copy."):
            found[act.subject] = after(found.get(act.subject), act)
    assert [one.state for one in found.values()] == ["granted", "refused", "revoked", "upheld", "faulted", "withdrawn"]


def test_what_the_clock_says() -> None:
    zone = timezone(timedelta(hours=8))
    year = Year(2026, "x", (Days(date(2026, 3, 9), date(2026, 3, 9)),), (date(2026, 3, 7),))
    days = WorkingDays(Calendar(years=(year,)))
    request = after(None, asked())
    end = lapses_at(request, Access(ask_days=3), days, zone)
    assert end == datetime(2026, 3, 11, tzinfo=zone), "Friday, the Saturday that is worked, Tuesday: to its last minute"
    moment = timedelta(seconds=1)
    assert [state_at(request, at, end) for at in (end - moment, end)] == ["asked", "lapsed"]
    emergency = after(None, opened(5))
    times = (AT + 6 * timedelta(minutes=1), AT + DAY, AT + DAY + moment)
    assert [state_at(emergency, at) for at in times] == ["ended", "ended", "overdue"]
    open_ = after(request, granted())
    assert open_.until is not None
    assert [state_at(open_, at, end) for at in (open_.until, open_.until + moment)] == ["granted", "ended"]
    assert demand_open(open_, NO, open_.until, ["c1"]) is open_


@pytest.mark.parametrize(
    ("wanted", "classes", "asked_for", "days"),
    [
        *(("look", [], None, 7), ("copy", [], None, 30), ("copy", ["privacy"], None, 15)),
        *(("look", ["business"], None, 4), ("copy", ["work"], None, 30), ("copy", [], 3, 3), ("look", [], 365, 7)),
    ],
)
def test_how_long_a_grant_may_stand(wanted: str, classes: list[str], asked_for: int | None, days: int) -> None:
    request = replace(after(None, asked(wanted=wanted)), days=asked_for)
    assert term_days(request, Access(), classes) == days
