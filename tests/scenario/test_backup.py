"""A station is backed up, lost, and put back from the disk and a sheet of paper."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import text

from devices import places
from docking_station.services import backup, backup_sets
from docking_station.services.backup_errors import BackupUnwritable, NoBackupDisk
from docking_station.station.settings import Home
from ingest.sealing import original_key
from tests.fakes.callers import ME
from tests.scenario.dock import Answer, Dock
from tests.scenario.test_rebuild import told
from tests.scenario.truth import make_small_card
from vault import durable


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> tuple[Dock, Path]:
    """A station with a card in it, and the disk it was backed up to."""
    place = tmp_path_factory.mktemp("backup")
    dock = new_dock(place / "home")
    make_small_card(place / "card", "EV00001")
    dock.ingest(place / "card")
    (place / "disk").mkdir()
    dock.run("backup", "--to", place / "disk", "--json")
    return dock, place / "disk"


@pytest.fixture
def station(lived: tuple[Dock, Path], tmp_path: Path) -> tuple[Dock, Path]:
    """The same, to be changed."""
    dock, disk = lived
    shutil.copytree(dock.home, tmp_path / "home")
    shutil.copytree(disk, tmp_path / "disk")
    return Dock(tmp_path / "home"), tmp_path / "disk"


def restored(dock: Dock, disk: Path, code: str, *words: str, status: int = 0) -> Answer:
    line = dock.line("restore", "--from", disk, "--json", *words)
    run = subprocess.run(line, env=dock.surroundings(), input=f"{code}\n".encode(), capture_output=True, check=False)
    assert run.returncode == status, run.stderr.decode()
    return Answer(run.returncode, run.stdout.decode(), run.stderr.decode())


def code_of(dock: Dock) -> str:
    return (dock.home / "recovery-code").read_text().strip()


def place(disk: Path) -> Path:
    (found,) = (disk / backup_sets.FOLDER).iterdir()
    return found


def test_a_lost_station_is_put_back_and_goes_on(station: tuple[Dock, Path], tmp_path: Path) -> None:
    dock, disk = station
    code, before = code_of(dock), told(dock.home / "catalog.db")
    assert code in dock.run("backup", "--sheet").stdout
    shutil.rmtree(dock.home)
    found = restored(dock, disk, code.lower().replace("-", " ")).document
    assert found["newer"] == 0
    assert found["objects"] > 10
    again = told(dock.home / "catalog.db")
    assert again == before
    dock.verify()
    assert dock.run("clips", "verify", "--all", "--json").document["oddities"] == []
    assert dock.run("vault", "check", "--level", "lock", "--json").document["failed"] == []
    make_small_card(tmp_path / "card2", "EV00002")
    assert dock.ingest(tmp_path / "card2").filed
    assert dock.run("backup", "--to", disk, "--json").document["objects"] > 0
    assert len(list(place(disk).glob("sets/*"))) == 2
    restored(dock, disk, code, status=12)


def test_what_came_after_the_backup_is_found_in_the_vault(station: tuple[Dock, Path], tmp_path: Path) -> None:
    dock, disk = station
    make_small_card(tmp_path / "card2", "EV00002")
    filed = dock.ingest(tmp_path / "card2").filed
    at = next(place(disk).glob("sets/*")).name
    dock.run("backup", "--to", disk)
    every, code = {clip["id"] for clip in dock.every_clip()}, code_of(dock)
    shutil.rmtree(dock.home)
    assert restored(dock, disk, code, "--at", at).document["newer"] >= len(filed)
    assert "catalog.lost" in dock.run("ingest", tmp_path / "card2", status=None).stderr
    dock.run("rebuild")
    assert {clip["id"] for clip in dock.every_clip()} == every
    dock.verify()


def test_a_wrong_code_and_a_changed_byte_put_nothing_back(station: tuple[Dock, Path]) -> None:
    dock, disk = station
    code = code_of(dock)
    shutil.rmtree(dock.home)
    assert restored(dock, disk, "AAAAA" * 5, status=17).error == "station.recovery-code-wrong"
    assert restored(dock, disk, code, "--at", "x", status=15).error == "station.no-backup"
    (one,) = place(disk).glob("sets/*/catalog.db")
    body = bytearray(one.read_bytes())
    body[5000] ^= 1
    one.write_bytes(body)
    assert restored(dock, disk, code, status=31).error == "station.backup-damaged"
    assert not dock.home.exists()


def test_keys_are_in_no_backup_without_the_code(station: tuple[Dock, Path]) -> None:
    dock, disk = station
    secret = (dock.home / "keys/station.key").read_bytes().splitlines()[1]
    assert not [path for path in disk.rglob("*") if path.is_file() and secret in path.read_bytes()]
    sealed = next(disk.rglob(backup_sets.SEALED))
    assert secret in _opened(backup_sets.unsealed(sealed, code_of(dock)))


def _opened(body: bytes) -> bytes:
    return gzip.decompress(body)


def test_a_disk_that_fills_or_goes_leaves_the_last_good_one(
    station: tuple[Dock, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dock, disk = station
    before = {path: path.stat().st_mtime_ns for path in disk.rglob("*") if path.is_file()}
    make_small_card(tmp_path / "card2", "EV00002")
    dock.ingest(tmp_path / "card2")
    real, calls = durable.write_copy, list[Path]()

    def fails(path: Path, source: BinaryIO) -> None:
        calls.append(path)
        if len(calls) > 2:
            raise OSError(28, "No space left on device")
        real(path, source)

    with dock.opened() as opened:
        with monkeypatch.context() as patch:
            patch.setattr(durable, "write_copy", fails)
            with pytest.raises(BackupUnwritable):
                backup.back_up(opened, ME, disk)
        assert len(calls) == 3, "it broke in the middle"
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert len(backup_sets.sets_of(place(disk))) == 1
        assert backup.back_up(opened, ME, disk).objects > 0, "the same goes on"
    assert not list(disk.rglob("*.part"))


def test_a_damaged_original_is_named_and_not_copied(station: tuple[Dock, Path], tmp_path: Path) -> None:
    dock, disk = station
    shutil.rmtree(place(disk) / "vault")
    original = dock.objects()[0]
    original.chmod(0o644)
    original.write_bytes(b"x" + original.read_bytes()[1:])
    assert dock.run("backup", "--to", disk, "--json", status=31).document["damaged"] == [original.name]
    assert not list(place(disk).rglob(original.name))
    assert len(list((place(disk) / "vault/objects/originals").rglob("*"))) > 1


def test_the_newest_stay_and_a_strangers_disk_is_refused(
    station: tuple[Dock, Path], new_dock: Callable[[Path], Dock], tmp_path: Path
) -> None:
    dock, disk = station
    (first,) = place(disk).glob("sets/*")
    for number in range(backup_sets.KEPT):
        shutil.copytree(first, first.with_name(f"20200101T0000{number:02}Z"))
    with dock.opened() as opened:
        done = backup.back_up(opened, ME, disk)
    kept = sorted(path.name for path in place(disk).glob("sets/*"))
    assert (len(kept), kept[-1]) == (backup_sets.KEPT, done.set.name)
    other = new_dock(tmp_path / "other")
    note = json.loads((done.set / backup_sets.NOTE).read_text())
    (done.set / backup_sets.NOTE).write_text(json.dumps(note | {"key": "somebody's"}))
    assert other.run("backup", "--to", disk, "--json", status=12).error == "station.anothers-backup"
    assert other.run("backup", "--to", other.home / "vault", "--json", status=12).error == "station.not-apart"


def test_a_disk_is_found_by_its_mark_and_health_says_how_old_the_last_one_is(
    tmp_path: Path, dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "a disk"
    disk.mkdir()
    mounts = tmp_path / "mounts"
    point = str(disk).replace(" ", chr(92) + "040")
    mounts.write_text(f"21 1 0:5 / /proc rw - proc proc rw\n36 1 8:17 / {point} rw - vfat /dev/sdb1 rw\n")
    monkeypatch.setattr(places, "MOUNTINFO", mounts)
    with pytest.raises(NoBackupDisk):
        backup.disk_here()
    (disk / backup_sets.MARK).touch()
    assert backup.disk_here() == disk
    assert backup.last_backup(Home(dock.home)) is None
    assert "backup-late" not in dock.run("health", "--json", status=None).stdout
    (dock.home / "backup.json").write_text('{"at": "2026-01-01T00:00:00.000000+00:00"}')
    assert "health.backup-late" in dock.run("health", "--json", status=None).stdout


def test_a_copy_is_of_what_is_kept(station: tuple[Dock, Path]) -> None:
    """What two people disposed of goes from the copy at the next backup."""
    dock, disk = station
    with dock.opened() as opened:
        every = list(dock.clips().values())
        digests = [one["sha256"] for one in every]
        clip = next(one for one in every if digests.count(one["sha256"]) == 1)
        copy = place(disk) / "vault/objects" / original_key(clip["sha256"])
        assert copy.exists()
        (dock.home / "vault/objects" / original_key(clip["sha256"])).unlink()
        with opened.database.transaction() as session:
            session.connection().execute(
                text("INSERT INTO disposal (clip_id, asked_at, asked_by, reason, done_at, done_by) "
                     "VALUES (:clip, '2026-01-01', 'a', 'b', '2026-01-02', 'c')"),
                {"clip": clip["id"]},
            )  # fmt: skip
        backup.back_up(opened, ME, disk)
    assert not copy.exists()


def test_two_of_one_second_are_two(station: tuple[Dock, Path]) -> None:
    dock, disk = station
    with dock.opened() as opened:
        made = {backup.back_up(opened, ME, disk).set for _ in range(3)}
    assert {one.path for one in backup_sets.sets_of(place(disk))} > made
    assert len(made) == 3
