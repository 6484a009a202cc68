"""The one door to the settings (配置): the environment and `station.toml`, read once into a frozen value.

`EVIDOCK_HOME` names the station's home; without it systemd's `STATE_DIRECTORY` (`/var/lib/evidock`), else the
user's data folder. Everything the station keeps lies below its home, so a copied home is a whole station.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalog.station_error import Language
from docking_station.station.errors import BadTime, HomeMissing, SettingsBad, SettingsUnreadable, unreadable
from docking_station.station.settings_rules import LED_STATES, Wrong, checked, checked_drop, demand
from docking_station.station.settings_text import EXAMPLE

SETTINGS_BYTES_MAX = 1 << 20
SECRET_BYTES_MAX = 4096
MEGABYTE = 1 << 20
ALGORITHMS = {"ed25519": "Ed25519", "sm2": "SM2"}
NODE_MODULES = (Path(__file__).parents[2] / "node_modules", Path(sys.prefix) / "node_modules")
"""Where `npm ci` puts its packages in a checkout, and `./install` beside the program."""
OWN_EXIFTOOL, INSTALLED_EXIFTOOL = (place / "exiftool-vendored.pl/bin/exiftool" for place in NODE_MODULES)


class _Below:
    """A path of a home, by its name below it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, home: Home, _: type[Home]) -> Path:
        return home.root / self._name


@dataclass(frozen=True)
class Home:
    """Where everything of a station lies (主目录)."""

    root: Path

    settings = _Below("station.toml")
    """The settings file."""
    keys = _Below("keys")
    """The signing key and the public keys this station trusts."""
    spool = _Below("spool")
    """Copies on their way into the vault."""
    journal = _Below("journal.db")
    """What was done for each file."""
    credentials = _Below("credentials")
    """Keys to other servers, where systemd hands in none."""
    secrets = _Below("people")
    """What proves the secrets people type."""
    tokens = _Below("tokens.key")
    """What seals tokens of programs, where there are any."""
    recovery = _Below("recovery-code")
    """What opens the keys in a backup; it stands on paper too."""
    backup = _Below("backup.json")
    """When this station was backed up last, and where to."""
    uploads = _Below("uploads")
    """What a page is being sent, until it was taken in."""
    searches = _Below("searches.json")
    """Searches that people saved, each their own."""
    made = _Below(".made")
    """An empty file: `init` came to its end here."""
    bays = _Below("bays.json")
    """Which port is which bay, as `evidock bays calibrate` learned it."""
    catalog = _Below("catalog.db")
    """The embedded catalog."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A watched folder (固定点位目录): whose files they are, and how long a file must hold still."""

    path: Path
    recorder: str
    still_s: int


@dataclass(frozen=True)
class Settings:
    """Everything a station is told (配置项). Units in the names."""

    home: Home
    language: Language
    station: str
    contact: str
    zone: tzinfo
    small: bool
    vault_address: str
    immutable: bool
    lock_mode: str
    lock_months: int
    key_algorithm: str
    token_module: str
    token: str
    token_label: str
    encrypt: Literal["none", "important", "all"]
    catalog_url: str
    checkpoint_every: timedelta
    timestamp_url: str
    timestamp_ca: Path
    reread_every: timedelta
    reread_bytes_per_s: float
    reserve_bytes: int
    upload_bytes: int
    ffprobe: str
    ffmpeg: str
    exiftool: str
    derived: Path
    hardware: bool
    skip_rules: tuple[Mapping[str, object], ...]
    name_patterns: tuple[Mapping[str, object], ...]
    socket: Path
    metrics: str
    settle_s: float
    takes_any: bool
    leds: Mapping[str, tuple[str, ...]]
    drops: tuple[Drop, ...]

    def derived_of(self, sha256: str) -> Path:
        """Where what was derived from an original lies."""
        return self.derived / sha256[:2] / sha256

    @property
    def exiftools(self) -> tuple[str, ...]:
        """Where ExifTool may be, the first first: as stated, else beside this program, else on the PATH."""
        return (self.exiftool,) if self.exiftool else (str(OWN_EXIFTOOL), str(INSTALLED_EXIFTOOL), "exiftool")


def home_from_environment() -> Home:
    """The station's home; it need not exist."""
    stated = os.environ.get("EVIDOCK_HOME") or os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if stated:
        return Home(Path(stated).absolute())
    from platformdirs import user_data_path

    return Home(user_data_path("evidock", appauthor=False))


def sudo_uid_from_environment() -> str | None:
    """Whose account typed `sudo`, as a variable says: a doubt about a person, never a person."""
    return os.environ.get("SUDO_UID") or None


def language_from_environment(stated: str = "auto") -> Language:
    """The language to speak: as stated, or the system's."""
    if stated == "auto":
        stated = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh" if stated.lower().startswith("zh") else "en"


