"""Names of originals in a bundle (文件名): each its own name, harmless everywhere, and no two alike.

A name must pass sha256sum, BagIt, ASC MHL, a spreadsheet and any file system it is copied to: no control characters,
nothing Windows reserves, no `%` (BagIt encodes it), no `=` first (a formula), NFC, different even where capitals do not
count, and so short that its whole path fits Windows' 259 UTF-16 units. The manifest keeps the raw name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from docking_station.services.pull import safe_name

PORTS = (f"{name}{digit}" for name in ("com", "lpt") for digit in "0123456789¹²³")
RESERVED = frozenset({"con", "conin$", "conout$", "prn", "aux", "nul", "ascmhl", *PORTS})
UNITS_MAX = 100
"""UTF-16 units of a name. The bundle's folder takes 82 more, `data/originals/` 15, the number behind one of two alike
names 21: so 40 of 259 are left for the folder it is copied to."""


def plain_name(shown: str) -> str:
    """One harmless name."""
    name = safe_name(unicodedata.normalize("NFC", shown).replace("%", "_")).lstrip("-.~=+@ ") or "clip"
    name = f"_{name}" if name.partition(".")[0].rstrip().casefold() in RESERVED else name
    stem, dot, ending = name.rpartition(".")
    while stem and _units(name) > UNITS_MAX:
        stem = stem[:-1]
        name = f"{stem.rstrip()}{dot}{ending}"
    return name if _units(name) <= UNITS_MAX else name[: UNITS_MAX // 2]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def names_in_bundle(clips: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The name of each clip by its number, out of pairs of number and path on the card; later ones give way."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, path in clips:
        name = plain_name(path.rsplit("/", 1)[-1])
        while name.casefold() in taken:
            stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
            name = f"{stem}-{number}{dot}{ending}"
        taken.add(name.casefold())
        names[number] = name
    return names
