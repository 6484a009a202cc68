from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media.gps import text_track
from media.gps.text_track import FORMAT
from tests.footage import clips, movies

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
PLACE = (30.25, 119.75)
WALK = [movies.text_sample(clips.rmc(AT + timedelta(seconds=second), *PLACE)) for second in range(3)]


def read(data: bytes) -> Sequence[Fix] | None:
    return FORMAT.read(BytesIO(data))


@pytest.mark.parametrize(("handler", "entry"), [(b"sbtl", b"tx3g"), (b"text", b"text"), (b"text", b"tx3g")])
def test_sentences_in_any_track_of_text(handler: bytes, entry: bytes) -> None:
    for whole in (
        movies.movie(WALK, handler=handler, entry=entry),
        movies.fragmented(WALK, handler=handler, entry=entry),
    ):
        found = read(whole)
        assert found is not None
        assert [fix.at for fix in found] == [AT + timedelta(seconds=second) for second in range(3)]


def test_ffmpegs_own_is_read() -> None:
    lines = [clips.rmc(AT + timedelta(seconds=second), *PLACE) for second in range(3)]
    assert len(read(clips.mp4_with_subtitles(lines)) or ()) == 3


def test_many_sentences_in_one_sample() -> None:
    lines = "gsensor;1\r\n" + clips.rmc(AT, *PLACE) + "\r\n" + clips.gga("013622", *PLACE)
    lines += "\r\n" + clips.rmc(AT + timedelta(seconds=2), *PLACE)
    found = read(movies.movie([movies.text_sample(lines)], handler=b"sbtl", entry=b"tx3g"))
    assert found is not None
    assert [fix.at for fix in found] == [AT + timedelta(seconds=second) for second in range(3)]


@pytest.mark.parametrize(
    "samples",
    [
        [],
        [b""],
        [b"\0"],
        [b"\xff\xff$GPRMC"],
        [movies.text_sample("Hello")],
        [movies.text_sample(clips.rmc(AT, *PLACE, status="V"))],
        [movies.text_sample(clips.rmc(AT, *PLACE)[:-2] + "00")],
    ],
)
def test_what_may_not_be_trusted_is_left_out(samples: list[bytes]) -> None:
    assert read(movies.movie(samples, handler=b"sbtl", entry=b"tx3g")) is None


def test_many_tracks_of_text_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = movies.track(b"sbtl", movies.full(b"stsd", b"\0\0\0\1", movies.box(b"tx3g", bytes(8))))
    whole = movies.movie(WALK, handler=b"sbtl", entry=b"tx3g")
    late = whole.replace(b"moov", b"free") + movies.box(b"moov", *[empty] * 3, whole[whole.index(b"trak") - 4 :])
    assert len(read(late) or ()) == 3
    monkeypatch.setattr(text_track, "TRACKS_MAX", 3)
    assert read(late) is None


def test_pictures_and_other_files_are_left_to_others() -> None:
    assert read(movies.movie(WALK)) is None
    assert read(b"".join(WALK)) is None
