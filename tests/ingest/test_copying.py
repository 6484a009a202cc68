"""Both digests and the copy from one read, whatever the size and however the reads fall."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.copying import BUFFER_BYTES, Buffer, both_digests, copy_hashing, past_the_cache, sha256_of


def sm3(body: bytes) -> str:
    """As openssl says."""
    done = subprocess.run(["openssl", "dgst", "-sm3", "-r"], input=body, capture_output=True, check=True)
    return done.stdout.split()[0].decode()


def copied(body: bytes, target: Path, step: int = BUFFER_BYTES) -> tuple[str, str, int, list[int]]:
    stream, told = io.BytesIO(body), list[int]()

    def read(buffer: Buffer) -> int:
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

    def read(_: Buffer) -> int:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        both_digests(read, 10 * BUFFER_BYTES, lambda _: None)
    assert threading.active_count() == before


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_file_system_that_will_not_go_past_the_cache_gets_a_whole_copy_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    body, real, calls = os.urandom(4 * BUFFER_BYTES + 9), os.write, [0]

    def write(descriptor: int, data: memoryview) -> int:
        direct = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT
        calls[0] += 1
        if direct and calls[0] > after:
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)
    assert copied(body, tmp_path / "copy")[0] == hashlib.sha256(body).hexdigest()
    assert (tmp_path / "copy").read_bytes() == body


def test_a_short_write_is_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body, real = os.urandom(3 * BUFFER_BYTES), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:4096]))
    assert copied(body, tmp_path / "copy")[0] == hashlib.sha256(body).hexdigest()
    assert (tmp_path / "copy").read_bytes() == body


def test_the_cache_is_asked_for_and_given_back(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    for on in (True, True, False, False):
        if past_the_cache(fd, on) == on:
            assert bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_DIRECT) == on
    os.close(fd)
