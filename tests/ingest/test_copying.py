"""Both digests and the copy from one read, whatever the size and however the reads fall."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.copying import BUFFER_BYTES, both_digests, copy_hashing, sha256_of


def sm3(body: bytes) -> str:
    """As openssl says."""
    done = subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=body, capture_output=True, check=True)
    return done.stdout.split()[0].decode()


def copied(body: bytes, target: Path, step: int = BUFFER_BYTES) -> tuple[str, str, int, list[int]]:
    stream, told = io.BytesIO(body), list[int]()

    def read(buffer: bytearray) -> int:
        return stream.readinto(memoryview(buffer)[:step])

    fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        digest, size_bytes = copy_hashing(read, fd, len(body), told.append)
        assert sha256_of(fd) == digest.sha256
    finally:
        os.close(fd)
    return digest.sha256, digest.sm3, size_bytes, told


@pytest.mark.parametrize("size_bytes", [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, BUFFER_BYTES + 1, 9 * BUFFER_BYTES + 5])
def test_copy_and_digests_are_exact(tmp_path: Path, size_bytes: int) -> None:
    body = os.urandom(size_bytes)
    sha256, sm3_found, size_found, told = copied(body, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == body
    assert (sha256, size_found, sum(told)) == (hashlib.sha256(body).hexdigest(), size_bytes, size_bytes)
    assert sm3_found == sm3(body)


@given(st.binary(max_size=300), st.integers(1, 40))
def test_short_reads_change_nothing(tmp_path_factory: pytest.TempPathFactory, body: bytes, step: int) -> None:
    target = tmp_path_factory.getbasetemp() / "short"
    assert copied(body, target, step)[0] == hashlib.sha256(body).hexdigest()
    assert target.read_bytes() == body


def test_digests_alone_are_the_same(tmp_path: Path) -> None:
    body = os.urandom(3 * BUFFER_BYTES + 7)
    stream = io.BytesIO(body)
    digest, size_bytes = both_digests(stream.readinto, len(body), lambda _: None)
    assert (digest.sha256, digest.sm3, size_bytes) == (*copied(body, tmp_path / "copy")[:2], len(body))


def test_an_error_comes_through_and_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = threading.active_count()

    def read(_: bytearray) -> int:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        both_digests(read, 10 * BUFFER_BYTES, lambda _: None)
    assert threading.active_count() == before
