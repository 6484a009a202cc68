"""What is on a docked card and what of it is to be done (盘点): the survey, told apart by the journal.

A card with many files takes long to read the edges of, and nothing is known of a file without them. So a docking may
ask for what can be said within a short time: a head start, whose files are copied before the rest is looked at.

Order: sidecars first, because a clip is understood with them; then clips by modify time; then files that may be copies
of one of those (same size and edges), a name that no recorder writes last. So which of two equal files becomes the clip
does not depend on chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

from catalog.evidence import IMPORTANT, Docking, NameFacts, SourceFile
from catalog.rules.recognition import Witness
from devices.junk import Junk
from devices.survey import Entry, Refused, Skipped
from ingest.card_clock import with_clocks
from ingest.contract import CardReader
from ingest.head_start import not_yet, some_edged
from ingest.journal import Held
from ingest.recognition import Listing, foreign, whose
from ingest.walk import WalkDesk
from media.kinds import sidecar_of
from media.names import LAST_RESORT

ENTRY = "entry:"
"""Begins the key of what is held and is no file; its card and path follow."""
CLEARING = "clearing:"
"""Begins the key of what is held because it could not be cleared; the file's key follows. A clearing settles it."""


class Listed(Protocol):
    """A card that can be listed."""

    @property
    def name(self) -> str:
        """What a card is called while no serial is known."""

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry on it; unless `edged` no file is read, and all edges are empty."""

    def edges(self, source: SourceFile) -> str:
        """The edges of one file."""


class Readable(Listed, CardReader, Protocol):
    """A card that can be listed and read."""

    @property
    def one_clock(self) -> bool:
        """Whether its files are one recorder's, and any part of them can be read by itself."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The entries of a card, sorted by what is to be done with them.

    `ended` holds the clip of each file that is done already, by key; `new` the others. `card` is the recorder's serial,
    or the name of a card that tells none; `recorder` the one that all witnesses agree on, or None if only names tell;
    `is_sure` whether more than one names it. `later` are the files a head start did not come to: no edges, no clips.
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    card: str
    ended: Mapping[str, str]
    later: tuple[SourceFile, ...] = ()
    recorder: str | None = None
    is_sure: bool = False

    @property
    def new(self) -> tuple[SourceFile, ...]:
        """The files that are not done yet, in the order of the listing."""
        return tuple(source for source in self.files if source.key not in self.ended)


def take_inventory(
    card: Readable, docking: Docking, junk: Junk, desk: WalkDesk, witnesses: Sequence[Witness] = ()
) -> Inventory:
    """Survey a card that is to be copied, and ask its files what they tell of the recorder's clock.

    `witnesses` is what names the recorder beside the card's own listing; raises where it does not agree with that. What
    was said of new files at an earlier docking, and never used, is forgotten: what is said now counts.
    """
    listed = _listed(card, docking, junk, desk, witnesses, edged=True)
    return _asked(_known(listed, desk), card, desk)


def begin_inventory(
    card: Readable, docking: Docking, junk: Junk, desk: WalkDesk, within_s: float, witnesses: Sequence[Witness] = ()
) -> Inventory:
    """Survey as `take_inventory` does; where the edges take longer than `within_s`, a head start of new files."""

    def done(source: SourceFile) -> bool:
        return bool(desk.journal.ended([source.key]))

    listed = _listed(card, docking, junk, desk, witnesses, edged=False)
    files = some_edged(listed.files, card.edges, done, lambda source: is_important(source, desk), within_s)
    waiting = not_yet(files, lambda source: _is_copy(source, desk))
    tied = _tied(files)
    ready = tuple(source for source in tied if source.path not in waiting)
    later = tuple(source for source in tied if source.path in waiting)
    found = replace(listed, files=ready, later=later, ended=desk.journal.ended([source.key for source in ready]))
    if later and not found.new:
        return take_inventory(card, docking, junk, desk, witnesses)
    return _asked(found, card, desk)


