"""Removing from object storage what is due: by a key of its own, not before the lock's end, by us and by the server."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.waiting import until as wait_until
from tests.vault.stores import QUICK, Store
from vault.errors import DisposalDenied, LockHolds
from vault.s3.store import ObjectVault
from vault.s3.wire import Wire

BODY = b"evidence"
LOCK_S = 4


def test_what_is_due_goes_with_the_key_for_it_alone(store: Store) -> None:
    bucket, made = store.new()
    key = f"originals/{uuid.uuid4().hex}"
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=LOCK_S)
    made.put_document(key, BODY, until)
    by_writer = ObjectVault(Wire(store.address(bucket), store.writer, QUICK), "COMPLIANCE")
    both = ObjectVault(Wire(store.address(bucket), store.writer, QUICK), "COMPLIANCE", lambda: store.wire(bucket))
    with pytest.raises(LockHolds):
        both.discard(key, datetime.now(UTC))
    with pytest.raises(DisposalDenied):  # our clock set ahead: the server still holds it
        both.discard(key, until + timedelta(days=1))
    assert both.find(key) is not None

    def is_discarded() -> bool:
        try:
            both.discard(key, until)
        except DisposalDenied:
            return False
        return True

    wait_until(is_discarded, "the lock's end")
    assert made.find(key) is None
    assert by_writer.find(key) is None
    assert list(store.bucket(bucket).history(key)) == []


def test_the_server_tells_its_time(store: Store) -> None:
    told = store.new()[1].server_time()
    assert told is not None
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)
