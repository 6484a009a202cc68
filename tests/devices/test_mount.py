"""A mounted card cannot change, an erased one is read anew, and no mount outlives its recorder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.contract import Volume
from devices.errors import CannotMount, CardGone, EraseRefused, NoFileSystem
from devices.mount import mounted_read_only, mounts_below, sweep, unmount
from tests.fakes.loops import digest, image, loop, lose, need, partitioned, plugged, run, volume, why_no_loops, why_not


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder for mounts; none is left."""
    place = tmp_path / "run"
    place.mkdir()
    yield place
    left = mounts_below(place)
    sweep(place)
    assert left == ()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "DCIM").mkdir(parents=True)
    (folder / "DCIM" / "A.MP4").write_bytes(os.urandom(300_000))
    (folder / "DCIM" / "B.MP4").write_bytes(b"b" * 10)
    return folder


def flags(folder: Path) -> set[str]:
    """The options of a mount, as the system tells them."""
    (line,) = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f" {folder} " in line]
    before, _, after = line.partition(" - ")
    return {*before.split()[5].split(","), *after.split()[2].split(",")}


@pytest.mark.parametrize("fs", ["ext4", "ext2", "vfat", "exfat"])
def test_what_is_mounted_cannot_be_written(tmp_path: Path, place: Path, files: Path, fs: str) -> None:
    need(fs)
    card = image(tmp_path / "card.img", fs, source=files)
    before = digest(card)
    with loop(card) as device:
        mounted = mounted_read_only(volume(device, fs), place / "1")
        assert {"ro", "nosuid", "nodev", "noexec", "noatime"} <= flags(place / "1")
        assert run("blockdev", "--getro", device).strip() == "1"
        for attempt in (place / "1" / "new", place / "1" / "DCIM" / "A.MP4"):
            with pytest.raises(OSError, match=r"Read-only file system"):
                attempt.write_bytes(b"x")
        with pytest.raises(PermissionError), device.open("r+b", buffering=0) as raw:
            raw.write(b"x")
        assert (place / "1" / "DCIM" / "A.MP4").read_bytes() == (files / "DCIM" / "A.MP4").read_bytes()
        mounted.close()
        mounted.close()
        assert not (place / "1").exists()
    assert digest(card) == before


def test_a_journal_that_wants_replaying_is_left_as_it_is(tmp_path: Path, place: Path, files: Path) -> None:
    need("ext4")
    card, dirty = image(tmp_path / "card.img", "ext4", source=files), tmp_path / "dirty.img"
    with loop(card) as device:
        (place / "w").mkdir()
        run("mount", device, place / "w")
        (place / "w" / "new").write_bytes(b"n" * 5000)
        os.sync()
        shutil.copy(card, dirty)
        run("umount", place / "w")
    assert "needs_recovery" in run("dumpe2fs", "-h", dirty)
    before = digest(dirty)
    with loop(dirty) as device:
        mounted = mounted_read_only(volume(device, "ext4"), place / "1")
        assert (place / "1" / "DCIM" / "B.MP4").read_bytes() == b"b" * 10
        mounted.close()
    assert digest(dirty) == before


def test_a_whole_disk_is_protected_with_its_partition(tmp_path: Path, place: Path) -> None:
    need("ext4")
    card = partitioned(tmp_path / "disk.img")
    with loop(card) as device:
        partition = Path(f"{device}p1")
        if not partition.exists():
            pytest.skip("loop devices show no partitions here")
        run("mkfs.ext4", "-q", "-F", partition)
        before = digest(card)
        mounted = mounted_read_only(volume(partition, "ext4"), place / "1")
        assert [run("blockdev", "--getro", node).strip() for node in (device, partition)] == ["1", "1"]
        with mounted.writable():
            assert [run("blockdev", "--getro", node).strip() for node in (device, partition)] == ["0", "0"]
            assert digest(card) != before  # the file system says it is in use
        assert [run("blockdev", "--getro", node).strip() for node in (device, partition)] == ["1", "1"]
        mounted.close()


def test_it_is_writable_only_for_a_while_whatever_happens(tmp_path: Path, place: Path, files: Path) -> None:
    need("ext4")
    with loop(image(tmp_path / "card.img", "ext4", source=files)) as device:
        mounted = mounted_read_only(volume(device, "ext4"), place / "1")
        with suppress(ZeroDivisionError), mounted.writable():
            assert {"rw", "nosuid", "nodev", "noexec", "sync"} <= flags(place / "1")
            (place / "1" / "DCIM" / "B.MP4").unlink()
            raise ZeroDivisionError
        assert "ro" in flags(place / "1")
        assert run("blockdev", "--getro", device).strip() == "1"
        assert os.listdir(place / "1" / "DCIM") == ["A.MP4"]
        mounted.close()


def test_a_card_that_is_read_is_not_opened_for_writing(tmp_path: Path, place: Path, files: Path) -> None:
    need("ext4")
    with loop(image(tmp_path / "card.img", "ext4", source=files)) as device:
        mounted = mounted_read_only(volume(device, "ext4"), place / "1")
        with (place / "1" / "DCIM" / "A.MP4").open("rb"):
            with pytest.raises(EraseRefused, match="busy"), mounted.writable():
                pytest.fail("it was opened")
            assert "ro" in flags(place / "1")
        mounted.close()


