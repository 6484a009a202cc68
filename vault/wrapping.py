"""The key of one encrypted original, wrapped by a key of the station (密钥封装), as a document of the vault.

Source: AES key wrap with a 256-bit key, RFC 3394 (`openssl enc -id-aes256-wrap` undoes it); docs/encryption.md.
Shapes: `wrapped/AA/<SHA-256 of the original>.json`, of the scan of a written record `wrapped/papers/AA/….json`: JSON
`{"schema","original","wrapping_key","wrapped"}`, the last in base64. A wrapping key is 32 bytes, kept as 64 hexadecimal
digits in a credential; its id is the first 16 digits of SHA-256("evidock.wrapping/1" and the key).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from vault.errors import SecretMissing
from vault.segments import damaged

WRAPPED = "wrapped"
SCHEMA = "evidock.wrapped/1"
CREDENTIAL = "vault-wrapping-key"
"""The credential of the key that wraps now; `vault-wrapping-key-<id>` are those of older ones."""
KEY_BYTES = 32
WRAPPED_KEY_BYTES_MAX = 4096
DIGITS = re.compile(r"[0-9a-fA-F]{64}")


def wrapped_key(original: str) -> str:
    """Where the vault keeps the wrapped key of an original: beside it, so that both have the same day."""
    return f"{WRAPPED}/{original.removeprefix('originals/')}.json"


@dataclass(frozen=True, slots=True)
class Wrapping:
    """A wrapping key and its id."""

    id: str
    key: bytes


def wrapping(digits: str, name: str = CREDENTIAL) -> Wrapping:
    """The wrapping key in the text of a credential; raises `SecretMissing`."""
    if not DIGITS.fullmatch(digits):
        raise SecretMissing(name=name, reason="it is not a key of 64 hexadecimal digits")
    key = bytes.fromhex(digits)
    return Wrapping(hashlib.sha256(b"evidock.wrapping/1" + key).hexdigest()[:16], key)


def new_document(original_sha256: str, by: Wrapping) -> bytes:
    """A fresh random key for an original, wrapped."""
    wrapped = aes_key_wrap(by.key, secrets.token_bytes(KEY_BYTES))
    document = {
        "schema": SCHEMA,
        "original": original_sha256,
        "wrapping_key": by.id,
        "wrapped": base64.b64encode(wrapped).decode(),
    }
    return json.dumps(document, sort_keys=True).encode() + b"\n"


def unwrapped(document: bytes, original_sha256: str, secret: Callable[[str], str]) -> tuple[bytes, str]:
    """The key in a document and the id of its wrapping key.

    Raises OSError for a document that was harmed, `SecretMissing` where the station has not got the wrapping key.
    """
    try:
        values = json.loads(document)
        name, wrapped = str(values["wrapping_key"]), base64.b64decode(values["wrapped"], validate=True)
        is_ours = values["schema"] == SCHEMA and values["original"] == original_sha256 and len(name) == 16
    except (ValueError, KeyError, TypeError) as error:
        raise damaged("its wrapped key cannot be read") from error
    if not is_ours or not name.isascii():
        raise damaged("its wrapped key is of another original")
    by = _by_id(name, secret)
    try:
        return aes_key_unwrap(by.key, wrapped), name
    except (InvalidUnwrap, ValueError) as error:
        raise damaged("its wrapped key was harmed") from error


def _by_id(name: str, secret: Callable[[str], str]) -> Wrapping:
    """The wrapping key of that id: the one of now, or an older one."""
    now = wrapping(secret(CREDENTIAL))
    if now.id == name:
        return now
    if not re.fullmatch(r"[0-9a-f]{16}", name):
        raise damaged("its wrapped key names no wrapping key")
    older = f"{CREDENTIAL}-{name}"
    found = wrapping(secret(older), older)
    if found.id != name:
        raise SecretMissing(name=older, reason=f"it is key {found.id}")
    return found
