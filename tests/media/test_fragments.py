"""Fragmented clips without head, or cut: the pictures are counted, and compared, with the undamaged clip's."""

from __future__ import annotations

import io
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.beside import VIEW, CopyDesk
from media.errors import NothingRecovered
from media.ffmpeg import Tools, frames
from media.mp4 import read_movie
from media.proxy import SOFTWARE
from media.transplant import is_fragmented, read_head, transplant
from media.viewing import looked
from tests.fakes.copies import Kept, made_parts
from tests.footage.clips import avi, mp4_with_location
from tests.footage.coded import AAC, AVC, HEVC, coded, silent, top

REORDERED = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-threads", "1")
KINDS = {
    "offsets from the file's start": (*AVC, *AAC, "-movflags", "frag_keyframe+empty_moov"),
    "offsets from the moof": (*AVC, *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "a first part that is not fragmented": (*AVC, *AAC, "-movflags", "frag_keyframe"),
    "many short fragments": (*AVC, *AAC, "-movflags", "empty_moov+default_base_moof", "-frag_duration", "200000"),
    "pictures out of order": (*REORDERED, *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "H.265": (*HEVC, *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
}
ANY = "offsets from the moof"
HOW = ("gone", *(pytest.param(how, marks=pytest.mark.slow) for how in ("zeros", "free")))
"""Gone is the hardest: nothing says where the fragments begin. All are tried with each kind under `--all`."""
MAKING = CopyDesk(Tools(), SOFTWARE[:1], "a mark", lambda _: None)


def clip_of(kind: str, seconds: float = 5) -> bytes:
    return coded("mp4", seconds, *KINDS[kind])


def head_bytes(clip: bytes) -> int:
    """Where the first fragment begins."""
    return next(box.start - 8 for box in top(clip) if box.kind == b"moof")


def packets(clip: bytes, folder: Path) -> list[tuple[int, int]]:
    """Where ffprobe finds the pictures of an undamaged clip: an opinion that is not ours."""
    (folder / "asked.mp4").write_bytes(clip)
    asked = ["-select_streams", "V:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0"]
    argv = ["ffprobe", "-v", "error", *asked, str(folder / "asked.mp4")]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.strip(",").split(",") for line in said.splitlines() if line.strip(",")]
    return [(int(at), int(size)) for size, at in rows]


def shown(path: Path) -> list[str]:
    """A digest of each decoded picture."""
    argv = [
        "ffmpeg",
        "-v",
        "quiet",
        "-i",
        str(path),
        "-map",
        "0:V:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "framemd5",
        "-",
    ]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout
    return [line.rsplit(",", 1)[1].strip() for line in said.splitlines() if not line.startswith("#")]


def headless(clip: bytes, how: str) -> bytes:
    """A clip without moov: overwritten as after a bad cluster, made free space, or gone with all that stood before."""
    begins = head_bytes(clip)
    if how == "zeros":
        return bytes(begins) + clip[begins:]
    if how == "gone":
        return clip[begins:]
    at = clip.index(b"moov")
    return clip[:at] + b"free" + clip[at + 4 :]


def recovered(damaged: bytes, healthy: bytes, folder: Path) -> Kept:
    for name, content in (("damaged", damaged), ("healthy", healthy)):
        (folder / name).write_bytes(content)
    (folder / "made").mkdir()
    parts = made_parts(folder / "damaged", "video", folder / "made", MAKING, [folder / "healthy"], VIEW)
    assert (folder / "damaged").read_bytes() == damaged, "the original is the evidence"
    return parts["view"]


def again(kind: str, pictures: int) -> range:
    """How many pictures a copy has: of H.265 ffmpeg's first stands alone for three ticks, where it is shown again."""
    return range(pictures, pictures + (3 if kind == "H.265" else 1))


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_is_there_again(tmp_path: Path, kind: str, how: str) -> None:
    whole = clip_of(kind)
    wanted = [place for place in packets(whole, tmp_path) if place[0] > head_bytes(whole)]
    view = recovered(headless(whole, how), clip_of(kind, 3), tmp_path)
    assert view.facts["frames"] == len(wanted) >= 100
    assert frames(view.path, Tools()) == view.facts["frame_count"] in again(kind, len(wanted))
    assert view.facts["way"] == "recover"
    if kind != "H.265":
        assert "copy" in view.command
        assert shown(view.path) == shown(tmp_path / "asked.mp4")[-len(wanted) :]


@pytest.mark.parametrize("share", [0.35, 0.93, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.5, 0.77))])
@pytest.mark.parametrize("kind", KINDS)
def test_head_and_tail_may_both_be_gone(tmp_path: Path, kind: str, share: float) -> None:
    whole = clip_of(kind)
    damaged = headless(whole, "zeros")[: int(len(whole) * share)]
    wanted = [at for at, size in packets(whole, tmp_path) if at > head_bytes(whole) and at + size <= len(damaged)]
    view = recovered(damaged, clip_of(kind, 3), tmp_path)
    assert view.facts["frames"] == len(wanted) > 10
    assert frames(view.path, Tools()) in again(kind, len(wanted))


