"""A docked recorder is read within its footage folders, erased file by file, and asked itself what is gone."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.evidence import SourceFile
from devices.contract import DockedRecorder
from devices.errors import CannotMount, CardGone, EraseRefused, NotAFile, NoVolume
from devices.junk import Junk, rules_from
from devices.mass_storage import DockedCard, open_docked
from devices.models import generic_dcim, whole_volume
from devices.mount import mounts_below, sweep
from devices.survey import Refused, Skipped
from tests.fakes.loops import digest, image, loop, lose, need, plugged, run

JUNK = Junk(rules_from(()))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "run"
    place.mkdir()
    yield place
    left = mounts_below(place)
    sweep(place)
    assert left == ()


@pytest.fixture(autouse=True)
def ext4() -> None:
    need("ext4")


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def files(docked: DockedCard) -> dict[bytes, SourceFile]:
    return {entry.path: entry for entry in docked.survey(JUNK) if isinstance(entry, SourceFile)}


def skipped(docked: DockedCard) -> set[bytes]:
    return {entry.path for entry in docked.survey(JUNK) if isinstance(entry, Skipped)}


def read(docked: DockedCard, source: SourceFile) -> bytes:
    with docked.open(source) as descriptor:
        assert docked.still(source, descriptor) is None
        return os.read(descriptor, 1 << 20)


def test_it_is_surveyed_and_read_and_not_a_bit_of_it_changes(tmp_path: Path, place: Path) -> None:
    source = write(tmp_path / "files", "DCIM/1/A.MP4", "dcim2/B.MP4", "OTHER/C.TXT", "D.TXT")
    card = image(tmp_path / "card.img", "ext4", source=source)
    before = digest(card)
    with loop(card) as device:
        docked: DockedRecorder = open_docked(plugged(device), generic_dcim.MODEL, place)
        assert isinstance(docked, DockedCard)
        found = files(docked)
        assert set(found) == {b"DCIM/1/A.MP4"}
        assert {b"dcim2/B.MP4", b"OTHER/C.TXT", b"D.TXT"} <= skipped(docked)
        assert read(docked, found[b"DCIM/1/A.MP4"]) == b"DCIM/1/A.MP4"
        assert (docked.clock(), docked.name) == (None, "pci-0000:00:14.0-usb-0:3")
        docked.close()
        docked.close()
        assert list(place.iterdir()) == []
    assert digest(card) == before


def test_a_card_whose_footage_folders_hold_nothing_is_surveyed_whole(tmp_path: Path, place: Path) -> None:
    source = write(tmp_path / "files", "DCIM/Thumbs.db", "CARD/A.MP4", "B.MP4")
    with loop(image(tmp_path / "card.img", "ext4", source=source)) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        assert set(files(docked)) == {b"CARD/A.MP4", b"B.MP4"}
        with docked.writable() as eraser, pytest.raises(EraseRefused, match="outside"):
            eraser.erase(b"CARD/A.MP4")
        assert set(files(docked)) == {b"CARD/A.MP4", b"B.MP4"}
        docked.close()


def test_several_volumes_never_share_a_path(tmp_path: Path, place: Path) -> None:
    with ExitStack() as stack:
        devices = [
            stack.enter_context(loop(image(tmp_path / f"{name}.img", "ext4", source=write(tmp_path / name, *paths))))
            for name, paths in (("one", ["0000-0002/A.MP4", "B.MP4"]), ("two", ["A.MP4", "B.MP4"]))
        ]
        docked = open_docked(plugged(*devices), whole_volume.MODEL, place)
        stack.callback(docked.close)
        found = files(docked)
        assert set(found) == {b"0000-0001/0000-0002/A.MP4", b"0000-0001/B.MP4", b"0000-0002/A.MP4", b"0000-0002/B.MP4"}
        assert read(docked, found[b"0000-0002/A.MP4"]) == b"A.MP4"
        unread = {entry.path: entry for entry in docked.survey(JUNK, edged=False) if isinstance(entry, SourceFile)}
        assert {path: docked.edges(entry) for path, entry in unread.items()} == {
            path: entry.edges for path, entry in found.items()
        }
        with docked.writable() as eraser:
            eraser.erase(b"0000-0002/A.MP4")
        assert docked.absent(b"0000-0002/A.MP4")
        assert not docked.absent(b"0000-0001/0000-0002/A.MP4")


def test_only_what_is_named_is_erased_and_only_while_writable(tmp_path: Path, place: Path) -> None:
    source = write(tmp_path / "files", "DCIM/A.MP4", "DCIM/B.MP4", "DCIM/1/C.MP4")
    with loop(image(tmp_path / "card.img", "ext4", source=source)) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        assert not docked.absent(b"DCIM/A.MP4")
        with docked.writable() as eraser:
            eraser.erase(b"DCIM/A.MP4")
            eraser.erase(b"DCIM/A.MP4")
            eraser.erase(b"DCIM/none/at/all.MP4")
            eraser.erase(b"DCIM/../DCIM/B.MP4")
            with pytest.raises(EraseRefused, match="no file"):
                eraser.erase(b"DCIM/1")
        with pytest.raises(EraseRefused, match="write-protected"):
            eraser.erase(b"DCIM/B.MP4")
        assert docked.absent(b"DCIM/A.MP4")
        assert docked.absent(b"DCIM/none/at/all.MP4")
        assert set(files(docked)) == {b"DCIM/B.MP4", b"DCIM/1/C.MP4"}
        docked.close()
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        assert docked.absent(b"DCIM/A.MP4")
        docked.close()


def test_closing_ends_a_reader_in_another_thread_and_never_gives_it_another_card(tmp_path: Path, place: Path) -> None:
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(
                loop(image(tmp_path / f"{name}.img", "ext4", source=write(tmp_path / name, "DCIM/A.MP4")))
            )
            for name in ("one", "two")
        )
        docked = open_docked(plugged(one), generic_dcim.MODEL, place / "one")
        (source,) = files(docked).values()
        card = docked._parts[0].card
        docked.close()
        other = open_docked(plugged(two), generic_dcim.MODEL, place / "two")
        stack.callback(other.close)
        with pytest.raises(CardGone), card.open(source):
            pytest.fail("a card that was closed was read")


def held_elsewhere() -> subprocess.Popen[str]:
    """A program that begins now, in a mount namespace of its own, and ends in a second."""
    line = ["unshare", "--mount", "sh", "-c", "echo held; sleep 1"]
    other = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_copy_of_the_mount_in_another_programs_namespace_is_waited_for(tmp_path: Path, place: Path) -> None:
    """What begins while a card is mounted may hold it a moment longer; it is read past all memory all the same."""
    source = write(tmp_path / "files", "DCIM/A.MP4", "DCIM/B.MP4")
    with loop(image(tmp_path / "card.img", "ext4", source=source)) as device, ExitStack() as stack:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        stack.enter_context(held_elsewhere())
        with docked.writable() as eraser:
            eraser.erase(b"DCIM/A.MP4")
            stack.enter_context(held_elsewhere())
        assert (docked.absent(b"DCIM/A.MP4"), docked.absent(b"DCIM/B.MP4")) == (True, False)
        docked.close()
        assert run("blockdev", "--getro", device).strip() == "1"


def test_closing_waits_for_one_that_erases(tmp_path: Path, place: Path) -> None:
    source = write(tmp_path / "files", "DCIM/A.MP4")
    with loop(image(tmp_path / "card.img", "ext4", source=source)) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        with docked.writable():
            closer = threading.Thread(target=docked.close)
            closer.start()
            closer.join(0.3)
            assert closer.is_alive()
        closer.join(10)
        assert not closer.is_alive()
        assert mounts_below(place) == ()
        assert run("blockdev", "--getro", device).strip() == "1"


def test_a_hostile_card_leads_nowhere(tmp_path: Path, place: Path) -> None:
    source = write(tmp_path / "files", "DCIM/A.MP4")
    outside = write(tmp_path / "outside", "precious.txt")
    (source / "DCIM" / "out").symlink_to(outside)
    (source / "DCIM" / "passwd").symlink_to("/etc/passwd")
    os.mkfifo(source / "DCIM" / "pipe")
    os.mknod(source / "DCIM" / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(source / "DCIM" / "disk", stat.S_IFBLK | 0o666, os.makedev(7, 0))
    with loop(image(tmp_path / "card.img", "ext4", source=source)) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        refused = {entry.path: entry.error for entry in docked.survey(JUNK) if isinstance(entry, Refused)}
        assert set(refused) == {b"DCIM/out", b"DCIM/passwd", b"DCIM/pipe", b"DCIM/null", b"DCIM/disk"}
        assert all(isinstance(error, NotAFile) for error in refused.values())
        with docked.writable() as eraser:
            eraser.erase(b"DCIM/out/precious.txt")
            for path in (b"DCIM/passwd", b"DCIM/pipe", b"DCIM/null"):
                with pytest.raises(EraseRefused):
                    eraser.erase(path)
        assert (outside / "precious.txt").exists()
        assert docked.absent(b"DCIM/out/precious.txt")
        docked.close()


def test_a_card_that_was_pulled_says_so_and_never_that_a_file_is_absent(tmp_path: Path, place: Path) -> None:
    card = image(tmp_path / "card.img", "ext4", source=write(tmp_path / "files", "DCIM/A.MP4"))
    with loop(card) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        (source,) = files(docked).values()
        with ExitStack() as stack, docked.open(source):
            stack.callback(docked.close)
            lose(card, device)
            assert isinstance(docked.failed(source, 0, OSError(errno.EIO, "Input/output error")), CardGone)
            for path in (b"DCIM/A.MP4", b"DCIM/B.MP4"):
                with pytest.raises(CardGone):
                    docked.absent(path)
            docked.close()
        assert mounts_below(place) == ()
        with pytest.raises(CardGone):
            docked.absent(b"DCIM/B.MP4")


def test_a_bad_place_on_a_card_that_is_there_is_a_bad_place(tmp_path: Path, place: Path) -> None:
    card = image(tmp_path / "card.img", "ext4", source=write(tmp_path / "files", "DCIM/A.MP4"))
    with loop(card) as device:
        docked = open_docked(plugged(device), generic_dcim.MODEL, place)
        (source,) = files(docked).values()
        error = docked.failed(source, 7, OSError(errno.EIO, "Input/output error"))
        assert (error.code, error.facts["offset"]) == ("devices.read-failed", 7)
        docked.close()


def test_one_volume_that_cannot_be_read_leaves_no_mount_of_the_others(tmp_path: Path, place: Path) -> None:
    (tmp_path / "noise.img").write_bytes(b"\xa5" * (1 << 20))
    card = image(tmp_path / "card.img", "ext4")
    with loop(card) as good, loop(tmp_path / "noise.img") as bad, pytest.raises(CannotMount):
        open_docked(plugged(good, bad), generic_dcim.MODEL, place)
    assert mounts_below(place) == ()


def test_a_reader_without_a_card_has_no_volume(place: Path) -> None:
    with pytest.raises(NoVolume):
        open_docked(replace(plugged(Path("/dev/loop0")), volumes=()), generic_dcim.MODEL, place)
