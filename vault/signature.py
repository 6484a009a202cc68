"""The station's signature over manifests and acts (电子签章): Ed25519, detached, over the exact bytes.

Source: RFC 8032; keys as PEM (PKCS #8 and SubjectPublicKeyInfo) so that `openssl pkeyutl -verify` can check.
Shapes: a signature is 64 bytes, written in base64; a key id is the first 16 hexadecimal digits of the
SHA-256 of the raw public key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from vault import durable
from vault.errors import KeyMissing

ALGORITHM = "Ed25519"
KEY_FILE, NEXT_FILE = "station.key", "station.key.next"


@dataclass(frozen=True)
class Signer:
    """The station's private key and its id."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, body: bytes) -> str:
        """The signature over `body`, in base64."""
        return base64.b64encode(self.private.sign(body)).decode()

    def sign_raw(self, body: bytes) -> bytes:
        """The 64 bytes of the signature over `body`."""
        return self.private.sign(body)

    @property
    def public(self) -> Ed25519PublicKey:
        """The public key."""
        return self.private.public_key()

    def public_pem(self) -> bytes:
        """The public key, as everyone may have it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def key_id(public: Ed25519PublicKey) -> str:
    """The name of a key."""
    return hashlib.sha256(raw_key(public)).hexdigest()[:16]


def raw_key(public: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def raw_signature_holds(body: bytes, signature: bytes, public: Ed25519PublicKey) -> bool:
    """Whether 64 bytes are the key's signature over `body`."""
    try:
        public.verify(signature, body)
    except InvalidSignature:
        return False
    return True


def make_key(folder: Path) -> Signer:
    """Make the station's key, durable, readable by its user alone; an existing key is kept."""
    signer = _made(folder, KEY_FILE)
    publish(folder, signer)
    return signer


def make_next_key(folder: Path) -> Signer:
    """The key that is to follow, kept beside the station's key until it takes its place; an existing one is kept."""
    return _made(folder, NEXT_FILE)


def take_next_key(folder: Path) -> None:
    """Let the next key take the place of the station's key, in one step; the old private key is gone then."""
    (folder / NEXT_FILE).rename(folder / KEY_FILE)
    durable.sync_folder(folder)


def publish(folder: Path, signer: Signer) -> None:
    """Put the public key beside, for whoever checks."""
    public = folder / f"{signer.key_id}.pub.pem"
    if not public.exists():
        durable.replace_file(public, signer.public_pem(), 0o644)


def _made(folder: Path, name: str) -> Signer:
    path = folder / name
    if not path.exists():
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        durable.replace_file(path, pem, 0o600)
    return read_key(folder, name)


def read_key(folder: Path, name: str = KEY_FILE) -> Signer:
    """The station's key; raises `KeyMissing`."""
    path = folder / name
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyMissing(path=path, reason=getattr(error, "strerror", None) or "not a PEM key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyMissing(path=path, reason="not an Ed25519 key")
    return Signer(key_id(private.public_key()), private)


def read_public_keys(folder: Path) -> dict[str, Ed25519PublicKey]:
    """Every key this station trusts, by id; files that hold no Ed25519 key are left out."""
    keys = {}
    for path in sorted(folder.glob("*.pub.pem")):
        try:
            public = serialization.load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            continue
        if isinstance(public, Ed25519PublicKey):
            keys[key_id(public)] = public
    return keys


def signature_holds(body: bytes, signature: str, key: str, trusted: Mapping[str, Ed25519PublicKey]) -> bool:
    """Whether `signature` over `body` is by a trusted key of that id."""
    public = trusted.get(key)
    if public is None:
        return False
    try:
        public.verify(base64.b64decode(signature, validate=True), body)
    except (InvalidSignature, binascii.Error):
        return False
    return True
