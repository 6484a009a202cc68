"""SM3 by either library: the same digest, and the one that is relied on when the other is away, refuses or lies."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
from collections.abc import Iterator
from typing import Any, cast

import pytest

from vault import sm3
from vault.sm3 import Gcrypt, OpenSsl, Sm3

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""Of `abc`, GB/T 32905-2016, A.1."""
SIZES = [0, 1, 55, 56, 63, 64, 65, 127, 128, 129, 4095, 65_536, (1 << 20) + 7]


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Each test tries the libraries anew, and leaves nothing behind."""
    sm3.quicker_library.cache_clear()
    yield
    sm3.quicker_library.cache_clear()


@pytest.fixture(params=["openssl", "libgcrypt"])
def made(request: pytest.FixtureRequest) -> type[Sm3]:
    if request.param == "openssl":
        return OpenSsl
    try:
        library = sm3.loaded(sm3.LIBRARY)
        Gcrypt(library).hexdigest()
    except OSError as error:
        pytest.skip(f"libgcrypt is not here, or refuses SM3: {error}")
    return lambda: Gcrypt(library)  # type: ignore[return-value]


@pytest.mark.parametrize("size_bytes", SIZES)
def test_each_library_computes_the_digest(made: type[Sm3], size_bytes: int) -> None:
    body = os.urandom(size_bytes)
    wanted = hashlib.new("sm3", body).hexdigest()
    whole, pieces, in_place = made(), made(), made()
    whole.update(body)
    for start in range(0, size_bytes, 1000):
        pieces.update(memoryview(body)[start : start + 1000])
    in_place.update(memoryview(bytearray(body)))
    assert {one.hexdigest() for one in (whole, pieces, in_place)} == {wanted}


def test_each_library_agrees_with_the_standard(made: type[Sm3]) -> None:
    one = made()
    one.update(b"abc")
    assert one.hexdigest() == ABC


def test_many_digests_at_once_do_not_mix(made: type[Sm3]) -> None:
    ones = [made() for _ in range(8)]
    for _ in range(50):
        for number, one in enumerate(ones):
            one.update(bytes([number]) * 77)
    assert [one.hexdigest() for one in ones] == [
        hashlib.new("sm3", bytes([number]) * 77 * 50).hexdigest() for number in range(8)
    ]


def test_without_libgcrypt_openssl_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm3, "LIBRARY", "libnothing.so.0")
    assert isinstance(sm3.sm3(), OpenSsl)


class Liar(OpenSsl):
    """A library that is quick, and wrong once in three times."""

    count = 0

    def __init__(self, _: ctypes.CDLL) -> None:
        super().__init__()
        Liar.count += 1

    def update(self, body: bytes | memoryview) -> None:
        super().update(bytes(Liar.count % 3 == 2))


class Refusing(OpenSsl):
    """A library that may not compute it, as in FIPS mode."""

    def __init__(self, _: ctypes.CDLL) -> None:
        raise OSError("refused")


class Slow(OpenSsl):
    """A library that is right, and takes twice the time."""

    def __init__(self, _: ctypes.CDLL) -> None:
        super().__init__()

    def update(self, body: bytes | memoryview) -> None:
        OpenSsl().update(body)
        OpenSsl().update(body)
        super().update(body)


@pytest.mark.parametrize("worse", [Liar, Refusing, Slow])
def test_a_library_that_lies_refuses_or_is_slower_is_not_used(
    monkeypatch: pytest.MonkeyPatch, worse: type[Sm3]
) -> None:
    monkeypatch.setattr(sm3, "loaded", lambda _: object())
    monkeypatch.setattr(sm3, "Gcrypt", worse)
    assert isinstance(sm3.sm3(), OpenSsl)


def test_another_library_of_that_name_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm3, "LIBRARY", "libc.so.6")
    assert isinstance(sm3.sm3(), OpenSsl)


class Counted:
    """libgcrypt, and how often a digest was let go of."""

    def __init__(self, library: Any) -> None:
        self._library, self.closed = library, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def gcry_md_close(self, handle: object) -> None:
        self.closed += 1
        self._library.gcry_md_close(handle)


@pytest.mark.parametrize("is_read", [True, False])
def test_a_digest_is_let_go_of_once_whether_it_was_read_or_not(is_read: bool) -> None:
    try:
        counted = Counted(sm3.loaded(sm3.LIBRARY))
        digest: Gcrypt | None = Gcrypt(cast("Any", counted))
    except OSError:
        pytest.skip("there is no libgcrypt with SM3 here")
    assert digest is not None
    digest.update(b"the beginning of a file whose card was pulled")
    if is_read:
        digest.hexdigest()
    del digest
    gc.collect()
    assert counted.closed == 1
