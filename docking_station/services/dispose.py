"""`evidock vault dispose` from its argument to what was done (处置命令)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from catalog.clips import classes, search
from catalog.errors import DisposalNeedsAnother, DisposalNotAsked
from catalog.keeping import disposals
from catalog.rules.callers import Caller, person
from catalog.rules.canonical import parsed_time
from catalog.rules.clock import is_witnessed
from catalog.rules.rights import Action
from docking_station.derived.removal import forget
from docking_station.services.people import Read, second_person
from docking_station.services.rights import demand_clips, find_clip
from docking_station.station.errors import ClockUnwitnessed, PersonUnknown
from docking_station.station.station import Station
from ingest.errors import RecordsDisagree
from vault.errors import TimestampBad

if TYPE_CHECKING:
    from ingest.custody.timestamps import Timestamper

STAMP_AGE_MAX = timedelta(days=7)
Reason = str | tuple[str, datetime]
State = Literal["asked", "disposed"]


@dataclass(frozen=True, slots=True)
class Due:
    """A clip that may be disposed of (可处置资料), and who asked for it."""

    clip: str
    path: str
    size_bytes: int
    sealed_at: datetime
    locked_until: datetime
    asked: disposals.Disposal | None


def due_clips(station: Station, most: int | None = None) -> tuple[tuple[Due, ...], tuple[RecordsDisagree, ...]]:
    """The clips whose time is over, whose lock ended and which nothing holds; and what the rows alone say is due.

    Raises `ClockWrong`, `ClockDoubted`.
    """
    station.demand_clock()
    rows = list(islice((row for one in station.disposer.due(station.now()) for row in one.clips), most))
    return tuple(_due(station, row) for row in rows), tuple(station.disposer.disagreeing)


def _due(station: Station, row: Mapping[str, Any]) -> Due:
    times = (parsed_time(row["sealed_at"]), parsed_time(row["retain_until"]))
    return Due(row["id"], row["path"], row["size_bytes"], *times, station.disposer.asked(row["id"]))


def dispose_clip(station: Station, caller: Caller, clip: str, reason: str | None) -> tuple[State, str]:
    """Ask where nobody asked yet, else confirm; what is disposed of already is finished, with what was derived from it.

    `caller` is who asks or confirms. Raises `ClockUnwitnessed`, `NotDue`, `StateSecret` (not handed over yet),
    `RecordsDisagree`, `PersonUnknown`, `DisposalNeedsAnother`, `DisposalNotAsked` (no reason given), `LockHolds`,
    `NoSuchClip`, `NotAllowed`, `DerivedUnwritable` where the original is gone and a viewing copy cannot be removed.
    """
    number = find_clip(station, caller, clip)  # first of all: what is due and what is gone is told of no hidden clip
    station.demand_clock()
    with station.changing("acts", wait=True):
        now, disposer = station.now(), station.disposer
        station.act_writer.catch_up()  # a link that a crash left on its way counts
        if disposals.is_done(station.database, number):
            disposer.let_go(number, now)
            forget(station, number, caller.actor)
            return "disposed", number
        disposer.demand_due(number, now)
        demand_witnessed(station)
        asked = disposer.asked(number)
        if asked is None and reason is None:
            raise DisposalNotAsked(clip=number)
        if caller.how is None:  # two people are two only where both are known
            raise PersonUnknown(person=caller.person)
        enough = ("allow", "request") if asked is None else ("allow",)
        was_secret = number in classes.locked_away(station.database, [number])  # handed over, else it were not due
        action = Action.DECLASSIFY if was_secret else Action.DISPOSE
        caller = demand_clips(station, caller, action, (number,), enough)
        if asked is None:
            station.act_writer.carry_out(disposals.asking(number, reason=str(reason), at=now, by=caller))
            return "asked", number
        disposer.dispose(station.act_writer, disposer.disposal(number, at=now, by=caller), now)
        forget(station, number, caller.actor)
        return "disposed", number


def ask_who_disposes(station: Station, runs: Caller, clip: str, read: Read, known: Sequence[Caller] = ()) -> Caller:
    """Who asks, or is the second; types a secret where nothing else tells. What cannot be done is told first.

    Raises `PersonUnknown`, `DisposalNeedsAnother`, `SecretWrong`, and as `dispose_clip`, which looks at it again.
    """
    number = search.full_id(station.database, clip)
    if disposals.is_done(station.database, number):
        return runs
    station.demand_clock()
    station.disposer.demand_due(number, station.now())
    demand_witnessed(station)
    asked = station.disposer.asked(number)
    first = None if asked is None else person(asked.asked_by)
    return second_person(station, runs, first, read, DisposalNeedsAnother(clip=number, person=first), known)


def asked_of(station: Station, caller: Caller, clip: str) -> disposals.Disposal | None:
    """Return what another person asked for and this one may confirm, if it can be done; raises as `dispose_clip`."""
    number = search.full_id(station.database, clip)
    if disposals.is_done(station.database, number) or (asked := station.disposer.asked(number)) is None:
        return None
    if person(asked.asked_by) in (caller.who, caller.person):
        return None
    station.disposer.demand_due(number, station.now())
    return asked


def demand_witnessed(station: Station) -> None:
    """Raise `ClockUnwitnessed` where nothing but a clock somebody may have set says that a lock has ended."""
    servers = [(address, at) for address, one in station.own_vault.copies() if (at := one.server_time()) is not None]
    stamp = None
    if station.timestamper is not None:
        stamp = newest_stamp(station, station.timestamper)
    why = doubt(station.now(), is_synchronised=station.clock() == "synchronised", servers=servers, stamp=stamp)
    if why is not None:
        raise ClockUnwitnessed(why=why[0], why_zh=why[1])


def newest_stamp(station: Station, timestamper: Timestamper) -> datetime:
    """The time of the stamp over the newest checkpoint that the authority stamped; year 1 where there is none."""
    from hashlib import sha256

    from ingest.custody.timestamps import stamp_key
    from vault.contract import read_document

    for key in reversed(list(station.vault.keys("checkpoints"))):
        document = read_document(station.vault, key)
        where = stamp_key(sha256(document).hexdigest())
        if station.vault.find(where) is None:
            continue
        with suppress(TimestampBad):  # one that is forged is none
            return timestamper.authority.check(read_document(station.vault, where), document).at
    return datetime.min.replace(tzinfo=UTC)


def doubt(
    now: datetime, *, is_synchronised: bool, servers: Sequence[tuple[str, datetime]], stamp: datetime | None
) -> tuple[Reason, Reason] | None:
    """Why the station's time is not believed, in two languages; `stamp` is None where no authority is configured."""
    if not is_synchronised:
        return "it is not synchronised", "本机时钟未同步"
    for address, at in servers:
        if not is_witnessed(now, at):
            return (f"the clock of {address} says", at), (f"{address} 的时钟为", at)
    if stamp is not None and now - stamp > STAMP_AGE_MAX:
        days = STAMP_AGE_MAX.days
        return f"no time stamp is younger than {days} days", f"最近 {days} 天内没有可信时间戳"
    return None
