"""What a bundle is about (证据包的内容): the order, and everything known of each clip that goes into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.cases.reading import Case
    from catalog.clips.clips import Document
    from catalog.rules.manifest import Manifest
    from catalog.trail.proofs import Proofs
    from catalog.trail.trail import Line

ORIGINALS = "data/originals"
MANIFESTS = "data/manifests"
TRAIL = "data/trail"
TIMESTAMPS = "data/timestamps"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: clips, or all of a case; where to; for whom it is encrypted; by which request."""

    clips: tuple[str, ...]
    case: str | None
    folder: Path
    recipients: tuple[str, ...] = ()
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One clip of the bundle: `case` is what it is linked to now, `timestamp` its RFC 3161 token if there is one.

    `stamped_at` is the time that says, where it was checked against the authority's certificates now and holds.
    """

    no: int
    clip: str
    name: str
    manifest: Manifest
    document: Document
    case: str | None
    timestamp: bytes | None
    stamped_at: datetime | None = None

    @property
    def size_bytes(self) -> int:
        """The original's size."""
        return self.manifest.size_bytes

    @property
    def sha256(self) -> str:
        """The original's digest, as sealed."""
        return self.manifest.sha256


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A root of the trail that the station signed and locked before (检查点), as the signed note it is kept as."""

    note: bytes
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that index and report tell."""

    name: str
    at: datetime
    by: str
    station: str
    zone: tzinfo
    case: Case | None
    key_id: str
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    proofs: Proofs
    checkpoint: tuple[Checkpoint, Proofs] | None
    request: str | None = None
