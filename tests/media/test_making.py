"""Files made by ffmpeg: how far it is is told, what is told can end it, and limits hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from media import ffmpeg
from media.errors import ToolFailed, ToolMissing, ToolTooSlow
from media.ffmpeg import Limits, Tools
from tests.fakes.waiting import until
from tests.footage.coded import coded

LIMITS = Limits(timeout_s=60, output_bytes_max=1 << 26)
SLOW = ("-re", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10")


class Enough(Exception):
    """Whoever is told has heard enough."""


def nobody(_: float) -> None:
    return


def children() -> list[str]:
    """The command lines of the ffmpegs this process has started and that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status, line = (entry / "status").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"PPid:\t{os.getpid()}\n" in status and b"ffmpeg" in line:
                found.append(line.decode())
    return found


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    told: list[float] = []
    argv = ["-readrate", "4", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10:duration=6", str(tmp_path / "out.avi")]
    ffmpeg.make(argv, Tools(), LIMITS, told.append)
    assert len(told) >= 3
    assert told == sorted(told)
    assert told[-1] == pytest.approx(6, abs=0.2)
    assert (tmp_path / "out.avi").stat().st_size > 0


def test_what_is_told_can_end_it_and_the_process_is_gone(tmp_path: Path) -> None:
    began = time.monotonic()

    def told(done_s: float) -> None:
        assert len(children()) == 1
        raise Enough

    with pytest.raises(Enough):
        ffmpeg.make([*SLOW, "-t", "60", str(tmp_path / "out.avi")], Tools(), LIMITS, told)
    assert children() == []
    assert time.monotonic() < began + 10


def test_it_is_told_while_ffmpeg_says_nothing(tmp_path: Path) -> None:
    """A file that never ends opening must not keep a worker from being told to end."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def told(done_s: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        ffmpeg.make(["-i", str(fifo), str(tmp_path / "out.avi")], Tools(), LIMITS, told)


def test_time_is_limited(tmp_path: Path) -> None:
    with pytest.raises(ToolTooSlow):
        ffmpeg.make([*SLOW, "-t", "60", str(tmp_path / "out.avi")], Tools(), Limits(1.0, 1 << 20), nobody)
    assert children() == []


def test_output_is_limited(tmp_path: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=20"]
    with pytest.raises(ToolFailed):
        ffmpeg.make([*source, "-c:v", "rawvideo", str(tmp_path / "out.avi")], Tools(), Limits(60, 1_000_000), nobody)
    assert (tmp_path / "out.avi").stat().st_size <= 1_000_000


def test_a_file_it_cannot_read_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "junk.mp4").write_bytes(b"junk" * 1000)
    with pytest.raises(ToolFailed, match=r"Invalid data|moov"):
        ffmpeg.make(["-i", f"file:{tmp_path}/junk.mp4", str(tmp_path / "out.mp4")], Tools(), LIMITS, nobody)


def test_a_tool_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="no-such-ffmpeg"):
        ffmpeg.make([], Tools(ffmpeg="no-such-ffmpeg"), LIMITS, nobody)


def test_it_lets_others_go_first(tmp_path: Path) -> None:
    niceness, target = list[int](), str(tmp_path / "o.avi")

    def told(_: float) -> None:
        niceness.extend(os.getpriority(os.PRIO_PROCESS, pid) for pid in running(target))
        raise Enough

    with pytest.raises(Enough):
        ffmpeg.make([*SLOW, "-t", "9", target], Tools(niceness=19), LIMITS, told)
    assert niceness == [19]


KILLED = """
import sys
from media import ffmpeg
from media.ffmpeg import Limits, Tools
source = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", "-t", "600", sys.argv[1]]
ffmpeg.make(source, Tools(), Limits(90, 1 << 26), lambda done_s: print(done_s, flush=True))
"""


def test_it_dies_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    target = str(tmp_path / "out.avi")
    with subprocess.Popen([sys.executable, "-c", KILLED, target], stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert len(running(target)) == 1
        worker.kill()
    until(lambda: not running(target), "its end")


def running(target: str) -> list[int]:
    """The ffmpegs that write this file."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"ffmpeg") and target.encode() in words:
                found.append(int(entry.name))
    return found


def test_pictures_are_counted(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(coded())
    assert ffmpeg.frames(tmp_path / "clip.mp4", Tools()) == 100
    assert "ffmpeg" in ffmpeg.version(Tools())
