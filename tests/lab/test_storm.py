"""Five hundred udev events, devices that die at once, a keyboard, a stick nobody registered: the daemon minds none."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.lab.cards import LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.lab import Lab
from tests.lab.station import Station
from tests.lab.watch import QUIET, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEED = 900
EVENTS = 500
DYING = 20
GROWTH_KB_MAX = 8 << 10
QUIET_S_MAX = 300
SETTLED_S = 10
STORM = """
n=0
while [ $n -lt {events} ]; do
    udevadm trigger --action={action} --subsystem-match=usb --subsystem-match=block --subsystem-match=scsi
    n=$((n + $(udevadm trigger --dry-run --verbose --subsystem-match=usb --subsystem-match=block \\
        --subsystem-match=scsi | wc -l)))
done
udevadm settle --timeout=120
echo $n
"""


def storm(lab: Lab, action: str) -> int:
    """So many events of devices that are there; how many."""
    return int(lab.run(STORM.format(events=EVENTS // 2, action=action)))


def test_a_storm_of_events(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    card = made(SEED, Make("vfat"))
    home.make()
    home.register([card])
    home.start()
    with watching(lab, home.socket) as watch:
        lab.plug(1, card.image, card.usb_serial)
        assert watch.wait("1", *QUIET, limit_s=QUIET_S_MAX)["state"] == "safe"
        storm(lab, "change")
        time.sleep(SETTLED_S)
        memory_kb, cpu_s, began = home.memory_kb(), home.cpu_s(), time.monotonic()
        count = sum(storm(lab, action) for action in ("change", "add", "change", "add"))
        time.sleep(SETTLED_S)
        grown_kb = home.memory_kb() - memory_kb
        print(
            f"{count} events in {time.monotonic() - began:.0f} s: {home.cpu_s() - cpu_s:.1f} s CPU, {grown_kb} kB more"
        )
        assert watch.bay("1")["state"] == "safe"
        lab.yank(1)
        watch.wait("1", "empty", limit_s=QUIET_S_MAX)
    assert home.is_running
    assert home.mounts() == []
    assert_filed(home.clips(), [card])
    assert grown_kb < GROWTH_KB_MAX


def test_devices_that_die_at_once(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    card = made(SEED + 1, Make("exfat"))
    before, source = card.digest(), random.Random(SEED)
    home.make()
    home.register([card])
    home.start()
    with watching(lab, home.socket) as watch:
        memory_kb = home.memory_kb()
        for number in range(DYING):
            lab.plug(1 + number % 4, card.image, card.usb_serial)
            time.sleep(source.uniform(0, 1.5))
            lab.yank(1 + number % 4)
        time.sleep(SETTLED_S)
        print(f"seed {SEED}: {DYING} dead devices: {home.memory_kb() - memory_kb} kB more, bays {watch.states()}")
        assert set(watch.states().values()) <= {"empty"}
        assert home.mounts() == []
        lab.plug(5, card.image, card.usb_serial)
        assert watch.wait("5", *QUIET, limit_s=QUIET_S_MAX)["state"] == "safe"
        home.wait_sealed(watch)
    assert home.is_running
    assert_filed(home.clips(), [card])
    assert card.digest() == before


def test_what_is_no_recorder_is_shown_and_never_mounted(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard]
) -> None:
    stick, retired = made(SEED + 2, Make("vfat")), made(SEED + 3, Make("vfat"))
    before = [stick.digest(), retired.digest()]
    home.make()
    home.register([retired])
    home.evidock("recorders", "retire", retired.recorder, "--reason", "lost")
    home.start()
    with watching(lab, home.socket) as watch, lab.keyboard(2):
        lab.plug(1, stick.image, stick.usb_serial)
        lab.plug(3, retired.image, retired.usb_serial)
        for bay in "123":
            view = watch.wait(bay, "unknown", limit_s=QUIET_S_MAX)
            print(f"bay {bay}: {view['device']}: {view['why']}")
            assert view["why"]["en"][1], view
        time.sleep(SETTLED_S)
        assert home.mounts() == []
        assert watch.states() == {**watch.states(), "1": "unknown", "2": "unknown", "3": "unknown"}
        assert {event["state"] for bay in "123" for event in watch.of_bay(bay)} <= {"empty", "waiting", "unknown"}
    assert home.is_running
    assert home.clips() == []
    assert [stick.digest(), retired.digest()] == before
