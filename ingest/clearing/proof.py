"""The proof without which no file is erased (清除前核验): every check is made now, in this order.

    allowed   the bureau's policy lets files be erased at all
    receipt   the journal has a receipt for exactly this file, or for the clip that has its bytes
    stale     the trail has the line the receipt names, with that hash, for that clip
    due       the days the policy asks for have passed since the sealing, by the station's clock
    sealed    original read back with both digests, manifest, signature, lock and catalog row as sealed
    locked    the lock of original, manifest and signature has not ended
    own       the file on the card is no file of the station itself, whatever folder, link or share leads to it
    card      the file on the card, read in full, has both digests of the manifest, and is still the same file

A `Proof` is made by `prove` alone, and `erase` takes nothing else. It is one for PROOF_S_MAX seconds.
Units: bytes, seconds.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

from catalog.clips import clips
from catalog.evidence import Digest, Duplicate, Receipt, SourceFile
from catalog.recorders import clearings
from catalog.rules.manifest import Manifest
from catalog.rules.policy import Policy
from devices.contract import Eraser
from ingest.clearing.report import Doubt, doubt
from ingest.contract import CardReader
from ingest.custody.verification import Finding, Verifier
from ingest.errors import Stopped
from ingest.journal import Journal
from ingest.sealing import manifest_key, original_key, signature_key
from ingest.whole_read import digests_now

PROOF_S_MAX = 600.0
DIGEST = re.compile(r"[0-9a-f]{64}")

_PROVE = object()
"""What only this module has: without it there is no proof."""


@dataclass(frozen=True)
class ClearingDesk:
    """What a clearing works with (清除工作台).

    `policy` reads the one in force; it is asked again before every erasing. `now` is the station's time, which
    must be trusted. `owned` tells of an open file and the key of an original whether that is the original itself, or
    another file of the station. `pause` is called between buffers and files, and may wait: copying comes first.
    `elapsed_s` is a clock that only goes forward.
    """

    journal: Journal
    verifier: Verifier
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    owned: Callable[[int, str], bool]
    stop: threading.Event = field(default_factory=threading.Event)
    pause: Callable[[], None] = lambda: None
    elapsed_s: Callable[[], float] = monotonic


@dataclass(frozen=True, slots=True)
class Proof:
    """That a file on the card is in the vault, whole and locked (核验证明); `made_s` is when its last check ended."""

    source: SourceFile
    clip: str
    digest: Digest
    original: str
    sealed_at: datetime
    made_s: float
    made_by: object = field(repr=False)

    def __post_init__(self) -> None:
        if self.made_by is not _PROVE:
            raise AssertionError("a proof is made by prove() alone")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the vault said of a clip, and when: two equal files on one card need it once."""

    findings: tuple[Finding, ...]
    at_s: float


def prove(source: SourceFile, card: CardReader, desk: ClearingDesk, checked: dict[str, Checked]) -> Proof | Doubt:
    """Every check, in the order of the module. Raises the StationErrors of journal, catalog, vault and card."""
    policy = desk.policy()
    if (why := not_allowed(policy)) is not None:
        return why
    receipt = receipt_for(source, desk.journal)
    if receipt is None:
        return doubt("no-receipt")
    if (why := stale(receipt, desk)) is not None:
        return why
    document = clips.document(desk.verifier.database, receipt.clip_id)
    manifest = document.read()
    sealed_at = manifest.sealed_at
    # Cheap questions before dear ones: the original is read back only where policy and days allow the erasing, and
    # the manifest is asked for again after that, for it may have been exchanged during the long reading.
    why = (
        not_due(policy, sealed_at, desk.now())
        or not_as_sealed(receipt.clip_id, desk, checked, source)
        or moved(receipt.clip_id, document, desk)
        or lock_ended(manifest, document.sha256, desk)
    )
    if why is not None:
        return why
    wanted = Digest(manifest.sha256, manifest.sm3)
    original = manifest.original_key
    if (why := card_differs(source, wanted, original, card, desk)) is not None:
        return why
    return Proof(source, receipt.clip_id, wanted, original, sealed_at, desk.elapsed_s(), _PROVE)


def erase(eraser: Eraser, proof: Proof) -> None:
    """Erase the file of a proof; nothing else can be erased. Raises `EraseRefused`."""
    assert proof.made_by is _PROVE
    eraser.erase(proof.source.path)


def in_doubt(proof: Proof, card: CardReader, policy: Policy, desk: ClearingDesk) -> Doubt | None:
    """Why a proof is none any more, the moment before its file is erased."""
    return (
        not_allowed(policy)
        or not_due(policy, proof.sealed_at, desk.now())
        or too_old(proof, desk.elapsed_s())
        or swapped(proof, card, desk)
    )


# ---------------------------------------------------------------------- one check each: a doubt, or None


def not_allowed(policy: Policy) -> Doubt | None:
    """The policy never lets anything be erased."""
    return doubt("policy-never") if policy.clearing == "never" else None


