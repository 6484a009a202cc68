"""The station's signing key in a token that never lets it out (密码卡, PKCS #11): the one door to it (extra `pkcs11`).

Source: PKCS #11 3.0, mechanism CKM_EDDSA over Ed25519. The key pair is made with the token's own tool and found by its
label; the PIN is a credential. Shapes: signatures and keys are those of `vault.signature`.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.errors import KeyMissing, SignerMissing
from vault.signature import Signer, key_id

PIN = "pkcs11-pin"
"""The name of the credential."""
RAW_BYTES = 32
TURN = threading.Lock()
"""A module of PKCS #11 is one for a process, and is not asked by two threads at once, whatever their sessions."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key by its handle in an open session; see `TURN`."""

    handle: Any = field(repr=False)
    mechanism: Any
    public: Ed25519PublicKey
    refused: type[Exception]
    where: str

    def sign(self, body: bytes, /) -> bytes:
        """The signature, checked before it is given out; raises `KeyMissing` where the token does not answer."""
        with TURN:
            try:
                signature: bytes = self.handle.sign(body, mechanism=self.mechanism)
            except self.refused as error:
                raise KeyMissing(path=self.where, reason=f"the token refuses ({type(error).__name__})") from error
        try:
            self.public.verify(signature, body)
        except InvalidSignature as error:
            raise KeyMissing(path=self.where, reason="its signature is not valid: the two halves differ") from error
        return signature

    def public_key(self) -> Ed25519PublicKey:
        """The public key."""
        return self.public


@contextmanager
def turn_at(module: Path) -> Iterator[None]:
    """Take this machine's turn to open the token: one program at a time logs in, and no other looks meanwhile.

    A login counts its PIN, and SoftHSM writes the count into the token's own file: whoever starts beside it finds no
    token, or one without a PIN (one start of eight, six programs at once). The lock lies on the module itself, which
    everyone who loads it can read. Raises `OSError` where there is no such file.
    """
    with TURN, module.open("rb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def read_token(module: str, token: str, label: str, pin: str) -> Signer:
    """The signer with the key of that label in that token; raises `SignerMissing`, `KeyMissing`."""
    try:
        import pkcs11
    except ImportError as error:
        raise SignerMissing(what="PKCS #11", extra="pkcs11") from error
    where = f"token {token}, key {label}"
    try:
        with turn_at(Path(module)):
            found = pkcs11.lib(module).get_token(token_label=token)
            try:
                session = found.open(user_pin=pin)
            except pkcs11.UserAlreadyLoggedIn:  # another signer of this process: its login is for all sessions
                session = found.open()
            kind = pkcs11.KeyType.EC_EDWARDS
            handle = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, key_type=kind, label=label)
            half = session.get_key(pkcs11.ObjectClass.PUBLIC_KEY, key_type=kind, label=label)
            point = half[pkcs11.Attribute.EC_POINT]
        public = Ed25519PublicKey.from_public_bytes(bytes(point)[-RAW_BYTES:])
    except (pkcs11.PKCS11Error, OSError, RuntimeError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise KeyMissing(path=where, reason=reason) from error
    return Signer(key_id(public), TokenKey(handle, pkcs11.Mechanism.EDDSA, public, pkcs11.PKCS11Error, where))
