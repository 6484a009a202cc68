"""How the pictures of a film follow one another (帧节奏): evenly or not, and the rate of an even copy. Pure.

Source: ffprobe's `avg_frame_rate` (pictures over length), `r_frame_rate` (its guess of the grid all times stand on) and
`field_order`. The guess is used with care: of fields it is twice the rate of pictures, and of footage whose times stand
on no grid at all it is a clock's thousandths or ninety thousandths. Units: pictures a second, as a fraction in text.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

NEAR = Fraction(1, 10)
"""A film may lack so many of its pictures, or have so many too much, and still be stepped through by its rate."""
PER_PICTURE = (1, 2)
"""How often the grid ticks for a picture of an even film: twice where it counts fields."""
GRID_MAX = 120
USUAL = (25, 30, 50, 60, GRID_MAX)
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})


@dataclass(frozen=True, slots=True)
class Pace:
    """The rate of an even copy, None where nothing tells it; whether the film is even, and drawn in fields."""

    rate: str | None
    is_even: bool = True
    is_interlaced: bool = False


UNKNOWN = Pace(None)


def pace_of(average: Fraction | None, grid: Fraction | None, field_order: str) -> Pace:
    """Return the pace of a film from what ffprobe says of it; without an average it is believed to be even."""
    is_interlaced = field_order in INTERLACED
    if average is None or grid is None:
        return Pace(_text(average or grid), True, is_interlaced)
    ticks = next((ticks for ticks in PER_PICTURE if abs(average * ticks / grid - 1) <= NEAR), None)
    if ticks is not None and grid / ticks <= GRID_MAX:
        return Pace(_text(grid / ticks), True, is_interlaced)
    if average <= grid <= USUAL[-2]:
        return Pace(_text(grid), False, is_interlaced)  # pictures are left out of the grid, and none stands beside it
    return Pace(_text(Fraction(next((rate for rate in USUAL if rate >= average), GRID_MAX))), False, is_interlaced)


def _text(rate: Fraction | None) -> str | None:
    return None if rate is None or rate > GRID_MAX else f"{rate.numerator}/{rate.denominator}"
