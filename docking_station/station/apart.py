"""What must lie apart (目录隔离): the station's own folders, what is brought in, and what is handed out.

A watched folder that is, holds or lies in the vault would have originals taken for uploads, proven against themselves,
and erased. So folders are compared by where they really lie (`devices.places`), whatever links and mounts lead there:
when the dock starts, and again at each docking, because mounts come and go; and each file once more before it is
erased.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations, product
from pathlib import Path

from devices.places import ground_of, place_of
from docking_station.station.errors import NotApart
from docking_station.station.settings import Settings

OBJECTS = "objects"
PARTS_OF_A_VAULT = (OBJECTS, "locks", "incoming", "quarantine")


def vault_folders(settings: Settings) -> Iterator[Path]:
    """The folders of the vault, or of each vault of a mirror; object storage has none."""
    address = settings.vault_address
    for one in address.split() if address.startswith(("mirror:", "encrypted:mirror:")) else [address]:
        found = re.search(r"(?:^|:)folder:(.+)", one)
        if found is not None:
            yield settings.home.root / found[1]


def own_folders(settings: Settings) -> Iterator[Path]:
    """Everything that holds files of the station itself; each may be a disk of its own."""
    home = settings.home
    yield from (home.root, home.spool, home.keys, home.credentials, settings.derived)
    yield from vault_folders(settings)
    if settings.catalog_url.startswith("sqlite:///"):
        yield Path(settings.catalog_url.removeprefix("sqlite:///"))


def demand_apart(settings: Settings, path: Path) -> None:
    """Raise `NotApart` if files of the station could be taken in through this folder."""
    ground = ground_of(path)
    for own in own_folders(settings):
        if ground.meets(ground_of(own)):
            raise NotApart(path=path, own=own)


def demand_outside(settings: Settings, path: Path) -> None:
    """Raise `NotApart` if what is written to this folder lands among files of the station, or comes back as footage."""
    ground = ground_of(path)
    for own in (*own_folders(settings), *(drop.path for drop in settings.drops)):
        if ground.lies_in(ground_of(own)):
            raise NotApart(path=path, own=own)


def demand_folders_apart(settings: Settings) -> None:
    """Raise `NotApart` if any two folders of the settings could give or take each other's files.

    Two vaults that are one folder would count as two copies; derived files in a vault are removed with their clip.
    """
    home = settings.home
    groups: list[tuple[Path, ...]] = [(path,) for path in (home.spool, home.keys, home.credentials, settings.derived)]
    groups += [tuple(vault / part for part in PARTS_OF_A_VAULT) for vault in vault_folders(settings)]
    groups += [(drop.path,) for drop in settings.drops]
    grounds = [[(path, ground_of(path)) for path in group] for group in groups]
    for some, others in combinations(grounds, 2):
        for (one, here), (other, there) in product(some, others):
            if here.meets(there):
                raise NotApart(path=other, own=one)
    for drop in settings.drops:
        demand_apart(settings, drop.path)


def is_own_file(settings: Settings, descriptor: int, key: str) -> bool:
    """Whether an open file lies in a folder of the station, or is the very original under this key of a vault."""
    place, seen = place_of(descriptor), os.fstat(descriptor)
    if any(ground_of(own).place.contains(place) for own in own_folders(settings)):
        return True
    for vault in vault_folders(settings):
        with suppress(OSError):
            if os.path.samestat(seen, (vault / OBJECTS / key).stat()):
                return True
    return False
