"""A recorder's card made up from a seed, and the truth about every file on it.

    .venv/bin/python tests/footage/card.py --out DIR [--seed N]     # DIR/card and DIR/truth.json
    .venv/bin/python tests/footage/card.py --out DIR --bulk 10000   # as many tiny device logs, without ffmpeg

The recorder names files as F1 (product no., officer no., local time). Its clock is wrong by `clock_error_s`; names,
containers, EXIF dates and modify times follow that clock, positions carry true UTC. The same seed and the same
ffmpeg give the same bytes. Units: seconds, degrees WGS 84.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from tests.footage.clips import exif, jpeg, made, rmc, without_moov

Outcome = Literal["filed", "duplicate", "skipped"]

CHINA = timezone(timedelta(hours=8))
FOLDER = b"DCIM/100MEDIA/"
FAT_STEP_S = 2
BULK_FOLDER_FILES = 1000
ONE_THREAD = ("-threads", "1")
"""For ffmpeg: more threads may cut a picture into other slices."""


@dataclass(frozen=True, slots=True)
class TrueFix:
    """A position the recorder really had."""

    at: datetime
    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class TrueFile:
    """What is true about one file of a card, and what an ingest must do with it.

    `path` is raw, relative to the card. `starts_at` and `first_fix` are None where there is nothing to find;
    `sm3` is None where this Python's OpenSSL has no SM3. `belongs_to` is the clip a sidecar stands beside.
    """

    path: bytes
    kind: str
    size_bytes: int
    sha256: str
    sm3: str | None
    outcome: Outcome = "filed"
    starts_at: datetime | None = None
    first_fix: TrueFix | None = None
    marks: tuple[str, ...] = ()
    playable: bool | None = None
    duplicate_of: bytes | None = None
    belongs_to: bytes | None = None


@dataclass(frozen=True, slots=True)
class TrueCard:
    """A card and everything true about it."""

    folder: Path
    recorder: str
    officer: str
    clock_error_s: int
    files: tuple[TrueFile, ...]

    def with_outcome(self, outcome: Outcome) -> tuple[TrueFile, ...]:
        """The files an ingest of an unknown card must treat so."""
        return tuple(file for file in self.files if file.outcome == outcome)


def make_card(folder: Path, seed: int = 1) -> TrueCard:
    """Fill `folder` (made if absent) with a card; takes a few seconds of one core."""
    card = _Card(folder, random.Random(seed))
    _record_a_shift(card)
    _leave_junk(card)
    return card.truth()


def make_bulk(folder: Path, count: int, seed: int = 1) -> TrueCard:
    """Fill `folder` with `count` device logs of a few bytes each, all different."""
    card = _Card(folder, random.Random(seed))
    for number in range(count):
        at = card.start + timedelta(seconds=number)
        path = f"LOG/{number // BULK_FOLDER_FILES:04d}/{card.stem(at)}.log".encode()
        card.put(path, f"{number:08d} {card.random.getrandbits(64):016x}\r\n".encode(), "log", at)
    return card.truth()


class Truth(TypedDict, total=False):
    """The fields of `TrueFile` that do not follow from its bytes."""

    outcome: Outcome
    starts_at: datetime | None
    first_fix: TrueFix | None
    marks: tuple[str, ...]
    playable: bool
    duplicate_of: bytes
    belongs_to: bytes


class _Card:
    """A card being filled: the recorder's identity, its wrong clock, and what was put on it so far."""

    def __init__(self, folder: Path, source: random.Random) -> None:
        self.folder, self.random = folder, source
        self.recorder = f"EV{source.randrange(100_000):05d}"
        self.officer = f"JY{source.randrange(10_000):04d}"
        self.clock_error_s = source.choice((0, 3, -7, 37))
        self.start = datetime(2026, 3, 2, 1, tzinfo=UTC) + timedelta(minutes=source.randrange(60 * 24 * 60))
        self.place = (30 + source.random(), 119 + source.random())
        self.files: list[TrueFile] = []

    def clock(self, at: datetime) -> datetime:
        """What the recorder shows at the true time `at`."""
        return (at + timedelta(seconds=self.clock_error_s)).astimezone(CHINA)

    def stem(self, at: datetime) -> str:
        return f"{self.recorder}_{self.officer}_{self.clock(at):%Y%m%d%H%M%S}"

    def walk_on(self, at: datetime) -> TrueFix:
        """The next position, a few steps from the one before."""
        latitude, longitude = self.place
        self.place = (latitude + self.random.uniform(0, 2e-5), longitude + self.random.uniform(0, 2e-5))
        return TrueFix(at, round(self.place[0], 6), round(self.place[1], 6))

    def put(self, path: bytes, content: bytes, kind: str, closed_at: datetime, **true: Unpack[Truth]) -> TrueFile:
        """Write one file as the recorder would, and note what is true about it."""
        full = self.folder / os.fsdecode(path)
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content)
        # FAT keeps the local wall clock in steps of two seconds; a host in UTC reads it as UTC.
        wall_s = int(self.clock(closed_at).replace(tzinfo=UTC).timestamp())
        mtime_s = wall_s + wall_s % FAT_STEP_S
        os.utime(full, (mtime_s, mtime_s))
        sm3 = hashlib.new("sm3", content).hexdigest() if "sm3" in hashlib.algorithms_available else None
        file = TrueFile(path, kind, len(content), hashlib.sha256(content).hexdigest(), sm3, **true)
        self.files.append(file)
        return file

    def truth(self) -> TrueCard:
        return TrueCard(self.folder, self.recorder, self.officer, self.clock_error_s, tuple(self.files))


