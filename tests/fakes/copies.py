"""Parts of a clip as they are made, left where they were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.evidence import Kind
from media.beside import PARTS, VIEW, CopyDesk, MadeFile, Part
from media.viewing import make


@dataclass(frozen=True)
class Kept:
    """A part that has a file."""

    path: Path
    command: tuple[str, ...]
    facts: dict[str, Any]


def told_parts(
    original: Path,
    kind: Kind,
    folder: Path,
    desk: CopyDesk,
    references: Iterable[Path] = (),
    wanted: Collection[Part] = PARTS,
) -> dict[str, MadeFile]:
    """What plays of an original and the parts that are wanted, by their names; those there are none of say why."""
    found = dict[str, MadeFile]()

    def keep(one: MadeFile) -> Path | None:
        assert one.part not in found
        assert one.path is not None or one.facts["why"]
        found[one.part] = one
        return one.path

    make(original, kind, folder, desk, keep, references, wanted)
    assert set(found) == {*VIEW, *wanted}
    return found


def made_parts(
    original: Path,
    kind: Kind,
    folder: Path,
    desk: CopyDesk,
    references: Iterable[Path] = (),
    wanted: Collection[Part] = PARTS,
) -> dict[str, Kept]:
    """The parts that have a file; nothing else lies in the folder."""
    every = told_parts(original, kind, folder, desk, references, wanted)
    found = {name: Kept(one.path, one.command, one.facts) for name, one in every.items() if one.path is not None}
    assert sorted(folder.iterdir()) == sorted(one.path for one in found.values())
    return found
