"""A station that lacks something: room, rights, tools, the right time, its vault, its settings. Nothing is lost."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from docking_station.services.ingest_card import ingest
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest.errors import ClockWrong
from tests.fakes.callers import ME
from tests.footage.clips import jpeg, mp4
from tests.scenario.dock import Dock
from tests.scenario.places import mounted
from tests.scenario.truth import SMALL, TOO_LARGE

MEGABYTE = 1 << 20


def assert_cured(dock: Dock, card: Path, missing: set[str]) -> None:
    """The next ingest files what was held, and nothing waits any more."""
    assert set(dock.held()) == missing
    assert set(dock.ingest(card).filed) == missing
    assert dock.held() == {}
    assert set(dock.clips()) == {TOO_LARGE, *SMALL}
    dock.verify()


# ---------------------------------------------------------------------- room


def test_a_full_spool_holds_what_has_no_room(dock: Dock, large_card: Path) -> None:
    dock.set("reserve_mb = 64", "reserve_mb = 0")
    with mounted(f"mount -t tmpfs -o size=4m none {dock.home}/spool") as there:
        report = dock.within(*there).ingest(large_card, status=3)
    assert set(report.filed) == set(SMALL)
    assert report.codes == {TOO_LARGE: "ingest.spool-full"}
    assert_cured(dock, large_card, {TOO_LARGE})


def test_a_spool_that_fills_while_files_are_copied(dock: Dock, card: Path) -> None:
    dock.set("reserve_mb = 64", "reserve_mb = 0")
    for number in range(3):
        (card / f"{number}.bin").write_bytes(os.urandom(3 * MEGABYTE))
    with mounted(f"mount -t tmpfs -o size=4m none {dock.home}/spool") as there:
        inside = dock.within(*there)
        report = inside.ingest(card, status=None)
        assert set(report.codes.values()) <= {"ingest.spool-full"}
    dock.ingest(card)
    assert set(dock.clips()) == {"0.bin", "1.bin", "2.bin"}
    assert dock.held() == {}
    dock.verify()


def test_a_full_vault_holds_what_has_no_room_and_keeps_its_copy(dock: Dock, large_card: Path, tmp_path: Path) -> None:
    vault = f"{dock.home}/vault"
    fill = f"cp -a {vault} {tmp_path}/kept; mount -t tmpfs -o size=3m none {vault}; cp -a {tmp_path}/kept/. {vault}"
    with mounted(fill) as there:
        inside = dock.within(*there)
        report = inside.ingest(large_card, status=3)
        assert set(report.filed) == set(SMALL)
        assert report.codes == {TOO_LARGE: "vault.full"}
        assert len(dock.leavings()) == 1, "the copy waits in the spool"
        subprocess.run([*there, "mount", "-o", "remount,size=64m", vault], check=True)
        (large_card / TOO_LARGE).rename(tmp_path / "elsewhere")
        assert set(inside.ingest(large_card).filed) == {TOO_LARGE}, "from the copy: the card has it no more"
        assert inside.held() == {}
        inside.verify()
        left = subprocess.run([*there, "find", f"{vault}/incoming", "-type", "f"], capture_output=True, check=True)
        assert left.stdout == b""


def test_a_full_home_stops_and_goes_on_once_there_is_room(dock: Dock, large_card: Path, tmp_path: Path) -> None:
    dock.set("reserve_mb = 64", "reserve_mb = 0")
    kept = tmp_path / "kept"
    fill = f"cp -a {dock.home} {kept}; mount -t tmpfs -o size=1m none {dock.home}; cp -a {kept}/. {dock.home}"
    with mounted(fill) as there:
        inside = dock.within(*there)
        subprocess.run([*there, "sh", "-c", f"head -c 64m /dev/zero > {dock.home}/filler; true"], check=True)
        answer = inside.run("ingest", large_card, "--json", status=None)
        assert answer.status in (3, 11, 25, 50), answer
        assert answer.document
        subprocess.run([*there, "mount", "-o", "remount,size=64m", str(dock.home)], check=True)
        inside.ingest(large_card)
        assert set(inside.clips()) == {TOO_LARGE, *SMALL}
        assert inside.held() == {}
        inside.verify()


# ---------------------------------------------------------------------- rights and places


def test_a_home_that_cannot_be_written_is_told(dock: Dock, large_card: Path) -> None:
    dock.ingest(large_card)
    with mounted(f"mount --bind {dock.home} {dock.home}; mount -o remount,bind,ro {dock.home}") as there:
        inside = dock.within(*there)
        assert inside.run("ingest", large_card, "--json", status=11).error == "station.home-unwritable"
        assert set(inside.clips()) == {TOO_LARGE, *SMALL}, "what is filed can be found all the same"
    assert dock.ingest(large_card).filed == {}


def test_a_home_of_another_user_is_told(dock: Dock, card: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    dock.home.chmod(0o500)
    assert dock.run("ingest", card, "--json", status=11).error == "station.home-unwritable"
    dock.home.chmod(0o700)


def test_a_vault_that_cannot_be_written_holds_all_and_keeps_the_copies(dock: Dock, large_card: Path) -> None:
    vault = dock.home / "vault"
    with mounted(f"mount --bind {vault} {vault}; mount -o remount,bind,ro {vault}") as there:
        report = dock.within(*there).ingest(large_card, status=3)
    assert report.filed == {}
    assert set(report.codes) == {TOO_LARGE, *SMALL}
    assert set(report.codes.values()) == {"vault.unreachable"}
    assert_cured(dock, large_card, {TOO_LARGE, *SMALL})


def test_a_vault_that_is_not_there_is_not_begun_anew(dock: Dock, large_card: Path) -> None:
    dock.ingest(large_card)
    vault, aside = dock.home / "vault", dock.home / "aside"
    vault.rename(aside)
    (large_card / "new.log").write_bytes(b"new")
    assert dock.run("ingest", large_card, "--json", status=30).error == "vault.unreachable"
    vault.mkdir(exist_ok=True)  # as a mount point without its disk
    assert dock.run("ingest", large_card, "--json", status=30).error == "vault.unreachable"
    assert dock.objects() == []
    subprocess.run(["rm", "-r", vault], check=True)
    aside.rename(vault)
    assert set(dock.ingest(large_card).filed) == {"new.log"}
    dock.verify()


def test_a_vault_in_the_way_is_told(dock: Dock, card: Path) -> None:
    dock.set('"folder:vault"', '"folder:station.toml"')
    assert dock.run("ingest", card, "--json", status=30).error == "vault.unreachable"


@pytest.mark.parametrize(("make", "status"), [(None, 43), ("file", 43)])
def test_a_path_that_is_no_folder_is_told(dock: Dock, tmp_path: Path, make: str | None, status: int) -> None:
    path = tmp_path / "no card"
    if make:
        path.write_bytes(b"")
    assert dock.run("ingest", path, "--json", status=status).error == "devices.no-card"


def test_no_home_is_told(tmp_path: Path, card: Path) -> None:
    dock = Dock(tmp_path / "none")
    for command in (["ingest", card], ["clips", "list"], ["held", "list"], ["trail", "verify"]):
        assert dock.run(*command, "--json", status=10).error == "station.no-home"


# ---------------------------------------------------------------------- tools


def test_without_ffmpeg_everything_is_sealed_and_the_reason_is_noted(dock: Dock, card: Path, tmp_path: Path) -> None:
    (card / TOO_LARGE).write_bytes(mp4(1))
    (card / "EV00001_JY0001_20260305093100.JPG").write_bytes(jpeg())
    (tmp_path / "bin").mkdir()
    report = dock.within(PATH=str(tmp_path / "bin")).ingest(card)
    assert len(report.filed) == 2
    for clip in report.filed.values():
        assert clip["playable"] is None
        assert "ffprobe" in dock.show(clip["id"])["media"]["note"]
    assert report.filed[TOO_LARGE]["starts_at_source"] == "name"
    dock.verify()


# ---------------------------------------------------------------------- time


class Mistaken(Station):
    """A station whose clock says something else."""

    says: datetime

    def now(self) -> datetime:
        """The wrong time."""
        return self.says


def mistaken(dock: Dock, says: datetime) -> Station:
    station = Mistaken(read_settings(Home(dock.home)))
    station.says = says
    return station


@pytest.mark.parametrize("years", [2000, 2025])
def test_a_station_before_its_time_takes_nothing(dock: Dock, large_card: Path, years: int) -> None:
    station = mistaken(dock, datetime(years, 1, 1, tzinfo=UTC))
    with pytest.raises(ClockWrong) as raised:
        ingest(station, ME, large_card, None, None, None, "2026-1")
    station.close()
    assert (raised.value.code, raised.value.retry) == ("ingest.clock-wrong", True)
    assert raised.value.hint()
    assert dock.clips() == {}
    assert dock.leavings() == []
    assert dock.run("cases", "list", "--json").document == []
    assert set(dock.ingest(large_card).filed) == {TOO_LARGE, *SMALL}


def test_a_station_whose_clock_went_back_takes_nothing(dock: Dock, large_card: Path) -> None:
    dock.ingest(large_card)
    (large_card / "new.log").write_bytes(b"new")
    station = mistaken(dock, datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(ClockWrong):
        ingest(station, ME, large_card, None, None, None, None)
    station.close()


def test_a_recorder_in_2000_is_doubted_and_its_files_are_sealed(dock: Dock, card: Path) -> None:
    name = "EV00001_JY0001_20000101000010.MP4"
    (card / name).write_bytes(mp4(1, tags={"creation_time": "2000-01-01T00:00:00Z"}))
    os.utime(card / name, (946_684_800,) * 2)
    before = datetime.now(UTC)
    clip = dock.show(dock.ingest(card).filed[name]["id"])
    assert clip["starts_at_source"] == "docking"
    assert abs(datetime.fromisoformat(clip["starts_at"]) - before) < timedelta(minutes=5)
    assert clip["starts_at_uncertainty_s"] >= timedelta(days=365).total_seconds()
    assert {claim["source"] for claim in clip["times"]} == {"name", "container", "mtime"}
    assert all(claim["value"].startswith(("1999-12-31", "2000-01-01")) for claim in clip["times"])
    assert all(claim["note"] for claim in clip["times"])
    assert datetime.fromisoformat(clip["retain_until"]) > before + timedelta(days=180)
