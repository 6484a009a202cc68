"""What a file is (类型判别), by its first bytes and by its name; and which files stand beside which clip.

Sources: ISO/IEC 14496-12 (ftyp), RIFF, EBML, ISO/IEC 13818-1 (TS, PS), 13818-7 (ADTS), 11172-3 (MP3); DHAV as Dahua
recorders write it. Shapes: a name and up to HEAD_BYTES_MAX bytes -> Kind. The content wins over the extension; the
extension decides where the content says nothing (0 bytes, encrypted) or leaves a choice (sound alone in an MP4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from catalog.evidence import Kind, MediaFacts

HEAD_BYTES_MAX = 16 * 1024

TS_PACKET_BYTES = 188
M2TS_PACKET_BYTES = 192

EXTENSIONS: Mapping[Kind, frozenset[str]] = {
    "video": frozenset(
        {"mp4", "mov", "m4v", "qt", "3gp", "3g2", "avi", "mkv", "webm", "flv", "f4v", "asf", "wmv", "dav", "dv", "mxf"}
        | {"ts", "mts", "m2ts", "mpg", "mpeg", "vob", "264", "h264", "265", "h265"}
    ),
    "audio": frozenset(
        {
            "wav",
            "mp2",
            "mp3",
            "aac",
            "amr",
            "awb",
            "m4a",
            "m4b",
            "ogg",
            "oga",
            "opus",
            "flac",
            "wma",
            "mka",
            "aif",
            "aiff",
        }
    ),
    "image": frozenset(
        {"jpg", "jpeg", "jpe", "png", "bmp", "heic", "heif", "avif", "tif", "tiff", "gif", "webp", "thm"}
    ),
    "log": frozenset({"nmea", "gpx", "gps", "log", "txt", "srt", "vtt", "csv", "xml", "json", "map", "idx", "kml"}),
}
"""What each extension promises (扩展名)."""

SIDECAR_EXTENSIONS = EXTENSIONS["log"] | {"thm"}
"""Extensions of files that stand beside a clip and tell of it (附属文件): text, positions, subtitles, thumbnails."""

_FILM: tuple[Kind, ...] = ("video", "audio")
_SOUND: tuple[Kind, ...] = ("audio", "video")
_PREFIXES: tuple[tuple[bytes, tuple[Kind, ...]], ...] = (
    (b"\xff\xd8\xff", ("image",)),
    (b"\x89PNG\r\n\x1a\n", ("image",)),
    (b"GIF8", ("image",)),
    (b"II*\0", ("image",)),
    (b"MM\0*", ("image",)),
    (b"\x1aE\xdf\xa3", _FILM),
    (b"FLV\x01", ("video",)),
    (b"\0\0\x01\xba", ("video",)),
    (b"\0\0\x01\xb3", ("video",)),
    (b"DHAV", ("video",)),
    (b"0&\xb2u\x8ef\xcf\x11", _FILM),
    (b"OggS", _SOUND),
    (b"fLaC", ("audio",)),
    (b"#!AMR", ("audio",)),
    (b"ID3", ("audio",)),
)
_RIFF_FORMS: Mapping[bytes, tuple[Kind, ...]] = {b"AVI ": ("video",), b"WAVE": ("audio",), b"WEBP": ("image",)}
_IMAGE_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B "})
_FIRST_BOXES = frozenset({b"moov", b"mdat", b"wide", b"pnot", b"skip", b"free", b"styp", b"moof"})
_MAIN_ORDER: tuple[Kind, ...] = ("video", "audio", "image")
_MP3_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBPS_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_HZ = (44_100, 48_000, 32_000)


def kind_of(name: str, head: bytes) -> Kind:
    """Return what the file `name` that begins with `head` is."""
    promised = _promised(name.rpartition(".")[2] if "." in name else "")
    possible = _possible(head[:HEAD_BYTES_MAX])
    if not possible or promised in possible:
        return promised
    return possible[0]


def kind_after_probe(kind: Kind, media: MediaFacts) -> Kind:
    """Return the kind once its streams are known: an MP4 or 3GP that holds sound alone is a sound recording.

    What does not play keeps the kind it had: the pictures may be what was lost.
    """
    if kind not in _FILM or media.playable is not True:
        return kind
    kinds = {stream.kind for stream in media.streams}
    if "video" in kinds:
        return "video"
    return "audio" if "audio" in kinds else kind


def sidecar_of(paths: Sequence[bytes]) -> dict[bytes, bytes]:
    """Map each sidecar among the paths of one card to the clip it stands beside.

    Same folder; `X.nmea` or `X.MP4.nmea` beside `X.MP4`, letters of either case; of several clips of that name a
    video comes before sound, sound before a photograph. BlackVue's `…_N.gps` belongs to `…_NF.mp4` (front camera).
    """
    clips: dict[tuple[bytes, bytes], bytes] = {}
    for path in sorted(paths, key=_main_order):
        folder, stem, extension = _parts(path)
        if _promised(extension) in _MAIN_ORDER and extension not in SIDECAR_EXTENSIONS:
            for known_by in (stem, stem + b"." + extension.encode()):
                clips.setdefault((folder, known_by), path)
    found: dict[bytes, bytes] = {}
    for path in paths:
        folder, stem, extension = _parts(path)
        clip = clips.get((folder, stem)) or clips.get((folder, stem + b"f"))
        if extension in SIDECAR_EXTENSIONS and clip is not None:
            found[path] = clip
    return found


def _parts(path: bytes) -> tuple[bytes, bytes, str]:
    """Return folder, stem and extension; the last two in lower case."""
    folder, _, name = path.rpartition(b"/")
    stem, dot, extension = name.lower().rpartition(b".")
    return (folder, stem, extension.decode("ascii", "replace")) if dot else (folder, extension, "")


def _main_order(path: bytes) -> tuple[int, bytes]:
    kind = _promised(_parts(path)[2])
    return (_MAIN_ORDER.index(kind) if kind in _MAIN_ORDER else len(_MAIN_ORDER), path)


def _promised(extension: str) -> Kind:
    extension = extension.lower()
    return next((kind for kind, extensions in EXTENSIONS.items() if extension in extensions), "other")


def _possible(head: bytes) -> tuple[Kind, ...]:
    """Return the kinds these first bytes allow, the likeliest first; none if they say nothing."""
    for prefix, kinds in _PREFIXES:
        if head.startswith(prefix):
            return kinds
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF_FORMS.get(head[8:12], ())
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return ("image",)
    if head[4:8] == b"ftyp":
        return _possible_of_brand(head[8:12])
    if head[4:8] in _FIRST_BOXES:
        return _FILM
    if _repeats(head, 0, TS_PACKET_BYTES) or _repeats(head, 4, M2TS_PACKET_BYTES):
        return ("video",)
    if _two_frames(head, _adts_frame_bytes) or _two_frames(head, _mp3_frame_bytes):
        return ("audio",)
    return ()


def _possible_of_brand(brand: bytes) -> tuple[Kind, ...]:
    if brand in _IMAGE_BRANDS:
        return ("image",)
    return ("audio",) if brand in _SOUND_BRANDS else _FILM


def _repeats(head: bytes, first: int, step: int) -> bool:
    """Tell whether the transport stream's sync byte stands at the start of three packets (two, if no more is here)."""
    marks = head[first : first + 2 * step + 1 : step]
    return len(marks) >= 2 and set(marks) == {0x47}


def _two_frames(head: bytes, frame_bytes: Callable[[bytes], int]) -> bool:
    """Tell whether a frame is followed by another: one sync word alone also occurs in encrypted bytes."""
    first = frame_bytes(head[:7])
    return first > 0 and frame_bytes(head[first : first + 7]) > 0


def _adts_frame_bytes(header: bytes) -> int:
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    return (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5


def _mp3_frame_bytes(header: bytes) -> int:
    """Return the length of an MPEG-1, -2 or -2.5 layer III frame, or 0 if this is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, hertz = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or not 0 < rate < len(_MP3_KBPS) or hertz == len(_MP3_HZ):
        return 0
    first_version = version == 3
    kbps = (_MP3_KBPS if first_version else _MP3_KBPS_LOW)[rate]
    divisor = {3: 1, 2: 2, 0: 4}[version]
    return (144_000 if first_version else 72_000) * kbps // (_MP3_HZ[hertz] // divisor) + (header[2] >> 1 & 1)