def test_cut_in_the_middle_of_a_moof(tmp_path: Path) -> None:
    whole = clip_of(ANY)
    last = [box for box in top(whole) if box.kind == b"moof"][-1]
    damaged = headless(whole, "zeros")[: last.start + last.size_bytes // 2]
    wanted = [at for at, _ in packets(whole, tmp_path) if at < len(damaged)]
    view = recovered(damaged, clip_of(ANY, 3), tmp_path)
    assert frames(view.path, Tools()) == len(wanted) == 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_tail_alone_plays_to_the_cut(tmp_path: Path, kind: str) -> None:
    whole = clip_of(kind)
    damaged = whole[: int(len(whole) * 0.7)]
    wanted = sum(at + size <= len(damaged) for at, size in packets(whole, tmp_path))
    (tmp_path / "damaged").write_bytes(damaged)
    (tmp_path / "made").mkdir()
    plan = looked(tmp_path / "damaged", "video", Tools()).plan
    parts = made_parts(tmp_path / "damaged", "video", tmp_path / "made", MAKING, wanted=VIEW)
    assert plan.way == ("encode" if kind == "H.265" else "as-is")
    played = parts["view"].path if kind == "H.265" else tmp_path / "damaged"
    wanted_at_most = again(kind, wanted + 1)[-1]
    assert wanted <= frames(played, Tools()) <= wanted_at_most, "what is left of the last picture may be shown"


def test_what_the_lender_tells_of_itself_is_not_taken(tmp_path: Path) -> None:
    told = ("-metadata", "title=AA0001", "-metadata", "creation_time=2020-01-01T00:00:00Z")
    healthy, whole = coded("mp4", 3, *KINDS[ANY], *told), clip_of(ANY)
    lender = read_movie(io.BytesIO(healthy))
    assert lender is not None
    assert any(text.value == "AA0001" for text in lender.texts)
    assert all(stamp.created_raw for stamp in lender.times)
    (tmp_path / "damaged").write_bytes(headless(whole, "zeros"))
    head = read_head(io.BytesIO(healthy))
    assert head is not None
    assert b"AA0001" not in head.moov
    with (tmp_path / "damaged").open("rb") as damaged:
        transplant(damaged, head, tmp_path / "whole.mp4")
    movie = read_movie(io.BytesIO((tmp_path / "whole.mp4").read_bytes()))
    assert movie is not None
    assert (movie.texts, movie.places, movie.duration_s) == ((), (), None)
    assert {(stamp.created_raw, stamp.modified_raw) for stamp in movie.times} <= {(0, 0)}


def test_another_recorders_head_finds_nothing(tmp_path: Path) -> None:
    damaged = headless(clip_of(ANY), "zeros")
    for number, healthy in enumerate((coded(), silent(), avi(), b"", mp4_with_location("+1+1/"))):
        (tmp_path / str(number)).mkdir()
        with pytest.raises(NothingRecovered):
            recovered(damaged, healthy, tmp_path / str(number))


def test_a_hole_costs_the_fragments_in_it(tmp_path: Path) -> None:
    whole = clip_of(ANY)
    moofs = [box.start - 8 for box in top(whole) if box.kind == b"moof"]
    damaged = bytearray(headless(whole, "zeros"))
    damaged[moofs[2] : moofs[3]] = bytes(moofs[3] - moofs[2])
    view = recovered(bytes(damaged), clip_of(ANY, 3), tmp_path)
    wanted = [at for at, _ in packets(whole, tmp_path) if not moofs[2] <= at < moofs[3]]
    assert view.facts["frames"] == len(wanted) == 100
    assert frames(view.path, Tools()) == 100


def test_only_fragments_are_taken_for_some(tmp_path: Path) -> None:
    for clip, wanted in ((clip_of(ANY), True), (coded(), False), (avi(), False), (b"", False), (b"moof", False)):
        (tmp_path / "clip").write_bytes(clip)
        with (tmp_path / "clip").open("rb") as file:
            assert is_fragmented(file) is wanted


@pytest.mark.parametrize("size", [0, 1, 7])
def test_a_fragment_that_promises_too_much_costs_no_time_and_no_memory(tmp_path: Path, size: int) -> None:
    """Thousands of runs, each of as many samples as can be said, all in the same few bytes."""
    head = read_head(io.BytesIO(silent(1, *AVC, "-movflags", "frag_keyframe+empty_moov+default_base_moof")))
    assert head is not None
    tfhd = b"\0\0\0\x14tfhd" + (0x20010).to_bytes(4, "big") + head.picture.to_bytes(4, "big") + size.to_bytes(4, "big")
    truns = (b"\0\0\0\x14trun\0\0\0\1" + (2**32 - 1).to_bytes(4, "big") + (600_000).to_bytes(4, "big")) * 25_000
    traf = (8 + len(tfhd) + len(truns)).to_bytes(4, "big") + b"traf" + tfhd + truns
    mfhd = b"\0\0\0\x10mfhd" + bytes(8)
    moof = (8 + len(mfhd) + len(traf)).to_bytes(4, "big") + b"moof" + mfhd + traf
    fragment = moof + (400_000).to_bytes(4, "big") + b"mdat" + bytes(400_000)
    (tmp_path / "damaged").write_bytes(fragment * 20)
    began = time.process_time()
    with (tmp_path / "damaged").open("rb") as damaged, pytest.raises(NothingRecovered):
        transplant(damaged, head, tmp_path / "whole.mp4")
    assert time.process_time() < began + 10


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=10),
    share=st.floats(0.01, 1),
)
def test_whatever_is_in_the_fragments_nothing_breaks(
    tmp_path: Path, changes: list[tuple[float, bytes]], share: float
) -> None:
    whole = bytearray(headless(silent(2, *AVC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"), "gone"))
    for at, junk in changes:
        place = int(at * 4000) if at < 0.5 else int(at * (len(whole) - 8))
        whole[place : place + len(junk)] = junk
    head = read_head(io.BytesIO(silent(1, *AVC, "-movflags", "frag_keyframe+empty_moov+default_base_moof")))
    assert head is not None
    (tmp_path / "damaged").write_bytes(whole[: max(1, int(len(whole) * share))])
    (tmp_path / "whole.mp4").unlink(missing_ok=True)
    try:
        with (tmp_path / "damaged").open("rb") as damaged:
            count = transplant(damaged, head, tmp_path / "whole.mp4")
    except NothingRecovered:
        return
    assert 0 < count <= 50
    assert (tmp_path / "whole.mp4").stat().st_size <= len(whole) + 4096


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=4)), min_size=1, max_size=12))
def test_a_head_that_lies_breaks_nothing(tmp_path: Path, changes: list[tuple[int, bytes]]) -> None:
    healthy = bytearray(clip_of(ANY, 3))
    for at, junk in changes:
        healthy[at : at + len(junk)] = junk
    head = read_head(io.BytesIO(bytes(healthy)))
    if head is None:
        return
    (tmp_path / "damaged").write_bytes(headless(clip_of(ANY), "zeros"))
    (tmp_path / "whole.mp4").unlink(missing_ok=True)
    try:
        with (tmp_path / "damaged").open("rb") as damaged:
            assert transplant(damaged, head, tmp_path / "whole.mp4") <= 125
    except NothingRecovered:
        return
