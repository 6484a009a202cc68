"""Small clips as recorders code them (H.264, H.265, with sound), and the ways they lose their index.

Needs ffmpeg with libx264 and libx265. Shapes: bytes out; a clip is `ftyp`, `free`, `mdat`, `moov`. Units: seconds.
"""

from __future__ import annotations

import io

from media.boxes import BoundedFile, Box, boxes
from media.mp4 import read_movie
from media.mp4_samples import sample_places
from tests.footage.clips import made

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=r=16000:a=0.1:seed=1")
AVC = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-threads", "1")
HEVC = (
    *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    *("-x265-params", "log-level=none:keyint=25:bframes=0:pools=1:frame-threads=1"),
)
AAC, PCM = ("-c:a", "aac", "-b:a", "48k"), ("-c:a", "pcm_s16be")


def coded(extension: str = "mp4", seconds: float = 4, *options: str) -> bytes:
    """Return a clip with picture and sound; without options H.264 and AAC."""
    return made(extension, seconds, *PICTURE, *SOUND, *(options or (*AVC, *AAC)))


def silent(seconds: float = 2, *options: str) -> bytes:
    """Return a clip without sound."""
    return made("mp4", seconds, *PICTURE, *(options or AVC))


def top(clip: bytes) -> list[Box]:
    """The boxes of a clip that are in no other."""
    return list(boxes(BoundedFile(io.BytesIO(clip)), 0, len(clip)))


def content(clip: bytes) -> Box:
    """Its mdat."""
    return next(box for box in top(clip) if box.kind == b"mdat")


def cut_off(clip: bytes, share: float = 1.0, *, told: bool = True) -> bytes:
    """Return what is on the card when the power goes at this share of the footage: no index, and the last picture cut.

    `told` says whether mdat's length is what it would have been in the end, or still 0.
    """
    mdat = content(clip)
    kept = bytearray(clip[: mdat.start + int(mdat.size_bytes * share)])
    if not told:
        kept[mdat.start - 8 : mdat.start - 4] = bytes(4)
    return bytes(kept)


def pictures(clip: bytes, size_bytes: int | None = None) -> list[tuple[int, int]]:
    """Where the pictures of a whole clip lie, and how long they are: those that end before `size_bytes`."""
    file = io.BytesIO(clip)
    movie = read_movie(file)
    assert movie is not None
    track = next(track for track in movie.tracks if track.handler == "vide")
    places = [(at, size) for at, size, _ in sample_places(BoundedFile(file), track)]
    return [(at, size) for at, size in places if size_bytes is None or at + size <= size_bytes]
