"""Whose footage it is: recorders that tell one serial, cards that tell another story than their recorder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.recorders import recorders
from tests.docking_station.running import Running, fill, running
from tests.scenario.dock import Dock

FACTORY = "0123456789ABCDEF"
OURS, OTHER = "TA00716", "TA00717"
CONTRADICTED, UNSURE = "ingest.recorder-contradicted", "ingest.recorder-unsure"
KB = 1 << 10


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A dock that knows one recorder, whose serial on USB is the chip maker's."""
    with running(dock, monkeypatch) as made:
        made.register(OURS, usb_serial=FACTORY)
        yield made


def films(root: Path, number: str, count: int = 2) -> Path:
    names = [f"DCIM/{number}_JX0001_202603050900{at:02d}.MP4" for at in range(count)]
    return fill(root, dict.fromkeys(names, 100 * KB))


def owners(dock: Dock) -> set[str]:
    return {str(clip["recorder"]) for clip in dock.clips().values()}


def change(here: Running, serial: str, **changed: str | None) -> None:
    here.act(recorders.changing(serial, changed, at=here.station.now(), actor="custodian"))


def test_a_recorder_of_the_same_make_is_not_taken_for_the_registered_one(
    here: Running, dock: Dock, tmp_path: Path
) -> None:
    here.plug("1", FACTORY, label=OTHER, card=films(tmp_path / "other", OTHER))
    view = here.shows("1", "held", "safe")
    assert (view.state, view.recorder, view.officer) == ("held", None, None)
    assert view.why is not None
    assert view.why.code == CONTRADICTED
    assert dock.clips() == {}
    (held,) = dock.run("held", "list", "--json").document
    assert held["code"] == CONTRADICTED
    assert FACTORY in held["message"]
    assert OTHER in held["message"]
    here.act(recorders.adding(OTHER, usb_serial=FACTORY, numbers=OTHER, at=here.station.now(), actor="custodian"))
    assert here.shows("1", "safe").recorder == OTHER
    here.settled()
    assert owners(dock) == {OTHER}
    assert dock.run("held", "list", "--json").document == []
    dock.verify()


def test_file_names_tell_which_of_two_with_one_serial_it_is(here: Running, dock: Dock, tmp_path: Path) -> None:
    here.act(recorders.adding(OTHER, usb_serial=FACTORY, label=OTHER, at=here.station.now(), actor="custodian"))
    here.knows()
    here.plug("1", FACTORY, label="NO NAME", card=films(tmp_path / "ours", OURS))
    here.plug("2", FACTORY, label="NO NAME", card=films(tmp_path / "other", OTHER, 3))
    assert (here.shows("1", "safe").recorder, here.shows("2", "safe").recorder) == (OURS, OTHER)
    here.settled()
    assert owners(dock) == {OURS, OTHER}


def test_a_factory_serial_alone_names_nobody(here: Running, dock: Dock, tmp_path: Path) -> None:
    here.plug("1", FACTORY, card=fill(tmp_path / "silent", {"DCIM/MOVI0001.MP4": KB}))
    view = here.shows("1", "held", "safe")
    assert view.why is not None
    assert (view.state, view.why.code) == ("held", UNSURE)
    assert dock.clips() == {}


@pytest.mark.parametrize(
    "names", ["DCIM/TA00718_JX0001_20260305090000.MP4", "DCIM/DSJ_1000088_JX0001_20260305_090000.MP4"]
)
def test_names_of_another_recorder_speak_against_a_serial_of_its_own(
    here: Running, dock: Dock, tmp_path: Path, names: str
) -> None:
    here.register("TA00001")
    root = films(tmp_path / "card", "TA00001")
    here.plug("1", "TA00001", card=fill(root, {names: KB}))
    assert here.shows("1", "held", "safe").state == "held"
    assert dock.clips() == {}, "nothing of a card that contradicts, not even what agrees"
    (root / names).unlink()
    change(here, "TA00001", unit="U1")
    here.shows("1", "safe")
    here.settled()
    assert owners(dock) == {"TA00001"}


def test_a_record_on_the_card_speaks_against_its_recorder_until_the_register_knows(
    here: Running, dock: Dock, tmp_path: Path
) -> None:
    here.register("TA00001")
    root = films(tmp_path / "card", "TA00001")
    (root / "station_bind.ini").write_text("[binding]\nrecorder_serial=TA00009\nuser_no=JX0001\n")
    here.plug("1", "TA00001", card=root)
    assert here.shows("1", "held", "safe").state == "held"
    change(here, "TA00001", numbers="TA00009, TA00010")
    here.shows("1", "safe")
    here.settled()
    assert owners(dock) == {"TA00001"}


def test_an_officer_s_number_that_differs_is_attribution_and_no_contradiction(
    here: Running, dock: Dock, tmp_path: Path
) -> None:
    here.register("TA00001")
    root = films(tmp_path / "card", "TA00001")
    here.plug("1", "TA00001", card=fill(root, {"DCIM/TA00001_JX0777_20260305100000.MP4": KB}))
    here.shows("1", "safe")
    here.settled()
    assert len(dock.clips()) == 3


def test_two_of_one_serial_at_once_are_both_held(here: Running, dock: Dock, tmp_path: Path) -> None:
    here.register("R-17", usb_serial="4C530001")
    first = fill(tmp_path / "first", {"DCIM/MOVI0001.MP4": KB})
    here.plug("1", "4C530001", card=first)
    assert here.shows("1", "safe").recorder == "R-17"
    here.settled()
    before = dock.clips()
    fill(first, {"DCIM/MOVI0002.MP4": KB})
    here.plug("2", "4C530001", card=fill(tmp_path / "second", {"DCIM/MOVI0003.MP4": KB}))
    for port in ("1", "2"):
        view = here.shows(port, "held")
        assert view.why is not None
        assert view.why.code == UNSURE
    here.pull("1")
    here.pull("2")
    here.plug("1", "4C530001", card=first)
    assert here.shows("1", "held", "safe").state == "held", "what was seen is not forgotten"
    assert dock.clips() == before
    fill(first, {"DCIM/TA00800_JX0001_20260305090000.MP4": KB})
    change(here, "R-17", numbers="TA00800")
    here.shows("1", "safe")
    here.settled()
    assert len(dock.clips()) == len(before) + 2


def test_copies_on_their_way_wait_when_the_second_of_one_serial_comes(
    here: Running, dock: Dock, tmp_path: Path
) -> None:
    here.register("R-17", usb_serial="4C530001")
    hidden = dock.home / "vault-away"
    (dock.home / "vault").rename(hidden)
    first = fill(tmp_path / "first", {f"DCIM/MOVI000{at}.MP4": KB for at in range(4)})
    here.plug("1", "4C530001", card=first)
    here.shows("1", "safe")
    here.plug("2", "4C530001", card=fill(tmp_path / "second", {"DCIM/MOVI0009.MP4": KB}))
    here.shows("1", "held")
    here.shows("2", "held")
    hidden.rename(dock.home / "vault")
    here.settled()
    assert dock.clips() == {}
    assert {one["code"] for one in dock.run("held", "list", "--json").document} == {UNSURE}
    fill(first, {"DCIM/TA00800_JX0001_20260305090000.MP4": KB})
    change(here, "R-17", numbers="TA00800")
    here.shows("1", "safe")
    here.settled()
    assert len(dock.clips()) == 5
    assert owners(dock) == {"R-17"}
    dock.verify()
