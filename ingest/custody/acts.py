"""What people change (人工变更): written down, signed, locked in the vault, then carried out in the catalog.

The same order as for a clip, for the same reason: the vault must be able to rebuild the catalog. An act that is refused
for good, by the catalog's rule or by the vault of this one document, is held for a person, and later acts go on; it is
never carried out afterwards: what it wanted is done anew, by another act, and it is withdrawn. So the order of what was
carried out is the order of the acts' own times, in the catalog as in one that is rebuilt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from catalog.acts import condition, dispatch, station_acts
from catalog.acts.condition import Condition
from catalog.cases import cases, reading
from catalog.database import Database
from catalog.errors import ActUnknown, CatalogBusy, CatalogUnreachable
from catalog.rules.acts import Act, read_act
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.case_numbers import BY_ID, named
from catalog.rules.clock import CLOCK_SLACK
from catalog.rules.retention import months_later
from catalog.rules.typed_words import Known, demand_act
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.errors import ActRefused, ClockDoubted
from ingest.journal import Held, Journal, PendingAct
from ingest.journal_memory import ACT, OwedDocking
from ingest.sealing import act_key, signature_body, signature_key
from vault.contract import Vault
from vault.errors import CopyDiffers, LockHolds, LockRefused, NotInVault, SealedHarmed, VaultDenied, VaultUnreachable
from vault.signature import Signer

TICK = timedelta(microseconds=1)
UNKNOWN = "?"
"""What an act that cannot be read is told to be about."""
VAULT_FAULTS = (CopyDiffers, LockHolds, NotInVault, SealedHarmed)
DOUBTFUL = (VaultDenied, LockRefused)
"""A matter of rights, which comes right for all acts; or of this one document, if another goes through."""


@dataclass(frozen=True)
class ActWriter:
    """Carries acts out, one at a time (登记). The caller holds the station's lock for acts."""

    journal: Journal
    database: Database
    vault: Vault
    signer: Signer
    lock_months: int
    on_held: Callable[[Held], None] = lambda _: None
    """Called with an act that is held from now on."""
    gate: Callable[[], datetime | None] = lambda: None
    """Gives the time that is believed, None where nobody asks for it, or raises why no act may be signed now."""
    known: Known = field(default_factory=dict)
    """What may stand in a field of an act, where that is a list."""
    told: Callable[[int], None] = lambda _: None
    """Called with how many rows more of an act of many rows were carried out."""

    def carry_out(self, act: Act) -> Act:
        """Make a change for good; the act as it was signed, perhaps at a later time.

        Raises the StationErrors of its action; `ActRefused` where it is held now.

        One that was on its way already, because the same command was killed, is not signed a second time.
        """
        demand_act(act, self.known)
        its = condition.taken()
        doubtful, finished = self._pass()
        same = next((one for one in reversed(finished) if one.subject == act.subject), None)
        if same is not None and _is_same(act, same):
            return same
        try:
            dispatch.demand(self.database, act)
            its.demanded(self.database)
        except StationError as error:
            if doubtful:  # it may be for the lack of what is still on its way
                raise doubtful[0][1] from error
            raise
        since = max(0, trail.size(self.database) - trail.PAGE_LINES)
        pending = self._intend(act, trail.newest_time(self.database, after=since)[0])
        try:
            done = self._finish(pending, its)
        except StationError as error:
            if not _is_final(error):
                raise
            self._hold(pending, error)
            raise _refused(pending, error) from error
        for one, why in doubtful:
            self._hold(one, why)
        return done

    def note(self, act: Act, owed: OwedDocking | None = None) -> None:
        """Write an act down now and carry it out when vault and catalog answer: what happened cannot be refused.

        The caller holds the lock for writing down alone, for that of the catalog may be away with it. With the act
        the record of a docking in it is `owed` no more.
        """
        self._intend(act, owed=owed)
        with suppress(CatalogUnreachable, CatalogBusy, VaultUnreachable), self.database.exclusive("acts"):
            self.catch_up()

    def announce(self, act: Act) -> None:
        """Carry out an act of a catalog that is only being made; what waits is for the one the station uses."""
        body = act.body()
        self._lock(act, body, self.signer.sign(body))
        self._enter(act)

    def catch_up(self) -> None:
        """Finish the acts a crash, or a vault or catalog that was away, left on their way."""
        doubtful, _ = self._pass()
        if doubtful:
            raise doubtful[0][1]

    def withdraw(self, key: str, *, reason: str, at: datetime, actor: str) -> None:
        """End an act that is held: signed and on the trail, so that a rebuilt catalog leaves it out as well."""
        pending = self.journal.held_act(key)
        if pending is None:
            return
        if not (self._is_carried_out(pending) or station_acts.is_withdrawn(self.database, pending.sha256)):
            self.carry_out(station_acts.withdrawing(pending.sha256, pending.body, reason=reason, at=at, actor=actor))
        self.journal.carried_out(pending)

    def has(self, act: Act) -> bool:
        """Whether the catalog has an act."""
        sql = "SELECT 1 FROM trail WHERE subject = :subject AND action = :action AND at = :at"
        values = {"subject": act.subject, "action": act.action, "at": self.database.moment(act.at)}
        return bool(self.database.query(sql, values))

    # ------------------------------------------------------------------ inside

    def _intend(self, act: Act, entered: datetime | None = None, owed: OwedDocking | None = None) -> PendingAct:
        """Written down and signed, at a time after that of every act before it.

        `entered` is the latest time in the catalog's newest lines, which another station may have written.
        """
        believed = self.gate()
        if believed is not None and act.at > believed + CLOCK_SLACK:  # the clock was set back since it was read for it
            raise ClockDoubted(now=act.at, known=believed)
        last = self.journal.newest_act()
        times = [parsed_time(last)] if last is not None else []
        if entered is not None and act.at < entered:
            times.append(entered)
        newest = max(times, default=None)
        if newest is not None and newest - CLOCK_SLACK < act.at <= newest:
            act = replace(act, at=newest + TICK)
        # Noted before the act is: killed in between, a time is skipped; the other way round two acts could share one.
        self.journal.note_newest_act(time_text(act.at))
        body = act.body()
        return self.journal.intend(body, self.signer.sign(body), owed)

    def _pass(self) -> tuple[Sequence[tuple[PendingAct, StationError]], Sequence[Act]]:
        """Finish what can be, hold what is refused for good.

        Returns what the vault refused, with no act finished after it, and what was finished.
        """
        doubtful, finished = list[tuple[PendingAct, StationError]](), list[Act]()
        for pending in self.journal.intended():
            try:
                finished.append(self._finish(pending))
            except DOUBTFUL as error:
                doubtful.append((pending, error))
            except StationError as error:
                if not _is_final(error):
                    raise
                self._hold(pending, error)
            else:
                for one, why in doubtful:
                    self._hold(one, why)
                doubtful.clear()
        return doubtful, finished

    def _finish(self, pending: PendingAct, its: Condition = condition.NONE) -> Act:
        act = _read(pending)
        if dispatch.demands(act) and not self.has(act) and not self._is_locked(act, pending):
            dispatch.demand(self.database, act)  # the catalog may be another than when it was signed
        # Vault before catalog: a catalog is rebuilt from the vault, so what it shows must already be there.
        self._lock(act, pending.body, pending.signature)
        self._enter(act, its)
        self.journal.carried_out(pending)
        return act

    def _lock(self, act: Act, body: bytes, signature: str) -> None:
        sha256 = hashlib.sha256(body).hexdigest()
        until = months_later(act.at, self.lock_months)
        document = signature_body(sha256, signature, self.signer.key_id)
        # The signature first: a rebuild reads every act it finds, and an act without a signature would be a fault.
        self.vault.put_document(signature_key(sha256), document, until)
        self.vault.put_document(act_key(act.at, sha256), body, until)

    def _is_locked(self, act: Act, pending: PendingAct) -> bool:
        return self.vault.find(act_key(act.at, pending.sha256)) is not None

    def _enter(self, act: Act, its: Condition = condition.NONE) -> None:
        if not self.has(act):
            dispatch.carry_out(self.database, act, self.told, its.noted)

    def _is_carried_out(self, pending: PendingAct) -> bool:
        with suppress(ActUnknown):
            return self.has(_read(pending))
        return False

    def _hold(self, pending: PendingAct, error: StationError) -> None:
        refused = _refused(pending, error)
        what = f"{refused.facts['action']} {refused.facts['subject']}"
        since = str(refused.facts["at"]) if refused.facts["at"] != UNKNOWN else time_text(trail.now())
        self.on_held(self.journal.hold(pending.key, what, refused, since, card=ACT))


