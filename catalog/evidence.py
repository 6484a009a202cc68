"""The nouns of the house, in the order they come to be (证据).

`SourceFile` → `SpooledFile` → `Clip` → `SealedClip` → `Receipt`: each holds the one before it, so the order of
the walk is a type and what is not sealed cannot be filed.

Shapes: frozen values, tuples inside. Units: bytes, seconds, degrees WGS 84; every time is aware UTC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["video", "audio", "image", "log", "other"]
"""What a clip is (类型): 视频, 音频, 照片, 日志, 其他."""

RefersTo = Literal["start", "end"]

Attribution = Literal["stated", "register", "register-unsure", "name", "card"]
"""How a clip came to its officer (归属依据): said at the docking; who had the recorder then by the register, surely or
as the likeliest of several; the file's name; the names of the whole card."""

IMPORTANT = "important"
"""The mark a recorder puts on a clip its wearer flagged (重点文件, 设备标记)."""

KEY_CHARS = 40
OTHER_BYTES = "+"
"""In the edges of a file that has those of another one under the same name, before what tells the two apart."""


def shown_name(raw: bytes) -> str:
    """One name as a person reads it: UTF-8, else GBK, else with `\\xNN` for each byte that is neither."""
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def shown_path(raw: bytes) -> str:
    """A path on a card as a person reads it; each folder and name is decoded by itself."""
    return "/".join(shown_name(part) for part in raw.split(b"/"))


@dataclass(frozen=True, slots=True)
class Digest:
    """The two digests of the same bytes (校验值), both in lower-case hexadecimal, 64 characters each."""

    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class SinceStart:
    """How long the system had run (开机时长), which no setting of the clock changes; `boot` names that start of it."""

    boot: str
    uptime_s: float


@dataclass(frozen=True, slots=True)
class Docking:
    """One visit of a recorder at the station (接入): what was said and known when its card was read.

    `recorder`, `officer`, `unit` and `case` are what a person stated (`recorder` also what the station knows the device
    by), or None; `at` is the station's time. `bay` is the label of the bay, or None for a card given by hand.

    While the station's clock is not believed, `at` says nothing and `undated` is what tells the time later; `is_latest`
    then says that `at` is not when it was, but the latest that it can have been.
    """

    recorder: str | None
    officer: str | None
    unit: str | None
    case: str | None
    at: datetime
    by: str
    bay: str | None = None
    undated: SinceStart | None = None
    is_latest: bool = False


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a recorder's clock was off at a docking (时钟偏差): recorder minus true time, in seconds.

    `method` names how it was measured (`mtp`, `gps`, `newest-file`), `uncertainty_s` half the width of what it allows.
    """

    offset_s: float
    method: str
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class CardClock:
    """How far one kind of reading is off true time on a card (整卡时钟), as the clips say that satellites timed.

    `source` is the kind of claim (`name`, `exif`, `container`), `offset_s` the reading minus true time, `uncertainty_s`
    half the width of what it allows, `clips` how many clips bear it out.
    """

    source: str
    offset_s: float
    uncertainty_s: float
    clips: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file seen on a card, not yet read (源文件).

    `path` is raw bytes relative to the card, `/` between parts. `edges` is the SHA-256 of the first and last
    64 KiB. `serial` is the recorder's, or None if nobody said and no name tells. `belongs_to` is the path of
    the clip this file stands beside (a sidecar), `beside` the keys of the sidecars of a clip. `officer` is the one
    all names on its card agree on, or None; `clock` what the other clips of the card tell of this one's time.
    """

    serial: str | None
    path: bytes
    size_bytes: int
    mtime_ns: int
    edges: str
    belongs_to: bytes | None = None
    beside: tuple[str, ...] = ()
    officer: str | None = None
    clock: CardClock | None = None

    @property
    def key(self) -> str:
        """The name of this file in the journal: the same file docked again has the same key.

        Names are reused and clocks reset, so path, size, modify time and edge digest all count.
        """
        text = b"\0".join(
            (
                (self.serial or "").encode(),
                self.path,
                str(self.size_bytes).encode(),
                str(self.mtime_ns).encode(),
                self.edges.encode(),
            )
        )
        return hashlib.sha256(text).hexdigest()[:KEY_CHARS]

    @property
    def shown(self) -> str:
        """The path as a person reads it."""
        return shown_path(self.path)


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A synced copy on the station's disk, read back and found equal (缓存副本). `name` is its name there."""

    source: SourceFile
    digest: Digest
    name: str


