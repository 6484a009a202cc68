"""A copy goes where a person said, or nowhere; what is told says what to do about this very fault."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import search
from catalog.rules.access import Action
from catalog.station_error import StationError
from docking_station.bundle.errors import CannotExport
from docking_station.bundle.export import export_bundle
from docking_station.bundle.facts import Order
from docking_station.services import pull
from docking_station.services.pull import pull_clip
from docking_station.station.errors import CannotPull, DerivedUnwritable, unwritable
from docking_station.station.station import Station
from ingest.errors import StationBusy
from tests.docking_station.running import fill
from tests.fakes.callers import ME, allowed
from tests.fakes.faults import Crash
from tests.scenario.dock import Dock

WAYS: dict[str, Callable[[Station, str, Path], Any]] = {
    "pull": lambda station, clip, to: pull_clip(station, allowed(station, Action.COPY, clip), to),
    "export": lambda station, clip, to: export_bundle(station, ME, Order((clip,), None, to)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_tree_that_is_not_there_is_not_made(dock: Dock, tmp_path: Path, way: str) -> None:
    """A disk that is not mounted, or a slip of the keyboard: evidence must not come to lie there."""
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    with dock.opened() as station:
        (clip,) = (str(one.id) for one in search.search(station.database, search.Search()))
        with pytest.raises((CannotPull, CannotExport)) as told:
            WAYS[way](station, clip, tmp_path / "media/stick/copies")
        assert "folder above" in told.value.hint()
        assert not (tmp_path / "media").exists()
        (tmp_path / "media/stick").mkdir(parents=True)
        WAYS[way](station, clip, tmp_path / "media/stick/copies")
    assert any((tmp_path / "media/stick/copies").iterdir())


@pytest.mark.parametrize("kind", [CannotPull, CannotExport, DerivedUnwritable])
@pytest.mark.parametrize(
    ("number", "todo", "todo_zh"),
    [
        (errno.ENOSPC, "Make room", "清理空间"),
        (errno.EDQUOT, "Make room", "清理空间"),
        (errno.EACCES, "right to write", "写权限"),
        (errno.EROFS, "for writing", "可写方式"),
        (errno.EIO, "Check that disk", "检查该磁盘"),
    ],
)
def test_the_hint_fits_the_fault(kind: type[StationError], number: int, todo: str, todo_zh: str) -> None:
    error = kind(path="/media/stick", **unwritable(OSError(number, "so it is")))
    assert todo in error.hint("en")
    assert todo_zh in error.hint("zh")
    assert ("room" in error.hint("en")) == (number in (errno.ENOSPC, errno.EDQUOT))


def test_a_link_somebody_put_in_the_way_leads_no_paper_elsewhere(dock: Dock, tmp_path: Path) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    to, kept = tmp_path / "shared", tmp_path / "kept.txt"
    to.mkdir()
    kept.write_text("what root may write to")
    for name in ("a.log.manifest.json", "a.log.manifest.sig"):
        (to / name).symlink_to(kept)
    with dock.opened() as station:
        (clip,) = (str(one.id) for one in search.search(station.database, search.Search()))
        pulled = WAYS["pull"](station, clip, to)
    assert kept.read_text() == "what root may write to"
    assert pulled.path == to / "a.log"
    assert not pulled.manifest.is_symlink()


def test_two_that_pull_one_clip_at_once_spoil_no_copy(
    dock: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    to = tmp_path / "out"
    with dock.opened() as station:
        (clip,) = (str(one.id) for one in search.search(station.database, search.Search()))
        real = pull._copy

        def second_comes(*told: Any) -> str:
            found = real(*told)
            monkeypatch.setattr(pull, "_copy", real)
            with pytest.raises(StationBusy):
                WAYS["pull"](station, clip, to)
            return found

        monkeypatch.setattr(pull, "_copy", second_comes)
        pulled = WAYS["pull"](station, clip, to)
        assert pulled.path.read_bytes() == (tmp_path / "card/a.log").read_bytes()
        (to / ".a.log.part").write_bytes(b"of one that was killed, and longer than the whole" * 9)
        assert WAYS["pull"](station, clip, to).path == pulled.path
    assert pulled.path.read_bytes() == (tmp_path / "card/a.log").read_bytes()
    assert sorted(path.name for path in to.iterdir()) == ["a.log", "a.log.manifest.json", "a.log.manifest.sig"]


def test_a_pull_killed_before_the_copy_has_its_name_is_made_once(
    dock: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.ingest(fill(tmp_path / "card", {"a.log": 100}))
    real = Path.rename

    def crash(path: Path, to: Path) -> Path:
        if path.name == ".a.log.part":
            raise Crash
        return real(path, to)

    with dock.opened() as station:
        (clip,) = (str(one.id) for one in search.search(station.database, search.Search()))
        with monkeypatch.context() as patch:
            patch.setattr(Path, "rename", crash)
            with pytest.raises(Crash):
                WAYS["pull"](station, clip, tmp_path / "out")
        WAYS["pull"](station, clip, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 3, "and not a second copy under another name"
