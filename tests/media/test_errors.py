from __future__ import annotations

import pytest

from catalog.station_error import StationError
from media.errors import BadNamePattern, NotMedia, ToolMissing, ToolTooSlow


@pytest.mark.parametrize(
    "error",
    [
        ToolMissing(tool="ffprobe"),
        ToolTooSlow(tool="ffmpeg", seconds=30.0),
        NotMedia(why="moov atom not found"),
        BadNamePattern(pattern="mine", why="unknown group x"),
    ],
    ids=lambda error: error.code,
)
def test_every_error_speaks_both_languages(error: StationError) -> None:
    assert error.code.startswith("media.")
    for fact in error.facts.values():
        text = f"{fact:g}" if isinstance(fact, float) else str(fact)
        assert text in error.message("en")
        assert text in error.message("zh")
    assert error.hint("en") != error.hint("zh")
