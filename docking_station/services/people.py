"""A person's own secret (个人口令): who somebody is where the kernel cannot tell (docs/adr/0020).

Shapes: a signed act binds the digest of a record to an account; the record (`secret_records`) is a file in the
station's home named by that digest. So nobody exchanges a secret by writing a file or a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.acts import station_acts
from catalog.people import accounts, sessions
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, SECRET, Account, Caller
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.services.rights import bind, is_founding
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
NOT_THE_SAME = {"what": "the two are not the same", "what_zh": "两次输入不一致"}
"""What `SecretNotSet` says where the second typing differs."""
STRANGER = "person"
"""What the trail says a wrong secret was about where no such account is entered: what was typed may be a secret."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed to say who they are."""

    account: str
    secret: str = field(repr=False)


Read = Callable[[], Typed | Caller | None]
"""Who is another person: asked only where one is needed. A page has found them already (`sign_in.Sessions.second`)."""


def caller_typed(station: Station, runs: Caller, typed: Typed | Caller, browser: str | None = None) -> Caller:
    """The person whose secret was typed; `runs` is who runs the program. Raises `SecretWrong`, `SecretLocked`.

    `browser`: from which kind of one it came; whoever serves pages counts the guesses made there (`sign_in`).
    """
    if isinstance(typed, Caller):
        return bind(station, typed)
    with station.changing("people", wait=True):  # one guess after the other
        known = entered(station)
        act = known.get(typed.account)
        subject = typed.account if act is not None else STRANGER
        at, said = believed(station)
        said = said if browser is None else {**said, "browser": browser}
        if browser is None:
            _demand_guesses_left(station, subject, at)
        read = act or _stand_in(known, typed.account)
        record = None if read is None else record_named(station.home.secrets, read.details["record"])
        is_right = is_secret(record, typed.secret)
        if is_right and act is not None and is_still_theirs(station, act):
            return bind(station, Caller(typed.account, runs.account, SECRET))
        with station.database.transaction() as session:
            trail.append(session, trail.Entry(at, runs.actor, WRONG, subject, said))
    raise SecretWrong()


def _stand_in(known: Mapping[str, Act], name: str) -> Act | None:
    """Whose record is read in place of one that is not there, so that it takes as long; for a name always the same."""
    return known[sorted(known)[hash(name) % len(known)]] if known else None


def is_still_theirs(station: Station, act: Act) -> bool:
    """Whether an account is whose it was when its secret was set; whoever had it before knows that one."""
    account = account_here(station, act.subject)
    is_the_same = account is not None and account.uid == act.details["uid"]
    return is_the_same and not accounts.was_anothers(station.database, act.subject, act.at)