def journal_from_environment(descriptor: int) -> bool:
    """Whether this descriptor goes to systemd's journal: `JOURNAL_STREAM` names its device and inode."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def notify_from_environment() -> tuple[str | None, float | None]:
    """Where systemd waits for news of this process, and how often in seconds it wants a sign of life (sd_notify)."""
    address, usec = os.environ.get("NOTIFY_SOCKET") or None, os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return address, int(usec) / 1_000_000 if usec.isascii() and usec.isdigit() and int(usec) and mine else None


def secret_from_environment(home: Home, name: str) -> str:
    """A credential as text, see `secret_bytes`; raises `SecretMissing` also where there is none."""
    from vault.errors import SecretMissing

    secret = secret_bytes(home, name)
    try:
        text = (secret or b"").decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise SecretMissing(name=name, reason="it is no plain text") from error
    if not text:
        raise SecretMissing(name=name, reason=f"there is no {home.credentials / name}")
    return text


def secret_bytes(home: Home, name: str) -> bytes | None:
    """A credential systemd hands in, else one in a file only its owner may read, without the line's end; or None.

    Raises `SecretMissing` for one that cannot be read, or that anybody may read.
    """
    from vault.errors import SecretMissing

    handed = os.environ.get("CREDENTIALS_DIRECTORY")
    places = [Path(handed) / name] if handed else []
    for path in [*places, home.credentials / name]:
        try:
            with path.open("rb") as file:
                others_may = os.fstat(file.fileno()).st_mode & stat.S_IROTH
                secret = file.read(SECRET_BYTES_MAX).rstrip(b"\r\n")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SecretMissing(name=name, reason=f"{path}: {error.strerror}") from error
        if others_may:
            raise SecretMissing(name=name, reason=f"anybody may read {path}")
        if secret:
            return secret
    return None


def read_settings(home: Home) -> Settings:
    """The settings of a home; raises `HomeMissing`, `SettingsUnreadable`, `SettingsBad`."""
    try:
        with home.settings.open("rb") as file:
            text = file.read(SETTINGS_BYTES_MAX).decode()
    except FileNotFoundError as error:
        raise HomeMissing(home=home.root) from error
    except OSError as error:
        raise SettingsUnreadable(path=home.settings, **unreadable(error)) from error
    except UnicodeDecodeError as error:
        byte = error.start + 1
        what, what_zh = f"byte {byte} is not UTF-8 text", f"第 {byte} 字节不是 UTF-8 文本"
        raise SettingsBad(path=home.settings, what=what, what_zh=what_zh) from error
    return parse_settings(home, text)


def parse_settings(home: Home, text: str) -> Settings:
    """The settings in the text of `station.toml`; an unknown or ill-typed key raises `SettingsBad`."""
    try:
        read = tomllib.loads(text)
        if _has_zero_byte(read):
            raise Wrong("a value has a zero byte in it, which no path or address may have", "某项取值含有零字节")
        return _settings(home, read)
    except tomllib.TOMLDecodeError as error:
        what, what_zh = f"not TOML: {error}", f"不是有效的 TOML：{error}"
        raise SettingsBad(path=home.settings, what=what, what_zh=what_zh) from error
    except Wrong as error:
        raise SettingsBad(path=home.settings, what=error.en, what_zh=error.zh) from error


def _has_zero_byte(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_has_zero_byte(one) for one in inner)


def _settings(home: Home, read: Mapping[str, Any]) -> Settings:
    values = checked(read, tomllib.loads(EXAMPLE))
    roots = values["timestamp.ca"]
    return Settings(
        home=home,
        language=language_from_environment(values["language"]),
        station=values["station.name"],
        contact=values["station.contact"],
        zone=_zone(values["station.recorder_zone"]),
        small=values["station.small"],
        vault_address=values["vault.address"],
        immutable=values["vault.immutable"] == "auto",
        lock_mode=values["vault.lock_mode"].upper(),
        lock_months=values["vault.lock_months"],
        encrypt=values["vault.encrypt"],
        token_module=values["keys.module"],
        token=values["keys.token"],
        token_label=values["keys.label"],
        key_algorithm=ALGORITHMS[values["keys.algorithm"]],
        catalog_url=values["catalog.url"] or f"sqlite:///{home.catalog}",
        checkpoint_every=timedelta(hours=values["trail.checkpoint_hours"]),
        timestamp_url=values["timestamp.authority"],
        timestamp_ca=home.root / roots,
        reread_every=timedelta(days=values["vault.reread_days"]),
        reread_bytes_per_s=values["vault.reread_mb_per_s"] * 1e6,
        reserve_bytes=values["spool.reserve_mb"] * MEGABYTE,
        upload_bytes=values["spool.upload_mb"] * MEGABYTE,
        ffprobe=values["media.ffprobe"] or "ffprobe",
        ffmpeg=values["media.ffmpeg"] or "ffmpeg",
        exiftool=values["media.exiftool"],
        derived=home.root / (values["media.derived"] or "derived"),
        hardware=values["media.hardware"],
        skip_rules=tuple(values["skip"]),
        name_patterns=tuple(values["names"]),
        socket=_socket(home, values["dock.socket"]),
        metrics=values["dock.metrics"],
        settle_s=values["dock.settle_ms"] / 1000,
        takes_any=values["dock.recorders"] == "any",
        leds={state: tuple(values[f"leds.{state}"]) for state in LED_STATES if f"leds.{state}" in values},
        drops=tuple(_drop(drop) for drop in values["drop"]),
    )


def _drop(read: Mapping[str, Any]) -> Drop:
    known = checked_drop(read)
    return Drop(Path(known["path"]), known["recorder"], known["still_s"])


def _socket(home: Home, stated: str) -> Path:
    folder = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return home.root / stated if stated else Path(folder or home.root) / "dock.sock"


def _zone(text: str) -> tzinfo:
    what, what_zh = f"station.recorder_zone {text!r} is not a zone", f"station.recorder_zone {text!r} 不是有效时区"
    offset = re.fullmatch(r"([+-])(\d{2}):(\d{2})", text)
    if offset:
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        demand(length < timedelta(hours=24), what, what_zh)
        return timezone(-length if offset[1] == "-" else length)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Wrong(what, what_zh) from error


def moment(text: str, zone: tzinfo) -> datetime:
    """A time from the command line; without a zone it is the recorders'. Raises `BadTime`."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(text=text) from error
