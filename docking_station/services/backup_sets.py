"""What lies on a backup disk (备份盘): the sets of a station, newest last, and how its keys are sealed in them.

Shapes: `evidock-backup/STATION/` holds `vault/`, a copy of the write-once folder that only grows, and `sets/TIME/` with
`catalog.db` (or `catalog.dump` of PostgreSQL), `home.sealed` and `backup.json` (schema `evidock.backup/1`: sizes and
SHA-256 of both). `home.sealed` is 16 bytes of salt, 12 of nonce, and AES-256-GCM over a tar of what the station cannot
be made anew from: settings, keys, credentials, secrets of people. Its key is scrypt of the recovery code, 125 bits in
five groups, which stand on paper. A set takes its name when all of it is on the disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docking_station.services.backup_errors import BackupDamaged, NoBackup, RecoveryCodeWrong
from docking_station.services.secret_records import stretched
from docking_station.station.settings import Home
from vault import durable

MARK = "EVIDOCK-BACKUP"
"""A disk that carries a file of this name is meant for backups."""
FOLDER = "evidock-backup"
SCHEMA = "evidock.backup/1"
SETS, VAULT = "sets", "vault"
NOTE, SEALED = "backup.json", "home.sealed"
KEPT = 14
"""So many sets stay; the oldest goes when a new one is whole."""
STAMP = "%Y%m%dT%H%M%S%fZ"
"""Two of one second are two."""
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What a recovery code is written with: nothing that looks like something else on paper."""
GROUPS, GROUP_CHARS = 5, 5
SALT_BYTES, NONCE_BYTES = 16, 12
SEALED_BYTES_MAX = 256 << 20


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One backup of a station, whole (一份备份)."""

    path: Path
    note: Mapping[str, Any]

    @property
    def vault(self) -> Path:
        """The copy of the vault that all sets of the station share."""
        return self.path.parents[1] / VAULT

    def checked(self, name: str) -> Path:
        """Return a file of the set once it is what was written; raises `BackupDamaged`."""
        path = self.path / name
        try:
            found = digest(path)
        except OSError as error:
            what = error.strerror or str(error)
            raise BackupDamaged(path=path, what=what, what_zh=what) from error
        if found != self.note["files"][name]["sha256"]:
            raise BackupDamaged(path=path, what="its bytes are others", what_zh="内容已改变")
        return path


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_of(disk: Path, station: str) -> Path:
    """Where the backups of a station lie on a disk."""
    return disk / FOLDER / (re.sub(r"[^\w.-]+", "_", station).strip("._") or "station")


def sets_of(place: Path) -> list[BackupSet]:
    """Every whole set of a station, oldest first; what cannot be read is none."""
    found = []
    for path in sorted(place.glob(f"{SETS}/*Z")):
        with suppress(OSError, ValueError):
            note = json.loads((path / NOTE).read_text())
            if note["schema"] == SCHEMA:
                found.append(BackupSet(path, note))
    return found


def chosen(disk: Path, station: str | None, at: str | None) -> BackupSet:
    """The newest set on a disk, or the one of that station and time; raises `NoBackup`."""
    places = [place_of(disk, station)] if station is not None else sorted((disk / FOLDER).glob("*"))
    every = [one for place in places for one in sets_of(place)]
    fitting = [one for one in every if at in (None, one.path.name)]
    if not fitting or len({one.path.parent for one in fitting}) > 1:
        able = ", ".join(f"{one.note['station']} {one.path.name}" for one in every[-KEPT:])
        raise NoBackup(path=disk, able=able or "-")
    return fitting[-1]


@contextmanager
def new_set(place: Path, stamp: str) -> Iterator[Path]:
    """A folder that becomes a set when all of it is written; what a killed run left half is cleared away first."""
    sets = place / SETS
    durable.make_folder(sets)
    for left in sets.glob("*.part"):
        shutil.rmtree(left)
    part = sets / f"{stamp}.part"
    part.mkdir(mode=0o700)
    try:
        yield part
        durable.sync_folder(part)
        part.rename(sets / stamp)
        durable.sync_folder(sets)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    for old in sorted(sets.glob("*Z"))[:-KEPT]:
        shutil.rmtree(old)


# ---------------------------------------------------------------------- the keys


def recovery_code(home: Home) -> str:
    """The station's recovery code, made at its first use."""
    with suppress(FileNotFoundError):
        return home.recovery.read_text().strip()
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP_CHARS)) for _ in range(GROUPS))
    durable.replace_file(home.recovery, f"{code}\n".encode(), 0o600)
    return code


def sealed(body: bytes, code: str) -> bytes:
    """What opens with the recovery code alone."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    return salt + nonce + AESGCM(_key(code, salt)).encrypt(nonce, body, SCHEMA.encode())


def unsealed(path: Path, code: str) -> bytes:
    """What was sealed; raises `RecoveryCodeWrong`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with path.open("rb") as file:
        body = file.read(SEALED_BYTES_MAX)
    salt, nonce, rest = body[:SALT_BYTES], body[SALT_BYTES:][:NONCE_BYTES], body[SALT_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(_key(code, salt)).decrypt(nonce, rest, SCHEMA.encode())
    except InvalidTag as error:
        raise RecoveryCodeWrong(path=path) from error


def _key(code: str, salt: bytes) -> bytes:
    return stretched(salt, re.sub(r"[^0-9A-Z]", "", code.upper()))


# ---------------------------------------------------------------------- the home


def packed(home: Home) -> bytes:
    """A tar of what a station cannot be made anew from."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        for path in (home.settings, home.made, home.bays, home.recovery, home.keys, home.credentials, home.secrets):
            if path.exists():
                tar.add(path, path.relative_to(home.root))
    return body.getvalue()


def unpack(body: bytes, root: Path) -> None:
    """Lay a packed home out; nothing of it may lead elsewhere."""
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        tar.extractall(root, filter="data")
