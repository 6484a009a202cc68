"""A recorder is cleared against a proof, exactly; and where the proof fails in any of four ways, nothing is erased."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import CatalogLost
from tests.footage.card import shown
from tests.lab.cards import MEGABYTE, LabCard, Make, fill, film
from tests.lab.guest import until
from tests.lab.lab import Lab, label_of
from tests.lab.station import Station
from tests.lab.watch import QUIET, Watch, watching

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SEED = 800
QUIET_S_MAX = 900
ONE_FILM = Make("vfat", shift=False, films=1, film_bytes=3 * MEGABYTE)
POLICY = '[clearing]\nwhen = "after-receipt"\n'
FLIP = """
import sys
with open(sys.argv[1], 'r+b') as file:
    file.seek(1_000_000)
    byte = file.read(1)[0]
    file.seek(1_000_000)
    file.write(bytes([byte ^ 1]))
"""
ORIGINALS = "vault/objects/originals"


def dock(lab: Lab, watch: Watch, home: Station, bay: int, card: LabCard) -> None:
    """Push a recorder in, wait until nothing more is done to it, and take it out."""
    lab.plug(bay, card.image, card.usb_serial)
    watch.wait(label_of(bay), *QUIET, limit_s=QUIET_S_MAX)
    home.wait_sealed(watch)
    watch.wait_for(label_of(bay), lambda view: view["state"] in QUIET and not view["clearing"], QUIET_S_MAX)
    print(f"bay {bay}: {watch.bay(label_of(bay))['state']}, {watch.bay(label_of(bay))['why']}")
    lab.yank(bay)
    watch.wait(label_of(bay), "empty", limit_s=QUIET_S_MAX)


def adopt(home: Station, policy: str) -> None:
    """Put a policy into force."""
    home.write("policy.toml", policy)
    home.evidock("policy", "adopt", f"{home.home}/policy.toml", "--yes")


def original(home: Station, card: LabCard) -> str:
    """Where the vault keeps the one film of a card."""
    (file,) = card.truth.files
    return home.lab.run(f"find {home.home}/{ORIGINALS} -name '{file.sha256}*'").strip()


def flipped(home: Station, card: LabCard) -> None:
    """One bit of the original in the vault is another."""
    path = original(home, card)
    home.lab.run(f'chattr -i {path}; touch -r {path} /tmp/when; chmod u+w {path}; python3 -c "{FLIP}" {path}')
    home.lab.run(f"chmod 444 {path}; touch -r /tmp/when {path}; chattr +i {path}; echo 3 > /proc/sys/vm/drop_caches")


def unlocked(home: Station, card: LabCard) -> None:
    """The lock of the original is gone."""
    lock = original(home, card).replace("/objects/", "/locks/") + ".json"
    home.lab.run(f"chattr -i {lock} 2>/dev/null; rm {lock}")


def replaced(home: Station, card: LabCard) -> None:
    """On the card another film of the same name, size, times and edges took the place of the one that was filed."""
    (file,) = card.truth.files
    path = card.truth.folder / os.fsdecode(file.path)
    times = path.stat().st_mtime_ns
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    os.utime(path, ns=(times, times))
    fill(card)


def files_of(card: LabCard, folder: Path) -> Mapping[str, bytes]:
    """Every file on a FAT card, read on the host by another program than the guest's kernel."""
    folder.mkdir()
    argv = ["mcopy", "-s", "-n", "-i", f"{card.image}@@1M", "::/", str(folder)]
    subprocess.run(argv, check=True, timeout=60, capture_output=True)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


SPOILT: Mapping[str, tuple[Callable[[Station, LabCard], None], str]] = {
    "a flipped bit in the vault": (flipped, "clearing.not-as-sealed"),
    "a lock missing": (unlocked, "clearing.not-as-sealed"),
    "a clip replaced on the card": (replaced, "clearing.card-differs"),
}
"""How the proof of one card's film is spoilt, and why the station must say it does not erase it."""


def test_nothing_is_erased_where_the_proof_fails_and_all_of_it_where_it_holds(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard], tmp_path: Path
) -> None:
    good = made(SEED, Make("vfat", films=1))
    spoilt = {why: made(SEED + number, ONE_FILM) for number, why in enumerate(SPOILT, 1)}
    home.make()
    home.register([good, *spoilt.values()])
    home.start()
    with watching(lab, home.socket) as watch:
        untouched = {card.recorder: card.digest() for card in (good, *spoilt.values())}
        for bay, card in enumerate((good, *spoilt.values()), 1):
            dock(lab, watch, home, bay, card)
        assert {card.recorder: card.digest() for card in (good, *spoilt.values())} == untouched
        for why, card in spoilt.items():
            SPOILT[why][0](home, card)
        before = {why: card.digest() for why, card in spoilt.items()}
        there = files_of(good, tmp_path / "before")
        adopt(home, POLICY)
        for bay, card in enumerate((good, *spoilt.values()), 5):
            dock(lab, watch, home, bay, card)
    for why, card in spoilt.items():
        assert card.digest() == before[why], why
    told = [(one["erased"], one["reasons"]) for one in home.said("card cleared")]
    assert told[1:] == [(0, [SPOILT[why][1]]) for why in spoilt]
    left = files_of(good, tmp_path / "after")
    gone = {path for path in there if path not in left}
    print(f"erased {len(gone)} of {len(there)}; left {sorted(left)}")
    assert gone == {shown(file.path) for file in good.truth.files if file.outcome != "skipped"}
    assert left == {path: content for path, content in there.items() if path not in gone}
    home.wait_unmounted()


def test_nothing_is_erased_beside_an_older_copy_of_the_catalog(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard]
) -> None:
    card = made(SEED + 10, ONE_FILM)
    before = card.digest()
    home.make()
    home.register([card])
    adopt(home, POLICY)
    lab.run(f"cd {home.home} && mkdir older && cp -a catalog.db* older/")
    adopt(home, POLICY.replace("after-receipt", "never"))
    home.start()
    with watching(lab, home.socket) as watch:
        dock(lab, watch, home, 1, card)
    assert len(home.clips()) == 1
    home.stop()
    lab.run(f"cd {home.home} && rm catalog.db* && cp -a older/catalog.db* .")
    assert home.ask("clips", "list", status=CatalogLost.exit_status)["error"]["code"] == CatalogLost.code
    home.start()
    with watching(lab, home.socket) as watch:
        lab.plug(2, card.image, card.usb_serial)
        watch.wait(label_of(2), *QUIET, limit_s=QUIET_S_MAX)
        until("the known film is read", lambda: home.said("known files read again"), QUIET_S_MAX)
        lab.yank(2)
        watch.wait(label_of(2), "empty", limit_s=QUIET_S_MAX)
    assert card.digest() == before
    assert home.said("card cleared") == []
    home.stop()
    home.evidock("rebuild")
    assert len(home.clips()) == 1


def test_another_film_of_the_same_name_is_taken_as_well(
    lab: Lab, home: Station, made: Callable[[int, Make], LabCard]
) -> None:
    card = made(SEED + 20, ONE_FILM)
    (file,) = card.truth.files
    home.make()
    home.register([card])
    home.start()
    with watching(lab, home.socket) as watch:
        dock(lab, watch, home, 1, card)
        body = film(random.Random(SEED), ONE_FILM.film_bytes)
        (card.truth.folder / os.fsdecode(file.path)).write_bytes(body)
        fill(card)
        dock(lab, watch, home, 2, replace(card))
    assert len({clip["sha256"] for clip in home.clips()}) == 2
