"""The vault away for the length of many dockings, its disk not mounted, the station's disk full to the mark."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.guest import until
from tests.lab.lab import Lab, label_of
from tests.lab.station import Station
from tests.lab.watch import QUIET, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

SEED = 600
TAKEN_S_MAX = 600
BACK_S_MAX = 600
ROOM_MB = 240
RESERVE_MB = 100
FILMS = Make("vfat", shift=False, films=3, film_bytes=3 * MEGABYTE)
LARGE = Make("vfat", shift=False, films=6, film_bytes=8 * MEGABYTE)


def test_a_vault_that_is_away(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    cards = [made(SEED + number, FILMS) for number in range(5)]
    home.make()
    home.register(cards)
    home.start()
    lab.run(f"mv {home.home}/vault {home.home}/away")
    with watching(lab, home.socket) as watch:
        for number, card in enumerate(cards):  # an hour of dockings: each comes, is taken, and goes
            bay = 1 + number % 3
            lab.plug(bay, card.image, card.usb_serial)
            view = watch.wait(label_of(bay), *QUIET, limit_s=TAKEN_S_MAX)
            assert view["state"] == "safe", view
            assert view["files_done"] == view["files"] == len(card.filed), view
            lab.yank(bay)
        until("the station says that its vault is away", lambda: watch.station["vault"], BACK_S_MAX)
        taken = sum(len(card.filed) for card in cards)
        until("every copy is counted", lambda: watch.station["unsealed"] == taken, BACK_S_MAX)
        assert home.clips() == []
        assert lab.run(f"ls {home.home}").split().count("vault") == 0, "a new vault was made where the old one was"
        home.evidock("health", status=None)
        lab.run(f"mv {home.home}/away {home.home}/vault")
        back = time.monotonic()
        home.wait_sealed(watch, BACK_S_MAX)
        print(f"{len(cards)} dockings without a vault; all sealed {time.monotonic() - back:.0f} s after it was back")
    assert home.held() == []
    assert_filed(home.clips(), cards)
    home.verify()
    assert home.leavings() == []


def test_a_vault_whose_disk_is_not_mounted(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    card = made(SEED + 10, FILMS)
    disk = f"{home.home}/disk"
    lab.run(f"truncate -s 200M {home.home}/disk.img && mkfs.ext4 -q {home.home}/disk.img && mkdir {disk}")
    lab.run(f"mount -o loop {home.home}/disk.img {disk}")
    home.make(f'[vault]\naddress = "folder:{disk}"\n')
    home.register([card])
    home.start()
    lab.run(f"umount {disk}")
    with watching(lab, home.socket) as watch:
        lab.plug(1, card.image, card.usb_serial)
        assert watch.wait("1", *QUIET, limit_s=TAKEN_S_MAX)["state"] == "safe"
        until("the station says that its vault is away", lambda: watch.station["vault"], BACK_S_MAX)
        assert lab.run(f"ls {disk}").split() == [], "sealed on the disk below the mount point"
        lab.run(f"mount -o loop {home.home}/disk.img {disk}")
        home.wait_sealed(watch, BACK_S_MAX)
    assert_filed(home.clips(), [card])
    home.verify()
    home.stop()
    lab.run(f"umount {disk}")


def test_a_disk_that_is_full_to_the_mark(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    cards = [made(SEED + 20 + number, LARGE) for number in range(3)]
    lab.run(f"truncate -s {ROOM_MB}M {home.home}.img && mkfs.ext4 -q {home.home}.img")
    lab.run(f"mount -o loop {home.home}.img {home.home}")
    vault = f"{home.home}-vault"
    home.make(f'[vault]\naddress = "folder:{vault}"\n[spool]\nreserve_mb = {RESERVE_MB}\n')
    home.register(cards)
    home.start()
    lab.run(f"mv {vault} {vault}-away")
    with watching(lab, home.socket) as watch:
        for bay, card in enumerate(cards, 1):
            lab.plug(bay, card.image, card.usb_serial)
        full = until(
            "a bay shows that the disk is full",
            lambda: [view for bay in "123" if (view := watch.bay(bay)).get("state") == "full"],
            TAKEN_S_MAX,
        )
        print(f"full: {full[0]['why']}")
        assert full[0]["why"]["en"][1], full
        time.sleep(10)
        free_mb = int(lab.run(f"df --output=avail -BM {home.home} | tail -1").strip().rstrip("M"))
        assert free_mb >= RESERVE_MB - 1
        assert home.is_running
        lab.run(f"mv {vault}-away {vault}")
        back = time.monotonic()
        for bay, card in enumerate(cards, 1):
            view = watch.wait(str(bay), *QUIET, limit_s=BACK_S_MAX)
            assert (view["state"], view["recorder"]) == ("safe", card.recorder), view
        home.wait_sealed(watch, BACK_S_MAX)
        print(f"{free_mb} MB were left; all taken and sealed {time.monotonic() - back:.0f} s after the vault was back")
    assert home.held() == []
    assert_filed(home.clips(), cards)
    home.stop()
    lab.run(f"umount {home.home}", status=None)
