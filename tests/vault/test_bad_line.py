"""Uploads over a bad line: nothing sealed that is not there, nothing there twice, nothing left over, little memory."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.badline import KINDS, BadLine, Fault, random_faults
from tests.vault.stores import UNTIL, Store, compliance, sha256
from vault.contract import Stored
from vault.errors import VaultDenied, VaultUnreachable
from vault.s3.store import ObjectVault
from vault.s3.uploading import PART_BYTES
from vault.s3.wire import Patience

IMPATIENT = Patience(connect_s=1, answer_s=1, budget_s=8, tries=3, pause_s=0.02)
PUTS_MAX = 40
MEMORY_BYTES_MAX = 200 << 20


def put_at_last(store: Store, line: BadLine, bucket: str, key: str, copy: Path) -> Stored:
    """Put as the station does: again and again, and now and then after a restart."""
    digest = sha256(copy.read_bytes())
    opened = store.over(line.endpoint, bucket, IMPATIENT)
    for tried in range(PUTS_MAX):
        try:
            return opened.put(key, copy, digest, UNTIL)
        except (VaultUnreachable, VaultDenied):
            pass
        if tried % 3 == 2:
            opened = store.over(line.endpoint, bucket, IMPATIENT)
    raise AssertionError(f"{key} could not be put in {PUTS_MAX} tries")


def is_lacking(line: BadLine, left: int) -> bool:
    """Whether a kind of fault has found no place yet, and there is time for more."""
    return left > 0 and set(line.done) != set(KINDS)


def put_many(store: Store, folder: Path, uploads: int, faults: int, seed: int) -> BadLine:
    """So many uploads, and so many faults at least; everything is looked at over a good line afterwards."""
    chance = random.Random(seed)
    bucket, honest = store.new()
    sealed: dict[str, tuple[str, Stored]] = {}
    with BadLine(store.upstream, random_faults(seed, 0.25, PART_BYTES), silence_s=1.2) as line:
        while len(sealed) < uploads or line.done.total() < faults or is_lacking(line, 3 * uploads - len(sealed)):
            key = f"originals/{len(sealed):04}"
            large = len(sealed) % 8 == 3
            body = chance.randbytes(
                PART_BYTES + chance.randrange(2 * PART_BYTES) if large else chance.randrange(60_000)
            )
            copy = folder / "copy"
            copy.write_bytes(body)
            sealed[key] = sha256(body), put_at_last(store, line, bucket, key, copy)
            assert not copy.exists()
    prove(store, bucket, honest, sealed)
    return line


def prove(store: Store, bucket: str, honest: ObjectVault, sealed: dict[str, tuple[str, Stored]]) -> None:
    assert list(honest.keys("originals")) == list(sealed)
    assert list(honest.oddities("originals")) == []
    for key, (digest, stored) in sealed.items():
        with honest.open(key) as file:
            assert sha256(file.read()) == digest
        assert honest.find(key) == stored
        assert store.bucket(bucket).head(key, stored.version).lock == compliance()
    honest.sweep(datetime.now(UTC) + timedelta(hours=1))
    assert list(store.bucket(bucket).uploads("")) == []


@pytest.mark.timeout(900)
def test_sixty_faults_lose_nothing_and_double_nothing(store: Store, tmp_path: Path) -> None:
    line = put_many(store, tmp_path, 16, 60, seed=1)
    print(dict(line.done), len(line.asked), "exchanges")
    assert line.done.total() >= 60
    assert len(line.done) >= len(KINDS) - 1, line.done


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_five_hundred_faults_lose_nothing_and_double_nothing(store: Store, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = put_many(store, tmp_path, 200, 500, seed=2)
    print(dict(line.done), len(line.asked), "exchanges")
    assert line.done.total() >= 500
    assert set(line.done) == set(KINDS)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MEMORY_BYTES_MAX


def each_once(kind: str, nth: int, after_bytes: int = 0) -> Iterator[Fault | None]:
    while True:
        nth -= 1
        yield Fault(kind, after_bytes) if nth == 0 else None


@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("kind", KINDS)
def test_one_fault_at_any_exchange_of_a_put_is_overcome_at_once(store: Store, kind: str, nth: int) -> None:
    """A put of a document asks: lock? versions? there? put, there? lock? bytes."""
    bucket, honest = store.new()
    plan = each_once(kind, nth)
    with BadLine(store.upstream, lambda line: next(plan), silence_s=0.8) as line:
        patience = Patience(connect_s=1, answer_s=0.5, budget_s=10, tries=4, pause_s=0.01)
        try:
            store.over(line.endpoint, bucket, patience).put_document("acts/a", b"x" * 2000, UNTIL)
        except VaultUnreachable:
            assert kind == "hurt down", "only an answer that lies needs the station's own second try"
            store.over(line.endpoint, bucket, patience).put_document("acts/a", b"x" * 2000, UNTIL)
    assert len([one for one in store.bucket(bucket).versions("acts/a") if not one.is_marker]) == 1
    assert list(honest.oddities("acts")) == []
