"""A person's own secret (个人口令): who somebody is where the kernel cannot tell (docs/adr/0020).

Shapes: a signed act binds the digest of a record to an account; the record (`secret_records`) is a file in the
station's home named by that digest. So nobody exchanges a secret by writing a file or a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from catalog.acts import station_acts
from catalog.people import accounts, sessions
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, SECRET, Account, Caller
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.services.rights import bind
from docking_station.services.secret_records import is_secret, record_of, weakness
from docking_station.station.errors import PersonUnknown, SecretLocked, SecretNotSet, SecretWrong
from docking_station.station.identity import account_called
from docking_station.station.station import Station
from ingest.errors import ClockDoubted, ClockWrong
from vault import durable

RECORD_BYTES_MAX = 4096
WRONG_MAX, WRONG_FOR = 5, timedelta(minutes=15)
WRONG = "person.secret-wrong"
FIRST_PEOPLE = 2
"""So many are entered by whoever sets the station up; later two must vouch, for one alone could invent the other."""
VOUCHERS = 2
STRANGER = "person"
"""What the trail says a wrong secret was about where no such account is entered: what was typed may be a secret."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed to say who they are."""

    account: str
    secret: str = field(repr=False)


def caller_typed(station: Station, runs: Caller, typed: Typed, browser: str | None = None) -> Caller:
    """The person whose secret was typed; `runs` is who runs the program. Raises `SecretWrong`, `SecretLocked`.

    `browser`: from which kind of one it came; whoever serves pages counts the guesses made there (`sign_in`).
    """
    with station.changing("people", wait=True):  # one guess after the other
        known = entered(station)
        act = known.get(typed.account)
        subject = typed.account if act is not None else STRANGER
        at, said = _believed(station)
        said = said if browser is None else {**said, "browser": browser}
        if browser is None:
            _demand_guesses_left(station, subject, at)
        read = act or _stand_in(known, typed.account)
        is_right = is_secret(_record(station.home.secrets, read), typed.secret)
        if is_right and act is not None and _is_still_theirs(station, act):
            return bind(station, Caller(typed.account, runs.account, SECRET))
        with station.database.transaction() as session:
            trail.append(session, trail.Entry(at, runs.actor, WRONG, subject, said))
    raise SecretWrong()


def _stand_in(known: Mapping[str, Act], name: str) -> Act | None:
    """Whose record is read in place of one that is not there, so that it takes as long; for a name always the same."""
    return known[sorted(known)[hash(name) % len(known)]] if known else None


def _is_still_theirs(station: Station, act: Act) -> bool:
    """Whether an account is whose it was when its secret was set; whoever had it before knows that one."""
    account = account_called(act.subject)
    is_the_same = account is not None and account.uid == act.details["uid"]
    return is_the_same and not accounts.was_anothers(station.database, act.subject, act.at)


def caller_other_than(
    station: Station, runs: Caller, person: str | None, read: Callable[[], Typed | None], known: Sequence[Caller] = ()
) -> Caller:
    """Find somebody who is known and is another person: who logged in, who typed already, or who types now.

    Raises `PersonUnknown`, `SecretWrong`, `SecretLocked`.
    """
    for caller in (bind(station, one) for one in (runs, *known)):
        is_first = person is not None and accounts.are_one(station.database, person, caller.actor)
        if caller.how is not None and not is_first:
            return caller
    typed = read()
    if typed is None:
        raise PersonUnknown(person=runs.person)
    return caller_typed(station, runs, typed)


def second_person(
    station: Station,
    runs: Caller,
    first: str | None,
    read: Callable[[], Typed | None],
    same: StationError,
    known: Sequence[Caller] = (),
) -> Caller:
    """Find who is known and another than the `first` person; raises `same` where who runs this is that one.

    Raises else as `caller_other_than`. Where there is no first person yet, anybody who is known.
    """
    try:
        return caller_other_than(station, runs, first, read, known)
    except PersonUnknown as error:
        if runs.how is not None and first is not None:
            raise same from error
        raise


def two_people(
    station: Station, caller: Caller, read: Callable[[], Typed | None], alone: Callable[[str], StationError]
) -> tuple[Caller, Caller]:
    """Find both people of one act: who asks, by login or secret, and another.

    Raises `PersonUnknown`, `SecretWrong`, and what `alone` makes of the one person who is there.
    """
    first = caller_other_than(station, caller, None, read)
    try:
        second = caller_other_than(station, caller, first.who, read)
    except PersonUnknown as error:
        raise alone(first.who) from error
    if second.who == first.who:
        raise alone(first.who)
    return first, second


