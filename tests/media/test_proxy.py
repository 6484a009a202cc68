"""What is made of which original, decided from its facts alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.evidence import Kind, MediaFacts, Stream
from media.ffmpeg import DEMUXERS
from media.pace import Pace
from media.proxy import (
    HARDWARE,
    MP4,
    SOFTWARE,
    Plan,
    limits_for,
    needs_sub,
    plan,
    poster_args,
    sound_args,
    strip_args,
    strip_for,
    sub_args,
    view_args,
    wave_args,
)

SOURCE, TARGET = Path("/vault/original: with -odd name"), Path("/derived/view.mp4")


def facts(
    container: str | None, picture: str | None, sound: str | None = None, pixels: str | None = None
) -> MediaFacts:
    streams = [Stream("video", picture, 1920, 1080, pixel_format=pixels)] if picture else []
    streams += [Stream("audio", sound, sample_rate_hz=16000, channels=1)] if sound else []
    return MediaFacts(container, 60.0, tuple(streams), True)


@pytest.mark.parametrize(
    ("kind", "container", "picture", "sound", "way", "video", "audio"),
    [
        ("video", MP4, "h264", "aac", "as-is", "copy", "copy"),
        ("video", MP4, "h264", None, "as-is", "copy", None),
        ("video", MP4, "h264", "mp3", "as-is", "copy", "copy"),
        ("video", MP4, "h264", "amr_nb", "remux", "copy", "encode"),
        ("video", MP4, "h264", "pcm_alaw", "remux", "copy", "encode"),
        ("video", "mpegts", "h264", "aac", "remux", "copy", "copy"),
        ("video", "avi", "h264", "pcm_s16le", "remux", "copy", "encode"),
        ("video", MP4, "hevc", "aac", "encode", "encode", "encode"),
        ("video", "avi", "mjpeg", "pcm_s16le", "encode", "encode", "encode"),
        ("video", "avi", "mjpeg", None, "encode", "encode", None),
        ("video", MP4, "mpeg4", "aac", "encode", "encode", "encode"),
        ("audio", "mp3", None, "mp3", "as-is", None, "copy"),
        ("audio", "wav", None, "pcm_s16le", "as-is", None, "copy"),
        ("audio", "wav", None, "adpcm_ima_wav", "encode", None, "encode"),
        ("audio", "amr", None, "amr_nb", "encode", None, "encode"),
        ("video", None, None, None, "none", None, None),
        ("image", "jpeg_pipe", "mjpeg", None, "none", None, None),
        ("log", None, None, None, "none", None, None),
    ],
)
def test_a_plan_follows_from_the_facts(
    kind: Kind, container: str, picture: str, sound: str, way: str, video: str, audio: str
) -> None:
    made = plan(kind, facts(container, picture, sound))
    assert (made.way, made.video, made.audio) == (way, video, audio)
    assert made.why


def test_pictures_browsers_cannot_show_are_encoded() -> None:
    ways = {
        pixels: plan("video", facts(MP4, "h264", "aac", pixels)).way
        for pixels in ("yuv420p", "yuvj420p", "yuv420p10le", "yuv422p", "yuv422p10le", "yuv444p")
    }
    assert [pixels for pixels, way in ways.items() if way == "as-is"] == ["yuv420p", "yuvj420p"]
    assert set(ways.values()) == {"as-is", "encode"}


@pytest.mark.parametrize("container", ["h264", "avi"])
def test_pictures_whose_order_the_container_does_not_tell_are_not_copied(container: str) -> None:
    assert plan("video", facts(container, "h264")).way == "remux"
    assert plan("video", facts(container, "h264"), reorders=True).way == "encode"
    assert plan("video", facts("mpegts", "h264"), reorders=True).way == "remux"


def test_a_film_without_index_is_recovered() -> None:
    assert plan("video", facts(None, None), lacks_moov=True).way == "recover"


def args(made: Plan, encoder: int = 0) -> list[str]:
    return view_args(SOURCE, TARGET, made, SOFTWARE[encoder], "a mark")


def following(argv: list[str], name: str) -> str:
    return argv[argv.index(name) + 1]


def test_what_is_copied_is_not_encoded() -> None:
    argv = args(Plan("remux", "", "copy", "copy"))
    assert (following(argv, "-c:v"), following(argv, "-c:a")) == ("copy", "copy")
    assert following(argv, "-movflags") == "+faststart"
    assert "-filter_complex" not in argv


def test_what_is_encoded_is_small_and_marked() -> None:
    argv = args(Plan("encode", "", "encode", "encode"))
    assert (following(argv, "-c:v"), following(argv, "-c:a")) == ("libx264", "aac")
    assert "720" in following(argv, "-filter_complex")
    assert following(argv, "-metadata") == "comment=a mark"
    assert following(argv, "-map_metadata") == "-1"


def test_every_input_may_open_nothing_but_itself() -> None:
    made = Plan("encode", "", "encode", "encode")
    commands = [
        args(made),
        poster_args(SOURCE, TARGET, 60.0),
        strip_args(SOURCE, TARGET, strip_for(60.0)),
        wave_args(SOURCE, TARGET),
        sound_args(SOURCE, TARGET),
        sub_args(SOURCE, TARGET, facts(MP4, "h264", "aac"), SOFTWARE[0], "a mark"),
    ]
    for argv in commands:
        assert argv.count("-i") == 1
        assert following(argv, "-i") == f"file:{SOURCE}"
        before = argv[: argv.index("-i")]
        assert following(before, "-protocol_whitelist") == "file"
        assert following(before, "-format_whitelist") == DEMUXERS
        assert argv[-1] == f"file:{TARGET}"


def test_a_rate_is_stated_before_the_input() -> None:
    argv = args(Plan("encode", "", "encode", None, "15360/1024"))
    assert following(argv[: argv.index("-i")], "-r") == "15360/1024"


def test_hardware_gets_what_it_needs() -> None:
    vaapi = next(encoder for encoder in HARDWARE if encoder.name == "h264_vaapi")
    argv = view_args(SOURCE, TARGET, Plan("encode", "", "encode", None), vaapi, "a mark")
    assert following(argv, "-vaapi_device").startswith("/dev/dri/")
    assert "hwupload" in following(argv, "-filter_complex")


@pytest.mark.parametrize(
    ("seconds", "count", "every_s"),
    [(None, 1, 2.0), (0.4, 1, 2.0), (6.0, 3, 2.0), (1200.0, 600, 2.0), (1208.0, 151, 8.0), (36_000.0, 1000, 36.0)],
)
def test_a_strip_has_a_picture_each_two_seconds_or_each_eight(
    seconds: float | None, count: int, every_s: float
) -> None:
    strip = strip_for(seconds)
    assert (strip.count, strip.every_s) == (count, every_s)
    assert strip.columns * (strip.rows - 1) < strip.count <= strip.columns * strip.rows


@pytest.mark.parametrize(
    ("kind", "pace", "way"),
    [
        (MP4, Pace("25/1"), "as-is"),
        (MP4, Pace("30/1", is_even=False), "encode"),
        (MP4, Pace("25/1", is_interlaced=True), "encode"),
        ("mpegts", Pace("25/1", is_even=False), "remux"),
        ("mpegts", Pace("25/1", is_interlaced=True), "encode"),
    ],
)
def test_what_cannot_be_stepped_through_gets_a_copy_at_an_even_rate(kind: str, pace: Pace, way: str) -> None:
    made = plan("video", facts(kind, "h264", "aac"), pace=pace)
    assert made.way == way
    if way == "encode":
        assert (made.even, made.is_interlaced) == (pace.rate, pace.is_interlaced)
        argv = args(made)
        assert ("yadif" in following(argv, "-filter_complex")) == pace.is_interlaced
        assert f"fps=fps={pace.rate}" in following(argv, "-filter_complex")


def test_pictures_without_times_come_by_their_order() -> None:
    made = plan("video", facts("hevc", "hevc"), pace=Pace("25/1"))
    assert made.rate == "25/1"
    assert "setpts=N/(25/1*TB)" in following(args(made), "-filter_complex").replace("\\", "")


def test_a_sub_copy_is_made_where_it_is_smaller() -> None:
    small = MediaFacts(MP4, 10.0, (Stream("video", "h264", 640, 360),), True)
    assert not needs_sub(small, 400_000)
    assert needs_sub(small, 600_000)
    assert needs_sub(replace(small, streams=(Stream("video", "h264", 720, 1280),)), 400_000)
    assert not needs_sub(MediaFacts("wav", 10.0, (Stream("audio", "pcm_s16le"),), True), 10_000_000)


def test_limits_grow_with_the_clip() -> None:
    short, long = limits_for("encode", 10.0, 10**7), limits_for("encode", 3600.0, 2 * 10**9)
    assert long.timeout_s > 20 * short.timeout_s
    assert limits_for("remux", 3600.0, 2 * 10**9).output_bytes_max < 2.5 * 10**9
    assert limits_for("encode", None, 10**9).timeout_s > short.timeout_s
