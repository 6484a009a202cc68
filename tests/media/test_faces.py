"""What a detector saw becomes tracks; and with the detector, how many faces are covered (slow)."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from media.faces import Key, find, finder, tracks
from media.ffmpeg import Limits, Tools
from tests.footage import faces

STEP, SIZE = 200, (1280, 720)


def covering(found: list[tuple[Key, ...]], at_ms: int) -> list[tuple[float, ...]]:
    """The boxes at a moment."""
    boxes = []
    for track in found:
        for one, other in pairwise(track):
            if one[0] <= at_ms <= other[0]:
                share = (at_ms - one[0]) / (other[0] - one[0])
                boxes.append(tuple(a + (b - a) * share for a, b in zip(one[1:], other[1:], strict=True)))
                break
    return boxes


def is_covered(face: tuple[float, ...], boxes: list[tuple[float, ...]]) -> bool:
    """Whether one box covers nine tenths of a face."""
    left, top, width, height = face
    for x, y, wide, high in boxes:
        across = min(left + width, x + wide) - max(left, x)
        down = min(top + height, y + high) - max(top, y)
        if across > 0 and down > 0 and across * down >= 0.9 * width * height:
            return True
    return False


def test_two_faces_that_pass_are_two_tracks_without_a_gap() -> None:
    seen = []
    for number in range(20):
        faces_there = [(100 + 20 * number, 200, 60, 80), (900 - 20 * number, 340, 60, 80)]
        seen.append((number * STEP, faces_there if number not in (7, 8) else faces_there[:1]))
    found = tracks(seen, STEP, SIZE)
    assert len(found) == 2
    for number, (at_ms, _) in enumerate(seen):
        for face in ((100 + 20 * number, 200, 60, 80), (900 - 20 * number, 340, 60, 80)):
            assert is_covered(face, covering(found, at_ms)), (number, face)
    assert all(track[0][0] == 0 and track[-1][0] == 19 * STEP + 2 * STEP for track in found), "margins"
    assert all(len(track) < 8 for track in found), "what moves evenly needs few keys"


def test_a_face_seen_once_is_covered_before_and_after() -> None:
    (track,) = tracks([(0, []), (STEP, [(1270.0, 10.0, 40.0, 50.0)]), (2 * STEP, [])], STEP, SIZE)
    assert (track[0][0], track[-1][0]) == (0, 3 * STEP)
    assert track[0][1] + track[0][3] <= SIZE[0], "within the picture"


def test_a_curve_is_followed() -> None:
    way = [(n * STEP, [(400 + 200 * math.sin(n / 3), 300.0, 60.0, 60.0)]) for n in range(30)]
    found = tracks(way, STEP, SIZE)
    assert len(found) == 1
    assert all(is_covered(there[0], covering(found, at_ms)) for at_ms, there in way)


@pytest.mark.slow
@pytest.mark.skipif(finder() is None or faces.picture() is None, reason="needs the detector, and a picture of a person")
def test_most_faces_are_suggested_and_none_is_without(tmp_path: Path) -> None:
    """Faces of 100 and 45 pixels; a scripted person confirms what is suggested, and draws what is missing."""
    path = tmp_path / "film.mp4"
    truth = faces.film(path, 10.0, (1.0, 0.45))
    found = find(path, SIZE, Fraction(faces.RATE), Tools(), Limits(600.0, 1 << 30), lambda _: None)
    suggested = missed(truth, found)
    drawn = [(_key(at_ms - STEP, face), _key(at_ms + STEP, face)) for at_ms, face in suggested]
    left = missed(truth, [*found, *drawn])
    total = sum(map(len, truth))
    print(f"{len(found)} tracks; without a person {len(suggested)} of {total} faces show, with one {len(left)}")
    assert len(suggested) < 0.1 * total
    assert len(left) <= 0.01 * total


def missed(truth: list[list[faces.Face]], found: list[tuple[Key, ...]]) -> list[tuple[int, faces.Face]]:
    """When which faces show."""
    times = [number * 1000 // faces.RATE for number in range(len(truth))]
    each = ((at_ms, face) for at_ms, there in zip(times, truth, strict=True) for face in there)
    return [(at_ms, face) for at_ms, face in each if not is_covered(face, covering(found, at_ms))]


def _key(at_ms: int, face: faces.Face) -> Key:
    left, top, width, height = (round(side) for side in face)
    return max(0, at_ms), left, top, width, height
