"""EXIF straight from its tables, the segments of JPEG and the items of HEIC; exifread is the oracle."""

from __future__ import annotations

import logging
import struct
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import exifread
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import heif, jpeg
from media.boxes import AHEAD_BYTES, BoundedFile
from media.exif import CAMERA, IMAGE, PLACE, Tags, read_tags
from tests.footage import clips, photographs
from tests.footage.counted import Counted

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
NAMES = {*IMAGE.values(), *CAMERA.values(), *PLACE.values()}
UNKNOWN = {"GPS GPSHPositioningError"}
"""What exifread has no name for."""
FULL = clips.exif("2026:03:11 09:36:58", "+08:00", (30.247534, 119.745997))


def tags_of(tiff: bytes) -> Tags:
    return read_tags(BoundedFile(BytesIO(tiff)), 0, len(tiff))


def of_jpeg(data: bytes) -> Tags:
    file = BoundedFile(BytesIO(data))
    for marker, start, end in jpeg.segments(file):
        if marker == jpeg.APP1 and file.read_at(start, 6) == jpeg.EXIF:
            return read_tags(file, start + 6, end)
    return {}


def of_heic(data: bytes) -> Tags:
    file = BoundedFile(BytesIO(data))
    for item in heif.items(file):
        if item.kind == heif.EXIF:
            return read_tags(file, heif.tiff_start(file, item), item.end)
    return {}


def by_exifread(data: bytes) -> dict[str, Any]:
    logging.getLogger("exifread").setLevel(logging.CRITICAL)
    found = exifread.process_file(BytesIO(data), details=False, extract_thumbnail=False)
    return {name: tag.values for name, tag in found.items() if name in NAMES}


def assert_as_the_oracle(ours: Tags, theirs: dict[str, Any]) -> None:
    """Compare what both have; we leave out empty texts and fractions that divide by nothing."""
    for name, value in theirs.items():
        if isinstance(value, str):
            assert ours.get(name, "") == value.strip("\0 ")[:64]
        elif isinstance(value, list) and len(value) == 3 and all(getattr(part, "denominator", 0) for part in value):
            assert ours[name] == [Fraction(part.numerator, part.denominator) for part in value]
    assert ours.keys() - UNKNOWN <= theirs.keys()


@pytest.mark.parametrize("name", ["*.jpg", "*.JPG", "*.jpeg", "*.tif", "*.tiff", "*.heic", "*.HEIC"])
def test_every_shared_photograph_reads_as_with_exifread(name: str) -> None:
    if not SAMPLES.exists():
        pytest.skip(f"no shared samples beside the project: {SAMPLES}")
    for path in SAMPLES.rglob(name):
        data = path.read_bytes()
        ours = of_jpeg(data) if data[:2] == b"\xff\xd8" else of_heic(data) if data[4:8] == b"ftyp" else tags_of(data)
        try:
            theirs = by_exifread(data)
        except AssertionError:  # its way to give up
            continue
        if theirs:
            assert_as_the_oracle(ours, theirs)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_and_a_text_within_its_entry(order: str) -> None:
    entries = [(0x0001, 2, 2, b"S\0\0\0"), (0x0009, 2, 1, b"A\0\0\0")]
    place = struct.pack(order + "H", len(entries))
    place += b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)
    first = struct.pack(order + "HHHII", 1, 0x8825, 4, 1, 8 + 2 + 12)
    tiff = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + first + place
    assert tags_of(tiff) == {"GPS GPSLatitudeRef": "S", "GPS GPSStatus": "A"}


def test_what_leads_out_of_the_structure_is_left_out() -> None:
    away = struct.pack("<I", 10**6)
    table = clips.ifd([(0x0132, 2, 20, away), (0x8769, clips.LONG, 1, away)], 8)
    assert tags_of(b"II*\0\x08\0\0\0" + table) == {}
    behind = b"II*\0\x08\0\0\0" + clips.ifd([(0x0132, 2, 20, b"2026:03:11 09:36:58\0")], 8)
    assert tags_of(behind) == {"Image DateTime": "2026:03:11 09:36:58"}
    file = BoundedFile(BytesIO(behind))
    assert read_tags(file, 0, len(behind) - 10) == {"Image DateTime": "2026:03:11"}


def test_one_fraction_is_a_number() -> None:
    gps = clips.ifd([(0x1F, clips.RATIONAL, 1, struct.pack("<2I", 47, 10))], 26)
    pointer = clips.ifd([(0x8825, clips.LONG, 1, struct.pack("<I", 26))], 8)
    assert tags_of(b"II*\0\x08\0\0\0" + pointer + gps) == {"GPS GPSHPositioningError": [Fraction(47, 10)]}


def test_a_fraction_of_nothing_is_none() -> None:
    gps = clips.ifd([(2, clips.RATIONAL, 3, struct.pack("<6I", 30, 1, 14, 0, 0, 1))], 26)
    pointer = clips.ifd([(0x8825, clips.LONG, 1, struct.pack("<I", 26))], 8)
    assert tags_of(b"II*\0\x08\0\0\0" + pointer + gps) == {}


def test_the_picture_is_not_read() -> None:
    data = photographs.jpeg((0xE1, b"Exif\0\0" + FULL), (0xE2, bytes(60_000)), picture_bytes=5_000_000)
    file = Counted(data)
    bounded = BoundedFile(file)
    assert [segment.marker for segment in jpeg.segments(bounded)] == [0xE1, 0xE2]
    assert file.read_bytes <= 2 * AHEAD_BYTES


@pytest.mark.parametrize("fill", [b"", b"\xff", b"\xff" * 9])
def test_filling_before_markers(fill: bytes) -> None:
    data = photographs.jpeg((0xE0, b"JFIF\0"), (0xE1, b"Exif\0\0" + FULL), fill=fill)
    assert of_jpeg(data) == tags_of(FULL)


def test_segments_that_make_no_sense_end_the_walk() -> None:
    for data in (b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\0\1", b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8" + b"\xff" * 99):
        assert len(tuple(jpeg.segments(BoundedFile(BytesIO(data))))) <= 1
    many = photographs.jpeg(*[(0xE4, b"")] * 500)
    assert len(tuple(jpeg.segments(BoundedFile(BytesIO(many))))) == jpeg.SEGMENTS_MAX


@pytest.mark.parametrize(
    ("version", "ahead", "in_idat"), [(0, 0, False), (1, 6, False), (1, 6, True), (2, 6, False), (2, 0, True)]
)
def test_items_of_heic(version: int, ahead: int, *, in_idat: bool) -> None:
    data = photographs.heic(FULL, b"<x:xmpmeta></x:xmpmeta>", iloc_version=version, in_idat=in_idat, ahead=ahead)
    assert of_heic(data) == tags_of(FULL)
    file = BoundedFile(BytesIO(data))
    (text,) = [item for item in heif.items(file) if item.kind == heif.XMP]
    assert file.read_at(text.start, text.end - text.start) == b"<x:xmpmeta></x:xmpmeta>"


def test_an_item_that_leads_to_itself_or_out_of_the_file() -> None:
    whole = photographs.heic(FULL)
    for data in (whole[:-40], whole.replace(b"iloc", b"ilox"), whole.replace(b"infe\2", b"infe\7"), whole[:90]):
        assert of_heic(data).keys() <= NAMES


@given(st.data())
def test_damaged_photographs_end(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([FULL, photographs.heic(FULL, b"x"), clips.jpeg(FULL)])))
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file = Counted(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    for read in (tags_of, of_jpeg, of_heic):
        assert read(file.getvalue()).keys() <= NAMES
