"""What the dock knows while the catalog is away: the last that could be had, also after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.acts import policy
from catalog.database import Database
from catalog.errors import CatalogUnreachable
from catalog.recorders import recorders
from catalog.rules.acts import Act
from catalog.rules.policy import DEFAULT
from catalog.rules.register import Register
from catalog.rules.retention import MONTHS_MIN
from docking_station.dock.catalog_cache import CatalogCache
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from tests.scenario.dock import Dock

HOURS = """
[clearing]
when = "after-days"
days = 12
[dock]
copies = 3
megabytes_per_s = 80
[[hours]]
begins = "22:30"
ends = "06:15"
copies = 8
"""


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    made = Station(read_settings(Home(dock.home)))
    made.database.migrate()
    yield made
    made.close()


def change(station: Station, act: Act) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.carry_out(act)


def add(station: Station, serial: str) -> None:
    change(station, recorders.adding(serial, usb_serial=f"usb-{serial}", at=station.now(), actor="custodian"))


def away(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/no/such/folder/catalog.db")


def test_a_change_is_noticed_once(station: Station, tmp_path: Path) -> None:
    known = CatalogCache(tmp_path / "known.json", station.database)
    assert (known.register, known.policy) == (Register(), DEFAULT)
    known.refresh()
    assert known.refresh() is False
    add(station, "TA00001")
    assert known.refresh() is True
    assert known.refresh() is False
    assert [(one.serial, one.usb_serial) for one in known.register.recorders] == [("TA00001", "usb-TA00001")]


def test_every_text_ever_adopted_is_read_only_where_there_is_another(
    station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, history = list[Database](), policy.history

    def counted(database: Database) -> tuple[policy.Adopted, ...]:
        asked.append(database)
        return history(database)

    monkeypatch.setattr(policy, "history", counted)
    known = CatalogCache(tmp_path / "known.json", station.database)
    for months, count in ((6, 1), (36, 2)):
        if months != MONTHS_MIN:
            change(station, policy.adopting(f"[retention]\nmonths = {months}\n", at=station.now(), actor="custodian"))
        for _ in range(3):
            known.refresh()
        assert len(asked) == count
        assert known.retentions.keep(station.now(), (), is_important=False) == months


def test_the_last_that_was_known_holds_over_a_restart_while_the_catalog_is_away(
    station: Station, tmp_path: Path
) -> None:
    add(station, "TA00001")
    change(station, policy.adopting(HOURS, at=station.now(), actor="custodian"))
    before = CatalogCache(tmp_path / "known.json", station.database)
    assert before.refresh() is True
    assert before.policy.hours
    known = CatalogCache(tmp_path / "known.json", away(tmp_path))
    with pytest.raises(CatalogUnreachable):
        known.refresh()
    assert (known.register, known.policy) == (before.register, before.policy)
    assert (tmp_path / "known.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"[1]", b"null", b"{}x", b'{"register":null,"policy":null}', b'{"surplus":1}', b'"text"',
     b'{"register":{"recorders":[5],"holdings":[]},"policy":{}}', b"[" * 100_000],
)  # fmt: skip
def test_a_file_that_is_no_state_of_ours_is_no_state_at_all(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "known.json").write_bytes(body)
    known = CatalogCache(tmp_path / "known.json", away(tmp_path))
    assert (known.register, known.policy) == (Register(), DEFAULT)


def test_a_state_that_cannot_be_kept_holds_all_the_same_and_is_kept_later(station: Station, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    known = CatalogCache(folder / "known.json", station.database)
    add(station, "TA00001")
    assert known.refresh() is True
    assert known.register.recorders
    folder.mkdir()
    assert known.refresh() is False
    assert json.loads((folder / "known.json").read_bytes())["register"]["recorders"][0]["serial"] == "TA00001"