def _read(pending: PendingAct) -> Act:
    try:
        return read_act(pending.body)
    except (ValueError, KeyError, TypeError) as error:
        raise ActUnknown(action=UNKNOWN, reason=f"{type(error).__name__}: {error}") from error


def _is_same(act: Act, done: Act) -> bool:
    """Whether two acts differ in nothing but their time."""
    return replace(done, at=act.at).body() == act.body()


def _is_final(error: StationError) -> bool:
    """Whether it is this one act that is refused, and would be for ever; a vault that lies refuses nobody."""
    return error.reach == "one" and not error.retry and not isinstance(error, VAULT_FAULTS)


def _refused(pending: PendingAct, error: StationError) -> ActRefused:
    try:
        act = _read(pending)
        facts = {"action": act.action, "subject": act.subject, "at": time_text(act.at)}
    except ActUnknown:
        facts = {"action": UNKNOWN, "subject": str(pending.number), "at": UNKNOWN}
    return ActRefused(**facts, reason=error.message("en"), reason_zh=error.message("zh"))


def open_if_unknown(act_writer: ActWriter, said: str, at: datetime, by: str) -> tuple[str, bool]:
    """How a case is stated of its clips, and whether it was unknown and is entered now, so that they can be found.

    Raises `CaseAmbiguous`.
    """
    with suppress(*DOUBTFUL):
        act_writer.catch_up()
    known = reading.get(act_writer.database, said)
    if known is not None:
        return next(
            (one["number"] for one in known.numbers if named(one["number"]) == known.id), BY_ID + known.id
        ), False
    cases.demand_number(said)
    act = cases.adding(said, title=None, subject=None, officers=(), begins_at=None, ends_at=None, at=at, actor=by)
    act_writer.carry_out(act)
    return said, True
