"""The register by its commands: what a custodian types, what is shown, what a clip then says of its officer."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.database import Database
from catalog.recorders import dockings
from tests.fakes.dockings import docking
from tests.house.tree import ROOT
from tests.scenario.dock import Dock
from tests.scenario.truth import make_small_card


@pytest.fixture
def registered(dock: Dock) -> Dock:
    """One recorder, issued in the morning of the card's day, lent out in its first minutes."""
    dock.run("recorders", "add", "EV00001", "--unit", "U1", "--note", "for the market")
    dock.run("recorders", "issue", "EV00001", "--officer", "JY0007", "--at", "2026-03-05T08:00")
    return dock


def test_a_clip_is_the_holders_and_says_so(registered: Dock, tmp_path: Path) -> None:
    make_small_card(tmp_path / "card")
    registered.ingest(tmp_path / "card")
    clips = registered.clips()
    film = clips["DCIM/EV00001_JY0001_20260305093000.MP4"]
    assert (film["officer"], film["unit"]) == ("JY0007", "U1")
    assert registered.show(film["id"])["attribution"] == "register"
    shown = registered.run("clips", "show", film["id"]).stdout
    assert "JY0007 (had the recorder then)" in shown
    registered.verify()
    chinese = registered.within(LC_ALL="zh_CN.UTF-8").run("clips", "show", film["id"]).stdout
    assert "JY0007 (当时持有该记录仪)" in chinese


def test_the_register_is_listed_and_shown(registered: Dock) -> None:
    registered.run("recorders", "add", "EV00002", "--label", "CAM 2", "--model", "generic_dcim")
    registered.run("recorders", "lend", "EV00001", "--officer", "JY0008", "--until", "2099-01-01", "--unit", "U8")
    first, second = registered.run("recorders", "list", "--json").document
    assert {name: first["holder"][name] for name in ("officer", "unit", "how", "due_at", "ended_at")} == {
        "officer": "JY0008",
        "unit": "U8",
        "how": "loan",
        "due_at": "2098-12-31T16:00:00.000000Z",
        "ended_at": None,
    }
    assert (first["usb_serial"], second["usb_serial"], second["label"], second["holder"]) == (
        "EV00001",
        None,
        "CAM 2",
        None,
    )
    assert "JY0008 (lent)" in registered.run("recorders", "list").stdout
    back = registered.run("recorders", "return", "EV00001").stdout
    assert "JY0007's again" in back
    registered.run("recorders", "change", "EV00002", "--label", "", "--usb-serial", "S2")
    registered.run("recorders", "retire", "EV00002", "--reason", "broken")
    shown = registered.run("recorders", "show", "EV00002", "--json").document
    assert (shown["label"], shown["usb_serial"], shown["retired_reason"], shown["holdings"], shown["dockings"]) == (
        None,
        "S2",
        "broken",
        [],
        [],
    )
    assert "retired" in registered.run("recorders", "list").stdout
    assert "broken" in registered.run("recorders", "show", "EV00002").stdout
    lines = registered.run("trail", "show", "--subject", "EV00001", "--json").document
    assert [line["action"] for line in lines] == [
        f"recorder.{what}" for what in ("added", "issued", "lent", "returned")
    ]
    registered.verify()


def test_a_holding_entered_late_says_where_it_ends(registered: Dock) -> None:
    said = registered.run("recorders", "issue", "EV00001", "--officer", "JY0006", "--at", "2026-03-04T08:00").stdout
    assert "That ends at 2026-03-05 08:00:00" in said


def test_dockings_gaps_and_who_is_late(registered: Dock) -> None:
    assert "No docking" in registered.run("recorders", "dockings").stderr
    (late,) = registered.run("recorders", "overdue", "--json").document
    assert (late["serial"], late["officer"], late["held"], late["last_docked_at"]) == ("EV00001", "JY0007", True, None)
    assert "JY0007" in registered.run("recorders", "overdue", "--days", "1").stdout
    with registered.opened() as station:
        record = docking("d1", "EV00001", station.now(), ends_at=None)
        station.act_writer.carry_out(dockings.docked(record, at=station.now(), actor="dock"))
    assert registered.run("recorders", "overdue", "--json").document == []
    (one,) = registered.run("recorders", "dockings", "--recorder", "EV00001", "--json").document
    assert (one["id"], one["bay"], one["gaps"][0]["first"]) == ("d1", "3", "0007")
    gap = "0007 is missing between 0006 and 0008"
    for words in (("dockings", "--limit", "5"), ("show", "EV00001")):
        assert gap in registered.run("recorders", *words).stdout
    assert registered.run("recorders", "show", "EV00001", "--json").document["dockings"] == [one]


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("add", "EV00001"), 54, "catalog.recorder-exists"),
        (("add", "EV9", "--usb-serial", "EV00001"), 54, "catalog.recorder-ambiguous"),
        (("issue", "EV00001", "--officer", "X"), 55, "catalog.recorder-held"),
        (("issue", "EV9", "--officer", "X"), 53, "catalog.no-such-recorder"),
        (("return", "EV00001", "--at", "2026-03-05T07:00"), 55, "catalog.recorder-not-held"),
        (("return", "EV00001", "--at", "2099-01-01"), 55, "catalog.holding-time"),
        (("lend", "EV00001", "--officer", "X", "--until", "2020-01-01"), 55, "catalog.holding-time"),
        (("show", "EV9"), 53, "catalog.no-such-recorder"),
        (("change", "EV00001"), 2, "--usb-serial"),
    ],
)
def test_what_cannot_be_done_is_said(registered: Dock, words: tuple[str, ...], status: int, code: str) -> None:
    acts = registered.objects("acts")
    assert code in registered.run("recorders", *words, status=status).stderr
    assert registered.objects("acts") == acts


def test_a_catalog_from_before_gets_its_register(dock: Dock) -> None:
    """The tables come with the first command that needs them."""
    from alembic import command
    from alembic.config import Config

    (dock.home / "catalog.db").write_bytes(b"")
    base, config = Database(f"sqlite:///{dock.home}/catalog.db"), Config()
    config.set_main_option("script_location", str(ROOT / "catalog/migrations"))
    with base.engine().begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    base.close()
    assert dock.run("recorders", "list", "--json").document == []
    dock.run("recorders", "add", "EV00001")


def test_what_says_nothing_enters_nothing(dock: Dock) -> None:
    for typed in (
        ("recorders", "add", ""),
        ("recorders", "add", "EV1", "--model", "none such"),
        ("cases", "add", "", "--title", "x"),
        ("cases", "add", "C1", "--title", "x", "--since", "2026-03-06", "--until", "2026-03-05"),
    ):
        assert "catalog.words-unfit" in dock.run(*typed, status=58).stderr
    assert "recorders list" in dock.run("recorders", "show", "NIX", status=53).stderr
    assert dock.objects("acts") == []


def test_a_recorder_that_no_file_name_can_contradict_is_remarked_on(dock: Dock) -> None:
    said = dock.run("recorders", "add", "R-17", "--usb-serial", "0009")
    assert "--numbers" in said.stderr
    assert "R-17" in said.stderr
    assert "--numbers" in dock.run("recorders", "change", "R-17", "--note", "new").stderr
    assert dock.run("recorders", "change", "R-17", "--numbers", "TA00717").stderr == ""
    assert dock.run("recorders", "add", "TA00716").stderr == ""