def receipt_for(source: SourceFile, journal: Journal) -> Receipt | None:
    """The receipt for exactly this file, or of the clip that has its bytes already."""
    receipt = journal.recall(source.key, Receipt)
    if receipt is not None:
        return receipt
    twin = journal.recall(source.key, Duplicate)
    return None if twin is None else journal.receipt_of(twin.clip_id)


def stale(receipt: Receipt, desk: ClearingDesk) -> Doubt | None:
    """The receipt is from another catalog than this one."""
    if clearings.is_filed(desk.verifier.database, receipt, clips.FILED):
        return None
    return doubt("stale-receipt", line=receipt.trail_line)


def not_due(policy: Policy, sealed_at: datetime, now: datetime) -> Doubt | None:
    """Why not yet: it was sealed too short a time ago."""
    due = policy.cleared_from(sealed_at)
    if due is not None and due <= now:
        return None
    return doubt("not-yet", at=due.isoformat(timespec="seconds") if due is not None else "-")


def not_as_sealed(clip: str, desk: ClearingDesk, checked: dict[str, Checked], source: SourceFile) -> Doubt | None:
    """Vault and catalog do not hold what was sealed; the original is read again, once for two equal files."""
    known = checked.get(clip)
    if known is None or desk.elapsed_s() - known.at_s > PROOF_S_MAX:
        verifier = replace(desk.verifier, progress=_stoppable(source, desk, desk.verifier.progress))
        known = checked[clip] = Checked(tuple(verifier.check(clip)), desk.elapsed_s())
    if not known.findings:
        return None
    return doubt("not-as-sealed", clip=clip, what=", ".join(dict.fromkeys(one.what for one in known.findings)))


def moved(clip: str, document: clips.Document, desk: ClearingDesk) -> Doubt | None:
    """The manifest that was checked is not the one the digests are taken from."""
    return None if clips.document(desk.verifier.database, clip) == document else doubt("catalog-moved")


def lock_ended(manifest: Manifest, sha256: str, desk: ClearingDesk) -> Doubt | None:
    """A lock that was long enough once is over: somebody may discard the original today."""
    for key in (manifest.original_key, manifest_key(sha256), signature_key(sha256)):
        stored = desk.verifier.vault.find(key)
        if stored is None or stored.retain_until <= desk.now():
            until = "-" if stored is None else stored.retain_until.isoformat(timespec="seconds")
            return doubt("lock-ended", key=key, until=until)
    return None


def own_file(source: SourceFile, descriptor: int, original: str, desk: ClearingDesk) -> Doubt | None:
    """Why never: erasing it would erase evidence. The last line of defence, should the vault be taken for a card."""
    if desk.owned(descriptor, original):
        return doubt("own-file")
    # A share of our own vault shows its files under another device and inode, but by the names the vault gave them.
    name = os.fsdecode(source.path.rpartition(b"/")[2])
    named = DIGEST.fullmatch(name) is not None and desk.verifier.vault.find(original_key(name)) is not None
    return doubt("own-file") if named else None


def card_differs(
    source: SourceFile, wanted: Digest, original: str, card: CardReader, desk: ClearingDesk
) -> Doubt | None:
    """The file on the card is not the one that was sealed: all of it is read again, past the cache if that can be."""
    with card.open(source) as descriptor:
        # Asked before and after the reading: a file that changes meanwhile has no one digest.
        if (before := card.still(source, descriptor)) is not None:
            return doubt("changed", what=before)
        if (why := own_file(source, descriptor, original, desk)) is not None:
            return why
        digest = digests_now(source, descriptor, card, _stoppable(source, desk, lambda _: None))
        after = card.still(source, descriptor)
    if after is not None:
        return doubt("changed", what=after)
    found = {"SHA-256": (digest.sha256, wanted.sha256), "SM3": (digest.sm3, wanted.sm3)}
    different = [name for name, (has, should) in found.items() if has != should]
    return doubt("card-differs", what=", ".join(different)) if different else None


def too_old(proof: Proof, now_s: float) -> Doubt | None:
    """The proof was made too long ago."""
    return None if now_s - proof.made_s <= PROOF_S_MAX else doubt("proof-old", seconds=f"{PROOF_S_MAX:g}")


def swapped(proof: Proof, card: CardReader, desk: ClearingDesk) -> Doubt | None:
    """Why not: another file took the place of the one that was proven, or the station's own folder that of the card."""
    with card.open(proof.source) as descriptor:
        changed = card.still(proof.source, descriptor)
        if changed is not None:
            return doubt("changed", what=changed)
        return own_file(proof.source, descriptor, proof.original, desk)


def _stoppable(source: SourceFile, desk: ClearingDesk, progress: Callable[[int], None]) -> Callable[[int], None]:
    """Progress that lets others go first, and ends when the program is to stop."""

    def tell(size_bytes: int) -> None:
        if desk.stop.is_set():
            raise Stopped(path=source.shown)
        desk.pause()
        progress(size_bytes)

    return tell
