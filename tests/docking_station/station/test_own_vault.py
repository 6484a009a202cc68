"""A vault that is away is waited for; an empty folder in its place is never begun anew."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.station_error import StationError
from docking_station.station.own_vault import OwnVault
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from tests.docking_station.running import small_disk
from tests.scenario.dock import Dock
from vault.contract import Vault
from vault.errors import VaultUnreachable

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def station(dock: Dock) -> Station:
    return Station(read_settings(Home(dock.home)))


def patient(station: Station) -> OwnVault:
    return OwnVault(lambda: station.vault, f"keys/{station.signer.key_id}.pub.pem")


USES: dict[str, Callable[[OwnVault, Path], Any]] = {
    "put": lambda vault, copy: vault.put("originals/aa/aa", copy, "aa", UNTIL),
    "put_document": lambda vault, _: vault.put_document("acts/a.json", b"{}", UNTIL),
    "find": lambda vault, _: vault.find("acts/a.json"),
    "open": lambda vault, _: vault.open("acts/a.json"),
    "extend": lambda vault, _: vault.extend("acts/a.json", UNTIL),
    "discard": lambda vault, _: vault.discard("acts/a.json", UNTIL),
    "keys": lambda vault, _: list(vault.keys("acts")),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("emptied", [True, False], ids=["emptied", "gone"])
@pytest.mark.parametrize("opened_before", [True, False], ids=["open", "closed"])
def test_nothing_is_begun_where_the_vault_was(
    station: Station, tmp_path: Path, use: str, emptied: bool, opened_before: bool
) -> None:
    vault, place = patient(station), station.home.root / "vault"
    if opened_before:
        vault.put_document("acts/b.json", b"{}", UNTIL)
    place.rename(tmp_path / "elsewhere")
    if emptied:
        place.mkdir()
    copy = tmp_path / "copy"
    copy.write_bytes(b"bytes")
    with pytest.raises(VaultUnreachable):
        USES[use](vault, copy)
    assert copy.read_bytes() == b"bytes"
    assert not place.exists() or list(place.iterdir()) == []
    if emptied:
        place.rmdir()
    (tmp_path / "elsewhere").rename(place)
    assert vault.put_document("acts/a.json", b"{}", UNTIL).size_bytes == 2  # it comes back by itself
    with vault.open("acts/a.json") as file:
        assert file.read() == b"{}"


def test_a_vault_that_is_unmounted_is_away_until_it_is_mounted_again(station: Station, tmp_path: Path) -> None:
    place = station.home.root / "vault"
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, "8m"):
        shutil.move(place, disk / "vault")
        place.mkdir()
        mount = ["mount", "--bind", str(disk / "vault"), str(place)]
        subprocess.run(mount, check=True)
        vault = patient(station)
        try:
            vault.put_document("acts/a.json", b"{}", UNTIL)
            subprocess.run(["umount", str(place)], check=True)
            assert list(place.iterdir()) == []
            with pytest.raises(VaultUnreachable) as told:
                vault.put_document("acts/b.json", b"{}", UNTIL)
            assert "init" in told.value.message("en")
            assert list(place.iterdir()) == []
            subprocess.run(mount, check=True)
            vault.put_document("acts/b.json", b"{}", UNTIL)
            assert sorted(vault.keys("acts")) == ["acts/a.json", "acts/b.json"]
        finally:
            subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


def test_another_stations_vault_is_not_ours(station: Station) -> None:
    vault = OwnVault(lambda: station.vault, "keys/another.pub.pem")
    with pytest.raises(VaultUnreachable):
        vault.put_document("acts/a.json", b"{}", UNTIL)


def test_opening_is_tried_again_and_only_until_it_works(station: Station) -> None:
    tries: list[int] = []

    def opened() -> Vault:
        tries.append(1)
        if len(tries) < 3:
            raise VaultUnreachable(reason="no answer")
        return station.vault

    vault = OwnVault(opened, f"keys/{station.signer.key_id}.pub.pem")
    for _ in range(2):
        with pytest.raises(StationError):
            vault.demand()
    for _ in range(3):
        vault.demand()
    assert len(tries) == 3
