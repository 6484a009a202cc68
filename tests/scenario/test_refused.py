"""A server that does not let our key hold or lengthen: on the trail, in the log, in metrics and health; and healed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from catalog.trail import trail
from docking_station.dock.upkeep import Upkeep
from docking_station.faces.board import Board, StationView
from docking_station.faces.metrics import Metrics
from docking_station.services.health import findings
from docking_station.services.health_facts import OWED_FOR, HealthProbes, gather, owed_facts
from docking_station.station.station import Station
from ingest.sealing import original_key
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years, record_locks
from tests.scenario.test_object_storage import s3_dock
from tests.scenario.truth import make_small_card
from tests.vault.weed import ACCESS, CLERK, PLAIN, SECRET, Weed


@pytest.fixture
def years(tmp_path: Path, weed: Weed) -> Years:
    """A station with clips in object storage."""
    dock = s3_dock(tmp_path / "home", weed, f"refuse-{uuid.uuid4().hex[:8]}")
    make_small_card(tmp_path / "card", "EV00001")
    dock.ingest(tmp_path / "card")
    dock.run("cases", "add", "C1", "--title", "x")
    return Years(dock)


def give(dock: Dock, access: str, secret: str) -> None:
    """Another key for the server."""
    for name, text in (("s3-access-key", access), ("s3-secret-key", secret)):
        (dock.home / "credentials" / name).write_text(text)


def actions(years: Years, subject: str) -> list[str]:
    with years.at(0) as station:
        return [line.entry.action for line in trail.lines(station.database, subject=subject)]


def passed(station: Station) -> dict[str, float]:
    """A round of what the dock does by itself; its metrics of refusals."""
    metrics = Metrics(Board(StationView("s")))
    upkeep = Upkeep(station, station.own_vault, lambda: station.locks.policy(), metrics)
    try:
        upkeep.round()
    finally:
        upkeep.stop()
    lines = [line.rpartition(" ") for line in generate_latest(metrics.registry).decode().splitlines()]
    return {name: float(value) for name, _, value in lines if name.startswith(("evidock_refused", "evidock_errors_t"))}


def codes(dock: Dock) -> dict[str, str]:
    """What health finds wrong with locks and holds."""
    found = dock.run("health", "--json", status=None).document["findings"]
    return {one["code"]: one["severity"] for one in found if one["code"].endswith("-refused")}


def test_a_key_that_may_not_hold_is_told_everywhere_until_it_may(years: Years) -> None:
    dock = years.dock
    give(dock, *PLAIN)
    one, two = [str(clip["id"]) for clip in dock.every_clip() if clip["kind"] == "video"][:2]
    said = dock.run("clips", "link", one, "--case", "C1")
    assert "not yet kept as its case demands" in said.stdout + said.stderr
    dock.run("clips", "link", two, "--case", "C1")
    assert codes(dock) == {"health.hold-refused": "attention"}
    for clip in (one, two):
        assert actions(years, clip).count("clip.hold-refused") == 1
    with years.at(0) as station:
        told = passed(station)
    assert told['evidock_refused{what="hold"}'] >= 2
    assert told['evidock_refused{what="lock"}'] == 0
    assert sum(told[name] for name in told if "vault." in name) >= 1
    with years.at(100) as station:
        passed(station)
        found = station.vault.find(original_key(sha256_of(station, one)))
        assert found is not None
        assert found.retain_until > station.now(), "the lock rolls on all the same"
    assert actions(years, one).count("clip.hold-refused") == 1, "told once"
    give(dock, ACCESS, SECRET)
    with years.at(100) as station:
        told = passed(station)
        held = station.vault.find(original_key(sha256_of(station, one)))
    assert held is not None
    assert held.on_legal_hold
    assert told['evidock_refused{what="hold"}'] == 0
    assert codes(dock) == {}
    assert actions(years, one)[-1] == "clip.hold-settled"
    dock.verify()


def sha256_of(station: Station, clip: str) -> str:
    (row,) = station.database.query("SELECT sha256 FROM clip WHERE id = :id", {"id": clip})
    return str(row["sha256"])


def test_a_key_that_may_not_lengthen_is_broken_until_it_may(years: Years, tmp_path: Path) -> None:
    dock = years.dock
    (tmp_path / "policy.toml").write_text("[retention]\nmonths = 12\n")
    dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    clips = dock.every_clip()
    give(dock, *CLERK)
    with years.at(1) as station:
        told = passed(station)
        until = {one["id"]: one["retain_until"] for one in dock.every_clip()}
    originals = len({one["sha256"] for one in clips if not one["marks"]})
    assert told['evidock_refused{what="lock"}'] == originals, "every one is told, though few were asked for"
    assert codes(dock)["health.lock-refused"] == "broken"
    assert until == {one["id"]: one["retain_until"] for one in clips}, "the catalog claims no longer lock"
    assert "clip.lock-extended" not in actions(years, clips[0]["id"])
    give(dock, ACCESS, SECRET)
    with years.at(1) as station:
        told = passed(station)
    assert told['evidock_refused{what="lock"}'] == 0
    assert codes(dock) == {}
    assert actions(years, clips[0]["id"]).count("clip.lock-settled") == 1
    dock.verify()


def test_records_whose_lock_is_not_lengthened_are_told(years: Years) -> None:
    dock = years.dock
    dock.run("trail", "checkpoint")
    give(dock, *CLERK)
    with years.at(150) as station:
        assert record_locks(station).roll_on(station.now(), lambda: False) == 0
        found = {one.why.code: one.why.en[0] for one in findings(gather(station, HealthProbes()))}
    assert "acts/" in found["health.lock-refused"] or "keys/" in found["health.lock-refused"]
    give(dock, ACCESS, SECRET)
    with years.at(150) as station:
        assert record_locks(station).roll_on(station.now(), lambda: False) >= 4
    assert "health.lock-refused" not in codes(dock)


def test_what_a_vault_of_a_mirror_lacks_for_long_is_told(tmp_path: Path, new_dock: Callable[[Path], Dock]) -> None:
    dock = new_dock(tmp_path / "home")
    note = dock.home / "owed/0123456789abcdef/originals~ab~abc"
    note.parent.mkdir(parents=True)
    note.write_bytes(b"")
    with Years(dock).at(0) as station:
        assert owed_facts(dock.home / "owed", station.now())["owed"][0] == 0
    with Years(dock).at(OWED_FOR.days + 1) as station:
        found = {one.why.code: one for one in findings(gather(station, HealthProbes()))}
    assert "1 things" in found["health.mirror-behind"].why.en[0]
