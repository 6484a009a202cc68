"""SM2 keys and signatures: the standard's own example, and openssl in both directions."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.vault.authority import openssl
from vault import sm2
from vault.errors import KeyMissing
from vault.signature import (
    KEY_FILE,
    SM2,
    algorithm_of,
    make_key,
    public_from_raw,
    raw_key,
    raw_signature_is_valid,
    read_key,
    read_public_keys,
    signature_is_valid,
)
from vault.sm2_keys import Sm2PublicKey, read_private, read_public
from vault.sm3 import OpenSsl

BODY = b'{"schema":"evidock.manifest/1"}'
GB = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")

# GB/T 32918.5-2017, appendix A.2: key, message "message digest", digest of identity, signature.
SECRET = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
KEY = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
WHO = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA


def der(r: int, s: int) -> bytes:
    inside = sm2.integer(r) + sm2.integer(s)
    return bytes((0x30, len(inside))) + inside


def test_the_example_of_the_standard_holds() -> None:
    assert sm2.who(KEY, OpenSsl).hex() == WHO
    assert sm2.multiple(int(SECRET, 16), (sm2.GX, sm2.GY)) == sm2.point_of(KEY)
    assert sm2.signed(KEY, b"message digest", der(R, S), OpenSsl)
    assert not sm2.signed(KEY, b"message digesT", der(R, S), OpenSsl)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        der(R, S)[:-1],
        der(R, S) + b"\x00",
        der(0, S),
        der(R, 0),
        der(R + sm2.N, S),
        der(R, sm2.N - R),
        der(S, R),
        b"\x30\x81" + der(R, S)[1:],
        b"\x30\x48\x02\x22\x00" + der(R, S)[4:],
        bytes((0x30, 0xFF, 2, 33)) + bytes(40),
    ],
)
def test_what_is_no_signature_holds_for_nothing(signature: bytes) -> None:
    assert not sm2.signed(KEY, b"message digest", signature, OpenSsl)


@pytest.mark.parametrize("key", [b"", KEY[:-1], b"\x05" + KEY[1:], KEY[:-1] + b"\x12", b"\x04" + bytes(64)])
def test_what_is_no_point_is_no_key(key: bytes) -> None:
    assert not sm2.signed(key, b"message digest", der(R, S), OpenSsl)
    with pytest.raises(ValueError, match="not an SM2 public key"):
        Sm2PublicKey(key)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A folder with a key openssl made."""
    openssl("genpkey", "-algorithm", "SM2", "-out", tmp_path / KEY_FILE)
    openssl("pkey", "-in", tmp_path / KEY_FILE, "-pubout", "-out", tmp_path / "theirs.pub.pem")
    return tmp_path


def test_what_openssl_signs_holds_here_without_the_extra(theirs: Path) -> None:
    (public,) = read_public_keys(theirs).values()
    assert isinstance(public, Sm2PublicKey)
    assert public.pem() == (theirs / "theirs.pub.pem").read_bytes()
    assert public_from_raw(raw_key(public)) == public
    (theirs / "body").write_bytes(BODY)
    for _ in range(20):
        openssl(
            "pkeyutl", "-sign", "-inkey", theirs / KEY_FILE, *GB, "-in", theirs / "body", "-out", theirs / "signature"
        )
        signature = (theirs / "signature").read_bytes()
        assert raw_signature_is_valid(BODY, signature, public)
        assert not raw_signature_is_valid(BODY + b" ", signature, public)
        assert algorithm_of(base64.b64encode(signature).decode()) == SM2


def test_what_we_sign_holds_for_openssl(theirs: Path, tmp_path: Path) -> None:
    pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    (tmp_path / "ours").mkdir()
    for signer in (read_key(theirs), make_key(tmp_path / "ours", SM2)):
        (tmp_path / "body").write_bytes(BODY)
        (tmp_path / "key.pem").write_bytes(signer.public_pem())
        (tmp_path / "signature").write_bytes(signer.sign_raw(BODY))
        check = (
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            tmp_path / "key.pem",
            *GB,
            "-sigfile",
            tmp_path / "signature",
        )
        openssl(*check, "-in", tmp_path / "body")
        (tmp_path / "body").write_bytes(BODY + b" ")
        with pytest.raises(AssertionError):
            openssl(*check, "-in", tmp_path / "body")
        assert signature_is_valid(BODY, signer.sign(BODY), signer.key_id, {signer.key_id: signer.public})


def test_a_made_key_is_kept_and_read_by_openssl(tmp_path: Path) -> None:
    pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    signer = make_key(tmp_path, SM2)
    assert make_key(tmp_path).key_id == read_key(tmp_path).key_id == signer.key_id
    assert openssl("pkey", "-in", tmp_path / KEY_FILE, "-pubout") == signer.public_pem()
    assert "secret" not in repr(signer)


@pytest.mark.parametrize("harm", ["another public key", "cut", "no secret"])
def test_a_damaged_key_file_is_no_key(theirs: Path, harm: str) -> None:
    whole = (theirs / KEY_FILE).read_bytes()
    raw = base64.b64decode(b"".join(whole.splitlines()[1:-1]))
    changed = {
        "another public key": raw[:-65] + KEY,
        "cut": raw[:-1],
        "no secret": raw[:36] + bytes(32) + raw[68:],
    }[harm]
    pem = b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(changed) + b"-----END PRIVATE KEY-----\n"
    assert read_private(whole) is not None
    assert read_private(pem) is None
    assert read_public(pem) is None
    (theirs / KEY_FILE).write_bytes(pem)
    with pytest.raises(KeyMissing):
        read_key(theirs)
