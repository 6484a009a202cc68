"""A track in a manifest: rows of four as they were, of six where the carrier says how good a position is."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog.evidence import Fix
from catalog.rules.manifest import fixes_of, read_manifest, track_of
from tests.fakes.clips import clip, sealed

AT = datetime(2026, 3, 5, 1, 1, tzinfo=UTC)
FIXES = (
    Fix(AT, 30.25, 119.75, 1.5, 4.25, is_valid=True),
    Fix(AT, 30.25, 119.75, None, 4.25),
    Fix(None, 30.25, 119.75, None, None, is_valid=True),
    Fix(None, 30.25, 119.75),
)


def test_a_track_comes_out_of_its_manifest_as_it_went_in() -> None:
    manifest = read_manifest(sealed(clip(1, track=FIXES)).signed.manifest.encode(), "key")
    assert [len(row) for row in manifest.track] == [6, 6, 6, 4]
    assert fixes_of(track_of(manifest)) == FIXES
    assert track_of(manifest)[0]["accuracy_m"] == 4.25
