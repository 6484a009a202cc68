"""A station's clock that is behind, ahead, or set while it runs: what was written is compared, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.cases import cases
from catalog.errors import ClockNeedsAnother
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.clock import Reading
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.services.checkpoints import write_checkpoint
from docking_station.services.clock import confirm
from docking_station.services.ingest_card import ingest
from docking_station.services.permits import note_looks
from docking_station.station.errors import ClockNotAsked, ClockUnwitnessed, PersonUnknown
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest.errors import ClockDoubted, ClockWrong
from tests.fakes import old_acts
from tests.fakes.callers import ME
from tests.scenario.dock import Dock

MONTHS = timedelta(days=213)
TEN_YEARS = timedelta(days=3650)
LOOK = "clip.pulled"


class Clock(Station):
    """A station with a clock of its own: `ahead` of the true one, `off_s` off since the system started."""

    ahead = timedelta(0)
    boot = "boot-1"
    up_s = 1000.0
    is_kept = False
    server: datetime | None = None

    def now(self) -> datetime:
        """What the clock says."""
        return super().now() + self.ahead

    def reading(self) -> Reading:
        """What the clock says, beside the time since the start."""
        return Reading(self.now(), self.boot, self.up_s, self.is_kept)

    def other_clocks(self) -> Iterator[tuple[str, datetime]]:
        """What a server says, if there is one."""
        if self.server is not None:
            yield "server", self.server


@contextmanager
def clock(dock: Dock, **says: object) -> Iterator[Clock]:
    station = Clock(read_settings(Home(dock.home)))
    for name, value in says.items():
        setattr(station, name, value)
    try:
        yield station
    finally:
        station.close()


@pytest.fixture
def card(card: Path) -> Path:
    """A card with a file."""
    (card / "old.log").write_bytes(b"old")
    return card


def newest_line(dock: Dock) -> int:
    with clock(dock) as station:
        return trail.size(station.database)


# ---------------------------------------------------------------------- behind


def test_a_look_at_the_wrong_time_is_refused_and_opens_no_door(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    (card / "new.log").write_bytes(b"new")
    lines = newest_line(dock)
    with clock(dock, ahead=-MONTHS) as station:
        with pytest.raises(ClockWrong):
            note_looks(station, ME, LOOK, ["x"], {})
        with pytest.raises(ClockWrong):
            ingest(station, ME, card, None, None, None, None)
    assert newest_line(dock) == lines


def test_the_latest_line_counts_and_not_the_newest(dock: Dock, card: Path) -> None:
    """A look by a version that did not ask wrote a line 7 months early: the lines before it still count."""
    dock.ingest(card)
    (card / "new.log").write_bytes(b"new")
    with clock(dock, ahead=-MONTHS) as station:
        station.journal._write("DELETE FROM newest", ())
        with station.database.transaction() as session:
            trail.append(session, trail.Entry(station.now(), "somebody", LOOK, "x", {}, is_look=True))
        with pytest.raises(ClockWrong):
            ingest(station, ME, card, None, None, None, None)
    assert dock.ingest(card).filed.keys() == {"new.log"}


def test_an_act_that_waits_for_the_vault_counts(dock: Dock) -> None:
    with clock(dock) as station:
        station.journal.note_newest_act("2026-11-01T00:00:00.000000Z")
    with clock(dock, ahead=datetime(2026, 2, 1, tzinfo=UTC) - datetime.now(UTC)) as station, pytest.raises(ClockWrong):
        station.demand_clock()


@pytest.mark.parametrize("what", ["case", "checkpoint"])
def test_what_only_the_vault_knows_counts(dock: Dock, card: Path, what: str) -> None:
    """Catalog and journal are yesterday's, or new."""
    if what == "case":
        dock.run("cases", "add", "2026-1", "--title", "x")
    else:
        dock.ingest(card)
        dock.run("trail", "checkpoint")
    for name in ("journal.db", "catalog.db"):
        for path in dock.home.glob(f"{name}*"):
            path.unlink()
    with clock(dock, ahead=-MONTHS) as station:
        station.database.migrate()
        with pytest.raises(ClockWrong):
            station.demand_clock()


