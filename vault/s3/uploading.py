"""Bytes on their way into a bucket: whole when small, else in parts, several at once, begun again where they broke off.

Source: S3 multipart uploads. The size of a part follows from the size of the file alone, so that a second try cuts
the same parts and finds those that came before: size and digest (SHA-256 where the server tells it, else MD5) must fit.
Units: at most `WORKERS + 1` parts are in memory. The file is read once, in order; its digest must be the one given
before the parts are joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from vault.errors import CopyDiffers, VaultDenied, VaultUnreachable
from vault.s3.bucket import VANISHED, Bucket, checksum
from vault.s3.responses import Lock, Part
from vault.s3.wire import Refused

MEBIBYTE = 1 << 20
PART_BYTES = 8 * MEBIBYTE
PARTS_MAX = 9_000
"""S3 allows 10,000."""
WORKERS = 3
"""Parts on their way at once: more only stand in each other's way where the server shares the processors."""
IN_MEMORY_BYTES = 128 * MEBIBYTE
"""What the parts on their way and the one being read may take together."""
BEGINNINGS = 3
"""How often an upload that vanished is begun again."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is to be put: the file, its size, the digest it must have."""

    path: Path
    size_bytes: int
    sha256: str

    @property
    def part_bytes(self) -> int:
        """How it is cut."""
        needed = -(-self.size_bytes // PARTS_MAX)
        return max(PART_BYTES, -(-needed // MEBIBYTE) * MEBIBYTE)

    @property
    def workers(self) -> int:
        """How many parts are on their way at once: fewer where parts are large, for each is in memory."""
        return max(1, min(WORKERS, IN_MEMORY_BYTES // self.part_bytes - 1))


class Uploader:
    """Puts objects into one bucket. What a lost answer meant is found out by looking, never guessed."""

    def __init__(self, bucket: Bucket, known: frozenset[str] = frozenset()) -> None:
        """`known` are versions that stood there before and do not count."""
        self._bucket, self._known = bucket, known
        self._patience = bucket.wire.patience

    def put_file(self, name: str, copy: Copy, lock: Lock) -> None:
        """Put a file that is not there yet; raises `CopyDiffers` and puts nothing where it is not what was hashed."""
        if copy.size_bytes > copy.part_bytes:
            self._put_parts(name, copy, lock)
            return
        body = copy.path.read_bytes()
        demand_digest(copy, hashlib.sha256(body).hexdigest())
        self.put_body(name, body, lock)

    def put_body(self, name: str, body: bytes, lock: Lock) -> None:
        """Put what is in memory."""
        self._until_it_stands(name, lambda: self._bucket.put(name, body, lock))

    def stands(self, name: str) -> bool:
        """Whether anything stands under this name."""
        return any(
            not version.is_marker and version.version not in self._known for version in self._bucket.history(name)
        )

    # ------------------------------------------------------------------ inside

    def _until_it_stands(self, name: str, put: Callable[[], None]) -> None:
        """Try, and after every try that was not answered look whether it was done."""
        for tried in range(1, self._patience.tries + 1):
            try:
                put()
            except VaultUnreachable:
                # Never sent again blindly: the lost answer may have been a yes, and a second version under a lock stays
                # for years. The pause comes first, for the server may still be at it.
                self._bucket.wire.pause(tried)
                if self.stands(name):
                    return
                if tried == self._patience.tries:
                    raise
            else:
                return

    def _put_parts(self, name: str, copy: Copy, lock: Lock) -> None:
        for _ in range(BEGINNINGS):
            upload, held = self._begun(name, lock)
            try:
                parts = self._sent(name, upload, copy, held)
                self._until_it_stands(name, partial(self._bucket.complete, name, upload, parts))
            except CopyDiffers:
                self._bucket.abort(name, upload)
                raise
            except Refused as error:
                if error.code not in VANISHED:
                    raise
                if self.stands(name):
                    break
                self._bucket.abort(name, upload)
            else:
                break
        else:
            raise VaultUnreachable(reason=f"the upload of {name} vanished {BEGINNINGS} times")
        with suppress(VaultUnreachable, VaultDenied):  # what stays is swept later
            for left in self._unfinished(name):
                self._bucket.abort(name, left)

    def _begun(self, name: str, lock: Lock) -> tuple[str, Mapping[int, Part]]:
        """The upload to go on with, and the parts it holds."""
        for upload in self._unfinished(name):
            try:
                return upload, {part.number: part for part in self._bucket.parts(name, upload)}
            except Refused:
                continue
        return self._bucket.begin(name, lock), {}

    def _unfinished(self, name: str) -> list[str]:
        """Uploads of this very object, the newest first."""
        found = [upload for upload in self._bucket.uploads(name) if upload.name == name]
        return [upload.upload for upload in sorted(found, key=lambda one: one.begun_at, reverse=True)]

    def _sent(self, name: str, upload: str, copy: Copy, held: Mapping[int, Part]) -> tuple[Part, ...]:
        """Send what the server lacks; the parts in order."""
        whole, done, running = hashlib.sha256(), list[Part](), set[Future[Part]]()
        workers = copy.workers
        with copy.path.open("rb") as file, ThreadPoolExecutor(workers) as pool:
            try:
                for number, body in enumerate(cut(file, copy.part_bytes), start=1):
                    running.add(pool.submit(_sure, self._bucket, name, upload, number, body, held.get(number)))
                    whole.update(body)
                    # From here on the pool alone keeps it: else one part more than was counted would be in memory.
                    del body
                    if len(running) > workers:  # whichever is done first makes room: a slow one holds up nobody
                        ended, running = wait(running, return_when=FIRST_COMPLETED)
                        done.extend(one.result() for one in ended)
                done.extend(one.result() for one in as_completed(running))
            except BaseException:
                for one in running:
                    one.cancel()
                raise
        # Before the parts are joined: what is joined is locked, and the wrong bytes would stand there for years.
        demand_digest(copy, whole.hexdigest())
        return tuple(sorted(done, key=lambda part: part.number))


def _sure(bucket: Bucket, name: str, upload: str, number: int, body: bytes, held: Part | None) -> Part:
    """The part as the server holds it: as it came before, or sent now."""
    if held is not None and fits(held, body):
        return replace(held, sha256=held.sha256 or checksum(body))
    return bucket.put_part(name, upload, number, body)


def fits(held: Part, body: bytes) -> bool:
    """Whether a part the server holds is these bytes."""
    if held.size_bytes != len(body):
        return False
    if held.sha256 is not None:
        return held.sha256 == checksum(body)
    return held.etag == hashlib.md5(body, usedforsecurity=False).hexdigest()


def cut(file: BinaryIO, part_bytes: int) -> Iterator[bytes]:
    """The file in parts, in order."""
    while body := file.read(part_bytes):
        yield body


def demand_digest(copy: Copy, found: str) -> None:
    """Raise `CopyDiffers` unless that is the copy's digest."""
    if found != copy.sha256:
        raise CopyDiffers(path=copy.path, expected=copy.sha256, found=found)
