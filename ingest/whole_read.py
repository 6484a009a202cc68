"""A file on a card read in full (全文读取): what it holds now, past the system's memory of it where that can be.

A known file is recognised by path, size, modify time and its first and last bytes. That is quick, and says nothing of
the middle; only this does.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace

from catalog.evidence import OTHER_BYTES, Digest, SourceFile, SpooledFile
from ingest.contract import CardReader
from ingest.copying import BUFFER_BYTES, Buffer, both_digests, forget_cached, past_the_cache
from ingest.errors import SourceChanged
from ingest.journal import Journal

DIGITS = 16
"""So much of its digest tells one content from others that stand, or stood, under the same name."""


def other_bytes(
    source: SourceFile, card: CardReader, journal: Journal, at: str, tell: Callable[[int], None]
) -> SourceFile | None:
    """Read a known file; None if it has the bytes that were filed, else the file as one of its own.

    Raises `SourceChanged` and what `tell` and the card raise. That it was read is noted.
    """
    with card.open(source) as descriptor:
        found = digests_now(source, descriptor, card, tell)
        changed = card.still(source, descriptor)
    if changed is not None:
        raise SourceChanged(path=source.shown, what=changed)
    journal.note_read_whole(source.key, at)
    filed = journal.recall(source.key, SpooledFile)
    if filed is not None and filed.digest == found:
        return None
    return replace(source, edges=f"{source.edges}{OTHER_BYTES}{found.sha256[:DIGITS]}", belongs_to=None, beside=())


def digests_now(source: SourceFile, descriptor: int, card: CardReader, tell: Callable[[int], None]) -> Digest:
    """Both digests of a file, as the card gives them now, not as memory remembers them."""
    offset = 0

    def read(buffer: Buffer) -> int:
        nonlocal offset
        size = _filled(descriptor, buffer)
        offset += size
        # A file that grows while it is read must come to an end: one byte more than announced tells.
        return min(size, max(0, source.size_bytes + 1 - (offset - size)))

    forget_cached(descriptor)
    try:
        if source.size_bytes >= BUFFER_BYTES:
            past_the_cache(descriptor, True)
        return both_digests(read, source.size_bytes, tell)[0]
    except OSError as error:
        raise card.failed(source, offset, error) from error


def _filled(descriptor: int, buffer: Buffer) -> int:
    try:
        return os.readv(descriptor, [buffer])
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        past_the_cache(descriptor, False)  # not every file system reads the end of a file past the cache
        return os.readv(descriptor, [buffer])
