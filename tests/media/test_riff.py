from __future__ import annotations

import struct
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.capture_time import CLOCK_S, HALF_DAY, ZONE_S, choose
from media.riff import CLAIMS_MAX, riff_claims
from tests.footage.counted import Counted

AT = datetime(2026, 3, 11, 9, 36, 21, tzinfo=UTC)


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def riff(form: bytes, *chunks: bytes) -> bytes:
    return chunk(b"RIFF", form + b"".join(chunks))


def avi(text: bytes) -> bytes:
    return riff(b"AVI ", chunk(b"LIST", b"hdrl" + chunk(b"avih", bytes(56)) + chunk(b"IDIT", text)))


@pytest.mark.parametrize(
    "text", [b"2026/03/11 09:36:21\0", b"Wed Mar 11 09:36:21 2026\n\0", b"2026-03-11 09:36:21", b"2026:03:11T09:36:21"]
)
def test_each_way_to_write_idit(text: bytes) -> None:
    (claim,) = riff_claims(BytesIO(avi(text)))
    assert (claim.value, claim.source, claim.refers_to) == (AT, "container", "start")
    assert claim.uncertainty_s == ZONE_S + CLOCK_S


def test_a_day_alone_is_its_noon() -> None:
    (claim,) = riff_claims(BytesIO(riff(b"WAVE", chunk(b"LIST", b"INFO" + chunk(b"ICRD", b"2026-03-11\0")))))
    assert claim.value == AT.replace(hour=12, minute=0, second=0)
    chosen = choose([claim], AT, 4.0)
    assert chosen.uncertainty_s >= HALF_DAY.total_seconds()


def test_broadcast_wave() -> None:
    bext = bytes(320) + b"2026-03-1109:36:21" + bytes(300)
    (claim,) = riff_claims(BytesIO(riff(b"WAVE", chunk(b"fmt ", bytes(15)), chunk(b"bext", bext))))
    assert claim.value == AT


@pytest.mark.parametrize("text", [b"", b"no date", b"2026-13-45 99:99:99", b"0000-00-00"])
def test_what_is_no_time_is_kept_and_never_chosen(text: bytes) -> None:
    (claim,) = riff_claims(BytesIO(avi(text)))
    assert claim.value is None


def test_other_files_say_nothing() -> None:
    assert riff_claims(BytesIO(b"")) == ()
    assert riff_claims(BytesIO(b"ftyp" * 100)) == ()


@given(st.binary(max_size=400), st.lists(st.tuples(st.integers(0, 150), st.binary(max_size=4)), max_size=6))
def test_junk_and_damage(junk: bytes, wounds: list[tuple[int, bytes]]) -> None:
    damaged = bytearray(avi(b"2026/03/11 09:36:21\0"))
    for at, bytes_ in wounds:
        damaged[at : at + len(bytes_)] = bytes_
    for data in (junk, b"RIFF" + junk, bytes(damaged)):
        file = Counted(data)
        assert len(riff_claims(file)) <= CLAIMS_MAX
        assert file.read_bytes <= 16 * 1024 + 4 * len(data) * 12
