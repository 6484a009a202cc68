"""Small made-up footage for tests: one or two seconds of test pattern, photographs with EXIF, tracks; and ways to
damage them. Needs ffmpeg on the PATH. Shapes: bytes out. Units: seconds, degrees WGS 84, aware UTC.
"""

from __future__ import annotations

import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, reduce
from operator import xor
from pathlib import Path

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000")
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
Entry = tuple[int, int, int, bytes]


@cache
def made(extension: str, seconds: float, *options: str) -> bytes:
    """Return what ffmpeg writes into a file of this extension."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{extension}"
        argv = ["ffmpeg", "-nostdin", "-v", "error", *options, "-t", str(seconds), "-bitexact", str(path)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)  # a time limit would look at it now and then only
        return path.read_bytes()


def mp4(seconds: float = 2, *, tags: Mapping[str, str] | None = None, moov_first: bool = False) -> bytes:
    """Return an MP4 with picture and sound; `tags` are the container's own."""
    told = [part for name, value in (tags or {}).items() for part in ("-metadata", f"{name}={value}")]
    flags = "+faststart+use_metadata_tags" if moov_first else "+use_metadata_tags"
    return made("mp4", seconds, *PICTURE, *SOUND, "-c:v", "mpeg4", "-movflags", flags, *told)


def mp4_with_location(location: str) -> bytes:
    """Return an MP4 with `©xyz` in its udta."""
    return made("mp4", 1, *PICTURE, "-c:v", "mpeg4", "-metadata", f"location={location}")


def mp4_with_subtitles(lines: Sequence[str]) -> bytes:
    """Return an MP4 whose subtitle track shows one line a second."""
    cues = [
        f"{number}\n00:00:{number:02d},000 --> 00:00:{number:02d},900\n{line}\n" for number, line in enumerate(lines)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".srt") as text:
        text.write("\n".join(cues))
        text.flush()
        codecs = ("-map", "0", "-map", "1", "-c:v", "mpeg4", "-c:s", "mov_text")
        return made.__wrapped__("mp4", len(lines), *PICTURE, "-i", text.name, *codecs)


def sound_in_3gp() -> bytes:
    """Return a 3GP that holds sound alone."""
    return made("3gp", 1, *SOUND, "-c:a", "aac")


def avi(seconds: float = 2) -> bytes:
    """Return an AVI as old recorders write it."""
    return made("avi", seconds, *PICTURE, *SOUND, "-c:v", "mjpeg", "-c:a", "pcm_s16le")


def wav(seconds: float = 1) -> bytes:
    """Return a WAVE file."""
    return made("wav", seconds, *SOUND)


def jpeg(exif: bytes = b"") -> bytes:
    """Return a photograph, with this TIFF structure as its EXIF."""
    plain = made("jpg", 0.1, *PICTURE, "-frames:v", "1", "-update", "1")
    if not exif:
        return plain
    segment = b"Exif\0\0" + exif
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]


def exif(
    taken: str | None = None,
    offset: str | None = None,
    place: tuple[float, float] | None = None,
    gps_at: datetime | None = None,
    status: str = "A",
    more: Sequence[Entry] = (),
) -> bytes:
    """Return a TIFF structure with the times and the position given, and more entries for the position."""
    camera = [ascii_entry(0x9003, taken), ascii_entry(0x9011, offset)]
    gps: list[Entry | None] = [ascii_entry(9, status), *more]
    if place is not None:
        gps += [ascii_entry(1, "S" if place[0] < 0 else "N"), angle_entry(2, place[0])]
        gps += [ascii_entry(3, "W" if place[1] < 0 else "E"), angle_entry(4, place[1])]
    if gps_at is not None:
        clock = [(gps_at.hour, 1), (gps_at.minute, 1), (gps_at.second, 1)]
        gps += [rational_entry(7, clock), ascii_entry(0x1D, f"{gps_at:%Y:%m:%d}")]
    first = 8
    pointers_end = first + 2 + 2 * 12 + 4
    camera_ifd = ifd([entry for entry in camera if entry], pointers_end)
    gps_ifd = ifd([entry for entry in gps if entry], pointers_end + len(camera_ifd))
    pointers: list[Entry] = [
        (0x8769, LONG, 1, struct.pack("<I", pointers_end)),
        (0x8825, LONG, 1, struct.pack("<I", pointers_end + len(camera_ifd))),
    ]
    return b"II*\0" + struct.pack("<I", first) + ifd(pointers, first) + camera_ifd + gps_ifd


