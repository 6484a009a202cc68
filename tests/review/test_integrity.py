"""Seven lines say what a verification found, each finding in one of them; a track is drawn to scale."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.clips.clips import ClipDetails, Signed
from catalog.trail import trail
from docking_station.services.verify import Verdict
from ingest.custody.verification import Finding
from review.integrity import integrity
from review.track import drawing

AT = datetime(2026, 3, 5, 1, tzinfo=UTC)
LINE = trail.Line(7, trail.Entry(AT, "x", "clip.filed", "c1", {}), "{}", "", "")
CLIP = ClipDetails(
    id="c1", recorder=None, officer=None, unit=None, case=None, kind="video", path="x", size_bytes=1, sha256="a",
    sm3="b", starts_at=AT, starts_at_source="name", starts_at_uncertainty_s=1.0, ends_at=None, duration_s=None, fixes=0,
    first_fix=None, marks=(), sealed_at=AT, retain_until=AT, playable=None, cases=(), class_="none", classes=(),
    holds=(), officer_name=None, path_hex="", attribution=None, times=(),
    opinion=None, track=[], media={}, proposals=(), links=(), sidecars=[], sidecar_of=[],
    manifest=Signed("m", "s", "k", {}), trail=[LINE],
)  # fmt: skip
NAMES = ["sha256", "sm3", "signature", "timestamp", "lock", "trail", "reread"]


def verdict(*found: tuple[str, str]) -> Verdict:
    return Verdict(1, 1, tuple(Finding("c1", "x", what, expected, "other") for what, expected in found))


def test_before_anybody_verifies_nothing_is_claimed_but_the_sealing() -> None:
    found = integrity(CLIP, None, reread=None, fault=None, has_stamps=True)
    assert (found.state, found.sentence) == ("idle", "page_integrity_sealed")
    assert [line.name for line in found.lines] == NAMES
    assert {line.state for line in found.lines} == {"idle"}


def test_what_agrees_is_said_line_by_line_and_no_stamp_is_claimed_where_none_is() -> None:
    found = integrity(CLIP, verdict(), reread=AT, fault=None, has_stamps=False)
    assert found.sentence == "page_integrity_ok"
    assert {line.name for line in found.lines if line.state == "ok"} == {*NAMES} - {"timestamp", "reread"}


@pytest.mark.parametrize(
    ("what", "expected", "name"),
    [
        ("original", "SHA-256 a", "sha256"),
        ("original", "SM3 b", "sm3"),
        ("original", "5 bytes", "sha256"),
        ("manifest", "x", "signature"),
        ("signature", "x", "signature"),
        ("timestamp", "x", "timestamp"),
        ("lock", "x", "lock"),
        ("catalog", "x", "trail"),
        ("disposal", "x", "trail"),
        ("trail", "x", "trail"),
    ],
)
def test_each_finding_stands_in_one_line(what: str, expected: str, name: str) -> None:
    found = integrity(CLIP, verdict((what, expected)), reread=None, fault=None, has_stamps=True)
    assert found.state == "bad"
    assert [line.name for line in found.lines if line.differs] == [name]


def test_damage_on_record_is_shown_without_a_new_verification() -> None:
    found = integrity(CLIP, None, reread=AT, fault="other bytes", has_stamps=True)
    assert (found.state, found.lines[-1].state) == ("bad", "bad")


def test_nothing_is_claimed_of_an_original_that_is_gone() -> None:
    found = integrity(CLIP, verdict(), reread=None, fault=None, has_stamps=False, is_gone=True)
    assert (found.state, found.sentence) == ("idle", "page_disposed")
    assert {line.name for line in found.lines if line.state == "ok"} == {"signature", "trail"}


def fix(lat: float, lon: float, second: int) -> dict[str, Any]:
    return {"lat": lat, "lon": lon, "at": f"2026-03-05T01:00:{second:02d}Z"}


def test_a_track_is_drawn_to_scale_with_north_above() -> None:
    found = drawing([fix(30.0, 120.0, 0), fix(30.001, 120.0, 10), fix(30.001, 120.001, 20)], AT)
    assert found is not None
    points = [tuple(map(float, point.split(","))) for point in found.way.split()]
    assert points == [(0.0, 0.0), (0.0, -110.5), (96.4, -110.5)]
    assert found.moments.split()[1] == "10.0,0.0,-110.5"
    assert found.grid_m == 50
    assert all(found.left_m <= x <= found.left_m + found.width_m for x, _ in points)
    assert all(found.top_m <= y <= found.top_m + found.height_m for _, y in points)
    assert all(at % found.grid_m == 0 for at in (*found.columns, *found.rows))


@pytest.mark.parametrize("count", [1, 2, 9000])
def test_few_and_many_positions_make_a_drawing(count: int) -> None:
    found = drawing([fix(-89.9, 179.9, at % 60) | {"at": None} for at in range(count)], AT)
    assert found is not None
    assert (found.count, found.moments, found.times) == (count, "", ())
    assert len(found.way.split()) <= 2000
    assert drawing([], AT) is None
