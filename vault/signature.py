"""The station's signature over manifests and acts (电子签章): Ed25519 or SM2, detached, over the exact bytes.

Source: RFC 8032, GB/T 32918; keys as PEM (PKCS #8 and SubjectPublicKeyInfo) that `openssl pkeyutl` reads.
Shapes: a signature is 64 bytes (Ed25519) or DER (SM2), written in base64; a raw public key is 32 bytes (Ed25519) or 65
(SM2); a key id is the first 16 hexadecimal digits of the SHA-256 of the raw public key.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault import durable, sm2, sm2_keys
from vault.errors import KeyMissing
from vault.sm2_keys import Sm2PrivateKey, Sm2PublicKey

ED25519, SM2 = "Ed25519", "SM2"
ALGORITHMS = (ED25519, SM2)
RAW_BYTES = 64
"""The length of an Ed25519 signature; one in DER is never so short by chance."""
PublicKey = Ed25519PublicKey | Sm2PublicKey
KEY_FILE, NEXT_FILE = "station.key", "station.key.next"
RETIRED = ".retired"
"""What marks, in the folder of keys, the id of one that was rotated away: it signs nothing more."""


class PrivateKey(Protocol):
    """What signs: a key in a file, or one that never leaves its token."""

    def sign(self, body: bytes, /) -> bytes:
        """The raw signature over `body`."""

    def public_key(self) -> PublicKey:
        """The public key."""


@dataclass(frozen=True)
class Signer:
    """The station's private key and its id."""

    key_id: str
    private: PrivateKey

    def sign(self, body: bytes) -> str:
        """The signature over `body`, in base64."""
        return base64.b64encode(self.private.sign(body)).decode()

    def sign_raw(self, body: bytes) -> bytes:
        """The bytes of the signature over `body`."""
        return self.private.sign(body)

    @property
    def public(self) -> PublicKey:
        """The public key."""
        return self.private.public_key()

    def public_pem(self) -> bytes:
        """The public key, as everyone may have it."""
        return public_pem(self.public)


def public_pem(public: PublicKey) -> bytes:
    """A public key as everyone may have it."""
    if isinstance(public, Sm2PublicKey):
        return public.pem()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_from_raw(raw: bytes) -> PublicKey:
    """The public key of so many bytes; raises ValueError."""
    return Sm2PublicKey(raw) if len(raw) == sm2.KEY_BYTES else Ed25519PublicKey.from_public_bytes(raw)


def algorithm_of_key(public: PublicKey) -> str:
    """The kind of a key."""
    return SM2 if isinstance(public, Sm2PublicKey) else ED25519


def algorithm_of(signature: str) -> str:
    """What a signature in base64 was made with, by its form; text that is none counts as Ed25519."""
    try:
        return ED25519 if len(base64.b64decode(signature)) <= RAW_BYTES else SM2
    except ValueError:
        return ED25519


def key_id(public: PublicKey) -> str:
    """The name of a key."""
    return hashlib.sha256(raw_key(public)).hexdigest()[:16]


def raw_key(public: PublicKey) -> bytes:
    """The 32 or 65 bytes of a public key."""
    return public.public_bytes_raw()


def raw_signature_is_valid(body: bytes, signature: bytes, public: PublicKey) -> bool:
    """Whether bytes are the key's signature over `body`."""
    try:
        public.verify(signature, body)
    except InvalidSignature:
        return False
    return True


def make_key(folder: Path, algorithm: str = ED25519) -> Signer:
    """Make the station's key, durable, readable by its user alone; an existing key is kept."""
    signer = _made(folder, KEY_FILE, algorithm)
    publish(folder, signer)
    return signer


def make_next_key(folder: Path, algorithm: str = ED25519) -> Signer:
    """The key that is to follow, kept beside the station's key until it takes its place; an existing one is kept."""
    return _made(folder, NEXT_FILE, algorithm)


def take_next_key(folder: Path) -> None:
    """Let the next key take the place of the station's key, in one step; the old private key is gone then."""
    (folder / NEXT_FILE).rename(folder / KEY_FILE)
    durable.sync_folder(folder)


def publish(folder: Path, signer: Signer) -> None:
    """Put the public key beside, for whoever checks."""
    public = folder / f"{signer.key_id}.pub.pem"
    if not public.exists():
        durable.replace_file(public, signer.public_pem(), 0o644)


def retire(folder: Path, key: str) -> None:
    """Note that a key was rotated away: whatever hands it in later is refused."""
    durable.replace_file(folder / f"{key}{RETIRED}", b"", 0o600)


def is_retired(folder: Path, key: str) -> bool:
    """Whether a key was rotated away; not while the rotation waits for its end."""
    return (folder / f"{key}{RETIRED}").exists() and not (folder / NEXT_FILE).exists()


def _made(folder: Path, name: str, algorithm: str) -> Signer:
    path = folder / name
    if not path.exists():
        durable.replace_file(path, _new_pem(algorithm), 0o600)
    return read_key(folder, name)


def _new_pem(algorithm: str) -> bytes:
    if algorithm == SM2:
        return sm2_keys.generate().pem()
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_key(folder: Path, name: str = KEY_FILE) -> Signer:
    """The station's key in its file; raises `KeyMissing`."""
    path = folder / name
    try:
        return parse_key(path.read_bytes(), path)
    except OSError as error:
        raise KeyMissing(path=path, reason=error.strerror) from error


def parse_key(pem: bytes, where: Path | str) -> Signer:
    """The key in a PEM; raises `KeyMissing`, which says where it came from."""
    try:
        private = sm2_keys.read_private(pem) or serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyMissing(path=where, reason="not a PEM key") from error
    if not isinstance(private, (Ed25519PrivateKey, Sm2PrivateKey)):
        raise KeyMissing(path=where, reason="neither an Ed25519 nor an SM2 key")
    return Signer(key_id(private.public_key()), private)


def read_public_keys(folder: Path) -> dict[str, PublicKey]:
    """Every key this station trusts, by id; files that hold no Ed25519 or SM2 key are left out."""
    keys = dict[str, PublicKey]()
    for path in sorted(folder.glob("*.pub.pem")):
        with suppress(OSError, ValueError):
            public = read_public_key(path.read_bytes())
            keys[key_id(public)] = public
    return keys


def read_public_key(pem: bytes) -> PublicKey:
    """The public key in a PEM; raises ValueError for anything else."""
    try:
        public = sm2_keys.read_public(pem) or serialization.load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError("a key of another kind") from error
    if not isinstance(public, (Ed25519PublicKey, Sm2PublicKey)):
        raise ValueError("neither an Ed25519 nor an SM2 key")
    return public


def signature_is_valid(body: bytes, signature: str, key: str, trusted: Mapping[str, PublicKey]) -> bool:
    """Whether `signature` over `body` is by a trusted key of that id."""
    public = trusted.get(key)
    if public is None:
        return False
    try:
        public.verify(base64.b64decode(signature, validate=True), body)
    except (InvalidSignature, ValueError, TypeError):  # a signature out of a row may be anything
        return False
    return True
