"""What is wrong with how a folder keeps its objects (保全目录检查): locks, modes, links. Few bytes are read for this.

Shapes: `objects/<key>` and `locks/<key>.json` as `vault/backends/directory.py` writes them. An object is a file of its
own, with one name, that nobody may write; beside it stands a lock that names its key, size and digest. Of a small
object the digest is computed too.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from vault.contract import Oddity, is_key

LOCK_BYTES_MAX = 4096
SMALL_BYTES = 64 << 10
DISPOSABLE = ("originals/", "wrapped/")
"""What is let go one day; the lock that ended stays."""
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def ill_kept(root: Path, prefix: str, is_settled: Callable[[str], bool]) -> Iterator[Oddity]:
    """Every fault below the folder `prefix`, seen twice; `is_settled` tells that nobody just puts an object there."""
    for odd in (*_objects(root, prefix), *_locks(root, prefix)):
        if is_settled(odd.key) and odd in _of_object(root, odd.key):
            yield odd


def _objects(root: Path, prefix: str) -> Iterator[Oddity]:
    top = root / "objects"
    for folder, folders, names in os.walk(top / prefix):
        for name in sorted((*folders, *names)):
            path = Path(folder) / name
            key = str(path.relative_to(top))
            if is_key(key) and (name in names or path.is_symlink()):
                yield from _of_object(root, key)


def _locks(root: Path, prefix: str) -> Iterator[Oddity]:
    """Locks that nothing stands under."""
    top = root / "locks"
    for folder, _, names in os.walk(top / prefix):
        for name in sorted(names):
            key = str((Path(folder) / name).relative_to(top)).removesuffix(".json")
            if name.endswith(".json") and is_key(key) and not os.path.lexists(root / "objects" / key):
                yield from _of_object(root, key)


def _of_object(root: Path, key: str) -> list[Oddity]:
    """What is wrong with one object."""
    place, lock = root / "objects" / key, root / "locks" / f"{key}.json"
    try:
        found = place.lstat()
    except FileNotFoundError:
        is_gone = lock.exists() and not key.startswith(DISPOSABLE)
        return [Oddity(key, "gone", f"locks/{key}.json alone")] if is_gone else []
    if not stat.S_ISREG(found.st_mode):
        target = f"a link to {os.readlink(place)}" if stat.S_ISLNK(found.st_mode) else "no file"
        return [Oddity(key, "linked", target)]
    faults = [Oddity(key, "linked", f"{found.st_nlink} names")] if found.st_nlink > 1 else []
    if found.st_mode & WRITABLE:
        faults.append(Oddity(key, "writable", f"mode {stat.S_IMODE(found.st_mode):04o}"))
    why = _wrong_lock(lock, key, place, found.st_size)
    return [*faults, Oddity(key, "lock", why)] if why else faults


def _wrong_lock(lock: Path, key: str, place: Path, size_bytes: int) -> str | None:
    """Why what stands beside an object is no lock of it."""
    if lock.is_symlink():
        return f"a link to {os.readlink(lock)}"
    try:
        with lock.open("rb") as file:
            document = json.loads(file.read(LOCK_BYTES_MAX))
        until = datetime.fromisoformat(document["retain_until"])
        wanted = (document["key"], document["size_bytes"], str(document["sha256"]))
    except FileNotFoundError:
        return "none"
    except (ValueError, KeyError, TypeError) as error:
        return f"it cannot be read: {type(error).__name__}"
    if until.tzinfo is None or wanted[:2] != (key, size_bytes):
        return f"it is of {wanted[0]}, {wanted[1]} bytes"
    if size_bytes <= SMALL_BYTES and (found := hashlib.sha256(place.read_bytes()).hexdigest()) != wanted[2]:
        return f"it is of SHA-256 {wanted[2]}, there are bytes of SHA-256 {found}"
    return None
