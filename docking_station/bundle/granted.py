"""A copy under a grant (凭批准制作副本): an evidence bundle, in the register before it has its name.

The grant is read again from the signed acts in the vault: rows of the catalog alone let nothing out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.requests import requests
from catalog.rules.callers import Caller
from catalog.rules.requests import demand_open
from docking_station.bundle.export import Exported, export_bundle
from docking_station.bundle.facts import Item, Order
from docking_station.services.errors import NoSuchDisk
from docking_station.services.first_run import Disk, disks
from docking_station.services.requests import demand_maker, signed_request
from docking_station.station.apart import demand_apart
from docking_station.station.errors import NotApart
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station

FOLDER, EXPORTING = "evidock-bundles", "exporting"
"""Where bundles lie on a disk."""


@dataclass(frozen=True, slots=True)
class Made:
    """The bundle, and the number of the copy in the register."""

    copy: str
    exported: Exported


def disks_outside(station: Station) -> tuple[Disk, ...]:
    """The disks of this machine that a bundle may be written to: none that holds anything of the station itself."""
    return tuple(one for one in disks() if not one.is_copy and _is_outside(station, one.point))


def make_on_disk(
    station: Station, caller: Caller, no: str, point: str, progress: Callable[[float], None] = lambda _: None
) -> Made:
    """Make the bundle that a request was granted, on one of `disks_outside`.

    Raises `NoSuchDisk`, and as `make_copy`.
    """
    disk = next((one for one in disks_outside(station) if str(one.point) == point), None)
    if disk is None:
        raise NoSuchDisk(disk=point)

    @contextmanager
    def counted(name: str, total: int, *, in_bytes: bool = True) -> Iterator[Callable[[int], None]]:
        done = 0

        def count(size: int) -> None:
            nonlocal done
            done += size
            if name == EXPORTING and in_bytes and total:
                progress(min(1.0, done / total))

        yield count

    return make_copy(station, caller, no, disk.point / FOLDER, (), counted)


def _is_outside(station: Station, point: Path) -> bool:
    try:
        demand_apart(station.settings, point)
    except NotApart:
        return False
    return True


def make_copy(
    station: Station, caller: Caller, no: str, folder: Path, recipients: tuple[str, ...], progress: Progress = silent
) -> Made:
    """Make the bundle that a request was granted.

    Raises `NoSuchRequest`, `NotGranted`, `RequestPerson`, `RecordsDisagree`, and as `export_bundle`.
    """
    request = demand_open(signed_request(station, no), no, station.now())
    known = demand_maker(station, caller, request)
    numbers = list[str]()

    def enter(bundle: str, sha256: str, items: tuple[Item, ...]) -> None:
        originals = {item.clip: item.sha256 for item in items}
        with station.changing("acts", wait=True):
            station.act_writer.catch_up()
            demand_open(signed_request(station, no), no, station.now(), originals)  # it may be revoked meanwhile
            number = requests.next_copy_no(station.database, no)
            act = requests.making(number, no, originals, bundle, sha256, at=station.now(), by=known)
            station.act_writer.carry_out(act)
        numbers.append(number)

    order = Order(request.granted, None, folder, recipients, no)
    exported = export_bundle(station, known, order, progress, enter)
    return Made(numbers[0], exported)
