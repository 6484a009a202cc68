"""What a device offers by its USB interfaces (接口类别). Pure.

Source: USB class codes: 08 mass storage, 06 01 still image (PTP, on which MTP stands), 03 human interface, ff vendor.
Android's MTP says ff ff 00.
"""

from __future__ import annotations

from devices.contract import Plugged

DATA = ("06", "08", "ff")
MTP = ("0601", "ffff00")


def offers_storage(plugged: Plugged) -> bool:
    """Whether it is mass storage now."""
    return any(one.startswith("08") for one in plugged.interfaces)


def offers_mtp(plugged: Plugged) -> bool:
    """Whether it speaks PTP or MTP."""
    return any(one.startswith(MTP) for one in plugged.interfaces)


def types_or_points(plugged: Plugged) -> bool:
    """Whether it can act as a keyboard or a mouse, whatever else it is."""
    return any(one.startswith("03") for one in plugged.interfaces)


def offers_data(plugged: Plugged) -> bool:
    """Whether it has any interface files could come through."""
    return any(one.startswith(DATA) for one in plugged.interfaces)
