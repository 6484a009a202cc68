"""A volume of a recorder, mounted so that nothing on it can change (只读挂载).

Source: mount(2), umount2(2) and the ioctls of <linux/fs.h>; no other program. The block device and its whole disk are
set read-only before the mount, and that is read back: even a file system that would replay its journal cannot write.

Times: FAT and exFAT without a zone keep local readings. They are mounted so that a reading comes out *as if it were
UTC* (`tz=UTC`; exFAT's own default): that is what `media.look` claims of a modify time, wide by all zones, and the raw
reading can be had back from it whatever zone the station's computer is in. An exFAT entry that states its zone is
true UTC, within the same claim.

Shapes: one mount a folder; the folder is made and removed here. Units: bytes, seconds.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devices.contract import Plugged, Volume
from devices.errors import CannotMount, CardGone, EraseRefused, NoFileSystem, NotProtected
from devices.places import mounts

BLKROSET, BLKROGET, BLKFLSBUF = 0x125D, 0x125E, 0x1261
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_SYNCHRONOUS, MS_DIRSYNC = 1, 2, 4, 8, 16, 128
MS_NOSYMFOLLOW, MS_NOATIME = 256, 1024
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
NOTHING_FROM_IT = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NOSYMFOLLOW
PROBE_BYTES = 4096
MOUNTS_MAX = 100_000
HELD_S, LOOK_S = 5.0, 0.05
"""So long a mount may outlive its end: a program that began meanwhile has a copy of it in its own namespace."""
OWNED = "uid={uid},gid={gid},umask=0077"

FILE_SYSTEMS: dict[str, tuple[str, str, str]] = {
    # Each: the kernel's name, options, options while only read. `errors=` because a card must not decide to panic us.
    "ext2": ("ext4", "errors=remount-ro", "noload"),
    "ext3": ("ext4", "errors=remount-ro", "noload"),
    "ext4": ("ext4", "errors=remount-ro", "noload"),
    "vfat": ("vfat", f"{OWNED},utf8=1,tz=UTC,errors=remount-ro", ""),
    "exfat": ("exfat", f"{OWNED},iocharset=utf8,errors=remount-ro", ""),
    "ntfs": ("ntfs3", f"{OWNED},iocharset=utf8", ""),
    "f2fs": ("f2fs", "", "norecovery"),
    "iso9660": ("iso9660", "", ""),
    "udf": ("udf", "", ""),
}

_libc = ctypes.CDLL(None, use_errno=True)


class Mounted:
    """A mounted volume; made by `mounted_read_only`. Used by one thread."""

    def __init__(self, volume: Volume, folder: Path, device: int, disk: int) -> None:
        self.volume, self.folder = volume, folder
        self._device, self._disk = device, disk

    def alive(self) -> bool:
        """Whether the device still answers, asked past every cache."""
        with mmap.mmap(-1, PROBE_BYTES) as buffer:
            try:
                direct = os.open(f"/proc/self/fd/{self._device}", os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
            except OSError:
                return False
            try:
                return os.preadv(direct, [buffer], 0) > 0
            except OSError:
                return False
            finally:
                os.close(direct)

    def is_mounted(self) -> bool:
        """Whether the volume, and not the bare folder, is at the folder."""
        return self.folder.is_mount()

    def begin(self) -> None:
        """Make the folder and mount; what a crash left there is taken away first. Raises as `mounted_read_only`."""
        self.protect()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CannotMount(node=self.volume.node, fs=self.volume.fs, reason=f"{self.folder}: {error}") from error
        self._unmount(detach=True)
        self._flush()
        self._mount_read_only()

    @contextmanager
    def writable(self) -> Iterator[None]:
        """Mounted for writing, each write at once on the device; then anew and read-only, whatever happened.

        Raises `EraseRefused` where something on it is still open or the card's own lock is on.
        """
        try:
            self._unmount()
        except OSError as error:
            raise EraseRefused(path=self.volume.node, reason=error.strerror) from error
        try:
            self._unprotect()
            self._mount(NOTHING_FROM_IT | MS_SYNCHRONOUS | MS_DIRSYNC, reading=False, patience_s=HELD_S)
            yield
        finally:
            self._unmount(detach=True)
            self._flush()
            self._mount_read_only(HELD_S)

    def close(self) -> None:
        """Unmounted, its folder gone; a device that was pulled is no error. May be done twice."""
        self._unmount(detach=True)
        with suppress(OSError):
            self.folder.rmdir()
        for descriptor in (self._device, self._disk):
            with suppress(OSError):
                os.close(descriptor)
        self._device, self._disk = -1, -1

    def protect(self) -> None:
        """Set disk and volume read-only and read that back; raises `NotProtected`, `CannotMount`."""
        try:
            for descriptor in (self._disk, self._device):
                _set_read_only(descriptor, True)
            # Both are set and read back: a partition that is read-only can still be written through its disk.
            held = all(_is_read_only(descriptor) for descriptor in (self._disk, self._device))
        except OSError as error:
            if isinstance(error, PermissionError):
                raise NotProtected(node=self.volume.node, reason=error.strerror) from error
            raise CannotMount(node=self.volume.node, fs=self.volume.fs, reason=error.strerror) from error
        if not held:
            raise NotProtected(node=self.volume.node, reason="it is not kept")

    def _unprotect(self) -> None:
        try:
            for descriptor in (self._disk, self._device):
                _set_read_only(descriptor, False)
            locked = any(_is_read_only(descriptor) for descriptor in (self._disk, self._device))
        except OSError as error:
            raise EraseRefused(path=self.volume.node, reason=error.strerror) from error
        if locked:
            raise EraseRefused(path=self.volume.node, reason="the card's own write protection is on")

    def _mount_read_only(self, patience_s: float = 0.0) -> None:
        self.protect()
        self._mount(NOTHING_FROM_IT | MS_RDONLY, reading=True, patience_s=patience_s)

    def _mount(self, flags: int, *, reading: bool, patience_s: float) -> None:
        """`patience_s`: how long another program may still hold a mount of the other kind."""
        kind, always, when_reading = FILE_SYSTEMS[self.volume.fs]
        options = ",".join(part for part in (always, when_reading if reading else "") if part)
        data = options.format(uid=os.geteuid(), gid=os.getegid()).encode()
        texts = (self.volume.node.encode(), os.fsencode(self.folder), kind.encode())
        until = time.monotonic() + patience_s
        while _libc.mount(*texts, ctypes.c_ulong(flags), data) != 0:
            number = ctypes.get_errno()
            if number == errno.ENODEV:
                raise NoFileSystem(node=self.volume.node, fs=kind)
            if number in (errno.ENXIO, errno.ENOMEDIUM, errno.ENOENT):
                raise CardGone(path=self.volume.node)
            if number != errno.EBUSY or time.monotonic() >= until:
                raise CannotMount(node=self.volume.node, fs=self.volume.fs, reason=os.strerror(number))
            time.sleep(LOOK_S)

    def _unmount(self, *, detach: bool = False) -> None:
        unmount(self.folder, detach=detach)

    def _flush(self) -> None:
        """What the system remembers of the device is forgotten; on one that was pulled there is nothing to forget."""
        for descriptor in (self._device, self._disk):
            with suppress(OSError):
                fcntl.ioctl(descriptor, BLKFLSBUF)


def mounted_read_only(volume: Volume, folder: Path, seen_on: Plugged | None = None) -> Mounted:
    """Mount a volume at a folder, which is made; raises `NoFileSystem`, `NotProtected`, `CannotMount`, `CardGone`.

    `seen_on` is the device the volume was seen on: a block device that meanwhile belongs to another, be it one that
    came into the same port, is not touched.
    """
    if volume.fs not in FILE_SYSTEMS:
        raise NoFileSystem(node=volume.node, fs=volume.fs or "?")
    try:
        device = _open_block(Path(volume.node))
    except OSError as error:
        raise CardGone(path=volume.node) from error
    try:
        place = _place(device)
        if seen_on is not None and not _is_on(place, seen_on):
            raise CardGone(path=volume.node)
        disk = _open_disk(place)
    except OSError as error:
        os.close(device)
        raise CardGone(path=volume.node) from error
    except CardGone:
        os.close(device)
        raise
    mounted = Mounted(volume, folder, device, disk)
    try:
        mounted.begin()
    except BaseException:
        mounted.close()
        raise
    return mounted


def unmount(folder: Path, *, detach: bool) -> None:
    """Unmount everything at a folder; one where nothing is mounted is no error. Raises OSError, with `detach` never.

    `detach` takes the mount out of sight also while something on it is open; it ends when that is closed.
    """
    for _ in range(MOUNTS_MAX):
        if _libc.umount2(os.fsencode(folder), UMOUNT_NOFOLLOW) == 0:
            continue
        number = ctypes.get_errno()
        if number in (errno.EINVAL, errno.ENOENT):
            return
        if not detach:
            raise OSError(number, os.strerror(number), str(folder))
        if _libc.umount2(os.fsencode(folder), UMOUNT_NOFOLLOW | MNT_DETACH) != 0:
            return


def sweep(folder: Path) -> tuple[Path, ...]:
    """Unmount what a crash left below a folder, and remove the empty folders; what was unmounted."""
    stale = mounts_below(folder)
    for one in reversed(stale):
        unmount(one, detach=True)
    for inside, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            if Path(inside) != folder:
                os.rmdir(inside)
    return stale


def mounts_below(folder: Path) -> tuple[Path, ...]:
    """Where something is mounted below a folder, in the order it was mounted."""
    above = folder.resolve()
    return tuple(one.point for one in mounts() if one.point != above and one.point.is_relative_to(above))


def _open_block(node: Path) -> int:
    descriptor = os.open(node, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _is_read_only(descriptor)  # fails on what is no block device
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _place(descriptor: int) -> str:
    """The sysfs path of an open block device. While it is open its name cannot go to another."""
    number = os.fstat(descriptor).st_rdev
    return os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}", strict=True)


def _is_on(place: str, plugged: Plugged) -> bool:
    """Whether a block device still belongs to a USB device, which is still the one that was seen in its port."""
    if not f"{place}/".startswith(f"/sys{plugged.devpath}/"):
        return False
    if plugged.node is None:
        return True
    number = Path(f"/sys{plugged.devpath}", "devnum").read_text(errors="replace").strip()
    return number.isdigit() and int(number) == int(plugged.node.rpartition("/")[2])


def _open_disk(place: str) -> int:
    """The whole disk of a partition, or the disk itself."""
    disk = Path(place).parent if Path(place, "partition").exists() else Path(place)
    facts = dict(line.split("=", 1) for line in (disk / "uevent").read_text().splitlines() if "=" in line)
    return _open_block(Path("/dev", facts["DEVNAME"]))


def _set_read_only(descriptor: int, on: bool) -> None:
    fcntl.ioctl(descriptor, BLKROSET, struct.pack("i", on))


def _is_read_only(descriptor: int) -> bool:
    answer: bytes = fcntl.ioctl(descriptor, BLKROGET, struct.pack("i", 0))
    return bool(struct.unpack("i", answer)[0])
