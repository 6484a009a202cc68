"""The spool against a card and a disk that fail."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from catalog.evidence import Digest, SourceFile
from catalog.station_error import StationError
from devices.errors import CardGone, CardUnreadable
from ingest import resume_point
from ingest import spool as spool_module
from ingest.contract import Silent
from ingest.copying import copy_hashing, sha256_of
from ingest.errors import CopyMismatch, SourceChanged, SpoolBroken, SpoolFull, Stopped, TwinPending
from ingest.spool import DiskSpool
from tests.fakes.card import FakeCard

BODY = os.urandom(3 << 20)


@pytest.fixture
def card(tmp_path: Path) -> FakeCard:
    (tmp_path / "card").mkdir()
    return FakeCard(tmp_path / "card")


@pytest.fixture
def spool(tmp_path: Path) -> DiskSpool:
    (tmp_path / "spool").mkdir()
    return DiskSpool(tmp_path / "spool", 0, Silent())


def test_a_copy_is_whole_and_held_until_dropped(spool: DiskSpool, card: FakeCard) -> None:
    spooled = spool.take(card.source(b"a.MP4", BODY), card)
    assert spool.path(spooled).read_bytes() == BODY
    assert spool.has(spooled)
    spool.drop(spooled)
    spool.drop(spooled)
    assert not spool.has(spooled)
    assert list(spool.folder.iterdir()) == []


def test_a_copy_that_rotted_is_not_held(spool: DiskSpool, card: FakeCard) -> None:
    spooled = spool.take(card.source(b"a.MP4", BODY), card)
    with spool.path(spooled).open("r+b") as file:
        file.write(bytes([BODY[0] ^ 1]))
    assert not spool.has(spooled)


def failing(real: Callable[..., int], number: int, after: int) -> Callable[..., int]:
    """The system call `real`, which fails with an errno from its n-th call on."""
    left = [after]

    def call(*arguments: object) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(number, os.strerror(number))
        return real(*arguments)

    return call


@pytest.mark.parametrize(
    ("call", "number", "after", "error"),
    [
        ("readv", errno.EIO, 0, CardUnreadable),
        ("readv", errno.EIO, 2, CardUnreadable),
        ("readv", errno.ENODEV, 1, CardGone),
        ("write", errno.ENOSPC, 0, SpoolFull),
        ("write", errno.ENOSPC, 2, SpoolFull),
        ("write", errno.EDQUOT, 1, SpoolFull),
        ("write", errno.EIO, 1, SpoolBroken),
        ("fsync", errno.EIO, 0, SpoolBroken),
        ("fsync", errno.EIO, 1, SpoolBroken),
        ("fsync", errno.ENOSPC, 0, SpoolFull),
        ("readv", errno.EIO, 4, SpoolBroken),
    ],
)
def test_each_failing_call_is_told_apart_and_leaves_nothing(
    spool: DiskSpool,
    card: FakeCard,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
    after: int,
    error: type[StationError],
) -> None:
    source = card.source(b"a.MP4", BODY)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(getattr(os, call), number, after))
        with pytest.raises(error):
            spool.take(source, card)
    leaves = {"x.part", "x.mark"} if issubclass(error, CardGone | CardUnreadable) and after else set()
    assert {f"x{path.suffix}" for path in spool.folder.iterdir() if path.suffix} == leaves
    assert spool.has(spool.take(source, card))


def test_a_bad_sector_is_told_with_its_offset(
    spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "readv", failing(os.readv, errno.EIO, 2))
    with pytest.raises(CardUnreadable, match=str(2 << 20)):
        spool.take(card.source(b"a.MP4", BODY), card)


@pytest.mark.parametrize("announced", [0, 1, len(BODY) - 1, len(BODY) + 1, 2 * len(BODY)])
def test_a_size_that_lies_is_found_out(spool: DiskSpool, card: FakeCard, announced: int) -> None:
    with pytest.raises(SourceChanged):
        spool.take(card.source(b"a.MP4", BODY, size_bytes=announced), card)
    assert list(spool.folder.iterdir()) == []


def test_a_file_that_changed_while_read_is_not_taken(spool: DiskSpool, card: FakeCard) -> None:
    card.changed = "its modify time moved"
    with pytest.raises(SourceChanged, match="modify time"):
        spool.take(card.source(b"a.MP4", BODY), card)
    assert list(spool.folder.iterdir()) == []


def cut_off(spool: DiskSpool, card: FakeCard, source: SourceFile, buffers: int, number: int = errno.ENODEV) -> None:
    """Begin a copy whose card goes away after so many buffers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "readv", failing(os.readv, number, buffers))
        with pytest.raises((CardGone, CardUnreadable)):
            spool.take(source, card)


