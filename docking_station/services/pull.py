"""Handing out a copy (调取): with a permit, so that the trail line comes first, then the bytes, then the comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from catalog.cases.scans import Scan
from catalog.clips import clips
from catalog.clips.clips import Document
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


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is handed out (封存件): its number and own name, its key in the vault, digests and size, signed manifest."""

    id: str
    name: str
    key: str
    digests: Manifest | Scan
    document: Document


def pull_clip(station: Station, permit: Permit, folder: Path, progress: Progress = silent) -> Pulled:
    """Copy an original out of the vault with its manifest and signature.

    Raises `NotApart`, `CannotPull`, `CopyDiffers`, `AlreadyDisposed`, `StationBusy`.
    A copy that is there already and equal is left as it is; another file of the same name is never overwritten.
    """
    demand_outside(station.settings, folder)
    clip = permit.demand(Action.COPY)
    document = clips.document(station.database, clip)
    manifest = document.read()
    sealed = Sealed(clip, manifest.path.rsplit("/", 1)[-1], manifest.original_key, manifest, document)
    try:
        path, beside = hand_out(station, sealed, folder, progress)
    except NotInVault:  # only then: what the catalog says of a disposal hides no original that is there
        disposals.demand_kept(station.database, clip)
        raise
    return Pulled(clip, path, beside, manifest.sha256)


def hand_out(station: Station, sealed: Sealed, folder: Path, progress: Progress) -> tuple[Path, Path]:
    """Copy sealed bytes with their manifest and its signature; where copy and manifest lie. Raises as `pull_clip`."""
    with unwritten(CannotPull, path=folder):
        folder.mkdir(exist_ok=True)  # its last part at most: a disk that is not mounted is not made up for
        path = _place(folder, sealed)
        draft = path.with_name(f".{path.name[:NAME_BYTES_MAX]}.part")
        beside = path.with_name(f"{path.name}.manifest.json")
        try:
            with durable.drafted(path, draft) as fd:
                found, expected = _copy(station, sealed, fd, progress), sealed.digests.sha256
                if found != expected:
                    raise CopyDiffers(clip=sealed.id, path=sealed.name, expected=expected, found=found)
                # Before the copy has its name: a file without them is another clip's to the next pull.
                durable.replace_file(beside, sealed.document.body, 0o644)
                signature = f"{sealed.document.signature}\n".encode()
                durable.replace_file(path.with_name(f"{path.name}.manifest.sig"), signature, 0o644)
        except BlockingIOError as error:
            raise StationBusy(path=draft) from error
    return path, beside


def safe_name(shown: str) -> str:
    """A file name without control characters or separators, short enough for any file system."""
    clean = "".join("_" if steers(char) else char for char in shown)
    clean = re.sub(r"[\\/:*?\"<>|]", "_", clean).strip(". ") or "clip"
    stem, dot, ending = clean.rpartition(".")
    while len(clean.encode()) > NAME_BYTES_MAX and stem:
        stem = stem[:-1]
        clean = stem + dot + ending
    return clean.encode()[:NAME_BYTES_MAX].decode(errors="ignore")


def _place(folder: Path, sealed: Sealed) -> Path:
    """Its own name, or with its number where another's copy has that name."""
    path = folder / safe_name(sealed.name)
    beside = path.with_name(f"{path.name}.manifest.json")
    if not path.exists() or (beside.exists() and beside.read_bytes() == sealed.document.body):
        return path
    return path.with_name(f"{path.stem}-{sealed.id}{path.suffix}")


def _copy(station: Station, sealed: Sealed, fd: int, progress: Progress) -> str:
    from ingest.copying import copy_hashing

    size_bytes = sealed.digests.size_bytes
    with station.vault.open(sealed.key) as file, progress("reading", size_bytes) as counter:
        digest, _ = copy_hashing(vault_reader(file), fd, size_bytes, counter)
    return digest.sha256
