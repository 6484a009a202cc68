"""The only door to ffprobe and ffmpeg: what is in a file, whether it plays, what its subtitles say, files made of it.

Sources: ffprobe(1), ffmpeg(1), tried with 5.1. Every child gets a time limit, an output limit, low priority, no
standard input, no network and no playlist (a playlist names other files), and dies with its whole process group.
Units: seconds. Shapes: one path -> ffprobe's JSON, counts of what decodes, or subtitle text; a command -> its files.
"""

from __future__ import annotations

import json
import os
import re
import resource
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from media.errors import NotMedia, ToolFailed, ToolMissing, ToolTooSlow

STDOUT_BYTES_MAX = 4 * 1024 * 1024
STDERR_BYTES_KEPT = 4 * 1024
READ_BYTES = 64 * 1024
ALLOC_BYTES_MAX = 512 * 1024 * 1024
LOOK_MEMORY_BYTES_MAX = 512 * 1024 * 1024
"""What looking at a file may take: some 300 MB for 4K in ten bits, 370 MB for a photograph of 108 megapixels.

`-max_alloc` bounds one piece of memory, and none that grows: 400 KB of compressed text in a PNG become 870 MB.
"""
OUT_OF_MEMORY = "Cannot allocate memory"
WHY_CHARS_MAX = 200
CHECK_S = 1
CHECK_FRAMES = 5
SUBTITLES_S_MAX = 24 * 3600
PROGRESS_S = 0.5
LINE_BYTES_MAX = 4 * 1024

DEMUXERS = (
    "mov,matroska,avi,flv,asf,mpegts,mpeg,mpegvideo,h264,hevc,dhav,dv,mxf,ogg,wav,w64,mp3,aac,amr,flac,aiff,"
    "image2,jpeg_pipe,png_pipe,bmp_pipe,gif,webp_pipe,tiff_pipe"
)
"""The formats that may be opened: none of them can name another file or host."""

