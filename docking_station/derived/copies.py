"""Viewing copies (观看副本): where they lie, how they come to be, and what is shown of a clip.

They are derived, and no evidence: a folder of their own (`derived` in the home, or as the settings say), one below it
for each original, named by its SHA-256. Beside each file a JSON says what it is: the command, the tool's version, the
original's digest, its own, when. The folder may be deleted at any time; chores make it anew. The original is only read.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from catalog.clips import clips, search
from catalog.clips.classes import STATE
from catalog.errors import AlreadyDisposed
from catalog.keeping import disposals
from catalog.keeping.fixity import STATION_ACTOR
from catalog.rules.canonical import time_text
from catalog.rules.manifest import Manifest
from docking_station.derived.removal import forget
from docking_station.derived.scratch import draft_in, machine_name
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, NothingToView, unwritable, unwritten
from media import ffmpeg, proxy
from media.beside import COPY_SHARE, PARTS, VIEW, CopyDesk, MadeFile, Part, Playing, beside
from media.encoders import usable
from media.errors import ToolFailed
from media.ffmpeg import Tools
from media.viewing import make, playing_copy
from vault.durable import make_folder, replace_file

if TYPE_CHECKING:
    from docking_station.station.station import Station

SCHEMA = "evidock.derived/1"
NOT_EVIDENCE = "derived viewing copy, not evidence"
REFERENCES_MAX = 4
SIZES_FREE, ROOM_BYTES = 3, 256 * 1024 * 1024
"""A copy, what it is made of where the vault has no files, a clip without index rebuilt; and something to spare."""
NOTE_BYTES_MAX = 256 * 1024
COPY_BYTES = 1 << 20
NICENESS = 15
SUFFIXES = (".mp4", ".mov", ".3gp", ".m4v")


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of a clip: bytes to read, whether they are `derived`, and the note beside them."""

    clip: str
    file: BinaryIO
    derived: bool
    size_bytes: int
    sha256: str
    suffix: str
    note: Mapping[str, Any]


def made(station: Station, sha256: str) -> frozenset[str]:
    """The names in the folder of what was derived from an original; no note is read: a list asks for many clips."""
    try:
        return frozenset(os.listdir(station.settings.derived_of(sha256)))
    except OSError:
        return frozenset()


