"""Notes and checkpoints in the form others read: known notes, and everything that is none."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from catalog.rules import notes
from ingest.custody.checkpoints import signed_checkpoint, trusted_checkpoint
from vault.signature import Signer, key_id, raw_key, raw_signature_is_valid

KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
"""The example the note package of the Go project tests itself with."""
CHECKPOINT = notes.Checkpoint("evidock/采集站-1", 7, bytes(range(32)))


def signer() -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return Signer(key_id(private.public_key()), private)


def test_a_note_of_others_is_read_and_its_signature_holds() -> None:
    name, _, rest = KNOWN_KEY.partition("+")
    raw = b64decode(rest.partition("+")[2])[1:]
    assert notes.verifier_key(name, raw) == KNOWN_KEY
    note = notes.read_note(KNOWN.encode())
    (signature,) = note.signatures
    assert signature.key_hash == notes.key_hash(name, raw)
    public = Ed25519PublicKey.from_public_bytes(raw)
    assert raw_signature_is_valid(note.text.encode(), signature.signature, public)
    assert note.body() == KNOWN.encode()


def test_a_checkpoint_is_three_lines_and_comes_back() -> None:
    body = signed_checkpoint(signer(), CHECKPOINT)
    text, _, below = body.decode().partition("\n\n")
    assert text.split("\n")[:2] == ["evidock/采集站-1", "7"]
    assert below.startswith("— evidock/采集站-1 ")
    assert trusted_checkpoint(body, {"a": signer().public}) == CHECKPOINT


def test_only_a_trusted_key_is_believed_and_only_over_these_words() -> None:
    body, public = signed_checkpoint(signer(), CHECKPOINT), signer().public
    other = Ed25519PrivateKey.generate().public_key()
    assert trusted_checkpoint(body, {"b": other}) is None
    assert trusted_checkpoint(body, {"b": other, "a": public}) == CHECKPOINT
    assert trusted_checkpoint(body.replace(b"\n7\n", b"\n6\n"), {"a": public}) is None
    foreign = notes.NoteSignature("witness.example/w", b"abcd", bytes(64))
    note = notes.read_note(body)
    assert trusted_checkpoint(notes.Note(note.text, (*note.signatures, foreign)).body(), {"a": public}) == CHECKPOINT
    wrong = notes.NoteSignature(CHECKPOINT.origin, notes.key_hash(CHECKPOINT.origin, raw_key(public)), bytes(64))
    assert trusted_checkpoint(notes.Note(note.text, (*note.signatures, wrong)).body(), {"a": public}) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash AAAAAAAA\n",
        "text\n\n— name AAAAAAAA".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— name !!!!\n".encode(),
        "te\rxt\n\n— name AAAAAAAA\n".encode(),
        b"\xff\n\n",
        b"x" * (notes.NOTE_BYTES_MAX + 1),
        ("text\n\n" + "— n AAAAAAAA\n" * 101).encode(),
    ],
)
def test_what_is_no_note_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        notes.read_note(body)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n7\n",
        "o\n07\n" + "A" * 43 + "=\n",
        "o\n-7\n" + "A" * 43 + "=\n",
        "o\n７\n" + "A" * 43 + "=\n",
        "o\n7\nAAAA\n",
        "\n7\n" + "A" * 43 + "=\n",
        "o\n7\n" + "A" * 42 + "B=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        notes.read_checkpoint(text)


@pytest.mark.parametrize(("station", "origin"), [("station-1", "station-1"), ("城管 一站+a　b", "城管-一站-a-b")])
def test_an_origin_is_a_name_a_key_may_have(station: str, origin: str) -> None:
    assert notes.origin_of(station) == f"evidock/{origin}"
