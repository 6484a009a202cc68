"""Every sample and every card that developers share beside the project: no look fails, and what must be found is."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.evidence import IMPORTANT, Fix, shown_name
from media.capture_time import annotated, choose
from media.ffmpeg import Tools
from media.look import look
from media.names import LAST_RESORT, load_patterns, read_name

SHARED = Path(__file__).parents[2].parent / "shared"
CHINA = timezone(timedelta(hours=8))
DOCKED = datetime(2026, 11, 1, tzinfo=UTC)
LOOK_S_MAX, CPU_S_MAX = 20.0, 1.0
DEGREES = 1e-5
ANDROID_DEGREES = 0.5e-4 + 1 / 65536
"""The cards' Android recorder writes four decimals, into a `loci` box that counts in 65536ths of a degree."""
KINDS = {"jpeg": "image", "heic": "image", "sidecar": "log", "avi": "video", "ts": "video", "gpmf": "other"}
NOT_READ = {"exiftool/Garmin.fit": "Garmin FIT, a sports watch's"}
"""Carriers of positions that no format of the house reads, by beginning of the path."""
OTHERWISE = {
    "damaged/body70_no_moov.MP4": (20, "ExifTool leaves out a block that ends where the file ends; it is all there"),
    "dashcamigo/fx/novatek-ts/synthetic-edge.TS": (2, "ExifTool gives up at a bad packet; a sound one follows"),
    "dashcamigo/fx/escort/synthetic-edge.map": (4, "a latitude of 101 degrees, an hour 25, and a leap of 267 km"),
    "dashcam-gps-fuzz/EV20191130-122256-000142": (2, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/EV20191130-122356-000143": (0, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/EV20191130-122456-000144": (0, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/NO20191130-121956-000139": (1, "records that run into each other"),
    "dashcam-gps-fuzz/NO20191130-122056-000140": (0, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/NO20191130-122156-000141": (0, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/PA20191130-121856-000138": (0, "positions nowhere on Earth"),
    "dashcam-gps-fuzz/YY20191130-123156-000151": (0, "positions nowhere on Earth"),
}
"""Where the oracle is wrong, by beginning of the path: how many positions there are, and why."""
PATTERNS = load_patterns(())


def samples() -> list[Any]:
    path = SHARED / "samples" / "expected.json"
    return json.loads(path.read_text()) if path.exists() else []


def cards() -> list[Any]:
    return [
        pytest.param(card.parent, file, id=f"{card.parent.name}-{file['path'].rpartition('/')[2]}")
        for card in sorted(SHARED.glob("cards/*/truth.json"))
        for file in json.loads(card.read_text())["files"]
    ]


def test_the_shared_folder_is_there() -> None:
    if not SHARED.exists():
        pytest.skip(f"no shared samples beside the project: {SHARED}")
    assert samples()
    assert cards()


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample["file"])
def test_a_sample(sample: Any) -> None:
    path = SHARED / "samples" / sample["file"]
    begun, busy = time.monotonic(), time.process_time()
    found = look(path, path.name, tools=Tools(), zone=CHINA, mtime_ns=0, docked_at=DOCKED)
    assert time.monotonic() - begun < LOOK_S_MAX
    assert time.process_time() - busy < CPU_S_MAX
    family = sample["kind"].partition("-")[0]
    if family in KINDS and path.suffix.lower() not in (".3gf", ".fit", ".igc"):
        assert found.kind == KINDS[family]
    assert found.media.playable is None or found.media.playable or found.media.note
    assert_positions(sample, found.track)


def assert_positions(sample: Any, track: tuple[Fix, ...]) -> None:
    """Compare count, first and last; where no position is expected, or its carrier is not read, there must be none."""
    place, file = sample["expect"]["gps"], sample["file"]
    otherwise = [count for part, (count, _) in OTHERWISE.items() if file.startswith(part)]
    if not place["n"] or any(file.startswith(part) for part in NOT_READ):
        assert track == ()
        return
    assert len(track) == (otherwise[0] if otherwise else place["n"])
    for fix, told in zip(track[:1] + track[-1:], (place.get("first"), place.get("last")), strict=False):
        if told is not None and not otherwise:
            assert_near(fix, told)


def assert_near(fix: Fix, told: Any) -> None:
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx((told["lat"], told["lon"]), abs=DEGREES)


@pytest.mark.parametrize(("card", "truth"), cards())
def test_a_file_of_a_card(card: Path, truth: Any) -> None:
    raw = bytes.fromhex(truth["path_bytes_hex"]) if "path_bytes_hex" in truth else truth["path"].encode()
    name = shown_name(raw.rpartition(b"/")[2])
    mtime = datetime.fromisoformat(truth["mtime_fat_local_as_utc"])
    path = Path(os.fsdecode(os.fsencode(card / "card") + b"/" + raw))
    found = look(path, name, tools=Tools(), zone=CHINA, mtime_ns=int(mtime.timestamp()) * 10**9, docked_at=DOCKED)
    named = read_name(name, PATTERNS, CHINA)
    claims = annotated((*named.claims, *found.claims), DOCKED)
    chosen = choose(claims, DOCKED, found.media.duration_s)
    off = chosen.starts_at - datetime.fromisoformat(truth["true_start_utc"])
    assert abs(off.total_seconds()) <= chosen.uncertainty_s

    kinds = {"photo": "image", "device_log": "log", "not_evidence": "other"}
    assert found.kind == kinds.get(truth["kind"], truth["kind"])
    if truth["kind"] not in ("video", "audio", "photo"):
        return
    assert found.media.playable is ("damaged" not in truth)
    assert (IMPORTANT in named.marks) is truth.get("flag_important", False)
    assert (named.pattern == LAST_RESORT) is ("duplicate_of" in truth)
    if "device_clock_local" in truth:
        assert named.claims[0].value == datetime.fromisoformat(truth["device_clock_local"])
    assert_card_positions(truth, found.track)
    if found.track and found.track[0].at is not None:
        assert chosen.source == "gps" or "damaged" in truth


def assert_card_positions(truth: Any, track: tuple[Fix, ...]) -> None:
    """Compare count, first and last with what the recorder did; what is lost with moov is not there."""
    place = truth.get("gps", {"n": 0})
    if not place["n"] or ("damaged" in truth and not place["recoverable_from_file"]):
        assert track == ()
        return
    assert len(track) == place["n"]
    for fix, told in zip(track[:1] + track[-1:], (place["first"], place.get("last", place["first"])), strict=False):
        assert place["carrier"] == "udta/(c)xyz" or fix.at == datetime.fromisoformat(told["t"])
        degrees = ANDROID_DEGREES if place["carrier"] == "udta/(c)xyz" else DEGREES
        assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx((told["lat"], told["lon"]), abs=degrees)
