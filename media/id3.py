"""What an MP3 file says about when it was recorded (ID3 时间).

Source: https://id3.org, ID3v2.2, 2.3 and 2.4 (frames of three or four letters; sizes of seven bits a byte; texts in
four encodings): TDRC, or TYER, TDAT and TIME, and TDEN and TDTG when it was made a file. Shapes: a seekable file -> at
most CLAIMS_MAX claims; only a tag at the beginning is read, TAG_BYTES_MAX of it. A year alone tells no time. Units:
none states a zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from catalog.evidence import TimeClaim
from media.boxes import BoundedFile
from media.capture_time import CHANGED, unzoned, utc_of_iso

HEAD = b"ID3"
CLAIMS_MAX = 3
TAG_BYTES_MAX = 256 * 1024
FRAMES_MAX = 200
TEXT_BYTES_MAX = 128
DAY_CHARS, MINUTE_CHARS, SECOND_CHARS = len("2026-03-11"), len("2026-03-11T09:36"), len("2026-03-11T09:36:21")
ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")
OLDER = {b"TYE": b"TYER", b"TDA": b"TDAT", b"TIM": b"TIME"}
"""Names of ID3v2.2."""
_HEAD_BYTES = 10
_HAS_EXTENDED = 0x40
_DAY_MONTH, _HOUR_MINUTE, _YEAR = re.compile(r"(\d\d)(\d\d)"), re.compile(r"(\d\d)(\d\d)"), re.compile(r"\d{4}")


def id3_claims(file: BinaryIO) -> tuple[TimeClaim, ...]:
    """Return what the file says; nothing if it has no such tag at its beginning. An OSError of it is passed on."""
    bounded = BoundedFile(file)
    head = bounded.read_at(0, _HEAD_BYTES)
    if not head.startswith(HEAD) or len(head) < _HEAD_BYTES or head[3] not in (2, 3, 4):
        return ()
    tag = bounded.read_at(_HEAD_BYTES, min(_seven_bits(head[6:]), TAG_BYTES_MAX))
    texts: dict[bytes, str] = {}
    for name, body in _frames(tag, head[3], extended=bool(head[5] & _HAS_EXTENDED)):
        texts.setdefault(name, _text(body))
    return tuple(_claims(texts))[:CLAIMS_MAX]


def _claims(texts: dict[bytes, str]) -> Iterator[TimeClaim]:
    if recorded := texts.get(b"TDRC") or _older(texts):
        yield from _claim("container", f"ID3 {recorded}", recorded)
    for name in (b"TDEN", b"TDTG"):
        if texts.get(name):
            yield from _claim(CHANGED, f"ID3 {name.decode()} {texts[name]}", texts[name])


def _older(texts: dict[bytes, str]) -> str:
    """Return year, day and time of three frames as one text; nothing where one of the first two is none."""
    year, day = _YEAR.fullmatch(texts.get(b"TYER", "")), _DAY_MONTH.fullmatch(texts.get(b"TDAT", ""))
    clock = _HOUR_MINUTE.fullmatch(texts.get(b"TIME", ""))
    if year is None or day is None:
        return ""
    return f"{year[0]}-{day[2]}-{day[1]}" + (f"T{clock[1]}:{clock[2]}" if clock else "")


def _claim(source: str, raw: str, text: str) -> Iterator[TimeClaim]:
    if len(text) < DAY_CHARS:
        return
    value = utc_of_iso(text[:SECOND_CHARS])
    yield unzoned(source, raw, value, is_day=len(text) < MINUTE_CHARS)


def _frames(tag: bytes, version: int, *, extended: bool) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and body of the frames, by the names of the newer versions."""
    name_bytes, size_bytes, flag_bytes = (3, 3, 0) if version == 2 else (4, 4, 2)
    at = 0
    if extended and version > 2:
        at = _seven_bits(tag[:4]) if version == 4 else 4 + int.from_bytes(tag[:4], "big")
    for _ in range(FRAMES_MAX):
        name, body = tag[at : at + name_bytes], tag[at + name_bytes : at + name_bytes + size_bytes]
        size = _seven_bits(body) if version == 4 else int.from_bytes(body, "big")
        at += name_bytes + size_bytes + flag_bytes
        if not name.strip(b"\0") or not size or at >= len(tag):
            return
        yield OLDER.get(name, name), tag[at : at + min(size, TEXT_BYTES_MAX)]
        at += size


def _text(body: bytes) -> str:
    """Return what a frame of text says: its encoding stands first; several texts are divided by NUL."""
    encoding = ENCODINGS[body[0]] if body[:1] and body[0] < len(ENCODINGS) else "latin-1"
    return body[1:].decode(encoding, "replace").split("\0")[0].strip("\0 ")


def _seven_bits(raw: bytes) -> int:
    """Return a number of seven bits a byte."""
    number = 0
    for byte in raw:
        number = number << 7 | byte & 0x7F
    return number
