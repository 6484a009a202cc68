"""SpooledFile → Clip (检视): what the file says of itself, what its name says, which numbers of cases stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from catalog.evidence import Clip, Docking, Examined, NameFacts, SourceFile, SpooledFile, shown_name
from catalog.rules.attribution import OfficerClaims, attributed
from catalog.rules.identity import clip_id
from catalog.rules.numbers import NUMBERS_MAX, numbers_in
from catalog.rules.typed_words import demand_words
from ingest.contract import Filer
from media.capture_time import annotated, choose, with_card_clock
from media.ffmpeg import Tools
from media.look import look, text_of
from media.names import NamePattern, read_name


@dataclass(frozen=True)
class CardFacts:
    """What the names on the whole card say (整卡信息): used for a clip whose own name is silent."""

    recorder: str | None = None
    officer: str | None = None


@dataclass(frozen=True)
class Examiner:
    """Looks into files with the station's tools, name patterns and the recorders' time zone."""

    tools: Tools
    patterns: Sequence[NamePattern]
    zone: tzinfo

    def name(self, source: SourceFile) -> NameFacts:
        """What a file's name says."""
        return self.name_of(shown_name(source.path.rsplit(b"/", 1)[-1]))

    def name_of(self, name: str) -> NameFacts:
        """What a name says."""
        return read_name(name, self.patterns, self.zone)

    def examine(
        self,
        spooled: SpooledFile,
        copy: Path,
        docking: Docking,
        card: CardFacts,
        beside: Sequence[Clip],
        filer: Filer,
    ) -> Clip:
        """The clip in a copy; `beside` are the sidecars of this file, already understood.

        Raises what the catalog raises when it is asked for assignees.
        """
        source = spooled.source
        named = self.name(source)
        name, at = shown_name(source.path), docking.at
        seen = look(copy, name, tools=self.tools, zone=self.zone, mtime_ns=source.mtime_ns, docked_at=at)
        seen = _with_sidecars(seen, beside)
        named_too = with_card_clock((*seen.claims, *named.claims), source.clock)
        claims = annotated(named_too, docking.at)
        time = choose(claims, docking.at, seen.media.duration_s)
        recorder = docking.recorder or named.recorder or card.recorder
        assignees = () if recorder is None else filer.assignees(recorder, time.starts_at, time.uncertainty_s)
        stated = OfficerClaims(docking.officer, docking.unit, named.officer, card.officer)
        whose = attributed(stated, assignees, time.starts_at)
        said = (*(one for _, one in seen.media.tags), *([text_of(copy)] if seen.kind == "log" else []))
        numbers = (*numbers_in("\n".join(said)), *(one for clip in beside for one in clip.numbers))
        return Clip(
            spooled=spooled,
            id=clip_id(seen.kind, spooled),
            kind=seen.kind,
            recorder=recorder,
            officer=whose.officer,
            unit=whose.unit,
            case=docking.case,
            media=seen.media,
            time=time,
            claims=claims,
            track=seen.track,
            marks=named.marks,
            sidecars=tuple(clip.id for clip in beside),
            docked_at=docking.at,
            docked_by=docking.by,
            attribution=whose.how,
            docked_at_latest=docking.is_latest,
            numbers=tuple(dict.fromkeys(numbers))[:NUMBERS_MAX],
        )


def _with_sidecars(seen: Examined, beside: Sequence[Clip]) -> Examined:
    """A file without positions of its own has those of the first sidecar that holds any, and their times."""
    tracked = next((clip for clip in beside if clip.track), None)
    if seen.track or tracked is None:
        return seen
    claims = tuple(claim for claim in tracked.claims if claim.source == "gps")
    return replace(seen, track=tracked.track, claims=(*claims, *seen.claims))


def docking_of(
    recorder: str | None, officer: str | None, unit: str | None, case: str | None, *, at: datetime, by: str
) -> Docking:
    """A docking as a person stated it; an empty text counts as nothing said. Raises `WordsUnfit`."""
    stated = {"recorder": recorder or None, "officer": officer or None, "unit": unit or None}
    demand_words(stated)
    return Docking(recorder or None, officer or None, unit or None, case or None, at, by)
