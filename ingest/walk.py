"""The main job (主流程): one file from the card into the vault and the catalog. Read this first.

    take       copy into the spool while hashing; sync; read back; compare
    understand ask container, clock, name and GPS; whose it is by the register; propose a case
    sign       write and sign the manifest
    seal       bytes, signature and manifest into the vault; read the lock back
    file       clip, link and trail line in one transaction; the receipt

Each step goes through `journal.once`: what is written down is the answer, else the work is done and written
down. After an error, a pulled cable or a power cut the same walk is made again; there is no recovery code. The
card is only read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from catalog.evidence import (
    Clip,
    Docking,
    Duplicate,
    Receipt,
    SealedClip,
    SignedClip,
    SourceFile,
    SpooledFile,
)
from catalog.rules.clock import Reading, dated
from catalog.rules.register import Register
from catalog.station_error import StationError
from ingest.contract import CardReader, Filer
from ingest.errors import CopyLost, CopyMismatch, RecorderUnsure, SpoolBroken, TwinPending
from ingest.examine import CardFacts, Examiner
from ingest.journal import Journal
from ingest.sealing import Sealer
from ingest.spool import DiskSpool


def clock_unread() -> Reading:
    """Where no card was read while the clock was not believed."""
    raise AssertionError("every docking has its time")


@dataclass(frozen=True)
class WalkDesk:
    """Everything the walk works with (工作台); the same for every file of a station."""

    journal: Journal
    spool: DiskSpool
    examiner: Examiner
    sealer: Sealer
    filer: Filer
    now: Callable[[], datetime]
    gate: Callable[[], None] = lambda: None
    """Raises why nothing may be sealed now."""
    timed: Callable[[str], AbstractContextManager[object]] = nullcontext
    """Told the name of each step while it is done."""
    register: Callable[[], Register] = Register
    """The register of recorders, as it is known now."""
    reading: Callable[[], Reading] = clock_unread
    """The clock as it is now, beside the time since the system started."""


@dataclass(frozen=True)
class CardAtHand:
    """One card on the desk: how to read it, and what was said at the docking."""

    card: CardReader
    docking: Docking


class AbsentCard:
    """The card of a recorder that is not here (不在位): what is left to do must be done from the spool."""

    def open(self, source: SourceFile, offset: int = 0) -> AbstractContextManager[int]:
        """Raise `CopyLost`: there is no card to read from."""
        raise CopyLost(path=source.shown)

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """Never asked: nothing can be opened."""
        raise AssertionError("nothing was opened")

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """Never asked: nothing can be read."""
        raise AssertionError("nothing was opened")


def walk(source: SourceFile, at_hand: CardAtHand, desk: WalkDesk) -> Receipt | Duplicate:
    """Bring one file to its receipt, or to the clip that has its bytes already.

    Raises the StationErrors of each step; the next call goes on where this one ended.
    """
    journal, key = desk.journal, source.key
    journal.once(key, SourceFile, lambda: source)
    docking = journal.once(key, Docking, lambda: at_hand.docking)
    known = journal.recall(key, Clip)
    if known is not None and journal.claim(known.id, key) != key and desk.filer.has(known.id):
        return _copy_of(known, source, desk)  # its bytes are filed by now: it need not be read again, nor its card come
    _demand_known(docking, key, journal)
    spooled = take(source, at_hand.card, desk)
    # What the names of its own card said: the copy may have been left in the spool by another one.
    facts = CardFacts(source.serial, source.officer)
    with desk.timed("understand"):
        clip = journal.once(key, Clip, lambda: understand(spooled, _dated(docking, key, desk), facts, desk))
    if twin(clip, source, desk):
        return _copy_of(clip, source, desk)
    # Asked again: another device may have told the same serial while the copy was being understood.
    _demand_known(docking, key, journal)
    with desk.timed("sign"):
        signed = journal.once(key, SignedClip, lambda: _signed(clip, desk))
    with desk.timed("seal"):
        sealed = journal.once(key, SealedClip, lambda: desk.sealer.seal(signed, desk.spool.path(spooled)))
    with desk.timed("file"):
        receipt = journal.once(key, Receipt, lambda: desk.filer.file(sealed))
    # Last: until the receipt is written down a second try may need the copy.
    desk.spool.drop(spooled)
    return receipt


def _signed(clip: Clip, desk: WalkDesk) -> SignedClip:
    """Sign a clip. The gate is asked at each file: the clock may have been set while the copy was made."""
    desk.gate()
    return desk.sealer.sign(clip, desk.now())


def _dated(docking: Docking, key: str, desk: WalkDesk) -> Docking:
    """The docking with its time; where its clock was not believed then, of all its files alike, once it is believed.

    What is understood of a file, and what its manifest says, must not rest on a time that was none.
    """
    if docking.undated is None:
        return docking
    desk.gate()
    desk.journal.date_docking(docking, dated(docking, desk.reading()))
    known = desk.journal.recall(key, Docking)
    assert known is not None
    return known


def _demand_known(docking: Docking, key: str, journal: Journal) -> None:
    """Raise `RecorderUnsure` while nobody can tell whose this copy is: what is signed under a name stays under it."""
    if journal.is_doubted(key):
        raise RecorderUnsure(recorders=docking.recorder)


def take(source: SourceFile, card: CardReader, desk: WalkDesk, *, asks_vault: bool = True) -> SpooledFile:
    """The copy. One from before a crash is read again first, unless all that is left to do is done in the vault.

    `asks_vault` False: the vault may be away, and a copy that is gone is taken again.
    """
    before = desk.journal.recall(source.key, SpooledFile)
    if before is not None:
        understood = asks_vault and desk.journal.recall(source.key, Clip) is not None
        if (understood and desk.sealer.has(before)) or desk.spool.has(before):
            return before
    with desk.timed("take"):
        taken = desk.spool.take(source, card)
    if before is not None and taken.digest != before.digest:
        # What is signed names the digests of the first copy: other bytes must not take its place.
        if desk.journal.recall(source.key, SignedClip) is not None:
            desk.spool.drop(taken)
            raise CopyMismatch(path=source.shown, read=before.digest.sha256, spooled=taken.digest.sha256)
        desk.journal.forget_clip(source.key)
    desk.journal.note(source.key, taken)
    return taken


def understand(spooled: SpooledFile, docking: Docking, facts: CardFacts, desk: WalkDesk) -> Clip:
    """The clip in the copy, with the sidecars that were understood before it."""
    beside = [clip for key in spooled.source.beside if (clip := desk.journal.recall(key, Clip)) is not None]
    copy = desk.spool.path(spooled)
    try:
        return desk.examiner.examine(spooled, copy, docking, facts, beside, desk.filer)
    except OSError as error:
        raise SpoolBroken(path=spooled.source.shown, reason=error.strerror or error) from error


def twin(clip: Clip, source: SourceFile, desk: WalkDesk) -> bool:
    """Whether these bytes are filed already; if not, this file is to become the clip. Raises `TwinPending`.

    A file that was given the number and cannot become the clip any more, unless its card comes back, loses it to this
    one: else the same bytes would wait for ever.
    """
    holder = desk.journal.claim(clip.id, source.key)
    if holder != source.key:
        if desk.filer.has(clip.id):
            return True
        if not _is_lost(holder, clip.id, desk):
            raise TwinPending(path=source.shown)
        desk.journal.hand_over(clip.id, holder, source.key)
        if desk.journal.claim(clip.id, source.key) != source.key:
            raise TwinPending(path=source.shown)  # a third file was quicker
    return desk.journal.recall(source.key, SignedClip) is None and desk.filer.has(clip.id)


def _is_lost(key: str, clip: str, desk: WalkDesk) -> bool:
    """Whether nothing is left of a file to become the clip."""
    # The spool first: from there a copy goes to the vault, so it is never in neither.
    known = desk.journal.recall(key, Clip)
    if known is None or known.id != clip:
        return True  # its copy was taken anew, and is another clip
    return not (desk.spool.has(known.spooled) or desk.sealer.has(known.spooled))


def _copy_of(clip: Clip, source: SourceFile, desk: WalkDesk) -> Duplicate:
    """The end of a file whose bytes are filed."""
    done = Duplicate(clip.id)
    desk.journal.note(source.key, done)
    desk.spool.drop(clip.spooled)
    return done
