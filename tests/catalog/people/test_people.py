"""Units, people, roles and accounts as acts change them; whose clips are, by number and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import comparison, dispatch
from catalog.clips import clips
from catalog.database import SQLITE, Database
from catalog.people import accounts, people, roles, standing, units
from catalog.people.errors import (
    NeedsAnother,
    NoSuchGrant,
    NoSuchUnit,
    NumberTaken,
    PersonExists,
    PersonGone,
    RolesApart,
    UnitExists,
    UnitInUse,
    UnitMisplaced,
)
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.rights import Grant
from catalog.station_error import StationError
from tests.fakes import people as fakes
from tests.fakes.clips import clip, sealed

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
MADE: dict[str, Any] = {"at": AT, "actor": "P:0104"}
TICK = timedelta(seconds=1)


class Bench:
    """A catalog in memory, and what was carried out in it."""

    def __init__(self, place: Path) -> None:
        self.base, self.done = Database(f"{SQLITE}{place}", lasting=False), list[Act]()
        self.base.migrate()

    def carry_out(self, act: Act) -> None:
        self.done.append(Act(AT + len(self.done) * TICK, act.actor, act.action, act.subject, act.details))
        dispatch.demand(self.base, self.done[-1])
        self._apply(self.done[-1])

    def _apply(self, act: Act) -> None:
        with self.base.transaction() as session:
            dispatch.apply(session, act)

    def file(self, number: int, **its: object) -> str:
        manifest = sealed(clip(number, **its)).signed.manifest.encode()
        with self.base.transaction() as session:
            return clips.file(session, clips.Document(manifest, "", ""), AT)[0]

    def replayed(self, place: Path) -> Bench:
        other = Bench(place)
        for act in self.done:
            other._apply(act)
        return other


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Bench]]:
    made = list[Bench]()

    def make() -> Bench:
        made.append(Bench(tmp_path_factory.mktemp("people") / "catalog.db"))
        return made[-1]

    yield make
    for one in made:
        one.base.close()


def test_all_acts_are_carried_out_and_replayed_equal(bench: Callable[[], Bench], tmp_path: Path) -> None:
    first = bench()
    fakes.everything(first.base, first.carry_out, AT)
    again = first.replayed(tmp_path / "again.db")
    assert list(comparison.differences(first.base, again.base)) == []
    assert {one.no: one.unit for one in people.every(again.base)}["0106"] == "B"
    assert people.get(again.base, "990107").no == "0106"
    assert [one.code for one in units.every(again.base) if one.closed_at is None] == ["A", "B"]
    again.base.close()


def test_rights_follow_from_roles_the_tree_now_and_delegation(bench: Callable[[], Bench]) -> None:
    one = bench()
    fakes.everything(one.base, one.carry_out, AT)
    after = AT + timedelta(hours=1)
    everywhere = frozenset({"bureau", "A", "B", "C"})

    def grants(no: str, at: datetime = after) -> set[Grant]:
        return set(standing.person(one.base, no, at).grants)

    assert grants("0104") == {Grant("custodian", everywhere)}
    assert grants("0103") == {Grant("reviewer", everywhere), Grant("supervisor", everywhere)}, (
        "who is away, is acted for"
    )
    assert grants("0103", AT + timedelta(days=30)) == {Grant("reviewer", everywhere)}
    assert grants("0106") == {Grant("officer", frozenset({"A", "B", "C"}))}
    assert grants("0106", AT + timedelta(days=500)) == set(), "it ended"
    assert grants("0101") == grants("0102") == set(), "who left, and who is suspended"
    one.carry_out(units.moving("B", units.ROOT, since=None, **MADE))
    assert grants("0106") == {Grant("officer", frozenset({"A", "C"}))}


def test_a_clip_is_whose_number_it_was_then(bench: Callable[[], Bench]) -> None:
    one = bench()
    starts: list[datetime] = []
    before = one.file(1)
    (row,) = one.base.query("SELECT * FROM clip", {})
    officer, when = row["officer"], datetime.fromisoformat(row["starts_at"]).replace(tzinfo=UTC)
    starts.append(when)

    def whose(number: str) -> tuple[str | None, str]:
        (found,) = one.base.query("SELECT person, house_unit FROM clip WHERE id = :id", {"id": number})
        return found["person"], found["house_unit"]

    assert whose(before) == (None, units.ROOT), "nobody is known: it counts to the bureau"
    one.carry_out(units.adding("A", name="Unit A", **MADE))
    one.carry_out(people.adding("1", name="x", unit="A", recorder_no=officer, **MADE))
    assert whose(before) == ("1", "A"), "who is entered later had the number before"
    assert whose(one.file(2)) == ("1", "A"), "and a clip that is filed later is theirs at once"
    later = when + timedelta(days=1)
    one.carry_out(people.changing("1", {"recorder_no": None, "unit": units.ROOT}, since=later, **MADE))
    one.carry_out(people.adding("2", name="y", recorder_no=officer, since=later, **MADE))
    assert whose(before) == ("1", "A"), "a number that went on to somebody else keeps what was recorded before"
    due = "SELECT COUNT(*) AS n FROM search_due WHERE kind = 'clip'"
    waiting = one.base.query(due, {})
    one.carry_out(people.changing("2", {"name": "z"}, since=None, **MADE))
    assert (whose(before), one.base.query(due, {})) == (("1", "A"), waiting), "what stays is not indexed again"


WRONG: dict[str, tuple[type[StationError], Act]] = {
    "a unit twice": (UnitExists, units.adding("A", name="x", **MADE)),
    "a unit below none": (NoSuchUnit, units.adding("D", name="x", parent="none", **MADE)),
    "a unit below itself": (UnitMisplaced, units.moving("A", "B", since=None, **MADE)),
    "a unit with people": (UnitInUse, units.closing("B", reason="r", **MADE)),
    "a unit with units": (UnitInUse, units.closing("A", reason="r", **MADE)),
    "a person twice": (PersonExists, people.adding("0101", name="x", **MADE)),
    "a card of another": (NumberTaken, people.adding("7", name="x", card="990101", **MADE)),
    "a number that is another's card": (NumberTaken, people.adding("990101", name="x", **MADE)),
    "a person in no unit": (NoSuchUnit, people.adding("7", name="x", unit="none", **MADE)),
    "the auditor is the custodian": (
        RolesApart,
        roles.proposing("0104", title="auditor", role="auditor", unit="A", since=None, until=None, **MADE),
    ),
    "the officer is the security officer": (
        RolesApart,
        roles.proposing("0101", title="s", role="security", unit="A", since=None, until=None, **MADE),
    ),
    "nothing to grant": (
        NoSuchGrant,
        roles.granting("0101", "ab" * 6, how=None, first=False, small=True, **MADE),
    ),
    "nothing to revoke": (NoSuchGrant, roles.revoking("0101", "ab" * 6, reason="r", **MADE)),
    "a role for nobody": (
        PersonGone,
        roles.proposing("0102", title="officer", role="officer", unit="A", since=None, until=None, **MADE),
    ),
    "an account by one": (
        NeedsAnother,
        accounts.binding("0101", "x", at=AT, by=fakes.caller("0104"), second=fakes.caller("0104"), small=True),
    ),
    "an account by one with two accounts": (
        NeedsAnother,
        accounts.binding(
            "0101", "x", at=AT, by=fakes.caller("0104"), second=Caller("keeper", "keeper", "login"), small=True
        ),
    ),
    "the first word too late": (
        NeedsAnother,
        accounts.binding("0101", "x", at=AT, by=fakes.caller("0104"), second=None, small=True),
    ),
}


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("five") / "catalog.db")
    fakes.enter(made.base, made.carry_out, AT)
    made.carry_out(people.suspending("0102", reason="r", **MADE))
    yield made
    made.base.close()


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_before_it_is_signed(what: str, five: Bench) -> None:
    error, act = WRONG[what]
    with pytest.raises(error):
        dispatch.demand(five.base, act)


@pytest.mark.parametrize(
    ("proposer", "granter"), [("P:0104", "P:0104 as root"), ("P:0104", "keeper"), ("P:0105", "P:0101")]
)
def test_a_role_is_granted_by_another_than_who_proposed_or_gets_it(five: Bench, proposer: str, granter: str) -> None:
    made: dict[str, Any] = {"title": "reviewer", "role": "reviewer", "unit": "A", "since": None, "until": None}
    five.carry_out(roles.proposing("0101", **made, at=AT, actor=proposer))
    proposed = roles.of_people(five.base, ["0101"])[-1]
    with pytest.raises(NeedsAnother):
        dispatch.demand(
            five.base, roles.granting("0101", proposed.id, at=AT, actor=granter, how=None, first=False, small=True)
        )