def entered(station: Station) -> Mapping[str, Act]:
    """The newest signed act on the secret of each account. Raises `RecordsDisagree`."""
    station.signed.begin()
    return station.signed.secrets()


def set_secret(station: Station, runs: Caller, name: str, secret: str, callers: Sequence[Caller]) -> str:
    """Bind a secret to an account, by the word of these people; returns by whose (`station_acts.secret_set`).

    Raises `SecretNotSet`.
    """
    account = account_called(name)
    if account is None or not account.is_a_persons:
        raise _not_set(f"{name} is no person's account on this machine", f"{name} 不是本机上的个人账户")
    if (why := weakness(secret, name)) is not None:
        raise _not_set(*why)
    body = record_of(secret)
    record = hashlib.sha256(body).hexdigest()
    with station.changing("acts", wait=True):
        word, vouched = _word(account, runs, callers, entered(station))
        durable.make_folder(station.home.secrets)
        durable.replace_file(station.home.secrets / record, body, 0o600)
        actor = next((one.actor for one in callers), runs.actor)
        act = station_acts.secret_set(account, record, word=word, vouched=vouched, at=station.now(), actor=actor)
        station.act_writer.carry_out(act)
        _sweep(station)
        with station.database.transaction() as session:
            sessions.end(session, name, station.now())  # who knew the one before is out
    return word


def needs_vouchers(station: Station, name: str, callers: Sequence[Caller]) -> bool:
    """Whether two others must vouch: the account's person is not here, and these are not the first two people."""
    known = entered(station)
    return len(known) >= FIRST_PEOPLE and name not in {one.person for one in callers if one.how is not None}


def _word(
    account: Account, runs: Caller, callers: Sequence[Caller], known: Mapping[str, Act]
) -> tuple[str, tuple[str, ...]]:
    """By whose word a secret is believed, and who vouched for it; `runs` is who runs the program."""
    here = {one.person: one.how for one in callers if one.how is not None}
    if how := here.get(account.called):
        return how, ()
    if runs.how == LOGIN or runs.is_doubted:  # the kernel tells people apart here: nobody speaks for another
        raise _not_set(f"only {account.called}, logged in, sets this secret", f"须由 {account.called} 本人登录后设置")
    if account.called not in known and len(known) < FIRST_PEOPLE:
        return "first", ()
    vouched = tuple(sorted(here.keys() & known.keys()))
    if len(vouched) < VOUCHERS:
        raise _not_set(
            f"{VOUCHERS} others must vouch for {account.called}", f"须由另外 {VOUCHERS} 人为 {account.called} 作证"
        )
    return "vouched", vouched


def _not_set(what: str, what_zh: str) -> SecretNotSet:
    return SecretNotSet(what=what, what_zh=what_zh)


def _believed(station: Station) -> tuple[datetime, Mapping[str, object]]:
    """The time that a wrong secret is written with, and what is said of it.

    Who confirms a clock types a secret while it is not believed: guesses are counted then too. Their lines say no later
    time than the latest that is known, so that the clock has no trace in the order of the trail, and what it said.
    """
    try:
        station.demand_clock()
    except (ClockWrong, ClockDoubted) as error:
        known = error.facts["known"]
        assert isinstance(known, datetime)
        return min(station.now(), known), {"clock": time_text(station.now())}
    return station.now(), {}


def _demand_guesses_left(station: Station, subject: str, at: datetime) -> None:
    lines = (line for line in trail.lines_of(station.database, (WRONG,), subject) if line.entry.at > at - WRONG_FOR)
    if sum(trail.act_of(line).details.get("browser") is None for line in lines) >= WRONG_MAX:
        raise locked()


def locked() -> SecretLocked:
    """What is told whose guesses are used up."""
    return SecretLocked(count=WRONG_MAX, minutes=round(WRONG_FOR.total_seconds() / 60))


def _record(folder: Path, act: Act | None) -> bytes | None:
    """The record an act speaks of, or None: the account has none, or it is lost, or another's."""
    if act is None:
        return None
    try:
        with (folder / Path(str(act.details["record"])).name).open("rb") as file:
            body = file.read(RECORD_BYTES_MAX)
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == act.details["record"] else None


def _sweep(station: Station) -> None:
    """Remove the records no act speaks of any more."""
    kept = {act.details["record"] for act in entered(station).values()}
    for path in station.home.secrets.iterdir():
        if path.name not in kept:
            path.unlink(missing_ok=True)
