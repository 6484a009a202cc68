"""A folder given by hand, or watched (文件夹): fixed cameras, audio recorders, cameras. It is never found on USB."""

from __future__ import annotations

from devices.contract import Plugged, Transport
from devices.errors import UnlockRefused


class Folder:
    """No device."""

    name, rank = "folder", 90
    title = ("folder", "文件夹")

    def knows(self, plugged: Plugged) -> bool:
        """No device."""
        return False

    def transport(self, plugged: Plugged) -> Transport:
        """Read like storage, without a mount."""
        return "storage"

    def unlock(self, plugged: Plugged, secret: bytes) -> None:
        """It has no password."""
        raise UnlockRefused(port=plugged.port, reason="this model has no password")

    def footage(self) -> tuple[str, ...]:
        """Everything."""
        return ()


MODEL = Folder()
