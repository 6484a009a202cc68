"""Runs as the service in a guest, in the place of the daemon: tries what the daemon does and what it must not.

Writes `seen.json` into the state folder: for each thing tried "done", or why not. Only Debian's Python is there.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

BLKROSET, BLKROGET, USBDEVFS_CONTROL, GETFLAGS, SETFLAGS = 0x125D, 0x125E, 0xC0185500, 0x80086601, 0x40086602
IMMUTABLE = 0x10
READ_ONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
PR_CAP_AMBIENT, CLEAR_ALL = 47, 4
NEW_USER = 0x10000000
STATE, RUN = Path(os.environ["STATE_DIRECTORY"]), Path(os.environ["RUNTIME_DIRECTORY"])
C = ctypes.CDLL(None, use_errno=True)
seen: dict[str, str] = {}


def called(result: int) -> int:
    """The result of a C function, or its error."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def tried(name: str, act: Callable[[], object]) -> None:
    """Do it and note how it went."""
    try:
        act()
    except OSError as error:
        seen[name] = error.strerror or str(error)
    except AssertionError as error:
        seen[name] = f"wrong: {error}"
    else:
        seen[name] = "done"


def set_read_only(node: str, value: int) -> None:
    """Set a block device read-only, or not, and look."""
    device = os.open(node, os.O_RDONLY)
    fcntl.ioctl(device, BLKROSET, struct.pack("i", value))
    found = fcntl.ioctl(device, BLKROGET, bytes(4))
    os.close(device)
    assert struct.unpack("i", found)[0] == value


def mount(node: str, fs: str, flags: int, options: str) -> Path:
    """Mount a card below the run folder."""
    place = RUN / "mnt" / Path(node).name
    place.mkdir(parents=True, exist_ok=True)
    called(C.mount(node.encode(), bytes(place), fs.encode(), flags | NOSUID | NODEV | NOEXEC, options.encode()))
    return place


def card(node: str, fs: str) -> None:
    """Read a card, clear one file of it, and look at what is left."""
    owner = "" if fs == "ext4" else f"uid={os.getuid()},gid={os.getgid()},umask=077"
    set_read_only(node, 1)
    place = mount(node, fs, READ_ONLY, owner or "noload")
    assert (place / "one.mp4").read_bytes() == b"footage"
    called(C.umount2(bytes(place), 0))
    set_read_only(node, 0)
    mount(node, fs, 0, owner)
    (place / "two.mp4").unlink()
    called(C.umount2(bytes(place), 0))
    set_read_only(node, 1)
    mount(node, fs, READ_ONLY, owner or "noload")
    assert {found.name for found in place.glob("*.mp4")} == {"one.mp4"}


def immutable() -> None:
    """Protect a file by the file system, and take it back."""
    path = STATE / "sealed"
    path.touch()
    with path.open("rb") as file:
        fcntl.ioctl(file, SETFLAGS, struct.pack("l", IMMUTABLE))
        try:
            path.unlink()
        except PermissionError:
            fcntl.ioctl(file, SETFLAGS, struct.pack("l", 0))
            path.unlink()
            return
    raise AssertionError("it could be removed")


def control_requests() -> None:
    """Ask every USB device for its descriptor."""
    nodes = sorted(Path("/dev/bus/usb").glob("*/*"))
    assert len(nodes) > 2
    for node in nodes:
        answer = ctypes.create_string_buffer(18)
        request = struct.pack("BBHHHIxxxxP", 0x80, 6, 0x100, 0, 18, 1000, ctypes.addressof(answer))
        device = os.open(node, os.O_RDWR)
        fcntl.ioctl(device, USBDEVFS_CONTROL, request)
        os.close(device)


def udev() -> None:
    """Open udev's netlink and read its database."""
    sys.path.append("/usr/lib/python3/dist-packages")
    import pyudev

    context = pyudev.Context()
    monitor = pyudev.Monitor.from_netlink(context, "udev")
    monitor.start()
    assert any(device.get("ID_BUS") == "usb" for device in context.list_devices(subsystem="block"))


def child_without_powers() -> None:
    """Give up what a child would inherit; the powers stay here."""
    called(C.prctl(PR_CAP_AMBIENT, CLEAR_ALL, 0, 0, 0))
    status = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout
    assert "CapEff:\t0000000000000000" in status


def helper() -> None:
    """Start a helper at low priority."""
    child = subprocess.Popen(["ffprobe", "-version"], start_new_session=True, stdout=subprocess.DEVNULL)
    os.setpriority(os.PRIO_PGRP, child.pid, 10)
    assert child.wait(60) == 0


def sockets() -> None:
    """Listen where the faces and Prometheus ask."""
    for family, address in ((socket.AF_UNIX, str(RUN / "dock.sock")), (socket.AF_INET, ("127.0.0.1", 9464))):
        with socket.socket(family) as server:
            server.bind(address)
            server.listen()


def password() -> None:
    """Read a password."""
    assert (Path(os.environ["CREDENTIALS_DIRECTORY"]) / "unlock_acme").read_text() == "888888"


def tell(words: str) -> None:
    """Tell systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
        to.send(words.encode())


def main() -> None:
    """Try everything, then live until told to stop."""
    allowed = (child_without_powers, helper, udev, control_requests, immutable, sockets, password)
    for act in allowed:
        tried(act.__name__, act)
    tried("clock state", lambda: called(C.adjtimex(ctypes.create_string_buffer(512))))
    for node, fs in (pair.split("=") for pair in sys.argv[1:]):
        tried(f"card {fs}", partial(card, node, fs))
    tried("write /etc", lambda: Path("/etc/evidock-was-here").touch())
    tried("write /opt", lambda: Path("/opt/evidock-was-here").touch())
    tried("the system's disk", lambda: os.open("/dev/vda", os.O_RDONLY))
    tried("memory", lambda: os.open("/dev/mem", os.O_RDONLY))
    tried("set the clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))
    tried("a namespace", lambda: called(C.unshare(NEW_USER)))
    tried("a file by handle", lambda: called(C.open_by_handle_at(-1, None, 0)))
    tried("someone's home", lambda: (Path("/root") / ".ssh/authorized_keys").read_text())
    (STATE / "seen.json").write_text(json.dumps(seen))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    tell("READY=1\nSTATUS=standing in for the daemon")
    while not stop.wait(5):
        tell("WATCHDOG=1")
    tell("STOPPING=1")


if __name__ == "__main__":
    main()
