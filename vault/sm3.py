"""SM3 (GB/T 32905) by the quicker of two libraries (国密杂凑): no part of an ingest takes longer than this digest.

OpenSSL, which `cryptography` brings, computes it in plain C on most processors. libgcrypt, which systemd and apt bring,
knows a processor's newer instructions and takes a fifth less time. It is used where it is found, gives the same digest
of a trial text, and is quicker with it; else OpenSSL is. Units: bytes.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes

LIBRARY = "libgcrypt.so.20"
SM3 = 326
DIGEST_BYTES = 32
NO_LOCKED_MEMORY, READY = 37, 38
TRIAL_BYTES = (1 << 18) + 1
TRIALS = 3
_trying = threading.Lock()


class Sm3(Protocol):
    """The digest, as `hashlib` would offer it."""

    def update(self, body: bytes | memoryview) -> None:
        """Take more of the text; other threads run meanwhile."""

    def hexdigest(self) -> str:
        """Return the digest, in hexadecimal, once."""


class OpenSsl:
    """SM3 by OpenSSL."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, body: bytes | memoryview) -> None:
        """Take more of the text."""
        self._hash.update(body)

    def hexdigest(self) -> str:
        """Return the digest, once."""
        return self._hash.finalize().hex()


class Gcrypt:
    """SM3 by libgcrypt; raises OSError where it refuses the digest, as one in FIPS mode does."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library, self._handle = library, ctypes.c_void_p()
        if status := library.gcry_md_open(ctypes.byref(self._handle), SM3, 0):
            raise OSError(f"{LIBRARY} refuses SM3: {status}")

    def update(self, body: bytes | memoryview) -> None:
        """Take more of the text."""
        if isinstance(body, bytes) or body.readonly:
            self._library.gcry_md_write(self._handle, bytes(body), ctypes.c_size_t(len(body)))
        elif len(body):  # in place: nothing is copied
            first = ctypes.byref(ctypes.c_char.from_buffer(body))
            self._library.gcry_md_write(self._handle, first, ctypes.c_size_t(len(body)))

    def hexdigest(self) -> str:
        """Return the digest, once."""
        return ctypes.string_at(self._library.gcry_md_read(self._handle, SM3), DIGEST_BYTES).hex()

    def __del__(self) -> None:
        """Let go of it, also where a file was not read to its end; of a handle that is none nothing is done."""
        self._library.gcry_md_close(self._handle)


def sm3() -> Sm3:
    """Begin a digest."""
    with _trying:
        library = quicker_library()
    return OpenSsl() if library is None else Gcrypt(library)


@cache
def quicker_library() -> ctypes.CDLL | None:
    """Return libgcrypt where it does better than OpenSSL, else None; tried once in a process, which takes 4 ms."""
    with suppress(OSError, AttributeError):  # it is not there, is another, or refuses
        library = loaded(LIBRARY)
        trial = memoryview(bytearray(range(256)) * (TRIAL_BYTES // 256) + b"\n")
        theirs, theirs_s = _tried(lambda: Gcrypt(library), trial)
        ours, ours_s = _tried(OpenSsl, trial)
        if theirs == ours and theirs_s < ours_s:
            return library
    return None


def loaded(name: str) -> ctypes.CDLL:
    """Load and begin libgcrypt; raises OSError where it is not there, AttributeError where that is something else."""
    library = ctypes.CDLL(name)
    library.gcry_md_read.restype = ctypes.c_void_p
    library.gcry_md_close.restype = None
    library.gcry_md_write.restype = None
    library.gcry_check_version(None)
    library.gcry_control(NO_LOCKED_MEMORY, 0)
    library.gcry_control(READY, 0)
    return library


def _tried(begin: Callable[[], Sm3], trial: memoryview) -> tuple[str, float]:
    """Return the digest of a text, and the least of the processor's times for it."""
    digests, times = set[str](), list[float]()
    for _ in range(TRIALS):
        made, began = begin(), time.thread_time()
        made.update(trial)
        times.append(time.thread_time() - began)
        digests.add(made.hexdigest())
    return ",".join(sorted(digests)), min(times)
