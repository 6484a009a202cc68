"""Signing in at the pages (登录): a person's own secret begins a session, and the session says who asks.

Once the first person is entered a page asks who is there, on the station's own machine too; before, whoever runs the
pages looks. Sessions that begin and end are lines of the trail, as wrong secrets are.
Shapes: a token is 32 random bytes in base64url, a point, and a seal that says whose it is by a key this process alone
has: whoever writes into the catalog signs nobody in. The browser keeps it, the catalog has its SHA-256. What was asked
of the catalog a moment ago is not asked again.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from catalog.people import accounts, sessions
from catalog.people import people as entered_people
from catalog.rules.callers import SECRET, Caller
from catalog.rules.house_rights import Right
from catalog.rules.rights import NOBODY
from catalog.trail import trail
from docking_station.services import pins, second_factor
from docking_station.services.errors import ProofStale, SecondIsFirst, SecondUnready, TooMany
from docking_station.services.people import WRONG_FOR, WRONG_MAX, Typed, caller_typed, entered, locked, set_secret
from docking_station.services.rates import Rate
from docking_station.services.rights import bind, demand
from docking_station.services.sign_in_steps import Steps
from docking_station.station.errors import NotAllowed, SecretWrong
from docking_station.station.station import Station

BEGUN, ENDED = "session.begun", "session.ended"
TOKEN_BYTES, SHOWN_CHARS, CODE_PARTS = 32, 16, 5
KNOWN_S, KNOWN_MAX = 5.0, 1000
"""So long is believed what the catalog said of a session; one that is ended elsewhere is over by then."""
BROWSERS_MAX = 8
"""So many sessions, of one person each, a browser remembers that it had."""
FRESH_S = 300.0
"""So long a code is good for what cannot be undone: approvals, copies, emergency looks."""
SEEN = timedelta(minutes=1)
"""How exactly it is written down when a session was used last."""


class Sessions:
    """Who is signed in, for one process that serves pages; `runs` is who runs it."""

    def __init__(self, station: Station, runs: Caller, clock: Callable[[], float] = time.monotonic) -> None:
        self._station, self._runs, self._clock = station, runs, clock
        self._lock, self._key = threading.Lock(), secrets.token_bytes(TOKEN_BYTES)
        self._known = dict[str | None, tuple[float, Caller]]()
        self._proved = dict[str, float]()
        self.steps = Steps(station, clock)
        self._guesses = Rate(1 / WRONG_FOR.total_seconds(), WRONG_MAX, clock)

    def browser(self, account: str, digests: Sequence[str]) -> str | None:
        """Which session of this account a browser had, of those it says it had: `begin` counts its guesses apart."""
        return sessions.begun_here(self._station.database, account, digests[:BROWSERS_MAX])

    def begin(self, typed: Typed, browser: str | None = None) -> str:
        """Sign a person in; returns the token. Raises `MoreNeeded` and as `checked`."""
        known = self._secret_of(typed.account)
        caller = self.checked(typed, browser)
        self.steps.demand_done(caller, known)
        return self._begun(caller, known)

    def go_on(self, number: str, answer: str) -> str:
        """Do the step that was needed; returns the token. Raises `MoreNeeded` for another, and as `Steps.take`."""
        step = self.steps.take(number, answer)
        known = self._secret_of(step.caller.person) if step.needs == "secret" else step.known
        self.steps.demand_done(step.caller, known, step.needs)
        return self._begun(step.caller, known, has_proved=step.needs != "secret")

    def change_secret(self, typed: Typed, new: str, browser: str | None = None) -> str:
        """Set another secret by the one before; every session of theirs ends, and the token of a new one is returned.

        Raises `SecretNotSet` and as `checked`.
        """
        caller = self.checked(typed, browser)
        set_secret(self._station, self._runs, typed.account, new, [caller])
        return self._begun(caller, self._secret_of(typed.account))

    def set_pin(self, typed: Typed, pin: str, browser: str | None = None) -> str:
        """Set a PIN for the bays by one's own secret; as `change_secret`."""
        caller = self.checked(typed, browser)
        pins.set_pin(self._station, caller, pin)
        return self._begun(caller, self._secret_of(typed.account))

    def reset_secret(self, account: str, callers: Sequence[Caller]) -> str:
        """Set a secret by the word of two others and return it; its person chooses another at the first sign-in.

        Raises `SecretNotSet`.
        """
        code = "-".join(secrets.token_hex(2) for _ in range(CODE_PARTS))
        set_secret(self._station, self._runs, account, code, callers)
        return code

    def prove(self, token: str, code: str) -> None:
        """Take a code of who is signed in: for five minutes they may do what cannot be undone. Raises `CodeWrong`."""
        if (caller := self.caller(token)) is not None:
            self.steps.demand_code(caller, code, second_factor.key_of(self._station, caller.person))
            self._has_proved(token)

    def demand_fresh(self, token: str | None) -> None:
        """Raise `ProofStale` where a person needs a second factor, and told no code in the last five minutes."""
        caller = self.caller(token)
        with self._lock:
            proved_s = self._proved.get(token or "", -math.inf)
        is_stale = caller is not None and caller.how == SECRET and self._clock() > proved_s + FRESH_S
        if is_stale and caller is not None and second_factor.is_demanded(self._station, caller):
            raise ProofStale

    def checked(self, typed: Typed, browser: str | None = None) -> Caller:
        """Whose secret it is. Raises `SecretWrong`, `SecretLocked`, `CatalogUnreachable`."""
        guess = digest_of(f"{typed.account}\n{browser}")
        try:
            self._guesses.take(guess)
        except TooMany as error:
            raise locked() from error
        caller = caller_typed(self._station, self._runs, typed, "new" if browser is None else "known")
        self._guesses.give_back(guess)
        return caller

    def at_bay(self, typed: Typed, browser: str | None = None) -> Caller:
        """Who stands at a bay, by PIN, or by the secret they sign in with; either way with what a PIN allows.

        Raises as `caller_by_pin` and `checked`.
        """
        if pins.PIN.fullmatch(typed.secret):
            return pins.caller_by_pin(self._station, self._runs, typed.account, typed.secret)
        return replace(self.checked(typed, browser), how=None)

    def second(self, first: Caller, typed: Typed, code: str = "", browser: str | None = None) -> Caller:
        """Who vouches as the second of two people, for one act: no session of theirs begins, and the first's goes on.

        Raises `SecondIsFirst`, `SecondUnready`, `CodeWrong`, and as `checked`. Whether the act wants two units, or a
        right of the second, says the service that carries it out.
        """
        caller = self.checked(typed, browser)
        if accounts.are_one(self._station.database, first.who, caller.actor):
            raise SecondIsFirst(person=first.who)
        needs, key = self.steps.left(caller)
        if needs == "code":
            self.steps.demand_code(caller, code, key)
        elif needs is not None:
            raise SecondUnready(person=caller.who)
        return caller

    def _secret_of(self, account: str) -> str | None:
        """What the secret of an account is kept by now."""
        act = entered(self._station).get(account)
        return None if act is None else str(act.details["record"])

    def _begun(self, caller: Caller, known: str | None, *, has_proved: bool = False) -> str:
        """Begin a session by the secret that is `known`; raises `SecretWrong` where another was set meanwhile.

        Raises `NotAllowed` for somebody suspended.
        """
        if self._here(caller) is None:
            raise NotAllowed(action="sign-in", rule=NOBODY.code)
        token = self._sealed(secrets.token_urlsafe(TOKEN_BYTES), caller.person)
        self._station.demand_clock()
        at, digest = self._station.now(), digest_of(token)
        with self._station.database.transaction() as session:
            sessions.begin(session, digest, caller.person, at)
            trail.append(session, trail.Entry(at, caller.actor, BEGUN, caller.who, {"session": digest[:SHOWN_CHARS]}))
        if self._secret_of(caller.person) != known:  # who set it ended the sessions there were, and not yet this one
            end_sessions(self._station, self._runs, caller.person, digest)
            raise SecretWrong
        if has_proved:
            self._has_proved(token)
        return token

    def _has_proved(self, token: str) -> None:
        with self._lock:
            self._proved[token] = self._clock()
            if len(self._proved) > KNOWN_MAX:
                self._proved.pop(next(iter(self._proved)))

    def known(self, token: str | None) -> Caller | None:
        """Who asks, as far as this process knows without asking anybody."""
        with self._lock:
            until_s, caller = self._known.get(token, (0.0, None))
        return caller if self._clock() < until_s else None

    def caller(self, token: str | None) -> Caller | None:
        """Who asks: the person of the session, who runs the pages while nobody is entered, or nobody known.

        Raises `CatalogUnreachable`.
        """
        if (caller := self.known(token)) is None:
            caller = self._asked(token)
            with self._lock:
                self._known.pop(token, None)
                if caller is not None and caller is not self._runs:  # till the first person is entered, at once
                    self._known[token] = (self._clock() + KNOWN_S, caller)
                if len(self._known) > KNOWN_MAX:
                    self._known.pop(next(iter(self._known)))
        return caller

    def end(self, token: str) -> None:
        """Sign out; once more is harmless."""
        caller = self.caller(token)
        with self._lock:
            self._known.pop(token, None)
        if caller is not None and caller is not self._runs:
            end_sessions(self._station, self._runs, caller.person, digest_of(token))

    def form_token(self, token: str) -> str:
        """What a form of a page carries that this session was shown: another site cannot know it."""
        return hmac.digest(self._key, f"form\n{token}".encode(errors="surrogateescape"), "sha256").hex()

    def _asked(self, token: str | None) -> Caller | None:
        if not entered_people.are_entered(self._station.database):
            return self._runs
        if token is None:
            return None
        at, digest = self._station.now(), digest_of(token)
        for one in sessions.going_on(self._station.database, at, digest):
            if not hmac.compare_digest(token.encode(), self._sealed(token.partition(".")[0], one.account).encode()):
                return None
            if one.seen_at <= at - SEEN:
                with self._station.database.transaction() as session:
                    sessions.seen(session, digest, at)
            return self._here(Caller(one.account, self._runs.account, SECRET))
        return None

    def _here(self, caller: Caller) -> Caller | None:
        """The caller, bound; None while the person is suspended: their session counts as over."""
        known = bind(self._station, caller)
        is_here = known.no is None or entered_people.is_active(self._station.database, known.no)
        return known if is_here else None

    def _sealed(self, random: str, account: str) -> str:
        return f"{random}.{hmac.digest(self._key, f'{random} {account}'.encode(), 'sha256').hex()}"


