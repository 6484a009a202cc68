"""Android recorders of the 4G and 5G kind (安卓记录仪): their app's folders, and DCIM; over MTP, or as storage."""

from __future__ import annotations

from devices.contract import Plugged, Transport
from devices.plain_storage import PlainStorage
from devices.usb_interfaces import offers_mtp, offers_storage


class AndroidTree(PlainStorage):
    """Android devices, asked before nothing but what reads everything: as storage only where the register names it."""

    name, rank = "android_tree", 60
    title = ("Android recorder", "安卓记录仪")

    def knows(self, plugged: Plugged) -> bool:
        """Whatever offers MTP or storage."""
        return offers_mtp(plugged) or offers_storage(plugged)

    def transport(self, plugged: Plugged) -> Transport:
        """Storage where there is a choice: it reads from any offset."""
        return "storage" if offers_storage(plugged) else "mtp"

    def footage(self) -> tuple[str, ...]:
        """DCIM and what else recorders call their folders, and every app's caches for media."""
        media = tuple(f"Android/data/*/cache/{kind}" for kind in ("video", "audio", "images"))
        return ("DCIM", "MOVIE", "VIDEO", "PHOTO", "SOUND", "AUDIO", "RECORD", "LOG", *media)


MODEL = AndroidTree()
