"""What a device may be: never a keyboard, never by chance, and what the register says if it fits."""

from __future__ import annotations

import pytest

from catalog.station_error import StationError
from devices import models
from devices.contract import Plugged, RecorderModel
from devices.model_choice import choose
from docking_station.station.family import family

MODELS: list[RecorderModel] = list(family(models, "MODEL"))
STORAGE, MTP, LOCKED, AUDIO = "080650", "060101", "ff0000", "010100"


def device(*interfaces: str) -> Plugged:
    return Plugged(
        devpath="/devices/usb1/1-3",
        port="pci-0000:00:14.0-usb-0:3",
        vendor_id="4255",
        product_id="0001",
        maker="Maker",
        product=None,
        serial=None,
        interfaces=interfaces,
        node=None,
    )


@pytest.mark.parametrize(
    ("interfaces", "wanted", "model", "transport"),
    [
        ((STORAGE,), None, "generic_dcim", "storage"),
        ((STORAGE,), "whole_volume", "whole_volume", "storage"),
        ((STORAGE,), "android_tree", "android_tree", "storage"),
        ((STORAGE,), "unlock_pattern", "unlock_pattern", "storage"),
        ((LOCKED,), None, "unlock_pattern", "locked"),
        ((LOCKED,), "unlock_pattern", "unlock_pattern", "locked"),
        ((MTP,), None, "android_tree", "mtp"),
        (("ffff00",), None, "android_tree", "mtp"),
        (("ff4201", "ffff00"), None, "android_tree", "mtp"),
        ((MTP, STORAGE), None, "generic_dcim", "storage"),
        ((AUDIO, STORAGE), None, "generic_dcim", "storage"),
    ],
)
def test_a_device_gets_its_model(interfaces: tuple[str, ...], wanted: str | None, model: str, transport: str) -> None:
    chosen = choose(device(*interfaces), MODELS, wanted)
    assert not isinstance(chosen, StationError), chosen
    assert (chosen.name, chosen.transport(device(*interfaces))) == (model, transport)


@pytest.mark.parametrize(
    ("interfaces", "wanted", "code"),
    [
        ((STORAGE, "030101"), None, "devices.keyboard-like"),
        ((STORAGE, "030101"), "generic_dcim", "devices.keyboard-like"),
        (("030000",), None, "devices.keyboard-like"),
        ((), None, "devices.only-charging"),
        ((AUDIO, "0e0100"), None, "devices.only-charging"),
        (("ff4201", "ff0102"), None, "devices.unknown"),
        ((STORAGE,), "no_such_model", "devices.wrong-model"),
        ((MTP,), "whole_volume", "devices.wrong-model"),
        ((STORAGE,), "folder", "devices.wrong-model"),
    ],
)
def test_a_device_that_is_refused_has_its_reason(interfaces: tuple[str, ...], wanted: str | None, code: str) -> None:
    refused = choose(device(*interfaces), MODELS, wanted)
    assert isinstance(refused, StationError)
    assert refused.code == code
    assert "Maker 4255:0001" in refused.message()


def test_the_order_in_which_models_are_found_does_not_matter() -> None:
    chosen = choose(device(STORAGE), reversed(MODELS))
    assert not isinstance(chosen, StationError)
    assert chosen.name == "generic_dcim"
