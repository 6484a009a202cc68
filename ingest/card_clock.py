"""What the clips of a card tell of its recorder's clock, before anything is copied (整卡时钟).

The walk understands file by file, and a manifest is final once it is signed; so a card's clips are glanced at when it
is listed, and each SourceFile carries what it needs. Only cards that can be read anywhere are asked: a pipe would give
whole files. Shapes: the files of a card -> the same files, with `clock` where it is known. Bounded by GLANCE_S,
GLANCES_MAX and ENOUGH; small files come first, and what cannot be read tells nothing: the walk asks again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from catalog.evidence import SourceFile, TimeClaim, shown_name
from catalog.station_error import StationError
from ingest.contract import CardReader
from ingest.examine import Examiner
from media.card_clock import Sighting, clock_for, readings, sightings
from media.look import glance

GLANCE_S = 1.5
GLANCES_MAX = 2_000
ENOUGH = 24
"""So many clips with positions are asked; more say the same."""

Glimpse = tuple[tuple[TimeClaim, ...], float | None]
NOTHING: Glimpse = ((), None)


def with_clocks(files: Sequence[SourceFile], card: CardReader, examiner: Examiner) -> tuple[SourceFile, ...]:
    """Return the files of a card, each with what the others of its recorder tell of its time."""
    seen: list[tuple[str | None, Sighting]] = []
    claims: dict[bytes, tuple[TimeClaim, ...]] = {}
    until, clocked = time.monotonic() + GLANCE_S, 0
    names = {source.path: examiner.name(source) for source in files}
    beside = {source.belongs_to: source for source in files if source.belongs_to is not None}
    mains = [source for source in files if source.belongs_to is None]
    for source in sorted(mains, key=lambda one: (one.size_bytes, one.path))[:GLANCES_MAX]:
        if clocked >= ENOUGH or time.monotonic() > until:
            break
        found, duration_s = _glimpse(source, card, examiner)
        sidecar = beside.get(source.path)
        if sidecar is not None and duration_s is not None and not any(claim.source == "gps" for claim in found):
            found = (*_glimpse(sidecar, card, examiner)[0], *found)
        claims[source.path] = found = (*found, *names[source.path].claims)
        new = sightings(found, duration_s)
        seen.extend((names[source.path].recorder, one) for one in new)
        clocked += bool(new)
    several = len({name.recorder for name in names.values() if name.recorder is not None}) > 1
    return tuple(
        replace(
            one,
            clock=clock_for(
                [sighting for whose, sighting in seen if not several or whose == names[one.path].recorder],
                readings(claims.get(one.path, names[one.path].claims)),
            ),
        )
        for one in files
    )


def _glimpse(source: SourceFile, card: CardReader, examiner: Examiner) -> Glimpse:
    try:
        with card.open(source) as descriptor, os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
            return glance(file, shown_name(source.path.rsplit(b"/", 1)[-1]), examiner.zone)
    except (StationError, OSError):
        return NOTHING
