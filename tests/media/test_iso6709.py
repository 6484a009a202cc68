from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Fix
from media.gps.iso6709 import FORMAT, place_of
from tests.footage import clips, movies


def read(*parts: bytes) -> list[Fix] | None:
    found = FORMAT.read(BytesIO(movies.movie(parts=parts)))
    return None if found is None else list(found)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+30.2429+119.7291/", (30.2429, 119.7291)),
        ("+30.2429+119.7291", (30.2429, 119.7291)),
        ("-33.5-070.6+520.1CRSWGS_84/", (-33.5, -70.6)),
        ("+51.5334-000.1255+026.756/", (51.5334, -0.1255)),
        ("+3014.5+11943.5/", (30 + 14.5 / 60, 119 + 43.5 / 60)),
        ("+301430-1194330.6/", (30 + 14.5 / 60, -(119 + 43 / 60 + 30.6 / 3600))),
        ("+30+119/", (30, 119)),
        ("+51.5932-0.2431/", (51.5932, -0.2431)),
        ("-3.25+9.5+12.5/", (-3.25, 9.5)),
        ("+51,5932-000,2431/", (51.5932, -0.2431)),
        ("+3060+11943/", None),
        ("+301460+1194330/", None),
        ("30.2429,119.7291", None),
        ("+30.2429", None),
        ("", None),
        ("+30.2429+119.7291/x", None),
    ],
)
def test_texts(text: str, place: tuple[float, float] | None) -> None:
    found = place_of(text)
    assert found is None if place is None else found == pytest.approx(place, abs=1e-9)


@given(st.text(alphabet="+-.0123456789/CRS", max_size=40))
def test_any_text(text: str) -> None:
    place_of(text)


def test_each_carrier() -> None:
    text = "+30.2429+119.7291/"
    in_udta = movies.box(b"udta", movies.spoken(b"\xa9xyz", text))
    in_ilst = movies.box(b"ilst", movies.box(b"\xa9xyz", movies.data(text)))
    carriers = (
        in_udta,
        movies.keyed(("com.apple.quicktime.location.ISO6709", text)),
        movies.box(b"udta", movies.full(b"meta", movies.full(b"hdlr", bytes(20)), in_ilst)),
    )
    assert [read(carrier) for carrier in carriers] == [[Fix(None, 30.2429, 119.7291)]] * 3


def test_a_loci_is_as_exact_as_it_can_be() -> None:
    found = read(movies.box(b"udta", movies.loci(30.2429, 119.7291)))
    assert found is not None
    (fix,) = found
    assert (fix.latitude_deg, fix.longitude_deg) == pytest.approx((30.2429, 119.7291), abs=1e-5)


def test_ffmpegs_own_is_read() -> None:
    found = FORMAT.read(BytesIO(clips.mp4_with_location("+30.2429+119.7291/")))
    assert found is not None
    assert (found[0].latitude_deg, found[0].longitude_deg) == pytest.approx((30.2429, 119.7291), abs=2e-5)


@pytest.mark.parametrize("text", ["+00.0000+000.0000/", "+95.0000+119.7291/", "+30.0000+190.0000/", "nowhere"])
def test_what_is_no_place_is_none_and_the_next_is_asked(text: str) -> None:
    wrong = movies.box(b"udta", movies.spoken(b"\xa9xyz", text))
    assert read(wrong) is None
    assert read(wrong, movies.keyed(("com.apple.quicktime.location.ISO6709", "+1.5+2.5/"))) == [Fix(None, 1.5, 2.5)]
    right = movies.keyed(("com.apple.quicktime.location.ISO6709", "+01.5+002.5/"))
    assert read(wrong, right) == [Fix(None, 1.5, 2.5)]


def test_another_file_is_left_to_others() -> None:
    assert read() is None
    assert FORMAT.read(BytesIO(b"+30.2429+119.7291/")) is None
    assert FORMAT.read(BytesIO(clips.without_moov(movies.movie([b"one"])))) is None


def test_a_phone_says_how_sure_it_is() -> None:
    name = "com.apple.quicktime.location"
    keys = movies.keyed((f"{name}.ISO6709", "+30.2429+119.7291/"), (f"{name}.accuracy.horizontal", "14.2"))
    assert read(keys) == [Fix(None, 30.2429, 119.7291, None, 14.2)]
