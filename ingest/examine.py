"""SpooledFile → Clip (检视): what the file says of itself, what its name says, and which case it may belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from catalog.evidence import Clip, Docking, Examined, NameFacts, SourceFile, SpooledFile, shown_name
from catalog.rules.identity import clip_id
from catalog.rules.linking import OpenCase, proposals
from media.capture_time import annotated, choose
from media.ffmpeg import Tools
from media.look import look
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
        return read_name(shown_name(source.path.rsplit(b"/", 1)[-1]), self.patterns, self.zone)

    def examine(
        self,
        spooled: SpooledFile,
        copy: Path,
        docking: Docking,
        card: CardFacts,
        beside: Sequence[Clip],
        cases: Sequence[OpenCase],
    ) -> Clip:
        """The clip in a copy; `beside` are the sidecars of this file, already understood."""
        source = spooled.source
        named = self.name(source)
        seen = look(copy, shown_name(source.path), tools=self.tools, zone=self.zone, mtime_ns=source.mtime_ns)
        seen = _with_sidecars(seen, beside)
        claims = annotated((*seen.claims, *named.claims), docking.at)
        time = choose(claims, docking.at, seen.media.duration_s)
        officer = docking.officer or named.officer or card.officer
        clip = Clip(
            spooled=spooled,
            id=clip_id(seen.kind, spooled),
            kind=seen.kind,
            recorder=docking.recorder or named.recorder or card.recorder,
            officer=officer,
            unit=docking.unit,
            case=docking.case,
            proposals=(),
            media=seen.media,
            time=time,
            claims=claims,
            track=seen.track,
            marks=named.marks,
            sidecars=tuple(clip.id for clip in beside),
            docked_at=docking.at,
            docked_by=docking.by,
        )
        if docking.case is not None:
            return clip
        return replace(clip, proposals=proposals(officer, time, clip.ends_at, cases))


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
    """A docking as a person stated it; an empty text counts as nothing said."""
    return Docking(recorder or None, officer or None, unit or None, case or None, at, by)
