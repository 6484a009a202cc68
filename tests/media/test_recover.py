"""Clips that lost their index, cut by us: exactly the pictures of the undamaged clip that are still whole are found."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.errors import NothingRecovered
from media.ffmpeg import Tools, frames
from media.mp4 import read_movie
from media.rebuilt_index import rebuild
from media.recover import Found, find
from media.reference import Reference, read_reference
from tests.conftest import SHARED
from tests.footage.coded import AAC, AVC, HEVC, PCM, coded, content, cut_off, pictures, silent
from tests.footage.movies import freegps
from tests.media.test_novatek import AT

SLICED = (*AVC, "-x264-params", "slices=4")
REORDERED = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-threads", "1")
KINDS = {
    "H.264 and AAC": ("mp4", (*AVC, *AAC)),
    "several slices a picture": ("mp4", (*SLICED, *AAC)),
    "pictures out of order": ("mp4", (*REORDERED, *AAC)),
    "H.265 and AAC": ("mp4", (*HEVC, *AAC)),
    "sound that is not compressed": ("mov", (*AVC, *PCM)),
}


def reference_of(clip: bytes) -> Reference:
    reference = read_reference(io.BytesIO(clip))
    assert reference is not None
    return reference


def found_in(damaged: bytes, reference: Reference, folder: Path) -> Found:
    path = folder / "damaged.mp4"
    path.write_bytes(damaged)
    with path.open("rb") as file:
        return find(file, reference)


def places(found: Found) -> list[tuple[int, int]]:
    return [(piece.at, piece.size) for piece in found.pieces if piece.is_picture]


def rebuilt(damaged: bytes, reference: Reference, folder: Path) -> Path:
    found, target = found_in(damaged, reference, folder), folder / "rebuilt.mp4"
    with (folder / "damaged.mp4").open("rb") as file:
        rebuild(file, found, reference, target)
    return target


@pytest.mark.parametrize("share", [1.0, 0.55])
@pytest.mark.parametrize("kind", KINDS)
def test_every_whole_picture_is_found_and_nothing_else(tmp_path: Path, kind: str, share: float) -> None:
    extension, options = KINDS[kind]
    whole = coded(extension, 6, *options)
    other = coded(extension, 3, *options)
    damaged = cut_off(whole, share)
    found = found_in(damaged, reference_of(other), tmp_path)
    wanted = pictures(whole, len(damaged))
    assert len(wanted) == (150 if share == 1.0 else len(wanted)) > 40
    assert places(found) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_rebuilt_decodes_picture_by_picture(tmp_path: Path, kind: str) -> None:
    extension, options = KINDS[kind]
    whole = coded(extension, 4, *options)
    damaged = cut_off(whole, 0.6)
    path = rebuilt(damaged, reference_of(coded(extension, 3, *options)), tmp_path)
    assert frames(path, Tools()) == len(pictures(whole, len(damaged)))


def test_an_index_of_length_0_is_no_obstacle(tmp_path: Path) -> None:
    whole = coded()
    damaged = cut_off(whole, 0.7, told=False)
    assert places(found_in(damaged, reference_of(whole), tmp_path)) == pictures(whole, len(damaged))


def test_sound_is_as_long_as_it_was(tmp_path: Path) -> None:
    whole = coded("mp4", 4)
    (tmp_path / "whole.mp4").write_bytes(whole)
    path = rebuilt(cut_off(whole), reference_of(coded("mp4", 3)), tmp_path)
    lengths = [_sound_bytes(one) for one in (tmp_path / "whole.mp4", path)]
    assert lengths[1] >= 0.97 * lengths[0] > 100_000


def test_sound_that_is_not_compressed_is_found_byte_by_byte(tmp_path: Path) -> None:
    whole = coded("mov", 3, *AVC, *PCM)
    (tmp_path / "whole.mov").write_bytes(whole)
    path = rebuilt(cut_off(whole), reference_of(whole), tmp_path)
    assert _sound_bytes(path) == _sound_bytes(tmp_path / "whole.mov")


def _sound_bytes(path: Path) -> int:
    argv = ["ffmpeg", "-v", "quiet", "-i", str(path), "-map", "0:a:0", "-f", "s16le", "-"]
    return len(subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout)


def test_blocks_of_positions_between_pictures_are_no_sound(tmp_path: Path) -> None:
    whole = silent(2)
    at = pictures(whole)[20][0]
    block = freegps(AT, 30.2, 119.7)
    damaged = cut_off(whole, told=False)
    mixed = damaged[:at] + block + damaged[at:]
    found = found_in(mixed, reference_of(whole), tmp_path)
    assert found.pictures == 50
    assert [piece for piece in found.pieces if not piece.is_picture] == []


def test_a_hole_costs_the_pictures_in_it(tmp_path: Path) -> None:
    whole = coded("mp4", 4)
    damaged = bytearray(cut_off(whole))
    begins, ends = pictures(whole)[30][0], sum(pictures(whole)[33])
    damaged[begins:ends] = bytes(ends - begins)
    found = found_in(bytes(damaged), reference_of(whole), tmp_path)
    assert places(found) == [place for number, place in enumerate(pictures(whole)) if not 30 <= number <= 33]


def test_the_damaged_file_is_only_read(tmp_path: Path) -> None:
    damaged = cut_off(coded())
    path = rebuilt(damaged, reference_of(coded()), tmp_path)
    assert (tmp_path / "damaged.mp4").read_bytes() == damaged
    assert read_movie(io.BytesIO(path.read_bytes())) is not None


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\0\0\0\x08mdat", bytes(200_000), b"\0\0\0\x18ftypisom" + bytes(range(256)) * 500],
    ids=["empty", "no footage", "zeros", "junk"],
)
def test_what_holds_no_picture_says_so(tmp_path: Path, damaged: bytes) -> None:
    with pytest.raises(NothingRecovered):
        found_in(damaged, reference_of(coded()), tmp_path)


def test_another_recorders_clip_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingRecovered):
        found_in(cut_off(coded("mp4", 4, *HEVC, *AAC)), reference_of(coded()), tmp_path)


def test_no_reference_in_what_is_none() -> None:
    whole = coded()
    assert read_reference(io.BytesIO(cut_off(whole))) is None
    assert read_reference(io.BytesIO(b"RIFF")) is None
    assert read_reference(io.BytesIO(whole[: content(whole).end + 300])) is None


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("damaged/body70_no_moov.MP4", "recarried/transcend_body70_typ17c.MP4"),
        ("damaged/gopro_karma_trunc60.mp4", "gpmf-parser/karma.mp4"),
    ],
)
def test_real_recorders_clips(tmp_path: Path, damaged: str, whole: str) -> None:
    samples = SHARED / "samples"
    if not (samples / damaged).exists():
        pytest.skip("no shared samples here")
    cut, sound = (samples / damaged).read_bytes(), (samples / whole).read_bytes()
    wanted = pictures(sound, len(cut))
    assert len(wanted) > 100
    assert places(found_in(cut, reference_of(sound), tmp_path)) == wanted
    assert frames(rebuilt(cut, reference_of(sound), tmp_path), Tools()) == len(wanted)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.tuples(st.integers(0, 150_000), st.binary(max_size=40)), max_size=6),
    length=st.integers(0, 160_000),
)
def test_whatever_is_in_the_file_the_pieces_lie_one_behind_the_other(
    tmp_path: Path, cuts: list[tuple[int, bytes]], length: int
) -> None:
    damaged = bytearray(cut_off(coded(), told=False))
    for at, junk in cuts:
        damaged[at : at + len(junk)] = junk
    try:
        found = found_in(bytes(damaged[:length]), reference_of(coded()), tmp_path)
    except NothingRecovered:
        return
    at = found.start
    for piece in found.pieces:
        assert piece.size > 0
        assert at <= piece.at
        at = piece.at + piece.size
    assert at <= found.end <= length


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 5_000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=12))
def test_a_reference_that_lies_breaks_nothing(tmp_path: Path, changes: list[tuple[int, bytes]]) -> None:
    whole = bytearray(coded())
    index = content(bytes(whole)).end
    for at, junk in changes:
        at = index + at % (len(whole) - index)
        whole[at : at + len(junk)] = junk
    reference = read_reference(io.BytesIO(bytes(whole)))
    if reference is None:
        return
    (tmp_path / "rebuilt.mp4").unlink(missing_ok=True)
    try:
        rebuilt(cut_off(coded(), 0.5), reference, tmp_path)
    except NothingRecovered:
        return
