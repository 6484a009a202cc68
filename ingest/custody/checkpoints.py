"""Signed checkpoints of the trail in the vault (操作留痕检查点), and the trail compared with them.

A checkpoint says: so many lines, this root. It lies locked under `checkpoints/<time>-<lines>.txt`, in the form of
`catalog.rules.notes`. Whoever cuts or rewrites the trail later, its tree and its chain with it, no longer agrees with
it: a consistency proof from the checkpoint to the tree, computed anew from the lines, is not valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from catalog.acts import station_acts
from catalog.database import Database
from catalog.rules import merkle, notes
from catalog.rules.acts import Act
from catalog.trail import trail
from ingest.custody.signed_records import SignedRecords
from ingest.errors import TrailRewritten
from vault.contract import Vault, read_document
from vault.signature import PublicKey, Signer, raw_key, raw_signature_is_valid

CHECKPOINTS = "checkpoints"
NAME = re.compile(CHECKPOINTS + r"/(\d{8}T\d{12})Z-(\d{1,18})\.txt")
TIME = "%Y%m%dT%H%M%S%f"
CHECKPOINT_BYTES_MAX = 1 << 20

What = Literal["rewritten", "cut", "untrusted", "unreadable", "earlier", "receipt", "missing"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as the vault holds it, or as somebody hands it over (`key` is then a path, `at` None)."""

    key: str
    at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """A checkpoint the trail does not agree with, or that cannot be believed.

    `what`: `rewritten` (lines from `first` to `last` are not what they were), `cut` (those lines are gone), `untrusted`
    (no trusted key signed it), `unreadable`, `earlier` (given, and of a trail before a rebuild: it proves nothing now),
    `missing` (the journal knows that it was signed), `receipt` (`key` names a receipt that is not on the trail).
    """

    key: str
    what: What
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it: how many agree, how many are of a trail before the last rebuild, and what does not agree.

    Those that reach behind a broken line can neither agree nor disagree.
    """

    held: int
    earlier: int
    faults: tuple[Fault, ...]


def checkpoint_key(at: datetime, size: int) -> str:
    """Where the vault keeps a checkpoint; the names sort by time."""
    return f"{CHECKPOINTS}/{at.astimezone(UTC):{TIME}}Z-{size}.txt"


def checkpoint_due(newest: Kept | None, size: int, now: datetime, every: timedelta) -> bool:
    """Whether the trail has grown since the newest checkpoint, and that is old enough, or of a clock that was ahead."""
    if newest is None or newest.at is None:
        return size > 0
    return _size_in(newest) != size and not newest.at <= now < newest.at + every


def signed_checkpoint(signer: Signer, checkpoint: notes.Checkpoint) -> bytes:
    """A checkpoint signed under its origin's name."""
    text, public = checkpoint.text(), raw_key(signer.public)
    name = checkpoint.origin
    signature = notes.NoteSignature(name, notes.key_hash(name, public), signer.sign_raw(text.encode()))
    return notes.Note(text, (signature,)).body()


