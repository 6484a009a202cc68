"""What comes and goes on USB is told once, whole, and in order; nothing hostile or hurried is told at all.

Each test's function runs under umockdev in a process of its own (tests/fakes/bed.py): real pyudev, real libudev.
"""

from __future__ import annotations

import errno
import gc
import resource
import threading
import time
import tracemalloc
from typing import Any

import pytest

from devices.contract import Plugged, Unplugged
from devices.errors import UdevSilent
from devices.usb import UsbWatch
from tests.fakes.bed import CONTROLLER, Bed, Stick, run

SETTLE_S = 0.15
LONG_S = 5.0
QUIET_S = 0.6


def plugged(watch: UsbWatch) -> Plugged:
    happened = watch.get(LONG_S)
    assert isinstance(happened, Plugged), happened
    return happened


def unplugged(watch: UsbWatch) -> Unplugged:
    happened = watch.get(LONG_S)
    assert isinstance(happened, Unplugged), happened
    return happened


def nodes(device: Plugged) -> list[str]:
    return [volume.node for volume in device.volumes]


def cold_start_tells_what_is_in_already(bed: Bed) -> None:
    bed.usb("1-9", interfaces="090000", hub=True)
    bed.stick("1-9.2", serial="TA00002", disk="sdc")
    bed.stick("1-3")
    with UsbWatch(SETTLE_S) as watch:
        told = sorted((plugged(watch), plugged(watch)), key=lambda one: one.port)
        assert watch.get(QUIET_S) is None
    one, two = told
    assert (one.port, two.port) == ("pci-0000:00:14.0-usb-0:3", "pci-0000:00:14.0-usb-0:9.2")
    assert one.devpath == f"{CONTROLLER}/usb1/1-3"
    assert (one.maker, one.product, one.serial) == ("Maker", "Recorder", "TA00001")
    assert (one.vendor_id, one.product_id, one.interfaces) == ("4255", "0001", ("080650",))
    assert one.node is not None
    assert one.node.startswith("/dev/bus/usb/001/")
    (volume,) = one.volumes
    assert (volume.node, volume.fs, volume.label, volume.uuid) == ("/dev/sdb1", "vfat", "CARD1", "1234-ABCD")
    assert volume.size_bytes == 2048 * 512


