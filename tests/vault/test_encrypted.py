"""A vault with encrypted originals keeps every promise of a vault, for the plain bytes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.vault.authority import openssl
from tests.vault.stores import Store
from vault.backends.directory import DirectoryVault
from vault.backends.encrypted import EncryptedVault
from vault.contract import Vault
from vault.errors import CopyDiffers, KeyTaken, LockHolds, NotInVault, SealedHarmed, SecretMissing
from vault.segments import SEGMENT_BYTES
from vault.wrapping import CREDENTIAL, wrapped_key, wrapping

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
DAY = timedelta(days=1)
DIGITS = "5a" * 32
BODY = b"not for everybody" * 100_000


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def key_of(body: bytes) -> str:
    return f"originals/{sha256(body)[:2]}/{sha256(body)}"


def test_a_scan_of_a_record_is_encrypted_by_a_key_of_its_own(opened: EncryptedVault, tmp_path: Path) -> None:
    """What is let go with a clip of the same bytes is not what opens the scan."""
    clip, scan = filed(opened, tmp_path), key_of(BODY).replace("originals", "papers")
    assert opened.reserve_key(scan, UNTIL) == wrapping(DIGITS).id
    opened.put(scan, copied(tmp_path), sha256(BODY), UNTIL)
    assert read(opened, scan) == read(opened, clip)
    opened.discard(clip, UNTIL + timedelta(days=1))
    assert read(opened, scan) == BODY
    assert list(opened.keys("wrapped")) == [f"wrapped/{scan}.json"]


def secret_of(**held: str) -> Callable[[str], str]:
    """What the credentials folder gives."""
    named = {CREDENTIAL: DIGITS} | {name.replace("_", "-"): text for name, text in held.items()}

    def secret(name: str) -> str:
        if name not in named:
            raise SecretMissing(name=name, reason="nobody gave any")
        return named[name]

    return secret


@pytest.fixture
def inner(tmp_path: Path) -> DirectoryVault:
    return DirectoryVault(tmp_path / "vault", immutable=False)


@pytest.fixture
def opened(inner: DirectoryVault) -> EncryptedVault:
    return EncryptedVault(inner, secret_of())


def copied(tmp_path: Path, body: bytes = BODY) -> Path:
    path = tmp_path / "copy"
    path.write_bytes(body)
    return path


def filed(opened: EncryptedVault, tmp_path: Path, body: bytes = BODY) -> str:
    key = key_of(body)
    assert opened.reserve_key(key, UNTIL) == wrapping(DIGITS).id
    stored = opened.put(key, copied(tmp_path, body), sha256(body), UNTIL)
    assert (stored.size_bytes, stored.retain_until) == (len(body), UNTIL)
    assert list(tmp_path.glob("copy*")) == []
    return key


def read(opened: Vault, key: str) -> bytes:
    with opened.open(key) as file:
        return file.read()


@pytest.mark.parametrize("body", [b"", BODY, secrets.token_bytes(2 * SEGMENT_BYTES)], ids=["empty", "some", "whole"])
def test_what_is_promised_is_encrypted_and_reads_plain(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path, body: bytes
) -> None:
    key = filed(opened, tmp_path, body)
    assert read(opened, key) == body
    assert not body or body[:64] not in read(inner, key)
    found = opened.find(key)
    assert found is not None
    assert found.size_bytes == len(body)
    assert read(EncryptedVault(inner, secret_of()), key) == body, "another process"


def test_what_is_not_promised_stays_as_it_is(opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path) -> None:
    key = key_of(BODY)
    opened.put(key, copied(tmp_path), sha256(BODY), UNTIL)
    assert read(inner, key) == BODY
    assert opened.reserve_key(key, UNTIL) is None, "a locked object is not altered"
    assert read(opened, key) == BODY
    assert list(inner.keys("wrapped")) == []


def test_a_put_may_be_made_again_with_and_without_the_file(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path
) -> None:
    key = filed(opened, tmp_path)
    before = read(inner, key)
    filed(opened, tmp_path)
    assert opened.put(key, tmp_path / "gone", sha256(BODY), UNTIL + DAY).retain_until == UNTIL + DAY
    assert read(inner, key) == before
    wrapped = inner.find(wrapped_key(key))
    assert wrapped is not None
    assert wrapped.retain_until == UNTIL + DAY
    with pytest.raises(KeyTaken):
        opened.put(key, tmp_path / "gone", sha256(b"other"), UNTIL)


def test_a_copy_that_is_not_what_was_hashed_comes_not_in(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path
) -> None:
    key = key_of(BODY)
    opened.reserve_key(key, UNTIL)
    with pytest.raises(CopyDiffers):
        opened.put(key, copied(tmp_path, BODY + b"x"), sha256(BODY), UNTIL)
    assert inner.find(key) is None
    with pytest.raises(NotInVault):
        opened.put(key, tmp_path / "gone", sha256(BODY), UNTIL)


def test_lock_and_hold_are_of_both(opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path) -> None:
    key = filed(opened, tmp_path)
    assert opened.extend(key, UNTIL + DAY).size_bytes == len(BODY)
    assert opened.set_legal_hold(key, True).size_bytes == len(BODY)
    for each in (key, wrapped_key(key)):
        stored = inner.find(each)
        assert stored is not None
        assert (stored.retain_until, stored.on_legal_hold) == (UNTIL + DAY, True)
    with pytest.raises(LockHolds):
        opened.discard(key, UNTIL + DAY)
    opened.set_legal_hold(key, False)
    with pytest.raises(LockHolds):
        opened.discard(key, UNTIL)
    assert read(opened, key) == BODY, "refused: the wrapped key is still there"


def test_the_key_is_destroyed_with_the_original(opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path) -> None:
    key = filed(opened, tmp_path)
    left = read(inner, key)
    opened.discard(key, UNTIL)
    assert inner.find(key) is None
    assert inner.find(wrapped_key(key)) is None
    opened.discard(key, UNTIL)
    forgotten = tmp_path / "vault/objects" / key
    forgotten.write_bytes(left)
    assert read(opened, key) == left, "a copy left behind is segments that nothing opens"


def test_a_disposal_that_broke_off_is_gone_on_with(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path
) -> None:
    key = filed(opened, tmp_path)
    inner.discard(wrapped_key(key), UNTIL)
    opened.discard(key, UNTIL)
    assert inner.find(key) is None


def harmed(inner: DirectoryVault, key: str, **changes: str) -> None:
    path = inner.root / "objects" / wrapped_key(key)
    told = json.loads(path.read_bytes()) | changes
    path.unlink()
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    "changes",
    [
        {"wrapped": "AAAA"},
        {"wrapped": "!"},
        {"original": sha256(b"")},
        {"schema": "another"},
        {"wrapping_key": "../../../../etc"},
    ],
    ids=str,
)
def test_a_harmed_wrapped_key_is_damage(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path, changes: dict[str, str]
) -> None:
    key = filed(opened, tmp_path)
    harmed(inner, key, **changes)
    with pytest.raises(OSError, match="wrapped key"):
        opened.open(key)
    with pytest.raises(SealedHarmed):
        opened.put(key, copied(tmp_path), sha256(BODY), UNTIL)


def test_the_wrapped_key_of_another_clip_opens_nothing(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path
) -> None:
    key, other = filed(opened, tmp_path), filed(opened, tmp_path, b"other")
    taken = json.loads(read(inner, wrapped_key(other)))["wrapped"]
    harmed(inner, key, wrapped=taken)
    with opened.open(key) as file, pytest.raises(OSError, match="segment 0"):
        file.read()


def test_an_older_wrapping_key_still_opens_and_a_missing_one_is_named(
    opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path
) -> None:
    key = filed(opened, tmp_path)
    old = f"{CREDENTIAL}-{wrapping(DIGITS).id}"
    new = EncryptedVault(inner, secret_of(**{CREDENTIAL: "a5" * 32, old: DIGITS}))
    assert read(new, key) == BODY
    lacking = EncryptedVault(inner, secret_of(**{CREDENTIAL: "a5" * 32}))
    with pytest.raises(SecretMissing, match=old):
        lacking.open(key)
    for bad in ("", "5a", "xy" * 32):
        with pytest.raises(SecretMissing):
            EncryptedVault(inner, secret_of(**{CREDENTIAL: bad})).open(key)


def test_openssl_unwraps_the_key_by_hand(opened: EncryptedVault, inner: DirectoryVault, tmp_path: Path) -> None:
    """What docs/encryption.md says for a day without this program."""
    key = filed(opened, tmp_path)
    wrapped = json.loads(read(inner, wrapped_key(key)))["wrapped"]
    (tmp_path / "wrapped").write_text(wrapped + "\n")
    plain = openssl("base64", "-d", "-in", tmp_path / "wrapped")
    (tmp_path / "raw").write_bytes(plain)
    line = ("enc", "-d", "-id-aes256-wrap", "-iv", "A6A6A6A6A6A6A6A6", "-K", DIGITS, "-in", tmp_path / "raw")
    assert len(openssl(*line)) == 32


def test_its_descriptor_is_the_stored_file_to_drop_from_memory(opened: EncryptedVault, tmp_path: Path) -> None:
    key = filed(opened, tmp_path)
    with opened.open(key) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        assert not isinstance(getattr(file, "name", None), str), "nobody opens it by name: those are no plain bytes"


def test_it_works_in_front_of_object_storage(weeds: Store, tmp_path: Path) -> None:
    """Parts included: sealed segments of a file of 20 MB."""
    body = secrets.token_bytes(20_000_000)
    _, bucket = weeds.new()
    opened = EncryptedVault(bucket, secret_of())
    key = filed(opened, tmp_path, body)
    assert read(opened, key) == body
    with opened.open(key) as file:
        file.seek(-1000, os.SEEK_END)
        assert file.read() == body[-1000:]
    assert opened.extend(key, UNTIL + DAY).retain_until == UNTIL + DAY
    with pytest.raises(LockHolds):
        opened.discard(key, UNTIL)
