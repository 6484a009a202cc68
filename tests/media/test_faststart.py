"""A film whose index stands at its end, read with its index first: the same film, and nothing copied."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from media.faststart import moov_first
from media.ffmpeg import Tools, frames
from tests.footage.coded import AAC, AVC, coded, cut_off, pictures, top


def rearranged(clip: bytes) -> bytes:
    shown = moov_first(io.BytesIO(clip))
    assert shown is not None
    return shown.read()


def test_the_index_comes_first_and_finds_the_same_pictures() -> None:
    clip = coded()
    shown = rearranged(clip)
    assert len(shown) == len(clip)
    assert [box.kind for box in top(clip)] == [b"ftyp", b"free", b"mdat", b"moov"]
    assert [box.kind for box in top(shown)] == [b"ftyp", b"moov", b"free", b"mdat"]
    before, after = pictures(clip), pictures(shown)
    assert [clip[at : at + size] for at, size in before] == [shown[at : at + size] for at, size in after]


def test_it_plays(tmp_path: Path) -> None:
    (tmp_path / "shown.mp4").write_bytes(rearranged(coded()))
    assert frames(tmp_path / "shown.mp4", Tools()) == 100


def test_any_part_can_be_read(tmp_path: Path) -> None:
    clip = coded()
    whole = rearranged(clip)
    with moov_first(io.BytesIO(clip)) or io.BytesIO() as shown:
        for at in (0, 20, 40, len(whole) // 2, len(whole) - 5):
            shown.seek(at)
            assert shown.read(1000) == whole[at : at + 1000]
        assert shown.seek(0, io.SEEK_END) == len(whole)
        assert shown.read() == b""


def test_the_first_bytes_cost_little_of_a_large_file(tmp_path: Path) -> None:
    class Counting(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.count += len(data)
            return data

    file = Counting(coded("mp4", 6))
    shown = moov_first(file)
    assert shown is not None
    shown.read(64 * 1024)
    assert file.count < 200_000 < len(file.getvalue())


@pytest.mark.parametrize(
    "clip",
    [
        b"",
        b"RIFF" + bytes(100),
        coded("mp4", 1, *AVC, *AAC, "-movflags", "+faststart"),
        coded("mp4", 1, *AVC, *AAC, "-movflags", "+frag_keyframe+empty_moov"),
        cut_off(coded()),
        coded()[:-1000],
    ],
    ids=["empty", "no film", "index first", "fragments", "no index", "index cut"],
)
def test_what_cannot_be_rearranged_is_left(clip: bytes) -> None:
    assert moov_first(io.BytesIO(clip)) is None


def test_places_that_have_no_room_leave_it_as_it_is() -> None:
    clip = bytearray(coded())
    at = clip.index(b"stco") + 12
    clip[at : at + 4] = b"\xff\xff\xff\xf0"
    digest = hashlib.sha256(clip).hexdigest()
    moov = next(box for box in top(bytes(clip)) if box.kind == b"moov")
    assert moov.start < 0xFFFFFFF0
    shown = moov_first(io.BytesIO(bytes(clip)))
    assert shown is not None, "a place behind the index is not moved"
    assert hashlib.sha256(clip).hexdigest() == digest
