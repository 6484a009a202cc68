"""The rail (导航栏): the desks of a station, of which a person sees their own, each with how much waits there for them.

Shapes: `DESKS` is the one table; a new page that people go to adds a row. What a row needs is a right held over some
unit; without one the desk is everybody's who is signed in. The rail of a person is believed for a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.station_error import StationError
from docking_station.services import held, legal_review, release_steps, requests
from docking_station.services.rights import rights_held
from docking_station.station.station import Station

BELIEVED_S, KNOWN_MAX = 10.0, 200
Count = Callable[[Station, Caller], int]


@dataclass(frozen=True, slots=True)
class Desk:
    """One page people go to: the name of its text, its address, its icon, who sees it, what is counted there."""

    name: str
    address: str
    icon: str
    rights: frozenset[Right] = frozenset()
    """One of these is needed; none: whoever is signed in."""
    is_open: bool = False
    """Whether it is there for who has not signed in too."""
    count: Count | None = None
    holds: tuple[str, ...] = ()
    """Addresses of other pages that are this desk's."""


class Shown(NamedTuple):
    """A desk on one person's rail; `waiting` is 0 where nothing waits, or nothing is counted."""

    desk: Desk
    waiting: int


REGISTERS: tuple[Desk, ...] = (
    Desk("ppl_title", "/people", "users", frozenset({Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM, Right.STATISTICS})),
    Desk("reg_recorders", "/recorders", "video", frozenset({Right.RECORDER_WRITE, Right.HEALTH, Right.STATISTICS})),
    Desk("reg_stations", "/stations", "hard-drive", frozenset({Right.HEALTH})),
    Desk("imp_title", "/imports", "file-plus", frozenset({Right.IMPORT, Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM})),
    Desk("reg_trail", "/trail", "route", frozenset({Right.TRAIL_READ})),
    Desk("reg_policy", "/policy", "file-text", frozenset({Right.POLICY_PROPOSE, Right.POLICY_ADOPT, Right.STATISTICS})),
)
"""What is one desk on the rail, and a row of its own on each of its pages."""

DESKS: tuple[Desk, ...] = (
    Desk("todo_title", "/", "list-checks"),
    Desk("page_bays", "/bays", "plug", is_open=True),
    Desk("page_cases_nav", "/cases", "folder", frozenset({Right.CASE_READ})),
    Desk("page_clips", "/clips", "film"),
    Desk("req_title", "/requests", "stamp", count=lambda station, caller: len(requests.for_me(station, caller))),
    Desk(
        "rev_title",
        "/reviews",
        "scale",
        frozenset((Right.REVIEW_JUDGE, Right.REVIEW_SEND, Right.STATISTICS, Right.CASE_WRITE)),
        count=lambda station, caller: len(legal_review.waiting(station, caller)),
    ),
    Desk(
        "rel_title",
        "/releases",
        "megaphone",
        frozenset((Right.CASE_READ,)),
        count=lambda station, caller: len(release_steps.waiting(station, caller)),
    ),
    Desk("queue_title", "/queue", "repeat", frozenset((Right.CASE_WRITE,))),
    Desk("held_title", "/held", "triangle-alert", frozenset((Right.HELD,)), count=held.count),
    Desk("disc_title", "/disclosures", "eye", frozenset((Right.PUBLISH,))),
    Desk("keeping_title", "/keeping", "lock", frozenset((Right.PUBLISH,))),
    Desk("stat_title", "/statistics", "chart-column", frozenset((Right.STATISTICS,))),
    Desk(
        "reg_title",
        "/registers",
        "file-text",
        frozenset[Right]().union(*(one.rights for one in REGISTERS)),
        holds=tuple(one.address for one in REGISTERS),
    ),
)


class Rails:
    """The rails of the people who look at pages now."""

    def __init__(
        self, station: Station, desks: Sequence[Desk] = DESKS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._station, self._desks, self._clock = station, desks, clock
        self._known = dict[str, tuple[float, tuple[Shown, ...]]]()

    def of(self, caller: Caller | None) -> tuple[Shown, ...]:
        """Return the desks of a person; where the catalog does not answer, or nobody is known, the open ones."""
        if caller is None:
            return tuple(Shown(one, 0) for one in self._desks if one.is_open)
        until_s, shown = self._known.get(caller.actor, (0.0, ()))
        if self._clock() >= until_s:
            shown = self._read(caller)
            self._known[caller.actor] = (self._clock() + BELIEVED_S, shown)
            while len(self._known) > KNOWN_MAX:
                self._known.pop(next(iter(self._known)), None)
        return shown

    def registers(self, caller: Caller) -> tuple[Desk, ...]:
        """Return the registers that this person may read."""
        held = frozenset(rights_held(self._station, caller)[1])
        return tuple(one for one in REGISTERS if one.rights & held)

    def forget(self, caller: Caller) -> None:
        """What waits for somebody is counted anew on their next page: they did something."""
        self._known.pop(caller.actor, None)

    def _read(self, caller: Caller) -> tuple[Shown, ...]:
        held = frozenset[Right]()
        with suppress(StationError):
            held = frozenset(rights_held(self._station, caller)[1])
        return tuple(Shown(one, self._count(one, caller)) for one in self._desks if not one.rights or one.rights & held)

    def _count(self, desk: Desk, caller: Caller) -> int:
        with suppress(StationError):
            return 0 if desk.count is None else desk.count(self._station, caller)
        return 0
