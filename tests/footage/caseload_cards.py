"""Cards of recorders, made of the recordings of a caseload (示范案件的存储卡): tiny films, right in length and clock.

A recording whose clock was measured carries true times of positions: in blocks of a film, in a photograph's EXIF. A
sound recording carries none. Names and modify times follow the recorder's clock. Shapes: one folder a recorder and day.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.footage.caseload import ZONE, by_card
from tests.footage.clips import boxes, exif, jpeg, made, without_moov
from tests.footage.movies import box, freegps

FOLDER = Path("DCIM/100MEDIA")
PLACE = (30.25, 119.75)
WAVE_HZ = 8
"""So few samples a second keep two hours of sound small."""


def make_cards(folder: Path, recordings: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Path]]:
    """Fill folders with cards; each with the serial of its recorder."""
    rows = tuple(recordings)
    of_id = {row["id"]: row for row in rows}
    for (serial, day), files in sorted(by_card(rows).items()):
        card = folder / f"{serial}-{day}"
        (card / FOLDER).mkdir(parents=True)
        for row in files:
            _put(card / FOLDER / row["file"], row, of_id.get(row["same_bytes_as"], row))
        yield serial, card


def _put(path: Path, row: dict[str, Any], content: dict[str, Any]) -> None:
    path.write_bytes(MAKES[row["media"]](content))
    shown = datetime.fromisoformat(row["clock_start"]) + timedelta(seconds=row["duration_s"])
    wall_s = shown.replace(tzinfo=UTC).timestamp()  # FAT keeps the wall clock, and a host reads it as UTC
    os.utime(path, (wall_s, wall_s))


def _film(row: dict[str, Any]) -> bytes:
    """A film of two frames; positions at its begin and end, its own name behind them."""
    film, name = _frames(row["duration_s"]), box(b"free", row["id"].encode())
    starts_at = datetime.fromisoformat(row["true_start"]).replace(tzinfo=ZONE).astimezone(UTC)
    times = (starts_at, starts_at + timedelta(seconds=row["duration_s"])) if row["offset_measured_at_dock"] else ()
    blocks = [freegps(at, *PLACE) for at in times]
    begin, end = boxes(film)[b"moov"]
    at, index = begin + 8, b""
    for block in blocks:
        index += struct.pack(">II", at, len(block))
        at += len(block)
    head = struct.pack(">II", 0x101, len(blocks))
    moov = box(b"moov", film[begin + 8 : end], box(b"gps ", head, index)) if blocks else film[begin:end]
    whole = film[:begin] + box(b"free", *blocks) + moov + film[end:] + name
    return whole if row["playable"] else without_moov(whole)


@cache
def _frames(seconds: int) -> bytes:
    picture = ("-f", "lavfi", "-i", f"color=size=16x16:rate=2/{seconds}")
    return made("mp4", seconds, *picture, "-c:v", "mpeg4")


def _photograph(row: dict[str, Any]) -> bytes:
    starts_at = datetime.fromisoformat(row["true_start"]).replace(tzinfo=ZONE).astimezone(UTC)
    shown = datetime.fromisoformat(row["clock_start"])
    gps_at = starts_at if row["offset_measured_at_dock"] else None
    return jpeg(exif(f"{shown:%Y:%m:%d %H:%M:%S}", place=PLACE, gps_at=gps_at)) + str(row["id"]).encode()


def _sound(row: dict[str, Any]) -> bytes:
    samples = str(row["id"]).encode().ljust(WAVE_HZ * int(row["duration_s"]), b"\x80")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, WAVE_HZ, WAVE_HZ, 1, 8)
    body = form + struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WAVE") + body


MAKES = {"video": _film, "image": _photograph, "audio": _sound}