def _record_a_shift(card: _Card) -> None:
    """What an officer's shift leaves behind, in the order it was recorded."""
    at = card.start

    def next_name(suffix: str) -> bytes:
        nonlocal at
        at += timedelta(seconds=card.random.randrange(60, 600))
        return FOLDER + f"{card.stem(at)}{suffix}".encode()

    def video(path: bytes, seconds: int, fix: TrueFix | None = None, marks: tuple[str, ...] = ()) -> TrueFile:
        content, end = _video(card, at, seconds), at + timedelta(seconds=seconds)
        return card.put(path, content, "video", end, starts_at=at, playable=True, first_fix=fix, marks=marks)

    plain = video(next_name(".MP4"), 3)
    path = next_name(".MP4")
    track, first_fix = _track(card, at, 4)
    video(path, 4, first_fix)
    side = path.removesuffix(b".MP4") + b".NMEA"
    card.put(side, track, "log", at, starts_at=at, first_fix=first_fix, belongs_to=path)
    video(next_name("_IMP.MP4"), 2, marks=("important",))
    next_name("")
    video(FOLDER + f"{card.recorder}_现场处置_{card.clock(at):%Y%m%d%H%M%S}.mp4".encode("gbk"), 2)

    for has_place in (True, False):
        path = next_name(".JPG")
        fix = card.walk_on(at) if has_place else None
        card.put(path, _photo(card, at, fix), "image", at, starts_at=at, playable=True, first_fix=fix)
    for extension in ("wav", "mp3"):
        path = next_name(f".{extension.upper()}")
        content = made(extension, 3, *_sound(card), *ONE_THREAD)
        card.put(path, content, "audio", at + timedelta(seconds=3), starts_at=at, playable=True)

    path = next_name(".MP4")
    card.put(path, without_moov(_video(card, at, 3)), "video", at, starts_at=at, playable=False)
    card.put(next_name(".MP4"), b"", "video", at, starts_at=at, playable=False)
    copy = FOLDER + b"COPY_" + plain.path.removeprefix(FOLDER)
    content = (card.folder / os.fsdecode(plain.path)).read_bytes()
    card.put(copy, content, "video", at, starts_at=plain.starts_at, outcome="duplicate", duplicate_of=plain.path)
    lines = [f"{card.clock(card.start):%Y-%m-%d %H:%M:%S} 开机", f"{card.clock(at):%Y-%m-%d %H:%M:%S} 电量低,关机"]
    log = f"LOG/{card.clock(card.start):%Y%m%d}.log".encode()
    card.put(log, "".join(f"{line}\r\n" for line in lines).encode("gbk"), "log", at, starts_at=card.start)


