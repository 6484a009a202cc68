"""What is kept of a second opinion's long track."""

from __future__ import annotations

import pytest

from catalog.evidence import Fix
from docking_station.derived.second_opinions import KEPT_FIXES_MAX, thinned


@pytest.mark.parametrize("count", [0, 1, 2, 1999, 2000, 2001, 3999, 4000, 4001, 100_000])
def test_a_long_track_is_thinned_out_evenly_and_keeps_its_ends(count: int) -> None:
    track = tuple(Fix(None, number / 1e4, 0.0) for number in range(count))
    kept = thinned(track)
    assert len(kept) <= KEPT_FIXES_MAX
    assert len(kept) == count or len(kept) > KEPT_FIXES_MAX / 2
    assert (kept[:1], kept[-1:]) == (track[:1], track[-1:])
    assert len(set(kept)) == len(kept)
