"""One visit of a card at the station (一次接入): every file walked, oldest first, or held with its reason.

A file that fails is held for a person and the rest goes on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from catalog.evidence import Docking, Duplicate, Receipt, SourceFile, shown_path
from catalog.rules.canonical import time_text
from catalog.rules.recognition import Witness
from catalog.station_error import StationError
from devices.junk import Junk
from devices.own_record import volume_label
from devices.survey import Card, Refused, Skipped
from ingest.contract import Watcher
from ingest.errors import JournalFailed
from ingest.inventory import ENTRY, cured, phases, take_inventory
from ingest.journal import Held
from ingest.recognition import stated
from ingest.walk import CardAtHand, WalkDesk, walk
from ingest.whole_read import other_bytes

READERS = min(8, os.cpu_count() or 1)
"""So many files are read and hashed at once: as many as there are processors, which SM3 keeps busy."""
WORKERS = READERS + 3
"""So many files are on their way at once: while copies are synced, read back and sealed, the next are read."""

KNOWN = ("filed already", "此前已入库")
KNOWN_WHOLE = ("filed already, read whole again", "此前已入库，已全文复读")
DUPLICATE = ("same bytes as a filed clip", "与已入库资料内容相同")


@dataclass(frozen=True, slots=True)
class Left:
    """A file that stays on the card without a clip of its own: which clip has its bytes, if any, and why.

    `reasons` says it in English and Chinese.
    """

    path: str
    reasons: tuple[str, str]
    clip: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of every entry of a card: numbers of the new clips, what is held, what was skipped."""

    filed: tuple[str, ...]
    held: tuple[Held, ...]
    skipped: tuple[Left, ...]


def ingest_card(
    card: Card, docking: Docking, junk: Junk, desk: WalkDesk, watcher: Watcher, *, reread: bool = False
) -> Outcome:
    """Walk everything on a card; also what earlier visits left in the spool.

    `reread`: what is known by its edges is read in full, and what has other bytes walks as a file of its own.
    """
    desk.spool.sweep(desk.journal.unfinished())
    label = volume_label(card.root)
    witnesses = (*stated(docking), *((Witness("label", label),) if label else ()))
    found = take_inventory(card, docking, junk, desk, witnesses)
    docking = replace(docking, recorder=found.recorder)
    desk.journal.settle(desk.journal.doubted() & {source.key for source in found.new})
    ended, results = found.ended, _Results(desk, docking, found.card)
    known = [source for source in found.files if source.key in ended]
    changed = _read_again(known, card, desk, results, watcher) if reread else []
    new = [*found.new, *changed]
    unfinished = _left_over(new, desk)
    watcher.begins(len(new) + len(unfinished), sum(source.size_bytes for source in (*new, *unfinished)))
    at_hand = CardAtHand(card, docking)
    desk = replace(desk, spool=replace(desk.spool, reading=threading.BoundedSemaphore(READERS)))
    for phase in (*phases(new, desk), unfinished):
        _walk_all(phase, at_hand, desk, results, watcher)
    for refused in found.refused:
        results.hold(f"{ENTRY}{found.card}:{refused.path.hex()}", refused.error, refused.path)
    held = desk.journal.held()
    desk.journal.settle((set(ended) & set(held) - results.held_keys) | cured(found, held, results.held_keys))
    left = [Left(_shown(one), one.rule.reasons, None) for one in found.skipped]
    others = {source.path for source in changed} | results.held_paths
    reasons = KNOWN_WHOLE if reread else KNOWN
    left += [Left(source.shown, reasons, ended[source.key]) for source in known if source.path not in others]
    return Outcome(tuple(results.filed), tuple(results.held), (*left, *results.skipped))


def _read_again(
    known: Sequence[SourceFile], card: Card, desk: WalkDesk, results: _Results, watcher: Watcher
) -> list[SourceFile]:
    """Read known files in full; those with other bytes that are not filed yet, each as a file of its own."""
    watcher.begins(len(known), sum(source.size_bytes for source in known))

    def one(source: SourceFile) -> SourceFile | StationError | None:
        watcher.reading(source)
        try:
            return other_bytes(source, card, desk.journal, time_text(desk.now()), partial(watcher.read, source))
        except JournalFailed:
            raise
        except StationError as error:
            return error
        finally:
            watcher.ended(source)

    changed: list[SourceFile] = []
    with ThreadPoolExecutor(READERS, thread_name_prefix="reread") as pool:
        for source, found in zip(known, pool.map(one, known), strict=True):
            if isinstance(found, StationError):
                results.hold(source.key, found, source.path)
            elif found is not None:
                changed.append(found)
    done = desk.journal.ended([source.key for source in changed])
    return [source for source in changed if source.key not in done]


def _left_over(new: Sequence[SourceFile], desk: WalkDesk) -> list[SourceFile]:
    """Files whose copies an earlier visit left in the spool, and that are not on this card."""
    here = {source.key for source in new} | desk.journal.doubted()
    keys = [key for key in desk.journal.unfinished() if key not in here]
    return [source for key in keys if (source := desk.journal.recall(key, SourceFile)) is not None]


class _Results:
    """Collects what the walks of one visit came to."""

    def __init__(self, desk: WalkDesk, docking: Docking, card: str) -> None:
        self.filed: list[str] = []
        self.held: list[Held] = []
        self.skipped: list[Left] = []
        self.held_keys: set[str] = set()
        self.held_paths: set[bytes] = set()
        self._desk, self._since, self._card = desk, time_text(docking.at), card
        self._before = frozenset(desk.journal.held())

    def settle(self, source: SourceFile, walked: Callable[[], Receipt | Duplicate]) -> None:
        """Note how one walk ended; only a broken journal ends the visit."""
        try:
            end = walked()
        except JournalFailed:
            raise
        except StationError as error:
            self.hold(source.key, error, source.path)
            return
        if isinstance(end, Duplicate):
            self.skipped.append(Left(source.shown, DUPLICATE, end.clip_id))
        else:
            self.filed.append(end.clip_id)
        if source.key in self._before:
            self._desk.journal.settle([source.key])

    def hold(self, key: str, error: StationError, path: bytes) -> None:
        """Note that an entry waits for a person."""
        shown = shown_path(path)
        self.held.append(self._desk.journal.hold(key, shown, error, self._since, card=self._card, raw=path))
        self.held_keys.add(key)
        self.held_paths.add(path)


def _walk_all(
    sources: Sequence[SourceFile], at_hand: CardAtHand, desk: WalkDesk, results: _Results, watcher: Watcher
) -> None:
    """Walk a phase, several files at a time; results in the order of the files."""

    def one(source: SourceFile) -> Receipt | Duplicate:
        try:
            return walk(source, at_hand, desk)
        finally:
            watcher.ended(source)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="walk") as pool, ExitStack() as if_cut_off:
        if_cut_off.callback(pool.shutdown, cancel_futures=True)
        if_cut_off.callback(desk.spool.stop.set)
        futures = [(source, pool.submit(one, source)) for source in sources]
        for source, future in futures:
            results.settle(source, future.result)
        if_cut_off.pop_all()


def _shown(entry: Skipped | Refused) -> str:
    return shown_path(entry.path)
