"""What somebody with every right tries on sealed objects: refused by the server or found out by us, never believed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.waiting import until
from tests.vault.stores import DAY, QUICK, UNTIL, Lossy, Store, compliance, sha256
from vault.errors import BucketUnfit, DisposalDenied, KeyTaken, LockHolds, LockRefused, LockTooShort
from vault.s3.bucket import Bucket, checked
from vault.s3.responses import Lock, Part
from vault.s3.store import ObjectVault
from vault.s3.uploading import MEBIBYTE, PART_BYTES
from vault.s3.wire import Refused

Place = tuple[str, ObjectVault]
BODY = b"evidence"
OTHER = b"something else"


def read(opened: ObjectVault, key: str) -> bytes:
    with opened.open(key) as file:
        return file.read()


def raw_put(attacker: Bucket, key: str, body: bytes, lock: Lock | None = None) -> None:
    """A put as any program may make it."""
    headers = checked(body)
    if lock is not None:
        headers |= {
            "x-amz-object-lock-mode": lock.mode,
            "x-amz-object-lock-retain-until-date": f"{lock.until:%Y-%m-%dT%H:%M:%SZ}",
        }
    attacker.wire.ask("PUT", key, headers=headers, body=body)


def raw_parts(attacker: Bucket, key: str, body: bytes) -> None:
    """An upload in parts that asks for no lock."""
    upload = attacker.wire.ask("POST", key, {"uploads": ""})
    number = upload.body.partition(b"<UploadId>")[2].partition(b"<")[0].decode()
    pieces = [body[at : at + PART_BYTES] for at in range(0, len(body), PART_BYTES)]
    parts = [attacker.put_part(key, number, count, piece) for count, piece in enumerate(pieces, 1)]
    plain = tuple(Part(part.number, part.size_bytes, part.etag, None) for part in parts)
    attacker.complete(key, number, plain)


def whats(opened: ObjectVault) -> list[str]:
    return sorted(oddity.what for oddity in opened.oddities("originals"))


def test_a_mark_of_deletion_is_seen_through_and_told(store: Store, place: Place, key: str, copy: Path) -> None:
    bucket, opened = place
    stored = opened.put_document(key, BODY, UNTIL)
    store.bucket(bucket).wire.ask("DELETE", key)
    assert opened.find(key) == stored
    assert read(opened, key) == BODY
    assert list(opened.keys("originals")) == [key]
    assert opened.put(key, copy, sha256(BODY), UNTIL) == stored
    assert whats(opened) == ["deleted"]
    assert len([one for one in store.bucket(bucket).history(key) if not one.is_marker]) == 1


def test_a_locked_version_cannot_be_deleted(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    stored = opened.put_document(key, BODY, UNTIL)
    for bypass in ({}, {"x-amz-bypass-governance-retention": "true"}):
        with pytest.raises(Refused) as refused:
            store.bucket(bucket).wire.ask("DELETE", key, {"versionId": stored.version}, bypass)
        assert refused.value.status == 403
    with pytest.raises((LockHolds, DisposalDenied)):
        opened.discard(key, UNTIL)
    assert read(opened, key) == BODY


@pytest.mark.parametrize("lock", [None, compliance(UNTIL + DAY)], ids=["unlocked", "locked for longer"])
def test_an_overwriting_is_seen_through_and_told(store: Store, place: Place, key: str, lock: Lock | None) -> None:
    bucket, opened = place
    stored = opened.put_document(key, BODY, UNTIL)
    raw_put(store.bucket(bucket), key, OTHER, lock)
    assert opened.find(key) == stored
    assert read(opened, key) == BODY
    assert opened.put_document(key, BODY, UNTIL) == stored
    with pytest.raises(KeyTaken):
        opened.put_document(key, OTHER, UNTIL)
    assert whats(opened) == ["added"]


def test_other_bytes_that_came_before_us_are_never_taken_for_ours(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    raw_put(store.bucket(bucket), key, OTHER)
    with pytest.raises(KeyTaken):
        opened.put_document(key, BODY, UNTIL)
    found = opened.find(key)
    assert found is not None
    assert found.retain_until == datetime.min.replace(tzinfo=UTC), "somebody else's bytes were locked"


def test_a_lock_cannot_be_shortened(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    stored = opened.put_document(key, BODY, UNTIL)
    with pytest.raises(LockTooShort):
        opened.extend(key, UNTIL - DAY)
    for lock in (compliance(UNTIL - DAY), Lock("GOVERNANCE", UNTIL)):
        with pytest.raises(Refused):
            store.bucket(bucket).lock(key, stored.version, lock)
    assert opened.find(key) == stored
    assert opened.extend(key, UNTIL + DAY).retain_until == UNTIL + DAY


def test_versions_cannot_be_switched_off_or_no_put_is_believed(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    stored = opened.put_document(key, BODY, UNTIL)
    body = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    try:
        store.bucket(bucket).wire.ask("PUT", None, {"versioning": ""}, checked(body), body)
    except Refused:
        pass
    else:
        with pytest.raises((BucketUnfit, LockRefused)):
            opened.put_document(f"{key}-later", BODY, UNTIL)
    assert opened.find(key) == stored


def test_a_bucket_without_lock_gets_nothing(store: Store, key: str) -> None:
    bucket = f"plain-{key[-12:]}"
    store.wire(bucket).ask("PUT", None)
    opened = ObjectVault(store.wire(bucket), "COMPLIANCE")
    with pytest.raises(BucketUnfit):
        opened.put_document(key, BODY, UNTIL)
    with pytest.raises(BucketUnfit):
        opened.make()
    assert opened.find(key) is None


def test_a_legal_hold_outlives_the_lock(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    stored = opened.put_document(key, BODY, soon)
    attacker = store.bucket(bucket)

    def hold(status: str) -> None:
        body = f"<LegalHold><Status>{status}</Status></LegalHold>".encode()
        attacker.wire.ask("PUT", key, {"legal-hold": "", "versionId": stored.version}, checked(body), body)

    hold("ON")
    until(lambda: (opened.server_time() or soon) > soon, "the lock's end by the server's clock")
    with pytest.raises(LockHolds, match="legal hold"):
        opened.discard(key, soon)
    with pytest.raises(Refused):
        attacker.remove(key, stored.version)
    hold("OFF")
    opened.discard(key, soon)
    assert opened.find(key) is None


@pytest.mark.parametrize("length", [len(BODY), PART_BYTES + MEBIBYTE], ids=["whole", "in parts"])
def test_an_object_that_came_without_a_lock_is_read_and_locked(
    store: Store, place: Place, key: str, copy: Path, length: int
) -> None:
    bucket, opened = place
    body = os.urandom(length)
    (raw_put if length < PART_BYTES else raw_parts)(store.bucket(bucket), key, body)
    copy.write_bytes(body)
    stored = opened.put(key, copy, sha256(body), UNTIL)
    assert store.bucket(bucket).head(key, stored.version).lock == compliance()
    assert whats(opened) == []


@pytest.mark.parametrize("length", [len(BODY), PART_BYTES + MEBIBYTE], ids=["whole", "in parts"])
def test_a_lock_the_server_dropped_is_set_again(store: Store, place: Place, key: str, copy: Path, length: int) -> None:
    wire = Lossy(store.address(place[0]), store.lab, QUICK)
    wire.asks_without = ("x-amz-object-lock",)
    body = os.urandom(length)
    copy.write_bytes(body)
    stored = ObjectVault(wire, "COMPLIANCE").put(key, copy, sha256(body), UNTIL)
    assert wire.dropped > 0
    assert store.bucket(place[0]).head(key, stored.version).lock == compliance()


def test_a_lock_the_server_only_says_it_set_is_not_believed(store: Store, place: Place, key: str) -> None:
    wire = Lossy(store.address(place[0]), store.lab, QUICK)
    wire.asks_without, wire.ignores = ("x-amz-object-lock",), ("retention",)
    with pytest.raises(LockRefused):
        ObjectVault(wire, "COMPLIANCE").put_document(key, BODY, UNTIL)
    with pytest.raises(LockRefused):
        ObjectVault(wire, "COMPLIANCE").extend(key, UNTIL)


def test_a_weaker_lock_is_not_believed(store: Store, place: Place, key: str) -> None:
    bucket, opened = place
    raw_put(store.bucket(bucket), key, BODY, Lock("GOVERNANCE", UNTIL))
    try:
        stored = opened.put_document(key, BODY, UNTIL)
    except LockRefused:
        return
    lock = store.bucket(bucket).head(key, stored.version).lock
    assert lock is not None
    assert lock.mode == "COMPLIANCE"


def test_headers_a_server_keeps_back_are_done_without(store: Store, place: Place, key: str, copy: Path) -> None:
    wire = Lossy(store.address(place[0]), store.lab, QUICK)
    wire.answers_without = ("x-amz-object-lock", "etag", "x-amz-version-id", "x-amz-checksum")
    body = os.urandom(PART_BYTES + MEBIBYTE)
    copy.write_bytes(body)
    opened = ObjectVault(wire, "COMPLIANCE")
    assert opened.put(key, copy, sha256(body), UNTIL).retain_until == UNTIL
    assert opened.find(key) == place[1].find(key)
    assert wire.dropped > 0


def test_a_moment_between_two_seconds_is_locked_to_the_later(place: Place, key: str) -> None:
    odd = UNTIL + timedelta(microseconds=123)
    stored = place[1].put_document(key, BODY, odd)
    assert odd <= stored.retain_until <= UNTIL + timedelta(seconds=1)
    assert place[1].put_document(key, BODY, odd).retain_until == stored.retain_until


SIGNATURE = f"signatures/ab/{'ab' * 32}.json"


def is_valid(key: str, body: bytes) -> bool:
    """As if BODY alone were a signature over what the key names."""
    return (key, body) == (SIGNATURE, BODY)


def test_a_signature_put_beside_ours_and_locked_is_never_believed(store: Store, place: Place) -> None:
    bucket, opened = place
    opened.judge_by(is_valid)
    stored = opened.put_document(SIGNATURE, BODY, UNTIL)
    raw_put(store.bucket(bucket), SIGNATURE, OTHER, compliance(UNTIL + DAY))
    assert opened.find(SIGNATURE) == stored
    assert read(opened, SIGNATURE) == BODY


@pytest.mark.parametrize("is_judged", [False, True], ids=["nobody can tell", "judged"])
def test_a_damaged_signature_is_mended_beside_it(
    store: Store, place: Place, tmp_path: Path, *, is_judged: bool
) -> None:
    bucket, opened = place
    raw_put(store.bucket(bucket), SIGNATURE, OTHER, compliance(UNTIL))
    good = tmp_path / "good"
    good.write_bytes(BODY)
    if not is_judged:
        with pytest.raises(KeyTaken):
            opened.repair(SIGNATURE, good, sha256(BODY), UNTIL)
        assert read(opened, SIGNATURE) == OTHER
        return
    opened.judge_by(is_valid)
    for _ in range(2):
        good.write_bytes(BODY)
        stored = opened.repair(SIGNATURE, good, sha256(BODY), UNTIL)
        assert (opened.find(SIGNATURE), read(opened, SIGNATURE)) == (stored, BODY)
    assert [one.what for one in opened.oddities("signatures")] == ["mended"]
