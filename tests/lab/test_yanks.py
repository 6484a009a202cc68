"""A hundred yanks at random moments over random bays, and a power cut: nothing lost, nothing twice, nothing altered."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.lab.cards import MEGABYTE, LabCard, Make
from tests.lab.checks import assert_filed
from tests.lab.lab import Lab, label_of
from tests.lab.station import Station
from tests.lab.watch import QUIET, Watch, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

SEED = 500
YANKS = 100
BAYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
PAUSE_S = (0.1, 4.0)
MBPS = 0.25
"""So slow that recorders are still being read after most of the yanks."""
BUSY = ("waiting", "copying")
BUSY_LEAST = 50
END_S_MAX = 1800
FILM_BYTES = 4 * MEGABYTE
HOW = (
    Make("vfat", films=8, film_bytes=FILM_BYTES),
    Make("exfat", films=8, film_bytes=FILM_BYTES),
    Make("ext4", films=8, film_bytes=FILM_BYTES),
    Make("vfat", bare=True, films=8, film_bytes=FILM_BYTES),
    Make("mtp", films=8, film_bytes=FILM_BYTES),
    Make("exfat", films=2, film_bytes=5 * FILM_BYTES, shift=False),
)


@dataclass
class Hands:
    """Somebody who plugs recorders in and pulls them out again, by a seed."""

    lab: Lab
    source: random.Random
    cards: list[LabCard]
    where: dict[str, int] = field(default_factory=dict)

    def push(self, card: LabCard) -> None:
        """Into a bay that is free."""
        bay = self.source.choice([bay for bay in BAYS if bay not in self.where.values()])
        if card.kind == "mtp":
            self.lab.plug_mtp(bay, card.image, card.usb_serial)
        else:
            self.lab.plug(bay, card.image, card.usb_serial, mbps=MBPS)
        self.where[card.recorder] = bay

    def push_all(self) -> None:
        """Every recorder that is out."""
        for card in self.cards:
            if card.recorder not in self.where:
                self.push(card)

    def shown(self, watch: Watch, card: LabCard) -> str:
        """What the bay of a recorder shows."""
        return str(watch.bay(label_of(self.where[card.recorder])).get("state"))

    def pull(self, watch: Watch) -> str:
        """A recorder out of its bay, rather one that is being read, and into another; what its bay showed."""
        busy = [card for card in self.cards if self.shown(watch, card) in BUSY]
        card = self.source.choice(busy if busy and self.source.random() < 0.8 else self.cards)
        bay, state = self.where[card.recorder], self.shown(watch, card)
        self.lab.yank(bay)
        del self.where[card.recorder]
        if self.source.random() < 0.5:
            time.sleep(self.source.uniform(0, 1))
        self.push(card)
        return state


def yanks(hands: Hands, home: Station, count: int) -> Counter[str]:
    """So many yanks at random moments; what the bays showed then."""
    states: Counter[str] = Counter()
    with watching(hands.lab, home.socket) as watch:
        hands.push_all()
        for _ in range(count):
            time.sleep(hands.source.uniform(*PAUSE_S))
            states[hands.pull(watch)] += 1
    return states


def test_a_hundred_yanks_and_a_power_cut(lab: Lab, home: Station, made: Callable[[int, Make], LabCard]) -> None:
    cards = [made(SEED + number, how) for number, how in enumerate(HOW)]
    before = {card.recorder: card.digest() for card in cards}
    hands = Hands(lab, random.Random(SEED), cards)
    print(f"seed {SEED}: {YANKS} yanks of {len(cards)} recorders at {MBPS} MB/s")
    home.make()
    home.register(cards)
    home.start()
    began = time.monotonic()
    states = yanks(hands, home, YANKS // 2)
    assert home.is_running
    lab.down()
    hands.where.clear()
    lab.up()
    home.start()
    states += yanks(hands, home, YANKS - YANKS // 2)
    print(f"{time.monotonic() - began:.0f} s of yanks; the bays showed {dict(states)}")
    with watching(lab, home.socket) as watch:
        for card in cards:
            view = watch.wait(label_of(hands.where[card.recorder]), *QUIET, limit_s=END_S_MAX)
            assert (view["state"], view["recorder"]) == ("safe", card.recorder), view
        home.wait_sealed(watch)
    print(f"all filed after {time.monotonic() - began:.0f} s; daemon {home.memory_kb() >> 10} MB")
    assert home.is_running
    assert home.held() == []
    assert_filed(home.clips(), cards)
    home.verify()
    lab.yank_all()
    home.wait_unmounted()
    assert home.leavings() == []
    home.assert_originals({clip["sha256"] for clip in home.clips()})
    assert {card.recorder: card.digest() for card in cards} == before
    busy = sum(states[state] for state in BUSY)
    assert busy >= BUSY_LEAST, f"only {busy} yanks hit a recorder that was being read: change MBPS"
