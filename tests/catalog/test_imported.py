"""A list that is carried out row by row: killed anywhere and again, on each database, it comes to the same catalog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from catalog.acts import comparison, dispatch
from catalog.database import SQLITE, Database
from catalog.errors import ActUnknown
from catalog.imports import imports
from catalog.recorders import recorders
from catalog.rules.acts import Act
from catalog.rules.imports.taken import Taken
from catalog.trail import trail

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
FILE = imports.ListFile("list.csv", "ab" * 32, 3, "zh", "+0800")
SERIALS = [f"MZ-R{number:03}" for number in range(250)]
"""More than are committed at once."""


def lists() -> Iterator[Act]:
    """Recorders; the holdings of one, of which the last cannot be; a roster, then another for its day."""
    rows = [Taken(at, {"serial": serial, "product": f"TA{serial}"}) for at, serial in enumerate(SERIALS, start=2)]
    yield imports.applying("recorders", FILE, rows, at=AT, actor="custodian")
    day = {"recorder": SERIALS[0], "begins": "2026-03-05T08:30:00+08:00", "ends": "2026-03-05T17:00:00+08:00"}
    held = [Taken(2, day | {"officer": "N1"}), Taken(3, day | {"officer": "N2", "begins": "2026-03-05T09:00:00+08:00"})]
    yield imports.applying("holdings", FILE, held, at=AT + timedelta(hours=1), actor="custodian")
    said = {"day": "2026-03-05", "leader": "N1", "duty": ["N2", "N3"]}
    roster = imports.applying("roster", FILE, [Taken(2, said)], at=AT + timedelta(hours=2), actor="custodian")
    yield roster
    changed = Taken(9, said | {"duty": ["N2", "N4"]}, f"{imports.import_id(roster)}:2", {"duty": ["N2", "N3"]})
    yield imports.applying("roster", FILE, [changed], at=AT + timedelta(hours=3), actor="custodian")


class Killed(Exception):
    """As a power cut, behind some rows."""


def killed_behind_a_batch(database: Database, act: Act) -> None:
    calls = count()

    def told(_: int) -> None:
        if next(calls):  # the first says what was done before
            raise Killed

    with pytest.raises(Killed):
        dispatch.carry_out(database, act, told)


def test_a_list_killed_at_some_row_and_again_is_the_list(database: Database, tmp_path: Path) -> None:
    first, book, *rosters = lists()
    for done in (100, 200, 250):
        killed_behind_a_batch(database, first)
        assert len(recorders.snapshot(database).recorders) == done
    assert trail.size(database) == 0
    refused = imports.rehearse(database, book)
    assert {row: error.code for row, error in refused.items()} == {3: "catalog.recorder-held"}
    assert recorders.snapshot(database).holdings == ()
    for act in (first, book, *rosters):
        dispatch.carry_out(database, act)
    (held,) = recorders.snapshot(database).holdings
    assert (held.officer, held.begins_at.hour, held.ends_at) == ("N1", 0, AT.replace(day=5, hour=9))
    on_duty = database.query("SELECT day, how, person FROM duty ORDER BY how, person", {})
    assert [tuple(row.values()) for row in on_duty] == [
        ("2026-03-05", how, person) for how, person in (("duty", "N2"), ("duty", "N4"), ("leader", "N1"))
    ]
    assert imports.source_of(database, "recorders", SERIALS[3]) == {
        "import": imports.import_id(first),
        "row": 5,
        "file": "list.csv",
    }
    right = Database(f"{SQLITE}{tmp_path}/right.db", lasting=False)
    right.migrate()
    for act in lists():
        dispatch.carry_out(right, act)
    assert list(comparison.differences(right, database)) == []
    right.close()


@pytest.mark.parametrize("rows", [[], [2, 2], range(imports.ROWS_MAX + 1)])
def test_a_list_of_no_row_of_too_many_or_of_one_twice_is_never_signed(tmp_path: Path, rows: list[int]) -> None:
    act = imports.applying("roster", FILE, [Taken(row, {}) for row in rows], at=AT, actor="custodian")
    with pytest.raises(ActUnknown):
        dispatch.demand(Database(f"{SQLITE}{tmp_path}/none.db"), act)
