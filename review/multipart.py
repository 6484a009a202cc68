"""A form with files, as it arrives (分段表单): its fields and files piece by piece, never whole in memory.

Source: RFC 7578, RFC 2046 5.1.1. Shapes: bytes in any pieces -> events in their order. What is no such form raises
`ValueError`; names of files are UTF-8, as browsers of today send them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BOUNDARY = re.compile(r'multipart/form-data;.*?boundary=(?:"([^"]{1,200})"|([^;,\s]{1,200}))', re.IGNORECASE)
NAMED = re.compile(rb'\bname="([^"]*)"', re.IGNORECASE)
FILED = re.compile(rb'\bfilename="([^"]*)"', re.IGNORECASE)
HEAD_BYTES_MAX = 8192
ESCAPES = {"%22": '"', "%0D": "", "%0A": ""}


@dataclass(frozen=True, slots=True)
class Begin:
    """A field, or with a `filename` a file, begins."""

    name: str
    filename: str | None


Event = Begin | bytes | None
"""What begins; a piece of it; None: it is whole."""


def boundary_of(content_type: str) -> bytes:
    """What parts the fields of a form; raises `ValueError`."""
    found = BOUNDARY.match(content_type)
    if found is None:
        raise ValueError("no multipart/form-data")
    return (found[1] or found[2]).encode("ascii")


class Parts:
    """A form that is fed with what arrives; it keeps a few kilobytes at most."""

    def __init__(self, boundary: bytes) -> None:
        self._mark, self._kept, self._inside, self.is_whole = b"\r\n--" + boundary, b"\r\n", False, False

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield what this piece brings; raises `ValueError`."""
        self._kept += data
        while not self.is_whole:
            at = self._kept.find(self._mark)
            if self._inside and (piece := self._kept[: at if at >= 0 else max(0, len(self._kept) - len(self._mark))]):
                yield piece
                self._kept = self._kept[len(piece) :]
                at = 0 if at >= 0 else -1
            if at < 0:
                self._kept = self._kept if self._inside else self._kept[-len(self._mark) :]
                return
            if self._inside:
                self._inside = False
                yield None
            rest = self._kept[at + len(self._mark) :]
            if len(rest) < len(b"--"):
                return
            if rest.startswith(b"--"):
                self.is_whole = True
                return
            head, found, body = rest.partition(b"\r\n\r\n")
            if not found:
                if len(rest) > HEAD_BYTES_MAX:
                    raise ValueError("the head of a part is too long")
                return
            self._kept, self._inside = body, True
            yield _begin(head)


def _begin(head: bytes) -> Begin:
    line = next((one for one in head.split(b"\r\n") if one.lower().startswith(b"content-disposition:")), b"")
    name, filename = NAMED.search(line), FILED.search(line)
    if name is None:
        raise ValueError("a part without a name")
    return Begin(_plain(name[1]), None if filename is None else _plain(filename[1]))


def _plain(text: bytes) -> str:
    said = text.decode("utf-8", "replace")
    for code, char in ESCAPES.items():
        said = said.replace(code, char)
    return said
