"""Names on a card and clips in the journal become gaps; what was filed and erased since is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.evidence import MediaFacts, SourceFile
from catalog.recorders.dockings import Recorded
from ingest.examine import Examiner
from ingest.gaps import gaps_of
from ingest.journal import Journal
from media.ffmpeg import Tools
from media.names import load_patterns
from tests.fakes.clips import clip

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
EXAMINER = Examiner(Tools(ffprobe="", ffmpeg=""), load_patterns([]), timezone(timedelta(hours=8)))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.db")
    yield made
    made.close()


def source(name: str, belongs_to: bytes | None = None) -> SourceFile:
    return SourceFile("EV1", f"DCIM/100MEDIA/{name}".encode(), len(name), 0, name, belongs_to)


def english(files: list[SourceFile], journal: Journal, earlier: tuple[Recorded, ...] = ()) -> list[str]:
    return [gap.texts()[0] for gap in gaps_of(files, EXAMINER, journal, earlier)]


def test_a_number_that_is_missing_is_told_until_it_is_known_to_be_filed(journal: Journal) -> None:
    files = [source(f"MOVI{number:04}.MP4") for number in (6, 8, 9)]
    assert english(files, journal) == ["DCIM/100MEDIA: 0007 is missing between 0006 and 0008"]
    erased = Recorded(b"DCIM/100MEDIA/MOVI0007.MP4", 7, AT, "mtime", None)
    assert english(files, journal, (erased,)) == []


def test_a_file_that_is_filed_and_still_there_is_no_file_from_before(journal: Journal) -> None:
    files = [source(f"MOVI{number:04}.MP4") for number in (6, 8)]
    filed = tuple(Recorded(one.path, one.size_bytes, AT, "mtime", None) for one in files)
    assert english(files, journal, filed) == ["DCIM/100MEDIA: 0007 is missing between 0006 and 0008"]


def test_sidecars_and_names_without_a_number_count_nothing(journal: Journal) -> None:
    files = [source("MOVI0006.MP4"), source("MOVI0009.NMEA", b"x"), source("readme.txt"), source("MOVI0007.MP4")]
    assert english(files, journal) == []


@pytest.mark.parametrize("where", ["journal", "catalog"])
def test_lengths_are_known_by_journal_or_catalog_and_times_by_the_names(journal: Journal, where: str) -> None:
    files = [source(f"20260305_09{minute:02}00_{place:04}.MP4") for place, minute in enumerate((0, 5, 10, 17))]
    assert english(files, journal) == [], "nobody knows how long they are"
    filed = tuple(Recorded(one.path, one.size_bytes, AT, "gps", 300.0) for one in files)
    if where == "journal":
        for one in files:
            made = clip(1, media=MediaFacts("mp4", 300.0, (), True))
            spooled = replace(made.spooled, source=one)
            for noun in (one, spooled, replace(made, spooled=spooled)):
                journal.note(one.key, noun)
    (told,) = english(files, journal, filed if where == "catalog" else ())
    assert told == "DCIM/100MEDIA: 120 s are missing between 0002, a full segment, and 0003"
