"""A write-once folder (只写一次的文件夹) for a bureau without object storage.

Shapes: `objects/<key>` holds the bytes, mode 0444 and `chattr +i` where that is allowed; `locks/<key>.json`
stands beside it: `{"key", "sha256", "size_bytes", "retain_until"}`, and `"held"` where it is on
hold. An object comes into its place by a hard
link, which the system refuses where a name exists: nothing is ever overwritten. An object that was found damaged and
repaired lies in `quarantine/<key>.<number>`, until what took its place is disposed of.

A folder whose disk was unmounted looks like an empty folder. So a folder is held open while something is done in it,
which an unmount waits for, and one that is no longer the same must hold a station's public key to be the vault.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from vault import durable
from vault.contract import KEYS, Oddity, OneVault, Options, Stored, Vault, is_key, valid_key
from vault.errors import (
    CopyDiffers,
    KeyTaken,
    LockHolds,
    LockRefused,
    LockTooShort,
    NotInVault,
    VaultUnreachable,
)
from vault.folder_faults import LOCK_BYTES_MAX, ill_kept

READ_ONLY = 0o444
ANOTHER_FILE_SYSTEM = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP})
"""What a hard link fails with where it cannot be made at all."""
LANES = 64
LANES_FOLDER = "lanes"
QUARANTINE = "quarantine"


class DirectoryVault:
    """A write-once folder, with the promises of `vault.contract.Vault`."""

    takes_files = True

    def __init__(self, root: Path, *, immutable: bool) -> None:
        self.root = root
        self._wanted = immutable
        self._last: tuple[int, int] | None = None
        """Device and inode of the folder, when it was last used."""

    @cached_property
    def immutable(self) -> bool:
        """Whether objects get the file system's own write protection: wanted, and found to work."""
        return self._wanted and durable.immutable_allowed(self.root)

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Link the file into its place, or copy it where the vault is another disk."""
        with self._door(key), self._lane(key):
            place = self._place(key)
            durable.make_folder(place.parent)
            if not path.exists():
                self._demand(key, place, sha256)
            elif not self._linked(path, place):
                self._bring(key, path, place, sha256)
            # Before the lock: an immutable file cannot be unlinked by any of its names. Killed here, the next put finds
            # no file at `path`, reads the object instead and locks it.
            path.unlink(missing_ok=True)
            return self._locked(key, place, sha256, retain_until)

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Write the document beside its place, then link it in."""
        sha256 = hashlib.sha256(body).hexdigest()
        with self._door(key, len(body)), self._lane(key):
            place = self._place(key)
            durable.make_folder(place.parent)
            with self._draft(key) as draft:
                if not place.exists():
                    # Written beside its place and then linked: a link is refused where the name exists, a rename
                    # would replace what is there.
                    durable.write_new(draft, body, READ_ONLY)
                    self._link(key, draft, place, sha256)
            self._demand(key, place, sha256)
            return self._locked(key, place, sha256, retain_until)

    def find(self, key: str) -> Stored | None:
        """Size and lock of an object; an object whose lock is missing counts as locked until its birth, year 1."""
        with self._door(key):
            try:
                size_bytes = self._place(key).stat().st_size
            except FileNotFoundError:
                return None
            until, on_legal_hold = self._lock(key)
            return Stored(key, size_bytes, until or datetime.min.replace(tzinfo=UTC), on_legal_hold=on_legal_hold)

    def open(self, key: str) -> BinaryIO:
        """Open for reading."""
        with self._door(key):
            try:
                return self._place(key).open("rb")
            except FileNotFoundError as error:
                raise NotInVault(key=key) from error

    def extend(self, key: str, until: datetime) -> Stored:
        """Write a later day into the lock."""
        with self._door(key), self._lane(key):
            place = self._place(key)
            if not place.exists():
                raise NotInVault(key=key)
            held, _ = self._lock(key)
            if held is not None and until < held:
                raise LockTooShort(key=key, held=held, asked=until)
            return self._locked(key, place, self._sha256(place), until)

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Write the hold into the lock."""
        with self._door(key), self._lane(key):
            place, (until, on_legal_hold) = self._place(key), self._lock(key)
            if not place.exists():
                raise NotInVault(key=key)
            if until is None:
                raise LockRefused(key=key, expected="a lock to hold", found="none")
            if on_legal_hold != on:
                self._write_lock(key, self._sha256(place), place.stat().st_size, until, on)
            return self._read_back(key, place, until)

    def discard(self, key: str, at: datetime) -> None:
        """Remove what is no longer locked; an object without a readable lock is not removed."""
        with self._door(key), self._lane(key):
            place = self._place(key)
            if not place.exists():
                return
            held, on_legal_hold = self._lock(key)
            if on_legal_hold:
                raise LockHolds(key=key, held="somebody ends the legal hold")
            if held is None or at < held:
                raise LockHolds(key=key, held=held or "an unknown day")
            # The object last: while it stands, a removal that broke off is simply done again.
            for one in (*self._aside(key), place):
                if durable.is_immutable(one):
                    durable.set_immutable(one, False)
                one.unlink()
                durable.sync_folder(one.parent)

    def keys(self, prefix: str) -> Iterator[str]:
        """Walk the folder in name order; what is no key is somebody else's file."""
        return (key for key in self._names(prefix) if is_key(key))

    def _names(self, prefix: str) -> Iterator[str]:
        top = self.root / "objects"
        with self._door(prefix):
            for folder, folders, names in os.walk(top / prefix):
                folders.sort()
                for name in sorted(names):
                    yield str((Path(folder) / name).relative_to(top))

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """Damaged objects that were set aside, files somebody left among them, and what is not kept as it was put."""
        for name in self._names(prefix):
            if not is_key(name):
                yield Oddity(os.fsencode(name).decode(errors="backslashreplace"), "foreign", "objects")
        top = self.root / QUARANTINE
        with self._door(prefix):
            for aside in sorted(path for path in (top / prefix).rglob("*") if path.is_file()):
                key = str(aside.relative_to(top))
                yield Oddity(key.rpartition(".")[0], "mended", f"{QUARANTINE}/{key}")
            keeps_modes, writable = durable.keeps_modes(self.root), 0
            for one in ill_kept(self.root, prefix, lambda key: not self._draft_path(key).exists()):
                if one.what != "writable" or keeps_modes:
                    yield one
                else:
                    writable += 1
        if writable:
            yield Oddity(prefix, "modeless", f"{writable} objects")

    def sweep(self, before: datetime) -> int:
        """Remove drafts a crash left behind."""
        count = 0
        with self._door("incoming"):
            for draft in sorted((self.root / "incoming").glob("*")):
                if draft.stat().st_mtime < before.timestamp():
                    draft.unlink(missing_ok=True)
                    count += 1
        return count

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """Itself."""
        return ((str(self.root), self),)

    def server_time(self) -> datetime | None:
        """A folder has no clock of its own."""
        return None

    def repair(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Move the damaged file aside, then link the right one into its place."""
        with self._door(key), self._lane(key):
            place = self._place(key)
            if not self._reads(place, sha256):
                if not self._reads(path, sha256):
                    raise CopyDiffers(path=path, expected=sha256, found="other bytes")
                if place.exists():
                    self._set_aside(key, place)
                durable.make_folder(place.parent)
                self._bring(key, path, place, sha256)
            path.unlink(missing_ok=True)
            held, on_legal_hold = self._lock(key)
            until = max(held, retain_until) if held else retain_until
            # Written in any case, not only where the day grew: the lock itself may be what was damaged.
            self._write_lock(key, sha256, place.stat().st_size, until, on_legal_hold)
            return self._locked(key, place, sha256, until)

    # ------------------------------------------------------------------ inside

    def _place(self, key: str) -> Path:
        return self.root / "objects" / valid_key(key)

    @contextmanager
    def _lane(self, key: str) -> Iterator[None]:
        """Let nobody else write under a key meanwhile, in any process: the dock's upkeep and a command meet.

        A lock of an object is read, and replaced by a longer one: whoever had read it before would write a shorter one.
        """
        folder = self.root / LANES_FOLDER
        durable.make_folder(folder)
        with durable.locked(folder / f"{crc32(key.encode()) % LANES:02}"):
            yield

    def _lock_path(self, key: str) -> Path:
        return self.root / "locks" / f"{key}.json"

    def _draft_path(self, key: str) -> Path:
        return self.root / "incoming" / hashlib.sha256(key.encode()).hexdigest()

    @contextmanager
    def _draft(self, key: str) -> Iterator[Path]:
        """Where an object is written before it comes into its place; free before and after, whatever happens.

        One that stayed would take the room of others, or be a second name of an object that is to go one day.
        """
        draft = self._draft_path(key)
        durable.make_folder(draft.parent)
        draft.unlink(missing_ok=True)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _reads(self, path: Path, sha256: str) -> bool:
        """Whether a file is there and can be read as that; what the disk cannot read is damaged."""
        try:
            return self._sha256(path) == sha256
        except FileNotFoundError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False

    def _aside(self, key: str) -> list[Path]:
        """The damaged files of an object that were kept."""
        place = self.root / QUARANTINE / key
        return sorted(place.parent.glob(f"{place.name}.*"))

    def _set_aside(self, key: str, place: Path) -> None:
        """Keep a damaged file under another name, as write-protected as before."""
        aside = self.root / QUARANTINE / f"{valid_key(key)}.{len(self._aside(key)) + 1}"
        durable.make_folder(aside.parent)
        if durable.is_immutable(place):
            durable.set_immutable(place, False)
        # Under its new name first: killed in between, the file has both names, never none.
        os.link(place, aside)  # refused where the name is taken
        durable.sync_folder(aside.parent)
        place.unlink()
        durable.sync_folder(place.parent)
        os.chmod(aside, READ_ONLY)
        if self.immutable:
            durable.set_immutable(aside, True)

    def _linked(self, path: Path, place: Path) -> bool:
        """Whether a crash came between link and unlink: then both names are one file."""
        return place.exists() and place.samefile(path)

    def _bring(self, key: str, path: Path, place: Path, sha256: str) -> None:
        if not place.exists() and self._taken_over(path, place):
            return
        with self._draft(key) as draft:
            if not place.exists():
                with path.open("rb") as source:
                    durable.write_copy(draft, source)
                os.chmod(draft, READ_ONLY)
                self._link(key, draft, place, sha256)
        self._demand(key, place, sha256)

    def _taken_over(self, path: Path, place: Path) -> bool:
        """Make the copy the vault's own where both are on one file system: these very blocks were read back."""
        os.chmod(path, READ_ONLY)
        try:
            os.link(path, place)
        except OSError as error:
            if error.errno in ANOTHER_FILE_SYSTEM:
                return False
            raise
        durable.sync_folder(place.parent)
        return True

    def _link(self, key: str, path: Path, place: Path, sha256: str) -> None:
        try:
            os.link(path, place)
        except FileExistsError:
            self._demand(key, place, sha256)
        durable.sync_folder(place.parent)

    def _demand(self, key: str, place: Path, sha256: str) -> None:
        """Read the object and demand its digest."""
        if not place.exists():
            raise NotInVault(key=key)
        found = self._sha256(place)
        if found != sha256:
            raise KeyTaken(key=key, expected=sha256, found=found)

    def _sha256(self, place: Path) -> str:
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _locked(self, key: str, place: Path, sha256: str, retain_until: datetime) -> Stored:
        """Write the lock, protect the file, and read both back."""
        held, on_legal_hold = self._lock(key)
        until = max(held, retain_until) if held else retain_until
        if held != until:
            self._write_lock(key, sha256, place.stat().st_size, until, on_legal_hold)
        if stat.S_IMODE(place.stat().st_mode) != READ_ONLY:
            os.chmod(place, READ_ONLY)
        if self.immutable and not durable.is_immutable(place):
            durable.set_immutable(place, True)
        return self._read_back(key, place, until)

    def _read_back(self, key: str, place: Path, until: datetime) -> Stored:
        (held, on_legal_hold), mode = self._lock(key), stat.S_IMODE(place.stat().st_mode)
        if held is None or held < until or mode != READ_ONLY or (self.immutable and not durable.is_immutable(place)):
            raise LockRefused(key=key, expected=until, found=(held or "no lock", f"mode {mode:o}"))
        return Stored(key, place.stat().st_size, held, on_legal_hold=on_legal_hold)

    def _write_lock(self, key: str, sha256: str, size_bytes: int, until: datetime, held: bool) -> None:
        lock = self._lock_path(key)
        durable.make_folder(lock.parent)
        text = {"key": key, "sha256": sha256, "size_bytes": size_bytes, "retain_until": until.isoformat()}
        whole = text | ({"held": True} if held else {})
        durable.replace_file(lock, json.dumps(whole, sort_keys=True).encode() + b"\n", READ_ONLY)

    def _lock(self, key: str) -> tuple[datetime | None, bool]:
        """Until when an object is locked, None where its lock cannot be read, and whether it is on legal hold."""
        on_legal_hold = False
        with suppress(FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            with self._lock_path(key).open("rb") as file:
                text = json.loads(file.read(LOCK_BYTES_MAX))
            on_legal_hold = text.get("held") is True
            return datetime.fromisoformat(text["retain_until"]), on_legal_hold
        return None, on_legal_hold  # without a readable day an object is kept anyhow

    @contextmanager
    def _door(self, key: str, size_bytes: int = 0) -> Iterator[None]:
        """The folder held open, and what the system says turned into what a person can act on."""
        with durable.on_disk(key, size_bytes or "more"), self._held_open():
            yield

    @contextmanager
    def _held_open(self) -> Iterator[None]:
        """Nothing is done in another folder than before, unless that one is a vault; raises `VaultUnreachable`."""
        try:
            fd = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            if self._last is not None:
                raise
            yield
            return
        try:
            now = os.fstat(fd)
            if self._last not in (None, (now.st_dev, now.st_ino)) and not self._has_public_key():
                raise VaultUnreachable(reason=f"{self.root} does not hold the public key that `init` put there")
            self._last = now.st_dev, now.st_ino
            yield
        finally:
            os.close(fd)

    def _has_public_key(self) -> bool:
        """Whether `init` made this folder."""
        with suppress(FileNotFoundError), os.scandir(self.root / "objects" / KEYS) as found:
            return any(found)
        return False


class DirectoryBackend:
    """Opens `folder:PATH`."""

    scheme = "folder"

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """The folder, made only where that is asked for."""
        root = home / rest
        try:
            if options.make:
                durable.make_folder(root)
            with suppress(FileNotFoundError):
                root.lstat()  # a path that can be none is told now, not at the first object
        except (OSError, ValueError) as error:
            raise VaultUnreachable(reason=f"{root}: {getattr(error, 'strerror', error)}") from error
        return DirectoryVault(root, immutable=options.immutable)


BACKEND = DirectoryBackend()
