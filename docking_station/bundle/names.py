"""Names of originals in a bundle (文件名): each its own name, harmless everywhere, and no two alike.

A name must pass sha256sum, BagIt, ASC MHL and any file system it is copied to: no control characters, nothing Windows
reserves, no `%` (BagIt encodes it), NFC, different even where capitals do not count. The manifest keeps the raw name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from docking_station.services.pull import safe_name

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "ascmhl", *(f"{name}{n}" for name in ("com", "lpt") for n in range(10))}
)


HARMFUL = re.compile("[%\u2028\u2029]")
"""BagIt encodes the first; the others are line breaks to some readers."""


def plain_name(shown: str) -> str:
    """One harmless name."""
    name = safe_name(HARMFUL.sub("_", unicodedata.normalize("NFC", shown))).lstrip("-.~ ") or "clip"
    return f"_{name}" if name.partition(".")[0].casefold() in RESERVED else name


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
