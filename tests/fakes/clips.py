"""Clips made of numbers, sealed and signed by nobody: for tests of what comes after understanding."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.evidence import (
    CaptureTime,
    Clip,
    Digest,
    Fix,
    MediaFacts,
    Seal,
    SealedClip,
    SignedClip,
    SourceFile,
    SpooledFile,
    Stream,
    TimeClaim,
)
from catalog.rules.manifest import Sealing, manifest_body

START = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
SEALED = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
UNTIL = datetime(2026, 9, 6, 1, 0, tzinfo=UTC)


def clip(number: int = 1, **other: Any) -> Clip:
    """A clip with every field filled; `other` replaces fields."""
    name = f"DCIM/TA{number:05d}.MP4".encode()
    source = SourceFile("TA00001", name, 1000 + number, 17 * 10**17 + number, f"edges {number}")
    sha256 = hashlib.sha256(name).hexdigest()
    starts_at = START + timedelta(minutes=number)
    made = Clip(
        spooled=SpooledFile(source, Digest(sha256, sha256[::-1]), source.key),
        id=f"c{number:020d}",
        kind="video",
        recorder="TA00001",
        officer="JX0001",
        unit="U1",
        case=None,
        numbers=("9901002026000007",),
        media=MediaFacts("mp4", 12.5, (Stream("video", "h264", 640, 360, "15/1"),), True, None, (("encoder", "x"),)),
        time=CaptureTime(starts_at, "name", 900.0),
        claims=(TimeClaim("name", "20260305090000", starts_at, "assumed +08:00", "start", 900.0),),
        track=(Fix(starts_at, 30.25, 119.75, 1.5), Fix(None, 30.26, 119.76)),
        marks=("important",),
        sidecars=(),
        docked_at=SEALED,
        docked_by="custodian",
    )
    return replace(made, **other)


def sealed(made: Clip, at: datetime = SEALED) -> SealedClip:
    """The clip as if the vault held it."""
    original = f"originals/{made.spooled.digest.sha256}"
    body = manifest_body(made, Sealing("station-1", at, UNTIL, "key", original))
    sha256 = hashlib.sha256(body).hexdigest()
    seal = Seal(original, f"manifests/{sha256}", f"signatures/{sha256}", sha256, "key", at, UNTIL)
    return SealedClip(SignedClip(made, body.decode(), "signature", seal), UNTIL)
