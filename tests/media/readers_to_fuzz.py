"""Every own reader of files, as a function of bytes, with what must hold of its answer; and the files to begin with.

Shapes: READERS maps a name to a Reader; its `read` tells whether it knew the file. `seeds_of` gives the files of the
contracts, and the beginnings of the shared samples where they are. Units: bytes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from catalog.evidence import Fix, TimeClaim
from media import faststart, kinds, names, probe, recover, reference, wholeness
from media.container_time import movie_claims
from media.dv_packs import avchd_claims, dv_claims
from media.errors import NothingRecovered
from media.gps.contract import FIXES_MAX, GpsFormat
from media.id3 import id3_claims
from media.iptc import iptc_claims
from media.look import glance
from media.matroska import matroska_claims
from media.mp4 import read_movie
from media.mp4_samples import read_samples
from media.mxf import mxf_claims
from media.riff import riff_claims
from media.stills import read_exif
from media.track import formats, read_track
from media.transport import private_packets
from media.xmp import packet_of, xmp_claims, xmp_fix
from tests.contracts.test_every_gps_format import OF_FORMAT
from tests.footage import camcorders, clips, coded, movies, photographs
from tests.footage.counted import Counted
from tests.media.test_id3 import id3_tag
from tests.media.test_iptc import photograph

MOVIE_BYTES_MAX = 256 * 1024
"""A movie's index stands at its end: it is of use whole or not at all."""
SEED_BYTES_MAX = 32 * 1024
READ_BYTES_MAX = 64 * 1024 * 1024
SHARED = Path(__file__).parents[2].parent / "shared" / "samples"
CHINA = timezone(timedelta(hours=8))
ANSWER = (
    b'{"format": {"format_name": "mp4", "duration": "2.0", "tags": {"creation_time": "2026-03-11T01:36:21.0Z", '
    b'"location": "+30.25+119.75/"}}, "streams": [{"codec_type": "video", "codec_name": "h264", "width": 640, '
    b'"height": 480, "avg_frame_rate": "30/1", "disposition": {"attached_pic": 0}}]}'
)

AT = datetime(2026, 3, 11, 9, 36, 21, tzinfo=UTC)
MADE_TIMES = {
    "avchd": (camcorders.avchd(AT), camcorders.avchd(AT, place=160)),
    "dv": (camcorders.dv(AT),),
    "matroska": (camcorders.matroska(AT), camcorders.matroska(AT, endless=True)),
    "mxf": (camcorders.mxf(AT),),
    "id3": (id3_tag(4, (b"TDRC", "2026-03-11T09:36:21")), id3_tag(2, (b"TYE", "2026"), (b"TDA", "1103"))),
    "riff": (),
}


@dataclass(frozen=True)
class Reader:
    """A reader by its name."""

    name: str
    read: Callable[[bytes], bool]
    seeds: tuple[bytes, ...] = ()


def _format(known: GpsFormat) -> Reader:
    def read(data: bytes) -> bool:
        file = Counted(data)
        fixes = known.read(file)
        assert file.read_bytes <= READ_BYTES_MAX, "reads for ever"
        _assert_fixes(fixes or ())
        return fixes is not None

    return Reader(known.name, read, OF_FORMAT.get(known.name, ()))


def _assert_fixes(fixes: tuple[Fix, ...] | object) -> None:
    assert isinstance(fixes, (tuple, list))
    assert len(fixes) <= FIXES_MAX
    for fix in fixes:
        assert abs(fix.latitude_deg) <= 90
        assert abs(fix.longitude_deg) <= 180
        assert fix.at is None or fix.at.utcoffset() is not None
        assert fix.speed_mps is None or 0 <= fix.speed_mps < 1000


def _assert_claims(claims: tuple[TimeClaim, ...]) -> None:
    for claim in claims:
        assert claim.value is None or claim.value.utcoffset() == timedelta(0)
        claim.raw.encode()
        assert len(claim.raw) < 2000


def _movie(data: bytes) -> bool:
    movie = read_movie(BytesIO(data))
    if movie is not None:
        _assert_claims(movie_claims(movie))
    return movie is not None and movie.moov is not None


def _samples(data: bytes) -> bool:
    file = BytesIO(data)
    movie = read_movie(file)
    if movie is None:
        return False
    return sum(1 for track in movie.tracks[:8] for _ in read_samples(file, movie, track, 2**20)) > 0


def _times(name: str, known: Callable[[BinaryIO], tuple[TimeClaim, ...]]) -> Reader:
    def read(data: bytes) -> bool:
        file = Counted(data)
        claims = known(file)
        assert file.read_bytes <= 4 * 1024 * 1024, "reads for ever"
        _assert_claims(claims)
        return bool(claims)

    return Reader(name, read, MADE_TIMES[name])


