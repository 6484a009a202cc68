from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest

from catalog.evidence import TimeClaim
from media.capture_time import CLOCK_S, ZONE_S
from media.container_time import CLAIMS_MAX, movie_claims
from media.mp4 import read_movie
from tests.footage import movies

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
CREATED = movies.seconds_1904(AT)
KEYS_DATE = "com.apple.quicktime.creationdate"


def claims(data: bytes) -> tuple[TimeClaim, ...]:
    movie = read_movie(BytesIO(data))
    assert movie is not None
    return movie_claims(movie)


def test_one_time_in_all_headers_is_one_claim_and_keeps_its_number() -> None:
    assert claims(movies.movie(created=CREATED)) == (
        TimeClaim("container", f"mvhd {CREATED}", AT, "as if UTC", "start", ZONE_S + CLOCK_S),
    )


def test_android_stamps_the_end() -> None:
    (claim,) = claims(movies.movie(created=CREATED, parts=(movies.keyed(("com.android.version", "9")),)))
    assert (claim.refers_to, claim.uncertainty_s) == ("end", CLOCK_S)


def test_a_track_that_says_otherwise_is_heard_after_the_movie() -> None:
    other = movies.track(b"vide", created=CREATED - 60)
    found = claims(movies.movie(created=CREATED, parts=(other,)))
    assert [claim.raw for claim in found] == [f"mvhd {CREATED}", f"tkhd {CREATED - 60}"]


def test_a_clock_never_set_claims_nothing_of_worth() -> None:
    assert claims(movies.movie(created=0)) == ()
    (unix,) = claims(movies.movie(created=movies.seconds_1904(datetime(1970, 1, 1, tzinfo=UTC))))
    assert (unix.value, unix.note) == (None, "the recorder's clock was never set")


def test_a_number_past_all_years_is_kept_without_value() -> None:
    (claim,) = claims(movies.FTYP + movies.box(b"moov", movies.times(b"mvhd", 2**63, version=1)))
    assert (claim.raw, claim.value) == (f"mvhd {2**63}", None)


def test_keys_state_their_zone() -> None:
    (claim,) = claims(movies.movie(parts=(movies.keyed((KEYS_DATE, "2026-03-11T09:36:21+0800")),)))
    assert (claim.source, claim.value, claim.zone, claim.uncertainty_s) == ("keys", AT, "stated +08:00", CLOCK_S)
    (silent,) = claims(movies.movie(parts=(movies.keyed((KEYS_DATE, "2026-03-11T09:36:21")),)))
    assert (silent.value, silent.note) == (None, "no zone is stated")
    (wrong,) = claims(movies.movie(parts=(movies.keyed((KEYS_DATE, "soon")),)))
    assert (wrong.value, wrong.note) == (None, "no such time")


@pytest.mark.parametrize(
    ("told", "value", "uncertainty_s"),
    [
        ("2026-03-11T09:36:21+08:00", AT, CLOCK_S),
        ("2026-03-11T01:36:21", AT, ZONE_S + CLOCK_S),
        ("2026-03-11", None, CLOCK_S),
        ("2026", None, CLOCK_S),
        ("spring", None, CLOCK_S),
    ],
)
def test_a_day_text_may_hold_a_time(told: str, value: datetime | None, uncertainty_s: float) -> None:
    (claim,) = claims(movies.movie(parts=(movies.box(b"udta", movies.spoken(b"\xa9day", told)),)))
    assert (claim.source, claim.raw, claim.value, claim.uncertainty_s) == ("day", told, value, uncertainty_s)


def test_many_tracks_make_no_flood() -> None:
    tracks = tuple(movies.track(b"vide", created=CREATED + second) for second in range(60))
    keys = movies.keyed((KEYS_DATE, "2026-03-11T09:36:21+0800"))
    found = claims(movies.movie(created=CREATED, parts=(*tracks, keys)))
    assert len(found) <= CLAIMS_MAX
    assert found[-1].source == "keys"


@pytest.mark.parametrize("android", [False, True])
def test_seconds_counted_from_1970_are_read_so_and_both_readings_are_told(android: bool) -> None:
    raw = int(AT.timestamp())
    parts = (movies.keyed(("com.android.version", "9")),) if android else ()
    (claim,) = claims(movies.movie(created=raw, parts=parts))
    assert (claim.raw, claim.value, claim.refers_to) == (f"mvhd {raw}", AT, "end" if android else "start")
    assert claim.note == "read as seconds since 1970; since 1904, by the standard, it is 1960-03-10 01:36:21"


def test_a_clock_that_counts_since_it_was_switched_on_was_never_set() -> None:
    (claim,) = claims(movies.movie(created=3600))
    assert (claim.value, claim.note) == (None, "the recorder's clock was never set")
