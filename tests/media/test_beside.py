"""What stands beside the file that plays: a small copy of the same pictures, peaks; and sound of every kind."""

from __future__ import annotations

import array
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest

from media import beside as besides
from media import ffmpeg
from media.beside import CopyDesk
from media.ffmpeg import Tools
from media.kinds import HEAD_BYTES_MAX, kind_of
from media.proxy import SOFTWARE, SUB_BITS_S_MAX
from tests.conftest import SHARED
from tests.fakes.copies import Kept, made_parts, told_parts
from tests.footage.clips import SOUND, made
from tests.footage.coded import AAC, coded, top

BEEPS = ("-f", "lavfi", "-i", "aevalsrc=if(gte(t\\,1)*lt(t\\,2)\\,0.5*sin(2*PI*440*t)\\,0):s=48000")
"""Silence, a second of half the loudest, silence."""


def desk() -> CopyDesk:
    return CopyDesk(Tools(), SOFTWARE[:1], "a mark", lambda _: None)


SECONDS = 4


def parts_of(clip: bytes, name: str, folder: Path, kind: Any = "video") -> dict[str, Kept]:
    (folder / name).write_bytes(clip)
    (folder / "made").mkdir()
    return made_parts(folder / name, kind, folder / "made", desk())


def asked(path: Path, *what: str) -> Any:
    argv = ["ffprobe", "-v", "error", "-of", "json", *what, str(path)]
    return json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=60).stdout)


def test_a_sub_copy_is_small_and_shows_the_same_pictures(tmp_path: Path) -> None:
    noise = ("-f", "lavfi", "-i", "testsrc2=size=960x540:rate=25", "-f", "lavfi", "-i", "anoisesrc=a=0.3")
    parts = parts_of(
        made("mp4", SECONDS, *noise, "-vf", "noise=alls=40:allf=t", "-c:v", "mpeg4", *AAC), "clip.mp4", tmp_path
    )
    sub, view = parts["sub"], parts["view"]
    told = asked(sub.path, "-show_streams", "-show_format")
    picture, sound = told["streams"]
    assert (picture["codec_name"], picture["width"], picture["height"], picture["pix_fmt"]) == (
        "h264", 640, 360, "yuv420p",
    )  # fmt: skip
    assert (sound["codec_name"], sound["channels"]) == ("aac", 1)
    assert 8 * sub.path.stat().st_size / SECONDS <= SUB_BITS_S_MAX
    assert sub.facts["frame_count"] == view.facts["frame_count"] == 25 * SECONDS == ffmpeg.frames(sub.path, Tools())
    assert sub.facts["frame_rate"] == view.facts["frame_rate"] == "25/1"
    for path in (sub.path, view.path):
        assert [box.kind for box in top(path.read_bytes())][:2] == [b"ftyp", b"moov"], "the index comes first"
        packets = asked(path, "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags")["packets"]
        keys = [float(one["pts_time"]) for one in packets if "K" in one["flags"]]
        assert {0, 2} <= {round(key, 3) for key in keys}, "and others where the picture changes"


def test_no_sub_copy_of_what_is_small(tmp_path: Path) -> None:
    still = ("-f", "lavfi", "-i", "color=gray:size=320x180:rate=25")
    (tmp_path / "clip.mp4").write_bytes(made("mp4", 4, *still, "-c:v", "libx264"))
    (tmp_path / "made").mkdir()
    parts = told_parts(tmp_path / "clip.mp4", "video", tmp_path / "made", desk())
    assert parts["sub"].path is None
    assert parts["sub"].facts == {"why": "what plays is as small"}
    assert parts["peaks"].facts == {"why": "there is no sound in it"}


def test_peaks_are_where_the_sound_is(tmp_path: Path) -> None:
    parts = parts_of(made("wav", 3, *BEEPS), "sound.wav", tmp_path, "audio")
    peaks = parts["peaks"].path.read_bytes()
    assert (len(peaks), parts["peaks"].facts) == (60, {"count": 60, "every_s": 0.05})
    assert max(peaks[:19]) <= 1
    assert {127 - 4 <= peak <= 127 + 4 for peak in peaks[21:39]} == {True}
    assert max(peaks[41:]) <= 1


