"""Recorders for the lab and everything true about them: files with digests made on the host, as card images or folders.

Shapes: a `LabCard` has its truth by the path a person is shown; the card is an image (`usb-lab card`) or, for MTP, the
folder itself. The same seed gives the same bytes. Sizes are bytes.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from tests.footage.card import FOLDER, TrueCard, TrueFile, make_card, shown
from tests.footage.clips import mp4
from tests.lab.lab import PROGRAM

Kind = Literal["vfat", "exfat", "ext4", "mtp"]

MEGABYTE = 1 << 20
CARD_S_MAX = 300
FIRST_AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LabCard:
    """A recorder: its number in the house, its serial on USB, who holds it, its card, and the truth about that."""

    truth: TrueCard
    kind: Kind
    bare: bool
    usb_serial: str
    label: str
    image: Path

    @property
    def recorder(self) -> str:
        """Its number in the house."""
        return self.truth.recorder

    @property
    def officer(self) -> str:
        """Who holds it."""
        return self.truth.officer

    @property
    def filed(self) -> Mapping[str, TrueFile]:
        """What must be filed, by the path a person is shown."""
        return {shown(file.path): file for file in self.truth.with_outcome("filed")}

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return sum(file.size_bytes for file in self.truth.files)

    def digest(self) -> str:
        """Of the whole medium, as it lies on the host now."""
        return image_digest(self.image)


@dataclass(frozen=True)
class Make:
    """How a recorder is made up: `films` are further recordings of `film_bytes` each beside a usual shift."""

    kind: Kind = "vfat"
    bare: bool = False
    films: int = 0
    film_bytes: int = 4 * MEGABYTE
    shift: bool = True
    size_mb: int | None = None


def make(folder: Path, seed: int, how: Make) -> LabCard:
    """A recorder with its card; `folder` is made."""
    files = folder / "files"
    truth = make_card(files, seed) if how.shift else TrueCard(files, f"EV{seed:05d}", f"JY{seed:04d}", 0, ())
    truth = with_films(truth, seed, how)
    if how.kind != "ext4":
        plain = _in_ascii if how.kind == "mtp" else _in_utf8
        truth = replace(truth, files=tuple(_renamed(files, file, plain) for file in truth.files))
    card = LabCard(truth, how.kind, how.bare, f"USB{seed:05d}", f"REC{seed:05d}", folder / "card.img")
    if how.kind == "mtp":
        return replace(card, image=files)
    fill(card, how.size_mb)
    return card


def fill(card: LabCard, size_mb: int | None = None) -> None:
    """Make the image anew from the card's files."""
    argv = [sys.executable, str(PROGRAM), "card", str(card.image), "--from", str(card.truth.folder)]
    argv += ["--fs", card.kind, "--label", card.label]
    argv += ["--bare"] if card.bare else []
    argv += ["--mb", str(size_mb)] if size_mb else []
    if card.kind == "exfat":
        _free_loop_writable()
    subprocess.run(argv, check=True, timeout=CARD_S_MAX, capture_output=True)


def _free_loop_writable() -> None:
    """A loop device keeps `blockdev --setro` beyond its end: other tests of this machine set it."""
    node = subprocess.run(["losetup", "--find"], check=True, capture_output=True, timeout=CARD_S_MAX).stdout.decode()
    subprocess.run(["blockdev", "--setrw", node.strip()], check=True, timeout=CARD_S_MAX)


def with_films(card: TrueCard, seed: int, how: Make) -> TrueCard:
    """A card with further recordings: a playable second, then random bytes in a box players skip."""
    source = random.Random(seed * 1000 + 1)
    last = max((file.starts_at for file in card.files if file.starts_at), default=FIRST_AT)
    files = list(card.files)
    for number in range(how.films):
        body = film(source, how.film_bytes)
        at = last + timedelta(minutes=10 * (number + 1))
        wall = at + timedelta(hours=8)
        name = FOLDER + f"{card.recorder}_{card.officer}_{wall:%Y%m%d%H%M%S}.MP4".encode()
        path = card.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, (wall.timestamp() // 2 * 2,) * 2)  # FAT keeps the local wall clock in steps of two seconds
        sm3 = hashlib.new("sm3", body).hexdigest()
        files.append(TrueFile(name, "video", len(body), hashlib.sha256(body).hexdigest(), sm3, starts_at=at))
    return replace(card, files=tuple(files))


def film(source: random.Random, size_bytes: int) -> bytes:
    """A recording of that size."""
    head = mp4(1, moov_first=True)
    rest = max(8, size_bytes - len(head))
    return head + rest.to_bytes(4, "big") + b"free" + source.randbytes(rest - 8)


def _renamed(folder: Path, file: TrueFile, plain: Callable[[bytes], bytes]) -> TrueFile:
    """The file under a name its card can hold."""
    path = plain(file.path)
    old, new = folder / os.fsdecode(file.path), folder / os.fsdecode(path)
    if path != file.path and old.exists():
        old.rename(new)
    copied = file.duplicate_of and plain(file.duplicate_of)
    beside = file.belongs_to and plain(file.belongs_to)
    return replace(file, path=path, duplicate_of=copied, belongs_to=beside)


def _in_utf8(path: bytes) -> bytes:
    """FAT and exFAT hold Unicode; only ext4 keeps the raw bytes of a GBK name."""
    return shown(path).encode()


def _in_ascii(path: bytes) -> bytes:
    """The lab's MTP device calls every other name "Oops"."""
    return "".join(letter if letter.isascii() else "X" for letter in shown(path)).encode()


def image_digest(path: Path) -> str:
    """SHA-256 of an image; of a folder, over the names, sizes and bytes in it."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for one in sorted(path.rglob("*")):
        if one.is_file():
            total.update(os.fsencode(one.relative_to(path)) + b"\0" + hashlib.sha256(one.read_bytes()).digest())
    return total.hexdigest()
