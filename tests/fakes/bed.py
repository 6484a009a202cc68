"""A bed of USB devices that udev tells of but that are not there, by umockdev's C library.

The process that watches must run with umockdev's preload, which shows it the bed's /sys and the bed's events; `run`
starts a test's function in such a process. Source: umockdev's device descriptions (P path, N node, E property, A
attribute). Contract: what is added is told once, parents first; what is pulled is told once, children first, and is
out of /sys then.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import select
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fakes.waiting import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
PRELOAD = "libumockdev-preload.so.0"
TIMEOUT_S = 240
CONTROLLER = "/devices/pci0000:00/0000:00:14.0"


@cache
def why_no_bed() -> str | None:
    """Why this machine has no umockdev for a test, or None if it has."""
    if shutil.which("umockdev-run") is None or ctypes.util.find_library("umockdev") is None:
        return "umockdev is not installed"
    return None


@contextmanager
def folder_beside() -> Iterator[Path]:
    """A folder that is not below /dev, where tests may lie in memory: there the preload takes each file for a device.

    It loses count of them, and then says of files that are there that they are not.
    """
    with TemporaryDirectory(prefix="bed-") as folder:
        yield Path(folder)


def run(module: str, function: str) -> None:
    """Run a function of a test module, given a `Bed`, in a process of its own under umockdev's preload."""
    if (why := why_no_bed()) is not None:
        pytest.skip(why)
    code = (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's `&` ignores it
        f"from tests.fakes.bed import Bed\nfrom {module} import {function} as told\nwith Bed() as bed: told(bed)"
    )
    environment = {**os.environ, "LD_PRELOAD": PRELOAD, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    if done.returncode != 0:
        pytest.fail(done.stderr[-6000:], pytrace=False)


class _Fault(ctypes.Structure):
    _fields_ = (("domain", ctypes.c_uint32), ("code", ctypes.c_int), ("text", ctypes.c_char_p))


@dataclass(frozen=True)
class Stick:
    """A device that was added: its sysfs paths, parents first."""

    device: str
    paths: tuple[str, ...]


class Bed:
    """The bed. Devices get node numbers the way the system counts them: each gets a new one."""

    def __init__(self) -> None:
        self._library, self._objects = ctypes.CDLL("libumockdev.so.0"), ctypes.CDLL("libgobject-2.0.so.0")
        self._library.umockdev_testbed_new.restype = ctypes.c_void_p
        self._library.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._bed = ctypes.c_void_p(self._library.umockdev_testbed_new())
        self.root = Path(self._library.umockdev_testbed_get_root_dir(self._bed).decode())
        self._numbers = 1

    def __enter__(self) -> Bed:
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.g_object_unref(self._bed)

    # ------------------------------------------------------------------ devices

    def stick(
        self,
        port: str = "1-3",
        *,
        disk: str = "sdb",
        serial: str | None = "TA00001",
        interfaces: str = "080650",
        fs: str | None = "vfat",
        partitions: int = 1,
        bare: bool = False,
        disks: bool = True,
        id_path: bool = True,
        label: str = "CARD",
    ) -> Stick:
        """A recorder as storage. `bare`: the file system is on the whole disk, in which udev sees an empty partition
        table too, as in exFAT's; `disks` False: none has come yet."""
        device = self.usb(port, serial=serial, interfaces=interfaces, id_path=id_path)
        paths = list(device.paths)
        if disks:
            paths += self.disk(device, disk, fs=fs if bare else None, table=partitions > 0, label=label)
            if not bare:
                paths += [self.partition(device, disk, number, fs=fs) for number in range(1, partitions + 1)]
        return Stick(device.device, tuple(paths))

    def usb(
        self,
        port: str,
        *,
        serial: str | None = None,
        interfaces: str = "080650",
        id_path: bool = True,
        hub: bool = False,
        texts: tuple[str, str] = ("Maker", "Recorder"),
    ) -> Stick:
        """A device and its interfaces."""
        bus, _, chain = port.partition("-")
        hops = chain.split(".")
        above = "".join(f"/{bus}-{'.'.join(hops[:depth])}" for depth in range(1, len(hops) + 1))
        path = f"{CONTROLLER}/usb{bus}{above}"
        self._numbers += 1
        lines = [
            *(f"P: {path}", *_node(f"bus/usb/{int(bus):03d}/{self._numbers:03d}")),
            *("E: SUBSYSTEM=usb", "E: DEVTYPE=usb_device", f"E: ID_USB_INTERFACES=:{':'.join(_each(interfaces))}:"),
            f"A: devnum={self._numbers}\\n",
            *("A: idVendor=4255\\n", "A: idProduct=0001\\n", f"A: bDeviceClass={'09' if hub else '00'}\\n"),
            *(f"A: manufacturer={texts[0]}\\n", f"A: product={texts[1]}\\n"),
        ]
        lines += [f"E: ID_PATH=pci-0000:00:14.0-usb-0:{chain}"] if id_path else []
        lines += [f"E: ID_SERIAL_SHORT={serial}", f"A: serial={serial}\\n"] if serial is not None else []
        self.add(lines)
        paths = [f"/sys{path}"]
        for number, one in enumerate(_each(interfaces)):
            numbers = "/".join(str(int(one[at : at + 2], 16)) for at in (0, 2, 4))
            inside = f"{path}/{port}:1.{number}"
            self.add(
                [
                    *(f"P: {inside}", "E: SUBSYSTEM=usb", "E: DEVTYPE=usb_interface", f"E: INTERFACE={numbers}"),
                    *(f"A: bInterfaceClass={one[:2]}\\n", f"A: bInterfaceSubClass={one[2:4]}\\n"),
                    f"A: bInterfaceProtocol={one[4:]}\\n",
                ]
            )
            paths.append(f"/sys{inside}")
        return Stick(path, tuple(paths))

    def disk(
        self,
        stick: Stick,
        disk: str,
        *,
        fs: str | None = None,
        table: bool = True,
        size: int = 262_144,
        label: str = "CARD",
    ) -> list[str]:
        """A disk of a device; with a file system, or a partition table, or nothing (no card in the reader)."""
        path = self._disk_path(stick, disk)
        lines = [f"P: {path}", *_node(disk), "E: SUBSYSTEM=block", "E: DEVTYPE=disk", f"A: size={size}\\n"]
        lines += ["E: ID_PART_TABLE_TYPE=dos"] if table else []
        self.add(lines + _file_system(fs, label))
        return [f"/sys{path}"]

    def partition(self, stick: Stick, disk: str, number: int, *, fs: str | None = "vfat") -> str:
        """A partition of a disk."""
        path = f"{self._disk_path(stick, disk)}/{disk}{number}"
        self.add(
            [
                *(f"P: {path}", *_node(f"{disk}{number}"), "E: SUBSYSTEM=block", "E: DEVTYPE=partition"),
                *("E: ID_PART_TABLE_TYPE=dos", f"A: partition={number}\\n", "A: size=2048\\n"),
                *_file_system(fs, f"CARD{number}"),
            ]
        )
        return f"/sys{path}"

    def card(self, stick: Stick, node: str, *, fs: str) -> str:
        """A disk of a device that is a block device of this machine; it can be mounted."""
        (self.root / "ioctl/_default").unlink(missing_ok=True)  # else the library answers in its place
        number, name = os.stat(node).st_rdev, Path(node).name
        path = f"{stick.device}/{stick.device.rpartition('/')[2]}:1.0/host6/target6:0:0/6:0:0:0/block/{name}"
        major, minor = os.major(number), os.minor(number)
        lines = [f"P: {path}", "E: SUBSYSTEM=block", "E: DEVTYPE=disk", f"E: DEVNAME={node}", "A: size=2048\\n"]
        lines += [f"E: MAJOR={major}", f"E: MINOR={minor}", f"A: dev={major}:{minor}\\n"]
        self.add(lines + _file_system(fs, "CARD"))
        return f"/sys{path}"

    def _room(self) -> None:
        """Wait until one event more fits for each who watches: the library drops what does not, after the tenth."""
        for watched in self.root.glob("event[0-9]*"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                try:
                    line.connect(str(watched))
                except ConnectionRefusedError:
                    continue  # nobody watches there any more
                assert select.select([], [line], [], PATIENCE_S)[1], "nobody reads the events"

    def _disk_path(self, stick: Stick, disk: str) -> str:
        port = stick.device.rpartition("/")[2]
        return f"{stick.device}/{port}:1.0/host6/target6:0:0/6:0:0:{ord(disk[2]) - 97}/block/{disk}"

    # ------------------------------------------------------------------ events

    def add(self, lines: list[str]) -> None:
        """Add one device by its description; `add` is told."""
        fault = ctypes.POINTER(_Fault)()
        text = "\n".join(lines) + "\n\n"
        self._room()
        added = self._library.umockdev_testbed_add_from_string(self._bed, text.encode(), ctypes.byref(fault))
        assert added, fault.contents.text.decode()

    def tell(self, path: str, action: str) -> None:
        """Tell an event of a device that is there."""
        self._room()
        self._library.umockdev_testbed_uevent(self._bed, path.encode(), action.encode())

    def put(self, path: str, name: str, value: str) -> None:
        """Set an attribute; nothing is told."""
        self._library.umockdev_testbed_set_attribute(self._bed, path.encode(), name.encode(), value.encode())

    def prop(self, path: str, name: str, value: str) -> None:
        """Set a property; nothing is told."""
        self._library.umockdev_testbed_set_property(self._bed, path.encode(), name.encode(), value.encode())

    def pull(self, *paths: str) -> None:
        """Take devices out, children first."""
        for path in reversed(paths):
            self.tell(path, "remove")
            self._library.umockdev_testbed_remove_device(self._bed, path.encode())
            (self.root / "sys/block" / Path(path).name).unlink(missing_ok=True)  # the library leaves it


def _each(interfaces: str) -> list[str]:
    return interfaces.split(":") if interfaces else []


def _node(name: str) -> tuple[str, str]:
    return f"N: {name}", f"E: DEVNAME=/dev/{name}"


def _file_system(fs: str | None, label: str) -> list[str]:
    if fs is None:
        return []
    return [
        "E: ID_FS_USAGE=filesystem",
        f"E: ID_FS_TYPE={fs}",
        f"E: ID_FS_LABEL_ENC={label}",
        "E: ID_FS_UUID=1234-ABCD",
    ]
