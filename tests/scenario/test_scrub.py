"""Reading again what lies in the vault: the longest unread first, at a pace, remembered; damage is shouted about."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from catalog.keeping import fixity
from catalog.trail import trail
from docking_station.dock.upkeep import Upkeep
from docking_station.services.health import findings
from docking_station.services.health_facts import HealthProbes, gather
from docking_station.station.station import Station
from ingest.custody.checkpoints import Checkpoints
from ingest.custody.scrub import Scrubber
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years
from tests.scenario.truth import make_small_card
from vault.errors import VaultDenied, VaultUnreachable

FAST = 1e12


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    place = tmp_path_factory.mktemp("scrub")
    make_small_card(place / "EV00001", "EV00001")
    dock = new_dock(place / "home")
    dock.ingest(place / "EV00001")
    return dock


@pytest.fixture
def years(filed: Dock, tmp_path: Path) -> Years:
    shutil.copytree(filed.home, tmp_path / "home")
    return Years(Dock(tmp_path / "home"))


def scrubber(station: Station, bytes_per_s: float = FAST) -> Scrubber:
    every = station.settings.reread_every
    return Scrubber(
        station.own_vault,
        station.database,
        every,
        bytes_per_s,
        threading.Event(),
        station.now,
        station.home.root / "mending",
    )


def harmed(dock: Dock, nth: int = 0) -> Path:
    """One bit of an original turned over; the largest first, which no two clips share."""
    path = sorted(dock.objects(), key=lambda one: one.stat().st_size, reverse=True)[nth]
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.unlink()
    path.write_bytes(body)
    path.chmod(0o444)
    return path


def codes(station: Station) -> set[str]:
    return {one.why.code for one in findings(gather(station, HealthProbes()))}


def test_everything_is_read_once_in_a_period_and_then_not_before_the_next(years: Years) -> None:
    originals = len(years.dock.objects())
    with years.at(89) as station:
        assert scrubber(station).round(60).read == 0
        assert fixity.late(station.database, station.now()) == originals
    with years.at(91) as station:
        done = scrubber(station).round(60)
        assert (done.read, done.damaged) == (originals, ())
        assert scrubber(station).round(60).read == 0
    with years.at(182) as station:
        assert scrubber(station).round(60).read == originals


def test_the_longest_unread_comes_first_and_a_scrub_that_was_stopped_goes_on(years: Years) -> None:
    with years.at(91) as station:
        order = [one.sha256 for one in fixity.overdue(station.database, station.now(), 1000)]
        with station.database.transaction() as session:
            fixity.note(session, order[0], station.now(), None)
        before = station.now() + timedelta(days=1)
        assert [one.sha256 for one in fixity.overdue(station.database, before, 1000)] == [*order[1:], order[0]]
        assert scrubber(station).round(0).read == 0
    with years.at(91) as station:
        stopped = scrubber(station)
        stopped.stop.set()
        assert stopped.round(60).read == 0
        assert scrubber(station).round(60).read == len(order) - 1, "what was read is not read again"


def test_damage_is_on_the_trail_in_the_health_and_in_the_exit_status(years: Years) -> None:
    path = harmed(years.dock)
    small = years.dock.run("vault", "check", "--level", "lock", "--json", status=31).document["failed"]
    assert [(one["what"], path.name in one["path"]) for one in small] == [("lock", True)]
    told = years.dock.run("vault", "scrub", "--all", "--json", status=31).document
    assert [one["sha256"] for one in told["damaged"]] == [path.name]
    assert told["read"] == len(years.dock.objects())
    with years.at(1) as station:
        (clip, fault) = fixity.damaged(station.database, 10)[0]
        assert "reads as SHA-256" in fault
        assert [line.entry.action for line in trail.lines(station.database, subject=clip)][-1] == "original.damaged"
        assert "health.original-damaged" in codes(station)
    assert "original-damaged" in years.dock.run("health", status=5).stdout
    years.dock.run("vault", "scrub", "--all", status=31)
    with years.at(1) as station:
        actions = [line.entry.action for line in trail.lines(station.database, subject=clip)]
        assert actions.count("original.damaged") == 1, "shouted once, shown until it is repaired"
    assert harmed(years.dock) == path, "the bit is turned back"
    years.dock.run("vault", "scrub", "--all")
    with years.at(1) as station:
        actions = [line.entry.action for line in trail.lines(station.database, subject=clip)]
        assert actions[-1] == "original.whole"
        assert "health.original-damaged" not in codes(station)


@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_missing_or_cut_original_is_damage(years: Years, how: str) -> None:
    path = harmed(years.dock)
    path.unlink()
    if how == "cut":
        path.write_bytes(b"x")
    damaged = years.dock.run("vault", "scrub", "--all", "--json", status=31).document["damaged"]
    assert damaged[0]["fault"].startswith("missing" if how == "gone" else "1 bytes instead of")
    failed = years.dock.run("vault", "check", "--level", "metadata", "--json", status=31).document["failed"]
    assert [one["what"] for one in failed] == ["original"]


@pytest.mark.parametrize("level", ["metadata", "lock", "bytes"])
def test_a_whole_vault_passes_at_every_level(years: Years, level: str) -> None:
    told = years.dock.run("vault", "check", "--level", level, "--json").document
    assert (told["checked"], told["failed"]) == (len(years.dock.every_clip()), [])


def test_a_lock_that_is_too_short_is_found_at_its_level(years: Years) -> None:
    lock = next((years.dock.home / "vault/locks/manifests").rglob("*.json"))
    text = lock.read_text().replace('"retain_until": "20', '"retain_until": "19')
    lock.unlink()
    lock.write_text(text)
    years.dock.run("vault", "check", "--level", "metadata")
    failed = years.dock.run("vault", "check", "--json", status=31).document["failed"]
    assert [one["what"] for one in failed] == ["lock"]
    years.dock.run("vault", "check", "--level", "all", status=2)


class Away:
    """A vault that opened and then answers nothing. Contract: only `copies` is answered."""

    def copies(self) -> tuple[tuple[str, Any], ...]:
        return (("away", self),)

    def open(self, key: str) -> NoReturn:
        raise VaultUnreachable(reason=key)

    def keys(self, prefix: str) -> Iterator[str]:
        raise VaultUnreachable(reason=prefix)


class Denying(Away):
    """A vault that lets nobody read one object."""

    def open(self, key: str) -> NoReturn:
        raise VaultDenied(what=key, reason="AccessDenied")

    def keys(self, prefix: str) -> Iterator[str]:
        return iter((prefix,))


class Broken(Away):
    """A vault that answers and cannot read one object."""

    def keys(self, prefix: str) -> Iterator[str]:
        return iter((prefix,))


def test_a_vault_that_is_away_is_no_damage_and_one_that_answers_is(years: Years) -> None:
    with years.at(91) as station:
        made: Any = scrubber(station)
        made.vault = Away()
        with pytest.raises(VaultUnreachable):
            made.round(60)
        assert fixity.damaged(station.database, 10) == ()
        for vault in (Broken(), Denying()):
            made.vault = vault
            done = made.round(60, station.now())
            assert len(done.damaged) == done.read > 0
            assert "cannot be read" in fixity.damaged(station.database, 10)[0][1]


def test_it_is_not_read_faster_than_allowed(years: Years) -> None:
    with years.at(91) as station:
        size_bytes = sum(one.size_bytes for one in fixity.overdue(station.database, station.now(), 1000))
        began = time.monotonic()
        done = scrubber(station, size_bytes / 0.5).round(60)
        assert done.size_bytes == size_bytes
        assert time.monotonic() - began > 0.4


def test_unread_originals_are_told_once_they_are_late(years: Years) -> None:
    for days, late in ((100, False), (120, True)):
        with years.at(days) as station:
            assert ("health.scrub-late" in codes(station)) is late


def test_the_docks_upkeep_does_it_all_by_itself(years: Years) -> None:
    years.dock.run("cases", "add", "C1", "--title", "x")
    with years.at(150) as station:
        upkeep = Upkeep(station, station.own_vault, lambda: station.locks.policy())
        upkeep.round()
        assert len(list(Checkpoints(station.vault, station.trusted).every())) == 1
        assert fixity.late(station.database, station.now() - timedelta(days=90)) == 0
        for key in station.vault.keys("acts"):
            found = station.vault.find(key)
            assert found is not None
            assert found.retain_until > station.now() + timedelta(days=150)
        upkeep.round()
        assert len(list(Checkpoints(station.vault, station.trusted).every())) == 1
        upkeep.stop()


def test_a_job_that_breaks_starves_none_behind_it(years: Years) -> None:
    def breaks() -> None:
        raise OSError(5, "Input/output error")

    with years.at(150) as station:
        upkeep = Upkeep(station, station.own_vault, lambda: station.locks.policy())
        broken = upkeep._jobs[0]
        broken.work = breaks
        upkeep.round()
        assert fixity.late(station.database, station.now() - timedelta(days=90)) == 0, "the scrub is the last job"
        assert broken.next_at > time.monotonic(), "and it has its turn as often as others"
        upkeep.stop()


def test_what_was_read_while_the_clock_was_ahead_is_read_again(years: Years) -> None:
    originals = len(years.dock.objects())
    with years.at(3000) as station:
        assert scrubber(station).round(60).read == originals
    with years.at(100) as station:
        assert scrubber(station).round(60).read == originals, "and not in eight years"
        assert scrubber(station).round(60).read == 0
