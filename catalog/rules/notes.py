"""Signed notes and checkpoints as text (签名检查点): what a second party, or a notice board, keeps of the trail.

Source: C2SP signed-note and tlog-checkpoint. A note is text that ends with a line feed, an empty line, then signature
lines `— NAME BASE64(key hash || signature)`. The key hash is the first four bytes of SHA-256(name || LF || 0x01 || raw
Ed25519 key); an SM2 key, for which the specification has no number, is told by 0xff and the words `SM2-SM3` instead of
0x01. A checkpoint's text is three lines: origin, number of the trail's lines, the tree's root in Base64.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

ED25519, SM2 = b"\x01", b"\xffSM2-SM3"
ED25519_BYTES = 32
HASH_BYTES = 4
ROOT_BYTES = 32
NOTE_BYTES_MAX = 64 << 10
SIGNATURES_MAX = 100
SIZE_DIGITS_MAX = 18
DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who by, the first bytes of the key's digest, the signature itself."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures below it; nothing was checked yet."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def body(self) -> bytes:
        """The note as it is kept and printed."""
        lines = (f"{DASH}{one.name} {_base64(one.key_hash + one.signature)}\n" for one in self.signatures)
        return f"{self.text}\n{''.join(lines)}".encode()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the trail was: its origin, the number of its lines, the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def origin_of(station: str) -> str:
    """The name of a station's trail and of its keys: without white space and plus signs, as a key's name must be."""
    return "evidock/" + "-".join(station.replace("+", " ").split())


def key_hash(name: str, public: bytes) -> bytes:
    """The beginning of a signature line: which key it is by."""
    return hashlib.sha256(name.encode() + b"\n" + _kind(public) + public).digest()[:HASH_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """A key as tools for signed notes take it: NAME+HASH+BASE64."""
    return f"{name}+{key_hash(name, public).hex()}+{_base64(_kind(public) + public)}"


def read_note(body: bytes) -> Note:
    """A note in its form; raises ValueError for anything else."""
    if len(body) > NOTE_BYTES_MAX:
        raise ValueError("too long for a note")
    whole = body.decode()
    if any(char < " " and char != "\n" for char in whole):
        raise ValueError("control characters")
    before, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise ValueError("no signature lines")
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise ValueError("too many signatures")
    return Note(before + "\n", tuple(_signature(line) for line in lines))


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint a note's text says; lines after the third are extensions and not ours. Raises ValueError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0]:
        raise ValueError("not a checkpoint")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdecimal()) or len(size) > SIZE_DIGITS_MAX or str(int(size)) != size:
        raise ValueError(f"{size!r} is no number of lines")
    found = _unbase64(root)
    if len(found) != ROOT_BYTES:
        raise ValueError("the root is not of 32 bytes")
    return Checkpoint(origin, int(size), found)


def _signature(line: str) -> NoteSignature:
    parts = line.removeprefix(DASH).split(" ")
    if not line.startswith(DASH) or len(parts) != 2 or not parts[0] or "+" in parts[0]:
        raise ValueError("not a signature line")
    name, text = parts
    found = _unbase64(text)
    if len(found) <= HASH_BYTES:
        raise ValueError("a signature is too short")
    return NoteSignature(name, found[:HASH_BYTES], found[HASH_BYTES:])


def _kind(public: bytes) -> bytes:
    return ED25519 if len(public) == ED25519_BYTES else SM2


def _base64(body: bytes) -> str:
    return b64encode(body).decode()


def _unbase64(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not Base64") from error
    if _base64(found) != text:
        raise ValueError("not the one way to write it in Base64")
    return found
