"""Clearing a docked recorder (清除): what is proven, and nothing else, is erased on its card.

Files are proven in batches while the card is write-protected (`card_proof`). Then the journal and the trail are told,
the card is opened for writing, each file is erased if its proof is still good, the card is closed, and it is asked
whether the file is gone. A power cut at any point leaves a note in the journal; the next clearing settles it. Nothing
is formatted, no folder is removed, no file is tried twice in one clearing. Where anything is in doubt the file stays,
with the reason. Units: bytes, seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from catalog.errors import CatalogUnreachable
from catalog.evidence import Docking, SourceFile
from catalog.recorders.clearings import ClearingTrail
from catalog.rules.canonical import canonical, time_text
from catalog.rules.policy import Policy
from catalog.station_error import StationError
from devices.contract import DockedRecorder, Eraser
from devices.errors import CardGone
from ingest.clearing.proof import Checked, ClearingDesk, Proof, erase, in_doubt, not_allowed, prove
from ingest.clearing.report import ClearingReport, Doubt, Erased, Stays, doubt
from ingest.contract import CardReader
from ingest.errors import JournalFailed, Stopped
from ingest.journal import Clearing
from vault.errors import VaultUnreachable

BATCH_FILES = 500
BATCH_S = 240.0
"""A batch is erased when its oldest proof gets this old, or would while the next file is proven."""

ENDS = (CardGone, CatalogUnreachable, JournalFailed, VaultUnreachable)
"""After these no other file can be proven either."""


def clear(card: DockedRecorder, files: Sequence[SourceFile], docking: Docking, desk: ClearingDesk) -> ClearingReport:
    """Erase what is proven of the files surveyed on a card; stops where `desk.stop` says so. May be called again.

    Raises nothing a person could act on: what goes wrong is in the report.
    """
    return _Round(card, docking, desk).over(files)


def would_clear(card: CardReader, files: Sequence[SourceFile], desk: ClearingDesk) -> ClearingReport:
    """What `clear` would erase and what it would leave, and why; nothing is written anywhere."""
    erased: list[Erased] = []
    left: list[Stays] = []
    ended: Doubt | None = None
    checked: dict[str, Checked] = {}
    for source in files:
        found: Proof | Doubt | None = ended
        if ended is None:
            found, ended = _proven(source, card, desk, checked)
        if isinstance(found, Proof):
            erased.append(Erased(source.shown, found.clip, source.size_bytes))
        elif found is not None:
            left.append(Stays(source.shown, source.size_bytes, found))
    return ClearingReport(tuple(erased), tuple(left))


def _proven(
    source: SourceFile, card: CardReader, desk: ClearingDesk, checked: dict[str, Checked]
) -> tuple[Proof | Doubt, Doubt | None]:
    """The proof of a file or why there is none, and why no other file can be proven, if so."""
    if desk.stop.is_set():
        return doubt("stopped"), doubt("stopped")
    desk.pause()
    try:
        return prove(source, card, desk, checked), None
    except Stopped:
        return doubt("stopped"), doubt("stopped")
    except ENDS as error:
        why = Doubt.of(error)
        return why, why
    except StationError as error:
        return Doubt.of(error), None


@dataclass
class _Batch:
    """Proofs that are to be erased together."""

    proofs: list[Proof] = field(default_factory=list)
    checked: dict[str, Checked] = field(default_factory=dict)

    def is_due(self, source: SourceFile, now_s: float, s_per_byte: float) -> bool:
        """Whether it must be erased before this file is proven, for its oldest proof not to get too old."""
        if not self.proofs:
            return False
        age_s = now_s - self.proofs[0].made_s + source.size_bytes * s_per_byte
        return len(self.proofs) >= BATCH_FILES or age_s > BATCH_S


class _Round:
    """One clearing of one card."""

    def __init__(self, card: DockedRecorder, docking: Docking, desk: ClearingDesk) -> None:
        self._card, self._docking, self._desk = card, docking, desk
        self._name = docking.recorder or card.name
        self._trail = ClearingTrail(desk.verifier.database, self._name, docking.by)
        self._erased: list[Erased] = []
        self._left: list[Stays] = []
        self._trouble: list[Doubt] = []
        self._ended: Doubt | None = None

    def over(self, files: Sequence[SourceFile]) -> ClearingReport:
        """Every file, in the order given."""
        try:
            # First what an earlier clearing left open: the card says now how that ended.
            self._settle(files)
            self._ended = not_allowed(self._desk.policy())
        except StationError as error:
            self._ended = Doubt.of(error)
        batch, spent_s, read_bytes = _Batch(), 0.0, 0
        for source in files:
            now_s = self._desk.elapsed_s()
            if self._ended is None and batch.is_due(source, now_s, spent_s / read_bytes if read_bytes else 0.0):
                self._clear(batch)
                batch = _Batch()
            if self._ended is not None:
                self._stays(source, self._ended)
                continue
            began_s = self._desk.elapsed_s()
            found, self._ended = _proven(source, self._card, self._desk, batch.checked)
            if isinstance(found, Proof):
                batch.proofs.append(found)
                spent_s, read_bytes = spent_s + self._desk.elapsed_s() - began_s, read_bytes + source.size_bytes
            else:
                self._stays(source, found)
        if self._ended is None:
            self._clear(batch)
        else:
            self._stay(batch.proofs, self._ended)
        return ClearingReport(tuple(self._erased), tuple(self._left), tuple(self._trouble))

    # ------------------------------------------------------------------ one batch

    def _clear(self, batch: _Batch) -> None:
        """Tell journal and trail, erase, ask the card, tell journal and trail."""
        proofs = batch.proofs
        if not proofs:
            return
        at = self._desk.now()
        listed = self._listed(proofs, at)
        try:
            policy = self._desk.policy()
            self._begin(proofs, listed, at, policy)
        except StationError as error:
            self._ended = Doubt.of(error)
            self._stay(proofs, self._ended)
            return
        # Killed from here on, journal and trail know that it began, and the next clearing asks the card how it ended.
        tried, refused = self._erase(proofs, policy)
        # Asked after the card was mounted anew: what a cache says of a removed file proves nothing.
        gone, here = self._confirmed(proofs, tried, refused)
        try:
            self._desk.journal.end_clearing(listed, "erased", gone)
            self._desk.journal.end_clearing(listed, "left", here)
            self._conclude(listed)
        except StationError as error:
            self._trouble.append(Doubt.of(error))
            self._ended = self._ended or Doubt.of(error)

    def _begin(self, proofs: Sequence[Proof], listed: str, at: datetime, policy: Policy) -> None:
        """The journal first, then the trail: what the trail announces can be settled after a power cut."""
        journal, begun = self._desk.journal, time_text(at)
        journal.begin_clearing(
            [
                Clearing(one.source.key, listed, self._name, one.source.path, one.clip, one.digest.sha256, begun)
                for one in proofs
            ]
        )
        facts = {
            "docked_at": time_text(self._docking.at),
            "bay": self._docking.bay,
            "files": len(proofs),
            "size_bytes": sum(one.source.size_bytes for one in proofs),
            "policy": policy.version,
        }
        try:
            self._trail.begins(at, listed, facts)
        except StationError:  # it may stand there all the same: then the next clearing tells how it ended
            journal.end_clearing(listed, "left", [one.source.key for one in proofs])
            raise

    def _erase(self, proofs: Sequence[Proof], policy: Policy) -> tuple[set[str], dict[str, Doubt]]:
        """Erase what may still go; the keys that were tried, and why others were not, or what the card answered."""
        tried: set[str] = set()
        refused: dict[str, Doubt] = {}
        try:
            with self._card.writable() as eraser:
                for proof in proofs:
                    if self._desk.stop.is_set():
                        self._ended = doubt("stopped")
                        break
                    why = self._erased_one(eraser, proof, policy, tried)
                    if why is not None:
                        refused[proof.source.key] = why
        except StationError as error:
            self._ended = Doubt.of(error)
            self._trouble.append(self._ended)
        if self._ended is not None:
            for proof in proofs:
                refused.setdefault(proof.source.key, self._ended)
        return tried, refused

    def _erased_one(self, eraser: Eraser, proof: Proof, policy: Policy, tried: set[str]) -> Doubt | None:
        """Erase one file, if its proof is still good; raises `CardGone` alone."""
        try:
            why = in_doubt(proof, self._card, policy, self._desk)
            if why is None:
                tried.add(proof.source.key)
                erase(eraser, proof)
        except CardGone:
            raise
        except StationError as error:
            why = Doubt.of(error)
        return why

    def _confirmed(
        self, proofs: Sequence[Proof], tried: Set[str], refused: Mapping[str, Doubt]
    ) -> tuple[list[str], list[str]]:
        """Ask the card about every file that was tried: the keys that are gone, those that are there.

        One the card gives no answer about is in neither: the next clearing settles it.
        """
        gone: list[str] = []
        here: list[str] = []
        for proof in proofs:
            source = proof.source
            try:
                is_gone = source.key in tried and self._card.absent(source.path)
            except StationError as error:
                self._stays(source, Doubt.of(error))
                continue
            if is_gone:
                gone.append(source.key)
                self._erased.append(Erased(source.shown, proof.clip, source.size_bytes))
            else:
                here.append(source.key)
                self._stays(source, refused.get(source.key) or doubt("still-there"))
        return gone, here

    # ------------------------------------------------------------------ what is owed

    def _settle(self, files: Sequence[SourceFile]) -> None:
        """End the lists that a power cut, a pulled card or a catalog that was down left open."""
        here = {source.path: source.key for source in files}
        open_rows = self._desk.journal.unsettled_clearings()
        for row in open_rows:
            if row.state == "begun" and row.card == self._name:
                known = here.get(row.path)
                is_gone = known != row.key if known is not None else self._card.absent(row.path)
                self._desk.journal.end_clearing(row.list, "erased" if is_gone else "left", [row.key])
        for listed in dict.fromkeys(row.list for row in open_rows):
            self._conclude(listed)

    def _conclude(self, listed: str) -> None:
        """Write on the trail how a list ended, once all of it is known; a card that is elsewhere may know more."""
        journal = self._desk.journal
        with journal.settling:
            rows = [one for one in journal.unsettled_clearings() if one.list == listed]
            states = [one.state for one in rows]
            if not rows or "begun" in states:
                return
            lines = replace(self._trail, card=rows[0].card)
            lines.ended(self._desk.now(), listed, erased=states.count("erased"), left=states.count("left"))
            journal.settle_clearing(listed)

    # ------------------------------------------------------------------ small words

    def _listed(self, proofs: Sequence[Proof], at: datetime) -> str:
        """The digest of a list of files: what the journal holds can be compared with what the trail says."""
        files = [[one.source.path.hex(), one.clip, one.digest.sha256] for one in proofs]
        body = canonical({"at": time_text(at), "card": self._name, "files": files})
        return hashlib.sha256(body).hexdigest()

    def _stays(self, source: SourceFile, why: Doubt) -> None:
        self._left.append(Stays(source.shown, source.size_bytes, why))

    def _stay(self, proofs: Iterable[Proof], why: Doubt) -> None:
        for proof in proofs:
            self._stays(proof.source, why)