def _asked(found: Inventory, card: Readable, desk: WalkDesk) -> Inventory:
    """The inventory of a card that is to be copied: nothing is asked of a card on which nothing is new."""
    desk.journal.forget_untaken(source.key for source in found.new)
    if not (card.one_clock and found.new):
        return found
    # All files are asked, done or not: an ingest that was broken off must come to the same as one that was not.
    asked = with_clocks((*found.files, *found.later), card, desk.examiner)
    return replace(found, files=asked[: len(found.files)], later=asked[len(found.files) :])


def survey(card: Readable, docking: Docking, junk: Junk, desk: WalkDesk) -> Inventory:
    """List a card, believing what was said of it; else its names tell the recorder; tie sidecars to clips."""
    return _known(_listed(card, docking, junk, desk, None, edged=True), desk)


def _known(listed: Inventory, desk: WalkDesk) -> Inventory:
    """The listing with sidecars tied, and what is done already."""
    tied = _tied(listed.files)
    return replace(listed, files=tied, ended=desk.journal.ended([source.key for source in tied]))


def _listed(
    card: Readable, docking: Docking, junk: Junk, desk: WalkDesk, witnesses: Sequence[Witness] | None, *, edged: bool
) -> Inventory:
    """Every entry, each file with its recorder and officer, none tied or known yet; raises as `recognition.whose`."""
    files: list[SourceFile] = []
    skipped: list[Skipped] = []
    refused: list[Refused] = []
    names: list[NameFacts] = []
    for entry in card.survey(junk, edged=edged):
        if isinstance(entry, SourceFile):
            name = desk.examiner.name(entry)
            error = foreign(name.recorder, witnesses or (), desk)
            if error is not None:
                refused.append(Refused(entry.path, error))
                continue
            files.append(entry)
            names.append(name)
        elif isinstance(entry, Skipped):
            skipped.append(entry)
        else:
            refused.append(entry)
    listing = Listing([one.path for one in skipped], [one.recorder for one in names])
    owner, is_sure = (None, False) if witnesses is None else whose(card, listing, witnesses, desk)
    owner = owner or docking.recorder
    recorder, officer = _agreed(one.recorder for one in names), _agreed(one.officer for one in names)
    named = tuple(
        replace(source, serial=owner or name.recorder or recorder, officer=officer)
        for source, name in zip(files, names, strict=True)
    )
    return Inventory(
        named, tuple(skipped), tuple(refused), owner or recorder or card.name, {}, recorder=owner, is_sure=is_sure
    )


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


def phases(files: Sequence[SourceFile], desk: WalkDesk) -> tuple[list[SourceFile], list[SourceFile], list[SourceFile]]:
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


def firsts(files: Sequence[SourceFile], desk: WalkDesk) -> dict[str, str]:
    """For each possible copy, by key, the key of the file that ends before it."""
    _, clips, copies = phases(files, desk)
    first = {(source.size_bytes, source.edges): source.key for source in clips}
    return {source.key: first[source.size_bytes, source.edges] for source in copies}


def is_important(source: SourceFile, desk: WalkDesk) -> bool:
    """Whether the name says that somebody marked it on the recorder."""
    return IMPORTANT in desk.examiner.name(source).marks


def _is_copy(source: SourceFile, desk: WalkDesk) -> bool:
    """Whether the name is not one a recorder writes."""
    return desk.examiner.name(source).pattern in (None, LAST_RESORT)


def cured(found: Inventory, held: Mapping[str, Held], again: Set[str]) -> set[str]:
    """The keys of what earlier visits of this card held and this one settled.

    Something else stands at its path, or below it, and is not held; or it was no file and is gone, where the card
    is surely the same one. A file that is gone stays on the list: nobody has its bytes.
    """
    here = {key: one for key, one in held.items() if one.card == found.card and not key.startswith(CLEARING)}
    before = {key: one for key, one in here.items() if key not in again}
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
