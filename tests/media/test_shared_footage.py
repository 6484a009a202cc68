"""Every sample and every card that developers share beside the project: no look fails, and what must be found is."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.evidence import IMPORTANT, shown_name
from media.capture_time import annotated, choose
from media.ffmpeg import Tools
from media.look import look
from media.names import LAST_RESORT, load_patterns, read_name

SHARED = Path(__file__).parents[2].parent / "shared"
CHINA = timezone(timedelta(hours=8))
DOCKED = datetime(2026, 11, 1, tzinfo=UTC)
LOOK_S_MAX = 5.0
DEGREES = 1e-5
EXACT_KINDS = {"sidecar-nmea", "sidecar-gpx", "sub-nmea", "jpeg-gps", "jpeg-odd", "heic"}
KINDS = {"jpeg": "image", "heic": "image", "sidecar": "log", "avi": "video", "ts": "video", "gpmf": "other"}
NOT_OURS = {"dashcamigo/fx/escort": "not NMEA sentences", "mapillary/adobe_coords.jpg": "position in XMP alone"}
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
    begun = time.monotonic()
    found = look(path, path.name, tools=Tools(), zone=CHINA, mtime_ns=0)
    assert time.monotonic() - begun < LOOK_S_MAX
    family = sample["kind"].partition("-")[0]
    if family in KINDS and path.suffix.lower() not in (".3gf", ".fit", ".igc"):
        assert found.kind == KINDS[family]
    assert found.media.playable is None or found.media.playable or found.media.note
    place = sample["expect"]["gps"]
    trusted = not place.get("bad_checksums") and not any(sample["file"].startswith(foreign) for foreign in NOT_OURS)
    if sample["kind"] in EXACT_KINDS and trusted:
        assert len(found.track) == place["n"]
        for fix, told in zip(found.track[:1] + found.track[-1:], (place.get("first"), place.get("last")), strict=False):
            if told is not None:
                assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx((told["lat"], told["lon"]), abs=DEGREES)


@pytest.mark.parametrize(("card", "truth"), cards())
def test_a_file_of_a_card(card: Path, truth: Any) -> None:
    raw = bytes.fromhex(truth["path_bytes_hex"]) if "path_bytes_hex" in truth else truth["path"].encode()
    name = shown_name(raw.rpartition(b"/")[2])
    mtime = datetime.fromisoformat(truth["mtime_fat_local_as_utc"])
    path = Path(os.fsdecode(os.fsencode(card / "card") + b"/" + raw))
    found = look(path, name, tools=Tools(), zone=CHINA, mtime_ns=int(mtime.timestamp()) * 10**9)
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
    place = truth.get("gps", {})
    if place.get("carrier") in ("EXIF GPS IFD", "NMEA in tx3g subtitle") and "damaged" not in truth:
        first = place["first"]
        assert len(found.track) == place["n"]
        assert found.track[0].at == datetime.fromisoformat(first["t"])
        told = (found.track[0].latitude_deg, found.track[0].longitude_deg)
        assert told == pytest.approx((first["lat"], first["lon"]), abs=DEGREES)
        assert chosen.source == "gps"