def test_the_loudest_there_can_be_is_255() -> None:
    values = array.array("h", [0] * 400 + [1, -32768] + [0] * 398 + [32767] + [0] * 399 + [-128, 127, 5])
    assert besides.loudest(values.tobytes()) == bytes([0, 255, 255, 0])
    assert besides.loudest(b"") == b""
    assert besides.loudest(b"\x01") == b""


def test_long_sound_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(besides, "BLOCK", 800)
    parts = parts_of(made("wav", 3, *BEEPS), "sound.wav", tmp_path, "audio")
    assert len(parts["peaks"].path.read_bytes()) == 60


KINDS_OF_SOUND = {
    "aac.aac": ("-c:a", "aac"),
    "pcm8.wav": ("-c:a", "pcm_u8"),
    "pcm24.wav": ("-c:a", "pcm_s24le"),
    "alaw.wav": ("-c:a", "pcm_alaw"),
    "ima.wav": ("-c:a", "adpcm_ima_wav"),
    "ms.wav": ("-c:a", "adpcm_ms"),
    "g726.wav": ("-c:a", "g726", "-ar", "8000", "-ac", "1"),
    "mp2.mp2": ("-c:a", "mp2"),
    "mp3.mp3": ("-c:a", "libmp3lame"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "opus.ogg": ("-c:a", "libopus"),
    "flac.flac": ("-c:a", "flac"),
    "aiff.aiff": ("-c:a", "pcm_s16be"),
    "wma.wma": ("-c:a", "wmav2"),
}
PLAYS_AS_IT_IS = {"aac.aac", "pcm8.wav", "mp3.mp3"}


@pytest.mark.parametrize("name", KINDS_OF_SOUND)
def test_sound_of_every_kind_plays(tmp_path: Path, name: str) -> None:
    body = made(name.rpartition(".")[2], 2, *SOUND, *KINDS_OF_SOUND[name])
    assert kind_of(name, body[:HEAD_BYTES_MAX]) == "audio"
    assert demand_sound(parts_of(body, name, tmp_path, "audio"), 2.0, as_it_is=name in PLAYS_AS_IT_IS) > 3


@pytest.mark.parametrize("name", ["sample_nb.amr", "sample_wb.amr", "sample_ima_adpcm.wav", "sample_rf64.wav"])
def test_sound_of_recorders_plays(tmp_path: Path, name: str) -> None:
    sample = SHARED / "samples/exoplayer" / name
    if not sample.exists():
        pytest.skip("there are no shared samples here")
    body = sample.read_bytes()
    assert kind_of(name, body[:HEAD_BYTES_MAX]) == "audio"
    length_s = float(asked(sample, "-show_format")["format"]["duration"])
    demand_sound(parts_of(body, name, tmp_path, "audio"), length_s, as_it_is=name == "sample_rf64.wav")


def demand_sound(parts: dict[str, Kept], length_s: float, *, as_it_is: bool) -> int:
    """A file that plays, of that length; how loud it is."""
    assert set(parts) == {"peaks", "waveform"} | (set() if as_it_is else {"view"})
    if not as_it_is:
        (stream,) = asked(parts["view"].path, "-show_streams")["streams"]
        assert stream["codec_name"] == "aac"
        assert float(stream["duration"]) == pytest.approx(length_s, abs=0.2)
    peaks = parts["peaks"].path.read_bytes()
    assert len(peaks) == pytest.approx(math.ceil(length_s * 20), abs=4)
    return max(peaks)


def test_sound_of_a_film_begins_with_the_film(tmp_path: Path) -> None:
    """A recorder may open its microphone late: what is heard at a second stands at that second."""
    late = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-itsoffset", "1.5", *SOUND)
    parts = parts_of(made("mp4", 4, *late, "-c:v", "libx264", "-preset", "ultrafast", *AAC), "clip.mp4", tmp_path)
    peaks = parts["peaks"].path.read_bytes()
    assert max(peaks[:28]) <= 1
    assert min(peaks[33:50]) > 3


def test_a_clip_that_plays_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(coded())
    (tmp_path / "made").mkdir()
    view = told_parts(tmp_path / "clip.mp4", "video", tmp_path / "made", desk())["view"]
    assert view.path is None
    assert view.facts == {
        "way": "as-is", "why": "H.264 in MP4 plays everywhere", "duration_s": 4.0, "width_px": 320, "height_px": 180,
        "frame_count": 100, "frame_rate": "25/1", "even": True, "first_frame_s": 0.0,
    }  # fmt: skip
