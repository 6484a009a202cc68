from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.capture_time import CLOCK_S, HALF_DAY, IPTC, ZONE_S, choose
from media.iptc import iptc_claims

AT = datetime(2026, 3, 11, 9, 36, 21, tzinfo=UTC)


def photograph(*fields: tuple[int, bytes]) -> bytes:
    told = b"".join(b"\x1c\x02" + struct.pack(">BH", kind, len(text)) + text for kind, text in fields)
    body = b"Photoshop 3.0\08BIM\4\4\0\0" + struct.pack(">I", len(told)) + told
    return b"\xff\xd8\xff\xed" + struct.pack(">H", len(body) + 2) + body + b"\xff\xd9"


@pytest.mark.parametrize(
    ("clock", "value", "uncertainty_s"),
    [
        (b"093621+0800", AT - timedelta(hours=8), CLOCK_S),
        (b"093621-0330", AT + timedelta(hours=3.5), CLOCK_S),
        (b"093621", AT, ZONE_S + CLOCK_S),
        (b"", AT.replace(hour=12, minute=0, second=0), ZONE_S + CLOCK_S + HALF_DAY.total_seconds()),
    ],
)
def test_day_and_time(clock: bytes, value: datetime, uncertainty_s: float) -> None:
    (claim,) = iptc_claims(photograph((5, b"name"), (55, b"20260311"), (60, clock)))
    assert (claim.source, claim.value, claim.uncertainty_s) == (IPTC, value, uncertainty_s)
    assert choose([claim], AT, None).source == "docking"


@pytest.mark.parametrize("day", [b"20261311", b"2026-3-11", b"20260000", b"W"])
def test_what_is_no_day_is_kept_without_a_value(day: bytes) -> None:
    (claim,) = iptc_claims(photograph((55, day)))
    assert claim.value is None


def test_without_the_field_there_is_no_claim() -> None:
    assert iptc_claims(photograph((5, b"name"))) == ()
    assert iptc_claims(photograph()) == ()
    assert iptc_claims(b"") == ()


@given(st.binary(max_size=300), st.integers(0, 200))
def test_junk(junk: bytes, end: int) -> None:
    assert len(iptc_claims(photograph((55, junk), (60, junk)))) <= 1
    assert len(iptc_claims(photograph((55, b"20260311"))[:end] + junk)) <= 1