def digest_of(body: bytes) -> Digest:
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(body)
    return Digest(hashlib.sha256(body).hexdigest(), sm3.finalize().hex())


@pytest.mark.parametrize("buffers", [1, 2, 3])
def test_a_copy_that_was_cut_off_goes_on_where_it_stopped(spool: DiskSpool, card: FakeCard, buffers: int) -> None:
    source = card.source(b"a.MP4", BODY + b"end")
    cut_off(spool, card, source, buffers)
    spooled = spool.take(source, card)
    assert card.offsets == [0, buffers << 20]
    assert spooled.digest == digest_of(BODY + b"end")
    assert spool.path(spooled).read_bytes() == BODY + b"end"
    assert [path.name for path in spool.folder.iterdir()] == [source.key]


def test_a_copy_may_be_cut_off_again_and_again(spool: DiskSpool, card: FakeCard) -> None:
    body = os.urandom(7 << 20)
    source = card.source(b"a.MP4", body)
    for _ in range(3):
        cut_off(spool, card, source, 2 + 2 * len(card.offsets))  # what was kept is read from the spool by readv too
    assert spool.take(source, card).digest == digest_of(body)
    assert card.offsets == sorted(card.offsets)
    assert card.offsets[-1] > card.offsets[1] > 0


@pytest.mark.parametrize("harm", ["rotten", "short", "mark", "no mark", "mark of nothing"])
def test_a_part_that_cannot_be_relied_on_is_copied_anew(spool: DiskSpool, card: FakeCard, harm: str) -> None:
    source = card.source(b"a.MP4", BODY)
    cut_off(spool, card, source, 2)
    part, mark = (spool.folder / f"{source.key}{end}" for end in (".part", ".mark"))
    if harm == "rotten":
        with part.open("r+b") as file:
            file.seek(1 << 20)
            file.write(bytes([BODY[1 << 20] ^ 1]))
    elif harm == "short":
        os.truncate(part, 1000)
    elif harm == "mark":
        mark.write_text(mark.read_text().replace("2097152", "1048576"))
    elif harm == "no mark":
        mark.unlink()
    else:
        mark.write_text("{}")
    assert spool.take(source, card).digest == digest_of(BODY)
    assert card.offsets[-1] == 0
    assert [path.name for path in spool.folder.iterdir()] == [source.key]


def test_a_long_copy_is_marked_on_its_way(spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume_point, "MARK_BYTES", 1 << 20)
    source = card.source(b"a.MP4", BODY)
    seen: list[int] = []
    mark = spool.folder / f"{source.key}.mark"
    watcher = CountingWatcher(lambda: seen.append(json.loads(mark.read_text())["size_bytes"] if mark.exists() else 0))
    replace(spool, watcher=watcher).take(source, card)
    assert seen == [1 << 20, 2 << 20, 3 << 20]
    assert not mark.exists()


class CountingWatcher(Silent):
    """Calls a function after every buffer."""

    def __init__(self, called: Callable[[], None]) -> None:
        self._called = called

    def read(self, source: SourceFile, size_bytes: int) -> None:
        self._called()


