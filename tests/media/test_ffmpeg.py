from __future__ import annotations

import time
from pathlib import Path

import pytest

from media import ffmpeg
from media.errors import NotMedia, ToolMissing, ToolTooSlow
from media.ffmpeg import Tools
from tests.footage import clips


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "-clip 1.mp4"
    path.write_bytes(clips.mp4())
    return path


def script(folder: Path, text: str) -> str:
    path = folder / "tool"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_clip_is_described_and_decodes(clip: Path) -> None:
    answer = ffmpeg.described(clip, Tools())
    assert isinstance(answer, dict)
    assert len(answer["streams"]) == 2
    came = ffmpeg.decoded(clip, Tools(), from_s=1)
    assert (came.video, came.complaint) == (ffmpeg.CHECK_FRAMES, None)
    assert came.audio > 0


def test_a_tool_that_is_not_there(clip: Path) -> None:
    with pytest.raises(ToolMissing) as raised:
        ffmpeg.described(clip, Tools(ffprobe="/nowhere/ffprobe"))
    assert raised.value.facts == {"tool": "/nowhere/ffprobe"}


def test_a_tool_that_hangs_is_killed_with_its_children(clip: Path, tmp_path: Path) -> None:
    tool = script(tmp_path, "sleep 60 & sleep 60")
    begun = time.monotonic()
    with pytest.raises(ToolTooSlow):
        ffmpeg.described(clip, Tools(ffprobe=tool, timeout_s=0.3))
    assert time.monotonic() - begun < 30


def test_a_tool_that_closes_its_outputs_and_hangs_is_killed(clip: Path, tmp_path: Path) -> None:
    tool = script(tmp_path, "exec >&- 2>&-; sleep 60")
    with pytest.raises(ToolTooSlow):
        ffmpeg.described(clip, Tools(ffprobe=tool, timeout_s=0.3))


def test_endless_output_is_stopped(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(NotMedia, match="printed more than"):
        ffmpeg.described(clip, Tools(ffprobe=script(tmp_path, "exec yes")))


def test_endless_complaints_do_not_block(clip: Path, tmp_path: Path) -> None:
    tool = script(tmp_path, "yes complaint | head -c 3000000 >&2; exit 1")
    with pytest.raises(NotMedia, match="complaint") as raised:
        ffmpeg.described(clip, Tools(ffprobe=tool))
    assert raised.value.facts["why"] == "complaint"


def test_an_answer_that_is_no_json(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(NotMedia, match="no JSON"):
        ffmpeg.described(clip, Tools(ffprobe=script(tmp_path, "echo '{'")))


def test_a_child_is_nice_and_has_no_input(clip: Path, tmp_path: Path) -> None:
    tool = script(tmp_path, 'sleep 0.2; cat; echo "$(ps -o ni= -p $$)" >&2; exit 1')
    with pytest.raises(NotMedia) as raised:
        ffmpeg.described(clip, Tools(ffprobe=tool, niceness=7))
    assert raised.value.facts["why"] == "7"


@pytest.mark.parametrize(
    "playlist",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
    ],
    ids=["hls", "concat"],
)
def test_a_playlist_is_not_followed(tmp_path: Path, playlist: bytes) -> None:
    (tmp_path / "other.mp4").write_bytes(clips.mp4())
    path = tmp_path / "list.mp4"
    path.write_bytes(playlist)
    with pytest.raises(NotMedia):
        ffmpeg.described(path, Tools())


def test_a_complaint_is_the_same_every_time(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(clips.without_moov(clips.mp4()))
    whys = []
    for _ in range(2):
        with pytest.raises(NotMedia) as raised:
            ffmpeg.described(path, Tools())
        whys.append(raised.value.facts["why"])
    assert whys == ["moov atom not found"] * 2
