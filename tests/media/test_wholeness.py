from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.wholeness import Cut, cut
from tests.footage import clips


def missing(data: bytes) -> Cut | None:
    return cut(BytesIO(data), len(data))


@pytest.mark.parametrize("made", [clips.mp4, clips.avi, clips.wav])
def test_whole_files_lack_nothing(made: Callable[[], bytes]) -> None:
    assert missing(made()) is None
    assert missing(made() + b"garbage behind the end") is None


def test_what_is_cut_is_named() -> None:
    moov_first = clips.mp4(moov_first=True)
    assert missing(moov_first[:-100]) == Cut("mdat", 100)
    assert missing(clips.avi()[:-7]) == Cut("RIFF", 7)
    half = missing(clips.half_moov(clips.mp4()))
    assert half is not None
    assert half.part == "moov"


def test_a_large_size_is_read() -> None:
    assert missing(b"\0\0\0\x08free" + b"\0\0\0\x01mdat" + (1 << 40).to_bytes(8, "big")) == Cut("mdat", (1 << 40) - 16)


@pytest.mark.parametrize("riff_size", [0, 0xFFFFFFFF])
def test_a_size_that_was_never_written_promises_nothing(riff_size: int) -> None:
    assert missing(b"RIFF" + riff_size.to_bytes(4, "little") + b"AVI ") is None


@given(st.lists(st.sampled_from([b"\0\0\0\x08free", b"\0\0\0\x01mdat", b"\0\0\0\0moov", b"\xff\xff\xff\xff", b"RIFF"])))
def test_any_bytes_end(parts: list[bytes]) -> None:
    missing(b"".join(parts))