def test_a_file_system_nobody_reads_is_said_so(tmp_path: Path, place: Path) -> None:
    if (why := why_no_loops()) is not None:
        pytest.skip(why)
    with loop(image(tmp_path / "card.img", "ext4")) as device:
        with pytest.raises(NoFileSystem, match="zfs_member"):
            mounted_read_only(volume(device, "zfs_member"), place / "1")
        with loop(_noise(tmp_path)) as noise, pytest.raises(CannotMount, match="ext4"):
            mounted_read_only(volume(noise, "ext4"), place / "1")
    assert list(place.iterdir()) == []


@pytest.mark.skipif(why_not("exfat") is None, reason="this kernel has exfat")
def test_a_kernel_without_the_file_system_is_named(tmp_path: Path, place: Path) -> None:
    if (why := why_no_loops()) is not None:
        pytest.skip(why)
    with (
        loop(_noise(tmp_path)) as device,
        pytest.raises(NoFileSystem, match="holds exfat, which this station's kernel cannot read"),
    ):
        mounted_read_only(volume(device, "exfat"), place / "1")


def _noise(tmp_path: Path) -> Path:
    path = tmp_path / "noise.img"
    path.write_bytes(b"\xa5" * (4 << 20))
    return path


def test_a_block_device_of_another_is_not_touched(tmp_path: Path, place: Path) -> None:
    need("ext4")
    with loop(image(tmp_path / "card.img", "ext4")) as device:
        other = replace(plugged(device), devpath="/devices/pci0000:00/usb1/1-1")
        swapped = replace(plugged(device), node="/dev/bus/usb/001/007")
        for seen_on in (other, swapped):
            with pytest.raises(CardGone):
                mounted_read_only(volume(device, "ext4"), place / "1", seen_on)
        assert run("blockdev", "--getro", device).strip() == "0"


def test_what_is_no_block_device_is_no_card(tmp_path: Path, place: Path) -> None:
    for node in (tmp_path / "none", tmp_path, Path("/dev/null")):
        with pytest.raises(CardGone):
            mounted_read_only(Volume(str(node), "ext4", None, None, 0), place / "1")
    assert list(place.iterdir()) == []


def test_what_a_crash_left_is_swept(tmp_path: Path, place: Path, files: Path) -> None:
    need("ext4")
    with loop(image(tmp_path / "card.img", "ext4", source=files)) as device:
        for inside in ("port one/1", "port-2/1"):
            (place / inside).mkdir(parents=True)
            run("mount", "-o", "ro", device, place / inside)
        run("mount", "-t", "tmpfs", "none", place / "port one" / "1")
        (place / "kept").write_text("a file is never removed")
        with (place / "port-2" / "1" / "DCIM" / "A.MP4").open("rb"):
            assert len(sweep(place)) == 3
            assert mounts_below(place) == ()
            assert os.listdir(place) == ["kept"]
        assert sweep(place) == ()


def test_unmounting_what_is_not_mounted_is_no_error(place: Path) -> None:
    unmount(place, detach=False)
    unmount(place / "none", detach=True)


def test_a_card_that_is_gone_is_told_from_a_bad_place(tmp_path: Path, place: Path, files: Path) -> None:
    need("ext4")
    card = image(tmp_path / "card.img", "ext4", source=files)
    with loop(card) as device:
        mounted = mounted_read_only(volume(device, "ext4"), place / "1")
        assert mounted.alive()
        with (place / "1" / "DCIM" / "A.MP4").open("rb"), closing(mounted):
            lose(card, device)
            assert not mounted.alive()
        assert mounts_below(place) == ()


@pytest.mark.parametrize("fs", ["vfat", "exfat"])
def test_a_local_reading_comes_out_as_if_it_were_utc(tmp_path: Path, place: Path, fs: str) -> None:
    need(fs)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "A.MP4").write_bytes(b"a")
    card = image(tmp_path / "card.img", fs, source=tmp_path / "files")
    body = bytearray(card.read_bytes())
    reading = (2026 - 1980) << 25 | 3 << 21 | 5 << 16 | 9 << 11 | 30 << 5
    (_set_fat_time if fs == "vfat" else _set_exfat_time)(body, reading.to_bytes(4, "little"))
    card.write_bytes(body)
    with loop(card) as device:
        mounted = mounted_read_only(volume(device, fs), place / "1")
        found_s = (place / "1" / "A.MP4").stat().st_mtime
        mounted.close()
    assert found_s == datetime(2026, 3, 5, 9, 30, tzinfo=UTC).timestamp()


def _set_fat_time(body: bytearray, reading: bytes) -> None:
    """Write a modify time into the one file entry of a FAT image."""
    entry = body.index(b"A       MP4")
    body[entry + 22 : entry + 26] = reading


def _set_exfat_time(body: bytearray, reading: bytes) -> None:
    """Write a modify time without a zone into the one file entry of an exFAT image, and correct its check sum."""
    entry = body.index("A.MP4".encode("utf-16-le")) - 2 - 64  # file entry, stream entry, then the name
    assert (body[entry], body[entry + 32], body[entry + 64]) == (0x85, 0xC0, 0xC1)
    body[entry + 12 : entry + 16] = reading
    body[entry + 21] = body[entry + 23] = 0  # no steps of 10 ms, no zone
    total = 0
    for at, byte in enumerate(body[entry : entry + 32 * (1 + body[entry + 1])]):
        if at not in (2, 3):
            total = ((total << 15 | total >> 1) + byte) & 0xFFFF
    body[entry + 2 : entry + 4] = total.to_bytes(2, "little")
