"""What other tools read of a bundle: BagIt 1.0 (RFC 8493) and ASC MHL 2.0 (American Society of Cinematographers).

Shapes: a BagIt manifest line is digest, two spaces, path; an MHL lists paths with C4 identifiers, which are SHA-512 in
base 58 (SMPTE ST 2114), and its chain file holds the C4 of the MHL itself. Times are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
C4_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
C4_CHARS = 88


@dataclass(frozen=True, slots=True)
class Media:
    """An original as the media hash list tells of it."""

    name: str
    size_bytes: int
    sha512: bytes


@dataclass(frozen=True, slots=True)
class BagInfo:
    """What a bag tells of itself: `size_bytes` and `files` of its payload."""

    station: str
    name: str
    at: datetime
    size_bytes: int
    files: int
    about: str


def bag_info(bag: BagInfo) -> bytes:
    """`bag-info.txt`; a line break in a value would begin another field."""
    fields = {
        "Source-Organization": bag.station,
        "External-Identifier": bag.name,
        "External-Description": bag.about,
        "Bagging-Date": f"{bag.at:%Y-%m-%d}",
        "Payload-Oxum": f"{bag.size_bytes}.{bag.files}",
        "Bag-Software-Agent": "evidock",
    }
    return "".join(f"{key}: {' '.join(value.split())}\n" for key, value in fields.items()).encode()


def bag_manifest(digests: Mapping[str, str]) -> bytes:
    """A manifest: `sha256sum -c` reads it too."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(digests.items())).encode()


def c4(sha512: bytes) -> str:
    """The C4 identifier of a SHA-512 digest."""
    number, text = int.from_bytes(sha512, "big"), ""
    while number:
        number, digit = divmod(number, len(C4_DIGITS))
        text = C4_DIGITS[digit] + text
    return "c4" + text.rjust(C4_CHARS, C4_DIGITS[0])


def media_hash_list(files: Iterable[Media], at: datetime, station: str) -> bytes:
    """The first generation: every original as it was exported."""
    moment = at.isoformat(timespec="seconds")
    hashes = "".join(
        f'    <hash>\n      <path size="{file.size_bytes}">{escape(file.name)}</path>\n'
        f'      <c4 action="original" hashdate="{moment}">{c4(file.sha512)}</c4>\n    </hash>\n'
        for file in files
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n'
        f"  <creatorinfo>\n    <creationdate>{moment}</creationdate>\n    <hostname>{escape(station)}</hostname>\n"
        '    <tool version="1">evidock</tool>\n  </creatorinfo>\n'
        "  <processinfo>\n    <process>transfer</process>\n    <ignore>\n      <pattern>.DS_Store</pattern>\n"
        "      <pattern>ascmhl</pattern>\n      <pattern>ascmhl/</pattern>\n    </ignore>\n  </processinfo>\n"
        f"  <hashes>\n{hashes}  </hashes>\n</hashlist>\n"
    ).encode()


def media_hash_chain(name: str, body: bytes) -> bytes:
    """The chain file over one generation."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n'
        f'  <hashlist sequencenr="1">\n    <path>{escape(name)}</path>\n'
        f"    <c4>{c4(hashlib.sha512(body).digest())}</c4>\n  </hashlist>\n</ascmhldirectory>\n"
    ).encode()
