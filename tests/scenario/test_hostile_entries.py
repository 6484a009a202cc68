"""Entries on a card that are no files: never followed, held by name, and the rest of the card goes on."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenario.dock import Dock

OUTSIDE = b"what stands outside of the card"
NAMED = "EV00001_JY0001_20260305093000.log"
"""A name that tells the recorder: so the station knows the card again."""


def link(to: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(to)


def device(kind: int, major: int, minor: int) -> Callable[[Path], None]:
    return lambda path: os.mknod(path, kind | 0o666, os.makedev(major, minor))


ENTRIES: dict[str, tuple[Callable[[Path], None], str]] = {
    "passwd.log": (link("/etc/passwd"), "symbolic link"),
    "outside.MP4": (link("../outside.bin"), "symbolic link"),
    "folder": (link("/etc"), "symbolic link"),
    "up": (link(".."), "symbolic link"),
    "loop.MP4": (link("loop.MP4"), "symbolic link"),
    "nowhere.MP4": (link("/no/such/place"), "symbolic link"),
    "beside.log": (link(NAMED), "symbolic link"),
    "pipe.MP4": (os.mkfifo, "pipe"),
    "socket.MP4": (lambda path: os.mknod(path, stat.S_IFSOCK | 0o600), "socket"),
    "zero.MP4": (device(stat.S_IFCHR, 1, 5), "character device"),
    "full.MP4": (device(stat.S_IFCHR, 1, 7), "character device"),
    "disk.MP4": (device(stat.S_IFBLK, 7, 0), "block device"),
}
DEVICES = ("zero.MP4", "full.MP4", "disk.MP4")


@pytest.fixture
def hostile(card: Path) -> Path:
    """A card with every such entry, a file before and a file behind them, and one deep below."""
    (card.parent / "outside.bin").write_bytes(OUTSIDE)
    (card / NAMED).write_bytes(b"on\r\n")
    (card / "zzz").mkdir()
    (card / "zzz/last.log").write_bytes(b"off\r\n")
    for name, (make, _) in ENTRIES.items():
        if name in DEVICES and os.geteuid() != 0:
            continue
        make(card / name)
    return card


def test_none_is_followed_and_the_rest_goes_on(dock: Dock, hostile: Path) -> None:
    report = dock.ingest(hostile, status=3)
    assert set(report.filed) == {NAMED, "zzz/last.log"}
    assert report.skipped == {}
    assert report.codes == {name: "devices.not-a-file" for name in ENTRIES if os.path.lexists(hostile / name)}
    for name, held in report.held.items():
        assert ENTRIES[name][1] in held["message"]
        assert name in held["message"]
    digests = {path.name for path in dock.objects()}
    assert hashlib.sha256(OUTSIDE).hexdigest() not in digests
    assert hashlib.sha256(Path("/etc/passwd").read_bytes()).hexdigest() not in digests
    listed = dock.held_list()
    assert {path: one["code"] for path, one in listed.items()} == report.codes
    assert all(one["hint"] and one["message"] and one["since"] for one in listed.values())


def test_once_they_are_gone_nothing_is_held(dock: Dock, hostile: Path) -> None:
    first = dock.ingest(hostile, status=3)
    since = {path: one["since"] for path, one in dock.held_list().items()}
    dock.ingest(hostile, status=3)
    assert {path: one["since"] for path, one in dock.held_list().items()} == since
    for name in first.held:
        (hostile / name).unlink()
    (hostile / "outside.MP4").write_bytes(OUTSIDE)
    report = dock.ingest(hostile)
    assert set(report.filed) == {"outside.MP4"}
    assert dock.held() == {}


def test_another_card_settles_nothing_for_this_one(dock: Dock, hostile: Path, tmp_path: Path) -> None:
    first = dock.ingest(hostile, status=3)
    other = tmp_path / "other"
    other.mkdir()
    (other / "EV00002_JY0002_20260305093000.log").write_bytes(b"on\r\n")
    (other / "passwd.log").write_bytes(b"a log")
    assert len(dock.ingest(other).filed) == 2
    assert dock.held() == first.codes


def test_a_link_to_the_card_itself_is_a_way_to_it(dock: Dock, card: Path, tmp_path: Path) -> None:
    (card / NAMED).write_bytes(b"on\r\n")
    (tmp_path / "bay1").symlink_to(card)
    assert set(dock.ingest(tmp_path / "bay1").filed) == {NAMED}
    shutil.rmtree(card)
    assert dock.run("ingest", tmp_path / "bay1", "--json", status=43).error == "devices.no-card"


def test_junk_stays_on_the_card_whatever_it_is(dock: Dock, card: Path) -> None:
    (card / "System Volume Information").mkdir()
    (card / "System Volume Information/link").symlink_to("/etc/passwd")
    (card / "Thumbs.db").symlink_to("/etc/passwd")
    (card / "DESKTOP.INI").write_bytes(b"")
    report = dock.ingest(card)
    assert report.filed == report.held == {}
    assert set(report.skipped) == {"Thumbs.db", "DESKTOP.INI", "System Volume Information/link"}
    assert all("rule" in one["reason"] and one["clip"] is None for one in report.skipped.values())
