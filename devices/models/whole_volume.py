"""Recorders that use their whole card, and are told apart by its label (整卷型记录仪).

The label is a fact of the `Volume`; which recorder it means, the register says.
"""

from __future__ import annotations

from devices.plain_storage import PlainStorage


class WholeVolume(PlainStorage):
    """Mass storage, every folder of it."""

    name, rank = "whole_volume", 80
    title = ("storage, the whole volume", "整卷型（卷标为编号）")

    def footage(self) -> tuple[str, ...]:
        """No folder by name: the whole card is footage."""
        return ()


MODEL = WholeVolume()