def _leave_junk(card: _Card) -> None:
    """What computers and other stations leave on a card; none of it is evidence."""
    volume = "{5E1D0000-0000-4000-8000-0000000000AB}".encode("utf-16-le")
    binding = f"[station]\r\nserial={card.recorder}\r\nuser={card.officer}\r\n".encode()
    for path, content in (
        (FOLDER + b"Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(1024, b"\0")),
        (b"System Volume Information/IndexerVolumeGuid", volume),
        (b"station_bind.ini", binding),
    ):
        card.put(path, content, "other", card.start, outcome="skipped")


def _sound(card: _Card) -> tuple[str, ...]:
    return "-f", "lavfi", "-i", f"sine=frequency={card.random.randrange(200, 900)}:sample_rate=16000"


def _video(card: _Card, at: datetime, seconds: int) -> bytes:
    """An MP4 whose container says when the recorder thought it began, in UTC."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-pix_fmt", "yuv420p", "-c:a", "aac")
    stamp = ("-metadata", f"creation_time={card.clock(at).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    return made("mp4", seconds, *picture, *_sound(card), *codecs, *stamp, *ONE_THREAD)


def _photo(card: _Card, at: datetime, fix: TrueFix | None) -> bytes:
    """A JPEG with the recorder's local time in EXIF and, if there was a fix, its place and true time."""
    taken = f"{card.clock(at):%Y:%m:%d %H:%M:%S}"
    place = None if fix is None else (fix.latitude_deg, fix.longitude_deg)
    return jpeg(exif(taken, place=place, gps_at=None if fix is None else at))


def _track(card: _Card, start: datetime, seconds: int) -> tuple[bytes, TrueFix]:
    """One RMC sentence a second; the receiver is not sure of the first one. With the first it is sure of."""
    fixes = [card.walk_on(start + timedelta(seconds=second)) for second in range(seconds)]
    lines = [
        rmc(fix.at, fix.latitude_deg, fix.longitude_deg, status="A" if number else "V")
        for number, fix in enumerate(fixes)
    ]
    return "".join(f"{line}\r\n" for line in lines).encode(), fixes[1]


def shown(path: bytes) -> str:
    """A path as text: UTF-8, else GBK."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        return path.decode("gbk")


def as_json(card: TrueCard) -> str:
    """The truth as one JSON document, with the raw bytes of each path in hexadecimal beside its text."""

    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, bytes):
            return shown(value)
        if isinstance(value, TrueFix):
            return {"at": plain(value.at), "lat": value.latitude_deg, "lon": value.longitude_deg}
        return value

    files = [
        {"path_hex": file.path.hex()} | {name: plain(getattr(file, name)) for name in TrueFile.__slots__}
        for file in card.files
    ]
    top = {"recorder": card.recorder, "officer": card.officer, "clock_error_s": card.clock_error_s, "files": files}
    return json.dumps(top, ensure_ascii=False, indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for card/ and truth.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bulk", type=int, metavar="N", help="N tiny device logs instead")
    chosen = parser.parse_args()
    folder = chosen.out / "card"
    card = make_bulk(folder, chosen.bulk, chosen.seed) if chosen.bulk else make_card(folder, chosen.seed)
    (chosen.out / "truth.json").write_text(as_json(card), encoding="utf-8")
    size_bytes = sum(file.size_bytes for file in card.files)
    print(f"{folder}: {len(card.files)} files, {size_bytes} bytes, recorder {card.recorder}, officer {card.officer}")


if __name__ == "__main__":
    main()