def test_a_copy_read_back_a_moment_ago_is_not_read_again(
    spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = spool.take(card.source(b"a.MP4", BODY), card)
    calls: list[int] = []

    def sha256_of(descriptor: int) -> str:
        calls.append(descriptor)
        return spooled.digest.sha256

    monkeypatch.setattr(spool_module, "sha256_of", sha256_of)
    assert spool.has(spooled)
    assert calls == []
    monkeypatch.setattr(spool_module, "FRESH_S", 0)
    assert spool.has(spooled)
    assert DiskSpool(spool.folder, 0, Silent()).has(spooled)
    assert len(calls) == 2


def test_two_copies_at_once_do_not_share_the_last_room(spool: DiskSpool, card: FakeCard) -> None:
    first, second = card.source(b"a.MP4", BODY), card.source(b"b.MP4", BODY[::-1])
    refused: list[StationError] = []

    def meanwhile() -> None:
        if not refused:
            with pytest.raises(SpoolFull) as caught:
                room.take(second, FakeCard(card.folder.parent, {second.path: BODY}))
            refused.append(caught.value)
            with pytest.raises(TwinPending):
                room.take(first, card)

    free = shutil.disk_usage(spool.folder).free
    room = DiskSpool(spool.folder, free - 2 * len(BODY) + 1, CountingWatcher(meanwhile))
    room.take(first, card)
    assert len(refused) == 1


def test_a_disk_that_gives_back_other_bytes_is_found_out(
    spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "sha256_of", lambda _: "0" * 64)
    with pytest.raises(CopyMismatch):
        spool.take(card.source(b"a.MP4", BODY), card)
    assert list(spool.folder.iterdir()) == []


def test_the_next_file_is_read_while_the_last_copy_is_read_back(
    spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [card.source(b"a.MP4", BODY), card.source(b"b.MP4", BODY[::-1])]
    inside, most, begun = list[bytes](), list[int](), [threading.Event(), threading.Event()]

    def reading(*arguments: Any, **named: Any) -> tuple[Digest, int]:
        inside.append(b"")
        most.append(len(inside))
        begun[len(most) - 1].set()
        try:
            return copy_hashing(*arguments, **named)
        finally:
            inside.pop()

    def read_back(descriptor: int) -> str:
        assert begun[1].wait(60), "the other file waits for this copy to be read back"
        return sha256_of(descriptor)

    monkeypatch.setattr(spool_module, "copy_hashing", reading)
    monkeypatch.setattr(spool_module, "sha256_of", read_back)
    narrow = replace(spool, reading=threading.BoundedSemaphore(1))
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda source: narrow.take(source, card), sources))
    assert [one.digest.sha256 for one in taken] == [hashlib.sha256(body).hexdigest() for body in (BODY, BODY[::-1])]
    assert max(most) == 1


def test_no_copy_is_begun_that_would_eat_the_reserve(tmp_path: Path, card: FakeCard) -> None:
    spool = DiskSpool(tmp_path, 1 << 60, Silent())
    with pytest.raises(SpoolFull):
        spool.take(card.source(b"a.MP4", BODY), card)
    assert card.opened == []


def test_a_stop_ends_a_copy(spool: DiskSpool, card: FakeCard) -> None:
    spool.stop.set()
    with pytest.raises(Stopped):
        spool.take(card.source(b"a.MP4", BODY), card)
    assert list(spool.folder.iterdir()) == []


def test_a_sweep_keeps_what_is_wanted(spool: DiskSpool, card: FakeCard) -> None:
    spooled = spool.take(card.source(b"a.MP4", BODY), card)
    for name in ("x.part", "y.mark", "whole-but-unknown"):
        (spool.folder / name).write_bytes(b"")
    cut = card.source(b"b.MP4", BODY[::-1])
    cut_off(spool, card, cut, 2)
    spool.sweep([spooled.name])
    parts = {f"{cut.key}.part", f"{cut.key}.mark"}
    assert {path.name for path in spool.folder.iterdir()} == {spooled.name, *parts}
    long_ago = time.time() - (spool_module.PART_DAYS_MAX + 1) * spool_module.DAY_S
    os.utime(spool.folder / f"{cut.key}.mark", (long_ago, long_ago))
    spool.sweep([spooled.name])
    assert {path.name for path in spool.folder.iterdir()} == {spooled.name}
