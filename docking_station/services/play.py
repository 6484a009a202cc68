"""Giving out what is shown of a clip (观看): to a file, or to a player through a pipe; on the trail like a pull."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from catalog.clips import clips, search
from catalog.rules.access import Action
from docking_station.derived.copies import Choice, choose_view, make_copies, open_view
from docking_station.services.permits import Permit
from docking_station.station.apart import demand_outside
from docking_station.station.errors import CannotPull, CopyDiffers, FileThere, NothingToView, unwritable
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.errors import StationBusy
from media.beside import VIEW
from media.faststart import moov_first
from vault import durable

READ_BYTES = 256 * 1024
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Viewed:
    """What was given out: the original itself, or a `derived` copy of it; its fields are keys of `--json`."""

    clip: str
    path: Path
    derived: bool
    way: str
    sha256: str
    original_sha256: str


def prepare_view(station: Station, clip: str, progress: Progress = silent) -> Choice:
    """Return what is shown of a clip, and make it first where nobody did; nothing is given out.

    Raises `NothingToView`, and what making raises.
    """
    try:
        return choose_view(station, clip)
    except NothingToView as error:
        if clips.manifest(station.database, clip).kind not in ("video", "audio"):
            raise error from None
    with progress("making_view", HUNDREDTHS) as counter:
        shown = 0

        def share_done(share: float) -> None:
            nonlocal shown
            now = int(share * HUNDREDTHS)
            counter(max(0, now - shown))
            shown = max(shown, now)

        make_copies(station, clip, share_done, VIEW)
    return choose_view(station, clip)


def demand_new(station: Station, path: Path) -> None:
    """Raise `FileThere` or `NotApart` where no file can be written, before anything is made or said on the trail."""
    demand_outside(station.settings, path)
    if path.exists():
        raise FileThere(path=path)


def view_clip(station: Station, permit: Permit, choice: Choice, path: Path, progress: Progress = silent) -> Viewed:
    """Write what is shown of a clip to a new file. Raises `FileThere`, `CannotPull`, `CopyDiffers`, `StationBusy`."""
    clip = permit.demand(Action.STREAM)
    demand_new(station, path)
    view = open_view(station, choice)
    draft = path.with_name(f".{path.name}.part")
    try:
        with view.file as file, progress("reading", view.size_bytes) as counter, durable.drafted(path, draft) as fd:
            with open(fd, "wb", closefd=False) as target:
                found = _copied(file, target, counter)
            if found != view.sha256:
                raise CopyDiffers(clip=clip, path=path.name, expected=view.sha256, found=found)
    except BlockingIOError as error:
        raise StationBusy(path=draft) from error
    except OSError as error:
        raise CannotPull(path=path, **unwritable(error)) from error
    original = search.get(station.database, clip).sha256
    return Viewed(clip, path, view.derived, view.note["way"], found, original)


def stream_clip(station: Station, permit: Permit, choice: Choice, target: BinaryIO) -> None:
    """Write what is shown of a clip to an open file as it is read; an index at the end of an original goes first."""
    permit.demand(Action.STREAM)
    view = open_view(station, choice)
    with view.file as file:
        shown = None if view.derived else moov_first(file)
        file.seek(0)
        _copied(shown or file, target, lambda _: None)
        target.flush()


def _copied(file: BinaryIO, target: BinaryIO, counter: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(READ_BYTES):
        digest.update(chunk)
        target.write(chunk)
        counter(len(chunk))
    return digest.hexdigest()
