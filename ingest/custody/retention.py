"""Keeping originals as long as they must be (保存与处置): locks that grow, holds, what is due, and letting go of it.

Shapes: clips of equal bytes share one original; it is kept for the one of them that needs it longest, and a sidecar for
the longest of the clips it stands beside. A pass asks the vault about each original once and then remembers; nothing
here ever shortens a lock. What makes a lock longer is believed of the catalog's rows; no hold ends and nothing goes
before the signed records say so too
(`ingest/custody/signed_records.py`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from catalog.clips import clips
from catalog.clips import search as listing
from catalog.database import Database
from catalog.errors import StationError
from catalog.evidence import IMPORTANT
from catalog.failures import DisposalNotAsked, NotDue
from catalog.keeping import disposals
from catalog.keeping.disposals import Disposal
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.retention import Keep, Retention, longest, may_go, months_later, wanted
from catalog.trail import trail
from ingest.custody.acts import Registrar
from ingest.custody.lock_requests import Asking
from ingest.custody.signed_records import SignedRecords, Vouched
from ingest.custody.timestamps import DOCUMENT_BYTES_MAX, FAILURES_MAX, stamp_key
from ingest.errors import RecordsDisagree
from ingest.sealing import manifest_key, original_key, signature_key
from vault.contract import Stored, Vault
from vault.errors import DisposalDenied, LockHolds, NotInVault, VaultUnreachable
from vault.signature import PublicKey

EXTENDED = "clip.lock-extended"
RELEASED = "clip.hold-ended"
ACTOR = "station"
RECORDS = ("keys", "acts", "checkpoints")
RECORD_LEFT = timedelta(days=60)
LOOKS_AGAIN = timedelta(days=1)
"""How long a hold that stood is taken to stand."""
SQL = """SELECT its.sha256, clip.id, clip.size_bytes, clip.path, clip.sealed_at, clip.retain_until, clip.case_no,
 clip.marks, manifest.sha256 AS manifest, clip.id <> its.id AS is_beside
 FROM (SELECT id AS its_id, id FROM clip UNION ALL SELECT sidecar_id, clip_id FROM sidecar) AS pair
 JOIN clip AS its ON its.id = pair.its_id JOIN clip ON clip.id = pair.id JOIN manifest ON manifest.clip_id = clip.id
 LEFT JOIN disposal ON disposal.clip_id = clip.id LEFT JOIN disposal AS its_end ON its_end.clip_id = its.id
 WHERE 1 = 1"""
"""Each clip, and once more under every sidecar of it: what the clip demands, its positions must outlast."""
KEPT = " AND disposal.done_at IS NULL AND its_end.done_at IS NULL"


@dataclass(frozen=True, slots=True)
class Original:
    """One object of the vault, the clips it is the original of, those it stands `beside`; as rows of the catalog."""

    sha256: str
    clips: tuple[Mapping[str, Any], ...]
    beside: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> Original:
        """Make one of all rows that have its digest."""
        own, beside = (tuple(row for row in rows if bool(row["is_beside"]) is so) for so in (False, True))
        return cls(rows[0]["sha256"], own, beside)

    @property
    def sealed_at(self) -> datetime:
        """When the last of them was sealed."""
        return max(parsed_time(row["sealed_at"]) for row in (*self.clips, *self.beside))

    @property
    def locked_until(self) -> datetime:
        """The latest lock that the catalog knows of: no sidecar goes while its clip is locked."""
        return max(parsed_time(row["retain_until"]) for row in (*self.clips, *self.beside))

    def keep(self, retention: Retention) -> Keep:
        """What the neediest of them demands."""
        return longest(
            retention.keep(is_linked=row["case_no"] is not None, is_important=IMPORTANT in json.loads(row["marks"]))
            for row in (*self.clips, *self.beside)
        )


@dataclass
class Keeper:
    """See the module. `policy` gives the retention that holds now, `trusted` the keys that are believed.

    `disagreeing`: about what the catalog was not believed in this pass.
    """

    vault: Vault
    database: Database
    first_months: int
    policy: Callable[[], Retention]
    trusted: Callable[[], Mapping[str, PublicKey]]
    disagreeing: list[RecordsDisagree] = field(default_factory=list, init=False)
    _held: dict[str, bool] = field(default_factory=dict, init=False)
    _looked: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)
    _records: dict[str, datetime] = field(default_factory=dict, init=False)
    asking: Asking = field(init=False)
    signed: SignedRecords = field(init=False)
    _stamps: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Refusals are remembered in the same catalog."""
        self.asking = Asking(self.database)
        self.signed = SignedRecords(self.vault, self.database, self.trusted)

    def begin(self) -> None:
        """A new pass."""
        self.asking.begin()
        self.signed.begin()
        self.disagreeing.clear()

    def originals(self, clip: str | None = None, *, or_gone: bool = False) -> Iterator[Original]:
        """Every original that was not disposed of, or the one of a clip; with `or_gone`, whatever rows say of that."""
        only = " AND its.sha256 = (SELECT sha256 FROM clip WHERE id = :clip)" if clip is not None else ""
        sql = SQL if or_gone else SQL + KEPT
        rows = self.database.query(f"{sql}{only} ORDER BY its.sha256, clip.id", {"clip": clip})
        for _, group in groupby(rows, key=lambda row: str(row["sha256"])):
            yield Original.of(tuple(group))

    def keep_all(self, now: datetime, stopped: Callable[[], bool]) -> int:
        """One pass over everything; how many originals got a longer lock or another hold."""
        changed = 0
        if (
            not timedelta() <= now - self._looked <= LOOKS_AGAIN
        ):  # another process may have ended a hold, and failed to set it again
            self._looked = now
            self._held = {sha256: is_held for sha256, is_held in self._held.items() if not is_held}
        self.begin()
        for one in self.originals():
            if stopped():
                return changed
            changed += self.keep(one, now)
        return changed

    def keep_clip(self, clip: str, now: datetime) -> tuple[StationError, ...]:
        """Keep one clip and its sidecars, as soon as it is linked; what the storage refused of them."""
        self.begin()
        for each in (clip, *clips.sidecars_of(self.database, clip)):
            for one in self.originals(each):
                self.keep(one, now)
        return self.asking.refused

    def keep(self, one: Original, now: datetime) -> bool:
        """Lengthen the lock and set or end the hold as the policy demands; whether anything was done.

        What the storage refuses is written down (`catalog.keeping.storage_refusals`) and asked for again at the
        next pass.
        """
        keep = one.keep(self.policy())
        locked = max(parsed_time(row["retain_until"]) for row in one.clips)
        want = wanted(keep, one.sealed_at, locked, now, self.first_months)
        if want.until <= locked and self._held.get(one.sha256) == want.is_held:
            return False
        if want.until <= locked and self.asking.is_hopeless(one.sha256, "hold"):
            return False
        stored = self.vault.find(original_key(one.sha256))
        if stored is None:
            return False  # `vault check` and `clips verify` tell; there is nothing to lock
        if max(locked, want.until) > stored.retain_until:
            most = max(stored.retain_until, self._latest(one, now, is_endless=want.is_held))
            locked = min(locked, most)
            want = wanted(keep, one.sealed_at, locked, now, self.first_months).at_most(most)
        if stored.is_held and not want.is_held:
            keep = longest([keep, self._vouched_keep(one)])
            want = wanted(keep, one.sealed_at, locked, now, self.first_months).at_most(
                max(want.until, months_later(now, self.first_months))
            )
        is_short = want.until > stored.retain_until
        if not is_short:
            self.asking.settle(one.sha256, "lock", now)
        # The catalog is told last: until then, one may have stopped half-way.
        is_owed = is_short or want.until > locked
        is_done = is_owed and self.asking.granted(one.sha256, "lock", now, lambda: self._extend(one, want.until))
        if is_done and want.until > locked:
            self._note(one, max(want.until, stored.retain_until), keep, now)
        return self._hold(one, stored, want.is_held, now) or (is_done and is_short)

    def keep_records(self, now: datetime, stopped: Callable[[], bool]) -> int:
        """Keys, acts and checkpoints are kept for ever, with what proves them: their locks roll on. How many did.

        One that cannot be read keeps no other from it; raises the last thing that kept one, after all of them.
        """
        grown = failures = 0
        last: StationError | None = None
        self.begin()
        for folder in RECORDS:
            for key in self.vault.keys(folder):
                if stopped():
                    return grown
                try:
                    grown += self._roll(key, now)
                    grown += self._roll(self._beside(folder, key), now)
                    failures = 0
                except (VaultUnreachable, NotInVault) as error:
                    failures, last = failures + 1, error
                if last is not None and failures == FAILURES_MAX:
                    raise last
        if last is not None:
            raise last
        return grown

    # ------------------------------------------------------------------ disposal

    def due(self, now: datetime) -> Iterator[Original]:
        """What may be disposed of, as the vault has it now and the signed records say."""
        self.begin()
        for one in self.originals():
            if one.locked_until > now or self._why_not(one, now) is not None:
                continue
            try:
                self._demand_vouched(one, now)
            except RecordsDisagree as error:
                self.disagreeing.append(error)
            else:
                yield one

    def demand_due(self, clip: str, now: datetime) -> None:
        """Raise `NotDue` for a clip whose original must still be kept; `RecordsDisagree` where only rows say not."""
        for one in self.originals(clip):
            why = self._why_not(one, now)
            if why is not None:
                raise NotDue(clip=clip, what=why[0], what_zh=why[1])
            self._demand_vouched(one, now)

    def asked(self, clip: str) -> Disposal | None:
        """Who asked for a clip's disposal, signed, and knew of every case it was linked to."""
        act = self.signed.of_clip(clip).asked
        return None if act is None else disposals.asked_in(act)

    def disposal(self, clip: str, *, at: datetime, by: Caller) -> Act:
        """The act that confirms what was asked for; raises what keeps it from being done."""
        vouched = self.signed.of_clip(clip)
        if vouched.asked is None:
            raise DisposalNotAsked(clip=clip)
        self.demand_due(clip, at)
        document = clips.document(self.database, clip)
        until = parsed_time(listing.get(self.database, clip)["retain_until"])
        shown = listing.as_json(clips.row_of(vouched.manifest, until).model_dump())
        asked = disposals.asked_in(vouched.asked)
        return disposals.disposing(asked, shown, document.sha256, at=at, by=by)

    def dispose(self, registrar: Registrar, act: Act, now: datetime) -> None:
        """Carry the confirming act out, then remove the original. The caller holds the station's lock for acts."""
        registrar.carry_out(act)
        self.let_go(act.subject, now)

    def let_go(self, clip: str, now: datetime) -> bool:
        """Remove the original of a clip that is disposed of, unless another clip has the same bytes.

        Raises `LockHolds`: the vault refuses before the lock's end, whatever the catalog says; `RecordsDisagree`.
        """
        if not disposals.is_done(self.database, clip):
            raise DisposalNotAsked(clip=clip)
        if next(self.originals(clip), None) is not None:
            return False
        key = original_key(str(listing.get(self.database, clip)["sha256"]))
        if self.vault.find(key) is None:
            return False
        vouched = self.signed.of_clip(clip)
        if vouched.disposed is None or original_key(vouched.sha256) != key:
            raise _unsigned(clip)
        others = self.signed.sharers(vouched.sha256) - {clip}
        if any(self.signed.of_clip(other).disposed is None for other in others):
            return False
        self.vault.discard(key, now)
        return True

    def finish(self, now: datetime) -> int:
        """Let go of what a crash left between the act and the removal; raises the last thing that kept one from it."""
        rows = self.database.query("SELECT clip_id FROM disposal WHERE done_at IS NOT NULL", {})
        count = 0
        last: StationError | None = None
        self.begin()
        for row in rows:
            try:
                count += self.let_go(row["clip_id"], now)
            except RecordsDisagree as error:
                last = error
                for one in self.originals(row["clip_id"], or_gone=True):  # its lock rolls on as if it had no such row
                    self.keep(one, now)
            except (LockHolds, DisposalDenied) as error:
                last = error
        if last is not None:
            raise last
        return count

    # ------------------------------------------------------------------ inside

    def _why_not(self, one: Original, now: datetime) -> tuple[object, object] | None:
        keep = one.keep(self.policy())
        stored = self.vault.find(original_key(one.sha256))
        if stored is None:
            return "its original is missing in the vault", "保全库中缺少其原件"
        locked = max(stored.retain_until, one.locked_until)
        if may_go(keep, one.sealed_at, locked, is_held=stored.is_held, now=now):
            return None
        if not isinstance(keep, int):
            words = {"case-file": ("as long as the case file", "同案卷"), "permanent": ("for ever", "永久")}
            return words[keep]
        if stored.is_held:
            return "it is on legal hold", "处于依法保留状态"
        until = max(locked, months_later(one.sealed_at, keep))
        return ("until", until), ("至", until)

    def _vouched(self, one: Original) -> Iterator[Vouched]:
        """What is signed of every clip that these bytes must stay for. Raises `RecordsDisagree`.

        Those are the clips of these bytes, and the clips they stand beside, as far as they are not disposed of.
        """
        numbers = {str(row["id"]) for row in one.clips}
        for clip in sorted(numbers | self.signed.sharers(one.sha256)):
            vouched = self.signed.of_clip(clip)
            if vouched.sha256 != one.sha256:
                raise RecordsDisagree(clip=clip, what="its original is another", what_zh="其原件不同")
            if clip in numbers or vouched.disposed is None:
                yield vouched
                yield from (main for main in self.signed.beside(vouched) if main.disposed is None)

    def _vouched_keep(self, one: Original) -> Keep:
        """What the signed records demand; for ever, where they are no such thing as the catalog says."""
        try:
            retention = self.signed.retention()
            return longest(
                retention.keep(is_linked=each.case is not None, is_important=each.is_important)
                for each in self._vouched(one)
            )
        except RecordsDisagree as error:
            self.disagreeing.append(error)
            return "permanent"

    def _latest(self, one: Original, now: datetime, *, is_endless: bool) -> datetime:
        """The latest day that follows from what is signed: nobody can undo a lock that a row's lie made.

        Where the two disagree, a first lock from now, as for what has no end.
        """
        ends = [months_later(now, self.first_months)] if is_endless else []
        try:
            for each in self._told(one):
                ends.append(parsed_time(each.manifest["sealing"]["retain_until"]))
                ends += [months_later(each.sealed_at, months) for months in self.signed.months()]
        except RecordsDisagree as error:
            self.disagreeing.append(error)
            ends.append(months_later(now, self.first_months))
        return max(ends)

    def _told(self, one: Original) -> Iterator[Vouched]:
        """What is signed of the clips of these bytes and of those they stand beside, as far as the trail names it."""
        for row in one.clips:
            each = self.signed.of_clip(row["id"], with_strays=False)
            yield from (each, *self.signed.beside(each, with_strays=False))

    def _demand_vouched(self, one: Original, now: datetime) -> None:
        """Raise `RecordsDisagree` where an original that the rows would let go must be kept by what is signed."""
        retention = self.signed.retention()
        for each in self._vouched(one):
            keep = retention.keep(is_linked=each.case is not None, is_important=each.is_important)
            if not may_go(keep, each.sealed_at, now, is_held=False, now=now):
                case = "none" if each.case is None else each.case
                kept = f"{keep} months after {each.sealed_at:%Y-%m-%d}" if isinstance(keep, int) else keep
                raise RecordsDisagree(
                    clip=each.clip,
                    what=f"what is signed says: case {case}, keep {kept}",
                    what_zh=f"签名记录为:案件 {case},保存 {kept}",
                )

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
                trail.append(session, trail.Entry(now, ACTOR, EXTENDED, row["id"], details))

    def _hold(self, one: Original, stored: Stored, is_held: bool, now: datetime) -> bool:
        """Set or end the hold; whether that was done. Where the storage refuses holds, the lock alone rolls on."""
        if stored.is_held == is_held:
            self.asking.settle(one.sha256, "hold", now)
            self._held[one.sha256] = is_held
            return False
        key = original_key(one.sha256)
        is_done = self.asking.granted(one.sha256, "hold", now, lambda: self.vault.hold(key, is_held))
        if is_done:
            self._held[one.sha256] = is_held
        if is_done and not is_held:  # that one is set follows from an act; that it ends, from this pass alone
            with self.database.transaction() as session:
                for row in one.clips:
                    trail.append(session, trail.Entry(now, ACTOR, RELEASED, row["id"], {"sha256": one.sha256}))
        return is_done

    def _beside(self, folder: str, key: str) -> str:
        """What proves a record: the signature over an act, the time stamp over anything else, if there is one."""
        if folder == "acts":
            return signature_key(key.rsplit("-", 1)[-1].removesuffix(".json"))
        if key not in self._stamps:
            try:
                with self.vault.open(key) as file:
                    self._stamps[key] = stamp_key(hashlib.sha256(file.read(DOCUMENT_BYTES_MAX)).hexdigest())
            except OSError as error:
                raise VaultUnreachable(reason=f"{key}: {error.strerror or error}") from error
        return self._stamps[key]

    def _roll(self, key: str, now: datetime) -> bool:
        known = self._records.get(key)
        if known is not None and known - now > RECORD_LEFT:
            return False
        stored = self.vault.find(key)
        if stored is None:
            return False
        until = max(stored.retain_until, months_later(now, self.first_months))
        if stored.retain_until - now > RECORD_LEFT:
            until = stored.retain_until
            self.asking.settle(key, "record", now)
        elif not self.asking.granted(key, "record", now, lambda: self.vault.extend(key, until)):
            return False
        self._records[key] = until
        return until > stored.retain_until


def _unsigned(clip: str) -> RecordsDisagree:
    what = "no two people's signed act disposed of its original"
    return RecordsDisagree(clip=clip, what=what, what_zh="没有经两人签名的处置记录")
