"""A text as UTF-8, whichever of Unicode's forms its writer took (文本编码).

Source: Windows programs write UTF-16, with a mark in front or without. Shapes: a seekable file -> the same file, or one
in memory with its first FILE_BYTES_MAX as UTF-8. Units: bytes.
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from media.gps.contract import FILE_BYTES_MAX

SAMPLE_BYTES = 256
MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def as_utf8(file: BinaryIO) -> BinaryIO:
    """Return a file whose text can be read as UTF-8; what is no text of UTF-16 or UTF-32 is handed back as it is."""
    file.seek(0)
    encoding = _encoding(file.read(SAMPLE_BYTES))
    if encoding is None:
        return file
    file.seek(0)
    return BytesIO(file.read(FILE_BYTES_MAX).decode(encoding, "replace").encode("utf-8", "replace"))


def _encoding(head: bytes) -> str | None:
    """Return the encoding a text begins in: by its mark, or because every other byte of Latin letters is 0."""
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if marked is not None or len(head) < 4:
        return marked
    even, odd = head[0::2], head[1::2]
    for zeros, letters, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if 4 * zeros.count(0) > 3 * len(zeros) and 0 not in letters:
            return encoding
    return None
