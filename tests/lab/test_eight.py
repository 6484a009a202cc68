"""Eight recorders of every kind pushed in within two seconds: all filed, right bay, right serial, right holder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.lab import Lab, label_of
from tests.lab.station import Station
from tests.lab.watch import QUIET, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

SEED = 400
PASSWORD = "19283746"
PUSHED_S_MAX = 2
FILED_S_MAX = 900
AFTERWARDS = "JY-AFTER"
"""Who held one recorder when it was worn: its file names say another."""


@dataclass(frozen=True)
class Slot:
    """What goes into which bay, and how."""

    bay: int
    how: Make
    model: str | None = None
    password: str | None = None


SLOTS = (
    Slot(6, Make("vfat"), model="Police Recorder", password=PASSWORD),
    Slot(7, Make("exfat"), model="Wear Cam 4G"),
    Slot(1, Make("vfat", films=2)),
    Slot(2, Make("exfat", films=2)),
    Slot(3, Make("ext4", films=2)),
    Slot(4, Make("vfat", bare=True)),
    Slot(5, Make("mtp")),
    Slot(10, Make("ext4", bare=True)),
)
"""The slowest to push in first; bay 10 hangs at a full-speed hub."""


def push(lab: Lab, slot: Slot, card: LabCard) -> None:
    """Push a recorder into its bay."""
    if card.kind == "mtp":
        lab.plug_mtp(slot.bay, card.image, card.usb_serial)
    else:
        lab.plug(slot.bay, card.image, card.usb_serial, model=slot.model, password=slot.password)


def test_eight_recorders_at_once(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    cards = [made(SEED + slot.bay, slot.how) for slot in SLOTS]
    before = {card.recorder: card.digest() for card in cards}
    holders = {card.recorder: card.officer for card in cards} | {cards[2].recorder: AFTERWARDS}
    home.make()
    home.register(cards, {cards[2].recorder: AFTERWARDS})
    home.password(cards[0], PASSWORD)
    home.start()
    with watching(lab, home.socket) as watch:
        began = time.monotonic()
        for slot, card in zip(SLOTS, cards, strict=True):
            push(lab, slot, card)
        pushed_s = time.monotonic() - began
        for slot, card in zip(SLOTS, cards, strict=True):
            view = watch.wait(label_of(slot.bay), *QUIET, limit_s=FILED_S_MAX)
            assert (view["state"], view["recorder"], view["held"]) == ("safe", card.recorder, 0), json.dumps(view)
        safe_s = time.monotonic() - began
        home.wait_sealed(watch)
        filed_s = time.monotonic() - began
    clips = home.clips()
    assert_filed(clips, cards)
    assert [clip["id"] for clip in clips if clip["officer"] != holders[clip["recorder"]]] == []
    bays = {one["recorder"]: one["bay"] for one in home.ask("recorders", "dockings")}
    assert bays == {card.recorder: label_of(slot.bay) for slot, card in zip(SLOTS, cards, strict=True)}
    home.verify()
    lab.yank_all()
    home.wait_unmounted()
    assert home.leavings() == []
    assert {card.recorder: card.digest() for card in cards} == before
    size_mb = sum(card.size_bytes for card in cards) / MEGABYTE
    print(
        f"pushed in {pushed_s:.1f} s; {size_mb:.0f} MB safe after {safe_s:.0f} s, filed after {filed_s:.0f} s; "
        f"{len(clips)} clips, digests as on the host; daemon {home.cpu_s():.0f} s CPU, {home.memory_kb() >> 10} MB"
    )
    assert pushed_s < PUSHED_S_MAX, "not a test of eight at once"
