"""Sealed segments: read from anywhere, and whatever is moved, cut, swapped or changed is seen."""

from __future__ import annotations

import errno
import hashlib
import io
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.segments import (
    HEADER_BYTES,
    SEGMENT_BYTES,
    TAG_BYTES,
    WHOLE_BYTES,
    Cipher,
    SegmentReader,
    cipher,
    plain_size,
    sealed,
)

KEY, ID = bytes(range(32)), "0123456789abcdef"
SIZES = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 3 * SEGMENT_BYTES + 5]


def body_of(size_bytes: int) -> bytes:
    return random.Random(size_bytes).randbytes(size_bytes)


def cipher_of(body: bytes, key: bytes = KEY) -> Cipher:
    return cipher(key, ID, hashlib.sha256(body).hexdigest())


def whole(body: bytes, key: bytes = KEY) -> bytes:
    return b"".join(sealed(io.BytesIO(body), len(body), cipher_of(body, key)))


def reader(stored: bytes, made: Cipher) -> io.BufferedReader:
    return io.BufferedReader(SegmentReader(io.BytesIO(stored), len(stored), made))


@pytest.mark.parametrize("size_bytes", SIZES)
def test_what_is_sealed_opens(size_bytes: int) -> None:
    body = body_of(size_bytes)
    stored = whole(body)
    assert plain_size(len(stored)) == size_bytes
    assert stored == whole(body), "a put is begun again with the same bytes"
    assert reader(stored, cipher_of(body)).read() == body
    assert size_bytes < 32 or body[:32] not in stored


def test_the_format_is_the_documented_one() -> None:
    """Opened by hand, as docs/encryption.md says."""
    body = body_of(SEGMENT_BYTES + 5)
    stored = whole(body)
    assert stored[:32] == b"EVDSEG01" + b"\x00\x10\x00\x00" + bytes(4) + ID.encode()
    vouched = stored[:32] + hashlib.sha256(body).digest()
    first = AESGCM(KEY).decrypt(bytes(12), stored[32 : 32 + WHOLE_BYTES], vouched)
    last = AESGCM(KEY).decrypt(bytes(10) + b"\x01\x01", stored[32 + WHOLE_BYTES :], vouched)
    assert first + last == body


@given(st.integers(0, 3 * SEGMENT_BYTES + 10), st.integers(0, 2 * SEGMENT_BYTES))
@settings(max_examples=40, deadline=None)
def test_it_is_read_from_anywhere(start: int, length: int) -> None:
    body = body_of(3 * SEGMENT_BYTES + 5)
    with reader(STORED, cipher_of(body)) as file:
        file.seek(start)
        assert file.read(length) == body[start : start + length]


STORED = whole(body_of(3 * SEGMENT_BYTES + 5))


def segment(stored: bytes, number: int) -> bytes:
    return stored[HEADER_BYTES + number * WHOLE_BYTES :][:WHOLE_BYTES]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "a changed byte": lambda s: s[:-1] + bytes([s[-1] ^ 1]),
    "a changed header": lambda s: s[:20] + bytes([s[20] ^ 1]) + s[21:],
    "two segments changed places": lambda s: s[:32] + segment(s, 1) + segment(s, 0) + s[32 + 2 * WHOLE_BYTES :],
    "a segment twice": lambda s: s[:32] + segment(s, 0) + segment(s, 0) + s[32 + 2 * WHOLE_BYTES :],
    "the last segment cut off": lambda s: s[: 32 + 3 * WHOLE_BYTES],
    "cut within a segment": lambda s: s[: 32 + 2 * WHOLE_BYTES + 100],
    "cut to a tag": lambda s: s[: 32 + 3 * WHOLE_BYTES + TAG_BYTES],
    "cut to the header": lambda s: s[:32],
    "nothing left": lambda _: b"",
    "more at the end": lambda s: s + bytes(100),
    "a whole segment more": lambda s: s + segment(s, 0),
}


@pytest.mark.parametrize("harm", HARMS)
def test_every_harm_is_seen(harm: str) -> None:
    body = body_of(3 * SEGMENT_BYTES + 5)
    with pytest.raises(OSError, match=r"segment|begin or end") as seen:
        reader(HARMS[harm](STORED), cipher_of(body)).read()
    assert seen.value.errno == errno.EBADMSG


def test_a_short_end_is_no_end() -> None:
    """An object cut to nothing but the first segment cannot pass for the whole of a smaller original."""
    body = body_of(2 * SEGMENT_BYTES)
    stored = whole(body)[: 32 + WHOLE_BYTES]
    with pytest.raises(OSError, match="segment 0"):
        reader(stored, cipher_of(body)).read()
    empty = reader(whole(b""), cipher_of(b""))
    assert empty.read() == b""
    with pytest.raises(OSError, match="segment 0"):
        reader(whole(b"")[:-1] + b"\xff", cipher_of(b"")).read()


def test_another_key_or_original_opens_nothing() -> None:
    body = body_of(100)
    for made in (cipher_of(body, bytes(32)), cipher_of(b"another original")):
        with pytest.raises(OSError, match="segment 0"):
            reader(whole(body), made).read()


def test_a_copy_that_changes_while_it_is_read_is_no_original() -> None:
    body = body_of(SEGMENT_BYTES + 10)
    for size_bytes in (len(body) - 1, len(body) + 1):
        with pytest.raises(OSError, match="became"):
            list(sealed(io.BytesIO(body), size_bytes, cipher_of(body)))


@pytest.mark.parametrize("size_bytes", [-1, 0, 31, 32, 47, 32 + WHOLE_BYTES + 1, 32 + WHOLE_BYTES + TAG_BYTES])
def test_sizes_that_no_original_gives(size_bytes: int) -> None:
    assert plain_size(size_bytes) == -1