@dataclass(frozen=True, slots=True)
class TimeClaim:
    """One statement about when a clip was recorded, kept as it was found (时间线索).

    `source` is where it stands (`gps`, `name`, `container`, `exif`, `mtime`, …), `raw` the text or number as
    read, `value` its reading in UTC or None if it makes no sense, `zone` how the reading came to be UTC
    (`stated UTC`, `assumed +08:00`, …), `uncertainty_s` half the width of what it allows, `note` why it is
    doubted, if it is.
    """

    source: str
    raw: str
    value: datetime | None
    zone: str
    refers_to: RefersTo
    uncertainty_s: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When a clip starts (拍摄时间), from which claim, and by how many seconds that may be wrong."""

    starts_at: datetime
    source: str
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class Fix:
    """One position (定位点): degrees WGS 84, metres per second, metres; None where the carrier has no word for it.

    `accuracy_m` is what the receiver thinks it is off by; `is_valid` whether it said that it had a fix (定位有效). A
    position whose receiver said it had none is no Fix.
    """

    at: datetime | None
    latitude_deg: float
    longitude_deg: float
    speed_mps: float | None = None
    accuracy_m: float | None = None
    is_valid: bool | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a container (码流). What does not apply or was not told is None.

    `pixel_format` is how the points of a picture are stored, by ffmpeg's names: what plays depends on it.
    """

    kind: str
    codec: str
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: str | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    pixel_format: str | None = None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a look inside a file found (媒体信息).

    `playable` is True, False, or None where nobody could tell or the question makes no sense (a log);
    `note` says why not. `tags` are the container's own texts, sorted by name.
    """

    container: str | None
    duration_s: float | None
    streams: tuple[Stream, ...]
    playable: bool | None
    note: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a file's name says (文件名信息): None where it says nothing. `pattern` is the id in the table.

    `sequence` are the digits of the recorder's counter as they stand, `series` what tells its counters apart.
    """

    pattern: str | None = None
    recorder: str | None = None
    officer: str | None = None
    marks: tuple[str, ...] = ()
    claims: tuple[TimeClaim, ...] = ()
    sequence: str | None = None
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything that was read out of one file (检视结果); `claims` holds every time claim but the name's."""

    kind: Kind
    media: MediaFacts
    claims: tuple[TimeClaim, ...] = ()
    track: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Clip:
    """Footage we understand (视音频资料). `case` is only what a person stated; a rule only proposes.

    `numbers` are those of cases that stand in it or in what lies beside it.
    `attribution` says how it came to its officer; None where it has none, or was understood before that was kept.
    `docked_at_latest` says that `docked_at` is only the latest that it can have been (`Docking.is_latest`).
    """

    spooled: SpooledFile
    id: str
    kind: Kind
    recorder: str | None
    officer: str | None
    unit: str | None
    case: str | None
    media: MediaFacts
    time: CaptureTime
    claims: tuple[TimeClaim, ...]
    track: tuple[Fix, ...]
    marks: tuple[str, ...]
    sidecars: tuple[str, ...]
    docked_at: datetime
    docked_by: str
    attribution: Attribution | None = None
    docked_at_latest: bool = False
    numbers: tuple[str, ...] = ()

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, or None if its length is not known."""
        if self.media.duration_s is None:
            return None
        return self.time.starts_at + timedelta(seconds=self.media.duration_s)


@dataclass(frozen=True, slots=True)
class Seal:
    """Where the vault holds a clip and until when (封存): three keys, the manifest's digest, the lock."""

    original_key: str
    manifest_key: str
    signature_key: str
    manifest_sha256: str
    key_id: str
    sealed_at: datetime
    retain_until: datetime


@dataclass(frozen=True, slots=True)
class SignedClip:
    """A clip and its manifest, signed by the station (已签章); the seal is what the vault is going to hold."""

    clip: Clip
    manifest: str
    signature: str
    seal: Seal


@dataclass(frozen=True, slots=True)
class SealedClip:
    """A signed clip whose bytes, manifest and signature the vault holds, locked and read back (已入库)."""

    signed: SignedClip
    locked_until: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """A clip that can be found and proven (回执): its number, and its line in the trail with that line's hash."""

    clip_id: str
    trail_line: int
    trail_hash: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file whose bytes are filed already, as another clip (重复文件)."""

    clip_id: str
