"""Viewing copies made by the real ffmpeg of small clips, and encoders that are tried before they are used."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest

from catalog.evidence import Kind
from media import ffmpeg, probe
from media.beside import PARTS, VIEW, CopyDesk, Part
from media.encoders import passes
from media.errors import NothingRecovered
from media.ffmpeg import Tools
from media.proxy import SOFTWARE, Encoder
from media.proxy import UNEVEN as UNEVENLY
from tests.fakes.copies import Kept, made_parts
from tests.footage.clips import SOUND, avi, made, mp4, wav
from tests.footage.coded import AAC, AVC, HEVC, coded, cut_off, pictures, silent

TALL = ("-f", "lavfi", "-i", "testsrc2=size=1080x1920:rate=5")


def making(*, encoders: tuple[Encoder, ...] = SOFTWARE[:1], told: list[float] | None = None) -> CopyDesk:
    heard: list[float] = [] if told is None else told
    return CopyDesk(Tools(), encoders, "a mark", heard.append)


def make_of(
    clip: bytes,
    name: str,
    folder: Path,
    kind: Kind = "video",
    *,
    wanted: Collection[Part] = VIEW,
    **other: object,
) -> dict[str, Kept]:
    original, target = folder / name, folder / "made"
    original.write_bytes(clip)
    target.mkdir()
    desk = making(**other)  # type: ignore[arg-type]  # options of `making`
    parts = made_parts(original, kind, target, desk, wanted=wanted)
    assert original.read_bytes() == clip
    return parts


def streams(path: Path) -> dict[str, tuple[str, int | None, int | None]]:
    found = probe.facts(ffmpeg.described(path, Tools()))
    return {stream.kind: (stream.codec, stream.width_px, stream.height_px) for stream in found.streams}


def test_a_clip_that_plays_gets_pictures_beside_it_and_no_copy(tmp_path: Path) -> None:
    parts = make_of(coded(), "clip.mp4", tmp_path, wanted=PARTS)
    assert sorted(parts) == ["peaks", "poster", "strip", "sub", "waveform"]
    assert streams(parts["poster"].path)["video"][1:] == (320, 180)
    assert streams(parts["strip"].path)["video"][1:] == (2 * 192, 108)
    assert streams(parts["waveform"].path)["video"][1:] == (1200, 120)
    assert (parts["strip"].facts["count"], parts["strip"].facts["every_s"]) == (2, 2.0)


def test_h264_in_a_transport_stream_is_copied_picture_by_picture(tmp_path: Path) -> None:
    clip = coded("ts", 3)
    parts = make_of(clip, "clip.ts", tmp_path)
    assert parts["view"].facts["way"] == "remux"
    assert "copy" in parts["view"].command
    assert ffmpeg.frames(parts["view"].path, Tools()) == 75


@pytest.mark.parametrize("extension", ["h264", "avi"])
def test_every_picture_is_kept_where_they_are_decoded_in_another_order(tmp_path: Path, extension: str) -> None:
    clip = coded(extension, 2, "-c:v", "libx264", "-bf", "2", "-g", "50")
    parts = make_of(clip, f"clip.{extension}", tmp_path)
    assert ffmpeg.frames(parts["view"].path, Tools()) == 50
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts,flags", "-of", "csv=p=0",
         str(parts["view"].path)],
        capture_output=True, check=True, text=True,
    ).stdout.split()  # fmt: skip
    assert shown[0].endswith(",K_"), "the key picture comes first, and a player does not throw it away"


def test_h265_becomes_h264_of_720_lines(tmp_path: Path) -> None:
    told: list[float] = []
    clip = made("mp4", 2, "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=10", *SOUND, *HEVC, *AAC)
    parts = make_of(clip, "clip.mp4", tmp_path, told=told)
    assert streams(parts["view"].path) == {"video": ("h264", 1280, 720), "audio": ("aac", None, None)}
    assert ffmpeg.frames(parts["view"].path, Tools()) == 20
    assert parts["view"].facts["encoder"] == "libx264"
    assert str(tmp_path) not in " ".join(parts["view"].command)
    tags = dict(probe.facts(ffmpeg.described(parts["view"].path, Tools())).tags)
    assert tags["comment"] == "a mark"
    assert told == sorted(told)


def test_an_upright_picture_keeps_its_shape(tmp_path: Path) -> None:
    parts = make_of(made("mp4", 1, *TALL, "-c:v", "mpeg4"), "clip.mp4", tmp_path)
    assert streams(parts["view"].path)["video"] == ("h264", 720, 1280)


@pytest.mark.parametrize("name", ["old.avi", "old.mp4"])
def test_old_formats_become_h264(tmp_path: Path, name: str) -> None:
    parts = make_of(avi() if name == "old.avi" else mp4(), name, tmp_path)
    assert streams(parts["view"].path)["video"] == ("h264", 160, 120)


def test_sound_alone(tmp_path: Path) -> None:
    assert sorted(make_of(wav(), "sound.wav", tmp_path, "audio", wanted=PARTS)) == ["peaks", "waveform"]


def test_odd_sound_becomes_aac(tmp_path: Path) -> None:
    parts = make_of(made("wav", 2, *SOUND, "-c:a", "adpcm_ima_wav"), "sound.wav", tmp_path, "audio")
    assert streams(parts["view"].path) == {"audio": ("aac", None, None)}
    assert parts["view"].path.suffix == ".m4a"


def test_nothing_is_made_of_junk(tmp_path: Path) -> None:
    assert make_of(b"junk" * 5000, "clip.avi", tmp_path, wanted=PARTS) == {}


@pytest.mark.parametrize(
    "options", [AVC, HEVC, ("-c:v", "libx264", "-bf", "2", "-threads", "1")], ids=["avc", "hevc", "b"]
)
def test_a_clip_that_lost_its_index_plays_again(tmp_path: Path, options: tuple[str, ...]) -> None:
    whole = coded("mp4", 4, *options, *AAC)
    damaged = cut_off(whole, 0.6)
    (tmp_path / "damaged.mp4").write_bytes(damaged)
    references = []
    for name, clip in (("other.mp4", silent(1, "-c:v", "mpeg4")), ("whole.mp4", coded("mp4", 3, *options, *AAC))):
        (tmp_path / name).write_bytes(clip)
        references.append(tmp_path / name)
    target = tmp_path / "made"
    target.mkdir()
    parts = made_parts(tmp_path / "damaged.mp4", "video", target, making(), references, VIEW)
    wanted = len(pictures(whole, len(damaged)))
    assert parts["view"].facts["way"] == "recover"
    assert parts["view"].facts["frames"] == wanted == ffmpeg.frames(parts["view"].path, Tools())
    assert streams(parts["view"].path) == {"video": ("h264", 320, 180), "audio": ("aac", None, None)}
    assert (tmp_path / "damaged.mp4").read_bytes() == damaged


def listed(path: Path) -> list[tuple[int, int]]:
    """Where each picture of a file lies and how long it is, by ffprobe."""
    asked = ["-select_streams", "V:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0"]
    argv = ["ffprobe", "-v", "error", *asked, str(path)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.strip(",").split(",") for line in said.splitlines() if line.strip(",")]
    return [(int(at), int(size)) for size, at in rows]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.85])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("cut.ts", (*AVC, *AAC)),
        ("cut.avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le")),
        ("cut.avi", ("-c:v", "mpeg4", "-g", "12", "-c:a", "libmp3lame")),
    ],
)
def test_what_was_cut_in_the_middle_plays_to_the_cut(
    tmp_path: Path, name: str, options: tuple[str, ...], share: float
) -> None:
    whole = coded(name.partition(".")[2], 4, *options)
    (tmp_path / "whole").write_bytes(whole)
    damaged = whole[: int(len(whole) * share)]
    if name.endswith("ts"):  # a picture lies in packets, and its last may be followed by another's first
        begun = sum(at < len(damaged) for at, _ in listed(tmp_path / "whole"))
        wanted = range(begun - 2, begun + 1)
    else:
        ended = sum(at + size <= len(damaged) for at, size in listed(tmp_path / "whole"))
        wanted = range(ended, ended + 4)  # an AVI may say twice in the beginning that the picture stays
    parts = make_of(damaged, name, tmp_path, wanted=PARTS if share == 0.5 else VIEW)
    assert ffmpeg.frames(parts["view"].path, Tools()) in wanted
    assert wanted[0] > 10
    assert share != 0.5 or {"view", "poster", "strip", "peaks", "waveform"} <= set(parts)


UNEVEN = ("-vf", "select='gt(random(0),0.6)'", "-fps_mode", "vfr")


@pytest.mark.parametrize(
    ("name", "codec", "why"),
    [
        ("clip.mkv", HEVC, "hevc does not play everywhere"),
        ("clip.mkv", AVC, UNEVENLY),
        ("clip.mp4", AVC, UNEVENLY),
    ],
)
def test_uneven_pictures_get_a_copy_at_an_even_rate(
    tmp_path: Path, name: str, codec: tuple[str, ...], why: str
) -> None:
    """Every picture is in it, at its time; where one is missing the one before stays."""
    parts = make_of(coded(name.partition(".")[2], 6, *UNEVEN, *codec, *AAC), name, tmp_path)
    before, after = (pictures_of(path) for path in (tmp_path / name, parts["view"].path))
    assert 30 < len(before) < 100
    assert [round(at - number / 25 - after[0], 3) for number, at in enumerate(after)] == [0.0] * len(after)
    assert {round(at * 25) for at in before} <= {round(at * 25) for at in after}
    facts = parts["view"].facts
    assert (facts["way"], facts["why"], facts["even"], facts["frame_rate"]) == ("encode", why, True, "25/1")
    assert (facts["frame_count"], facts["first_frame_s"]) == (len(after), pytest.approx(after[0], abs=0.001))


def pictures_of(path: Path) -> list[float]:
    """When each picture of a file is shown, by ffprobe."""
    asked = ["-select_streams", "V:0", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0"]
    said = subprocess.run(["ffprobe", "-v", "error", *asked, str(path)], capture_output=True, text=True, check=True)
    return [float(line.strip(",")) for line in said.stdout.split()]


def test_interlaced_pictures_become_whole_ones(tmp_path: Path) -> None:
    fields = ("-vf", "interlace", "-c:v", "libx264", "-x264-params", "tff=1", "-preset", "ultrafast")
    parts = make_of(coded("mp4", 2, *fields), "clip.mp4", tmp_path)
    assert parts["view"].facts["why"] == "its pictures are interlaced"
    assert probe.pace(ffmpeg.described(tmp_path / "clip.mp4", Tools())).is_interlaced
    assert not probe.pace(ffmpeg.described(parts["view"].path, Tools())).is_interlaced


def test_without_a_whole_clip_nothing_is_recovered(tmp_path: Path) -> None:
    with pytest.raises(NothingRecovered, match="no whole clip"):
        make_of(cut_off(coded()), "clip.mp4", tmp_path)


def test_an_encoder_that_fails_on_a_clip_is_passed_over(tmp_path: Path) -> None:
    broken = Encoder("no_such_encoder", ())
    parts = make_of(avi(), "old.avi", tmp_path, encoders=(broken, SOFTWARE[0]))
    assert parts["view"].facts["encoder"] == "libx264"


def test_an_encoder_without_its_hardware_does_not_pass(tmp_path: Path) -> None:
    assert not passes(Encoder("no_such_encoder", ()), Tools(), tmp_path)
    assert passes(SOFTWARE[0], Tools(), tmp_path)
