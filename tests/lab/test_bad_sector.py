"""A bad sector in one file: the others are filed, this one is held with its place, and filed once it can be read."""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.footage.card import TrueFile, shown
from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.lab import Lab
from tests.lab.station import Station
from tests.lab.watch import QUIET, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEED = 700
SECTOR = 512
BAD_AT = 3 * MEGABYTE + 5 * SECTOR
NEAR = 64 << 10
QUIET_S_MAX = 900
CARDS = {"vfat": Make("vfat", films=2, film_bytes=5 * MEGABYTE), "ext4": Make("ext4", films=2, film_bytes=5 * MEGABYTE)}


def sector_of(card: LabCard, file: TrueFile, offset: int) -> int:
    """Where a sector of a file lies on the card."""
    wanted = card.truth.folder.joinpath(file.path.decode()).read_bytes()[offset : offset + SECTOR]
    with card.image.open("rb") as image, mmap.mmap(image.fileno(), 0, access=mmap.ACCESS_READ) as bytes_:
        at = bytes_.find(wanted)
        assert at >= 0
        assert at % SECTOR == 0
        assert bytes_.find(wanted, at + 1) < 0
        return at // SECTOR


@pytest.mark.parametrize("how", CARDS.values(), ids=CARDS)
def test_a_bad_sector(lab: Lab, home: Station, made: Callable[[int, Make], LabCard], how: Make) -> None:
    card = made(SEED, how)
    bad = card.truth.files[-1]
    sector = sector_of(card, bad, BAD_AT)
    home.make()
    home.register([card])
    home.start()
    with watching(lab, home.socket) as watch:
        lab.plug(3, card.image, card.usb_serial, bad_sectors=[sector])
        view = watch.wait("3", *QUIET, limit_s=QUIET_S_MAX)
        assert (view["state"], view["held"]) == ("held", 1), view
        home.wait_sealed(watch)
        (held,) = home.held()
        print(f"bad sector {sector}, at {BAD_AT} of the file: {held['message']} {held['hint']}")
        assert held["path"] == shown(bad.path)
        places = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]{5,}", held["message"])]
        assert [at for at in places if BAD_AT - NEAR <= at <= BAD_AT + NEAR], held
        others = replace(card, truth=replace(card.truth, files=tuple(f for f in card.truth.files if f is not bad)))
        assert_filed(home.clips(), [others])
        lab.yank(3)
        watch.wait("3", "empty", limit_s=QUIET_S_MAX)
        lab.plug(6, card.image, card.usb_serial)
        assert watch.wait("6", *QUIET, limit_s=QUIET_S_MAX)["state"] == "safe"
        home.wait_sealed(watch)
    assert home.held() == []
    assert_filed(home.clips(), [card])
    home.verify()
