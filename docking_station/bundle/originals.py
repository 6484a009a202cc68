"""Originals on their way into a bundle (原件副本): copied out of the vault, compared with their seals, read back.

A copy that an interrupted export left is hashed anew and kept if it is whole. Besides the digests of the seal SHA-512
is computed of each, as media hash lists ask for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from docking_station.bundle import shapes
from docking_station.bundle.facts import Item
from docking_station.station.errors import CopyDiffers
from docking_station.station.station import Station
from ingest.copying import Buffer, Read, both_digests, copy_hashing, sha256_of
from ingest.custody.verification import vault_reader


def originals(
    station: Station, items: tuple[Item, ...], folder: Path, progress: Callable[[int], None]
) -> list[shapes.Media]:
    """Every original, copied or found copied, with the digests of its seal; raises `CopyDiffers`."""
    folder.mkdir(parents=True, exist_ok=True)
    media = []
    for item in items:
        path = folder / item.name
        sha512 = _copied_before(item, path, progress)
        if sha512 is None:
            sha512 = _copy(station, item, path, progress)
        media.append(shapes.Media(item.name, item.size_bytes, sha512))
    return media


def _copied_before(item: Item, path: Path, progress: Callable[[int], None]) -> bytes | None:
    """The SHA-512 of a copy an interrupted export left, if it is whole."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    sha512 = hashlib.sha512()
    with open(fd, "rb") as file:
        if os.fstat(fd).st_size != item.size_bytes:
            return None
        digest, _ = both_digests(_tee(vault_reader(file), sha512), item.size_bytes, progress)
        os.fsync(fd)  # whoever wrote it may have been stopped before that
    sealed = item.manifest
    return sha512.digest() if (digest.sha256, digest.sm3) == (sealed.sha256, sealed.sm3) else None


def _copy(station: Station, item: Item, path: Path, progress: Callable[[int], None]) -> bytes:
    """Copy out of the vault, compare with the seal, read back; the SHA-512."""
    sha512, sealed = hashlib.sha512(), item.manifest
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        with station.vault.open(sealed.original_key) as file:
            digest, _ = copy_hashing(_tee(vault_reader(file), sha512), fd, item.size_bytes, progress)
        os.fsync(fd)
        read_back = sha256_of(fd)
    finally:
        os.close(fd)
    for found, wanted in (
        (digest.sha256, sealed.sha256),
        (read_back, sealed.sha256),
        (digest.sm3, sealed.sm3),
    ):
        if found != wanted:
            path.unlink()
            raise CopyDiffers(clip=item.clip, path=sealed.path, expected=wanted, found=found)
    return sha512.digest()


def _tee(read: Read, sha512: hashlib._Hash) -> Read:
    """Give a reader's bytes and compute SHA-512 over them: media hash lists ask for it."""

    def reading(buffer: Buffer) -> int:
        size = read(buffer)
        with memoryview(buffer)[:size] as view:
            sha512.update(view)
        return size

    return reading