def test_what_was_believed_once_counts_though_the_catalog_is_away(dock: Dock) -> None:
    with clock(dock) as station:
        station.demand_clock()
    for path in dock.home.glob("catalog.db*"):
        path.unlink()
    with clock(dock, ahead=-MONTHS) as station, pytest.raises(ClockWrong):
        station.demand_clock()


def test_no_act_is_signed_by_a_clock_that_is_behind(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    acts = dock.objects("acts")
    with clock(dock, ahead=-MONTHS) as station:
        act = cases.adding(
            "C1",
            title=None,
            subject=None,
            officers=(),
            begins_at=None,
            ends_at=None,
            at=station.now(),
            actor="somebody",
        )
        with pytest.raises(ClockWrong):
            station.act_writer.carry_out(act)
    assert dock.objects("acts") == acts
    assert dock.run("cases", "list", "--json").document == []


# ---------------------------------------------------------------------- ahead


def refused(station: Station, card: Path) -> StationError:
    with pytest.raises(StationError) as raised:
        ingest(station, ME, card, None, None, None, None)
    return raised.value


@pytest.mark.parametrize("ahead", [TEN_YEARS, timedelta(days=17)])
def test_a_clock_that_jumped_writes_nothing_and_the_station_goes_on_afterwards(
    dock: Dock, card: Path, ahead: timedelta
) -> None:
    dock.ingest(card)
    (card / "new.log").write_bytes(b"new")
    lines, acts = newest_line(dock), dock.objects("acts")
    with clock(dock, ahead=ahead, boot="boot-2") as station:
        assert isinstance(refused(station, card), ClockDoubted)
        with pytest.raises(ClockDoubted):
            note_looks(station, ME, LOOK, ["x"], {})
        act = cases.adding(
            "C1",
            title=None,
            subject=None,
            officers=(),
            begins_at=None,
            ends_at=None,
            at=station.now(),
            actor="somebody",
        )
        with pytest.raises(ClockDoubted):
            station.act_writer.carry_out(act)
    assert (newest_line(dock), dock.objects("acts")) == (lines, acts)
    assert dock.ingest(card).filed.keys() == {"new.log"}


def test_a_home_of_an_older_version_knows_no_good_reading_and_asks_its_trail(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    with clock(dock, ahead=TEN_YEARS) as station:
        station.journal._write("DELETE FROM newest", ())
        assert isinstance(refused(station, card), ClockDoubted)


def test_a_clock_that_is_set_while_the_system_runs_is_seen_at_once(dock: Dock, card: Path) -> None:
    with clock(dock) as station:
        station.demand_clock()
        station.ahead = timedelta(hours=1)
        station.up_s += 60
        with pytest.raises(ClockDoubted):
            station.demand_clock()
        station.up_s += 3600
        station.demand_clock()


def test_a_server_that_says_the_same_vouches_and_one_that_does_not_does_not(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    with clock(dock, ahead=MONTHS, boot="boot-2") as station:
        station.server = datetime.now(UTC)
        with pytest.raises(ClockDoubted):
            station.demand_clock()
        station.server = station.now() + timedelta(minutes=1)
        station.demand_clock()
    with clock(dock, ahead=MONTHS, boot="boot-2") as station:
        station.demand_clock()


def test_a_time_server_is_followed_over_weeks_and_not_over_years(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    with clock(dock, ahead=TEN_YEARS, boot="boot-2", is_kept=True) as station, pytest.raises(ClockDoubted):
        station.demand_clock()
    with clock(dock, ahead=timedelta(days=60), boot="boot-2", is_kept=True) as station:
        station.demand_clock()


# ---------------------------------------------------------------------- two people's word


def poisoned(dock: Dock, card: Path) -> None:
    """A station whose clock ran ahead under a version that did not ask: an ingest, an act, a look, a checkpoint."""
    dock.ingest(card)
    (card / "future.log").write_bytes(b"future")
    with clock(dock, ahead=TEN_YEARS, server=datetime.now(UTC) + TEN_YEARS) as station:
        clip = ingest(station, ME, card, None, None, None, "2036-1").filed[0].id
        note_looks(station, ME, LOOK, [clip], {})
        write_checkpoint(station)
    (card / "new.log").write_bytes(b"new")


def confirmed(dock: Dock, **says: object) -> None:
    """By two people."""
    for name, state in (("first", "asked"), ("second", "confirmed")):
        with clock(dock, **says) as station:
            assert confirm(station, "a flat battery", Caller(name, name, LOGIN))[0] == state


def test_two_people_tell_what_a_wrong_clock_wrote_and_the_station_goes_on(dock: Dock, card: Path) -> None:
    poisoned(dock, card)
    with clock(dock) as station:
        assert isinstance(refused(station, card), ClockWrong)
    confirmed(dock)
    assert set(dock.ingest(card).filed) == {"new.log"}
    dock.run("trail", "checkpoint")
    told = dock.run("trail", "verify", "--json").document
    assert (told["fault"], told["checkpoints"]["faults"], told["backwards"]) == (None, [], [])
    with clock(dock) as station:
        assert list(station.disposer.due(station.now())) == []
        assert station.timekeeper.wrong() == ()


def test_a_rebuilt_catalog_goes_on_as_well(dock: Dock, card: Path) -> None:
    """The second case was opened after the clock was right again; what is signed is carried out in its true order."""
    poisoned(dock, card)
    confirmed(dock)
    with clock(dock) as station:
        clip = next(one["id"] for one in dock.every_clip() if one["case"] == "2036-1")
        act = old_acts.linking(clip, "2036-1", reason="again", at=station.now(), actor="third")
        station.act_writer.carry_out(act)
        station.act_writer.carry_out(old_acts.unlinking(clip, reason="none", at=station.now(), actor="third"))
        assert station.signed.of_clip(clip).links == {}
    for name in ("journal.db", "catalog.db"):
        for path in dock.home.glob(f"{name}*"):
            path.unlink()
    dock.run("rebuild", "--into", f"sqlite:///{dock.home / 'catalog.db'}")
    assert set(dock.ingest(card).filed) == {"new.log"}
    dock.run("trail", "checkpoint")
    told = dock.run("trail", "verify", "--json").document
    assert (told["fault"], told["checkpoints"]["faults"], told["backwards"]) == (None, [], [])
    with clock(dock) as station:
        assert station.signed.of_clip(clip).links == {}


def test_one_person_is_not_two_and_a_clock_that_contradicts_another_is_not_confirmed(dock: Dock, card: Path) -> None:
    poisoned(dock, card)
    first = Caller("first", "first", LOGIN)
    with clock(dock) as station:
        with pytest.raises(ClockNotAsked):
            confirm(station, None, first)
        with pytest.raises(PersonUnknown):
            confirm(station, "x", Caller("root", "root", None))
        confirm(station, "x", first)
        with pytest.raises(ClockNeedsAnother):
            confirm(station, "x", Caller("first", "root", LOGIN))
        station.server = station.now() + timedelta(hours=1)
        with pytest.raises(ClockUnwitnessed):
            confirm(station, "x", Caller("second", "second", LOGIN))
        assert isinstance(refused(station, card), ClockWrong)


def test_a_station_that_was_off_for_long_goes_on_by_the_word_of_two_people(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    off: dict[str, object] = {"ahead": timedelta(days=300), "boot": "boot-2"}
    with clock(dock, **off) as station, pytest.raises(ClockDoubted):
        station.demand_clock()
    confirmed(dock, **off)
    with clock(dock, **off) as station:
        station.demand_clock()


def test_times_that_run_backwards_are_told(dock: Dock, card: Path) -> None:
    dock.ingest(card)
    with clock(dock, ahead=-MONTHS) as station, station.database.transaction() as session:
        trail.append(session, trail.Entry(station.now(), "somebody", LOOK, "x", {}, is_look=True))
    answer = dock.run("trail", "verify", "--json", status=32)
    assert [one["line"] for one in answer.document["backwards"]] == [newest_line(dock)]
    confirmed(dock)
    assert dock.run("trail", "verify", "--json").document["backwards"] == []
