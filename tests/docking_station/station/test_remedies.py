"""What a person is told to do about a place that cannot be used follows from why: no rights help a full disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from catalog.station_error import StationError
from devices.contract import Volume
from devices.errors import CannotMount, NotProtected
from devices.mount import Mounted
from docking_station.services.policy import read_file
from docking_station.station import errors
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from tests.house.test_errors import every_error
from tests.scenario.dock import Dock

RIGHTS = (errno.EACCES, errno.EPERM)
NUMBERS = (*RIGHTS, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENAMETOOLONG, errno.ENOENT)
ROOM = (errno.ENOSPC, errno.EDQUOT)
OF_RIGHTS_ALONE = {
    "devices.not-protected": "only where the kernel says so",
    "vault.lock-not-kept": "the vault took the lock and does not keep it",
    "vault.denied": "the server says so",
}


def says_rights(error: StationError) -> bool:
    return "the right to" in error.hint() and "权限" in error.hint("zh")


def raising(number: int):  # type: ignore[no-untyped-def]  # stands for whatever opens a file
    def opened(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return opened


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_the_advice_fits_the_fault(dock: Dock, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    station = Station(read_settings(Home(dock.home)))
    policy = dock.home / "policy.toml"
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", raising(number))
        with pytest.raises(errors.HomeUnwritable) as home, station.noting():
            pass
    assert says_rights(home.value) is (number in RIGHTS)
    assert ("Make room" in home.value.hint()) is (number in ROOM)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", raising(number))
        with pytest.raises((errors.SettingsUnreadable, errors.HomeMissing)) as settings:
            read_settings(Home(dock.home))
        with pytest.raises(errors.PolicyFileMissing) as file:
            read_file(policy)
    assert says_rights(settings.value) is (number in RIGHTS)
    assert says_rights(file.value) is (number in RIGHTS)
    assert ("policy example" in file.value.hint()) is (number == errno.ENOENT), "nothing is written over"


@pytest.mark.parametrize("number", [errno.EPERM, errno.EIO, errno.ENXIO], ids=errno.errorcode.get)
def test_a_card_that_fails_is_no_matter_of_rights(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("devices.mount._set_read_only", raising(number))
    mounted = Mounted(Volume("/dev/sdx1", "vfat", None, None, 0), tmp_path, -1, -1)
    with pytest.raises(NotProtected if number == errno.EPERM else CannotMount):
        mounted.protect()


def test_no_other_error_takes_every_fault_for_one_of_rights() -> None:
    blaming = [
        one
        for one in every_error()
        if "{reason}" in one.en[0] and "right" in one.en[1] and "{todo}" not in one.en[1] and "disk" not in one.en[1]
    ]
    assert {one.code for one in blaming} <= set(OF_RIGHTS_ALONE)
