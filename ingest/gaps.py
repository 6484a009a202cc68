"""What a card says is missing (断档检查): its names and clips, and what was filed before, to `catalog.rules.gaps`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.evidence import Clip, NameFacts, SourceFile, shown_name, shown_path
from catalog.recorders.dockings import Recorded
from catalog.rules.gaps import Gap, Numbered, gaps
from ingest.examine import Examiner
from ingest.journal import Journal


def gaps_of(
    files: Sequence[SourceFile], examiner: Examiner, journal: Journal, earlier: Sequence[Recorded] = ()
) -> tuple[Gap, ...]:
    """The gaps of a surveyed card; best after its visit, when the journal knows how long each clip is.

    `earlier` is `catalog.recorders.dockings.filed_before` of its recorder, or nothing while the catalog cannot be
    asked: then numbers that were erased may be told as missing.
    """
    here = {(one.path, one.size_bytes): one for one in files if one.belongs_to is None}
    before = [one for one in earlier if (one.path, one.size_bytes) not in here]
    return gaps(tuple(_here(here, examiner, journal, earlier)), tuple(_before(before, examiner)))


def _here(
    files: Mapping[tuple[bytes, int], SourceFile], examiner: Examiner, journal: Journal, earlier: Iterable[Recorded]
) -> Iterator[Numbered]:
    filed = {(one.path, one.size_bytes): one for one in earlier}
    for place, source in files.items():
        name = examiner.name(source)
        if name.sequence is None:
            continue
        known = filed.get(place) or _understood(source, journal)
        yield _numbered(source.path, source.size_bytes, name, known)


def _understood(source: SourceFile, journal: Journal) -> Recorded | None:
    """What the journal knows of a clip that is not in the catalog yet."""
    clip = journal.recall(source.key, Clip)
    if clip is None:
        return None
    return Recorded(source.path, source.size_bytes, clip.time.starts_at, clip.time.source, clip.media.duration_s)


def _before(earlier: Iterable[Recorded], examiner: Examiner) -> Iterator[Numbered]:
    for one in earlier:
        name = examiner.name_of(shown_name(one.path.rpartition(b"/")[2]))
        if name.sequence is not None:
            yield _numbered(one.path, one.size_bytes, name, one)


def _numbered(path: bytes, size_bytes: int, name: NameFacts, known: Recorded | None) -> Numbered:
    """The recorder's own clock, where the name tells it: two clips of one recorder then differ by what passed."""
    assert name.sequence is not None
    assert name.series is not None
    starts_at, clock = (None, None) if known is None else (known.starts_at, known.starts_at_source)
    reading = next((claim.value for claim in name.claims if claim.value is not None), None)
    if reading is not None:
        starts_at, clock = reading, "name"
    duration_s = None if known is None else known.duration_s
    folder = shown_path(path.rpartition(b"/")[0])
    return Numbered(folder, name.series, name.sequence, size_bytes, starts_at, clock, duration_s)