def notes(station: Station, sha256: str, parts: Collection[str] = PARTS) -> dict[str, dict[str, Any]]:
    """What was derived from an original, by part; only what is really there."""
    folder, found = station.settings.derived_of(sha256), dict[str, dict[str, Any]]()
    for part in parts:
        try:
            with (folder / f"{part}.json").open("rb") as file:
                note = json.loads(file.read(NOTE_BYTES_MAX))
            name = note["file"]
            if name is None or (folder / name).stat().st_size == note["size_bytes"]:
                found[part] = note
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Which file is shown of a clip (观看文件): the original, or the viewing copy its note tells of."""

    clip: str
    manifest: Manifest
    note: Mapping[str, Any]

    @property
    def derived(self) -> bool:
        """Whether it is a viewing copy."""
        return self.note["file"] is not None


def choose_view(station: Station, clip: str, *, photographs: bool = False) -> Choice:
    """Return what is shown of a clip; no byte of it is read. Raises `NothingToView` until it is made.

    A playable original is given as it is, without waiting for any chore, and so are `photographs` if they are asked
    for; of one that is gone nothing is (`AlreadyDisposed`).
    """
    disposals.demand_kept(station.database, clip)
    manifest = clips.manifest(station.database, clip)
    note = notes(station, manifest.sha256, VIEW).get("view")
    return choice_of(manifest, note, photographs=photographs)


def choice_of(manifest: Manifest, note: Mapping[str, Any] | None, *, photographs: bool) -> Choice:
    """Return what is shown of a clip that is kept, by its manifest and the note of its viewing copy, if there is one.

    Raises `NothingToView`.
    """
    clip = manifest.clip
    if photographs and manifest.kind == "image" and proxy.is_shown_picture(proxy.as_facts(manifest.media)):
        note = {"way": "as-is", "why": "a photograph every browser shows", "file": None}
    if note is None:
        media = proxy.as_facts(manifest.media)
        chosen = proxy.plan(manifest.kind, media)
        if chosen.way != "as-is" or media.playable is not True:
            raise NothingToView(
                clip=clip, why=chosen.why if chosen.way == "none" else "its viewing copy is not made yet"
            )
        note = {"way": "as-is", "why": chosen.why, "file": None}
    if note["way"] == "none":
        raise NothingToView(clip=clip, why=note["why"])
    return Choice(clip, manifest, note)


def open_file(station: Station, manifest: Manifest, note: Mapping[str, Any]) -> BinaryIO:
    """Open the file a note tells of, the original where it names none; who calls this has a permit, or a list.

    Raises `DerivedUnwritable`, `NotInVault`.
    """
    if note["file"] is None:
        return station.vault.open(manifest.original_key)
    path = station.settings.derived_of(manifest.sha256) / str(note["file"])
    with unwritten(DerivedUnwritable, path=path):
        return path.open("rb")


def open_view(station: Station, choice: Choice) -> View:
    """Open what is shown of a clip; who calls this has a permit. Raises `DerivedUnwritable`, `NotInVault`."""
    manifest, note = choice.manifest, choice.note
    size_bytes, sha256, name = manifest.size_bytes, manifest.sha256, manifest.path
    if choice.derived:
        size_bytes, sha256, name = note["size_bytes"], note["sha256"], note["file"]
    file = open_file(station, manifest, note)
    return View(choice.clip, file, choice.derived, size_bytes, sha256, Path(name).suffix, note)


def missing(station: Station, sha256: str) -> tuple[Part, ...]:
    """What is not derived of an original yet, was made by a version that told less of it, or is to be made anew."""
    found = notes(station, sha256)
    return tuple(part for part in PARTS if part not in found or _is_old(part, found[part]))


def ask_anew(station: Station, clip: str) -> None:
    """Have everything that is derived of a clip made anew; until it is made what there is goes on being shown."""
    sha256 = clips.manifest(station.database, clip).sha256
    folder = station.settings.derived_of(sha256)
    with unwritten(DerivedUnwritable, path=folder):
        for part, note in notes(station, sha256).items():
            _note(folder, part, note | {"stale": True})


def make_copies(
    station: Station, clip: str, progress: Callable[[float], None], wanted: Collection[Part] = PARTS
) -> None:
    """Make what is missing of what is shown of a clip, what plays first, and put each part in its place as it is made.

    Raises what media raises, `DerivedUnwritable`, `AlreadyDisposed`, `CopyDiffers` if the vault did not give the
    sealed bytes.
    """
    disposals.demand_kept(station.database, clip)
    manifest = clips.manifest(station.database, clip)
    sha256 = manifest.sha256
    lacking = tuple(part for part in missing(station, sha256) if part in wanted)
    if not lacking:
        return
    _demand_room(station, manifest.size_bytes)
    tools = Tools(station.settings.ffprobe, station.settings.ffmpeg, niceness=NICENESS)
    derived = station.settings.derived
    # What is disposed of between two parts ends the work; what was put there before that goes below.
    with suppress(AlreadyDisposed), unwritten(DerivedUnwritable, path=derived), draft_in(derived) as draft:
        memory = derived / f"encoders-{machine_name()}.json"
        encoders = usable(tools, memory, hardware=station.settings.hardware)
        desk = CopyDesk(tools, encoders, f"{NOT_EVIDENCE}; original SHA-256 {sha256}", progress)
        keeping = _Keeping(station, clip, manifest, ffmpeg.version(tools))
        if (playing := _kept_copy(station, manifest, desk)) is not None:
            for one in beside(playing, draft, desk, lacking):
                keeping.keep(one)
        else:
            with original(station, manifest.original_key, draft, progress) as path:
                keeping.source = path, progress
                references = _references(station, clip, draft, progress)
                try:
                    make(path, manifest.kind, draft, desk, keeping.keep, references, lacking)
                except ToolFailed:
                    _demand_room(station, 0)  # the disk may have filled up: that is no clip's fault
                    raise
        progress(1.0)
    if disposals.is_done(station.database, clip):  # in the meantime: whoever did it may have looked too early
        forget(station, clip, STATION_ACTOR)
        raise AlreadyDisposed(clip=clip)


def _is_old(part: Part, note: Mapping[str, Any]) -> bool:
    """Whether a part is to be made anew: a person asked for it, or no player could step through what it shows."""
    return "stale" in note or (part == "view" and note.get("way") != "none" and "duration_s" not in note)


def _kept_copy(station: Station, manifest: Manifest, desk: CopyDesk) -> Playing | None:
    """The viewing copy that is there and stays; one of a version that told less of it gets a note that tells more.

    None where there is none, or an uneven one: then the original is needed.
    """
    note, folder = notes(station, manifest.sha256).get("view"), station.settings.derived_of(manifest.sha256)
    if note is None or note["file"] is None or "stale" in note:
        return None
    playing = playing_copy(folder / note["file"], manifest.kind, desk)
    if _is_old("view", note):
        if playing.shown.get("even") is False:
            return None
        _note(folder, "view", {**playing.shown, **note})
    return playing


@dataclass(slots=True)
class _Keeping:
    """Puts parts of one clip in their place, each before the next is made."""

    station: Station
    clip: str
    manifest: Manifest
    tool: str
    source: tuple[Path, Callable[[float], None]] | None = None

    def keep(self, one: MadeFile) -> Path | None:
        """Make a part count; not a copy of bytes that were not sealed, nor of a clip that is gone."""
        if one.facts.get("failed"):
            _demand_room(self.station, 0)  # the disk may have filled up: then it is made another time
        if one.part == "view" and one.path is not None and self.source is not None:
            path, progress = self.source
            _demand_sealed(path, self.clip, self.manifest, progress)
        disposals.demand_kept(self.station.database, self.clip)
        about = {"original": {"clip": self.clip, "sha256": self.manifest.sha256}, "tool": self.tool}
        return publish(self.station, self.manifest.sha256, one, about)


@contextmanager
def original(station: Station, key: str, draft: Path, progress: Callable[[float], None]) -> Iterator[Path]:
    """A path to an object of the vault: its own file, or a copy where the vault has no files.

    `progress` hears of every piece that is copied: from far away a clip takes longer than a lease.
    """
    with station.vault.open(key) as file:
        name = getattr(file, "name", None)
        path = Path(name) if isinstance(name, str) else None
        if path is not None and path.is_file() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
            yield path
            return
        copy = draft / f"original-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
        try:
            with copy.open("xb") as target:
                while piece := file.read(COPY_BYTES):
                    target.write(piece)
                    progress(0.0)
            yield copy
        finally:
            copy.unlink(missing_ok=True)


@contextmanager
def borrowed(station: Station, key: str, size_bytes: int, progress: Callable[[float], None]) -> Iterator[Path]:
    """A path to an object of the vault, only to be read; raises `DerivedUnwritable` where a copy has no room."""
    if not station.settings.vault_address.startswith("folder:"):
        _demand_room(station, size_bytes)
    with draft_in(station.settings.derived) as draft, original(station, key, draft, progress) as path:
        yield path


@contextmanager
def played(station: Station, choice: Choice, progress: Callable[[float], None]) -> Iterator[Path]:
    """A path to what plays of a clip, only to be read; raises `DerivedUnwritable`."""
    if choice.derived:
        yield station.settings.derived_of(choice.manifest.sha256) / str(choice.note["file"])
    else:
        with borrowed(station, choice.manifest.original_key, choice.manifest.size_bytes, progress) as source:
            yield source


def _references(station: Station, clip: str, draft: Path, progress: Callable[[float], None]) -> Iterator[Path]:
    """Whole clips of the same recorder, the nearest in time first."""
    mine = search.get(station.database, clip)
    if mine.recorder is None:
        return
    others = search.Search(recorder=mine.recorder, kind="video", limit=search.LIMIT_MAX)
    found = [one for one in search.search(station.database, others) if one.playable and one.id != clip]
    fitting = [one for one in found if one.path.lower().endswith(SUFFIXES)]
    fitting.sort(key=lambda one: abs(one.starts_at - mine.starts_at))
    shown = (one.id for one in fitting if one.class_ != STATE)
    kept = (clip for clip in shown if not disposals.is_done(station.database, clip))
    for one in islice(kept, REFERENCES_MAX):
        with original(station, clips.manifest(station.database, one).original_key, draft, progress) as path:
            yield path


def _demand_room(station: Station, size_bytes: int) -> None:
    """Copies of recorders' files come first: what viewing copies may fill is what the spool does not need."""
    derived = station.settings.derived
    wanted = station.settings.reserve_bytes + SIZES_FREE * size_bytes + ROOM_BYTES
    with unwritten(DerivedUnwritable, path=derived):
        make_folder(derived)
        free = shutil.disk_usage(derived).free
    if free < wanted:
        full = OSError(errno.ENOSPC, f"{free >> 20} MB are free, {wanted >> 20} must be")
        raise DerivedUnwritable(path=derived, **unwritable(full))


