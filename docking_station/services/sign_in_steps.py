"""What a person still does between the right secret and a session (登录步骤): choose their own, tell a code.

A secret that others set, or who set the station up, is known to them: it is changed before anything is shown. Shapes:
a step is known by 32 random bytes that its page carries, in the memory of one process, for five minutes.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from catalog.people import used_codes
from catalog.rules.callers import Caller
from catalog.trail import trail
from docking_station.services import second_factor
from docking_station.services.errors import CodeWrong, MoreNeeded, SignInNeeded, TooMany
from docking_station.services.people import WRONG, WRONG_FOR, WRONG_MAX, entered, locked, set_factor, set_secret
from docking_station.services.rates import Rate
from docking_station.station.station import Station

OTHERS = ("first", "vouched")
"""By whose word a secret is another's too."""
STEP_BYTES, STEP_S, STEPS_MAX = 32, 300.0, 1000
Needs = Literal["secret", "enrol", "code"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a person is asked for: a new secret, the first code of a new key, or a code."""

    caller: Caller
    needs: Needs
    key: bytes | None
    until_s: float
    known: str | None
    """By which secret they came so far."""


class Steps:
    """The steps that wait for their answers."""

    def __init__(self, station: Station, clock: Callable[[], float]) -> None:
        self._station, self._clock, self._lock = station, clock, threading.Lock()
        self._waiting = dict[str, Step]()
        self._guesses = Rate(1 / WRONG_FOR.total_seconds(), WRONG_MAX, clock)

    def demand_done(self, caller: Caller, known: str | None, done: Needs | None = None) -> None:
        """Raise `MoreNeeded` where something is left to do, with the number of the step."""
        needs, key = self.left(caller, done)
        if needs is None:
            return
        number = secrets.token_urlsafe(STEP_BYTES)
        with self._lock:
            self._waiting[number] = Step(caller, needs, key, self._clock() + STEP_S, known)
            if len(self._waiting) > STEPS_MAX:
                self._waiting.pop(next(iter(self._waiting)))
        raise MoreNeeded(step=number, needs=needs)

    def asked(self, number: str) -> Step:
        """What a step asks for; raises `SignInNeeded` where it is over."""
        with self._lock:
            step = self._waiting.get(number)
        if step is None or step.until_s < self._clock():
            raise SignInNeeded
        return step

    def take(self, number: str, answer: str) -> Step:
        """Do a step; raises `SignInNeeded`, `SecretNotSet`, `CodeWrong`, `SecretLocked`."""
        step = self.asked(number)
        if step.needs == "secret":
            set_secret(self._station, step.caller, step.caller.person, answer, [step.caller])
        else:
            self.demand_code(step.caller, answer, step.key)
        if step.needs == "enrol":
            assert step.key is not None
            set_factor(self._station, step.caller, step.key)
        with self._lock:
            self._waiting.pop(number, None)
        return step

    def demand_code(self, caller: Caller, code: str, key: bytes | None) -> None:
        """Raise `CodeWrong` unless it is one of this key that is new; `SecretLocked` after five wrong ones."""
        try:
            self._guesses.take(caller.person)
        except TooMany as error:
            raise locked() from error
        at = self._station.now()
        moment = None if key is None else second_factor.moment_of(key, code.replace(" ", ""), at.timestamp())
        said = {"browser": "known", "what": "code"}
        with self._station.database.transaction() as session:
            is_new = moment is not None and used_codes.take(session, caller.person, moment)
            if not is_new:
                trail.append(session, trail.Entry(at, caller.actor, WRONG, caller.person, said))
        if not is_new:
            raise CodeWrong
        self._guesses.give_back(caller.person)

    def left(self, caller: Caller, done: Needs | None = None) -> tuple[Needs | None, bytes | None]:
        """What somebody whose secret was right does next, and with which key; nothing where all is done."""
        act = entered(self._station).get(caller.person)
        if act is not None and act.details["word"] in OTHERS:
            return "secret", None
        if done in ("enrol", "code") or not second_factor.is_demanded(self._station, caller):
            return None, None
        key = second_factor.key_of(self._station, caller.person)
        return ("code", key) if key is not None else ("enrol", second_factor.new_key())
