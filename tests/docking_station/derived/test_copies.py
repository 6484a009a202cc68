"""Where viewing copies come from and go to: a vault without files, a disk without room, notes that lie."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from catalog.clips.search import Search, search
from docking_station.derived import copies
from docking_station.derived.copies import choose_view, make_copies, notes, original
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, NothingToView, unwritable
from docking_station.station.station import Station
from media import ffmpeg
from media.beside import PARTS, VIEW
from media.errors import ToolFailed
from tests.footage.clips import avi
from tests.footage.coded import AAC, AVC, coded
from tests.scenario.dock import Dock


class Elsewhere:
    """A vault that gives bytes and no files, as object storage does."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def open(self, key: str) -> io.BytesIO:
        return io.BytesIO(self._body)


@pytest.fixture
def filed(
    filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path: Path
) -> Iterator[tuple[Station, str, str]]:
    """A station with one old clip; its number and digest."""
    with filed_dock(tmp_path / "home", {"old.avi": avi()}).opened() as station:
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
    copies.ask_anew(station, clip)
    make_copies(station, clip, nobody)
    told = json.loads((folder / "view.json").read_text())
    assert [path.name for path in folder.glob("view-*")] == [told["file"]]
    assert (folder / told["file"]).stat().st_mode & 0o777 == 0o600


class Ending(Exception):
    """Whoever makes it is told to end."""


def folder_of(station: Station, sha256: str) -> Path:
    return station.settings.derived_of(sha256)


def places(folder: Path) -> dict[str, int]:
    """The files in a folder that are no notes, each by its inode."""
    return {path.name: path.stat().st_ino for path in folder.iterdir() if path.suffix != ".json"}


def test_only_what_is_missing_is_made_and_the_original_is_left_alone(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody)
    assert copies.missing(station, sha256) == ()
    folder = folder_of(station, sha256)
    before, view = places(folder), notes(station, sha256)["view"]
    for part in ("poster", "peaks"):
        (folder / f"{part}.json").unlink()
    assert copies.missing(station, sha256) == ("poster", "peaks")
    station.__dict__["vault"] = None  # whoever asks it fails
    make_copies(station, clip, nobody)
    after = places(folder)
    assert set(after) == set(before)
    assert {name.partition("-")[0] for name in after if after[name] != before[name]} == {"poster", "peaks"}
    assert notes(station, sha256)["view"] == view
    make_copies(station, clip, nobody)
    assert places(folder) == after


def test_copies_of_an_earlier_version_stay_and_get_what_they_lack(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody)
    folder = folder_of(station, sha256)
    before = places(folder)
    for part in ("sub", "peaks"):  # there were none
        (folder / f"{part}.json").unlink()
    for part, known in (("view", ()), ("strip", ("tile_width_px",))):
        note = notes(station, sha256)[part]
        names = {"schema", "derived", "made_at", "original", "tool", "file", "sha256", "size_bytes", "command", *known}
        names |= {"way", "why", "encoder"}
        (folder / f"{part}.json").write_text(json.dumps({name: note[name] for name in names & set(note)}))
    assert choose_view(station, clip).derived
    assert copies.missing(station, sha256) == ("view", "peaks", "sub")
    station.__dict__["vault"] = None
    make_copies(station, clip, nobody)
    view = notes(station, sha256)["view"]
    assert (view["way"], view["frame_rate"], view["frame_count"], view["even"]) == ("encode", "10/1", 20, True)
    assert {name: place for name, place in places(folder).items() if name.startswith(("view", "strip"))} == {
        name: place for name, place in before.items() if name.startswith(("view", "strip"))
    }


def test_an_uneven_copy_of_an_earlier_version_is_made_anew(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody)
    folder, note = folder_of(station, sha256), notes(station, sha256)["view"]
    uneven = coded("mp4", 6, "-vf", "select='gt(random(0),0.6)'", "-fps_mode", "vfr", *AVC, *AAC)
    (folder / note["file"]).write_bytes(uneven)
    del note["duration_s"]
    (folder / "view.json").write_text(json.dumps(note | {"size_bytes": len(uneven)}))
    make_copies(station, clip, nobody)
    assert (notes(station, sha256)["view"]["frame_count"], notes(station, sha256)["view"]["even"]) == (20, True)
    assert (folder / notes(station, sha256)["view"]["file"]).stat().st_size != len(uneven)


def test_what_plays_counts_before_the_rest_is_made(filed: tuple[Station, str, str]) -> None:
    """Whoever is killed in between leaves what plays, and it is not made twice."""
    station, clip, sha256 = filed

    def ends(progress: float) -> None:
        if "strip" in notes(station, sha256):
            raise Ending

    with pytest.raises(Ending):
        make_copies(station, clip, ends)
    assert choose_view(station, clip).derived
    before = places(folder_of(station, sha256))
    assert copies.missing(station, sha256) == ("peaks", "waveform", "sub")
    make_copies(station, clip, nobody)
    assert copies.missing(station, sha256) == ()
    assert before.items() <= places(folder_of(station, sha256)).items()
    assert list(station.settings.derived.glob(".making-*")) == []


def test_what_is_asked_for_anew_is_shown_until_it_is_made(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody)
    before = places(folder_of(station, sha256))
    copies.ask_anew(station, clip)
    assert choose_view(station, clip).derived
    assert set(copies.missing(station, sha256)) == set(PARTS)
    make_copies(station, clip, nobody)
    assert copies.missing(station, sha256) == ()
    assert not set(before.values()) & set(places(folder_of(station, sha256)).values())


def test_only_what_plays_is_made_where_somebody_waits_for_it(filed: tuple[Station, str, str]) -> None:
    station, clip, sha256 = filed
    make_copies(station, clip, nobody, VIEW)
    assert set(notes(station, sha256)) == {"view"}


def test_a_part_that_cannot_be_made_says_why_and_a_full_disk_is_no_reason(
    filed: tuple[Station, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    station, clip, sha256 = filed
    made = ffmpeg.make

    def fails(argv: list[str], *others: object) -> None:
        if argv[-1].endswith("poster.jpg"):
            raise ToolFailed(tool="ffmpeg", why="No space left on device")
        made(argv, *others)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(ffmpeg, "make", fails)
    with monkeypatch.context() as patched:
        demanded = copies._demand_room
        patched.setattr(copies, "_demand_room", lambda of, size: demanded(of, size) if size else full(of))
        with pytest.raises(DerivedUnwritable):
            make_copies(station, clip, nobody)
    assert set(notes(station, sha256)) == {"view"}
    make_copies(station, clip, nobody)
    assert copies.missing(station, sha256) == ()
    assert notes(station, sha256)["poster"]["file"] is None
    assert "No space left" in notes(station, sha256)["poster"]["why"]
