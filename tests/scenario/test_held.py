"""What waits for a person is struck off by a person, with a reason, on the trail."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from catalog.cases import cases
from docking_station.services.dispose import dispose_clip
from docking_station.services.held import held_id, strike_off
from docking_station.services.ingest_card import ingest
from docking_station.station.errors import NoSuchHeld
from ingest.sealing import signature_key
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years
from tests.scenario.test_keeping import HALF_A_YEAR
from tests.scenario.truth import make_small_card


def test_a_person_strikes_a_held_entry_off_the_list(dock: Dock, card: Path) -> None:
    (card / "link").symlink_to("/etc/hostname")
    dock.ingest(card, status=3)
    held = dock.held_list()["link"]
    dock.run("held", "release", held["id"], "--reason", "a prank; the card was cleaned")
    assert dock.held_list() == {}
    (line,) = [line for line in dock.run("trail", "show", "--json").document if line["action"] == "held.released"]
    assert (line["details"]["path"], line["details"]["code"]) == ("link", "devices.not-a-file")
    assert line["details"]["reason"] == "a prank; the card was cleaned"
    assert line["look"]


def test_what_is_not_held_cannot_be_struck_off(dock: Dock) -> None:
    answer = dock.run("held", "release", "00000000", "--reason", "x", status=15)
    assert "station.no-such-held" in answer.stderr
    dock.run("held", "release", "00000000", status=2)


def test_a_refused_change_is_told_and_withdrawn_by_a_person(dock: Dock, tmp_path: Path) -> None:
    with dock.opened() as station:
        told: dict[str, Any] = {"title": "once", "subject": None, "officers": (), "begins_at": None, "ends_at": None}
        act = cases.adding("7", **told, at=station.now(), actor="clerk")
        body = act.body()
        key = signature_key(hashlib.sha256(body).hexdigest())
        station.own_vault.put_document(key, b"planted", station.now() + timedelta(days=1))
        station.journal.intend(body, station.signer.sign(body))
    first = dock.run("cases", "add", "8", "--title", "goes on")
    assert "[ingest.act-refused]" in first.stderr
    assert "evidock held release" in first.stderr
    assert "act-refused" not in dock.run("cases", "add", "7", "--title", "anew").stderr, "told once, not each time"
    found = [one for one in dock.run("health", "--json", status=5).document["findings"] if "act-refused" in one["code"]]
    assert [("case.added of 7" in one["message"], "held release" in one["hint"]) for one in found] == [(True, True)]
    assert "held release" in dock.run("held", "list").stdout
    held = dock.held_list()["case.added 7"]
    dock.run("held", "release", held["id"], "--reason", "entered anew")
    assert dock.held_list() == {}
    assert "act-refused" not in dock.run("health", status=5).stdout
    lines = dock.run("trail", "show", "--json").document
    assert [line["action"] for line in lines if not line["look"]].count("case.added") == 2
    (line,) = [line for line in lines if line["action"] == "act.withdrawn"]
    assert line["details"]["reason"] == "entered anew"
    again = dock.run("rebuild", "--into", f"sqlite:///{tmp_path}/again.db", "--json")
    assert (again.document["acts"], again.document["faults"]) == (3, [])


def test_the_list_says_what_to_do_oldest_first(dock: Dock, card: Path) -> None:
    (card / "link").symlink_to("/etc/hostname")
    dock.ingest(card, status=3)
    (hint,) = {one["hint"] for one in dock.held_list().values()}
    shown = dock.run("held", "list").stdout
    assert hint in shown
    with dock.opened() as station:
        station.journal.hold("z", "old", NoSuchHeld(held="z"), "2026-01-01T00:00:00.000000Z")
    assert [one["path"] for one in dock.run("held", "list", "--json").document] == ["old", "link"]


def test_the_copy_of_what_was_disposed_of_leaves_the_spool_by_a_person(dock: Dock, tmp_path: Path) -> None:
    make_small_card(tmp_path / "EV00001", "EV00001")
    dock.ingest(tmp_path / "EV00001")
    clip = max(dock.clips().values(), key=lambda one: int(one["size_bytes"]))
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy2(tmp_path / "EV00001" / clip["path"], again / "COPY.MP4")
    years = Years(dock)
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, clip["id"], "over")
    with years.at(HALF_A_YEAR, "second") as station:
        dispose_clip(station, station.caller, clip["id"], None)
        assert [one.code for one in ingest(station, station.caller, again, None, None, None, None).outcome.held] == [
            "catalog.already-disposed"
        ]
        assert len(dock.leavings()) == 1
        (key,) = station.journal.held()
        strike_off(station, station.caller, held_id(key), "disposed of on the fifth")
        assert (station.journal.held(), dock.leavings(), station.journal.unfinished()) == ({}, [], [])
    with years.at(HALF_A_YEAR, "second") as station:
        outcome = ingest(station, station.caller, again, None, None, None, None).outcome
        assert (outcome.held, outcome.filed, [one.clip for one in outcome.skipped]) == ((), (), [clip["id"]])
