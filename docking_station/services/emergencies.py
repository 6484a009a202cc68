"""Emergency looks (紧急调阅): opened at once by a custodian or a head, for minutes, and judged by another afterwards.

While one is not judged, or was judged wrong, its person opens no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from catalog.errors import RequestPerson, RequestTooWide
from catalog.requests import requests
from catalog.rules.callers import Caller
from catalog.rules.requests import Request
from catalog.rules.rights import Action
from docking_station.services.known_cases import find_case
from docking_station.services.requests import chosen_clips, classes_of, is_asker, rules_at
from docking_station.services.rights import demand_clips, demand_role
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station

OPENERS = ("custodian", "supervisor")


def open_emergency(
    station: Station, caller: Caller, clips: Sequence[str], *, case: str | None, reason: str, minutes: int | None
) -> Request:
    """Open clips, or those of a case, for looking at once; the policy says for how many minutes at most.

    Raises `NoSuchClip`, `NoSuchCase`, `NotAllowed`, `RequestTooWide`, `WordsUnfit`, and `RequestPerson` while an
    earlier one is not judged, or was judged wrong.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        number = None if case is None else find_case(station, caller, case).id
        chosen, now = chosen_clips(station, caller, tuple(clips), number), station.now()
        known = demand_role(station, demand_clips(station, caller, Action.ROW, chosen), OPENERS, chosen)
        rules, version = rules_at(station, now)
        no = requests.next_no(station.database, now.astimezone(station.settings.zone).year)
        for one in requests.emergencies(station.database):
            if one.state != "upheld" and is_asker(station, known, one):
                what, what_zh = (
                    "you opened it before, and it is not judged yet or was wrong",
                    "前次尚未评判或已评判为不当",
                )
                judge_, ask = f"`evidock requests judge {one.no}`", "`evidock requests ask`"
                todo = f"Another head judges it first ({judge_}); till then ask: {ask}"
                todo_zh = f"先由另一负责人评判（{judge_}）；期间可执行 {ask} 申请"
                raise RequestPerson(request=one.no, what=what, what_zh=what_zh, todo=todo, todo_zh=todo_zh)
        most = rules.access.emergency_minutes
        if not 0 < (minutes or most) <= most:
            what, what_zh = f"the policy lets {most} minutes", f"按制度最长 {most} 分钟"
            raise RequestTooWide(request=no, what=what, what_zh=what_zh)
        if "state" in classes_of(station, chosen):
            raise RequestTooWide(request=no, what="it holds a state secret", what_zh="含国家秘密")
        until = now + timedelta(minutes=minutes or most)
        act = requests.opening(no, chosen, until, version, case=number, reason=reason, at=now, by=known)
        station.act_writer.carry_out(act)
        return requests.get(station.database, no)


def judge(station: Station, caller: Caller, no: str, *, is_upheld: bool, reason: str) -> Request:
    """Say whether an emergency look was rightly opened: another head of the unit, else an auditor.

    Raises `RequestState`, `RequestPerson`, `NotAllowed`, `NoSuchRequest`.
    """
    known = demand_judge(station, caller, requests.get(station.database, no))
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        act = requests.judging(no, is_upheld=is_upheld, reason=reason, at=station.now(), by=known)
        station.act_writer.carry_out(act)
        return requests.get(station.database, no)


def demand_judge(station: Station, caller: Caller, request: Request) -> Caller:
    """Return the caller, bound, if they judge this look; raises `NotAllowed`, `NoSuchClip`."""
    try:
        return demand_clips(station, caller, Action.APPROVE, request.granted)
    except NotAllowed:
        return demand_role(station, caller, ("auditor",), request.granted)
