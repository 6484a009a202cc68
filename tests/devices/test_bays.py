"""A port is a bay as its label says; a map from the disk is read whole or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.bays import BAYS_MAX, Bays, is_label, read_bays, write_bays
from devices.errors import BaysBad

ONE, TWO = "pci-0000:00:14.0-usb-0:", "pci-0000:03:00.0-usb-0:"
LABEL = st.text(min_size=1, max_size=16).filter(is_label)


def test_without_calibration_the_chain_is_the_label() -> None:
    bays = Bays()
    assert (bays.label(ONE + "5"), bays.label(ONE + "9.2", [ONE + "5"])) == ("5", "9.2")
    assert bays.label(ONE + "5", [TWO + "5"]) == "00:14.0-5"
    assert bays.label(TWO + "5", [ONE + "5"]) == "03:00.0-5"
    assert bays.label("odd") == "odd"


def test_a_calibrated_port_has_its_label_and_needs_no_controller() -> None:
    bays = Bays().with_bay(ONE + "5", "A1").with_bay(TWO + "1", "A1").with_bay(ONE + "6", "A2")
    assert [bays.label(port, [TWO + "1"]) for port in (ONE + "5", TWO + "1", ONE + "6")] == ["A1", "A1", "A2"]
    assert bays.label(ONE + "7", [TWO + "1"]) == "7"
    assert bays.labels() == ("A1", "A2")
    assert bays.without_last().labels() == ("A1",)
    assert bays.with_bay(ONE + "5", "A1") == bays


@pytest.mark.parametrize("label", ["", " ", "a b", "x" * 17, "a/b", "a\nb", "\x1b", "..", ".a"])
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(BaysBad):
        Bays().with_bay(ONE + "5", label)


def test_a_port_is_no_two_bays() -> None:
    with pytest.raises(BaysBad, match="bay 1 and bay 2"):
        Bays().with_bay(ONE + "5", "1").with_bay(ONE + "5", "2")


@given(st.dictionaries(st.text(min_size=1), LABEL, max_size=20))
def test_what_was_written_is_read(ports: dict[str, str]) -> None:
    bays = Bays()
    for port, label in ports.items():
        bays = bays.with_bay(port, label)
    assert dict(read_bays(write_bays(bays)).learned) == ports
    assert read_bays(write_bays(bays)).labels() == bays.labels()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff", b"[]", b"{}", b'{"bays": 7}', b'{"bays": [7]}', b'{"bays": [{"bay": "1"}]}'),
        *(b'{"bays": [{"bay": 1, "ports": ["a"]}]}', b'{"bays": [{"bay": "1", "ports": [["a"]]}]}'),
        b'{"bays": [{"bay": "1", "ports": ["a"]}, {"bay": "2", "ports": ["a"]}]}',
        b"[" * 100_000,
        json.dumps({"bays": [{"bay": "1", "ports": [str(port) for port in range(BAYS_MAX + 1)]}]}).encode(),
    ],
)
def test_junk_is_no_map(body: bytes) -> None:
    with pytest.raises(BaysBad):
        read_bays(body)
