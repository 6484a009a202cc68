"""A recorder in a bay, from plug to unplug: real spool, journal, vault and catalog, cards in folders."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.evidence import SpooledFile
from catalog.recorders import dockings, recorders
from catalog.rules.policy import Policy
from devices.clock import StationClock
from docking_station.dock.clearing import Clearing
from docking_station.dock.docking_run import DockingRun
from docking_station.faces.board import BayView
from tests.docking_station.running import (
    KEYBOARD,
    NAME,
    POWER,
    Docked,
    Running,
    fill,
    running,
    small_disk,
)
from tests.fakes.waiting import calls_of, until
from tests.scenario.dock import Dock
from vault.errors import SecretMissing

MB = 1 << 20


@pytest.fixture
def here(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A dock that knows the recorder TA00001."""
    with running(dock, monkeypatch) as made:
        made.register("TA00001")
        yield made


def names(*sizes: int) -> dict[str, int]:
    return {NAME.format(number, number): size for number, size in enumerate(sizes)}


def test_a_recorder_is_copied_filed_and_safe(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(3 * MB + 17, 5, 1000))
    here.plug("1", "TA00001")
    view = here.shows("1", "safe")
    assert (view.files, view.files_done, view.overdue, view.held) == (3, 3, 0, 0)
    assert view.done_bytes == view.size_bytes == 3 * MB + 17 + 5 + 1000
    here.settled()
    assert sorted(dock.clips()) == sorted(names(1, 1, 1))
    until(lambda: here.view("1").unsealed == 0, "the last receipt on the board")
    here.pull("1")
    assert here.shows("1", "empty").recorder is None
    dock.verify()
    here.plug("2", "TA00001")
    assert here.shows("2", "safe").files == 0
    assert here.opened[1].reads == []  # the second look at what is known by its edges opens it once more


@pytest.mark.parametrize(
    ("serial", "interfaces", "state", "code"),
    [
        ("TA00001", KEYBOARD, "unknown", "devices.keyboard-like"),
        ("TA99999", ("080650",), "unknown", "station.recorder-unregistered"),
        (None, ("080650",), "unknown", "station.recorder-unregistered"),
        ("TA00002", ("080650",), "unknown", "station.recorder-retired"),
        ("TA00001", POWER, "charging", None),
    ],
    ids=["keyboard", "unregistered", "no-serial", "retired", "charging"],
)
def test_what_is_no_recorder_of_ours_is_shown_and_never_opened(
    here: Running, card: Path, serial: str | None, interfaces: tuple[str, ...], state: str, code: str | None
) -> None:
    here.register("TA00002")
    here.act(recorders.retiring("TA00002", reason="lost", at=here.station.now(), actor="custodian"))
    here.knows()
    here.plug("1", serial, interfaces)
    view = here.shows("1", state)
    assert (view.why.code if view.why else None) == code
    if view.why is not None and code == "station.recorder-unregistered":
        assert ("--usb-serial TA99999`" if serial else "--label LABEL`") in view.why.en[1]
    here.register("TA00004")
    here.cards["TA00004"] = fill(card, {"DCIM/A.MP4": 5})
    here.plug("2", "TA00004")
    here.shows("2", "safe")
    assert len(here.opened) == 1, "of the two only this one"
    here.pull("1")
    here.shows("1", "empty")


def test_a_recorder_that_becomes_registered_is_served_where_it_is(here: Running, card: Path) -> None:
    here.cards["TA00003"] = fill(card, {"DCIM/A.MP4": 10})
    here.plug("1", "TA00003")
    here.shows("1", "unknown")
    here.register("TA00003")
    assert here.shows("1", "safe").files == 1


