"""Files that are broken or lie about themselves: kept and sealed byte for byte; that they do not play is a state."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import clips
from tests.fakes.printed import as_printed
from tests.footage.clips import (
    avi,
    boxes,
    exif,
    gpx,
    half_moov,
    jpeg,
    lying_mdat,
    mp4,
    sentence,
    without_moov,
)
from tests.scenario.dock import Dock

UINT32_MAX = 0xFFFFFFFF
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    """An MP4 box that claims `size`."""
    return struct.pack(">I4s", 8 + len(body) if size is None else size, name) + body


def nested(levels: int) -> bytes:
    """Boxes in boxes."""
    body = b""
    for _ in range(levels):
        body = box(b"moov" if len(body) > 8 * (levels - 2) else b"udta", body)
    return body


def many_samples(clip: bytes) -> bytes:
    """A film whose sample table claims as many samples as a number can tell."""
    at = clip.index(b"stsz") + 12
    return clip[:at] + struct.pack(">I", UINT32_MAX) + clip[at + 4 :]


def loop_exif() -> bytes:
    """EXIF whose first directory is also the next one."""
    plain = exif("2026:03:05 09:30:00")
    (count,) = struct.unpack_from("<H", plain, 8)
    at = 8 + 2 + 12 * count
    return plain[:at] + struct.pack("<I", 8) + plain[at + 4 :]


def cut_behind_moov() -> bytes:
    """A film, index first, of which the card kept the first half."""
    clip = mp4(moov_first=True)
    start, end = boxes(clip)[b"mdat"]
    return clip[: (start + end) // 2]


FTYP = box(b"ftyp", b"isom\0\0\2\0isommp41")
FILES: dict[str, tuple[Callable[[], bytes], str, bool | None]] = {
    "whole.MP4": (mp4, "video", True),
    "no-moov.MP4": (lambda: without_moov(mp4()), "video", False),
    "half-moov.MP4": (lambda: half_moov(mp4()), "video", False),
    "empty.MP4": (lambda: b"", "video", False),
    "empty.JPG": (lambda: b"", "image", False),
    "mdat-claims-more.MP4": (lambda: lying_mdat(mp4(moov_first=True), 1_000_000), "video", True),
    "cut.MP4": (cut_behind_moov, "video", False),
    "box-of-size-3.MP4": (lambda: FTYP + box(b"moov", size=3), "video", False),
    "box-without-end.MP4": (lambda: FTYP + box(b"moov", b"\0" * 64, size=0), "video", False),
    "box-of-2-to-63.MP4": (lambda: FTYP + box(b"mdat", struct.pack(">Q", 2**63 - 1), size=1), "video", False),
    "box-of-4-gb.MP4": (lambda: FTYP + box(b"moov", b"\xff" * 100, size=UINT32_MAX), "video", False),
    "nested.MP4": (lambda: FTYP + nested(5000), "video", False),
    "many-samples.MP4": (lambda: many_samples(mp4()), "video", None),
    "riff-claims-more.AVI": (lambda: avi()[:-50_000], "video", None),
    "noise.AVI": (lambda: hashlib.shake_256(b"noise").digest(100_000), "video", False),
    "photo.MP4": (lambda: jpeg() + b"photo", "image", True),
    "film.JPG": (lambda: mp4(1), "video", True),
    "film.txt": (lambda: mp4(1.2), "video", True),
    "film": (lambda: mp4(1.4), "video", True),
    "text.MP4": (lambda: b"no film at all\n", "video", False),
    "program.JPG": (lambda: b"MZ" + b"\x90" * 1000, "image", False),
    "cut.JPG": (lambda: jpeg()[:1000], "image", None),
    "looping-exif.JPG": (lambda: jpeg(loop_exif()), "image", True),
    "one-line.log": (lambda: b"$" + b"A" * 3_000_000, "log", None),
    "zeros.NMEA": (lambda: b"\0" * 100_000, "log", None),
    "impossible.NMEA": (
        lambda: (sentence("GNRMC,996199,A,9930,N,19999,E,1,1,991399,,,A") + "\r\n").encode(),
        "log",
        None,
    ),
    "laughs.GPX": (lambda: gpx([], prolog=LAUGHS + "]>").replace(b"<trkseg>", b"<trkseg>&i;"), "log", None),
    "nothing-known.xyz": (lambda: b"\x01\x02\x03", "other", None),
}
NOT_SAID = {"many-samples.MP4", "riff-claims-more.AVI", "cut.JPG"}
"""Whether these play depends on how patient ffmpeg is."""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {name: make() for name, (make, _, _) in FILES.items()}


@pytest.fixture(scope="module")
def ingested(
    card: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]
) -> dict[str, dict[str, Any]]:
    """Every clip by its path, after one ingest of all of them."""
    place = tmp_path_factory.mktemp("files")
    (place / "card").mkdir()
    for name, content in card.items():
        (place / "card" / name).write_bytes(content)
    dock = new_dock(place / "home")
    report = dock.ingest(place / "card")
    assert (report.held, report.skipped) == ({}, {})
    dock.verify()
    assert dock.leavings() == []
    with dock.opened() as station:
        details = {path: clips.details(station.database, clip["id"]) for path, clip in report.filed.items()}
    return {path: as_printed(one) for path, one in details.items()}


def test_each_is_kept_as_it_is(card: dict[str, bytes], ingested: dict[str, dict[str, Any]]) -> None:
    kept = {name: (clip["sha256"], clip["size_bytes"], clip["kind"]) for name, clip in ingested.items()}
    assert kept == {
        name: (hashlib.sha256(content).hexdigest(), len(content), FILES[name][1]) for name, content in card.items()
    }


def test_that_it_does_not_play_is_a_state_with_a_reason(ingested: dict[str, dict[str, Any]]) -> None:
    said = {name: clip["playable"] for name, clip in ingested.items() if name not in NOT_SAID}
    assert said == {name: playable for name, (_, _, playable) in FILES.items() if name not in NOT_SAID}
    unplayable = [clip for clip in ingested.values() if clip["playable"] is False]
    assert unplayable
    assert [clip["path"] for clip in unplayable if not clip["media"]["note"]] == []


def test_what_is_missing_is_told_even_of_a_film_that_plays(ingested: dict[str, dict[str, Any]]) -> None:
    assert ingested["mdat-claims-more.MP4"]["media"]["note"] == "truncated: 1000000 bytes of mdat are missing"


def test_equal_contents_under_two_names_are_one_clip_unless_they_are_empty(ingested: dict[str, dict[str, Any]]) -> None:
    assert ingested["empty.MP4"]["id"] != ingested["empty.JPG"]["id"]
    assert len({clip["id"] for clip in ingested.values()}) == len(FILES)
