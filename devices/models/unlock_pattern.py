"""A recorder behind a password (密码保护记录仪), and the pattern for files of vendors whose recorders work like it.

Source: the usual behaviour of vendor-class devices: until a vendor request on endpoint 0 (type 0x40, request 1) brings
the password as its data, the device has one interface of class ff and no endpoints; then it leaves and comes back in
the same port as mass storage. A wrong password stalls the request. Sent through usbfs, which needs the right to write
`plugged.node` and no kernel driver. Units: milliseconds.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import threading

from devices.contract import Plugged, Transport
from devices.errors import UnlockRefused
from devices.usb_interfaces import offers_mtp, offers_storage

REQUEST_TYPE, REQUEST = 0x40, 1
SECRET_BYTES_MAX = 64
TIMEOUT_MS = 3000
TRIED_MAX = 256
LEFT = frozenset({errno.ENODEV, errno.ESHUTDOWN, errno.ENOENT})
"""The device went before it acknowledged: it was unlocked, or pulled; which, the next docking shows."""


class _Control(ctypes.Structure):
    """`struct usbdevfs_ctrltransfer` of <linux/usbdevice_fs.h>."""

    _fields_ = (
        ("request_type", ctypes.c_uint8),
        ("request", ctypes.c_uint8),
        ("value", ctypes.c_uint16),
        ("index", ctypes.c_uint16),
        ("length", ctypes.c_uint16),
        ("timeout_ms", ctypes.c_uint32),
        ("data", ctypes.c_void_p),
    )


USBDEVFS_CONTROL = 3 << 30 | ctypes.sizeof(_Control) << 16 | ord("U") << 8
"""`_IOWR('U', 0, struct usbdevfs_ctrltransfer)`."""


class UnlockPattern:
    """Vendor class until the password came, mass storage after."""

    name, rank = "unlock_pattern", 70
    title = ("recorder behind a password", "密码保护型")

    def __init__(self) -> None:
        self._tried: dict[tuple[str, int], None] = {}
        self._lock = threading.Lock()

    def knows(self, plugged: Plugged) -> bool:
        """The one vendor-class interface, or the storage it becomes."""
        return offers_storage(plugged) or (_waits(plugged) and not offers_mtp(plugged))

    def transport(self, plugged: Plugged) -> Transport:
        """Locked while it offers nothing but its vendor's interface."""
        return "storage" if offers_storage(plugged) else "locked"

    def unlock(self, plugged: Plugged, secret: bytes) -> None:
        """Give the password, once at each docking; raises `UnlockRefused`. Returns when the device accepted it."""
        if not 0 < len(secret) <= SECRET_BYTES_MAX:
            raise UnlockRefused(port=plugged.port, reason=f"a password has 1 to {SECRET_BYTES_MAX} bytes")
        if plugged.node is None:
            raise UnlockRefused(port=plugged.port, reason="it has no device node")
        try:
            descriptor = os.open(plugged.node, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise UnlockRefused(port=plugged.port, reason=error.strerror) from error
        try:
            self._note_try(plugged, descriptor)
            _send(descriptor, secret)
        except OSError as error:
            if error.errno not in LEFT:
                refused = "the password is wrong" if error.errno == errno.EPIPE else error.strerror
                raise UnlockRefused(port=plugged.port, reason=refused) from error
        finally:
            os.close(descriptor)

    def footage(self) -> tuple[str, ...]:
        """No folder by name: behind a password all is evidence."""
        return ()

    def _note_try(self, plugged: Plugged, descriptor: int) -> None:
        """A node is made anew at each docking, so its name and inode are the docking's; its times are not."""
        key = (plugged.node or "", os.fstat(descriptor).st_ino)
        with self._lock:
            if key in self._tried:
                raise UnlockRefused(port=plugged.port, reason="a password was tried at this docking already")
            while len(self._tried) >= TRIED_MAX:
                del self._tried[next(iter(self._tried))]
            self._tried[key] = None


def _waits(plugged: Plugged) -> bool:
    return len(plugged.interfaces) == 1 and plugged.interfaces[0].startswith("ff")


def _send(descriptor: int, secret: bytes) -> None:
    body = ctypes.create_string_buffer(secret, len(secret))
    control = _Control(REQUEST_TYPE, REQUEST, 0, 0, len(secret), TIMEOUT_MS, ctypes.addressof(body))
    fcntl.ioctl(descriptor, USBDEVFS_CONTROL, control)


MODEL = UnlockPattern()