def _demand_sealed(path: Path, clip: str, manifest: Manifest, progress: Callable[[float], None]) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(COPY_BYTES):
            digest.update(piece)
            progress(COPY_SHARE)
    expected, found = manifest.sha256, digest.hexdigest()
    if found != expected:
        raise CopyDiffers(clip=clip, path=manifest.path, expected=expected, found=found)


def publish(station: Station, sha256: str, one: MadeFile, about: Mapping[str, Any]) -> Path | None:
    """The file first, under a name that follows from its bytes, then the note that makes it count; where it lies."""
    folder = station.settings.derived_of(sha256)
    make_folder(folder)
    note = {"schema": SCHEMA, "derived": True, "made_at": time_text(station.now()), **about, **one.facts}
    kept = None
    if one.path is None:
        note["file"] = None
    else:
        with one.path.open("rb") as file:
            own = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        kept = folder / f"{one.part}-{own[:12]}{one.path.suffix}"
        size_bytes = one.path.stat().st_size
        one.path.chmod(0o600)
        one.path.rename(kept)
        note |= {"file": kept.name, "sha256": own, "size_bytes": size_bytes, "command": list(one.command)}
    _note(folder, one.part, note)
    for old in folder.glob(f"{one.part}-*"):
        if old != kept:
            old.unlink(missing_ok=True)
    return kept


def _note(folder: Path, part: str, note: dict[str, Any]) -> None:
    body = json.dumps(note, ensure_ascii=False, indent=1, sort_keys=True).encode()
    replace_file(folder / f"{part}.json", body, 0o600)
