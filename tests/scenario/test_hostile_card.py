"""Cards that change, fail or go away while they are read: what can be read is filed, the rest waits by name.

A command is stopped where a test needs time (SIGSTOP), and goes on as if nothing had happened.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.clips import clips, search
from catalog.evidence import SourceFile
from devices.survey import Card
from ingest.card import Outcome, ingest_card
from ingest.contract import Silent
from ingest.examine import docking_of
from tests.fakes.callers import ME
from tests.fakes.waiting import until
from tests.scenario.dock import Dock, Report
from tests.scenario.places import mounted

LARGE_BYTES = 16 << 20
WAIT_S = 30
NAME = "EV00001_JY0001_202603050930{:02d}.log"


def large(path: Path) -> Path:
    """A file that takes a while; its bytes are no film."""
    path.write_bytes(path.name.encode())
    os.truncate(path, LARGE_BYTES)
    return path


@contextmanager
def stopped(dock: Dock, card: Path, *, spooling: int) -> Iterator[subprocess.Popen[bytes]]:
    """An ingest that stands still while so many files are being copied; it goes on behind the block."""
    process = dock.start("ingest", card, "--json")

    def copies() -> bool:
        assert process.poll() is None
        return len(list((dock.home / "spool").glob("*.part"))) >= spooling

    until(copies, "the copy")
    process.send_signal(signal.SIGSTOP)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)


def ended(process: subprocess.Popen[bytes], status: int) -> Report:
    said, _ = process.communicate(timeout=WAIT_S)
    assert process.returncode == status
    return Report.of(json.loads(said))


def test_a_file_that_changes_while_it_is_read_is_held_and_filed_later(dock: Dock, card: Path) -> None:
    grows, shrinks, turns = (large(card / NAME.format(number)) for number in range(3))
    (card / "zzz.log").write_bytes(b"all is well")
    with stopped(dock, card, spooling=1) as process:
        with grows.open("ab") as file:
            file.write(b"more")
        os.truncate(shrinks, 1000)
        with turns.open("r+b") as file:
            file.write(b"other bytes")
    report = ended(process, 3)
    assert set(report.filed) == {"zzz.log"}
    assert report.codes == {path.name: "ingest.source-changed" for path in (grows, shrinks, turns)}
    assert "size" in report.held[grows.name]["message"]
    assert set(dock.held()) == set(report.held)
    again = dock.ingest(card)
    assert set(again.filed) == {path.name for path in (grows, shrinks, turns)}
    assert dock.held() == {}
    assert dock.leavings() == []
    dock.verify()


def test_a_size_that_lies_is_noticed(dock: Dock) -> None:
    place = Path("/proc/sys/kernel/random")
    if not (place / "boot_id").exists():
        pytest.skip("no files of a size that lies here: /proc is not mounted")
    report = dock.ingest(place, status=3)
    assert report.filed == {}
    assert "ingest.source-changed" in report.codes.values()
    assert report.held["boot_id"]["message"].startswith("boot_id changed while it was read: 0 bytes were announced")


def test_a_card_is_pulled_and_docked_again(dock: Dock, card: Path, tmp_path: Path) -> None:
    for number in range(6):
        large(card / NAME.format(number))
    shutil.copytree(card, tmp_path / "same", copy_function=copy_sparse)
    with stopped(dock, card, spooling=1) as process:
        shutil.rmtree(card)
    report = ended(process, 3)
    assert set(report.filed) | set(report.held) == {NAME.format(number) for number in range(6)}
    assert set(report.codes.values()) == {"devices.card-gone"}
    assert set(dock.held()) == set(report.held)
    (tmp_path / "same").rename(card)
    again = dock.ingest(card)
    assert set(again.filed) == set(report.held)
    assert dock.held() == {}
    assert len(dock.objects()) == 6
    dock.verify()


def copy_sparse(source: str, target: str) -> None:
    subprocess.run(["cp", "--sparse=always", "--preserve=timestamps", source, target], check=True)


@dataclass
class ScratchedCard(Card):
    """A card on which some files cannot be read: the system itself answers EIO."""

    folder: Path
    bad: set[bytes]

    def __post_init__(self) -> None:
        super().__init__(self.folder)

    @contextmanager
    def open(self, source: SourceFile, offset: int = 0) -> Iterator[int]:
        """The file; for a bad one, a place the system refuses to read."""
        if source.path not in self.bad:
            with super().open(source, offset) as descriptor:
                yield descriptor
            return
        descriptor = os.open("/proc/self/mem", os.O_RDONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def visited(dock: Dock, card: Card, **said: str) -> Outcome:
    """One visit, in this process."""
    with dock.opened() as station:
        docking = docking_of(said.get("recorder"), said.get("officer"), None, None, at=station.now(), by=ME.actor)
        try:
            return ingest_card(card, docking, station.junk, station.desk(Silent()), Silent())
        finally:
            card.close()


def test_a_bad_place_holds_one_file_and_no_other(dock: Dock, card: Path) -> None:
    names = [NAME.format(number) for number in range(4)]
    for name in names:
        (card / name).write_bytes(name.encode())
    outcome = visited(dock, ScratchedCard(card, {names[1].encode()}))
    assert len(outcome.filed) == 3
    assert [(one.path, one.code, one.retry) for one in outcome.held] == [(names[1], "devices.read-failed", True)]
    assert os.strerror(errno.EIO) in outcome.held[0].message
    assert set(dock.held()) == {names[1]}
    assert dock.leavings() == []
    assert set(dock.ingest(card).filed) == {names[1]}
    assert dock.held() == {}


def test_a_card_that_ends_too_soon_is_read_as_far_as_it_goes(dock: Dock, card: Path, tmp_path: Path) -> None:
    names = {NAME.format(number) for number in range(4)}
    (tmp_path / "files").mkdir()
    for name in names:
        (tmp_path / "files" / name).write_bytes(os.urandom(2 << 20))
    image = tmp_path / "image"
    image.touch()
    os.truncate(image, 24 << 20)
    if (mkfs := shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")) is None:
        pytest.skip("mkfs.ext4 is not installed")
    subprocess.run([mkfs, "-q", "-d", tmp_path / "files", image], check=True)
    whole = image.read_bytes()
    with mounted(f"mount -o loop,ro {image} {card}") as there:
        inside = dock.within(*there)
        end = max(whole.index((tmp_path / "files" / name).read_bytes()[:4096]) for name in names)
        os.truncate(image, end)  # the system answers EIO behind it
        report = inside.ingest(card, status=3)
        assert set(report.filed) | set(report.held) == names
        assert report.filed
        assert set(report.codes.values()) == {"devices.read-failed"}
        assert set(dock.held()) == set(report.held)
        image.write_bytes(whole)
        assert set(inside.ingest(card).filed) == set(report.held)
    assert dock.held() == {}
    dock.verify()


def test_what_is_said_at_the_docking_that_takes_a_file_counts(dock: Dock, card: Path) -> None:
    for name in ("0001.log", "0002.log"):
        (card / name).write_bytes(name.encode())
    visited(dock, ScratchedCard(card, {b"0001.log"}), recorder="EV00001", officer="wrong")
    report = dock.ingest(card, "--recorder", "EV00001", "--officer", "JY0001")
    assert report.filed["0001.log"]["officer"] == "JY0001"
    assert dock.clips()["0002.log"]["officer"] == "wrong"


def test_equal_bytes_on_two_cards_are_one_clip(dock: Dock, tmp_path: Path) -> None:
    film, log = b"\x00\x00\x00\x18ftypmp42" + bytes(500), b"on\r\n"
    for recorder in ("EV00001", "EV00002"):
        (tmp_path / recorder).mkdir()
        (tmp_path / recorder / f"{recorder}_JY0001_20260305093000.MP4").write_bytes(film)
        (tmp_path / recorder / "20260305.log").write_bytes(log)
        (tmp_path / recorder / f"{recorder}_JY0001_20260305094000.MP4").write_bytes(b"")
    first, second = (dock.ingest(tmp_path / recorder) for recorder in ("EV00001", "EV00002"))
    assert len(first.filed) == 3
    original = first.filed["EV00001_JY0001_20260305093000.MP4"]
    assert {path: one["clip"] for path, one in second.skipped.items()} == {
        "EV00002_JY0001_20260305093000.MP4": original["id"]
    }
    assert set(second.filed) == {"20260305.log", "EV00002_JY0001_20260305094000.MP4"}, "each card has a log of its own"
    assert len(dock.objects()) == 3
    dock.verify()


def test_equal_sidecars_are_each_tied_to_their_clip(dock: Dock, card: Path) -> None:
    for number in range(5):
        stem = f"EV00001_JY0001_202603050930{number:02d}"
        (card / f"{stem}.MP4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes([number]))
        (card / f"{stem}.NMEA").write_bytes(b"$GPTXT,no fix*00\r\n")
        (card / f"{stem}.THM").write_bytes(b"")
    report = dock.ingest(card)
    assert len(report.filed) == 15
    assert len(dock.objects()) == 7
    with dock.opened() as station:
        for path, clip in report.filed.items():
            if path.endswith(".MP4"):
                details = clips.details(station.database, clip["id"])
                wanted = sorted(report.filed[f"{path[:-4]}{ending}"]["id"] for ending in (".NMEA", ".THM"))
                assert details.sidecars == wanted


def test_a_copy_left_by_another_card_keeps_the_name_of_its_own(
    new_dock: Callable[[Path], Dock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = new_dock(tmp_path / "home")
    for recorder, officer in (("EV00001", "JY0001"), ("EV00002", "JY0002")):
        (tmp_path / recorder).mkdir()
        (tmp_path / recorder / f"{recorder}_{officer}_20260305093000.WAV").write_bytes(recorder.encode())
        (tmp_path / recorder / "20260305.log").write_bytes(recorder.encode() + b" on")

    both_copied = threading.Barrier(2)

    def power_cut(*_: object) -> None:
        both_copied.wait(timeout=60)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ingest.walk.understand", power_cut)
        with pytest.raises(KeyboardInterrupt):
            visited(dock, Card(tmp_path / "EV00001"))
    assert len(dock.leavings()) == 2
    dock.run("ingest", tmp_path / "EV00002")
    with dock.opened() as station:
        found = search.search(station.database, search.Search())
    assert {(clip.recorder, clip.officer, clip.kind) for clip in found} == {
        (recorder, officer, kind)
        for recorder, officer in (("EV00001", "JY0001"), ("EV00002", "JY0002"))
        for kind in ("audio", "log")
    }
    assert dock.leavings() == []