def _exif(data: bytes) -> bool:
    claims, fixes = read_exif(BytesIO(data), CHINA)
    _assert_claims(claims)
    _assert_fixes(fixes)
    return bool(claims or fixes)


def _xmp(data: bytes) -> bool:
    packet = packet_of(data)
    _assert_claims(xmp_claims(packet))
    fix = xmp_fix(packet)
    _assert_fixes(() if fix is None else (fix,))
    return bool(packet)


def _iptc(data: bytes) -> bool:
    claims = iptc_claims(data)
    _assert_claims(claims)
    return bool(claims)


def _kinds(data: bytes) -> bool:
    wholeness.cut(BytesIO(data), len(data))
    return kinds.kind_of("clip", data[: kinds.HEAD_BYTES_MAX]) != "other"


def _name(data: bytes) -> bool:
    found = names.read_name(data[:255].decode("utf-8", "replace"), _patterns(), CHINA)
    _assert_claims(found.claims)
    return bool(found.claims)


@cache
def _patterns() -> tuple[names.NamePattern, ...]:
    return names.load_patterns(())


def _transport(data: bytes) -> bool:
    return sum(1 for _ in private_packets(BytesIO(data))) > 0


def _glance(data: bytes) -> bool:
    claims, _ = glance(BytesIO(data), "clip.bin", CHINA)
    _assert_claims(claims)
    _assert_fixes(read_track(BytesIO(data), "movie").fixes)
    return bool(claims)


def _faststart(data: bytes) -> bool:
    joined = faststart.moov_first(BytesIO(data))
    if joined is None:
        return False
    assert len(joined.read(2 * len(data))) <= len(data)
    return True


def _reference(data: bytes) -> bool:
    return reference.read_reference(BytesIO(data)) is not None


def _recover(data: bytes) -> bool:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            found = recover.find(file, _whole())
        except NothingRecovered:
            return False
        for piece in found.pieces:
            assert found.start <= piece.at <= piece.at + piece.size <= found.end
        return True


@cache
def _whole() -> reference.Reference:
    found = reference.read_reference(BytesIO(coded.coded("mp4", 1)))
    assert found is not None
    return found


def _ffprobe(data: bytes) -> bool:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return False
    probe.facts(answer)
    _assert_claims(probe.claims(answer))
    _assert_fixes(probe.fixes(answer))
    return bool(answer)


READERS = {
    reader.name: reader
    for reader in (
        *(_format(known) for known in formats()),
        Reader("exif", _exif, (clips.jpeg(clips.exif("2026:03:11 09:36:58")), photographs.heic(clips.exif(), b"x"))),
        Reader("faststart", _faststart),
        Reader("ffprobe", _ffprobe, (ANSWER,)),
        Reader("glance", _glance),
        Reader("iptc", _iptc, (photograph((55, b"20260311"), (60, b"093621+0800")),)),
        Reader("kinds", _kinds),
        Reader("movie", _movie),
        Reader("names", _name, (b"DSJ_1000088_1111123_20260327_101500.mp4", b"TA00716_JX0412_20260311093621.MOV")),
        Reader("recover", _recover),
        Reader("reference", _reference),
        _times("avchd", avchd_claims),
        _times("dv", dv_claims),
        _times("id3", id3_claims),
        _times("matroska", matroska_claims),
        _times("mxf", mxf_claims),
        _times("riff", riff_claims),
        Reader("samples", _samples),
        Reader("transport", _transport),
        Reader("xmp", _xmp),
    )
}


def seeds_of(reader: Reader) -> Iterator[bytes]:
    """Yield files to begin with: made ones first, each short enough to be damaged many times a second."""
    yield from reader.seeds
    for made in MADE_TIMES.values():
        yield from made
    for of_one in OF_FORMAT.values():
        yield from of_one
    yield movies.keyed(("com.apple.quicktime.creationdate", "2026-03-11T09:36:21+0800"))
    yield clips.jpeg(clips.exif())
    yield coded.coded("mp4", 1)[:MOVIE_BYTES_MAX]
    for path in islice(sorted(SHARED.rglob("*")), 1000):
        if path.is_file() and path.suffix not in (".json", ".csv"):
            with path.open("rb") as file:
                head = file.read(MOVIE_BYTES_MAX)
            yield head if head[4:8] == b"ftyp" and path.stat().st_size <= len(head) else head[:SEED_BYTES_MAX]