def test_a_recorder_that_was_pulled_goes_on_in_another_bay(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(100, 24 * MB))
    here.adopt("[dock]\nmegabytes_per_s = 6\n")
    here.plug("1", "TA00001")
    until(lambda: here.view("1").done_bytes > 5 * MB, "some of the file")
    here.pull("1")
    assert here.view("1").state == "empty"
    until(lambda: not here.opened[0].is_open, "the card let go of")
    assert here.view("1") == BayView("1", here.view("1").port, "empty", here.view("1").since)
    here.adopt("")
    here.plug("7", "TA00001")
    here.shows("7", "safe")
    (path, offset), *rest = here.opened[1].reads
    assert (path, rest) == (sorted(names(1, 1))[1].encode(), [])
    assert offset >= 4 * MB
    here.settled()
    assert sorted(dock.clips()) == sorted(names(1, 1))
    assert len(dock.objects()) == 2
    dock.verify()


def test_leaving_ends_a_copy_soon(here: Running, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(12 * MB))
    here.adopt("[dock]\nmegabytes_per_s = 1\n")
    here.plug("1", "TA00001")
    until(lambda: here.view("1").done_bytes >= MB, "the first of it")
    begun = time.monotonic()
    here.pull("1")
    assert all(bay.join(10) for bay in here.dock.bays.values())
    assert time.monotonic() - begun < 8


