"""Any recorder that shows itself as storage with the usual folders (通用存储型记录仪).

Source: the folders recorders were seen to write. A card that holds footage in none of them is read whole.
"""

from __future__ import annotations

from devices.plain_storage import PlainStorage


class GenericDcim(PlainStorage):
    """Mass storage; asked first of those that read any storage."""

    name, rank = "generic_dcim", 50
    title = ("storage with a DCIM folder", "通用存储型（DCIM）")

    def footage(self) -> tuple[str, ...]:
        """The usual folders."""
        media = tuple(f"Android/data/*/cache/{kind}" for kind in ("video", "audio", "images"))
        return ("DCIM", "MOVIE", "VIDEO", "PHOTO", "PICTURE", "SOUND", "AUDIO", "RECORD", "LOG", "files/data", *media)


MODEL = GenericDcim()
