"""Where viewing copies come from and go to: a vault without files, a disk without room, notes that lie."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clips.search import Search, search
from docking_station.derived import copies
from docking_station.derived.copies import choose_view, make_copies, notes, original
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, NothingToView, unwritable
from docking_station.station.station import Station
from media.errors import ToolFailed
from tests.footage.clips import avi
from tests.scenario.dock import Dock


class Elsewhere:
    """A vault that gives bytes and no files, as object storage does."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def open(self, key: str) -> io.BytesIO:
        return io.BytesIO(self._body)


@pytest.fixture
def filed(dock: Dock, card: Path) -> Iterator[tuple[Station, str, str]]:
    """A station with one old clip; its number and digest."""
    (card / "old.avi").write_bytes(avi())
    dock.ingest(card)
    with dock.opened() as station:
        (clip,) = search(station.database, Search())
        yield station, str(clip.id), str(clip.sha256)


def nobody(_: float) -> None:
    return


def test_a_vault_without_files_is_read_through_a_copy(filed: tuple[Station, str, str], tmp_path: Path) -> None:
    station, clip, sha256 = filed
    station.__dict__["vault"] = Elsewhere(avi())
    with original(station, "originals/x", tmp_path, nobody) as path:
        assert path.read_bytes() == avi()
    assert list(tmp_path.glob("original-*")) == []
    make_copies(station, clip, nobody)
    assert notes(station, sha256)["view"]["way"] == "encode"
    assert list(station.settings.derived.glob(".making-*")) == []


def test_bytes_that_are_not_what_was_sealed_are_not_shown(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    station.__dict__["vault"] = Elsewhere(avi(3))
    with pytest.raises(CopyDiffers):
        make_copies(station, clip, nobody)
    assert notes(station, sha256) == {}
    assert list(station.settings.derived.glob(".making-*")) == []


def test_without_room_nothing_is_made(filed: tuple[Station, str, str]) -> None:
    station, clip, _ = filed
    object.__setattr__(station.settings, "reserve_bytes", 1 << 60)
    with pytest.raises(DerivedUnwritable, match="MB are free"):
        make_copies(station, clip, nobody)


def test_a_disk_that_fills_up_meanwhile_is_no_fault_of_the_clip(
    filed: tuple[Station, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg says the same either way: only the disk tells."""
    station, clip, _ = filed

    def fails(*_: object) -> None:
        raise ToolFailed(tool="ffmpeg", why="No space left on device")

    monkeypatch.setattr(copies, "make", fails)
    with pytest.raises(ToolFailed):
        make_copies(station, clip, nobody)
    demanded = copies._demand_room
    monkeypatch.setattr(copies, "_demand_room", lambda of, size: demanded(of, size) if size else full(of))
    with pytest.raises(DerivedUnwritable, match="MB are free"):
        make_copies(station, clip, nobody)
    assert list(station.settings.derived.glob(".making-*")) == []


def full(station: Station) -> None:
    full = OSError(errno.ENOSPC, "0 MB are free, 256 must be")
    raise DerivedUnwritable(path=station.settings.derived, **unwritable(full))


def test_a_long_copy_from_afar_keeps_its_lease_and_can_be_ended(
    filed: tuple[Station, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    station, clip, sha256 = filed
    monkeypatch.setattr(copies, "COPY_BYTES", 4096)
    station.__dict__["vault"] = Elsewhere(avi())
    heard = list[float]()

    def ends(progress: float) -> None:
        heard.append(progress)
        if len(heard) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_copies(station, clip, ends)
    assert heard == [0.0] * 3, "it was heard of while it was copied"
    assert (notes(station, sha256), list(station.settings.derived.glob(".making-*"))) == ({}, [])


def test_a_folder_that_cannot_be_written_is_said_in_words(filed: tuple[Station, str, str]) -> None:
    station, clip, _ = filed
    station.settings.derived.write_text("a file")
    with pytest.raises(DerivedUnwritable):
        make_copies(station, clip, nobody)


@pytest.mark.parametrize("note", [b"", b"[]", b"{}", b'{"file": "gone.mp4", "size_bytes": 1}'])
def test_a_note_that_lies_counts_for_nothing(filed: tuple[Station, str, str], note: bytes) -> None:
    station, clip, sha256 = filed
    station.settings.derived_of(sha256).mkdir(parents=True)
    (station.settings.derived_of(sha256) / "view.json").write_bytes(note)
    with pytest.raises(NothingToView):
        choose_view(station, clip)


def test_what_was_made_before_goes(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody)
    folder = station.settings.derived_of(sha256)
    (folder / "view-0123456789ab.mp4").write_bytes(b"of an earlier ffmpeg")
    make_copies(station, clip, nobody)
    told = json.loads((folder / "view.json").read_text())
    assert [path.name for path in folder.glob("view-*")] == [told["file"]]
    assert (folder / told["file"]).stat().st_mode & 0o777 == 0o600
