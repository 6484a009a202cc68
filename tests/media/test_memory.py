"""What inflates without end takes a bounded amount of memory: in a photograph, in a film, in its looks."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from media.ffmpeg import LOOK_MEMORY_BYTES_MAX

TEXT_BYTES = 420 * 1024 * 1024
LOOK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from media.ffmpeg import Tools
from media.look import look

path = Path(sys.argv[1])
found = look(path, path.name, tools=Tools(), zone=UTC, mtime_ns=0, docked_at=datetime.now(UTC))
own = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]  # its ru_maxrss may be the tests' own
print(found.media.playable, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, own)
"""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(kind: bytes, head: bytes) -> bytes:
    """Return a small picture with a chunk that inflates to TEXT_BYTES, some 400 KB as it stands there."""
    inflating = zlib.compressobj(9)
    piece = bytes(1024 * 1024)
    text = b"".join([inflating.compress(piece) for _ in range(TEXT_BYTES // len(piece))]) + inflating.flush()
    begins = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + begins
        + chunk(kind, head + text)
        + chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "head", "playable"),
    [
        (b"zTXt", b"Comment\0\0", "True"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0", "True"),
        (b"iCCP", b"colours\0\0", "None"),  # without the profile ffmpeg shows nothing
    ],
)
def test_compressed_text_in_a_png(tmp_path: Path, kind: bytes, head: bytes, playable: str) -> None:
    path = tmp_path / "A.PNG"
    path.write_bytes(png(kind, head))
    assert path.stat().st_size < 1024 * 1024
    told = subprocess.run(
        [sys.executable, "-c", LOOK, str(path)], capture_output=True, check=True, text=True, timeout=300
    ).stdout.split()
    assert told[0] == playable
    assert all(int(kilobytes) * 1024 < LOOK_MEMORY_BYTES_MAX for kilobytes in told[1:])
