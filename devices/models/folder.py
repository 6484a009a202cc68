"""A folder given by hand, or watched (文件夹): fixed cameras, audio recorders, cameras. It is never found on USB."""

from __future__ import annotations

from devices.contract import Plugged
from devices.plain_storage import PlainStorage


class Folder(PlainStorage):
    """A folder given by hand: no device is ever one."""

    name, rank = "folder", 90
    title = ("folder", "文件夹")

    def knows(self, plugged: Plugged) -> bool:
        """False: a folder is no device."""
        return False

    def footage(self) -> tuple[str, ...]:
        """No folder by name: the whole folder is footage."""
        return ()


MODEL = Folder()
