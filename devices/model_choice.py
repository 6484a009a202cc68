"""Which model reads a device, or why none does (型号判定). Pure.

Shapes: a device, the models, and the name the register gives, if any -> a model, or the error a person is shown. The
error is a value here, not raised: a bay shows it, and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.station_error import StationError
from devices.contract import Plugged, RecorderModel
from devices.errors import KeyboardLike, OnlyCharging, UnknownDevice, WrongModel
from devices.usb_interfaces import offers_data, types_or_points


def choose(
    plugged: Plugged, models: Iterable[RecorderModel], wanted: str | None = None
) -> RecorderModel | StationError:
    """The model for a device: the wanted one if it fits, else the first that knows it, by rank and name."""
    device = " ".join(text for text in (plugged.maker, plugged.product) if text) or "?"
    facts = {"port": plugged.port, "device": f"{device} {plugged.vendor_id}:{plugged.product_id}"}
    if types_or_points(plugged):
        return KeyboardLike(**facts)
    if not offers_data(plugged):
        return OnlyCharging(**facts)
    ordered = sorted(models, key=lambda model: (model.rank, model.name))
    fitting = [model for model in ordered if wanted in (None, model.name) and model.knows(plugged)]
    if fitting:
        return fitting[0]
    if wanted is not None:
        return WrongModel(**facts, model=wanted, known=", ".join(model.name for model in ordered))
    return UnknownDevice(**facts)