def trusted_checkpoint(body: bytes, trusted: Mapping[str, PublicKey]) -> notes.Checkpoint | None:
    """The checkpoint, if a trusted key signed it and none signed it wrongly; raises ValueError for no checkpoint."""
    note = notes.read_note(body)
    checkpoint = notes.read_checkpoint(note.text)
    verdicts = [
        raw_signature_is_valid(note.text.encode(), one.signature, public)
        for one in note.signatures
        for public in trusted.values()
        if notes.key_hash(one.name, raw_key(public)) == one.key_hash
    ]
    # All of them: a signature of a trusted key that is wrong is not excused by another that is right.
    return checkpoint if verdicts and all(verdicts) else None


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one vault, believed by the keys the station trusts."""

    vault: Vault
    trusted: Mapping[str, PublicKey]

    def every(self) -> Iterator[Kept]:
        """Every checkpoint, oldest first; what is not named like one is passed over."""
        yield from map(self._kept, filter(time_of_checkpoint, self.vault.keys(CHECKPOINTS)))

    def newest(self) -> Kept | None:
        """The last one, or None."""
        last = max(filter(time_of_checkpoint, self.vault.keys(CHECKPOINTS)), default=None)
        return None if last is None else self._kept(last)

    def _kept(self, key: str) -> Kept:
        return Kept(key, time_of_checkpoint(key), read_document(self.vault, key, CHECKPOINT_BYTES_MAX))

    def newest_of_this_trail(self, database: Database) -> Kept | None:
        """The one over most lines, or None where there is none since the trail was begun (anew).

        Not the one of the latest time: clocks are set back.
        """
        begun, placed = self.begun(database, trail.head(database))
        keys = [
            key
            for key in self.vault.keys(CHECKPOINTS)
            if (at := time_of_checkpoint(key)) and placed.get(key, at) > begun
        ]
        last = max(keys, key=lambda key: (_size_of(key), key), default=None)
        return None if last is None else self._kept(last)

    def write(self, database: Database, signer: Signer, origin: str, now: datetime, until: datetime) -> Kept | None:
        """Sign what the trail is now and lock it in the vault; the newest where nothing was added, None for no lines.

        Raises `TrailRewritten` instead of signing a trail that is no continuation of the newest checkpoint.
        """
        newest, head = self.demand_continued(database)
        if newest is not None and _size_in(newest) == head.size:
            return newest
        if not head.size:
            return None
        body = signed_checkpoint(signer, notes.Checkpoint(origin, head.size, head.root()))
        key = checkpoint_key(now, head.size)
        self.vault.put_document(key, body, until)
        return Kept(key, now, body)

    def demand_continued(self, database: Database) -> tuple[Kept | None, trail.Head]:
        """The newest checkpoint of this trail, or None, and the trail that continues it, read after it.

        Raises `TrailRewritten` where the stored tree does not continue it.
        """
        newest = self.newest_of_this_trail(database)
        head = trail.head(database)
        if newest is None:
            return None, head
        try:
            before = trusted_checkpoint(newest.body, self.trusted)
        except ValueError:
            before = None
        if before is None or not _continues(before, head.size, head.node):
            raise TrailRewritten(key=newest.key, size=_size_of(newest.key))
        return newest, head

    def compare(self, database: Database, found: trail.Recomputed, given: Sequence[Kept] = ()) -> Comparison:
        """The trail, as computed anew, against every checkpoint of the vault and those that are given."""
        begun, placed = self.begun(database, trail.Head(found.verdict.lines, found.node))
        every = tuple(self.every())
        past = [one for one in every if one.at is not None and placed.get(one.key, one.at) <= begun]
        bodies = {one.body for one in past}
        faults = [Fault(one.key, "earlier") for one in given if one.body in bodies]
        now = [one for one in (*every, *given) if one.body not in bodies]
        read = list[tuple[Kept, notes.Checkpoint]]()
        for one in now:
            try:
                checkpoint = trusted_checkpoint(one.body, self.trusted)
            except ValueError:
                faults.append(Fault(one.key, "unreadable"))
                continue
            if checkpoint is None:
                faults.append(Fault(one.key, "untrusted"))
            else:
                read.append((one, checkpoint))
        read.sort(key=lambda pair: pair[1].size)
        broken = [*_rewritten(read, found), *_cut(read, trail.size(database))]
        disagree = {fault.key for fault in broken}
        within = (one for one, checkpoint in read if checkpoint.size <= found.verdict.lines)
        held = sum(one.key not in disagree for one in within)
        return Comparison(held, len(past), (*faults, *_tightest(broken, given)))

    def begun(self, database: Database, head: trail.Head) -> tuple[datetime, Mapping[str, datetime]]:
        """When this trail was begun anew: said on it, of the very lines before, and signed in the vault.

        And the places in time of checkpoints that a wrong clock signed.
        """
        records = SignedRecords(self.vault, database, lambda: self.trusted)
        every = station_acts.rebuilds(database)
        times = [act.at for line, act in every if _begins(line, act, head) and records.is_signed(act)]
        return max(times, default=datetime.min.replace(tzinfo=UTC)), records.disowned().checkpoints


def _begins(line: int, act: Act, head: trail.Head) -> bool:
    """Whether what stands before this line is what the act says of it: it excuses no other trail."""
    if line > head.size:
        return False
    return act.details.get("begins") == {"lines": line - 1, "root": merkle.root(line - 1, head.node).hex()}


def _rewritten(read: Sequence[tuple[Kept, notes.Checkpoint]], found: trail.Recomputed) -> Iterator[Fault]:
    """The checkpoints within the lines that could be computed, to which no proof of consistency leads."""
    known = 0
    for one, checkpoint in read:
        if checkpoint.size > found.verdict.lines:
            return
        if _continues(checkpoint, found.verdict.lines, found.node):
            known = checkpoint.size
        else:
            yield Fault(one.key, "rewritten", min(known + 1, checkpoint.size), checkpoint.size)


def _cut(read: Sequence[tuple[Kept, notes.Checkpoint]], lines: int) -> Iterator[Fault]:
    """The checkpoints over more lines than there are."""
    for one, checkpoint in read:
        if checkpoint.size > lines:
            yield Fault(one.key, "cut", lines + 1, checkpoint.size)


def _tightest(broken: Sequence[Fault], given: Sequence[Kept]) -> Iterator[Fault]:
    """The checkpoint that says it best: of those that were rewritten the first, of those that were cut the longest."""
    asked = {one.key for one in given}
    choices: tuple[tuple[What, Callable[[Sequence[Fault]], Fault]], ...] = (
        ("rewritten", lambda some: some[0]),
        ("cut", lambda some: some[-1]),
    )
    for what, choose in choices:
        some = [fault for fault in broken if fault.what == what]
        if some:
            best = choose(some)
            yield best
            yield from (fault for fault in some if fault.key in asked and fault != best)


def _continues(before: notes.Checkpoint, size: int, node: merkle.Node) -> bool:
    """Whether a tree of `size` lines begins with what a checkpoint says: a proof of consistency, made and checked."""
    if before.size == 0:
        return before.root == merkle.EMPTY_ROOT
    if before.size > size:
        return False
    path = merkle.consistency_proof(before.size, size, node)
    return merkle.consistency_is_valid(before.size, size, before.root, merkle.root(size, node), path)


def time_of_checkpoint(key: str) -> datetime | None:
    """When a checkpoint was signed, as its key says; None for another key."""
    found = NAME.fullmatch(key)
    try:
        return datetime.strptime(found[1], TIME).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _size_in(kept: Kept) -> int:
    """The number of lines a checkpoint says itself: its name is nobody's signature."""
    try:
        return notes.read_checkpoint(notes.read_note(kept.body).text).size
    except ValueError:
        return _size_of(kept.key)


def _size_of(key: str) -> int:
    found = NAME.fullmatch(key)
    assert found is not None
    return int(found[2])
