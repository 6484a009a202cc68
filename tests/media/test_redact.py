"""Films whose faces are covered: what was there is gone from the bytes, and nothing the original says goes along."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from docking_station.derived.burnt import font
from media import ffmpeg
from media.ffmpeg import Limits, Tools
from media.redact import Work, masks, redact_args
from tests.footage.clips import made

SECRETS = {"title": "Biaoti-77", "artist": "Renyuan-78", "location": "+39.9075+116.3972/"}
SAID = [part for name, value in SECRETS.items() for part in ("-metadata", f"{name}={value}")]
SIZE, RATE = (320, 180), 25
LIMITS = Limits(60.0, 1 << 26)
BOX = (96, 64, 64, 48)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of white noise, with a tone and words in the container."""
    noise = f"nullsrc=s={SIZE[0]}x{SIZE[1]}:r={RATE},geq=random(1)*255:128:128"
    sound = "sine=440"
    path = tmp_path_factory.mktemp("film") / "in.mp4"
    line = ("-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "ultrafast", "-crf")
    path.write_bytes(made("mp4", 2, *line, "10", "-c:a", "aac", *SAID, "-movflags", "+use_metadata_tags"))
    return path


def rendered(film: Path, into: Path, work: Work) -> bytes:
    letters = font()
    if letters is None:
        pytest.skip("no Chinese font")
    label = into.with_suffix(".txt")
    label.write_text("公示副本 P2026-0001", encoding="utf-8")
    args = redact_args(film, into, work, label, letters, has_sound=True)
    ffmpeg.make(args, Tools(), LIMITS, lambda _: None, masks(work))
    return into.read_bytes()


def picture(film: Path, at_s: float) -> bytes:
    """One picture, a byte a point."""
    line = ["ffmpeg", "-v", "error", "-ss", str(at_s), "-i", str(film), "-frames:v", "1", "-f", "rawvideo"]
    return subprocess.run([*line, "-pix_fmt", "gray", "-"], check=True, capture_output=True).stdout


def roughness(points: bytes, box: tuple[int, int, int, int]) -> float:
    """How far points in a box are from the next ones, on the average."""
    left, top, width, height = box
    rows = (points[row * SIZE[0] + left : row * SIZE[0] + left + width] for row in range(top, top + height))
    steps = [abs(one - other) for row in rows for one, other in pairwise(row)]
    return sum(steps) / len(steps)


def loudness(film: Path, from_s: float, length_s: float) -> int:
    line = ["ffmpeg", "-v", "error", "-ss", str(from_s), "-t", str(length_s), "-i", str(film), "-f", "s8", "-ac", "1"]
    sound = subprocess.run([*line, "-"], check=True, capture_output=True).stdout
    return max((min(one, 256 - one) for one in sound), default=0)


def test_what_a_recipe_names_is_gone(film: Path, tmp_path: Path) -> None:
    def covered(at_ms: int) -> list[tuple[int, int, int, int]]:
        return [BOX] if at_ms < 1000 else []

    work = Work(*SIZE, Fraction(RATE), 2000, covered, mutes=((200, 700),), cuts=((1200, 1600),))
    one = rendered(film, tmp_path / "one.mp4", work)
    assert one == rendered(film, tmp_path / "two.mp4", work), "the same recipe, the same bytes"
    for value in (*SECRETS.values(), "Lavf"):
        assert value.encode() not in one
    out = tmp_path / "one.mp4"
    assert roughness(picture(film, 0.5), BOX) > 30
    assert roughness(picture(out, 0.5), BOX) < 3, "no two neighbours differ where it was covered"
    assert roughness(picture(out, 0.5), (10, 10, 64, 48)) > 30, "and nothing else is touched"
    assert roughness(picture(out, 1.1), BOX) > 30, "nor later"
    assert loudness(out, 0.25, 0.4) <= 1 < 8 < loudness(out, 0.8, 0.3)
    assert ffmpeg.frames(out, Tools()) == 40, "ten pictures are cut out"


def test_a_span_late_in_a_long_film_begins_and_ends_to_the_millisecond() -> None:
    work = Work(*SIZE, Fraction(RATE), 20_000_000, lambda _: (), mutes=((12_345_678, 12_346_789),))
    said = " ".join(redact_args(Path("a"), Path("b"), work, Path("l"), Path("f"), has_sound=True))
    assert "12345.658" in said
    assert "12346.809" in said


def test_the_mask_covers_what_a_box_only_touches_and_outlasts_the_film() -> None:
    work = Work(18, 10, Fraction(10), 300, lambda _: [(5, 5, 4, 3)])
    (width, height), pictures = work.mask_size, list(masks(work))
    assert (width, height) == (5, 3)
    assert {len(one) for one in pictures} == {15}
    rows = [pictures[0][row * width : (row + 1) * width] for row in range(height)]
    assert rows == [b"\0" * 5, b"\0\xff\xff\0\0", b"\0\xff\xff\0\0"]
    assert len(pictures) > 10 * 5
