"""Cards of every kind, mounted by hand in the guest and given to `evidock ingest`: the lab itself can be believed."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.guest import until
from tests.lab.lab import Lab
from tests.lab.station import Station

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEED = 300
MOUNT = "/mnt/card"
OPTIONS = "ro,nosuid,nodev,noexec"
APPEAR_S_MAX = 30
HELD = 3
CARDS = {
    "vfat": Make("vfat"),
    "exfat": Make("exfat"),
    "ext4": Make("ext4"),
    "bare": Make("vfat", bare=True),
    "mtp": Make("mtp"),
}


def mount(lab: Lab, card: LabCard) -> None:
    """Mount what has just been plugged, as a careful person does."""
    lab.run(f"mkdir -p {MOUNT}")
    if card.kind == "mtp":
        until("MTP answers", lambda: lab.run(f"jmtpfs {MOUNT} && ls {MOUNT}", status=None).strip(), APPEAR_S_MAX)
        return
    node = f"/dev/disk/by-label/{card.label}"
    until("the card appears", lambda: lab.run(f"test -e {node} && echo yes", status=None), APPEAR_S_MAX)
    noload = ",noload" if card.kind == "ext4" else ""
    lab.run(f"blockdev --setro {node} && mount -o {OPTIONS}{noload} {node} {MOUNT}")


@pytest.mark.parametrize("how", CARDS.values(), ids=CARDS)
def test_what_is_ingested_is_what_the_host_put_on_the_card(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard], how: Make
) -> None:
    card = made(SEED, how)
    before = card.digest()
    home.make()
    if how.kind == "mtp":
        lab.plug_mtp(1, card.image, card.usb_serial)
    else:
        lab.plug(1, card.image, card.usb_serial)
    mount(lab, card)
    try:
        below = f"{MOUNT}/{card.usb_serial}" if how.kind == "mtp" else MOUNT
        began = time.monotonic()
        home.evidock("ingest", below, status=None)
        print(f"{how.kind}: {card.size_bytes / MEGABYTE:.1f} MB in {time.monotonic() - began:.1f} s")
    finally:
        lab.run(f"umount {MOUNT}", status=None)
    assert home.held() == []
    assert_filed(home.clips(), [card])
    assert card.digest() == before


def test_a_card_pulled_during_ingest_is_finished_the_next_time(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard]
) -> None:
    card = made(SEED + 1, Make("exfat", films=6, film_bytes=4 * MEGABYTE))
    before = card.digest()
    home.make()
    lab.plug(2, card.image, card.usb_serial, mbps=2)
    mount(lab, card)
    with lab.start(f"EVIDOCK_HOME={home.home} evidock ingest {MOUNT} --json"):
        time.sleep(12)
        lab.yank(2)
    lab.run(f"umount -l {MOUNT}", status=None)
    some = len(home.clips())
    assert some < len(card.filed)
    lab.plug(5, card.image, card.usb_serial)
    mount(lab, card)
    home.evidock("ingest", MOUNT, status=0)
    lab.run(f"umount {MOUNT}")
    print(f"{some} of {len(card.filed)} clips were filed when it was pulled")
    assert_filed(home.clips(), [card])
    assert card.digest() == before
    home.verify()
