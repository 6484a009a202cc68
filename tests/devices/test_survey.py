"""A card is listed whole, and leads nowhere."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.evidence import SourceFile
from devices.errors import BadSkipRule, CardGone, CardUnreadable, NoCard, NotAFile
from devices.junk import Junk, SkipRule, rules_from
from devices.survey import EDGE_BYTES, Card, Entry, Refused, Skipped

JUNK = Junk(rules_from(()))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@pytest.fixture
def card(root: Path) -> Iterator[Card]:
    card = Card(root)
    yield card
    card.close()


def write(path: Path, body: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def files(entries: list[Entry]) -> dict[bytes, SourceFile]:
    return {entry.path: entry for entry in entries if isinstance(entry, SourceFile)}


def test_every_file_is_listed_in_order_with_what_stat_says(root: Path, card: Card) -> None:
    for name in ("b/2.MP4", "a.log", "b/c/3.MP4", "b/1.MP4"):
        write(root / name, name.encode())
    os.utime(root / "a.log", ns=(0, 123456789))
    entries = list(card.survey(JUNK))
    assert [entry.path for entry in entries] == [b"a.log", b"b/1.MP4", b"b/2.MP4", b"b/c/3.MP4"]
    assert (files(entries)[b"a.log"].size_bytes, files(entries)[b"a.log"].mtime_ns) == (5, 123456789)


@pytest.mark.parametrize("size", [0, 1, EDGE_BYTES, EDGE_BYTES + 1, 2 * EDGE_BYTES, 2 * EDGE_BYTES + 1, 5 * EDGE_BYTES])
def test_edges_are_the_first_and_last_bytes(root: Path, card: Card, size: int) -> None:
    body = os.urandom(size)
    write(root / "a", body)
    (entry,) = card.survey(JUNK)
    assert isinstance(entry, SourceFile)
    wanted = body if size <= 2 * EDGE_BYTES else body[:EDGE_BYTES] + body[-EDGE_BYTES:]
    assert entry.edges == hashlib.sha256(wanted).hexdigest()
    (unread,) = card.survey(JUNK, edged=False)
    assert unread == replace(entry, edges="")
    assert card.edges(unread) == entry.edges


def test_junk_is_listed_file_by_file_with_its_rule(root: Path, card: Card) -> None:
    for name in ("System Volume Information/a/b", "DCIM/THUMBS.DB", "DCIM/._x.MP4", "station_bind.ini", "LOST.DIR/1"):
        write(root / name)
    (root / "$RECYCLE.BIN").mkdir()
    entries = list(card.survey(JUNK))
    skipped = {entry.path: entry.rule.reasons[0] for entry in entries if isinstance(entry, Skipped)}
    assert set(skipped) == {
        b"System Volume Information/a/b",
        b"DCIM/THUMBS.DB",
        b"DCIM/._x.MP4",
        b"station_bind.ini",
        b"$RECYCLE.BIN",
    }
    assert "rule Thumbs.db" in skipped[b"DCIM/THUMBS.DB"]
    assert set(files(entries)) == {b"LOST.DIR/1"}


def test_a_station_adds_rules_of_its_own(root: Path, card: Card) -> None:
    write(root / "a.tmp")
    junk = Junk(rules_from([{"pattern": "*.tmp", "reason": "half written"}]))
    assert list(card.survey(junk)) == [Skipped(b"a.tmp", SkipRule("*.tmp", "half written", "half written"))]
    for bad in ({"pattern": "a/b", "reason": "x"}, {"pattern": "x"}, {"pattern": 1, "reason": "x"}, {}):
        with pytest.raises(BadSkipRule):
            rules_from([bad])


def test_nothing_that_is_no_file_is_followed(root: Path, card: Card, tmp_path: Path) -> None:
    write(tmp_path / "outside" / "secret")
    (root / "link").symlink_to(tmp_path / "outside" / "secret")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(".")
    os.mkfifo(root / "pipe")
    entries = list(card.survey(JUNK))
    assert {entry.path for entry in entries} == {b"link", b"folder", b"loop", b"pipe"}
    assert all(isinstance(entry, Refused) and isinstance(entry.error, NotAFile) for entry in entries)


def test_a_file_replaced_by_a_link_after_the_survey_is_not_read(root: Path, card: Card, tmp_path: Path) -> None:
    write(root / "d" / "a")
    (source,) = files(list(card.survey(JUNK))).values()
    write(tmp_path / "outside" / "a")
    shutil.rmtree(root / "d")
    (root / "d").symlink_to(tmp_path / "outside")
    with pytest.raises(CardUnreadable), card.open(source):
        pass


def test_a_changed_file_is_noticed(root: Path, card: Card) -> None:
    write(root / "a", b"12345")
    (source,) = files(list(card.survey(JUNK))).values()
    with card.open(source) as descriptor:
        assert card.still(source, descriptor) is None
        (root / "a").write_bytes(b"123456")
        assert "from 5 to 6 bytes" in str(card.still(source, descriptor))
    os.utime(root / "a", ns=(0, 0))
    (root / "a").write_bytes(b"54321")
    with card.open(source) as descriptor:
        assert "modify time" in str(card.still(source, descriptor))


@pytest.mark.parametrize("number", [errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM])
def test_a_device_that_is_gone_is_told_from_a_bad_place(root: Path, card: Card, number: int) -> None:
    write(root / "a")
    (source,) = files(list(card.survey(JUNK))).values()
    assert isinstance(card.failed(source, 7, OSError(number, "gone")), CardGone)
    bad = card.failed(source, 7, OSError(errno.EIO, "Input/output error"))
    assert isinstance(bad, CardUnreadable)
    assert "byte 7" in bad.message()


def test_a_removed_card_is_gone(root: Path, card: Card) -> None:
    write(root / "a")
    (source,) = files(list(card.survey(JUNK))).values()
    shutil.rmtree(root)
    with pytest.raises(CardGone), card.open(source):
        pass


def test_what_is_no_folder_is_said_in_words(tmp_path: Path) -> None:
    write(tmp_path / "file")
    for path in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(NoCard, match=str(path)):
            Card(path)
