"""Films for handing out (对外副本): number, receiver and use stand in every picture, and nobody can take them off.

Made of what plays of a clip, whole or from–to, into the folder of what is derived of its original: so they go with it
when it is disposed of. The original is only read. Units: seconds from the beginning of the film.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docking_station.derived.copies import NICENESS, NOT_EVIDENCE, Choice, played
from docking_station.derived.scratch import draft_in, machine_name
from docking_station.station.errors import DerivedUnwritable, unwritten
from media import ffmpeg, proxy
from media.encoders import usable
from media.ffmpeg import Tools
from media.viewing import looked
from vault.durable import make_folder, sync_folder

if TYPE_CHECKING:
    from docking_station.station.station import Station

FOLDER = Path("/usr/share/fonts")
NAMES = ("wqy-microhei", "wqy-zenhei", "NotoSansCJK-Regular", "DroidSansFallback", "uming", "ukai")
"""Fonts with Chinese characters, the best first; Debian's fonts-wqy-microhei is the smallest."""
LINE_CHARS, LINES_MAX = 26, 4


@dataclass(frozen=True, slots=True)
class Burnt:
    """A film that was made: where it lies, and its SHA-256."""

    path: Path
    sha256: str


def font() -> Path | None:
    """A font with Chinese characters; None where the system has none."""
    found = {path.stem: path for path in FOLDER.rglob("*.tt[cf]")}
    return next((found[name] for name in NAMES if name in found), None)


def burn(
    station: Station,
    choice: Choice,
    name: str,
    label: str,
    span: proxy.Span,
    letters: Path,
    progress: Callable[[float], None],
) -> Burnt:
    """Make the film `name` of what plays of a clip; `label` stands in its pictures in the font `letters`.

    Raises `DerivedUnwritable`, and what media raises.
    """
    manifest, derived = choice.manifest, station.settings.derived
    tools = Tools(station.settings.ffprobe, station.settings.ffmpeg, niceness=NICENESS)
    with unwritten(DerivedUnwritable, path=derived), draft_in(derived) as draft:
        words, made = draft / "label.txt", draft / "burnt.mp4"
        words.write_text(wrapped(label), encoding="utf-8")
        encoder = usable(tools, derived / f"encoders-{machine_name()}.json", hardware=False)[0]
        mark = f"{NOT_EVIDENCE}; original SHA-256 {manifest.sha256}"
        with played(station, choice, progress) as source:
            _make(tools, source, made, (encoder, mark, words, letters, span), progress)
        return kept(station.settings.derived_of(manifest.sha256), made, name)


def kept(folder: Path, made: Path, name: str) -> Burnt:
    """Put a film that was made in its place for good; where it lies, and its digest."""
    make_folder(folder)
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    made.chmod(0o600)
    made.rename(folder / name)
    sync_folder(folder)
    return Burnt(folder / name, digest)


def wrapped(label: str) -> str:
    """The words of a label in lines that fit into a picture; what is too long is cut."""
    lines = [line[at : at + LINE_CHARS] for line in label.splitlines() for at in range(0, len(line), LINE_CHARS)]
    return "\n".join(lines[:LINES_MAX])


def _make(
    tools: Tools,
    source: Path,
    made: Path,
    how: tuple[proxy.Encoder, str, Path, Path, proxy.Span],
    progress: Callable[[float], None],
) -> None:
    encoder, mark, words, letters, span = how
    media = looked(source, "video", tools).media
    length_s = span[1] if span is not None else media.duration_s
    limits = proxy.limits_for("encode", length_s, source.stat().st_size)
    args = proxy.burnt_args(source, made, media, encoder, mark, words, letters, span)
    ffmpeg.make(args, tools, limits, lambda done_s: progress(min(1.0, done_s / length_s) if length_s else 0.0))
