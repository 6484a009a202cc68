"""A small bureau for tests: five people in units, with roles and accounts; and everything that can happen to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.cases import parts
from catalog.database import Database
from catalog.people import accounts, people, roles, units
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, Caller

SEATS = (
    ("0101", "officer", "A"),
    ("0102", "officer", "B"),
    ("0103", "reviewer", units.ROOT),
    ("0104", "custodian", units.ROOT),
    ("0105", "supervisor", units.ROOT),
)
"""Number, role, unit; A is above B."""
ACCOUNTS = {"0101": "first", "0102": "second", "0103": "third", "0104": "keeper", "0105": "deputy"}
CarryOut = Callable[[Act], object]


def caller(no: str) -> Caller:
    """One of the five, logged in."""
    return Caller(ACCOUNTS[no], ACCOUNTS[no], LOGIN, no=no)


def enter(base: Database, carry_out: CarryOut, at: datetime, keeper: str = ACCOUNTS["0104"]) -> None:
    """Enter the five by the first word; the custodian's account is `keeper`."""
    made: dict[str, Any] = {"at": at, "actor": "root"}
    carry_out(units.adding("A", name="Unit A", was=("Old A",), kind="enforcing", **made))
    carry_out(units.adding("B", name="Unit B", parent="A", number="B", **made))
    for no, role, unit in SEATS:
        carry_out(people.adding(no, name=f"Name {no}", unit=unit, card=f"99{no}", recorder_no=f"R{no}", **made))
        carry_out(roles.proposing(no, title=role, role=role, unit=unit, since=at, until=None, **made))
        account = keeper if role == "custodian" else ACCOUNTS[no]
        root = Caller("root", "root", None)
        carry_out(accounts.binding(no, account, at=at, by=root, second=None, small=True))
    for proposed in roles.of_people(base):
        carry_out(roles.granting(proposed.person, proposed.id, how=None, first=True, small=True, **made))


def everything(base: Database, carry_out: CarryOut, at: datetime, keeper: str = ACCOUNTS["0104"]) -> None:
    """One of each act about people, so that each table and column has a value somewhere."""
    enter(base, carry_out, at, keeper)
    made: dict[str, Any] = {"at": at, "actor": "P:0104 as root"}
    said: dict[str, Any] = {"sex": "f", "post": "clerk", "kinds": ("inspection",), "area": "all"}
    carry_out(people.adding("0106", name="Name 0106", card="990106", card_until="2027-12-31", **said, **made))
    carry_out(people.changing("0106", {"unit": "B", "card": "990107", "post": "head"}, since=None, **made))
    carry_out(units.changing("B", {"name": "Unit B anew", "was": ["Unit B"]}, **made))
    carry_out(units.adding("C", name="Unit C", parent="B", **made))
    carry_out(units.moving("C", "A", since=None, **made))
    carry_out(units.closing("C", reason="over", **made))
    carry_out(people.suspending("0106", reason="r", **made))
    carry_out(people.resuming("0106", reason="r", **made))
    carry_out(people.suspending("0102", reason="r", **made))
    times: dict[str, Any] = {"since": at, "until": at + timedelta(days=400)}
    for unit in ("A", "B"):
        carry_out(roles.proposing("0106", title="officer", role="officer", unit=unit, **times, **made))
    one, other = (role.id for role in roles.of_people(base, ["0106"]))
    small: dict[str, Any] = {"first": False, "small": True, "how": LOGIN}
    carry_out(roles.granting("0106", one, at=at, actor="P:0105", **small))
    carry_out(roles.revoking("0106", other, reason="r", **made))
    times = {"since": at, "until": at + timedelta(days=9)}
    for reason in ("away", "away again"):
        carry_out(roles.delegating("0105", "0103", reason=reason, at=at, actor="P:0105", **times))
    carry_out(roles.revoking("0105", roles.delegations(base)[0].id, reason="back", at=at, actor="P:0105"))
    two: dict[str, Any] = {"by": Caller(keeper, keeper, LOGIN, no="0104"), "second": caller("0105"), "small": True}
    carry_out(accounts.binding("0106", "sixth", at=at, **two))
    carry_out(people.leaving("0101", reason="r", since=None, **made))


def in_a_case(base: Database, carry_out: CarryOut, now: Callable[[], datetime]) -> None:
    """A reviewer named on a case, and a recusal that ended; each at a time of its own, for their ids follow from it."""
    case = base.query("SELECT id FROM law_case WHERE merged_into IS NULL ORDER BY id", {})[0]["id"]
    until = now() + timedelta(days=30)
    carry_out(parts.naming(case, "0103", until=until, reason="advice", at=now(), actor="P:0105"))
    carry_out(parts.recusing(case, "0106", reason="a cousin", at=now(), actor="P:0106"))
    carry_out(parts.ending(case, "0106", "recused", reason="no cousin", at=now(), actor="P:0105"))


def examples(at: datetime = datetime(2026, 3, 5, tzinfo=UTC)) -> list[Act]:
    """An act of each kind about people, as it would be signed."""
    made: dict[str, Any] = {"at": at, "actor": "P:0104"}
    return [
        units.adding("A", name="Unit A", **made),
        units.changing("A", {"was": ["Old A"]}, **made),
        units.moving("A", units.ROOT, since=None, **made),
        units.closing("A", reason="r", **made),
        people.adding("0101", name="x", card="990101", card_until="2027-12-31", kinds=("inspection",), **made),
        people.changing("0101", {"unit": "A", "area": None}, since=at, **made),
        people.suspending("0101", reason="r", **made),
        people.resuming("0101", reason="r", **made),
        people.leaving("0101", reason="r", since=None, **made),
        accounts.binding("0101", "x", at=at, by=caller("0104"), second=None, small=True),
        accounts.binding("0101", None, at=at, by=caller("0104"), second=caller("0105"), small=False),
        roles.proposing("0101", title="officer", role="officer", unit="A", since=None, until=None, **made),
        roles.granting("0101", "ab" * 6, how=LOGIN, first=False, small=True, **made),
        roles.revoking("0101", "ab" * 6, reason="r", **made),
        roles.delegating("0105", "0103", since=None, until=at + timedelta(days=1), reason="r", **made),
    ]
