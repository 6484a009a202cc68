"""The spool against a card and a disk that fail."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import StationError
from devices.errors import CardGone, CardUnreadable
from ingest import spool as spool_module
from ingest.contract import Silent
from ingest.errors import CopyMismatch, SourceChanged, SpoolBroken, SpoolFull, Stopped
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
    assert spool.holds(spooled)
    spool.drop(spooled)
    spool.drop(spooled)
    assert not spool.holds(spooled)
    assert list(spool.folder.iterdir()) == []


def test_a_copy_that_rotted_is_not_held(spool: DiskSpool, card: FakeCard) -> None:
    spooled = spool.take(card.source(b"a.MP4", BODY), card)
    with spool.path(spooled).open("r+b") as file:
        file.write(bytes([BODY[0] ^ 1]))
    assert not spool.holds(spooled)


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
    assert [path.name for path in spool.folder.iterdir() if path.suffix == ".part"] == []
    assert spool.holds(spool.take(source, card))


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


def test_a_disk_that_gives_back_other_bytes_is_found_out(
    spool: DiskSpool, card: FakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "sha256_of", lambda _: "0" * 64)
    with pytest.raises(CopyMismatch):
        spool.take(card.source(b"a.MP4", BODY), card)
    assert list(spool.folder.iterdir()) == []


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
    for name in ("x.part", "whole-but-unknown"):
        (spool.folder / name).write_bytes(b"")
    spool.sweep([spooled.name])
    assert [path.name for path in spool.folder.iterdir()] == [spooled.name]
