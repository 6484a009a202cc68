"""One visit of a card at the station (一次接入): every file walked, oldest first, or held with its reason.

Order: sidecars first, because a clip is understood with them; then clips by modify time; then files that may be
copies of one of those (same size and edges), a name that no recorder writes last. So which of two equal files
becomes the clip does not depend on chance. A file that fails is held for a person and the rest goes on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace

from catalog.errors import StationError
from catalog.evidence import Docking, Duplicate, Receipt, SourceFile, shown_path
from catalog.rules.canonical import time_text
from devices.junk import Junk
from devices.survey import Card, Refused, Skipped
from ingest.contract import Watcher
from ingest.errors import JournalFailed
from ingest.journal import Held
from ingest.walk import Desk, Visit, walk
from media.kinds import sidecar_of
from media.names import LAST_RESORT

WORKERS = min(8, (os.cpu_count() or 1) + 1)
"""One more than processors: while one waits for the disk the others compute."""

ENTRY = "entry:"
"""Begins the key of what is held and is no file; its card and path follow."""
KNOWN = ("filed already", "此前已入库")
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


@dataclass(frozen=True, slots=True)
class Survey:
    """The entries of a card, sorted by what is to be done with them."""

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    card: str
    """The recorder's serial, or the folder of a card that tells none."""


def visit_card(card: Card, docking: Docking, junk: Junk, desk: Desk, watcher: Watcher) -> Outcome:
    """Walk everything on a card; also what earlier visits left in the spool."""
    desk.spool.sweep(desk.journal.unfinished())
    found = survey(card, docking, junk, desk)
    ended = desk.journal.ended([source.key for source in found.files])
    new = [source for source in found.files if source.key not in ended]
    desk.journal.forget_untaken(source.key for source in new)
    unfinished = _left_over(new, desk)
    watcher.begins(len(new) + len(unfinished), sum(source.size_bytes for source in (*new, *unfinished)))
    results = _Results(desk, docking, found.card)
    visit = Visit(card, docking)
    for phase in (*_phases(new, desk), unfinished):
        _walk_all(phase, visit, desk, results, watcher)
    for refused in found.refused:
        results.hold(f"{ENTRY}{found.card}:{refused.path.hex()}", refused.error, refused.path)
    held = desk.journal.held()
    desk.journal.release((set(ended) & set(held)) | _cured(found, held, results.held_keys))
    left = [Left(_shown(one), one.rule.reasons, None) for one in found.skipped]
    left += [Left(source.shown, KNOWN, ended[source.key]) for source in found.files if source.key in ended]
    return Outcome(tuple(results.filed), tuple(results.held), (*left, *results.skipped))


def survey(card: Card, docking: Docking, junk: Junk, desk: Desk) -> Survey:
    """List a card; tell the recorder and the officer from its names where nobody said; tie sidecars to clips."""
    files: list[SourceFile] = []
    skipped: list[Skipped] = []
    refused: list[Refused] = []
    for entry in card.survey(junk):
        if isinstance(entry, SourceFile):
            files.append(entry)
        elif isinstance(entry, Skipped):
            skipped.append(entry)
        else:
            refused.append(entry)
    names = [desk.examiner.name(source) for source in files]
    recorder, officer = _agreed(one.recorder for one in names), _agreed(one.officer for one in names)
    named = [
        replace(source, serial=docking.recorder or name.recorder or recorder, officer=officer)
        for source, name in zip(files, names, strict=True)
    ]
    where = docking.recorder or recorder or str(card.root.absolute())
    return Survey(_tied(named), tuple(skipped), tuple(refused), where)


def _agreed(values: Iterable[str | None]) -> str | None:
    """The value all agree on, or None."""
    counted = Counter(value for value in values if value is not None)
    return next(iter(counted)) if len(counted) == 1 else None


def _tied(files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """The files, each sidecar knowing its clip and each clip its sidecars."""
    mains = sidecar_of([source.path for source in files])
    keys: dict[bytes, list[str]] = {}
    for source in files:
        if source.path in mains:
            keys.setdefault(mains[source.path], []).append(source.key)
    return tuple(
        replace(source, belongs_to=mains.get(source.path), beside=tuple(sorted(keys.get(source.path, ()))))
        for source in files
    )


def _phases(files: Sequence[SourceFile], desk: Desk) -> tuple[list[SourceFile], list[SourceFile], list[SourceFile]]:
    """Sidecars; clips; possible copies of clips. Each oldest first."""
    sidecars = [source for source in files if source.belongs_to is not None]
    clips = sorted(
        (source for source in files if source.belongs_to is None),
        key=lambda source: (_is_copy(source, desk), source.mtime_ns, source.path),
    )
    first: dict[tuple[int, str], SourceFile] = {}
    for source in clips:
        first.setdefault((source.size_bytes, source.edges), source)
    originals = set(first.values())
    oldest_first = sorted(originals, key=lambda source: (source.mtime_ns, source.path))
    return sidecars, oldest_first, [source for source in clips if source not in originals]


def _is_copy(source: SourceFile, desk: Desk) -> bool:
    """Whether the name is not one a recorder writes."""
    return desk.examiner.name(source).pattern in (None, LAST_RESORT)


def _left_over(new: Sequence[SourceFile], desk: Desk) -> list[SourceFile]:
    """Files whose copies an earlier visit left in the spool, and that are not on this card."""
    here = {source.key for source in new}
    keys = [key for key in desk.journal.unfinished() if key not in here]
    return [source for key in keys if (source := desk.journal.recall(key, SourceFile)) is not None]


def _cured(found: Survey, held: Mapping[str, Held], again: Set[str]) -> set[str]:
    """The keys of what earlier visits of this card held and this one settled.

    Something else stands at its path, or below it, and is not held; or it was no file and is gone, where the card
    is surely the same one. A file that is gone stays on the list: nobody has its bytes.
    """
    before = {key: one for key, one in held.items() if one.card == found.card and key not in again}
    if not before:
        return set()
    paths = [source.path for source in found.files if source.key not in again] + [one.path for one in found.skipped]
    settled = set(paths).union(*(_folders(path) for path in paths))
    sure = any(source.serial == found.card for source in found.files)
    return {key for key, one in before.items() if one.raw in settled or (sure and key.startswith(ENTRY))}


def _folders(path: bytes) -> Iterator[bytes]:
    """The folders a path goes through, the card itself last."""
    while path:
        path = path.rpartition(b"/")[0]
        yield path


class _Results:
    """Collects what the walks of one visit came to."""

    def __init__(self, desk: Desk, docking: Docking, card: str) -> None:
        self.filed: list[str] = []
        self.held: list[Held] = []
        self.skipped: list[Left] = []
        self.held_keys: set[str] = set()
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
            self._desk.journal.release([source.key])

    def hold(self, key: str, error: StationError, path: bytes) -> None:
        """Note that an entry waits for a person."""
        shown = shown_path(path)
        self.held.append(self._desk.journal.hold(key, shown, error, self._since, card=self._card, raw=path))
        self.held_keys.add(key)


def _walk_all(sources: Sequence[SourceFile], visit: Visit, desk: Desk, results: _Results, watcher: Watcher) -> None:
    """Walk a phase, several files at a time; results in the order of the files."""

    def one(source: SourceFile) -> Receipt | Duplicate:
        try:
            return walk(source, visit, desk)
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
