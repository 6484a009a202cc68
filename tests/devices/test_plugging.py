"""Whatever udev tells, in whatever order, what comes out is a stream a daemon can rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.contract import Plugged, Unplugged
from devices.plugging import DISK_WAIT_S, PARTS_MAX, Plugging, UdevReport, clean, port_of, unescaped

BUS = "/devices/pci0000:00/0000:00:14.0/usb1"
SETTLE_S = 0.4


def device(port: str = "1-3", number: int = 1, action: str = "add", interfaces: str = ":ff0000:") -> UdevReport:
    facts = {"DEVNAME": f"/dev/bus/usb/001/{number:03d}", "ID_USB_INTERFACES": interfaces}
    return UdevReport(action, "usb", "usb_device", f"{BUS}/{port}", facts, {})


def disk(port: str = "1-3", action: str = "add", name: str = "sda", fs: bool = True) -> UdevReport:
    facts = {"DEVNAME": f"/dev/{name}"} | ({"ID_FS_USAGE": "filesystem", "ID_FS_TYPE": "vfat"} if fs else {})
    path = f"{BUS}/{port}/{port}:1.0/host6/target6:0:0/6:0:0:0/block/{name}"
    return UdevReport(action, "block", "disk", path, facts, {"size": "100"})


def test_mass_storage_is_waited_for_but_not_for_ever() -> None:
    plugging = Plugging(SETTLE_S)
    plugging.hear(device(interfaces=":080650:"), 0)
    assert plugging.next(DISK_WAIT_S - 0.1) is None
    assert plugging.due_in_s(DISK_WAIT_S - 0.5) == pytest.approx(0.5)
    told = plugging.next(DISK_WAIT_S)
    assert isinstance(told, Plugged)
    assert told.volumes == ()
    plugging.hear(disk(), 20)
    assert plugging.next(20 + SETTLE_S - 0.01) is None
    told = plugging.next(20 + SETTLE_S)
    assert isinstance(told, Plugged)
    assert [volume.node for volume in told.volumes] == ["/dev/sda"]
    assert plugging.due_in_s(30) is None


def test_a_listing_finds_what_left_what_came_and_what_changed_places() -> None:
    plugging = Plugging(SETTLE_S)
    for port in ("1-1", "1-2", "1-3"):
        plugging.hear(device(port, 1), 0)
    assert sorted(one.port[-1] for one in drained(plugging, 1)) == ["1", "2", "3"]
    plugging.reconcile([disk("1-4"), device("1-2", 1), device("1-3", 9), device("1-4", 5)], 2)
    told = [(type(one), one.port[-1]) for one in drained(plugging, 3)]
    assert told == [(Unplugged, "1"), (Unplugged, "3"), (Plugged, "3"), (Plugged, "4")]


def test_a_disk_of_the_machine_itself_is_never_told() -> None:
    plugging = Plugging(SETTLE_S)
    own = disk()
    own = replace(own, properties={**own.properties, "EVIDOCK_IGNORE": "1"})
    for told in (device(interfaces=":080650:"), own, device("1-4"), disk("1-4", name="sdb")):
        plugging.hear(told, 0)
    assert [one.port[-1] for one in drained(plugging, 30)] == ["4"]


def test_one_device_cannot_fill_the_memory() -> None:
    plugging = Plugging(SETTLE_S)
    plugging.hear(device(), 0)
    for number in range(10 * PARTS_MAX):
        plugging.hear(disk(name=f"sd{number}"), 0)
    (told,) = drained(plugging, 1)
    assert isinstance(told, Plugged)
    assert len(told.volumes) == PARTS_MAX


def drained(plugging: Plugging, now: float) -> list[Plugged | Unplugged]:
    told = []
    while (one := plugging.next(now)) is not None:
        told.append(one)
    return told


EVENTS = st.one_of(
    st.builds(
        device,
        port=st.sampled_from(["1-1", "1-2", "1-2.1"]),
        number=st.integers(1, 3),
        action=st.sampled_from(["add", "remove", "change", "bind", "unbind"]),
        interfaces=st.sampled_from([":ff0000:", ":080650:", ":090000:", ""]),
    ),
    st.builds(
        disk,
        port=st.sampled_from(["1-1", "1-2", "1-2.1"]),
        action=st.sampled_from(["add", "remove", "change"]),
        name=st.sampled_from(["sda", "sdb"]),
        fs=st.booleans(),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.1, 0.5, 11.0]), st.booleans()), max_size=40))
def test_a_device_comes_before_it_goes_and_goes_before_another_comes(
    events: list[tuple[UdevReport, float, bool]],
) -> None:
    plugging, now = Plugging(SETTLE_S), 0.0
    there: dict[str, Plugged] = {}

    def check() -> None:
        for one in drained(plugging, now):
            if isinstance(one, Unplugged):
                assert there.pop(one.devpath).port == one.port
            else:
                before = there.get(one.devpath)
                assert before is None or (before.node == one.node and before != one)
                assert not any(interface.startswith("09") for interface in one.interfaces)
                there[one.devpath] = one

    for told, wait_s, asks in events:
        now += wait_s
        plugging.hear(told, now)
        if asks:
            check()
    now += DISK_WAIT_S + SETTLE_S
    check()
    plugging.reconcile([], now)
    check()
    assert there == {}


@pytest.mark.parametrize(
    ("id_path", "port"),
    [
        ("pci-0000:00:03.0-usb-0:9.2", "pci-0000:00:03.0-usb-0:9.2"),
        ("pci-0000:00:03.0-usb-0:9.2:1.0", "pci-0000:00:03.0-usb-0:9.2"),
        ("pci-0000:00:03.0-usb-0:5:1.0-scsi-0:0:0:0", "pci-0000:00:03.0-usb-0:5"),
        ("pci-0000:00:03.0-usbv2-0:5", "pci-0000:00:03.0-usb-0:5"),
        ("pci-0000:00:03.0-usbv3-0:5:1.0", "pci-0000:00:03.0-usb-0:5"),
        ("platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.1", "platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.1"),
        (None, "pci-0000:00:14.0-usb-0:9.2"),
        ("nonsense", "pci-0000:00:14.0-usb-0:9.2"),
    ],
)
def test_a_port_is_the_same_however_it_is_told(id_path: str | None, port: str) -> None:
    assert port_of(f"{BUS}/1-9/1-9.2", id_path) == port


def test_a_port_of_a_controller_that_is_no_card_has_its_name() -> None:
    assert port_of("/devices/platform/soc/xhci-hcd.0.auto/usb1/1-1", None) == "platform-xhci-hcd.0.auto-usb-0:1"
    assert port_of("/odd", None) == "platform-unknown-usb-0:"


@given(st.text(max_size=1000))
def test_no_text_of_a_device_steers_anything(text: str) -> None:
    cleaned = clean(text)
    assert cleaned is None or (0 < len(cleaned) <= 126 and cleaned.isprintable())


def test_labels_are_read_as_udev_wrote_them() -> None:
    assert unescaped(r"\xe6\x89\xa7\xe6\xb3\x95\x20A\x5cx") == "执法 A\\x"
    assert unescaped(r"\xff\x41") == "�A"
    assert (unescaped(None), clean(None), clean(" \x00 ")) == (None, None, None)
