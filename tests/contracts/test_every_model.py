"""What holds for every recorder model: `devices/models/*.py`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import models
from devices.contract import Plugged, RecorderModel, Transport
from devices.errors import UnlockRefused
from devices.footage import Footage
from docking_station.station.family import family

MODELS: list[RecorderModel] = list(family(models, "MODEL"))
DEVICE = Plugged("/devices/usb1/1-3", "pci-0-usb-0:3", "4255", "0001", "Maker", "Recorder", "S1", ("080650",), None)
DEVICES = st.builds(
    Plugged,
    devpath=st.just("/devices/usb1/1-3"),
    port=st.just("pci-0-usb-0:3"),
    vendor_id=st.text(max_size=4),
    product_id=st.text(max_size=4),
    maker=st.none() | st.text(max_size=20),
    product=st.none() | st.text(max_size=20),
    serial=st.none() | st.text(max_size=20),
    interfaces=st.lists(st.from_regex(r"(00|03|06|08|09|ff)[0-9a-f]{4}", fullmatch=True), max_size=4).map(tuple),
    node=st.none(),
)

every = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


def test_the_promised_models_are_there() -> None:
    assert {"android_tree", "folder", "generic_dcim", "unlock_pattern", "whole_volume"} <= {one.name for one in MODELS}


@every
def test_it_is_called_like_its_file_and_has_a_title_in_two_languages(model: RecorderModel) -> None:
    assert type(model).__module__ == f"devices.models.{model.name}"
    english, chinese = model.title
    assert english.isascii()
    assert not chinese.isascii()


@every
def test_its_footage_folders_are_relative_patterns(model: RecorderModel) -> None:
    for pattern in model.footage():
        assert pattern == os.path.normpath(pattern).lstrip("/")
        assert ".." not in pattern.split("/")
    Footage(model.footage())


@every
@given(device=DEVICES)
def test_it_answers_for_any_device(model: RecorderModel, device: Plugged) -> None:
    known = model.knows(device)
    assert isinstance(known, bool)
    if known:
        assert model.transport(device) in get_args(Transport)


@every
def test_nothing_known_by_its_numbers_alone(model: RecorderModel) -> None:
    """Vendor and product ids are shared with consumer cameras: they alone decide nothing."""
    for numbers in (("0000", "0000"), ("4255", "0001"), ("ffff", "ffff")):
        other = replace(DEVICE, vendor_id=numbers[0], product_id=numbers[1])
        assert model.knows(other) == model.knows(DEVICE)


@every
@pytest.mark.parametrize("secret", [b"", b"12345678", b"x" * 10_000])
def test_a_password_it_cannot_give_is_refused(model: RecorderModel, secret: bytes, tmp_path: Path) -> None:
    for node in (None, str(tmp_path / "gone")):
        with pytest.raises(UnlockRefused):
            model.unlock(replace(DEVICE, node=node), secret)