_ADDRESS = re.compile(r"\[[^\]@]+ @ 0x[0-9a-f]+\] ?")
_MEDIA_TYPE = re.compile(rb"^#media_type (\d+): (\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tools:
    """Which programs to run, as a name on the PATH or a path, and how much time and memory one of them may take."""

    ffprobe: str = "ffprobe"
    ffmpeg: str = "ffmpeg"
    timeout_s: float = 30.0
    niceness: int = 10
    memory_bytes_max: int = LOOK_MEMORY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Limits:
    """How long making a file may take, and how much may be written."""

    timeout_s: float
    output_bytes_max: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came of decoding a little: pictures, pieces of sound, and the decoder's first complaint."""

    video: int
    audio: int
    complaint: str | None


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program came to, and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes

    def complaint(self, path: Path) -> str | None:
        """Return the first line kept of stderr, without addresses and paths, which differ from run to run."""
        return self.first_line(f"file:{path}")

    def first_line(self, name: str = "file:") -> str | None:
        """Return the first line kept of stderr, without addresses; `name` is what the file is called in it."""
        kept = self.stderr if len(self.stderr) < STDERR_BYTES_KEPT else self.stderr.partition(b"\n")[2]
        text = kept.decode("utf-8", "replace").replace(name, "the file")
        lines = [line.strip() for line in _ADDRESS.sub("", text).splitlines() if line.strip()]
        return lines[0][:WHY_CHARS_MAX] if lines else None


def described(path: Path, tools: Tools) -> object:
    """Return what ffprobe prints about the file, as parsed JSON; NotMedia if it cannot read it."""
    run = run_tool(
        [tools.ffprobe, *_OPENING, "-print_format", "json", "-show_format", "-show_streams", _url(path)], tools
    )
    if run.status != 0:
        raise NotMedia(why=run.complaint(path) or f"ffprobe ended with status {run.status}")
    try:
        answer: object = json.loads(run.stdout)
    except (ValueError, RecursionError) as error:
        raise NotMedia(why="ffprobe's answer is no JSON") from error
    return answer


def decoded(path: Path, tools: Tools, *, from_s: float = 0.0) -> Decoded:
    """Decode about a second from `from_s` on and tell how much came out."""
    seek = ["-ss", f"{from_s:.3f}"] if from_s > 0 else []
    reading = ["-filter_threads", "1", "-threads", "1", *seek, "-t", str(CHECK_S), "-i", _url(path)]
    wanted = ["-map", "0:V:0?", "-map", "0:a:0?", "-frames:v", str(CHECK_FRAMES), "-f", "framecrc", "-"]
    run = run_tool([tools.ffmpeg, "-nostdin", *_OPENING, *reading, *wanted], tools)
    kinds: dict[bytes, bytes] = dict(_MEDIA_TYPE.findall(run.stdout))
    came = Counter(kinds.get(line.partition(b",")[0]) for line in run.stdout.splitlines())
    return Decoded(came[b"video"], came[b"audio"], run.complaint(path))


def subtitles(path: Path, tools: Tools) -> bytes:
    """Return the text of the first subtitle stream in SubRip form; nothing if there is none that is text."""
    reading = ["-t", str(SUBTITLES_S_MAX), "-i", _url(path), "-map", "0:s:0", "-f", "srt", "-"]
    return run_tool([tools.ffmpeg, "-nostdin", *_OPENING, *reading], tools).stdout


def make(
    argv: Sequence[str],
    tools: Tools,
    limits: Limits,
    progress: Callable[[float], None],
    feed: Iterable[bytes] | None = None,
) -> None:
    """Run ffmpeg with these arguments to its end; what it writes is named in them, `feed` is its standard input.

    `progress` is called twice a second with the seconds of footage done so far; what it raises kills ffmpeg and is
    passed on: so work is cancelled. Raises ToolMissing, ToolTooSlow; ToolFailed with ffmpeg's first complaint.
    """
    line = [tools.ffmpeg, "-nostdin", "-y", *_MAKING, *argv]
    if shutil.which(tools.ffmpeg):
        line = [*(part for confining in _CONFINED if shutil.which(confining[0]) for part in confining), *line]
    timed = replace(tools, timeout_s=limits.timeout_s)
    run = run_tool(line, timed, _Progress(progress), limits.output_bytes_max, feed)
    if run.status != 0:
        why = run.first_line() or f"ffmpeg ended with status {run.status}"
        if run.status == -signal.SIGXFSZ:
            why = f"it wrote more than {limits.output_bytes_max} bytes"
        raise ToolFailed(tool=tools.ffmpeg, why=why)


def frames(path: Path, tools: Tools) -> int:
    """Return how many pictures of a file can be decoded; it is decoded whole."""
    asked = ["-count_frames", "-select_streams", "V:0", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0"]
    run = run_tool([tools.ffprobe, *_OPENING, *asked, _url(path)], tools)
    text = run.stdout.split(b"\n")[0].strip(b", \r")
    return int(text) if text.isdigit() else 0


def version(tools: Tools) -> str:
    """Return what ffmpeg calls itself."""
    run = run_tool([tools.ffmpeg, "-nostdin", "-version"], tools)
    return run.stdout.partition(b"\n")[0].decode("utf-8", "replace")[:WHY_CHARS_MAX].partition(" Copyright")[0]


_MAKING = (
    "-v", "error", "-nostats", "-stats_period", str(PROGRESS_S), "-progress", "pipe:1",
    "-max_alloc", str(ALLOC_BYTES_MAX),
)  # fmt: skip
_CONFINED = (("setpriv", "--no-new-privs", "--pdeathsig", "KILL"), ("ionice", "-c", "3"))
"""Where the system has them: no rights can be won, ffmpeg dies with its worker, and the disk is others' first."""
READING = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
"""What every input of `make` must say: nothing but this file is opened."""


class _Progress:
    """Hears what `-progress` prints, line by line, and keeps none of it."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self._rest = b""
        self._done_s = 0.0

    def __call__(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk)[-LINE_BYTES_MAX:].split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"out_time_us" and value.strip().isdigit():
                self._done_s = int(value) / 1e6
        self._progress(self._done_s)


_OPENING = (
    "-v", "error", "-max_alloc", str(ALLOC_BYTES_MAX), "-protocol_whitelist", "file", "-format_whitelist", DEMUXERS,
)  # fmt: skip


def _url(path: Path) -> str:
    """Return the path so that neither a leading dash nor a colon in it means anything to the tool."""
    return f"file:{path}"


def run_tool(
    argv: Sequence[str],
    tools: Tools,
    hear: Callable[[bytes], None] | None = None,
    file_bytes_max: int | None = None,
    feed: Iterable[bytes] | None = None,
) -> Ran:
    """Run one tool to its end; ToolMissing, ToolTooSlow, or NotMedia if it prints without end.

    With `hear` what it prints is not kept but handed over, or an empty piece when it printed nothing for a while.
    With `feed` that is its standard input, of which it reads as much as it wants.
    """
    tool = shutil.which(argv[0])
    if tool is None:
        raise ToolMissing(tool=argv[0])
    try:
        child = subprocess.Popen(
            [tool, *argv[1:]],
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissing(tool=argv[0]) from error
    feeder = threading.Thread(target=_fed, args=(child.stdin, feed), daemon=True)
    with child:
        if feed is not None:
            feeder.start()
        with suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PGRP, child.pid, tools.niceness)
            resource.prlimit(child.pid, resource.RLIMIT_CORE, (0, 0))
            if hear is None:  # a look, and no making
                resource.prlimit(child.pid, resource.RLIMIT_DATA, (tools.memory_bytes_max,) * 2)
            if file_bytes_max is not None:
                resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))
        try:
            return _heard(child, argv[0], tools.timeout_s, hear)
        finally:
            if child.returncode is None:  # once it is reaped its number may be another's
                os.killpg(child.pid, signal.SIGKILL)
            if feed is not None:
                feeder.join()


def _fed(pipe: IO[bytes], pieces: Iterable[bytes]) -> None:
    """Write until a child has ended, or wants no more."""
    with suppress(OSError), pipe:
        for piece in pieces:
            pipe.write(piece)


def _heard(child: subprocess.Popen[bytes], tool: str, timeout_s: float, hear: Callable[[bytes], None] | None) -> Ran:
    """Read both pipes as they fill, so that neither blocks the child, until both close or a limit is met."""
    deadline = time.monotonic() + timeout_s
    said: dict[IO[bytes] | None, bytearray] = {child.stdout: bytearray(), child.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for pipe in (child.stdout, child.stderr):
            assert pipe is not None
            selector.register(pipe, selectors.EVENT_READ, pipe)
        while selector.get_map():
            left_s = max(0.0, deadline - time.monotonic())
            ready = selector.select(left_s if hear is None else min(left_s, PROGRESS_S))
            if not ready and (hear is None or left_s == 0.0):
                raise ToolTooSlow(tool=tool, seconds=timeout_s)
            for key, _ in ready:
                chunk = os.read(key.fd, READ_BYTES)
                if not chunk:
                    selector.unregister(key.fileobj)
                if hear is None or key.data is not child.stdout:
                    said[key.data] += chunk
                else:
                    hear(chunk)
            if not ready and hear is not None:
                hear(b"")
            if len(said[child.stdout]) > STDOUT_BYTES_MAX:
                raise NotMedia(why=f"{tool} printed more than {STDOUT_BYTES_MAX} bytes about it")
            del said[child.stderr][:-STDERR_BYTES_KEPT]
    try:
        status = child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise ToolTooSlow(tool=tool, seconds=timeout_s) from error
    return Ran(status, bytes(said[child.stdout]), bytes(said[child.stderr]))
