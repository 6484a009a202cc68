"""How soon the first byte is copied, and whether eight bays together are read as fast as their cards are.

The guest is emulated: its processors are a fraction of the host's, and every digest costs accordingly. So the speeds
are chosen for it, and what they mean for a real machine is told by processor time, here and beside plain `dd`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.lab import FAST_BAYS, Lab
from tests.lab.station import Station
from tests.lab.watch import QUIET, Watch, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEED = 1000
FIRST_BYTE_S_MAX = 3
QUIET_S_MAX = 900
MBPS = 1.0
FULL_SPEED = 0.9
GIGABYTE = 1e9
FIRST_BYTES = """
import os, sys, time
spool, end = sys.argv[1], time.monotonic() + 120
while time.monotonic() < end:
    for folder, _, names in os.walk(spool):
        for name in names:
            try:
                if os.stat(os.path.join(folder, name)).st_size > 0:
                    print(time.monotonic())
                    sys.exit()
            except FileNotFoundError:
                pass
    time.sleep(0.02)
"""
MONITOR = "timeout 120 udevadm monitor --udev --subsystem-match=usb --subsystem-match=scsi --subsystem-match=block"
PLAIN = """
cpu() { awk '/^cpu /{print ($2 + $3 + $4 + $7 + $8) / 100}' /proc/stat; }
echo 3 > /proc/sys/vm/drop_caches
before=$(cpu); began=$(date +%s.%N)
for disk in /dev/sd?; do (dd if=$disk bs=1M count=COUNT status=none | WORK >/dev/null) & done
wait
ended=$(date +%s.%N); after=$(cpu)
echo $began $ended $before $after | awk '{print $2 - $1, $4 - $3}'
"""


def test_the_first_byte(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    cards = [made(SEED + number, Make("vfat", shift=False, films=1, film_bytes=2 * MEGABYTE)) for number in range(3)]
    home.make()
    home.register(cards)
    home.start()
    with watching(lab, home.socket) as watch:
        for bay, card in enumerate(cards, 1):
            home.write("first.py", FIRST_BYTES)
            monitor = lab.start(MONITOR)
            first = lab.start(f"python3 {home.home}/first.py {home.home}/spool")
            time.sleep(2)
            began = time.monotonic()
            lab.plug(bay, card.image, card.usb_serial)
            assert first.stdout is not None
            copied_at = float(first.stdout.read())
            host_s = time.monotonic() - began
            watch.wait(str(bay), *QUIET, limit_s=QUIET_S_MAX)
            lab.run("pkill -x udevadm", status=None)
            assert monitor.stdout is not None
            events = [
                float(line.split(b"[")[1].split(b"]")[0]) for line in monitor.stdout if line.startswith(b"UDEV  [")
            ]
            settled_at = max(at for at in events if at < copied_at)
            after_s = copied_at - settled_at
            print(
                f"first byte {after_s:.2f} s after udev's last event, {copied_at - events[0]:.2f} s after its first, "
                f"{host_s:.2f} s after the plug"
            )
            lab.yank(bay)
            home.wait_sealed(watch)
            assert after_s < FIRST_BYTE_S_MAX


def plain(lab: Lab, megabytes: int, work: str) -> tuple[float, float]:
    """Seconds and processor seconds of reading all cards with nothing but that work."""
    seconds, cpu_s = lab.run(PLAIN.replace("COUNT", str(megabytes)).replace("WORK", work)).split()
    return float(seconds), float(cpu_s)


def read_seconds(watch: Watch, bay: str, files: int) -> float:
    """How long a bay was copying, as it showed."""
    copying = [event["t"] for event in watch.of_bay(bay) if event["state"] == "copying"]
    done = [event["t"] for event in watch.of_bay(bay) if event["files_done"] == files]
    return float(min(done) - min(copying))


def test_eight_bays_together(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    how = Make("vfat", shift=False, films=2, film_bytes=8 * MEGABYTE)
    cards = [made(SEED + 10 + number, how) for number in range(8)]
    size_mb = sum(card.size_bytes for card in cards) // MEGABYTE
    for bay, card in zip(FAST_BAYS, cards, strict=True):
        lab.plug(bay, card.image, card.usb_serial, mbps=8)
    time.sleep(10)
    for work in ("cat", "sha256sum"):
        seconds, cpu_s = plain(lab, size_mb // 8, work)
        print(
            f"dd | {work}: {size_mb} MB of 8 cards at 8 MB/s in {seconds:.1f} s, "
            f"{size_mb / 8 / seconds:.1f} MB/s each, {cpu_s / size_mb * 1000:.0f} s CPU a GB"
        )
    lab.yank_all()
    home.make()
    home.register(cards)
    home.start()
    with watching(lab, home.socket) as watch:
        cpu_s, began = home.cpu_s(), time.monotonic()
        for bay, card in zip(FAST_BAYS, cards, strict=True):
            lab.plug(bay, card.image, card.usb_serial, mbps=MBPS)
        for bay in FAST_BAYS:
            watch.wait(str(bay), *QUIET, limit_s=QUIET_S_MAX)
        safe_s, copied_s = time.monotonic() - began, home.cpu_s() - cpu_s
        home.wait_sealed(watch)
        used_s = home.cpu_s() - cpu_s
        speeds = [
            card.size_bytes / 1e6 / read_seconds(watch, str(bay), len(card.filed))
            for bay, card in zip(FAST_BAYS, cards, strict=True)
        ]
    print(
        f"daemon: {size_mb} MB of 8 cards at {MBPS} MB/s in {safe_s:.1f} s, {min(speeds):.2f} to {max(speeds):.2f} "
        f"MB/s each; {copied_s / size_mb * 1000:.0f} s CPU a GB until safe, {used_s / size_mb * 1000:.0f} until filed"
    )
    assert_filed(home.clips(), cards)
    assert min(speeds) >= FULL_SPEED * MBPS
