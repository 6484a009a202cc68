"""What a card's clips tell of its clock: on a card made here, and on every card that developers share."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.evidence import CaptureTime, SourceFile, TimeClaim, shown_name
from devices.errors import CardUnreadable
from devices.survey import Card
from ingest import card_clock
from ingest.card_clock import with_clocks
from ingest.examine import Examiner
from media.capture_time import EARLIEST, annotated, choose, with_card_clock
from media.ffmpeg import Tools
from media.kinds import sidecar_of
from media.look import look
from media.names import load_patterns
from tests.fakes.card import FakeCard
from tests.footage.card import make_card

SHARED = Path(__file__).parents[2].parent / "shared"
CHINA = timezone(timedelta(hours=8))
DOCKED = datetime(2026, 11, 1, tzinfo=UTC)
EXAMINER = Examiner(Tools(), load_patterns(()), CHINA)
SHARP_S = 2.0


def sources(card: Path) -> tuple[SourceFile, ...]:
    paths = [Path(folder) / name for folder, _, names in os.walk(card) for name in names]
    raw = {os.fsencode(path.relative_to(card)): path.stat() for path in paths}
    mains = sidecar_of(list(raw))
    return tuple(
        SourceFile(None, path, seen.st_size, seen.st_mtime_ns, path.hex(), belongs_to=mains.get(path))
        for path, seen in raw.items()
    )


def start(card: Path, source: SourceFile, timed: tuple[SourceFile, ...]) -> CaptureTime:
    """Say when a file starts as the walk does it."""
    seen = look(
        at(card, source), shown_name(source.path), tools=Tools(), zone=CHINA, mtime_ns=source.mtime_ns, docked_at=DOCKED
    )
    beside: list[TimeClaim] = []
    for one in timed:
        if one.belongs_to == source.path and not seen.track:
            found = look(
                at(card, one), shown_name(one.path), tools=Tools(), zone=CHINA, mtime_ns=one.mtime_ns, docked_at=DOCKED
            )
            beside += [claim for claim in found.claims if claim.source == "gps"]
    told = with_card_clock((*beside, *seen.claims, *EXAMINER.name(source).claims), source.clock)
    return choose(annotated(told, DOCKED), DOCKED, seen.media.duration_s)


def at(card: Path, source: SourceFile) -> Path:
    return Path(os.fsdecode(os.fsencode(card) + b"/" + source.path))


def test_clips_with_positions_set_the_others_right(tmp_path: Path) -> None:
    true = make_card(tmp_path / "card")
    card = Card(true.folder)
    timed = with_clocks(sources(true.folder), card, EXAMINER)
    card.close()
    clocks = [source.clock for source in timed if source.clock is not None]
    assert clocks
    for clock in clocks:
        assert abs(clock.offset_s - true.clock_error_s) <= clock.uncertainty_s <= SHARP_S + 0.5


def test_what_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    card = FakeCard(tmp_path, refuses=CardUnreadable(path="x", offset=0, reason="Input/output error"))
    files = (card.source(b"TA00001_JX0412_20260311093621.MP4", b"no movie"),)
    assert with_clocks(files, card, EXAMINER) == files


def test_a_glance_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = make_card(tmp_path / "card")
    files = sources(true.folder)
    card = Card(true.folder)
    monkeypatch.setattr(card_clock, "GLANCE_S", -1.0)
    assert with_clocks(files, card, EXAMINER) == files
    card.close()


def test_recorders_in_one_folder_are_not_mixed(tmp_path: Path) -> None:
    true = make_card(tmp_path / "card")
    other = SourceFile(None, b"TB99999_JX0412_20260311093621.MP4", 0, 0, "e")
    card = Card(true.folder)
    timed = with_clocks((*sources(true.folder), other), card, EXAMINER)
    card.close()
    assert timed[-1] == other
    assert any(source.clock for source in timed)


def cards() -> list[Any]:
    return [pytest.param(path.parent, id=path.parent.name) for path in sorted(SHARED.glob("cards/*/truth.json"))]


@pytest.mark.parametrize("folder", cards())
def test_a_shared_card(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    told = {
        bytes.fromhex(one["path_bytes_hex"]) if "path_bytes_hex" in one else one["path"].encode(): one
        for one in truth["files"]
    }
    root = folder / "card"
    card = Card(root)
    files = tuple(replace(one, mtime_ns=fat_ns(told[one.path])) for one in sources(root) if one.path in told)
    timed = with_clocks(files, card, EXAMINER)
    card.close()
    clips = sharp = 0
    for source in timed:
        true = told[source.path]
        if true["kind"] not in ("video", "audio", "photo"):
            continue
        chosen = start(root, source, timed)
        off = chosen.starts_at - datetime.fromisoformat(true["true_start_utc"])
        assert abs(off.total_seconds()) <= chosen.uncertainty_s, true["path"]
        was_reset = any(claim.value and claim.value < EARLIEST for claim in EXAMINER.name(source).claims)
        clips += not was_reset
        sharp += not was_reset and chosen.uncertainty_s <= SHARP_S
    assert sharp >= 0.9 * clips


def fat_ns(true: Any) -> int:
    return int(datetime.fromisoformat(true["mtime_fat_local_as_utc"]).timestamp()) * 10**9
