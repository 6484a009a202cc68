"""Times in the tags of MP3 files: as ffmpeg writes them, and made by hand in all three versions."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import TimeClaim
from media.capture_time import CHANGED, CLOCK_S, ZONE_S
from media.id3 import CLAIMS_MAX, TAG_BYTES_MAX, id3_claims
from tests.footage import clips
from tests.footage.counted import Counted

AT = datetime(2026, 3, 11, 9, 36, 21, tzinfo=UTC)
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3_tag(version: int, *texts: tuple[bytes, str], encoding: int = 3) -> bytes:
    """Return a tag of these frames, and the beginning of a frame of sound."""
    code = ("latin-1", "utf-16", "utf-16-be", "utf-8")[encoding]
    frames = b""
    for name, text in texts:
        body = bytes([encoding]) + text.encode(code)
        size = {2: len(body).to_bytes(3, "big"), 3: len(body).to_bytes(4, "big"), 4: seven_bits(len(body))}[version]
        frames += name + size + (b"" if version == 2 else b"\0\0") + body
    frames += bytes(20)
    return b"ID3" + bytes([version, 0, 0]) + seven_bits(len(frames)) + frames + b"\xff\xfb\x90\x00"


def read(data: bytes) -> tuple[TimeClaim, ...]:
    return id3_claims(BytesIO(data))


@pytest.mark.parametrize("version", ["3", "4"])
def test_as_ffmpeg_writes_it(version: str) -> None:
    data = clips.made("mp3", 1, *clips.SOUND, "-metadata", "date=2026-03-11", "-id3v2_version", version)
    (claim,) = read(data)
    assert (claim.source, claim.value, claim.refers_to) == ("container", NOON, "start")
    assert claim.uncertainty_s == ZONE_S + CLOCK_S + 12 * 3600


@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("version", "texts"),
    [
        (4, [(b"TDRC", "2026-03-11T09:36:21")]),
        (3, [(b"TYER", "2026"), (b"TDAT", "1103"), (b"TIME", "0936")]),
        (2, [(b"TYE", "2026"), (b"TDA", "1103"), (b"TIM", "0936")]),
    ],
)
def test_all_versions_and_encodings(version: int, texts: list[tuple[bytes, str]], encoding: int) -> None:
    (claim,) = read(id3_tag(version, *texts, encoding=encoding))
    assert claim.value is not None
    assert claim.value.replace(second=0) == AT.replace(second=0)
    assert (claim.zone, claim.uncertainty_s) == ("as if UTC", ZONE_S + CLOCK_S)


def test_when_it_was_made_a_file_is_never_the_start() -> None:
    claims = read(id3_tag(4, (b"TDRC", "2026-03-11T09:36:21"), (b"TDTG", "2026-04-01T00:00:00")))
    assert [claim.source for claim in claims] == ["container", CHANGED]


@pytest.mark.parametrize("text", ["2026", "2026-03", "", "MMXXVI"])
def test_a_year_alone_tells_no_time(text: str) -> None:
    assert read(id3_tag(4, (b"TDRC", text))) == ()


def test_a_day_that_is_none_is_a_claim_without_value() -> None:
    (claim,) = read(id3_tag(4, (b"TDRC", "2026-02-30")))
    assert (claim.value, claim.note) == (None, "no such time")


def test_the_sound_is_not_read() -> None:
    file = Counted(id3_tag(3, (b"TIT2", "x")) + bytes(5_000_000))
    id3_claims(file)
    assert file.read_bytes < 1000
    lie = Counted(b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(2_000_000))
    assert id3_claims(lie) == ()
    assert lie.read_bytes <= TAG_BYTES_MAX + 100


@given(st.data())
def test_damaged_tags(data: st.DataObject) -> None:
    whole = bytearray(
        id3_tag(data.draw(st.sampled_from([2, 3, 4])), (b"TDRC", "2026-03-11T09:36:21"), (b"TYE", "2026"))
    )
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert len(read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))) <= CLAIMS_MAX
