"""Handing out a copy (调取): with a permit, so that the trail line comes first, then the bytes, then the comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from catalog.clips import clips
from catalog.keeping import disposals
from catalog.rules.access import Action
from catalog.rules.manifest import Manifest
from docking_station.services.permits import Permit
from docking_station.station.apart import demand_outside
from docking_station.station.errors import CannotPull, CopyDiffers, unwritten
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from docking_station.texts.plain import steers
from ingest.custody.verification import vault_reader
from ingest.errors import StationBusy
from vault import durable
from vault.errors import NotInVault

NAME_BYTES_MAX = 200


@dataclass(frozen=True, slots=True)
class Pulled:
    """Where the copy of a clip and its manifest lie; its fields are keys of `--json`."""

    clip: str
    path: Path
    manifest: Path
    sha256: str


def pull_clip(station: Station, permit: Permit, folder: Path, progress: Progress = silent) -> Pulled:
    """Copy an original out of the vault with its manifest and signature.

    Raises `NotApart`, `CannotPull`, `CopyDiffers`, `AlreadyDisposed`, `StationBusy`.
    A copy that is there already and equal is left as it is; another file of the same name is never overwritten.
    """
    demand_outside(station.settings, folder)
    clip = permit.demand(Action.COPY)
    document = clips.document(station.database, clip)
    manifest = document.read()
    with unwritten(CannotPull, path=folder):
        folder.mkdir(exist_ok=True)  # its last part at most: a disk that is not mounted is not made up for
        path = _place(folder, clip, manifest)
        draft = path.with_name(f".{path.name[:NAME_BYTES_MAX]}.part")
        beside = path.with_name(f"{path.name}.manifest.json")
        try:
            with durable.drafted(path, draft) as fd:
                found = _copy(station, manifest, fd, progress)
                if found != manifest.sha256:
                    raise CopyDiffers(clip=clip, path=manifest.path, expected=manifest.sha256, found=found)
                # Before the copy has its name: a file without them is another clip's to the next pull.
                durable.replace_file(beside, document.body, 0o644)
                signature = f"{document.signature}\n".encode()
                durable.replace_file(path.with_name(f"{path.name}.manifest.sig"), signature, 0o644)
        except NotInVault:  # only then: what the catalog says of a disposal hides no original that is there
            disposals.demand_kept(station.database, clip)
            raise
        except BlockingIOError as error:
            raise StationBusy(path=draft) from error
    return Pulled(clip, path, beside, found)


def safe_name(shown: str) -> str:
    """A file name without control characters or separators, short enough for any file system."""
    clean = "".join("_" if steers(char) else char for char in shown)
    clean = re.sub(r"[\\/:*?\"<>|]", "_", clean).strip(". ") or "clip"
    stem, dot, ending = clean.rpartition(".")
    while len(clean.encode()) > NAME_BYTES_MAX and stem:
        stem = stem[:-1]
        clean = stem + dot + ending
    return clean.encode()[:NAME_BYTES_MAX].decode(errors="ignore")


def _place(folder: Path, clip: str, manifest: Manifest) -> Path:
    """The name on the card, or with the clip's number where another clip's copy has that name."""
    path = folder / safe_name(manifest.path.rsplit("/", 1)[-1])
    beside = path.with_name(f"{path.name}.manifest.json")
    if not path.exists() or (beside.exists() and f'"clip":"{clip}"' in beside.read_text(errors="replace")):
        return path
    return path.with_name(f"{path.stem}-{clip}{path.suffix}")


def _copy(station: Station, manifest: Manifest, fd: int, progress: Progress) -> str:
    from ingest.copying import copy_hashing

    size_bytes = manifest.size_bytes
    with station.vault.open(manifest.original_key) as file, progress("reading", size_bytes) as counter:
        digest, _ = copy_hashing(vault_reader(file), fd, size_bytes, counter)
    return digest.sha256
