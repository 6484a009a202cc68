from __future__ import annotations

import json
import math
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Fix
from media.track import read_track
from media.track_export import DEGREE_M, STRETCH_FIXES, geojson, gpx, in_gcj02, simplified

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)


def walk(*places: tuple[float, float]) -> tuple[Fix, ...]:
    return tuple(
        Fix(AT + timedelta(seconds=second), latitude, longitude, 1.5)
        for second, (latitude, longitude) in enumerate(places)
    )


def test_a_straight_line_is_its_ends_and_a_corner_stays() -> None:
    fixes = walk((30.0, 119.0), (30.0, 119.001), (30.0, 119.002), (30.001, 119.002), (30.002, 119.002))
    assert simplified(fixes) == (fixes[0], fixes[2], fixes[4])
    assert simplified(fixes[:2]) == fixes[:2]
    assert simplified(()) == ()


def test_over_the_date_line() -> None:
    fixes = walk((0.0, 179.999), (0.0, 179.9999), (0.0, -179.9999), (0.0, -179.999))
    assert simplified(fixes) == (fixes[0], fixes[3])


@given(
    st.lists(st.tuples(st.floats(29.99, 30.01), st.floats(118.99, 119.01)), min_size=1, max_size=60), st.floats(1, 200)
)
def test_nothing_left_out_lies_further_away_than_the_tolerance(
    places: list[tuple[float, float]], tolerance_m: float
) -> None:
    fixes = walk(*places)
    kept = simplified(fixes, tolerance_m)
    assert (kept[0], kept[-1]) == (fixes[0], fixes[-1])
    left = iter(kept)
    before = after = next(left)
    for fix in fixes:
        if fix == after:
            before, after = after, next(left, after)
        else:
            assert away_m(fix, before, after) <= tolerance_m * 1.01


def away_m(fix: Fix, one: Fix, other: Fix) -> float:
    scale = DEGREE_M * math.cos(math.radians(30))
    (x, y), (a, b), (c, d) = (
        ((point.longitude_deg - 119) * scale, (point.latitude_deg - 30) * DEGREE_M) for point in (fix, one, other)
    )
    length = (c - a) ** 2 + (d - b) ** 2
    share = min(1.0, max(0.0, ((x - a) * (c - a) + (y - b) * (d - b)) / length)) if length else 0.0
    return math.hypot(x - a - share * (c - a), y - b - share * (d - b))


def test_a_line_that_folds_at_every_fix_ends_in_time() -> None:
    fixes = walk(
        *((30 + index % 2 * 0.001 * (1 + index / 1e5), 119 + index * 1e-7) for index in range(2 * STRETCH_FIXES))
    )
    begun = time.process_time()
    assert len(simplified(fixes)) > STRETCH_FIXES / 2
    assert time.process_time() - begun < 5


def test_gpx_is_read_again_by_the_house() -> None:
    fixes = walk((30.25, 119.75), (-30.25, -119.75))[:1]
    found = read_track(BytesIO(gpx(fixes, "a <b> & c").encode()))
    assert found.format == "gpx"
    assert [(fix.at, fix.latitude_deg, fix.longitude_deg) for fix in found.fixes] == [(AT, 30.25, 119.75)]


def test_geojson_is_longitude_first_and_says_its_datum() -> None:
    line = json.loads(geojson(walk((30.25, 119.75), (30.26, 119.76)), "c1"))
    assert line["geometry"] == {"type": "LineString", "coordinates": [[119.75, 30.25], [119.76, 30.26]]}
    assert line["properties"]["datum"] == "WGS 84"
    assert line["properties"]["times"][0] == AT.isoformat()
    point = json.loads(geojson(walk((30.25, 119.75)), "c1", gcj02=True))
    assert point["geometry"]["type"] == "Point"
    assert point["properties"]["datum"] == "GCJ-02"
    assert json.loads(geojson((), "c1"))["geometry"] is None


def test_gcj02_by_a_known_pair_and_not_outside_china() -> None:
    assert in_gcj02(39.90734, 116.39089) == pytest.approx((39.90874, 116.39713), abs=1e-4)
    assert in_gcj02(48.137, 11.575) == (48.137, 11.575)


def test_who_found_it_stands_in_it() -> None:
    fixes = walk((30.25, 119.75), (30.2501, 119.7501))
    ours, theirs = (json.loads(geojson(fixes, "c1", source))["properties"] for source in (None, "Tool <1> & 2"))
    assert (ours["source"], ours["sealed"], theirs["source"], theirs["sealed"]) == (
        "manifest", True, "Tool <1> & 2", False,
    )  # fmt: skip
    text = gpx(fixes, "c1", "Tool <1> & 2")
    assert "<name>c1</name><src>Tool &lt;1&gt; &amp; 2; second opinion, not sealed</src><trkseg>" in text
    assert len(read_track(BytesIO(text.encode())).fixes) == 2