def plug_yank_and_the_same_serial_in_another_port(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        for port in ("1-3", "1-4", "2-4", "1-9.2.1"):
            stick = bed.stick(port)
            device = plugged(watch)
            assert device.port == f"pci-0000:00:14.0-usb-0:{port.partition('-')[2]}"
            assert (device.serial, nodes(device)) == ("TA00001", ["/dev/sdb1"])
            bed.pull(*stick.paths)
            assert unplugged(watch) == Unplugged(device.devpath, device.port)
        assert watch.get(QUIET_S) is None


def a_quick_swap_in_one_port_is_told_as_two(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        stick = bed.stick("1-3", serial="TA00001")
        first = plugged(watch)
        bed.pull(*stick.paths)
        bed.stick("1-3", serial="TA00002")
        assert unplugged(watch).devpath == first.devpath
        second = plugged(watch)
        assert (second.serial, second.devpath) == ("TA00002", first.devpath)
        assert second.node != first.node


def late_partitions_are_waited_for(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        stick = bed.stick(disks=False)
        assert watch.get(QUIET_S) is None
        bed.disk(stick, "sdb")
        assert watch.get(QUIET_S) is None
        bed.partition(stick, "sdb", 2, fs="exfat")
        bed.partition(stick, "sdb", 10, fs=None)
        bed.partition(stick, "sdb", 1, fs="ext4")
        device = plugged(watch)
        assert nodes(device) == ["/dev/sdb1", "/dev/sdb2"]
        assert watch.get(QUIET_S) is None


def a_bare_file_system_is_a_volume(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        bed.stick(bare=True, fs="exfat", label=r"\xe6\x89\xa7\xe6\xb3\x95\x20\x1b\x5b7")
        (volume,) = plugged(watch).volumes
        assert (volume.node, volume.fs, volume.label) == ("/dev/sdb", "exfat", "执法 [7")
        assert volume.size_bytes == 262_144 * 512


def a_card_put_into_a_reader_later_is_told(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        stick = bed.usb("1-3", serial="READER")
        (first,) = bed.disk(stick, "sdb", table=False, size=0)
        bed.disk(stick, "sdc", table=False, size=0)
        assert plugged(watch).volumes == ()
        bed.put(first, "size", "4096")
        bed.prop(first, "ID_PART_TABLE_TYPE", "dos")
        bed.tell(first, "change")
        partition = bed.partition(stick, "sdb", 1)
        assert nodes(plugged(watch)) == ["/dev/sdb1"]
        bed.tell(first, "change")
        assert watch.get(QUIET_S) is None
        bed.pull(partition)
        bed.put(first, "size", "0")
        bed.tell(first, "change")
        assert plugged(watch).volumes == ()


def what_dies_before_it_holds_still_is_not_told(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        for _ in range(5):
            bed.pull(*bed.stick().paths)
            assert watch.get(0) is None
        assert watch.get(QUIET_S) is None


def a_keyboard_is_told_as_what_it_is_and_hubs_never(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        bed.usb("1-9", interfaces="090000", hub=True)
        bed.stick("1-3", interfaces="080650:030101")
        assert plugged(watch).interfaces == ("030101", "080650")
        assert watch.get(QUIET_S) is None


def a_device_that_tells_nothing_and_lies_is_told_harmlessly(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        texts = ("\x1b[2J\u202eevil" + "M" * 9000, "\x00\x07")
        bed.usb("1-3.1", interfaces="ff0000", id_path=False, texts=texts)
        device = plugged(watch)
        assert device.maker is not None
        assert device.maker.startswith("[2Jevil")
        assert len(device.maker) == 126
        assert (device.product, device.serial) == (None, None)
        assert device.port == "pci-0000:00:14.0-usb-0:3.1"


def a_storm_costs_neither_time_nor_memory(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        stick = bed.stick("1-3")
        assert nodes(plugged(watch)) == ["/dev/sdb1"]
        _storm(bed, stick, watch, 50)
        gc.collect()
        tracemalloc.start()
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.process_time()
        _storm(bed, stick, watch, 500)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        assert held < 200_000, f"{held} bytes are held after the storm"
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 8_000
        assert time.process_time() - begun < 10
        bed.pull(*stick.paths)
        assert unplugged(watch).port.endswith(":3")


def _storm(bed: Bed, stick: Stick, watch: UsbWatch, events: int) -> None:
    """Events of the device itself, and of others that come and go."""
    for number in range(events // 5):
        bed.tell(stick.paths[-1], "change")
        other = bed.usb("1-5", interfaces="080650", serial=f"S{number}")
        bed.pull(*other.paths)
        assert watch.get(0) is None
    assert watch.get(QUIET_S) is None


def one_that_reads_late_is_told_all(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        told: list[str | None] = []
        reader = threading.Timer(0.3, lambda: told.extend(plugged(watch).serial for _ in range(4)))
        reader.start()
        for number, letter in enumerate("bcde", 1):
            bed.stick(f"1-{number}", disk=f"sd{letter}", serial=f"S{number}")
        reader.join()
        assert sorted(map(str, told)) == ["S1", "S2", "S3", "S4"]


def lost_events_are_made_good_by_listing(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        gone, kept = bed.stick("1-3"), bed.stick("1-4", disk="sdc", serial="TA00002")
        assert {plugged(watch).port[-1], plugged(watch).port[-1]} == {"3", "4"}
        monitor: Any = watch._monitor
        poll, lost = monitor.poll, []

        def overflowing(timeout: float) -> object:
            """Give nothing of what was told, then say that some of it was lost."""
            while poll(0) is not None:
                lost.append(1)
            monitor.poll = poll
            raise OSError(errno.ENOBUFS, "No buffer space available")

        monitor.poll = overflowing
        bed.pull(*gone.paths)
        bed.pull(kept.paths[-1])
        bed.stick("1-5", disk="sdd", serial="TA00003")
        assert unplugged(watch).port[-1] == "3"
        assert (watch.overflows, len(lost) > 5) == (1, True)
        told = {device.port[-1]: nodes(device) for device in (plugged(watch),)}
        assert told == {"5": ["/dev/sdd1"]}


def a_udev_that_fails_is_said_so(bed: Bed) -> None:
    with UsbWatch(SETTLE_S) as watch:
        monitor: Any = watch._monitor

        def failing(timeout: float) -> object:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")

        monitor.poll = failing
        with pytest.raises(UdevSilent):
            watch.get(1)


def closing_ends_the_stream_from_another_thread(bed: Bed) -> None:
    bed.stick("1-3")
    with UsbWatch(SETTLE_S) as watch:
        closer = threading.Timer(0.5, watch.close)
        closer.start()
        assert [type(one) for one in watch] == [Plugged]
        closer.join()
        assert watch.get(LONG_S) is None
    watch.close()


SCENES = [
    cold_start_tells_what_is_in_already,
    plug_yank_and_the_same_serial_in_another_port,
    a_quick_swap_in_one_port_is_told_as_two,
    late_partitions_are_waited_for,
    a_bare_file_system_is_a_volume,
    a_card_put_into_a_reader_later_is_told,
    what_dies_before_it_holds_still_is_not_told,
    a_keyboard_is_told_as_what_it_is_and_hubs_never,
    a_device_that_tells_nothing_and_lies_is_told_harmlessly,
    a_storm_costs_neither_time_nor_memory,
    one_that_reads_late_is_told_all,
    lost_events_are_made_good_by_listing,
    a_udev_that_fails_is_said_so,
    closing_ends_the_stream_from_another_thread,
]


@pytest.mark.parametrize("scene", [scene.__name__ for scene in SCENES])
def test_usb(scene: str) -> None:
    run("tests.devices.test_usb", scene)
