"""Parts of a clip as they are made, left where they were made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.evidence import Kind
from media.beside import PARTS, CopyDesk, MadeFile
from media.viewing import make


@dataclass(frozen=True)
class Kept:
    """A part that has a file."""

    path: Path
    command: tuple[str, ...]
    facts: dict[str, Any]


def told_parts(
    original: Path, kind: Kind, folder: Path, desk: CopyDesk, references: Iterable[Path] = ()
) -> dict[str, MadeFile]:
    """All parts of an original by their names, also those there are none of, which say why."""
    found = dict[str, MadeFile]()

    def keep(one: MadeFile) -> Path | None:
        assert one.part not in found
        assert one.path is not None or one.facts["why"]
        found[one.part] = one
        return one.path

    make(original, kind, folder, desk, keep, references)
    assert set(found) == set(PARTS)
    return found


def made_parts(
    original: Path, kind: Kind, folder: Path, desk: CopyDesk, references: Iterable[Path] = ()
) -> dict[str, Kept]:
    """The parts that have a file; nothing else lies in the folder."""
    every = told_parts(original, kind, folder, desk, references)
    found = {name: Kept(one.path, one.command, one.facts) for name, one in every.items() if one.path is not None}
    assert sorted(folder.iterdir()) == sorted(one.path for one in found.values())
    return found
