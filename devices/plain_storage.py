"""What recorders have in common that are storage and nothing else (普通存储): read as they are, without a password."""

from __future__ import annotations

from devices.contract import Plugged, Transport
from devices.errors import UnlockRefused
from devices.usb_interfaces import offers_storage


class PlainStorage:
    """Mass storage without a password; a model adds its name, its rank, its title and where its footage lies."""

    def knows(self, plugged: Plugged) -> bool:
        """Whatever offers storage."""
        return offers_storage(plugged)

    def transport(self, plugged: Plugged) -> Transport:
        """Storage."""
        return "storage"

    def unlock(self, plugged: Plugged, secret: bytes) -> None:
        """Do nothing: there is no password."""
        raise UnlockRefused(port=plugged.port, reason="this model has no password")
