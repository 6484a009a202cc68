"""Any recorder that shows itself as storage with the usual folders (通用存储型记录仪).

Source: the folders recorders were seen to write. A card that holds footage in none of them is read whole.
"""

from __future__ import annotations

from devices.contract import Plugged, Transport
from devices.errors import UnlockRefused
from devices.offers import offers_storage


class GenericDcim:
    """Mass storage; asked first of those that read any storage."""

    name, rank = "generic_dcim", 50
    title = ("storage with a DCIM folder", "通用存储型(DCIM)")

    def knows(self, plugged: Plugged) -> bool:
        """Whatever offers storage."""
        return offers_storage(plugged)

    def transport(self, plugged: Plugged) -> Transport:
        """Storage."""
        return "storage"

    def unlock(self, plugged: Plugged, secret: bytes) -> None:
        """It has no password."""
        raise UnlockRefused(port=plugged.port, reason="this model has no password")

    def footage(self) -> tuple[str, ...]:
        """The usual folders."""
        media = tuple(f"Android/data/*/cache/{kind}" for kind in ("video", "audio", "images"))
        return ("DCIM", "MOVIE", "VIDEO", "PHOTO", "PICTURE", "SOUND", "AUDIO", "RECORD", "LOG", "files/data", *media)


MODEL = GenericDcim()