def caller_other_than(
    station: Station, runs: Caller, person: str | None, read: Read, known: Sequence[Caller] = ()
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
    read: Read,
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
    station: Station, caller: Caller, read: Read, alone: Callable[[str], StationError]
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


def entered(station: Station, *, anew: bool = False) -> Mapping[str, Act]:
    """The newest signed act on the secret of each account; `anew`: also such as the trail lost within the hour.

    Raises `RecordsDisagree`.
    """
    station.signed.begin(believes_strays=not anew)
    return station.signed.secrets()


def set_secret(station: Station, runs: Caller, name: str, secret: str, callers: Sequence[Caller]) -> str:
    """Bind a secret to an account, by the word of these people; returns by whose (`station_acts.secret_set`).

    By any word but the secret before, a second factor is set anew: whoever lost the phone has it so. Raises
    `SecretNotSet`.
    """
    account = account_here(station, name)
    if account is None or not account.is_a_persons:
        raise not_set(f"{name} is no person's account on this machine", f"{name} 不是本机上的个人账户")
    if (why := weakness(secret, name)) is not None:
        raise not_set(*why)
    body = record_of(secret)
    with station.changing("acts", wait=True):
        known = entered(station, anew=True)
        word, vouched = _word(station, account, runs, callers, known)
        before = known.get(name) if word == SECRET else None
        if before is not None and is_secret(record_named(station.home.secrets, before.details["record"]), secret):
            raise not_set("it is the one before", "与原口令相同")
        others = {} if before is None else {name: before.details.get(name) for name in ("factor", "pin")}
        actor = next((one.actor for one in callers), runs.actor)
        _enter(station, account, keep(station, body), **others, word=word, vouched=vouched, actor=actor)
    return word


def set_factor(station: Station, caller: Caller, key: bytes) -> None:
    """Bind a second factor to the account of somebody whose secret was typed just now."""
    with station.changing("acts", wait=True):
        before = entered(station)[caller.person]
        factor = keep(station, json.dumps({"totp": key.hex()}).encode() + b"\n")
        enter_more(station, caller, before, factor=factor, pin=before.details.get("pin"))


def enter_more(station: Station, caller: Caller, before: Act, **more: str | None) -> None:
    """Enter what an account has beside its secret, by that secret's word."""
    account = Account(before.details["uid"], caller.person)
    _enter(station, account, before.details["record"], **more, word=SECRET, vouched=(), actor=caller.actor)


def keep(station: Station, body: bytes) -> str:
    """Write a file that an act will name; returns its digest."""
    digest = hashlib.sha256(body).hexdigest()
    durable.make_folder(station.home.secrets)
    durable.replace_file(station.home.secrets / digest, body, 0o600)
    return digest


def _enter(station: Station, account: Account, record: str, **said: Any) -> None:
    """Carry out the act on the secret of an account; whoever knew the one before is out."""
    act = station_acts.secret_set(account, record, at=station.now(), **said)
    station.act_writer.carry_out(act)
    _sweep(station)
    with station.database.transaction() as session:
        sessions.end(session, account.called, station.now())


def account_here(station: Station, name: str) -> Account | None:
    """A person's account: of this machine, or a name that it has not and that is bound to a person, for the pages."""
    found = account_called(name)
    is_bound = found is None and name in accounts.bound(station.database)
    return Account(None, name) if is_bound else found


def needs_vouchers(station: Station, name: str, callers: Sequence[Caller]) -> bool:
    """Whether two others must vouch: the account's person is not here, and these are not the first two people."""
    is_first = len(entered(station)) < FIRST_PEOPLE and not any(one.how == LOGIN for one in callers)
    return not is_first and name not in {one.person for one in callers if one.how is not None}


def _word(
    station: Station, account: Account, runs: Caller, callers: Sequence[Caller], known: Mapping[str, Act]
) -> tuple[str, tuple[str, ...]]:
    """By whose word a secret is believed, and who vouched for it; `runs` is who runs the program.

    Where logins tell people apart, the first two people need accounts of the system, unless they are entered just now:
    until two have their titles, the bureau is set up by whoever runs this.
    """
    here = {one.person: one.how for one in callers if one.how is not None}
    if how := here.get(account.called):
        return how, ()
    are_told_apart = runs.how == LOGIN or runs.is_doubted
    if are_told_apart and account.uid is not None:  # by the kernel: nobody speaks for another
        raise not_set(f"only {account.called}, logged in, sets this secret", f"须由 {account.called} 本人登录后设置")
    is_first = account.called not in known and len(known) < FIRST_PEOPLE
    if is_first and (not are_told_apart or (account.uid is None and is_founding(station))):
        return "first", ()
    known_here = (one for one in callers if one.how == LOGIN or (one.how is not None and one.person in known))
    vouched = tuple(sorted({one.who: one.person for one in known_here}.values()))
    if len(vouched) < VOUCHERS:
        raise not_set(
            f"{VOUCHERS} others must vouch for {account.called}", f"须由另外 {VOUCHERS} 人为 {account.called} 作证"
        )
    return "vouched", vouched


def not_set(what: str, what_zh: str) -> SecretNotSet:
    """What is told where a secret or a PIN is not taken."""
    return SecretNotSet(what=what, what_zh=what_zh)


def believed(station: Station) -> tuple[datetime, Mapping[str, object]]:
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


def kept(station: Station, factor: Any) -> bytes | None:
    """The key of a second factor, by the digest an act names; None: there is none, or it is lost."""
    body = None if factor is None else record_named(station.home.secrets, factor)
    return None if body is None else bytes.fromhex(json.loads(body)["totp"])


def record_named(folder: Path, digest: Any) -> bytes | None:
    """What an act names by its digest, or None: it is lost, or another's."""
    try:
        with (folder / Path(str(digest)).name).open("rb") as file:
            body = file.read(RECORD_BYTES_MAX)
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == digest else None


def _sweep(station: Station) -> None:
    """Remove what no act speaks of any more."""
    named = {act.details.get(name) for act in entered(station).values() for name in ("record", "factor", "pin")}
    for path in station.home.secrets.iterdir():
        if path.name not in named:
            path.unlink(missing_ok=True)
