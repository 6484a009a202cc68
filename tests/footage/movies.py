"""Movies made byte by byte, without ffmpeg: boxes, tracks with samples, and the ways recorders write positions in them.

Shapes: bytes out; a movie is `ftyp`, `mdat`, `moov` in that order unless asked otherwise. Units: seconds, degrees WGS
84, aware UTC; container times are seconds since 1904.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
LEAP_S = 18
SCALE = 1000
FTYP = b"\0\0\0\x14ftypisom\0\0\0\0isom"


def box(kind: bytes, *bodies: bytes) -> bytes:
    """Return a box."""
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *bodies: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *bodies)


def seconds_1904(at: datetime) -> int:
    """Return a time as containers count it."""
    return int((at - EPOCH).total_seconds())


def times(kind: bytes, created: int, *, number: int = 0, version: int = 0) -> bytes:
    """Return an `mvhd`, `tkhd` or `mdhd`; `number` is what stands behind the times: the scale or the track."""
    form = ">QQI" if version else ">III"
    return full(kind, struct.pack(form, created, created, number), bytes(80), version=version)


def movie(
    samples: Sequence[bytes] = (),
    *,
    handler: bytes = b"vide",
    entry: bytes = b"avc1",
    created: int = 0,
    parts: Sequence[bytes] = (),
    mdat: bytes = b"",
    moov_first: bool = False,
) -> bytes:
    """Return a movie with one track of these samples, one chunk each, a second long; `parts` go into moov as they are.

    `mdat` stands behind the samples.
    """
    content = box(b"mdat", *samples, mdat)
    moov = _moov(samples, handler, entry, created, parts, len(FTYP) + 8)
    if moov_first:
        moov = _moov(samples, handler, entry, created, parts, len(FTYP) + len(moov) + 8)
        return FTYP + moov + content
    return FTYP + content + moov


def _moov(
    samples: Sequence[bytes], handler: bytes, entry: bytes, created: int, parts: Sequence[bytes], at: int
) -> bytes:
    offsets = [at + sum(map(len, samples[:index])) for index in range(len(samples))]
    tables = (
        full(b"stsd", struct.pack(">I", 1), box(entry, bytes(8))),
        full(b"stts", struct.pack(">III", 1, len(samples), SCALE)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        full(b"stsz", struct.pack(">II", 0, len(samples)), *(struct.pack(">I", len(sample)) for sample in samples)),
        full(b"stco", struct.pack(">I", len(samples)), *(struct.pack(">I", offset) for offset in offsets)),
    )
    return box(b"moov", times(b"mvhd", created, number=SCALE), track(handler, *tables, created=created), *parts)


def track(handler: bytes, *tables: bytes, created: int = 0, number: int = 1) -> bytes:
    """Return a track with these boxes as its sample table."""
    head = full(b"hdlr", bytes(4), handler, bytes(13))
    media = box(b"mdia", times(b"mdhd", created, number=SCALE), head, box(b"minf", box(b"stbl", *tables)))
    return box(b"trak", times(b"tkhd", created, number=number), media)


def fragmented(samples: Sequence[bytes], *, handler: bytes, entry: bytes) -> bytes:
    """Return a movie whose samples lie in one fragment each."""
    empty = tuple(full(kind, bytes(4)) for kind in (b"stts", b"stsc", b"stco"))
    tables = (full(b"stsd", struct.pack(">I", 1), box(entry, bytes(8))), *empty, full(b"stsz", bytes(8)))
    mvex = box(b"mvex", full(b"trex", struct.pack(">IIIII", 1, 1, SCALE, 0, 0)))
    whole = FTYP + box(b"moov", times(b"mvhd", 0, number=SCALE), track(handler, *tables), mvex)
    for index, sample in enumerate(samples):
        moof = _moof(index, len(sample), 0)
        whole += _moof(index, len(sample), len(moof) + 8) + box(b"mdat", sample)
    return whole


def _moof(index: int, size: int, offset: int) -> bytes:
    tfhd = full(b"tfhd", struct.pack(">I", 1), flags=0x020000)
    tfdt = full(b"tfdt", struct.pack(">I", index * SCALE))
    trun = full(b"trun", struct.pack(">IiI", 1, offset, size), flags=0x201)
    return box(b"moof", full(b"mfhd", struct.pack(">I", index + 1)), box(b"traf", tfhd, tfdt, trun))


def keyed(*told: tuple[str, str]) -> bytes:
    """Return a `meta` box with Keys and their texts, as QuickTime writes it."""
    names = [name.encode() for name, _ in told]
    keys = full(b"keys", struct.pack(">I", len(told)), *(box(b"mdta", name) for name in names))
    items = (box(struct.pack(">I", index + 1), data(text)) for index, (_, text) in enumerate(told))
    return box(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(12)), keys, box(b"ilst", *items))


def data(text: str) -> bytes:
    """Return a `data` box with a text."""
    return box(b"data", struct.pack(">II", 1, 0), text.encode())


def spoken(name: bytes, text: str) -> bytes:
    """Return a text of `udta`: length, language, itself."""
    return box(name, struct.pack(">HH", len(text.encode()), 0x15C7), text.encode())


def loci(latitude_deg: float, longitude_deg: float, *, name: bytes = b"here\0", role: int = 0) -> bytes:
    """Return a `loci` box."""
    numbers = struct.pack(">Biii", role, round(longitude_deg * 65536), round(latitude_deg * 65536), 0)
    return full(b"loci", struct.pack(">H", 0x15C7), name, numbers, b"earth\0\0")


def freegps(
    at: datetime,
    latitude_deg: float,
    longitude_deg: float,
    *,
    kmh: float = 36.0,
    dialect: str = "17c",
    status: bytes = b"A",
) -> bytes:
    """Return a Novatek block: `17c` (degrees, km/h, full year), `17` or `short` (DDmm.mmm, knots, year of century)."""
    degrees = dialect == "17c"
    begins = 0x10 if dialect == "short" else 0x30
    block = bytearray(0x4000 if degrees else 0x8000)
    struct.pack_into(">I8sxxxx", block, 0, len(block), b"freeGPS ")
    year = at.year if degrees else at.year - 2000
    struct.pack_into("<6I", block, begins, at.hour, at.minute, at.second, year, at.month, at.day)
    sides = (b"S" if latitude_deg < 0 else b"N") + (b"W" if longitude_deg < 0 else b"E")
    block[begins + 24 : begins + 28] = status + sides + b"\0"
    angles = [abs(angle) if degrees else _ddmm(abs(angle)) for angle in (latitude_deg, longitude_deg)]
    struct.pack_into("<4f", block, begins + 28, *angles, kmh if degrees else kmh / 1.852, 0.0)
    return bytes(block)


def with_blocks(blocks: Sequence[bytes], samples: Sequence[bytes] = (b"picture",)) -> bytes:
    """Return a movie with these blocks behind its samples, and their index in moov."""
    begins = len(FTYP) + 8 + sum(map(len, samples))
    places = [(begins + sum(map(len, blocks[:index])), len(block)) for index, block in enumerate(blocks)]
    index = box(b"gps ", struct.pack(">II", 0x101, len(places)), *(struct.pack(">II", *place) for place in places))
    return movie(samples, parts=(index,), mdat=b"".join(blocks))


def _ddmm(degrees: float) -> float:
    return int(degrees) * 100 + (degrees - int(degrees)) * 60


def camm_full(at: datetime, latitude_deg: float, longitude_deg: float, *, kind: int = 3) -> bytes:
    """Return a CAMM packet of type 6; it moves 3 m/s east and 4 m/s north."""
    seconds = (at - GPS_EPOCH).total_seconds() + LEAP_S
    return struct.pack("<HHdiddf2f3ff", 0, 6, seconds, kind, latitude_deg, longitude_deg, 20, 3, 5, 3, 4, 0, 1)


def camm_point(latitude_deg: float, longitude_deg: float) -> bytes:
    """Return a CAMM packet of type 5."""
    return struct.pack("<HH3d", 0, 5, latitude_deg, longitude_deg, 20)


def klv(key: bytes, kind: bytes, size: int, body: bytes) -> bytes:
    """Return a GPMF item, padded."""
    return struct.pack(">4scBH", key, kind, size, len(body) // size) + body + bytes(-len(body) % 4)


def gps5(
    at: datetime,
    places: Sequence[tuple[float, float]],
    *,
    fix: int | None = 3,
    dilution: int | None = 200,
) -> bytes:
    """Return a GPMF payload with these places at 5 m/s."""
    rows = b"".join(struct.pack(">5i", round(lat * 1e7), round(lon * 1e7), 0, 5000, 500) for lat, lon in places)
    items = (
        b"" if fix is None else klv(b"GPSF", b"L", 4, struct.pack(">I", fix)),
        klv(b"GPSU", b"U", 16, f"{at:%y%m%d%H%M%S}.000".encode()),
        b"" if dilution is None else klv(b"GPSP", b"S", 2, struct.pack(">H", dilution)),
        klv(b"SCAL", b"l", 4, struct.pack(">5i", 10**7, 10**7, 1000, 1000, 100)),
        klv(b"GPS5", b"l", 20, rows),
    )
    return device(b"".join(items))


def gps9(at: datetime, latitude_deg: float, longitude_deg: float, *, fix: int = 3, dilution: int = 200) -> bytes:
    """Return a GPMF payload with one place of the newer kind."""
    told = at - datetime(2000, 1, 1, tzinfo=UTC)
    row = struct.pack(
        ">7i2H", round(latitude_deg * 1e7), round(longitude_deg * 1e7), 0, 5000, 500, told.days, told.seconds * 1000,
        dilution, fix,
    )  # fmt: skip
    scale = struct.pack(">9i", 10**7, 10**7, 1000, 1000, 100, 1, 1000, 100, 1)
    items = (klv(b"TYPE", b"c", 1, b"lllllllSS"), klv(b"SCAL", b"l", 4, scale), klv(b"GPS9", b"?", 32, row))
    return device(b"".join(items))


def device(*streams: bytes) -> bytes:
    """Return a GPMF payload: a device with these streams."""
    held = b"".join(klv(b"STRM", b"\0", 1, stream) for stream in streams)
    return klv(b"DEVC", b"\0", 1, held)


def text_sample(line: str) -> bytes:
    """Return a tx3g sample: length, text, a box of style."""
    return struct.pack(">H", len(line)) + line.encode() + box(b"styl", bytes(14))
