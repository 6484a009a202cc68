"""What was derived from an original goes with it (处置后的清除): viewing copies, pictures, opinions.

The signed act of disposal comes first and is what allows it; `forget` may be called again at any time and removes what
a worker finished in between, or an earlier disposal left. An original is never touched here. What was removed stands
on the trail of its clip.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from catalog.keeping import disposals
from catalog.keeping.disposals import Gone
from catalog.trail import trail
from docking_station.station.errors import DerivedUnwritable, unwritable
from docking_station.station.logs import get_log
from docking_station.station.station import Station
from vault.durable import sync_folder

FORGOTTEN = "clip.copies-removed"


def forget(station: Station, clip: str, actor: str) -> bool:
    """Remove what was derived of a clip that is disposed of; whether there was anything. Raises `DerivedUnwritable`."""
    return any(_forget(station, one, actor) for one in disposals.gone(station.database, clip))


def forget_all(station: Station, actor: str, stopped: Callable[[], bool] = lambda: False) -> int:
    """Remove what was derived of disposed clips; return of how many there was anything. A failure stops no other."""
    count, last = 0, None
    for one in disposals.gone(station.database):
        if stopped():
            break
        try:
            count += _forget(station, one, actor)
        except DerivedUnwritable as error:
            last = error
    if last is not None:
        raise last
    return count


def lock_away(station: Station, clip: str, sha256: str, actor: str) -> bool:
    """Remove what was derived of a clip that may hold a state secret, and have nobody work on it any more."""
    return _forget(station, Gone(clip, sha256, kept=False, left=True), actor)


def _forget(station: Station, one: Gone, actor: str) -> bool:
    files = 0 if one.kept else _remove(station.settings.derived_of(one.sha256))
    if not files and not one.left:
        return False
    with station.database.transaction() as session:
        opinion = disposals.forget(session, one.clip, station.now())
        if files or opinion:
            details = {"files": files, "opinion": opinion}
            trail.append(session, trail.Entry(station.now(), actor, FORGOTTEN, one.clip, details))
    if files or opinion:
        get_log().info("derived files removed", clip=one.clip, files=files, opinion=opinion)
    return bool(files or opinion)


def _remove(folder: Path) -> int:
    """Remove a folder of derived files for good; how many files were in it."""
    try:
        files = sum(path.is_file() for path in folder.iterdir())
        shutil.rmtree(folder)
        sync_folder(folder.parent)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise DerivedUnwritable(path=folder, **unwritable(error)) from error
    return files
