"""An MTP recorder is read to a proven end or not at all, whatever the device does (by a stand-in, for its faults)."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from catalog.evidence import Digest, SourceFile
from devices.errors import (
    CardGone,
    CardUnreadable,
    EraseRefused,
    MtpNoStorage,
    MtpSilent,
    MtpSizeUnknown,
)
from devices.footage import Footage
from devices.junk import Junk, rules_from
from devices.mtp_recorder import MtpRecorder
from devices.piping import END_S
from devices.survey import EDGE_BYTES, Card, Entry, Refused, Skipped
from ingest.clearing.proof import ClearingDesk, Proof, card_differs, swapped
from ingest.contract import Silent
from ingest.copying import both_digests
from ingest.errors import SourceChanged
from ingest.spool import DiskSpool

JUNK = Junk(rules_from(()))
WALL = datetime(2026, 3, 11, 9, 36, 21)  # noqa: DTZ001 - a wall clock has no zone
SHANGHAI = timezone(timedelta(hours=8))
FILES = {
    "/store_1/DCIM/100MEDIA/0001.MP4": os.urandom(3_000_000),
    "/store_1/DCIM/100MEDIA/执法.MP4": os.urandom(EDGE_BYTES + 1),
    "/store_1/DCIM/empty.JPG": b"",
    "/store_1/LOG/a.log": b"log",
    "/store_1/Thumbs.db": b"junk",
}


@dataclass
class Device:
    """A device with a session, for its faults: satisfies `devices.mtp_tree.Session` and demands that callers do."""

    files_by_path: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    whole_only: bool = False
    sizes: Mapping[str, int | None] = field(default_factory=dict)
    fault: Callable[[str, int], OSError | None] = lambda what, at: None
    short_at: int | None = None
    here: bool = True
    keeps_deleted: bool = False
    wall: datetime | None = None
    takes_time: bool = True
    sessions: int = 1
    cached: dict[str, tuple[str, ...]] = field(default_factory=dict)
    closed: bool = False

    def _ask(self, what: str, at: int = 0) -> None:
        assert not self.closed, "asked after the end of the session"
        if not self.here:
            raise OSError(errno.EIO, "I/O problem")
        fault = self.fault(what, at)
        if fault is not None:
            raise fault

    def _below(self, folder: str) -> list[list[str]]:
        assert folder.startswith("/")
        assert folder == "/" or not folder.endswith("/")
        root = folder.rstrip("/") + "/"
        return [path[len(root) :].split("/") for path in self.files_by_path if path.startswith(root)]

    def _listed(self, key: str, names: set[str]) -> tuple[str, ...]:
        return self.cached.setdefault(key, tuple(sorted(names, reverse=True)))

    def folders(self, folder: str) -> tuple[str, ...]:
        self._ask("folders")
        return self._listed("d" + folder, {parts[0] for parts in self._below(folder) if len(parts) > 1})

    def files(self, folder: str) -> tuple[str, ...]:
        self._ask("files")
        return self._listed("f" + folder, {parts[0] for parts in self._below(folder) if len(parts) == 1})

    def facts(self, folder: str, name: str) -> tuple[int | None, datetime | None]:
        self._ask("facts")
        path = f"{folder}/{name}"
        return self.sizes.get(path, len(self.files_by_path[path])), WALL

    def read(self, folder: str, name: str, offset: int, into: memoryview) -> int:
        assert into
        assert not into.readonly
        if self.whole_only:
            raise OSError(errno.EOPNOTSUPP, "Unsupported operation")
        self._ask("read", offset)
        body = self.files_by_path[f"{folder}/{name}"]
        piece = body[offset : min(offset + len(into), self.short_at if self.short_at is not None else len(body))]
        into[: len(piece)] = piece
        return len(piece)

    def pour(self, folder: str, name: str, descriptor: int) -> None:
        body = memoryview(self.files_by_path[f"{folder}/{name}"])
        for at in range(0, len(body), 10_000):
            self._ask("pour", at)
            piece = body[at : at + 10_000]
            while piece:
                piece = piece[os.write(descriptor, piece) :]

    def delete(self, folder: str, name: str) -> None:
        self._ask("delete")
        if f"{folder}/{name}" not in self.files_by_path:
            raise OSError(errno.ENOENT, "File not found")
        if not self.keeps_deleted:
            del self.files_by_path[f"{folder}/{name}"]
        self.cached["f" + folder] = tuple(one for one in self.cached.get("f" + folder, ()) if one != name)

    def renew(self) -> None:
        self._ask("renew")
        self.sessions += 1
        self.cached.clear()

    def clock(self) -> tuple[datetime, float] | None:
        self._ask("clock")
        return None if self.wall is None else (self.wall, 1.0)

    def set_clock(self, wall: datetime) -> bool:
        assert wall.tzinfo is None
        self._ask("set")
        if self.wall is None:
            return False
        if self.takes_time:
            self.wall = wall
        return True

    def present(self) -> bool:
        return self.here

    def close(self) -> None:
        self.closed = True


def docked(device: Device, *footage: str) -> MtpRecorder:
    return MtpRecorder("bay-1", device, Footage(footage), SHANGHAI)


def files(entries: list[Entry]) -> dict[bytes, SourceFile]:
    return {entry.path: entry for entry in entries if isinstance(entry, SourceFile)}


def drained(descriptor: int) -> bytes:
    body = b""
    while piece := os.read(descriptor, 1 << 16):
        body += piece
    return body


def digest_of(body: bytes) -> Digest:
    return both_digests(io.BytesIO(body).readinto, len(body), lambda _: None)[0]


def source_of(recorder: MtpRecorder, path: bytes = b"DCIM/100MEDIA/0001.MP4") -> SourceFile:
    return files(list(recorder.survey(JUNK)))[path]


# ---------------------------------------------------------------------- listing


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_a_survey_says_what_one_of_a_mounted_card_would(tmp_path: Path, whole_only: bool) -> None:
    for path, body in FILES.items():
        target = tmp_path / path.removeprefix("/store_1/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        os.utime(target, (WALL.replace(tzinfo=UTC).timestamp(),) * 2)
    card = Card(tmp_path)
    assert list(docked(Device(whole_only=whole_only)).survey(JUNK)) == list(card.survey(JUNK))
    card.close()


@pytest.mark.parametrize("size", [0, 1, EDGE_BYTES, EDGE_BYTES + 1, 2 * EDGE_BYTES - 1, 2 * EDGE_BYTES, 300_000])
@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_edges_are_those_of_a_card(size: int, whole_only: bool) -> None:
    body = os.urandom(size)
    recorder = docked(Device({"/s/a": body}, whole_only=whole_only))
    edges = body if size <= 2 * EDGE_BYTES else body[:EDGE_BYTES] + body[-EDGE_BYTES:]
    source = source_of(recorder, b"a")
    assert source.edges == hashlib.sha256(edges).hexdigest()
    (unread,) = recorder.survey(JUNK, edged=False)
    assert unread == replace(source, edges="")
    assert recorder.edges(unread) == source.edges


def test_two_storages_stand_in_the_paths() -> None:
    recorder = docked(Device({"/store_1/a": b"x", "/store_2/DCIM/a": b"y"}))
    found = files(list(recorder.survey(JUNK)))
    assert sorted(found) == [b"store_1/a", b"store_2/DCIM/a"]
    with recorder.open(found[b"store_2/DCIM/a"]) as descriptor:
        assert drained(descriptor) == b"y"


def test_what_lies_outside_the_footage_folders_is_skipped_unless_they_hold_nothing() -> None:
    entries = list(docked(Device(), "DCIM/*MEDIA").survey(JUNK))
    assert sorted(files(entries)) == [b"DCIM/100MEDIA/0001.MP4", "DCIM/100MEDIA/执法.MP4".encode()]
    assert {entry.path for entry in entries if isinstance(entry, Skipped)} >= {b"LOG/a.log", b"DCIM/empty.JPG"}
    assert len(files(list(docked(Device(), "MOVIE").survey(JUNK)))) == len(FILES) - 1


@pytest.mark.parametrize("told", [None, 0xFFFFFFFF])
def test_a_file_of_unknown_size_is_refused_by_name(told: int | None) -> None:
    path = "/store_1/DCIM/100MEDIA/0001.MP4"
    entries = list(docked(Device(sizes={path: told})).survey(JUNK))
    (refused,) = (entry for entry in entries if isinstance(entry, Refused))
    assert isinstance(refused.error, MtpSizeUnknown)
    assert len(files(entries)) == len(FILES) - 2


def test_a_folder_that_cannot_be_listed_is_refused_and_the_rest_goes_on() -> None:
    calls = iter(range(100))

    def third_listing_fails(what: str, at: int) -> OSError | None:
        return OSError(errno.EEXIST, "File exists") if what == "files" and next(calls) == 2 else None

    entries = list(docked(Device(fault=third_listing_fails)).survey(JUNK))
    (refused,) = (entry for entry in entries if isinstance(entry, Refused))
    assert isinstance(refused.error, CardUnreadable)
    assert b"LOG/a.log" in files(entries)


def test_no_storage_is_no_empty_card() -> None:
    with pytest.raises(MtpNoStorage):
        list(docked(Device({})).survey(JUNK))


def test_an_empty_listing_is_asked_for_twice() -> None:
    class Sick(Device):
        def renew(self) -> None:
            super().renew()
            self.files_by_path.update(FILES)

    device = Sick({"/store_1/nothing/": b""})
    device.cached = {"f/store_1": (), "d/store_1": ()}
    recorder = docked(device)
    assert b"LOG/a.log" in files(list(recorder.survey(JUNK)))
    assert device.sessions == 2


# ---------------------------------------------------------------------- reading


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
@pytest.mark.parametrize("offset", [0, 1, 1 << 20, 2_999_999, 3_000_000])
def test_a_file_comes_out_from_any_byte_on(offset: int, whole_only: bool) -> None:
    recorder = docked(Device(whole_only=whole_only))
    source = source_of(recorder)
    with recorder.open(source, offset) as descriptor:
        assert drained(descriptor) == FILES["/store_1/DCIM/100MEDIA/0001.MP4"][offset:]
        assert recorder.still(source, descriptor) is None


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_several_files_are_read_at_once(whole_only: bool) -> None:
    recorder = docked(Device(whole_only=whole_only))
    source = source_of(recorder)
    bodies: list[bytes] = []

    def read() -> None:
        with recorder.open(source) as descriptor:
            bodies.append(drained(descriptor))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert bodies == [FILES["/store_1/DCIM/100MEDIA/0001.MP4"]] * 4


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
@pytest.mark.parametrize(
    ("number", "gone", "wanted"),
    [
        (errno.EIO, False, CardUnreadable),
        (errno.EIO, True, CardGone),
        (errno.ENODEV, False, CardGone),
        (errno.ETIMEDOUT, False, MtpSilent),
        (errno.EBUSY, False, MtpSilent),
    ],
)
def test_an_error_the_pipe_cannot_tell_is_raised_at_its_end(
    number: int, gone: bool, wanted: type[Exception], whole_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.mtp_tree.GONE_WAIT_S", 0.1)
    device = Device(whole_only=whole_only)
    recorder = docked(device)
    source = source_of(recorder)

    def fault(what: str, at: int) -> OSError | None:
        if at < 1 << 20:
            return None
        device.here = not gone
        return OSError(number, "I/O problem")

    device.fault = fault
    with recorder.open(source) as descriptor:
        assert len(drained(descriptor)) < source.size_bytes
        with pytest.raises(wanted):
            recorder.still(source, descriptor)
        assert isinstance(recorder.failed(source, 5, OSError(errno.EIO, "pipe")), wanted)


def test_a_file_that_ends_too_early_is_a_failure() -> None:
    device = Device()
    recorder = docked(device)
    source = source_of(recorder)
    device.short_at = 2_000_000
    with recorder.open(source) as descriptor:
        assert len(drained(descriptor)) == 2_000_000
        assert recorder.still(source, descriptor) == "3000000 bytes were announced and 2000000 given"


@pytest.mark.parametrize("path", [b"DCIM/100MEDIA/0001.MP4", "DCIM/100MEDIA/执法.MP4".encode(), b"DCIM/empty.JPG"])
@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_a_file_larger_than_the_pipe_is_proven_before_it_is_erased(path: bytes, whole_only: bool) -> None:
    """A clearing asks whether it is still the file before it reads it, and the moment before it erases it."""
    recorder = docked(Device(whole_only=whole_only))
    source = source_of(recorder, path)
    with recorder.open(source) as descriptor:
        body = drained(descriptor)
    wanted = digest_of(body)
    desk = cast("ClearingDesk", SimpleNamespace(owned=lambda *_: False, stop=threading.Event(), pause=lambda: None))
    begun = time.monotonic()
    assert card_differs(source, wanted, "original", recorder, desk) is None
    assert swapped(cast("Proof", SimpleNamespace(source=source, original="original")), recorder, desk) is None
    assert time.monotonic() - begun < END_S / 2, "nothing waited for an end that nobody reads to"
    different = card_differs(source, digest_of(b"other"), "original", recorder, desk)
    assert different is not None
    assert different.code == "clearing.card-differs"


def test_a_file_with_other_edges_is_told_before_it_is_read() -> None:
    device = Device()
    recorder = docked(device)
    source = source_of(recorder)
    device.files_by_path["/store_1/DCIM/100MEDIA/0001.MP4"] = os.urandom(3_000_000)
    with recorder.open(source) as descriptor:
        assert "at the survey" in str(recorder.still(source, descriptor))


def test_more_bytes_than_announced_are_told_though_nobody_reads_them() -> None:
    device = Device(whole_only=True)
    recorder = docked(device)
    source = replace(source_of(recorder), size_bytes=10)
    with recorder.open(source) as descriptor:
        os.read(descriptor, 11)
        assert "10 bytes were announced" in str(recorder.still(source, descriptor))


def test_other_bytes_under_the_same_name_and_size_are_noticed() -> None:
    device = Device()
    recorder = docked(device)
    source = source_of(recorder)
    device.files_by_path["/store_1/DCIM/100MEDIA/0001.MP4"] = os.urandom(3_000_000)
    with recorder.open(source) as descriptor:
        drained(descriptor)
        assert recorder.still(source, descriptor) is not None


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_a_reader_that_stops_early_leaves_nothing_behind(whole_only: bool) -> None:
    recorder = docked(Device(whole_only=whole_only))
    source = source_of(recorder)
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(20):
        with recorder.open(source) as descriptor:
            os.read(descriptor, 10)
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before


def test_a_device_that_hangs_does_not_hang_the_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.piping.CLOSE_S", 0.2)
    monkeypatch.setattr("devices.piping.END_S", 0.2)
    release = threading.Event()
    device = Device()
    recorder = docked(device)
    source = source_of(recorder)

    def hang(what: str, at: int) -> OSError | None:
        release.wait(20)
        return None

    device.fault = hang
    begun = time.monotonic()
    with recorder.open(source) as descriptor, pytest.raises(MtpSilent):
        recorder.still(source, descriptor)
    assert time.monotonic() - begun < 15
    release.set()


# ---------------------------------------------------------------------- clock, erasing


def test_the_clock_is_a_wall_clock_in_the_zone_of_recorders() -> None:
    device = Device(wall=WALL)
    recorder = docked(device)
    assert recorder.clock() == (datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC), 1.0)
    assert recorder.set_clock(datetime(2026, 3, 11, 2, 0, tzinfo=UTC))
    assert device.wall == WALL.replace(hour=10, minute=0, second=0)
    assert docked(Device()).clock() is None
    assert not docked(Device()).set_clock(datetime.now(UTC))


def test_a_recorder_that_accepts_a_time_and_keeps_its_own_was_not_set() -> None:
    recorder = docked(Device(wall=WALL, takes_time=False))
    assert not recorder.set_clock(datetime(2026, 3, 11, 2, 0, tzinfo=UTC))


def test_erasing_takes_the_file_it_was_told_and_the_device_is_asked_anew() -> None:
    device = Device()
    recorder = docked(device)
    list(recorder.survey(JUNK))
    with recorder.writable() as eraser:
        eraser.erase(b"LOG/a.log")
        eraser.erase(b"LOG/a.log")
    assert recorder.absent(b"LOG/a.log")
    assert not recorder.absent(b"DCIM/empty.JPG")
    assert recorder.absent(b"no/such/folder")
    assert set(device.files_by_path) == set(FILES) - {"/store_1/LOG/a.log"}


def test_a_device_that_says_erased_and_did_not_is_found_out() -> None:
    device = Device(keeps_deleted=True)
    recorder = docked(device)
    list(recorder.survey(JUNK))
    with recorder.writable() as eraser:
        eraser.erase(b"LOG/a.log")
    assert "a.log" not in device.files("/store_1/LOG"), "its memory says so"
    assert not recorder.absent(b"LOG/a.log")


def test_a_storage_that_left_proves_no_absence() -> None:
    device = Device()
    recorder = docked(device)
    list(recorder.survey(JUNK))
    device.files_by_path = {"/store_2/other": b"x"}
    recorder._listed_at = 0.0
    with pytest.raises(CardGone):
        recorder.absent(b"LOG/a.log")


def test_a_protected_or_failing_storage_refuses() -> None:
    recorder = docked(Device(fault=lambda what, at: OSError(errno.EIO, "no") if what == "delete" else None))
    with recorder.writable() as eraser, pytest.raises(EraseRefused, match="no"):
        eraser.erase(b"LOG/a.log")


# ---------------------------------------------------------------------- with the spool


@pytest.mark.parametrize("whole_only", [False, True], ids=["pieces", "whole"])
def test_the_spool_takes_a_file_and_never_a_part_of_one(tmp_path: Path, whole_only: bool) -> None:
    device = Device(whole_only=whole_only)
    recorder, spool = docked(device), DiskSpool(tmp_path, 0, Silent())
    source = source_of(recorder)
    body = FILES["/store_1/DCIM/100MEDIA/0001.MP4"]
    assert spool.take(source, recorder).digest.sha256 == hashlib.sha256(body).hexdigest()
    (tmp_path / source.key).unlink()
    device.fault = lambda what, at: OSError(errno.ENODEV, "pulled") if at >= 1 << 20 else None
    with pytest.raises(CardGone):
        spool.take(source, recorder)
    device.fault = lambda what, at: None
    device.files_by_path["/store_1/DCIM/100MEDIA/0001.MP4"] = body[:-1]
    with pytest.raises(SourceChanged):
        spool.take(source, recorder)
    assert list(tmp_path.iterdir()) == []
