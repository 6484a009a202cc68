"""Signatures of the station, checked by us and by openssl."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from vault.errors import KeyMissing
from vault.signature import KEY_FILE, make_key, read_key, read_public_keys, signature_is_valid

BODY = b'{"schema":"evidock.manifest/1"}'


def test_a_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = make_key(tmp_path)
    assert make_key(tmp_path).key_id == first.key_id == read_key(tmp_path).key_id
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert set(read_public_keys(tmp_path)) == {first.key_id}


def test_a_signature_holds_for_its_body_and_key_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    signer, other = make_key(tmp_path), make_key(tmp_path / "other")
    trusted = read_public_keys(tmp_path)
    signature = signer.sign(BODY)
    assert signature_is_valid(BODY, signature, signer.key_id, trusted)
    assert not signature_is_valid(BODY + b" ", signature, signer.key_id, trusted)
    assert not signature_is_valid(BODY, other.sign(BODY), signer.key_id, trusted)
    assert not signature_is_valid(BODY, other.sign(BODY), other.key_id, trusted)
    for damaged in ("", "!", signature[:-4], signature + "AAAA"):
        assert not signature_is_valid(BODY, damaged, signer.key_id, trusted)


def test_openssl_agrees(tmp_path: Path) -> None:
    signer = make_key(tmp_path)
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "sig").write_bytes(base64.b64decode(signer.sign(BODY)))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{tmp_path}/{signer.key_id}.pub.pem", "-rawin"]
    done = subprocess.run([*command, "-in", tmp_path / "body", "-sigfile", tmp_path / "sig"], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("text", [None, b"", b"not a key"])
def test_a_missing_or_damaged_key_is_said_in_words(tmp_path: Path, text: bytes | None) -> None:
    if text is not None:
        (tmp_path / KEY_FILE).write_bytes(text)
    with pytest.raises(KeyMissing):
        read_key(tmp_path)
