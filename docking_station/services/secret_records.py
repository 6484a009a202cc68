"""The record of a person's secret (口令摘要): what is kept instead of it, and which secrets are too easily guessed.

Source: RFC 9106 (argon2id) with what OWASP's Password Storage Cheat Sheet says of memory; scrypt, of earlier versions,
is still read. Shapes: a record is a line of JSON, `{"argon2id": PHC text}` or `{"salt", "scrypt"}` in hex.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
SALT_BYTES, KEY_BYTES = 16, 32
AT_ONCE = threading.Semaphore(2)
"""So many secrets are stretched at a time: each takes memory, and a processor for 30 ms."""
SCRYPT_N, SCRYPT_R, SCRYPT_P, SCRYPT_BYTES_MAX = 1 << 15, 8, 1, 64 << 20

CHARS_MIN, CHARS_MAX = 12, 256
MIXED_MIN, KINDS_MIN = 8, 3
"""So short may one be that has letters of both cases, digits and others, three kinds of the four."""
KINDS = tuple(re.compile(kind) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^a-zA-Z\d]"))
ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
USUAL = ("evidock", "password", "passw0rd", "admin", "welcome", "letmein", "iloveyou", "mima", "zhifa", "woaini")
YEAR = re.compile(r"(19|20)\d\d")
LEFT_MIN = 5
"""So many different characters must be left once account, usual words, years, runs and repeats are taken away."""


def record_of(secret: str) -> bytes:
    """What is kept of a secret."""
    with AT_ONCE:
        text = _argon2id(os.urandom(SALT_BYTES)).derive_phc_encoded(_bytes(secret))
    return json.dumps({"argon2id": text}).encode() + b"\n"


def is_secret(record: bytes | None, secret: str) -> bool:
    """Whether it is the secret of the record; takes as long where there is none."""
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    read = {} if record is None else json.loads(record)
    with AT_ONCE:
        if "scrypt" in read:
            found = stretched(bytes.fromhex(read["salt"]), secret)
            return hmac.compare_digest(found, bytes.fromhex(read["scrypt"]))
        if record is None:
            _argon2id(bytes(SALT_BYTES)).derive(_bytes(secret))
            return False
        try:
            Argon2id.verify_phc_encoded(_bytes(secret), read["argon2id"])
        except InvalidKey:
            return False
    return True


def stretched(salt: bytes, secret: str) -> bytes:
    """32 bytes that take long to try for each secret somebody guesses (scrypt)."""
    limits = {"n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P, "maxmem": SCRYPT_BYTES_MAX}
    return hashlib.scrypt(_bytes(secret), salt=salt, dklen=KEY_BYTES, **limits)


def weakness(secret: str, account: str) -> tuple[str, str] | None:
    """Why a secret is not taken, in English and Chinese, or None."""
    kinds = sum(kind.search(secret) is not None for kind in KINDS)
    if len(secret) > CHARS_MAX or len(secret) < (MIXED_MIN if kinds >= KINDS_MIN else CHARS_MIN):
        return (
            f"it needs {CHARS_MIN} characters, or {MIXED_MIN} of {KINDS_MIN} kinds (a, A, 1, others)",
            f"至少需要 {CHARS_MIN} 个字符，或 {MIXED_MIN} 个字符且含大写字母、小写字母、数字、符号中的 {KINDS_MIN} 种",
        )
    if len(set(_left(secret, account))) < LEFT_MIN:
        return "it is guessed too easily", "过于常见，容易被猜到"
    return None


def _left(secret: str, account: str) -> Iterator[str]:
    """What is no usual word, no year, and no step along a row of keys."""
    text = secret.casefold()
    for piece in (account.casefold(), *USUAL):
        text = text.replace(piece, "") if piece else text
    steps = {one + other for row in ROWS for one, other in pairwise(row)}
    for before, here in pairwise(f"\n{YEAR.sub('', text)}"):
        if before != here and not {before + here, here + before} & steps:
            yield here


def _argon2id(salt: bytes) -> Argon2id:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(salt=salt, length=KEY_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)


def _bytes(secret: str) -> bytes:
    return secret.encode(errors="surrogateescape")
