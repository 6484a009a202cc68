"""Keeping originals as long as they must be (原件保存期限): locks that grow, and legal holds.

A pass asks the vault about each original once and then remembers; nothing here ever shortens a lock. What makes a lock
longer is believed of the catalog's rows; no hold ends before the signed records say so too
(`ingest/custody/signed_records.py`). Letting go of what is due: `ingest/custody/disposal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from catalog.clips import clips
from catalog.database import Database
from catalog.keeping.fixity import STATION_ACTOR
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.retention import Keep, Retentions, longest, months_later, wanted
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.custody.lock_requests import LockRequests
from ingest.custody.originals import Original, originals, vouched
from ingest.custody.signed_records import SignedRecords, Vouched
from ingest.custody.timestamps import stamp_key
from ingest.errors import RecordsDisagree
from ingest.sealing import manifest_key, original_key, signature_key
from vault.contract import Stored, Vault

EXTENDED = "clip.lock-extended"
RELEASED = "clip.hold-ended"
LOOKS_AGAIN = timedelta(days=1)
"""How long a hold that stood is believed to stand."""


@dataclass
class OriginalLocks:
    """Lets locks of originals grow as they must. `policy` gives every table of retention that was adopted.

    `disagreeing`: about what the catalog was not believed in this pass.
    """

    vault: Vault
    database: Database
    first_months: int
    policy: Callable[[], Retentions]
    signed: SignedRecords
    requests: LockRequests = field(init=False)
    disagreeing: list[RecordsDisagree] = field(default_factory=list, init=False)
    _held: dict[str, bool] = field(default_factory=dict, init=False)
    _looked: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def __post_init__(self) -> None:
        """Refusals are remembered in the same catalog."""
        self.requests = LockRequests(self.database)

    def begin(self) -> None:
        """A new pass."""
        self.requests.begin()
        self.signed.begin()
        self.disagreeing.clear()

    def keep_all(self, now: datetime, stopped: Callable[[], bool]) -> int:
        """One pass over everything; how many originals got a longer lock or another hold."""
        changed = 0
        if not timedelta() <= now - self._looked <= LOOKS_AGAIN:
            # Another process may have ended a hold, and failed to set it again.
            self._looked = now
            self._held = {sha256: on_legal_hold for sha256, on_legal_hold in self._held.items() if not on_legal_hold}
        self.begin()
        for one in originals(self.database):
            if stopped():
                return changed
            changed += self.keep(one, now)
        return changed

    def keep_clip(self, clip: str, now: datetime) -> tuple[StationError, ...]:
        """Keep one clip and its sidecars, as soon as it is linked; what the storage refused of them."""
        self.begin()
        for each in (clip, *clips.sidecars_of(self.database, clip)):
            for one in originals(self.database, each):
                self.keep(one, now)
        return self.requests.refused

    def keep(self, one: Original, now: datetime) -> bool:
        """Lengthen the lock and set or end the hold as the policy demands; whether anything was done.

        What the storage refuses is written down (`catalog.keeping.storage_refusals`) and asked for again at the
        next pass.
        """
        keep = one.keep(self.policy(), now)
        locked = max(parsed_time(row["retain_until"]) for row in one.clips)
        want = wanted(keep, one.sealed_at, locked, now, self.first_months)
        if want.until <= locked and self._held.get(one.sha256) == want.on_legal_hold:
            return False
        if want.until <= locked and self.requests.is_hopeless(one.sha256, "hold"):
            return False
        stored = self.vault.find(original_key(one.sha256))
        if stored is None:
            return False  # `vault check` and `clips verify` tell; there is nothing to lock
        # A lock can never be taken back: before it grows, the signed records must say the same as the catalog's rows.
        if max(locked, want.until) > stored.retain_until:
            most = max(stored.retain_until, self._latest(one, now, is_endless=want.on_legal_hold))
            locked = min(locked, most)
            want = wanted(keep, one.sealed_at, locked, now, self.first_months).at_most(most)
        if stored.on_legal_hold and not want.on_legal_hold:
            keep = longest([keep, self._vouched_keep(one, now)])
            want = wanted(keep, one.sealed_at, locked, now, self.first_months).at_most(
                max(want.until, months_later(now, self.first_months))
            )
        is_short = want.until > stored.retain_until
        if not is_short:
            self.requests.settle(one.sha256, "lock", now)
        # The catalog is told last: until then, one may have stopped half-way.
        is_owed = is_short or want.until > locked
        is_done = is_owed and self.requests.granted(one.sha256, "lock", now, lambda: self._extend(one, want.until))
        if is_done and want.until > locked:
            self._note(one, max(want.until, stored.retain_until), keep, now)
        return self._hold(one, stored, want.on_legal_hold, now) or (is_done and is_short)

    # ------------------------------------------------------------------ inside

    def _vouched_keep(self, one: Original, now: datetime) -> Keep:
        """What the signed records demand; for ever, where they are no such thing as the catalog says."""
        try:
            tables = self.signed.retentions()
            return longest(each.keep(tables, now) for each in vouched(self.signed, one))
        except RecordsDisagree as error:
            self.disagreeing.append(error)
            return "permanent"

    def _latest(self, one: Original, now: datetime, *, is_endless: bool) -> datetime:
        """The latest day that follows from what is signed: nobody can undo a lock that a row's lie made.

        Where the two disagree, a first lock from now, as for what has no end.
        """
        ends = [months_later(now, self.first_months)] if is_endless else []
        try:
            for each in self._vouched(one):
                ends.append(each.manifest.retain_until)
                ends += [months_later(each.sealed_at, months) for months in self.signed.months()]
        except RecordsDisagree as error:
            self.disagreeing.append(error)
            ends.append(months_later(now, self.first_months))
        return max(ends)

    def _vouched(self, one: Original) -> Iterator[Vouched]:
        """What is signed of the clips of these bytes and of those they stand beside, as far as the trail names it."""
        for row in one.clips:
            each = self.signed.of_clip(row["id"], with_strays=False)
            yield from (each, *self.signed.beside(each, with_strays=False))

    def _extend(self, one: Original, until: datetime) -> None:
        """The original and what proves it; what is locked so long already is left alone."""
        manifests = [row["manifest"] for row in one.clips]
        papers = [key(sha256) for sha256 in manifests for key in (manifest_key, signature_key, stamp_key)]
        for key in (original_key(one.sha256), *papers):
            stored = self.vault.find(key)
            if stored is not None and stored.retain_until < until:
                self.vault.extend(key, until)

    def _note(self, one: Original, until: datetime, keep: Keep, now: datetime) -> None:
        """The catalog shows the longer lock, and the trail says why."""
        with self.database.transaction() as session:
            clips.lengthen(session, one.sha256, until)
            for row in one.clips:
                details = {"until": time_text(until), "keep": keep}
                trail.append(session, trail.Entry(now, STATION_ACTOR, EXTENDED, row["id"], details))

    def _hold(self, one: Original, stored: Stored, on_legal_hold: bool, now: datetime) -> bool:
        """Set or end the hold; whether that was done. Where the storage refuses holds, the lock alone rolls on."""
        if stored.on_legal_hold == on_legal_hold:
            self.requests.settle(one.sha256, "hold", now)
            self._held[one.sha256] = on_legal_hold
            return False
        key = original_key(one.sha256)
        is_done = self.requests.granted(one.sha256, "hold", now, lambda: self.vault.set_legal_hold(key, on_legal_hold))
        if is_done:
            self._held[one.sha256] = on_legal_hold
        if is_done and not on_legal_hold:  # that one is set follows from an act; that it ends, from this pass alone
            with self.database.transaction() as session:
                for row in one.clips:
                    trail.append(session, trail.Entry(now, STATION_ACTOR, RELEASED, row["id"], {"sha256": one.sha256}))
        return is_done
