"""Recorders that use their whole card, and are told apart by its label (整卷型记录仪).

The label is a fact of the `Volume`; which recorder it means, the register says.
"""

from __future__ import annotations

from devices.contract import Plugged, Transport
from devices.errors import UnlockRefused
from devices.offers import offers_storage


class WholeVolume:
    """Mass storage, every folder of it."""

    name, rank = "whole_volume", 80
    title = ("storage, the whole volume", "整卷型(卷标为编号)")

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
        """Everything."""
        return ()


MODEL = WholeVolume()