def going_on(station: Station, caller: Caller) -> list[sessions.SignedIn]:
    """Who is signed in now, for whoever keeps the station going. Raises `NotAllowed`, `CatalogUnreachable`."""
    demand(station, caller, Right.STATION_WRITE)
    return sessions.going_on(station.database, station.now())


def own(station: Station, caller: Caller) -> list[sessions.SignedIn]:
    """Where somebody is signed in, the newest first."""
    return [one for one in sessions.going_on(station.database, station.now()) if one.account == caller.person]


def end_own(station: Station, caller: Caller, shown: str) -> int:
    """End one of one's own sessions, by the first characters of its digest; returns how many that were."""
    found = [one.digest for one in own(station, caller) if shown and one.digest.startswith(shown)]
    return sum(end_sessions(station, caller, caller.person, digest) for digest in found[:1])


def end_for(station: Station, caller: Caller, account: str) -> int:
    """End every session of somebody else; returns how many. Raises `NotAllowed`, `CatalogUnreachable`."""
    demand(station, caller, Right.STATION_WRITE)
    return end_sessions(station, caller, account)


def end_sessions(station: Station, runs: Caller, account: str, digest: str | None = None) -> int:
    """End every session of an account, or one of them; returns how many. Raises `CatalogUnreachable`."""
    at, whose = station.now(), bind(station, Caller(account, runs.account, SECRET))
    with station.database.transaction() as session:
        count = sessions.end(session, account, at, digest)
        if count:
            by = whose if digest is not None else bind(station, runs)
            details = {"sessions": count} if digest is None else {"session": digest[:SHOWN_CHARS]}
            trail.append(session, trail.Entry(at, by.actor, ENDED, whose.who, details))
    return count


def digest_of(token: str) -> str:
    """What the catalog has of a token."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