def test_a_bad_file_is_held_and_the_rest_is_filed(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"], here.cards["TA00002"] = fill(card, names(10, 20, 30)), fill(card / "../other", {"B.MP4": 9})
    here.register("TA00002")
    bad = frozenset({sorted(names(1, 1, 1))[1].encode()})
    here.make = lambda serial, root: Docked(root, serial, bad=bad)
    here.plug("2", "TA00002")
    here.shows("2", "safe")
    here.plug("1", "TA00001")
    view = here.shows("1", "held")
    assert (view.files, view.files_done, view.held) == (3, 3, 1)
    assert view.why is not None
    assert view.why.code == "station.some-held"
    here.settled()
    assert len(dock.clips()) == 3
    assert list(dock.held().values()) == ["devices.read-failed"]
    assert here.view("2").held == 0  # what is held counts where it was read
    here.pull("1")
    here.make = lambda serial, root: Docked(root, serial)
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    here.settled()
    assert len(dock.clips()) == 4
    assert dock.held() == {}


def test_a_full_disk_is_shown_and_room_is_enough(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dock.set("reserve_mb = 64", "reserve_mb = 1")
    with small_disk(dock.home / "spool", "12m"):
        ballast = dock.home / "spool" / "ballast"
        with running(dock, monkeypatch) as here:
            here.register("TA00001")
            here.cards["TA00001"] = fill(card, names(1 * MB, 6 * MB))
            ballast.write_bytes(bytes(7 * MB))
            here.plug("1", "TA00001")
            view = here.shows("1", "full")
            assert view.why is not None
            assert view.why.code == "ingest.spool-full"
            here.settled()
            looks = calls_of(DockingRun, "_full", monkeypatch)
            until(lambda: len(looks) > 2, "some looks")
            now = here.view("1")
            assert (now.state, now.since) == ("full", view.since)  # it looks again and again, and shows no more
            ballast.unlink()
            assert here.shows("1", "safe").files_done == 2
            here.settled()
            assert len(dock.clips()) == 2


def test_a_file_larger_than_the_disk_is_held_and_the_rest_is_filed(
    dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.set("reserve_mb = 64", "reserve_mb = 1")
    with small_disk(dock.home / "spool", "12m"), running(dock, monkeypatch) as here:
        here.register("TA00001")
        here.cards["TA00001"] = fill(card, names(1000, 1 * MB, 2 * MB))
        os.truncate(card / next(iter(names(1))), 40 * MB)
        here.plug("1", "TA00001")
        view = here.shows("1", "held")
        assert (view.files_done, view.held) == (3, 1)
        here.settled()
        assert list(dock.held().values()) == ["ingest.spool-too-small"]
        assert len(dock.clips()) == 2


def test_the_same_card_in_two_bays_is_copied_once_and_safe_in_both(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(*[2 * MB] * 6))
    here.adopt("[dock]\nmegabytes_per_s = 12\n")
    here.plug("1", "TA00001")
    here.plug("2", "TA00001")
    for port in ("1", "2"):
        view = here.shows(port, "safe")
        assert view.files_done == view.files
    with dock.opened() as station:
        keys = station.journal.unfinished() + [key for key in _keys(here) if station.journal.ended([key])]
    assert set(keys) == set(_keys(here))
    here.settled()
    assert len(dock.clips()) == 6
    assert len(dock.objects()) == 6
    reads = [path for opened in here.opened for path, _ in opened.reads]
    assert sorted(set(reads)) == [name.encode() for name in sorted(names(*[1] * 6))]
    dock.verify()


def _keys(here: Running) -> list[str]:
    bays = here.dock.bays.values()
    return [
        source.key
        for bay in bays
        if bay.docking_run and bay.docking_run.found
        for source in bay.docking_run.found.files
    ]


def test_one_that_waits_for_the_same_card_elsewhere_reads_what_the_other_left(here: Running, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10 * MB))
    here.adopt("[dock]\nmegabytes_per_s = 3\n")
    here.plug("1", "TA00001")
    until(lambda: here.view("1").done_bytes > MB, "the copy in the first bay")
    here.plug("2", "TA00001")
    until(lambda: len(here.opened) == 2, "the second bay")
    here.shows("2", "waiting")
    assert here.opened[1].reads == []
    here.pull("1")
    assert here.shows("2", "safe").files_done == 1
    here.settled()


def test_sidecars_then_important_then_oldest_then_copies(here: Running, card: Path) -> None:
    sizes = {
        "DCIM/TA00001_JX0001_20260305090000.MP4": 1000,
        "DCIM/TA00001_JX0001_20260305091000.MP4": 1001,
        "DCIM/TA00001_JX0001_20260305092000_IMP.MP4": 1002,
        "DCIM/TA00001_JX0001_20260305091000.NMEA": 50,
    }
    fill(card, sizes)
    (card / "DCIM/COPY.MP4").write_bytes((card / "DCIM/TA00001_JX0001_20260305090000.MP4").read_bytes())
    here.cards["TA00001"] = card
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    here.settled()
    order = [os.fsdecode(path).removeprefix("DCIM/") for path, _ in here.opened[0].reads]
    assert order == [
        "TA00001_JX0001_20260305091000.NMEA",
        "TA00001_JX0001_20260305092000_IMP.MP4",
        "TA00001_JX0001_20260305090000.MP4",
        "TA00001_JX0001_20260305091000.MP4",
        "COPY.MP4",
    ]


def test_safe_is_never_shown_before_everything_is_on_the_stations_disk(here: Running, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(*[200_000] * 8))
    missing: list[str] = []
    with here.dock.board.subscribed() as face:
        ended = threading.Event()

        def look() -> None:
            while not ended.is_set():
                view = face.get()
                if isinstance(view, BayView) and view.state in ("safe", "held"):
                    journal = here.dock.station.journal
                    missing.extend(key for key in _keys(here) if journal.recall(key, SpooledFile) is None)
                    ended.set()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        here.plug("1", "TA00001")
        here.shows("1", "safe")
        thread.join(10)
    assert missing == []
    assert ended.is_set()
    here.settled()


def test_the_vault_away_keeps_no_recorder_waiting(
    here: Running, dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.cards["TA00001"] = fill(card, names(10, 20, 30))
    (dock.home / "vault").rename(dock.home / "elsewhere")
    here.plug("1", "TA00001")
    view = here.shows("1", "safe")
    assert view.unsealed == 3
    until(lambda: here.dock.board.station.vault, "the vault's trouble on the board")
    here.pull("1")
    here.plug("3", "TA00001")
    view = here.shows("3", "safe")
    assert (view.files, view.unsealed) == (0, 3)
    tries = calls_of(here.dock.keeping, "failed", monkeypatch)
    until(lambda: len(tries) > 6, "some tries")
    assert dock.held() == {}
    assert not (dock.home / "vault").exists()
    (dock.home / "elsewhere").rename(dock.home / "vault")
    here.settled()
    until(lambda: here.dock.board.station.vault is None, "the vault on the board")
    until(lambda: here.view("3").unsealed == 0, "the receipts on the board")
    assert len(dock.clips()) == 3
    dock.verify()


def test_overdue_files_are_counted_until_they_are_copied_and_go_first(
    here: Running, card: Path, tmp_path: Path
) -> None:
    fresh = int(time.time())
    here.cards["TA00001"] = fill(card, names(2 * MB, 2 * MB, 2 * MB), at=fresh - 100)
    here.cards["TA00002"] = fill(tmp_path / "old", {"DCIM/A.MP4": 2 * MB, "DCIM/B.MP4": MB}, at=fresh - 25 * 3600)
    here.register("TA00002")
    here.adopt("[dock]\ncopies = 1\nmegabytes_per_s = 4\n")
    here.plug("1", "TA00001")
    until(lambda: here.view("1").done_bytes > 0, "the first bay's turn")
    here.plug("2", "TA00002")
    until(lambda: here.view("2").overdue == 2, "the overdue files")
    assert here.view("1").overdue == 0
    assert here.shows("2", "safe").overdue == 0
    assert here.view("1").files_done < 3  # the second bay was served before the first had ended
    here.adopt("")
    here.shows("1", "safe")
    here.settled()


# ---------------------------------------------------------------------- clearing


def synchronised(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    clock = StationClock(answer, 0.1 if answer else None, "test")
    monkeypatch.setattr("devices.clock.station_clock", lambda: clock)


def test_a_recorder_is_cleared_by_policy_after_its_receipts(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10, 2 * MB))
    here.adopt('[clearing]\nwhen = "after-receipt"\n')
    here.plug("1", "TA00001")
    until(lambda: not list(card.glob("DCIM/*")), "the clearing")
    assert here.shows("1", "safe").clearing is False
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    (record,) = dockings.every(here.station.database, "TA00001", 9)
    assert (record["files"], record["filed"], record["held"], record["cleared"]) == (2, 2, 0, 2)
    assert len(dock.clips()) == 2
    dock.verify()


def test_nothing_is_erased_without_a_policy(here: Running, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10))
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    assert len(here.opened) == 1
    assert here.opened[0].opened == 0
    assert len(list(card.glob("DCIM/*"))) == 1


def test_a_recorder_pulled_while_it_is_proven_loses_nothing(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10, 20))
    here.adopt('[clearing]\nwhen = "after-receipt"\n')

    def make(serial: str, root: Path) -> Docked:
        is_second = len(here.opened) == 1

        def pulled() -> None:
            here.opened[1].pull()
            here.pull("1")

        return Docked(root, serial, before_erasing=pulled if is_second else lambda: None)

    here.make = make
    here.plug("1", "TA00001")
    until(lambda: len(here.opened) == 2 and not here.opened[1].is_open, "the clearing's end")
    assert here.opened[1].opened == 1
    assert here.opened[1].erased == []
    assert len(list(card.glob("DCIM/*"))) == 2
    assert here.view("1").state == "empty"
    here.make = lambda serial, root: Docked(root, serial)
    here.plug("2", "TA00001")
    until(lambda: not list(card.glob("DCIM/*")), "the clearing")
    here.shows("2", "safe")
    assert len(dock.clips()) == 2
    dock.verify()


@pytest.mark.parametrize(
    ("clearing", "clock", "may"),
    [
        ("never", "synchronised", False),
        ("after-receipt", "synchronised", True),
        ("after-receipt", "free", True),
        ("after-receipt", "wrong", False),
        ("after-days", "synchronised", True),
        ("after-days", "free", False),
        ("after-days", "wrong", False),
    ],
)
def test_no_clock_that_cannot_be_relied_on_clears(clearing: str, clock: str, may: bool) -> None:
    told: list[dict[str, object]] = []

    class Log:
        def warning(self, event: str, **facts: object) -> None:
            told.append(facts)

    class Around:
        def policy(self) -> Policy:
            return Policy(1, clearing)  # type: ignore[arg-type]  # one of its words, from the table above

    class Run:
        around, bay = Around(), "3"

    clearer = Clearing(None, Log(), None, lambda: clock)  # type: ignore[arg-type]  # not asked
    assert clearer.may_clear(Run()) is may  # type: ignore[arg-type]  # only these two are asked
    assert [one["clock"] for one in told] == ([] if may or clearing == "never" else [clock])


# ---------------------------------------------------------------------- the record


def test_a_docking_is_recorded_with_counts_gaps_and_clock(
    here: Running, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised(monkeypatch, True)
    sizes = {f"DCIM/TA00001_JX0001_20900305090000_{number:04d}.MP4": 10 + number for number in (1, 2, 5)}
    here.cards["TA00001"] = fill(card, sizes)
    bad = frozenset({min(sizes).encode()})
    here.make = lambda serial, root: Docked(root, serial, bad=bad)
    here.plug("4", "TA00001")
    here.shows("4", "held")
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    (record,) = dockings.every(here.station.database, "TA00001", 9)
    assert (record["bay"], record["model"], record["transport"]) == ("4", "generic_dcim", "storage")
    assert (record["files"], record["filed"], record["held"], record["cleared"]) == (3, 2, 1, 0)
    assert record["clock"]["method"] == "newest-file"  # the names are of a year that is to come
    assert record["clock"]["offset_s"] > 86_400 * 365
    assert record["gaps"]


def test_the_record_waits_for_the_catalog(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10))
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    here.settled()
    until(lambda: dockings.every(here.station.database, "TA00001", 9), "the record")
    here.pull("1")
    (dock.home / "vault").rename(dock.home / "elsewhere")
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    here.pull("1")
    until(lambda: here.station.journal.intended(), "the act on the station's disk")
    assert len(dockings.every(here.station.database, "TA00001", 9)) == 1
    (dock.home / "elsewhere").rename(dock.home / "vault")
    until(lambda: len(dockings.every(here.station.database, "TA00001", 9)) == 2, "the second record")
    until(lambda: not here.station.journal.intended(), "the note that it is carried out")


def test_a_bay_keeps_nothing_of_what_was_in_it(here: Running, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10))
    for _ in range(5):
        here.plug("1", "TA00001")
        here.shows("1", "safe")
        here.pull("1")
    until(lambda: all(bay._before is None for bay in here.dock.bays.values()), "what was before is forgotten")
    here.settled()


def test_a_change_of_volumes_serves_the_device_anew(here: Running, dock: Dock, card: Path) -> None:
    here.cards["TA00001"] = fill(card, names(10, 20))
    here.plug("1", "TA00001")
    here.shows("1", "safe")
    fill(card, {"DCIM/LATE.MP4": 30})
    here.plug("1", "TA00001", label="OTHER")
    until(lambda: here.view("1").label == "OTHER" and here.view("1").state == "safe", "the new volume")
    here.settled()
    assert len(dock.clips()) == 3


def test_the_password_of_a_recorder_is_its_own_or_the_one_all_share(here: Running) -> None:
    secret, folder = here.dock.bay_desk.secret, here.station.home.credentials
    assert secret("AB12") is None
    folder.mkdir()
    for name, text in (("unlock", "for all\n"), ("unlock_AB12", "own \n")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    assert secret("AB12") == b"own "
    assert secret("CD34") == b"for all"
    assert secret("../unlock_AB12") == b"for all", "a serial is never a path"
    (folder / "unlock_AB12").chmod(0o644)
    with pytest.raises(SecretMissing, match="anybody may read"):
        secret("AB12")
