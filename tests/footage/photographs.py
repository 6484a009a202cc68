"""Photographs as tests need them: HEIC with items of EXIF and XMP, and JPEG with given segments."""

from __future__ import annotations

import struct


def box(kind: bytes, body: bytes) -> bytes:
    """Return a box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def heic(tiff: bytes = b"", xmp: bytes = b"", *, iloc_version: int = 1, in_idat: bool = False, ahead: int = 6) -> bytes:
    """Return a HEIC with no picture in it, its items in `mdat` or in `idat`.

    `ahead` is how many bytes stand before the TIFF structure within its item, as the item itself tells.
    """
    exif_item = struct.pack(">I", ahead) + b"Exif\0\0".ljust(ahead, b"\0")[:ahead] + tiff
    contents = [(b"Exif", exif_item)] * bool(tiff) + [(b"mime", xmp)] * bool(xmp)
    count_form = ">H" if iloc_version < 2 else ">I"
    infe = b"".join(
        box(b"infe", b"\2\0\0\0" + struct.pack(">HH4s", number, 0, kind) + b"name\0application/rdf+xml\0")
        for number, (kind, _) in enumerate(contents, 1)
    )
    iinf = box(b"iinf", b"\0\0\0\0" + struct.pack(">H", len(contents)) + infe)
    ftyp = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    held = b"".join(data for _, data in contents)

    def meta(base: int) -> bytes:
        places, at = b"", base
        for number, (_, data) in enumerate(contents, 1):
            places += struct.pack(count_form, number)
            places += struct.pack(">H", 1 if in_idat else 0) if iloc_version else b""
            places += struct.pack(">HH", 0, 1) + struct.pack(">II", at, len(data))
            at += len(data)
        iloc = bytes([iloc_version, 0, 0, 0, 0x44, 0x00]) + struct.pack(count_form, len(contents)) + places
        inside = box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + iinf + box(b"iloc", iloc)
        return box(b"meta", b"\0\0\0\0" + inside + (box(b"idat", held) if in_idat else b""))

    if in_idat:
        return ftyp + meta(0)
    return ftyp + meta(len(ftyp) + len(meta(0)) + 8) + box(b"mdat", held)


def jpeg(*segments: tuple[int, bytes], picture_bytes: int = 0, fill: bytes = b"") -> bytes:
    """Return a JPEG of these segments, each a marker and a body; its picture is none."""
    told = b"".join(fill + bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body for marker, body in segments)
    return b"\xff\xd8" + told + b"\xff\xda\x00\x02" + bytes(picture_bytes) + b"\xff\xd9"
