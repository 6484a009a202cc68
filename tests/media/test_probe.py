from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Fix, MediaFacts
from media.ffmpeg import Tools
from media.probe import STREAMS_MAX, TAGS_MAX, TEXT_CHARS_MAX, claims, facts, fixes, probe
from tests.footage import clips

SHOT = "2026-03-11T01:36:21.000000Z"
HOSTILE_NUMBERS = st.sampled_from(["nan", "inf", "-1", "1e400", "9" * 400, -5, 0, 2**70, 1e308, float("nan"), True])
TEXTS = st.text(max_size=20) | st.sampled_from(["video", "1904-01-01", "+99+999/", "a\0b", "\ud800"])
HOSTILE = st.recursive(
    st.none() | HOSTILE_NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "streams", "tags", "duration", "codec_type", "codec_name", "width", "location"])
            | st.sampled_from(["creation_time", "com.apple.quicktime.creationdate", "disposition", "format_name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def probed(folder: Path, clip: bytes, tools: Tools | None = None) -> MediaFacts:
    path = folder / "clip.bin"
    path.write_bytes(clip)
    return probe(path, tools or Tools())[0]


@given(HOSTILE)
def test_any_answer_is_borne(answer: object) -> None:
    found = facts(answer)
    assert found.duration_s is None or 0 < found.duration_s < 1e9
    for stream in found.streams:
        assert stream.width_px is None or 0 < stream.width_px < 2**31
    for name, value in found.tags:
        (name + value).encode()
        assert "\0" not in name + value
    claims(answer)
    for fix in fixes(answer):
        assert abs(fix.latitude_deg) <= 90


def test_an_answer_without_end_is_cut_short() -> None:
    tags = {f"t{number:04d}": "x" * 5000 for number in range(500)}
    found = facts({"format": {"tags": tags}, "streams": [{"codec_type": "video"}] * 500})
    assert (len(found.tags), len(found.streams)) == (TAGS_MAX, STREAMS_MAX)
    assert found.tags == tuple(sorted(found.tags))
    assert {len(value) for _, value in found.tags} == {TEXT_CHARS_MAX}


def test_facts_of_a_clip(tmp_path: Path) -> None:
    found = probed(tmp_path, clips.mp4(2, tags={"comment": "made up"}))
    picture, sound = found.streams
    assert (picture.kind, picture.codec, picture.width_px, picture.height_px) == ("video", "mpeg4", 160, 120)
    assert (picture.frame_rate, sound.kind, sound.sample_rate_hz, sound.channels) == ("10/1", "audio", 16000, 1)
    assert found.duration_s == pytest.approx(2, abs=0.2)
    assert (found.playable, found.note) == (True, None)
    assert ("comment", "made up") in found.tags


@pytest.mark.parametrize(
    ("clip", "playable", "note"),
    [
        (b"", False, "the file is empty"),
        (clips.avi(), True, None),
        (clips.wav(), True, None),
        (clips.jpeg(), True, None),
        (clips.without_moov(clips.mp4()), False, "moov atom not found"),
        (clips.half_moov(clips.mp4()), False, "bytes of moov are missing"),
        (clips.lying_mdat(clips.mp4(moov_first=True), 8), True, "truncated: 8 bytes of mdat are missing"),
        (clips.mp4(moov_first=True)[: len(clips.mp4(moov_first=True)) // 2], False, "its end cannot be played"),
        (clips.avi()[: len(clips.avi()) // 2], False, "its end cannot be played"),
        (clips.mp4() + b"\x9d" * 5000, True, None),
        (bytes(range(1, 255)) * 40, False, ""),
    ],
    ids=["empty", "avi", "wav", "jpeg", "no moov", "half moov", "lying mdat", "half mp4", "half avi", "tail", "random"],
)
def test_only_what_plays_is_playable(tmp_path: Path, clip: bytes, playable: bool, note: str | None) -> None:
    found = probed(tmp_path, clip)
    assert found.playable is playable
    assert found.note is None if note is None else note in (found.note or "")


def test_pictures_that_do_not_decode_are_not_playable(tmp_path: Path) -> None:
    clip = clips.mp4(moov_first=True)
    start, end = clips.boxes(clip)[b"mdat"]
    assert probed(tmp_path, clip[: start + 8] + b"\x55" * (end - start - 8) + clip[end:]).playable is False


def test_a_missing_tool_leaves_the_question_open(tmp_path: Path) -> None:
    no_probe = probed(tmp_path, clips.mp4(), Tools(ffprobe="ffprobe-not-here"))
    assert (no_probe.playable, no_probe.note) == (None, "ffprobe-not-here is not installed")
    no_player = probed(tmp_path, clips.mp4(), Tools(ffmpeg="ffmpeg-not-here"))
    assert (no_player.playable, no_player.note) == (None, "ffmpeg-not-here is not installed")
    assert no_player.duration_s is not None


def test_a_slow_tool_leaves_the_question_open(tmp_path: Path) -> None:
    tool = tmp_path / "slow"
    tool.write_text("#!/bin/sh\nexec sleep 60\n")
    tool.chmod(0o755)
    found = probed(tmp_path, clips.mp4(), Tools(ffprobe=str(tool), timeout_s=0.2))
    assert (found.playable, found.note) == (None, f"{tool} was stopped after 0.2 seconds")


def tagged(**tags: str) -> object:
    return {"format": {"tags": {name.replace("_", "."): value for name, value in tags.items()}}}


def test_the_container_time_is_kept_as_printed(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clips.mp4(tags={"creation_time": SHOT}))
    (claim,) = probe(path, Tools())[1]
    assert (claim.source, claim.raw, claim.zone, claim.refers_to) == ("container", SHOT, "as if UTC", "start")
    assert claim.value == datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)


def test_android_stamps_the_end() -> None:
    answer = {"format": {"tags": {"creation_time": SHOT, "com.android.version": "9"}}}
    (claim,) = claims(answer)
    assert (claim.refers_to, claim.uncertainty_s) == ("end", 900)


@pytest.mark.parametrize("raw", ["1904-01-01T00:00:00.000000Z", "1970-01-01T00:00:00Z", "soon", "2026-13-45"])
def test_a_time_that_makes_no_sense_is_a_claim_without_value(raw: str) -> None:
    (claim,) = claims({"streams": [{"tags": {"creation_time": raw}}]})
    assert (claim.raw, claim.value) == (raw, None)
    assert claim.note


def test_keys_state_their_zone() -> None:
    (claim,) = claims(tagged(com_apple_quicktime_creationdate="2026-03-11T09:36:21+0800"))
    assert (claim.source, claim.zone) == ("keys", "stated +08:00")
    assert claim.value == datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
    (silent,) = claims(tagged(com_apple_quicktime_creationdate="2026-03-11T09:36:21"))
    assert (silent.value, silent.note) == (None, "no zone is stated")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("+30.2429+119.7291/", (30.2429, 119.7291)),
        ("-33.5000-070.6000+520.1CRSWGS_84/", (-33.5, -70.6)),
        ("+00.0000+000.0000/", None),
        ("+95.0000+119.7291/", None),
        ("somewhere", None),
    ],
)
def test_a_location_is_one_fix_without_time(told: str, place: tuple[float, float] | None) -> None:
    found = fixes(tagged(com_apple_quicktime_location_ISO6709=told))
    assert found == (() if place is None else (Fix(None, *place),))


def test_xyz_is_read(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clips.mp4_with_location("+30.2429+119.7291/"))
    assert probe(path, Tools())[2] == (Fix(None, 30.2429, 119.7291),)


def test_a_cover_picture_is_no_film() -> None:
    (cover,) = facts({"streams": [{"codec_type": "video", "disposition": {"attached_pic": 1}}]}).streams
    assert cover.kind == "attachment"
