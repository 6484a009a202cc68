"""Cards with their truth: the three that developers share beside the project, and one made here.

Source: `../shared/cards/*/truth.json`. Both are told as `TrueFile`. What a file's carrier of positions is, decides
whether its first fix is asked for: sidecars, EXIF, NMEA in subtitles and `©xyz` are.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.footage.card import CHINA, TrueCard, TrueFile, TrueFix, make_card
from tests.footage.clips import jpeg, made, rmc

SHARED_CARDS = Path(__file__).parents[2].parent / "shared" / "cards"
NAMES = ("d1", "d2", "d3", "made")
KINDS = {"video": "video", "audio": "audio", "photo": "image", "device_log": "log", "gps_sidecar": "log"}
FILM = ("video", "audio", "image")
CARRIERS = ("EXIF GPS IFD", "NMEA sidecar", "NMEA in tx3g subtitle", "udta/(c)xyz")
START = datetime(2026, 3, 5, 9, 30, tzinfo=CHINA)
TOO_LARGE = "EV00001_JY0001_20260305093000.MP4"
SMALL = tuple(f"EV00001_JY0001_2026030510000{number}.log" for number in range(3))
"""A card with one file too large for a small place, and some that are not."""
Seen = dict[bytes, tuple[int, int, int, str]]


def a_card(name: str, folder: Path) -> TrueCard | None:
    """The card of that name in a folder of its own, modify times as a FAT card shows them; None if it is not here."""
    if name == "made":
        made = make_card(folder)
        return replace(made, files=tuple(replace(file, sm3=sm3_of(made.folder, file.path)) for file in made.files))
    told = SHARED_CARDS / name / "truth.json"
    if not told.exists():
        return None
    truth = json.loads(told.read_text())
    shutil.copytree(SHARED_CARDS / name / "card", folder)
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    files = []
    for file in truth["files"]:
        path = bytes.fromhex(file["path_bytes_hex"]) if "path_bytes_hex" in file else file["path"].encode()
        at = datetime.fromisoformat(file["mtime_fat_local_as_utc"]).timestamp()
        os.utime(folder / os.fsdecode(path), (at, at))
        files.append(_true_file(folder, path, file))
    return TrueCard(folder, truth["device_id"], truth["officer"], 0, tuple(files))


def make_small_card(card: Path, recorder: str = "EV00001") -> None:
    """One file of each kind that goes its own way: film with sidecar, its copy, stills, log, nothing at all."""
    film = made("mp4", 0.2, "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5", "-c:v", "mpeg4")
    utc = START.astimezone(UTC)  # names tell the recorder's own clock, satellites UTC
    track = "\r\n".join(rmc(utc + timedelta(seconds=second), 30.25, 119.75) for second in range(2))
    files = {
        f"DCIM/{recorder}_JY0001_20260305093000.MP4": film,
        f"DCIM/{recorder}_JY0001_20260305093000.NMEA": track.encode(),
        "DCIM/COPY.MP4": film,
        f"DCIM/{recorder}_JY0001_20260305093100.JPG": jpeg(),
        f"DCIM/{recorder}_JY0001_20260305093200_IMP.MP4": b"",
        f"DCIM/{recorder}_JY0001_20260305093300.WAV": b"RIFF",
        "LOG/20260305.log": f"{recorder} on\r\noff\r\n".encode(),
        "LOG/20260306.log": f"{recorder} on\r\noff\r\n".encode(),
    }
    for name, content in files.items():
        path = card / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _true_file(folder: Path, path: bytes, told: Mapping[str, Any]) -> TrueFile:
    damaged, gps = "damaged" in told, told.get("gps") or {}
    first = gps.get("first") if gps.get("carrier") in CARRIERS and not damaged else None
    kind = KINDS.get(told["kind"], "other")
    junk, copy_of = told["kind"] == "not_evidence", told.get("duplicate_of")
    return TrueFile(
        path=path,
        kind=kind,
        size_bytes=told["size"],
        sha256=told["sha256"],
        sm3=sm3_of(folder, path),
        outcome="skipped" if junk else "duplicate" if copy_of else "filed",
        starts_at=datetime.fromisoformat(told["true_start_utc"]),
        first_fix=first and TrueFix(datetime.fromisoformat(first["t"]), first["lat"], first["lon"]),
        marks=("important",) if told.get("flag_important") else (),
        playable=None if kind not in FILM else not damaged,
        duplicate_of=copy_of and copy_of.encode(),
    )


def sm3_of(folder: Path, path: bytes) -> str:
    """The SM3 digest by another program than the product's."""
    argv = ["openssl", "dgst", "-sm3", "-r", str(folder / os.fsdecode(path))]
    return subprocess.run(argv, capture_output=True, check=True, timeout=20).stdout.decode("utf-8", "replace")[:64]


def seen(folder: Path) -> Seen:
    """Every entry of a tree: mode, modify time, size and digest of its bytes."""
    found: Seen = {}
    for path in _below(os.fsencode(folder)):
        status = os.lstat(path)
        digest = ""
        if os.path.isfile(path):
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path] = (status.st_mode, status.st_mtime_ns, status.st_size, digest)
    return found


def _below(folder: bytes) -> Iterator[bytes]:
    yield folder
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            yield os.path.join(place, name)
