"""The one door to udev (设备监听): devices that are there and devices that come, as one stream.

Source: pyudev over udev's netlink socket, subsystems usb and block, after udev's own rules (never the kernel's raw
events). Listening begins before the listing, so nothing falls between them. Shapes: `Plugged | Unplugged`, each device
once it holds still. What the caller is too slow to fetch waits in the system's buffer; when that overflows everything
is listed anew, and what was missed is told. Units: seconds, bytes.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType

import pyudev

from devices.contract import Plugged, Unplugged
from devices.errors import UdevSilent
from devices.plugging import Plugging, UdevReport

BUFFER_BYTES = 16 << 20
EVENTS_AT_ONCE = 256
"""After so many events in a row it is looked whether there is something to tell."""
SUBSYSTEMS = ("usb", "block")
_ATTRIBUTES = {
    "usb_device": ("idVendor", "idProduct", "manufacturer", "product", "serial", "bDeviceClass"),
    "usb_interface": ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"),
    "disk": ("size",),
    "partition": ("size",),
}
_PROPERTIES = (
    *("DEVNAME", "INTERFACE", "ID_PATH", "ID_USB_INTERFACES", "ID_SERIAL_SHORT", "ID_PART_TABLE_TYPE"),
    *("ID_VENDOR_ID", "ID_MODEL_ID", "ID_VENDOR_ENC", "ID_MODEL_ENC"),
    *("EVIDOCK_IGNORE", "ID_FS_USAGE", "ID_FS_TYPE", "ID_FS_LABEL", "ID_FS_LABEL_ENC", "ID_FS_UUID"),
)


class UsbWatch:
    """Everything on USB, from now on. Used by one thread; `close` may come from any.

    `start` listens and lists. Then `get` gives one thing after another; iterating gives them until `close`.
    """

    def __init__(self, settle_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._plugging = Plugging(settle_s)
        self._clock = clock
        self._context: pyudev.Context | None = None
        self._monitor: pyudev.Monitor | None = None
        self._wake, self._waker = socket.socketpair()
        self._closed = False
        self.overflows = 0
        """How often the system's buffer ran over and everything was listed anew."""

    def start(self) -> None:
        """Listen, then list what is there already; raises `UdevSilent`."""
        try:
            self._context = pyudev.Context()
            self._listen()
            self._list()
        except (ImportError, OSError) as error:
            raise UdevSilent(reason=error) from error

    def get(self, timeout_s: float | None = None) -> Plugged | Unplugged | None:
        """The next thing that happened; None when the time is over, or after `close`. Raises `UdevSilent`."""
        assert self._monitor is not None, "not started"
        until = None if timeout_s is None else self._clock() + timeout_s
        while not self._closed:
            self._receive()
            now = self._clock()
            happened = self._plugging.next(now)
            if happened is not None or (until is not None and now >= until):
                return happened
            waits = [wait for wait in (self._plugging.due_in_s(now), until and until - now) if wait is not None]
            self._wait(min(waits) if waits else None)
        return None

    def __iter__(self) -> Iterator[Plugged | Unplugged]:
        """Everything that happens, until `close`."""
        while (happened := self.get()) is not None:
            yield happened

    def close(self) -> None:
        """Stop; a `get` that waits comes back with None."""
        self._closed = True
        with suppress(OSError):
            self._waker.send(b"x")

    def __enter__(self) -> UsbWatch:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop, and let go of everything."""
        self.close()
        self._monitor = None
        self._wake.close()
        self._waker.close()

    def _listen(self) -> None:
        self._monitor = pyudev.Monitor.from_netlink(self._context, source="udev")
        for subsystem in SUBSYSTEMS:
            self._monitor.filter_by(subsystem)
        with suppress(OSError):  # only with CAP_NET_ADMIN; without it the system's own size stays
            self._monitor.set_receive_buffer_size(BUFFER_BYTES)
        self._monitor.start()

    def _list(self) -> None:
        assert self._context is not None
        listed = [
            report
            for subsystem in SUBSYSTEMS
            for device in self._context.list_devices(subsystem=subsystem)
            if (report := _report(device)) is not None
        ]
        self._plugging.reconcile(listed, self._clock())

    def _receive(self) -> None:
        """Take in what waits; a lost event means everything is listed anew."""
        assert self._monitor is not None
        try:
            for _ in range(EVENTS_AT_ONCE):
                device = self._monitor.poll(0)
                if device is None:
                    return
                report = _report(device)
                if report is not None:
                    self._plugging.hear(report, self._clock())
        except OSError as error:
            if errno.ENOBUFS not in (error.errno, self._fault()):
                raise UdevSilent(reason=error) from error
            self.overflows += 1
            self._list()

    def _fault(self) -> int:
        """What is wrong with the socket, which is cleared by asking: pyudev's own poll does not tell."""
        assert self._monitor is not None
        with socket.fromfd(self._monitor.fileno(), socket.AF_NETLINK, socket.SOCK_RAW) as asked:
            return asked.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def _wait(self, timeout_s: float | None) -> None:
        assert self._monitor is not None
        poll = select.poll()
        for descriptor in (self._monitor.fileno(), self._wake.fileno()):
            poll.register(descriptor, select.POLLIN)
        poll.poll(None if timeout_s is None else timeout_s * 1000 + 1)


def _report(device: pyudev.Device) -> UdevReport | None:
    """What is worth knowing of a device; None if it is none of USB's."""
    kind = device.device_type
    if kind not in _ATTRIBUTES or "/usb" not in device.device_path:
        return None
    properties = {}
    for name in _PROPERTIES:
        with suppress(KeyError, UnicodeDecodeError):
            properties[name] = device.properties[name]
    attributes = {}
    for name in _ATTRIBUTES[kind]:
        value = device.attributes.get(name)
        if value is not None:
            attributes[name] = value.decode("utf-8", "replace").strip("\n")
    return UdevReport(device.action or "add", device.subsystem, kind, device.device_path, properties, attributes)
