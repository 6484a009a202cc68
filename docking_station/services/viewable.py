"""Whether a clip can be viewed, and if not, when it will be or why it never will (能否观看).

Shapes: a clip -> one `Viewable`; its `word` names the sentence that says it (`docking_station.texts.clips`), with its
`facts`. What plays may be replaced by a better copy later; it plays all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from catalog.clips import clips
from catalog.clips.chores import VIEWING_COPY, CatalogChores, Chore
from catalog.clips.search import ClipSummary
from catalog.keeping import disposals
from catalog.rules.manifest import Manifest
from catalog.station_error import Language
from docking_station.derived.copies import choice_of, made, notes
from docking_station.derived.worker import SHOWN_KINDS
from docking_station.station.errors import NothingToView
from docking_station.station.station import Station
from media.beside import VIEW

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
    """Whether a clip can be viewed: `now` (the original, or a `derived` copy), `making`, or `no`.

    `parts` are what is made of it and has a file, by the names of `media.beside`.
    """

    clip: str
    state: State
    word: str
    derived: bool = False
    way: str | None = None
    making: Making | None = None
    parts: frozenset[str] = frozenset()

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
    about = notes(station, manifest.sha256)
    parts = frozenset(part for part, note in about.items() if note["file"] is not None)
    found = _found(manifest, about.get("view"), parts, is_gone=disposals.is_done(station.database, clip))
    return found or _being_made(station, {clip: parts})[clip]


def viewables(station: Station, listed: Sequence[ClipSummary]) -> dict[str, Viewable]:
    """Return what `viewable` says of each clip of a list, by a few questions to the catalog and one folder a clip.

    A note, or a manifest, is read only where the folder does not tell. Of a copy the `way` is not told.
    """
    gone = {one for one, its in disposals.among(station.database, [one.id for one in listed]).items() if its.done_at}
    names = {one.id: made(station, one.sha256) if one.kind in SHOWN_KINDS else frozenset() for one in listed}
    parts = {clip: _parts(of) for clip, of in names.items()}
    found = dict[str, Viewable]()
    for one in listed:
        if one.id in gone:
            found[one.id] = Viewable(one.id, "no", "view_disposed", parts=parts[one.id])
        elif "view" in parts[one.id]:
            found[one.id] = Viewable(one.id, "now", "view_copy", derived=True, parts=parts[one.id])
        elif one.kind in SHOWN_KINDS and one.playable and "view.json" in names[one.id]:
            found[one.id] = Viewable(one.id, "now", "view_original", way="as-is", parts=parts[one.id])
    open_ones = {one.id: one.sha256 for one in listed if one.id not in found}
    for clip, manifest in clips.manifests(station.database, list(open_ones)).items():
        note = notes(station, manifest.sha256, VIEW).get("view") if "view.json" in names[clip] else None
        said = _found(manifest, note, parts[clip], is_gone=False)
        if said is not None:
            found[clip] = said
    return found | _being_made(station, {clip: parts[clip] for clip in open_ones if clip not in found})


def _parts(names: Collection[str]) -> frozenset[str]:
    """Which parts have a file among these names, and the note that makes it count."""
    having = {name.partition("-")[0] for name in names if "-" in name}
    return frozenset(part for part in having if f"{part}.json" in names)


def _found(
    manifest: Manifest, note: Mapping[str, Any] | None, parts: frozenset[str], *, is_gone: bool
) -> Viewable | None:
    """What its manifest and the note of its viewing copy tell of a clip; None where the copy is still to be made."""
    clip = manifest.clip
    if is_gone:
        return Viewable(clip, "no", "view_disposed", parts=parts)
    try:
        chosen = choice_of(manifest, note, photographs=True)
    except NothingToView:
        if manifest.kind not in SHOWN_KINDS:
            return Viewable(clip, "no", "view_photograph" if manifest.kind == "image" else "view_no_footage")
        return None if note is None or note["way"] != "none" else Viewable(clip, "no", "view_nothing_in_it")
    word = "view_copy" if chosen.derived else "view_original"
    return Viewable(clip, "now", word, chosen.derived, str(chosen.note["way"]), parts=parts)


def _being_made(station: Station, parts: Mapping[str, frozenset[str]]) -> dict[str, Viewable]:
    """What the chores say of clips whose viewing copy is not there yet, and the parts of each that are."""
    if not parts:
        return {}
    chores = CatalogChores(station.database)
    of = {clip: Chore(VIEWING_COPY, clip).id for clip in parts}
    rows = chores.among(list(of.values()))
    waiting = [chore for chore, row in rows.items() if row["state"] == "waiting"]
    ahead = chores.ahead(waiting) if waiting else {}
    return {clip: _by_chore(clip, rows.get(of[clip]), ahead.get(of[clip], 0), parts[clip]) for clip in parts}


def _by_chore(clip: str, row: Mapping[str, Any] | None, ahead: int, parts: frozenset[str]) -> Viewable:
    if row is None:
        return Viewable(clip, "making", "view_no_chore", parts=parts)
    failed = row["state"] == "waiting" and row["code"] is not None
    making = Making(
        row["id"],
        row["state"],
        ahead,
        row["progress"],
        row["due_at"] if failed else None,
        row["message"],
        row["message_zh"],
    )
    if row["state"] in ("held", "cancelled"):
        return Viewable(clip, "no", f"view_{row['state']}", making=making, parts=parts)
    word = {"running": "view_running", "done": "view_no_chore"}.get(row["state"], "view_waiting")
    return Viewable(clip, "making", "view_again" if failed else word, making=making, parts=parts)
