"""`/reviews` (法制审核): rounds of legal review, judged by one, answered by another; and decisions on cases.

Each step is a noun that came to be: a POST to it is one signed act, of a person, never of a token.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from catalog.rules import acts
from catalog.rules.callers import Caller
from catalog.rules.house_rights import Right
from catalog.rules.review_rounds import Verdict
from docking_station.services import legal_review, opinions
from docking_station.services.cases import show_case
from docking_station.station.station import Station
from review.api.answers import Body, Json
from review.api.asking import Here, Me, marks
from review.api.changes import Key, once
from review.api.typed import CaseNo, Code, Day, Page, Words

API = APIRouter()
RoundNo = Annotated[str, Path(pattern=r"^F\d{4}-\d{4,8}$", description="Its number.", examples=["F2026-0001"])]
MS_MAX, MANY_MAX = 10**9, 50
Ms = Annotated[int, Field(ge=0, le=MS_MAX)]
MADE: dict[str, Any] = {"answer": dict[str, Any], "status": HTTPStatus.CREATED}


class Sending(Body):
    """Send a case for review (送审), with what the reviewer should know."""

    note: Words | None = None


class Why(Body):
    """Why."""

    reason: Words


class PartOfClip(Body):
    """A part of a clip, in milliseconds from its begin."""

    clip: Words
    from_ms: Ms
    to_ms: Ms


class PointJudgement(Body):
    """Judge one point (逐项审核), by the written records and the parts of clips it rests on, or by a remark."""

    point: Code
    verdict: Verdict
    papers: list[Words] = Field([], max_length=MANY_MAX)
    clips: list[PartOfClip] = Field([], max_length=MANY_MAX)
    note: Words | None = None


class OpinionGiven(Body):
    """Give the opinion (出具审核意见): a code of the policy, and its words. It is filed in the case."""

    opinion: Code
    text: Words


class PointAnswer(Body):
    """Answer one point that did not hold (答复)."""

    point: Code
    adopted: bool
    text: Words


class Decision(Body):
    """The day of a decision (作出决定), and who approved it."""

    day: Day
    approved_by: Words | None = None
    reason: Words | None = None


@API.get("/reviews", **marks("cases:read", None, answer=Page))
def every_review(me: Me, station: Here) -> Response:
    """The rounds of the cases somebody may know of: what waits first."""
    return Json({"items": legal_review.every_round(station, me), "next": None})


@API.get("/reviews/{no}", **marks("cases:read", None, answer=dict[str, Any]))
def one_review(me: Me, station: Here, no: RoundNo) -> Response:
    """A round as `reviews show --json` prints it."""
    return Json(legal_review.shown(station, me, no))


@API.post("/cases/{no}/review", **marks("person", Right.REVIEW_SEND, act=(acts.REVIEW_SENT,), **MADE))
def case_review(request: Request, me: Me, station: Here, no: CaseNo, body: Sending, key: Key = None) -> Response:
    """Send a case for review (送审). Answers the round."""
    return once(
        request, station, me, key, body, lambda: legal_review.send(station, me, no, body.note), _answer(station, me)
    )


@API.post("/cases/{no}/decision", **marks("person", Right.CASE_DECIDE, act=(acts.CASE_DECIDED,), **MADE))
def case_decision(request: Request, me: Me, station: Here, no: CaseNo, body: Decision, key: Key = None) -> Response:
    """Enter the decision on a case (作出决定), once its legal review passed. Answers the case."""
    about = {"approved_by": body.approved_by, "reason": body.reason}

    def change() -> str:
        return legal_review.decide(station, me, no, body.day.isoformat(), **about).id

    return once(
        request, station, me, key, body, change, lambda case: Json(show_case(station, me, case), HTTPStatus.CREATED)
    )


def _step(noun: str, right: Right, act: tuple[str, ...], kind: type[Body], does: Callable[..., object]) -> None:
    """A step of a round: `does(station, caller, number, body)` may give another's; its docstring is the body's."""

    def step(request: Request, me: Me, station: Here, no: str, body: Body, key: Key = None) -> Response:
        def change() -> str:
            made = does(station, me, no, body)
            return made if isinstance(made, str) else no

        return once(request, station, me, key, body, change, _answer(station, me))

    step.__name__, step.__doc__ = f"review_{noun.replace('-', '_')}", kind.__doc__
    step.__annotations__ |= {"no": RoundNo, "body": kind}
    API.post(f"/reviews/{{no}}/{noun}", **marks("person", right, act=act, **MADE))(step)


def _judge(station: Station, me: Caller, no: str, body: PointJudgement) -> None:
    rests = legal_review.rest_on(station, me, body.papers, [(it.clip, it.from_ms, it.to_ms) for it in body.clips])
    legal_review.judge(station, me, no, body.point, body.verdict, rests, body.note)


def _give(station: Station, me: Caller, no: str, body: OpinionGiven) -> None:
    opinions.give_opinion(station, me, no, body.opinion, body.text)


def _reply(station: Station, me: Caller, no: str, body: PointAnswer) -> None:
    legal_review.answer(station, me, no, body.point, body.text, adopted=body.adopted)


J, S = Right.REVIEW_JUDGE, Right.REVIEW_SEND
for _one in (
    ("return", J, (acts.REVIEW_RETURNED,), Why, lambda s, me, no, b: legal_review.give_back(s, me, no, b.reason)),
    ("extension", J, (acts.REVIEW_EXTENDED,), Why, lambda s, me, no, b: legal_review.extend(s, me, no, b.reason)),
    ("judgement", J, (acts.REVIEW_JUDGED,), PointJudgement, _judge),
    ("opinion", J, (acts.REVIEW_GIVEN, acts.PAPER_ADDED, acts.PAPER_SCANNED), OpinionGiven, _give),
    ("answer", S, (acts.REVIEW_ANSWERED,), PointAnswer, _reply),
    ("again", S, (acts.REVIEW_AGAIN,), Why, lambda s, me, no, b: legal_review.again(s, me, no, b.reason)),
):
    _step(*_one)


def _answer(station: Station, me: Caller) -> Callable[[str], Response]:
    return lambda no: Json(legal_review.shown(station, me, no), HTTPStatus.CREATED)