def ifd(entries: Sequence[Entry], at: int) -> bytes:
    """Return one TIFF directory that stands at `at`, its long values after it."""
    after = at + 2 + 12 * len(entries) + 4
    table, values = struct.pack("<H", len(entries)), b""
    for tag, kind, count, value in sorted(entries):
        if len(value) > 4:
            place = struct.pack("<I", after + len(values))
            values += value
        else:
            place = value.ljust(4, b"\0")
        table += struct.pack("<HHI", tag, kind, count) + place
    return table + b"\0\0\0\0" + values


def ascii_entry(tag: int, text: str | None) -> Entry | None:
    """Return a text entry, or None for no text."""
    return None if text is None else (tag, ASCII, len(text) + 1, text.encode() + b"\0")


def rational_entry(tag: int, parts: Sequence[tuple[int, int]]) -> Entry:
    """Return an entry of fractions."""
    return (tag, RATIONAL, len(parts), b"".join(struct.pack("<II", *part) for part in parts))


def angle_entry(tag: int, degrees: float) -> Entry:
    """Return an angle as degrees, minutes and ten-thousandths of seconds."""
    seconds = round(abs(degrees) * 36_000_000)
    whole, rest = divmod(seconds, 36_000_000)
    minutes, rest = divmod(rest, 600_000)
    return rational_entry(tag, [(whole, 1), (minutes, 1), (rest, 10_000)])


def sentence(body: str) -> str:
    """Return an NMEA sentence with its checksum."""
    return f"${body}*{reduce(xor, body.encode()):02X}"


def rmc(at: datetime, latitude_deg: float, longitude_deg: float, *, knots: float = 2.0, status: str = "A") -> str:
    """Return an RMC sentence."""
    place = f"{_dm(latitude_deg, 2)},{'S' if latitude_deg < 0 else 'N'},{_dm(longitude_deg, 3)},"
    place += "W" if longitude_deg < 0 else "E"
    return sentence(f"GNRMC,{at:%H%M%S}.000,{status},{place},{knots:.2f},0.0,{at:%d%m%y},,,A")


def gga(clock: str, latitude_deg: float, longitude_deg: float, *, quality: int = 1) -> str:
    """Return a GGA sentence at `hhmmss`."""
    place = f"{_dm(latitude_deg, 2)},{'S' if latitude_deg < 0 else 'N'},{_dm(longitude_deg, 3)},"
    place += "W" if longitude_deg < 0 else "E"
    return sentence(f"GPGGA,{clock}.000,{place},{quality},08,1.0,20.0,M,0.0,M,,")


def gpx(points: Sequence[tuple[datetime, float, float]], *, prolog: str = "") -> bytes:
    """Return a GPX 1.1 file of these track points."""
    track = "".join(
        f'<trkpt lat="{latitude}" lon="{longitude}"><time>{at.isoformat()}</time></trkpt>'
        for at, latitude, longitude in points
    )
    space = 'xmlns="http://www.topografix.com/GPX/1/1"'
    return f'<?xml version="1.0"?>{prolog}<gpx version="1.1" {space}><trk><trkseg>{track}</trkseg></trk></gpx>'.encode()


def boxes(clip: bytes) -> dict[bytes, tuple[int, int]]:
    """Return where each top-level box begins and ends."""
    at, found = 0, {}
    while at + 8 <= len(clip):
        size = int.from_bytes(clip[at : at + 4], "big")
        found[clip[at + 4 : at + 8]] = (at, at + size)
        at += size
    return found


def without_moov(clip: bytes) -> bytes:
    """Return the clip as a recorder leaves it whose battery dies."""
    start, end = boxes(clip)[b"moov"]
    return clip[:start] + clip[end:]


def half_moov(clip: bytes) -> bytes:
    """Return the clip cut in the middle of its moov, which is last."""
    start, end = boxes(clip)[b"moov"]
    return clip[: (start + end) // 2]


def lying_mdat(clip: bytes, extra_bytes: int) -> bytes:
    """Return the clip, moov first, with an mdat that claims more than is there."""
    start, end = boxes(clip)[b"mdat"]
    return clip[:start] + struct.pack(">I", end - start + extra_bytes) + clip[start + 4 :]


def _dm(degrees: float, width: int) -> str:
    whole, minutes = divmod(round(abs(degrees) * 600_000), 600_000)
    return f"{whole:0{width}d}{minutes / 10_000:07.4f}"
