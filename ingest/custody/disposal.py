"""Letting go of originals (处置): what is due, who asked for it and who confirmed, and the removal.

Nothing goes before the signed records say so too (`ingest/custody/signed_records.py`), and the vault itself refuses
before a lock's end. The act is carried out first, the original removed last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.clips import clips, search
from catalog.clips.errors import StateSecret
from catalog.database import Database
from catalog.errors import DisposalNotAsked, NotDue
from catalog.keeping import disposals
from catalog.keeping.disposals import Disposal
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.retention import Endless, Retentions, may_go, months_later
from catalog.station_error import StationError
from ingest.custody.acts import ActWriter
from ingest.custody.originals import Original, originals, vouched
from ingest.custody.retention import OriginalLocks
from ingest.custody.signed_records import SignedRecords
from ingest.errors import RecordsDisagree
from ingest.sealing import original_key
from vault.contract import Vault
from vault.errors import DisposalDenied, LockHolds

KEPT_AS: Mapping[Endless, tuple[str, str]] = {
    "hold": ("it is held (`evidock clips holds`)", "处于依法保留状态（见 `evidock clips holds`）"),
    "case-file": ("as long as the case file", "同案卷"),
    "permanent": ("for ever", "永久"),
    "state": ("it may hold a state secret, and is to be handed over", "疑涉国家秘密，待移交"),
}
"""Why something with no end date stays."""


@dataclass
class Disposer:
    """Lets originals go. `policy` gives every table of retention; `locks` keeps what turns out not to be let go.

    `disagreeing`: what the catalog alone says is due, in the last pass over it.
    """

    vault: Vault
    database: Database
    policy: Callable[[], Retentions]
    signed: SignedRecords
    locks: OriginalLocks
    disagreeing: list[RecordsDisagree] = field(default_factory=list, init=False)

    def due(self, now: datetime) -> Iterator[Original]:
        """What may be disposed of, as the vault has it now and the signed records say."""
        self.signed.begin()
        self.disagreeing.clear()
        for one in originals(self.database, over=now):
            if one.locked_until > now or self._why_not(one, now) is not None:
                continue
            try:
                self._demand_vouched(one, now)
            except RecordsDisagree as error:
                self.disagreeing.append(error)
            else:
                yield one

    def demand_due(self, clip: str, now: datetime) -> None:
        """Raise `NotDue` for a clip whose original must still be kept; `RecordsDisagree` where only rows say not.

        `StateSecret`, whatever its day, for one that is to be handed over.
        """
        for one in originals(self.database, clip):
            if one.keep(self.policy(), now) == "state":
                raise StateSecret(clip=clip)
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
        found = self.signed.of_clip(clip)
        if found.asked is None:
            raise DisposalNotAsked(clip=clip)
        self.demand_due(clip, at)
        document = clips.document(self.database, clip)
        until = search.get(self.database, clip).retain_until
        asked = disposals.asked_in(found.asked)
        return disposals.disposing(asked, found.manifest, document.sha256, until, at=at, by=by)

    def dispose(self, act_writer: ActWriter, act: Act, now: datetime) -> None:
        """Carry the confirming act out, then remove the original. The caller holds the station's lock for acts."""
        # The act before the removal: what is gone without an act would look like a loss. `finish` ends what broke off.
        act_writer.carry_out(act)
        self.let_go(act.subject, now)

    def let_go(self, clip: str, now: datetime) -> bool:
        """Remove the original of a clip that is disposed of, unless another clip has the same bytes.

        Raises `LockHolds`: the vault refuses before the lock's end, whatever the catalog says; `RecordsDisagree`.
        """
        if not disposals.is_done(self.database, clip):
            raise DisposalNotAsked(clip=clip)
        if next(originals(self.database, clip), None) is not None:
            return False
        key = original_key(search.get(self.database, clip).sha256)
        if self.vault.find(key) is None:
            return False
        found = self.signed.of_clip(clip)
        if found.disposed is None or original_key(found.sha256) != key:
            raise _unsigned(clip)
        others = self.signed.sharers(found.sha256) - {clip}
        if any(self.signed.of_clip(other).disposed is None for other in others):
            return False
        self.vault.discard(key, now)
        return True

    def finish(self, now: datetime) -> int:
        """Let go of what a crash left between the act and the removal; raises the last thing that kept one from it."""
        rows = self.database.query("SELECT clip_id FROM disposal WHERE done_at IS NOT NULL", {})
        count = 0
        last: StationError | None = None
        self.locks.begin()
        for row in rows:
            try:
                count += self.let_go(row["clip_id"], now)
            except RecordsDisagree as error:
                last = error
                # Its lock rolls on as if it had no such row.
                for one in originals(self.database, row["clip_id"], or_gone=True):
                    self.locks.keep(one, now)
            except (LockHolds, DisposalDenied) as error:
                last = error
        if last is not None:
            raise last
        return count

    # ------------------------------------------------------------------ inside

    def _why_not(self, one: Original, now: datetime) -> tuple[object, object] | None:
        keep = one.keep(self.policy(), now)
        stored = self.vault.find(original_key(one.sha256))
        if stored is None:
            return "its original is missing in the vault", "保全库中缺少其原件"
        locked = max(stored.retain_until, one.locked_until)
        if may_go(keep, one.sealed_at, locked, on_legal_hold=stored.on_legal_hold, now=now):
            return None
        if not isinstance(keep, int):
            return KEPT_AS[keep]
        if stored.on_legal_hold:
            return "it is on legal hold", "处于依法保留状态"
        until = max(locked, months_later(one.sealed_at, keep))
        return ("until", until), ("至", until)

    def _demand_vouched(self, one: Original, now: datetime) -> None:
        """Raise `RecordsDisagree` where an original that the rows would let go must be kept by what is signed."""
        tables = self.signed.retentions()
        for each in vouched(self.signed, one):
            keep = each.keep(tables, now)
            if not may_go(keep, each.sealed_at, now, on_legal_hold=False, now=now):
                case = ", ".join(sorted(set(each.links.values()))) or "none"
                kept = f"{keep} months after {each.sealed_at:%Y-%m-%d}" if isinstance(keep, int) else keep
                raise RecordsDisagree(
                    clip=each.clip,
                    what=f"what is signed says: case {case}, keep {kept}",
                    what_zh=f"签名记录为：案件 {case}，保存 {kept}",
                )


def _unsigned(clip: str) -> RecordsDisagree:
    what = "no two people's signed act disposed of its original"
    return RecordsDisagree(clip=clip, what=what, what_zh="没有经两人签名的处置记录")
