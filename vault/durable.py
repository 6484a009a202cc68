"""Files that survive a power cut (持久写入): write, sync, link or rename, sync the folder. Also used by the spool.

Source: POSIX; a new name is durable once its folder is synced, its bytes once the file is. OSErrors come through,
unless `on_disk` turns them into what a person can act on.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vault.errors import VaultFull, VaultUnreachable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The errno values that mean: no room."""
COPY_BYTES = 1 << 20

FS_IOC_GETFLAGS = 0x80086601
FS_IOC_SETFLAGS = 0x40086602
FS_IMMUTABLE_FL = 0x10


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Make a folder and its parents, each durable before the next."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    folder.mkdir(mode=mode, exist_ok=True)
    # What is synced into a folder whose own name was never synced is lost with that name.
    sync_folder(folder.parent)


def write_all(fd: int, data: memoryview | bytes) -> None:
    """Write every byte, however many calls that takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def write_new(path: Path, body: bytes, mode: int) -> None:
    """Write a synced file that was not there; raises FileExistsError. The folder is not synced."""
    # O_EXCL: who comes second must learn that the name is taken; nothing here may write over anything.
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        write_all(fd, body)
        os.fsync(fd)
    finally:
        os.close(fd)


def write_copy(path: Path, source: BinaryIO) -> None:
    """Write a synced file that was not there with all that `source` gives. The folder is not synced."""
    with path.open("xb") as target:
        shutil.copyfileobj(source, target, COPY_BYTES)
        target.flush()
        os.fsync(target.fileno())
        # What is read back afterwards then comes from the disk, not from memory.
        os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def replace_file(path: Path, body: bytes, mode: int) -> None:
    """Put `body` at `path` in one step: a reader sees the old bytes or the new, also after a power cut."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    write_new(draft, body, mode)
    # The bytes are synced before the name points to them: the other way round a power cut leaves an empty file.
    draft.rename(path)
    sync_folder(path.parent)


def is_immutable(path: Path) -> bool:
    """Whether the file system itself refuses any change to this file (`chattr +i`)."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return bool(_flags(fd) & FS_IMMUTABLE_FL)
    except OSError:
        return False
    finally:
        os.close(fd)


def set_immutable(path: Path, on: bool) -> None:
    """Set or clear the immutable flag; raises OSError where file system or rights do not allow it."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        flags = _flags(fd)
        wanted = flags | FS_IMMUTABLE_FL if on else flags & ~FS_IMMUTABLE_FL
        if wanted != flags:
            fcntl.ioctl(fd, FS_IOC_SETFLAGS, struct.pack("l", wanted))
    finally:
        os.close(fd)


def _flags(fd: int) -> int:
    answer: bytes = fcntl.ioctl(fd, FS_IOC_GETFLAGS, struct.pack("l", 0))
    flags: int = struct.unpack("l", answer)[0]
    return flags


@contextmanager
def on_disk(what: object, size_bytes: object = "more") -> Iterator[None]:
    """Raise `VaultFull` or `VaultUnreachable` for what a disk says of this path, key or other thing."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise VaultFull(size_bytes=size_bytes) from error
        raise VaultUnreachable(reason=f"{what}: {error.strerror or error}") from error


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[int]:
    """Let nobody else in by this folder or lock file meanwhile, in any thread or process; a missing file is made.

    The kernel lets go of it where a process dies. The file stays: one that was removed would lock nobody out. Unless it
    may `wait`, raises BlockingIOError where another has it.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY if path.is_dir() else os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    fd = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield fd
    finally:
        os.close(fd)


@contextmanager
def drafted(path: Path, draft: Path) -> Iterator[int]:
    """Write a new file as `draft`, which takes its name at the end: no other program writes it meanwhile.

    Raises BlockingIOError where one does. What a killed one left is written over; a link is not followed.
    """
    fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_still(draft, fd):  # it took its name since it was opened: what is held is another's whole file
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(draft))
        try:
            os.ftruncate(fd, 0)
            yield fd
            os.fsync(fd)
            draft.rename(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    finally:
        os.close(fd)
    sync_folder(path.parent)


def _is_still(path: Path, fd: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(fd), path.lstat())
    return False


def keeps_modes(folder: Path) -> bool:
    """Try on a file of our own whether this folder's file system keeps what a file's mode forbids; True if untried."""
    probe = folder / ".mode-probe"
    try:
        probe.unlink(missing_ok=True)
        write_new(probe, b"", 0o400)
        return not stat.S_IMODE(probe.stat().st_mode) & 0o222
    except OSError:
        return True
    finally:
        with suppress(OSError):
            probe.unlink()


def immutable_allowed(folder: Path) -> bool:
    """Try on a file of our own whether this folder's file system and our rights allow the immutable flag."""
    probe = folder / ".immutable-probe"
    try:
        if probe.exists():  # a crash may have come while the flag was set
            set_immutable(probe, False)
            probe.unlink()
        write_new(probe, b"", 0o600)
        set_immutable(probe, True)
        set_immutable(probe, False)
    except OSError:
        return False
    else:
        return True
    finally:
        with suppress(OSError):
            probe.unlink()
