"""Card images on loop devices: the kernel's own block devices, partitions and file systems, without a recorder.

Contract: whatever a test does, its mounts and loop devices are gone when its fixture ends.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from devices.contract import Plugged, Volume

MB, SECTOR = 1 << 20, 512
LET_GO = "umount -l $(awk '$2 ~ /pytest-of/ {print $2}' /proc/self/mounts) 2>/dev/null || true\n"
"""For sh(1), in a mount namespace of its own: no copy of other tests' mounts is held in it."""
TOOLS = {"ext4": "mkfs.ext4", "ext2": "mkfs.ext2", "vfat": "mkfs.vfat", "exfat": "mkfs.exfat"}


@cache
def why_no_loops() -> str | None:
    """Why this machine has no loop devices for a test, or None if it has."""
    if os.geteuid() != 0:
        return "only root may set up loop devices and mount"
    if shutil.which("losetup") is None:
        return "losetup is not installed"
    tried = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return None if tried.returncode == 0 else f"no loop devices here: {tried.stderr.decode().strip()}"


@cache
def why_not(fs: str) -> str | None:
    """Why this machine cannot make and mount a file system, or None if it can."""
    if (why := why_no_loops()) is not None:
        return why
    if shutil.which(TOOLS[fs]) is None:
        return f"{TOOLS[fs]} is not installed"
    known = {line.split()[-1] for line in Path("/proc/filesystems").read_text().splitlines()}
    loadable = Path("/lib/modules", os.uname().release, "kernel/fs", {"vfat": "fat"}.get(fs, fs)).is_dir()
    return None if fs in known or loadable else f"this kernel has no {fs}"


def need(fs: str) -> None:
    """Skip the test where it cannot run."""
    if (why := why_not(fs)) is not None:
        pytest.skip(why)


def image(path: Path, fs: str, *, size_mb: int = 16, source: Path | None = None, label: str = "CARD") -> Path:
    """An image with a bare file system, and the files of a folder on it."""
    with path.open("wb") as file:
        file.truncate(size_mb * MB)
    flags = {"vfat": ["-n", label], "exfat": ["-L", label]}.get(fs, ["-q", "-F", "-L", label])
    if source is not None and fs.startswith("ext"):
        flags += ["-d", str(source)]
    run(TOOLS[fs], *flags, path)
    if source is not None and not fs.startswith("ext"):
        inside = path.with_suffix(".mnt")
        inside.mkdir()
        with loop(path) as device:
            run("mount", "-o", "tz=UTC" if fs == "vfat" else "rw", device, inside)
            try:
                run("cp", "-r", "--preserve=timestamps", f"{source}/.", inside)
            finally:
                run("umount", inside)
    return path


def partitioned(path: Path, *, size_mb: int = 24, begin: int = 2048) -> Path:
    """An image with a partition table and one empty partition from sector `begin` to the end."""
    entry = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0x83, b"\0\2\0", begin, size_mb * MB // SECTOR - begin)
    with path.open("wb") as file:
        file.truncate(size_mb * MB)
        file.seek(446)
        file.write(entry + bytes(48) + b"\x55\xaa")
    return path


def lose(card: Path, device: Path) -> None:
    """Take the bytes away from below a loop device, as if it were pulled; skip where that is hidden from readers."""
    os.truncate(card, 0)
    tried = subprocess.run(
        ["dd", f"if={device}", "of=/dev/null", "bs=4096", "count=1", "iflag=direct"], check=False, capture_output=True
    )
    if tried.returncode == 0:
        pytest.skip("this kernel's loop devices read a lost file as zeros")


@contextmanager
def loop(path: Path) -> Iterator[Path]:
    """The image as a block device."""
    device = Path(run("losetup", "--find", "--show", "--partscan", path).strip())
    try:
        run("blockdev", "--setrw", device)
        yield device
    finally:
        # The next one to use this loop device must not find it read-only.
        subprocess.run(["blockdev", "--setrw", device], check=False, capture_output=True)
        subprocess.run(["losetup", "--detach", device], check=False, capture_output=True)


def volume(device: Path, fs: str, uuid: str | None = "0000-0001") -> Volume:
    """The block device as udev would tell of it."""
    return Volume(str(device), fs, "CARD", uuid, 0)


def plugged(*devices: Path, fs: str = "ext4") -> Plugged:
    """The block devices as those of one recorder; its device path is what they have in common."""
    places = [os.path.realpath(f"/sys/class/block/{device.name}") for device in devices]
    devpath = os.path.commonpath(places).removeprefix("/sys")
    volumes = tuple(volume(device, fs, f"0000-000{number}") for number, device in enumerate(devices, 1))
    return Plugged(
        devpath=devpath,
        port="pci-0000:00:14.0-usb-0:3",
        vendor_id="4255",
        product_id="0001",
        maker="Maker",
        product="Recorder",
        serial="TA00001",
        interfaces=("080650",),
        node=None,
        volumes=volumes,
    )


def digest(path: Path) -> str:
    """The SHA-256 of an image."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(*words: object) -> str:
    """Run a tool; its output."""
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout
