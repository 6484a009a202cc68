"""Whether a clip can be viewed, and if not, when it will be or why it never will (能否观看).

Shapes: a clip -> one `Viewable`; its `word` names the sentence that says it (`docking_station.texts.clips`), with its
`facts`. What plays may be replaced by a better copy later; it plays all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from catalog.clips import clips
from catalog.clips.chores import VIEWING_COPY, CatalogChores, Chore
from catalog.errors import AlreadyDisposed, NoSuchChore
from catalog.rules.canonical import parsed_time
from catalog.station_error import Language
from docking_station.derived.copies import choose_view, notes
from docking_station.derived.worker import SHOWN_KINDS
from docking_station.station.errors import NothingToView
from docking_station.station.station import Station

State = Literal["now", "making", "no"]


@dataclass(frozen=True, slots=True)
class Making:
    """The chore that makes what plays: how many are done before it, how far it is, when it is tried again, and why."""

    chore: str
    state: str
    ahead: int
    progress: float
    again_at: datetime | None
    why: str | None
    why_zh: str | None


@dataclass(frozen=True, slots=True)
class Viewable:
    """Whether a clip can be viewed: `now` (the original, or a `derived` copy), `making`, or `no`."""

    clip: str
    state: State
    word: str
    derived: bool = False
    way: str | None = None
    making: Making | None = None

    def facts(self, language: Language) -> dict[str, object]:
        """What stands in the sentence."""
        if self.making is None:
            return {}
        making = self.making
        why = making.why_zh if language == "zh" else making.why
        return {"ahead": making.ahead, "progress": f"{making.progress:.0%}", "why": why or "", "chore": making.chore}

    def as_json(self) -> dict[str, object]:
        """The fixed contract of `view` in `clips show --json`."""
        making = self.making
        return {
            "state": self.state,
            "reason": self.word.removeprefix("view_").replace("_", "-"),
            "derived": self.derived,
            "way": self.way,
            "chore": None if making is None else making.chore,
            "ahead": None if making is None else making.ahead,
            "progress": None if making is None else making.progress,
        }


def viewable(station: Station, clip: str) -> Viewable:
    """Return whether a clip can be viewed; no byte of it is read. Raises `NoSuchClip`, `CatalogUnreachable`."""
    manifest = clips.manifest(station.database, clip)
    try:
        chosen = choose_view(station, clip, photographs=True)
    except AlreadyDisposed:
        return Viewable(clip, "no", "view_disposed")
    except NothingToView:
        if manifest.kind not in SHOWN_KINDS:
            return Viewable(clip, "no", "view_photograph" if manifest.kind == "image" else "view_no_footage")
        if notes(station, manifest.sha256).get("view", {}).get("way") == "none":
            return Viewable(clip, "no", "view_nothing_in_it")
        return _being_made(station, clip)
    word = "view_copy" if chosen.derived else "view_original"
    return Viewable(clip, "now", word, chosen.derived, str(chosen.note["way"]))


def _being_made(station: Station, clip: str) -> Viewable:
    chores, chore = CatalogChores(station.database), Chore(VIEWING_COPY, clip).id
    try:
        row = chores.get(chore)
    except NoSuchChore:
        return Viewable(clip, "making", "view_no_chore")
    failed = row["state"] == "waiting" and row["code"] is not None
    making = Making(
        chore,
        row["state"],
        chores.ahead(chore) if row["state"] == "waiting" else 0,
        row["progress"],
        parsed_time(row["due_at"]) if failed else None,
        row["message"],
        row["message_zh"],
    )
    if row["state"] in ("held", "cancelled"):
        return Viewable(clip, "no", f"view_{row['state']}", making=making)
    word = {"running": "view_running", "done": "view_no_chore"}.get(row["state"], "view_waiting")
    return Viewable(clip, "making", "view_again" if failed else word, making=making)
