"""What the dock asks of devices (设备约定): a device on USB, a recorder model, a docked recorder that can be read.

Shapes: a `Plugged` is everything udev told of one USB device, complete once it holds still; it is keyed by `devpath`,
because on removal nothing else is left to ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from devices.junk import Junk
from devices.survey import Entry

Transport = Literal["storage", "mtp", "locked", "charging"]
"""How a device offers itself (接入方式): mass storage, MTP, vendor class behind a password, power only."""


@dataclass(frozen=True, slots=True)
class Volume:
    """One file system of a device (卷): its block device (`/dev/sda1`, or `/dev/sda` if it has no partitions)."""

    node: str
    fs: str
    label: str | None
    uuid: str | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Plugged:
    """A USB device in a port (已接入设备).

    `devpath` is its sysfs path and its key. `port` is the chain of ports it hangs on, the same for USB 2 and 3
    (`pci-0000:00:03.0-usb-0:9.2`). `interfaces` are class, subclass and protocol as six hexadecimal digits
    (`080650` is mass storage, `03…` anything keyboard-like). `node` is `/dev/bus/usb/BBB/DDD`. Texts the device does
    not tell are None.
    """

    devpath: str
    port: str
    vendor_id: str
    product_id: str
    maker: str | None
    product: str | None
    serial: str | None
    interfaces: tuple[str, ...]
    node: str | None
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A device that is gone from its port (已拔出)."""

    devpath: str
    port: str


class RecorderModel(Protocol):
    """A family of recorders (记录仪型号): one file in `devices/models`, object `MODEL`; asked by rank, then name."""

    name: str
    rank: int
    """Where the register names no model, lower ranks are asked first: one that fits few devices below 50."""
    title: tuple[str, str]
    """What a person calls it, in English and Chinese."""

    def knows(self, plugged: Plugged) -> bool:
        """Whether this device can be one of the family. Which recorder it is the register says, never this."""

    def transport(self, plugged: Plugged) -> Transport:
        """How it is to be read now; `locked` while it waits for its password."""

    def unlock(self, plugged: Plugged, secret: bytes) -> None:
        """Give the password; the device leaves and comes back in the same port. Raises `UnlockRefused`."""

    def footage(self) -> tuple[str, ...]:
        """Folders that hold footage, as shell patterns relative to the card; empty: the whole card."""


class Eraser(Protocol):
    """A card that may be written, for a short while (可清除的存储卡)."""

    def erase(self, path: bytes) -> None:
        """Remove a file; one that is gone is no error. Never formats, never touches another. Raises `EraseRefused`."""


class DockedRecorder(Protocol):
    """A recorder whose card can be read (已接入记录仪); satisfies `ingest.contract.CardReader` too."""

    name: str
    """The card's name while no serial is known: its mount point, or its port."""

    one_clock: bool
    """Whether its files are one recorder's, and any part of them can be read by itself; see `ingest.card_clock`."""

    def survey(self, junk: Junk, *, edged: bool = True) -> Iterator[Entry]:
        """Every entry on it, footage and the rest; unless `edged` no file is read, and all edges are empty."""

    def edges(self, source: SourceFile) -> str:
        """What `survey` puts into `SourceFile.edges`; raises `CardGone`, `CardUnreadable`."""

    def open(self, source: SourceFile, offset: int = 0) -> AbstractContextManager[int]:
        """Give a descriptor of a surveyed file, standing at `offset`."""

    def still(self, source: SourceFile, descriptor: int) -> str | None:
        """What about the file changed since the survey, or None."""

    def failed(self, source: SourceFile, offset: int, error: OSError) -> StationError:
        """The error to report for a failed read: a bad sector, or a card that is gone."""

    def clock(self) -> tuple[datetime, float] | None:
        """The recorder's own time now and its uncertainty in seconds, or None where it cannot be asked."""

    def set_clock(self, now: datetime) -> bool:
        """Set the recorder's clock; False where this recorder has no way to."""

    def writable(self) -> AbstractContextManager[Eraser]:
        """The card open for erasing; write-protected again afterwards, whatever happens. Raises `EraseRefused`.

        `open` and `still` go on working meanwhile: a file is looked at once more just before it is erased.
        """

    def absent(self, path: bytes) -> bool:
        """Whether the card itself, not a cache, no longer holds a file; asked after `writable` has ended.

        Raises `CardGone` where it cannot be asked: what was not seen to be gone is not said to be.
        """

    def close(self) -> None:
        """Let go of it: unmounted, or the session ended. A recorder that was pulled is no error."""
