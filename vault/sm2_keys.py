"""SM2 keys of a station (国密签名密钥): PEM in and out, and the one door to the library that signs (extra `gm`).

Shapes: SubjectPublicKeyInfo and PKCS #8 of the curve SM2, as `openssl genpkey -algorithm SM2` writes them. The members
are named like those of Ed25519 keys in `cryptography`, so that who signs or checks need not ask which kind it has.
Checking needs no extra: any station can check what an SM2 station signed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature

from vault import sm2
from vault.errors import SignerMissing
from vault.sm3 import OpenSsl

CURVE = bytes.fromhex("3013 06072a8648ce3d0201 06082a811ccf5501822d")
PUBLIC = bytes.fromhex("3059") + CURVE + bytes.fromhex("034200")
PRIVATE = bytes.fromhex("308187020100") + CURVE + bytes.fromhex("046d306b0201010420")
BETWEEN = bytes.fromhex("a144034200")
SECRET_BYTES = 32


class Library(Protocol):
    """What is used of `gmssl_pyx`."""

    def sm2_key_generate(self) -> tuple[bytes, bytes]:
        """Public key without its first byte, and private key."""

    def sm2_sign(self, private_key: bytes, public_key: bytes, message: bytes, signer_id: bytes) -> bytes:
        """A DER signature."""


def library() -> Library:
    """The library; raises `SignerMissing`."""
    try:
        import gmssl_pyx
    except ImportError as error:
        raise SignerMissing(what="SM2", extra="gm") from error
    loaded: Library = gmssl_pyx
    return loaded


@dataclass(frozen=True, slots=True)
class Sm2PublicKey:
    """A point of the curve, written in 65 bytes; raises ValueError for anything else."""

    raw: bytes

    def __post_init__(self) -> None:
        if sm2.point_of(self.raw) is None:
            raise ValueError("not an SM2 public key")

    def verify(self, signature: bytes, body: bytes) -> None:
        """Raise `InvalidSignature` unless the signature is valid."""
        if not sm2.signed(self.raw, body, signature, OpenSsl):
            raise InvalidSignature

    def public_bytes_raw(self) -> bytes:
        """The 65 bytes."""
        return self.raw

    def pem(self) -> bytes:
        """The public key, as everyone may have it."""
        return _pem("PUBLIC KEY", PUBLIC + self.raw)


@dataclass(frozen=True, slots=True)
class Sm2PrivateKey:
    """A secret number, never shown, with its public key."""

    secret: bytes = field(repr=False)
    public: Sm2PublicKey

    def sign(self, body: bytes) -> bytes:
        """The DER signature over `body`; raises `SignerMissing`."""
        return library().sm2_sign(self.secret, self.public.raw[1:], body, sm2.IDENTITY)

    def public_key(self) -> Sm2PublicKey:
        """The public key."""
        return self.public

    def pem(self) -> bytes:
        """The public key, as everyone may have it."""
        return _pem("PRIVATE KEY", PRIVATE + self.secret + BETWEEN + self.public.raw)


def generate() -> Sm2PrivateKey:
    """A new key; raises `SignerMissing`."""
    public, secret = library().sm2_key_generate()
    return Sm2PrivateKey(secret, Sm2PublicKey(b"\x04" + public))


def read_private(pem: bytes) -> Sm2PrivateKey | None:
    """The key in a PEM file, or None if that holds something else."""
    der = _der("PRIVATE KEY", pem)
    secret, rest = der[len(PRIVATE) :][:SECRET_BYTES], der[len(PRIVATE) + SECRET_BYTES :]
    if not der.startswith(PRIVATE) or not rest.startswith(BETWEEN):
        return None
    public = rest[len(BETWEEN) :]
    number = int.from_bytes(secret, "big")
    point = sm2.multiple(number, (sm2.GX, sm2.GY)) if 0 < number < sm2.N - 1 else None
    if point is None or b"\x04" + b"".join(one.to_bytes(32, "big") for one in point) != public:
        return None
    return Sm2PrivateKey(secret, Sm2PublicKey(public))


def read_public(pem: bytes) -> Sm2PublicKey | None:
    """The key in a PEM file, or None if that holds something else."""
    der = _der("PUBLIC KEY", pem)
    try:
        return Sm2PublicKey(der[len(PUBLIC) :]) if der.startswith(PUBLIC) else None
    except ValueError:
        return None


def _pem(name: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----\n".encode()


def _der(name: str, pem: bytes) -> bytes:
    """What stands between the two lines, or nothing."""
    _, found, rest = pem.partition(f"-----BEGIN {name}-----".encode())
    inside, ends, _ = rest.partition(f"-----END {name}-----".encode())
    try:
        return base64.b64decode(b"".join(inside.split()), validate=True) if found and ends else b""
    except ValueError:
        return b""
