"""What systemd is told of this process (sd_notify): ready, status, sign of life, stopping.

Source: sd_notify(3), a datagram of `NAME=value` lines to the socket in NOTIFY_SOCKET; one that begins with `@` is
abstract. Without systemd nothing is sent, and nothing here ever fails or waits.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass

from docking_station.station.settings import notify_from_environment

STATUS_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells the service manager. `watchdog_s` is how often at least `alive` must be called, or None."""

    address: str | None
    watchdog_s: float | None

    def ready(self) -> None:
        """The start is over."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send("STATUS=" + " ".join(text.split())[:STATUS_CHARS_MAX])

    def alive(self) -> None:
        """A sign of life for the watchdog."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    def _send(self, line: str) -> None:
        if self.address is None:
            return
        place = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, kind) as door:
            door.sendto(line.encode(errors="replace"), place)


def notifier() -> Notifier:
    """The notifier of this process; `alive` is due at a third of systemd's limit."""
    address, watchdog_s = notify_from_environment()
    return Notifier(address, watchdog_s / 3 if watchdog_s else None)
