"""Files that a page is sent (导入文件): phone photographs, cameras, discs; then the walk of every card takes them in.

Where they come from, who took them, when and where is the name of their folder. So it stands in the path of every
manifest: signed, locked and searched like the rest. What arrives is a copy: it is removed once the walk has been over
it, and what was not taken in is named, for its owner still has it. Units: bytes; seconds since 1970 as UTC counts.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from catalog.people import people
from catalog.rules.callers import Caller
from docking_station.services.errors import UploadBroken, UploadTooLarge
from docking_station.services.ingest_card import Report, ingest_own
from docking_station.services.pull import safe_name
from docking_station.services.rights import demand_role
from docking_station.station.errors import NotAllowed, unwritable
from docking_station.station.station import Station
from docking_station.texts import text
from docking_station.texts.plain import size_text

ROLES = ("officer", "custodian")
SOURCES = ("phone", "camera", "disc", "party", "other")
SAID = ("source", "who", "at", "place")
FILES_MAX = 2000
LEFT_S = 86_400.0
"""What was begun so long ago is nobody's any more: its browser went away, or the program ended."""
CHECKED_BYTES = 64 << 20
"""After so many bytes the free room is asked for again."""


@dataclass
class Upload:
    """What arrives: the folder it lies in, how much came, and what may come yet; `officer` is a number, if any."""

    station: Station
    caller: Caller
    officer: str | None
    folder: Path
    note: Path
    most_bytes: int
    bytes: int = 0
    files: int = 0
    _names: set[str] = field(default_factory=set)

    def open(self, name: str) -> Path:
        """Where the next file is written, under its own name, or with a number where that is taken."""
        self.files += 1
        if self.files > FILES_MAX:
            raise UploadTooLarge(most=FILES_MAX)
        shown = safe_name(name.replace("\\", "/").rsplit("/", 1)[-1])
        while shown in self._names:
            shown = f"{self.files}-{shown}"
        self._names.add(shown)
        return self.note / shown

    def demand_room(self, more_bytes: int) -> None:
        """Raise `UploadTooLarge` where so much more is more than may come, or than there is room for twice."""
        before, self.bytes = self.bytes, self.bytes + more_bytes
        is_due = before // CHECKED_BYTES != self.bytes // CHECKED_BYTES
        if self.bytes > self.most_bytes or (is_due and _room(self.station) < self.bytes):
            raise UploadTooLarge(most=size_text(self.most_bytes))

    def drop(self) -> None:
        """Forget what came."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def finish(self) -> Report:
        """Take in what came, as the walk does; raises what stops all of it. What came is gone afterwards."""
        try:
            return ingest_own(self.station, self.caller, self.folder, (None, self.officer, None, None), wait=True)
        finally:
            self.drop()


def demand_uploader(station: Station, caller: Caller) -> Caller:
    """The caller, bound, if they may bring files in; raises `NotAllowed`."""
    return demand_role(station, caller, ROLES)


def may_upload(station: Station, caller: Caller) -> bool:
    """Whether they may."""
    with suppress(NotAllowed):
        return bool(demand_uploader(station, caller))
    return False


def begin_upload(station: Station, caller: Caller, said: Mapping[str, str], expected_bytes: int) -> Upload:
    """Make room for files; `said` are the words of `SAID`, and the `officer`'s number if one took them.

    What somebody else took only a custodian brings in: nothing is laid to a colleague by a form. Raises `NotAllowed`,
    `UploadTooLarge`, `UploadBroken`.
    """
    known, home = demand_uploader(station, caller), station.home.uploads
    if (officer := said.get("officer")) and officer not in _own_numbers(station, known):
        demand_role(station, known, ("custodian",))
    most = station.settings.upload_bytes
    try:
        home.mkdir(mode=0o700, exist_ok=True)
        _sweep(home)
        if expected_bytes > most or 2 * expected_bytes > _room(station):
            raise UploadTooLarge(most=size_text(most))
        folder = home / secrets.token_hex(8)
        note = folder / note_of(station, said)
        note.mkdir(mode=0o700, parents=True)
    except OSError as error:
        told = unwritable(error)
        raise UploadBroken(reason=told["reason"], reason_zh=told["reason"]) from error
    return Upload(station, known, said.get("officer") or None, folder, note, most)


def _own_numbers(station: Station, known: Caller) -> set[str | None]:
    """The numbers a person is known by; none before anybody is entered."""
    if known.no is None:
        return set()
    person = people.get(station.database, known.no)
    return {person.no, person.card, person.recorder_no}


def note_of(station: Station, said: Mapping[str, str]) -> str:
    """The name of the folder: where files come from, who took them, when and where."""
    source = said.get("source", "other")
    words = {"source": text(f"upload_{source if source in SOURCES else 'other'}", station.settings.language)}
    told = (words.get(name, said.get(name, "")).strip().replace(":", ".") for name in SAID)
    return safe_name(" ".join(" ".join(one.split()) for one in told if one))


def _room(station: Station) -> int:
    return shutil.disk_usage(station.home.root).free - station.settings.reserve_bytes


def _sweep(home: Path) -> None:
    until_s = time.time() - LEFT_S
    for one in os.scandir(home):
        if one.stat(follow_symlinks=False).st_mtime < until_s:
            shutil.rmtree(one.path, ignore_errors=True)
