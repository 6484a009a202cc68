"""A list that is carried out row by row: killed anywhere and again, on each database, it comes to the same catalog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import comparison, dispatch
from catalog.cases import cases, papers, reading
from catalog.database import SQLITE, Database
from catalog.errors import ActUnknown
from catalog.imports import imports
from catalog.people import accounts
from catalog.recorders import recorders
from catalog.rules.acts import Act
from catalog.rules.case_numbers import named, opened_by
from catalog.rules.imports.known import NUMBER_FORM
from catalog.rules.imports.taken import Taken
from catalog.trail import trail

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
FILE = imports.ListFile("list.csv", "ab" * 32, 3, "zh", "+0800", NUMBER_FORM.replace("{short}", "示民"))
SERIALS = [f"MZ-R{number:03}" for number in range(250)]
"""More than are committed at once."""
CASE = {"office_no": "9901", "opening_no": ["罚立字", 2026, 1], "party": "甲", "party_id": "5199", "fine": "10.5"}


def lists() -> Iterator[Act]:
    """Recorders; the holdings of one, of which the last cannot be; a roster, then another for its day."""
    rows = [Taken(at, {"serial": serial, "product": f"TA{serial}"}) for at, serial in enumerate(SERIALS, start=2)]
    yield imports.applying("recorders", FILE, rows, at=AT, actor="custodian")
    day = {"recorder": SERIALS[0], "begins": "2026-03-05T08:30:00+08:00", "ends": "2026-03-05T17:00:00+08:00"}
    held = [Taken(2, day | {"officer": "N1"}), Taken(3, day | {"officer": "N2", "begins": "2026-03-05T09:00:00+08:00"})]
    yield imports.applying("holdings", FILE, held, at=AT + timedelta(hours=1), actor="custodian")
    said = {"day": "2026-03-05", "leader": "N1", "duty": ["N2", "N3"]}
    made: dict[str, Any] = {"at": AT + timedelta(hours=2), "actor": "custodian"}
    roster = imports.applying("roster", FILE, [Taken(2, said)], **made)
    yield roster
    changed = Taken(9, said | {"duty": ["N2", "N4"]}, f"{opened_by(roster)}:2", {"duty": ["N2", "N3"]})
    yield imports.applying("roster", FILE, [changed], at=AT + timedelta(hours=3), actor="custodian")
    made = {"at": AT + timedelta(hours=4), "actor": "custodian"}
    unit = Taken(2, {"code": "y1", "name": "养老科", "was": ["福利科"]})
    yield imports.applying("units", FILE, [unit], **made, two=accounts.seconded(None, small=True))
    person = Taken(2, {"id": "N1", "name": "王某", "card": "99010000137", "unit": "y1", "post": "科员"})
    yield imports.applying("people", FILE, [person], **made, two=accounts.seconded(None, small=True))
    yield imports.applying("cases", FILE, [Taken(2, CASE)], **made)


def about(case: str) -> Iterator[Act]:
    """Records of a case, and of one that is not there; then the list says something else of the case."""
    made: dict[str, Any] = {"at": AT + timedelta(hours=5), "actor": "custodian"}
    paper = {
        "case": case,
        "code": "question-record",
        "number": ["询字", 2026, 1],
        "begins": "2026-03-05T09:00:00+08:00",
    }
    yield imports.applying("papers", FILE, [Taken(2, paper), Taken(3, paper | {"case": "0" * 12})], **made)
    changed = Taken(
        2, CASE | {"decision_no": ["罚决字", 2026, 7], "fine": "11"}, case, {"decision_no": None, "fine": "10.5"}
    )
    yield imports.applying("cases", FILE, [changed], **made)
    nothing: dict[str, Any] = {"title": None, "subject": None, "officers": (), "begins_at": None, "ends_at": None}
    yield cases.adding("9903", **nothing, **made)
    rows = [Taken(row, {"office_no": no, "party": "乙"}) for row, no in ((2, "9902"), (3, "9902"), (4, "9903"))]
    yield imports.applying("cases", FILE, rows, **made)


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
    first, book, *others = lists()
    for done in (100, 200, 250):
        killed_behind_a_batch(database, first)
        assert len(recorders.snapshot(database).recorders) == done
    assert trail.size(database) == 0
    assert {row: error.code for row, error in imports.rehearse(database, book).items()} == {3: "catalog.recorder-held"}
    assert recorders.snapshot(database).holdings == ()
    for act in (first, book, *others):
        dispatch.carry_out(database, act)
    more = list(about(reading.case_id(database, "9901")))
    for act in more:
        dispatch.carry_out(database, act)
    case = reading.get(database, "示民罚决〔2026〕7号")
    assert case is not None
    assert (case.title, case.state, case.reported) == ("甲", "open", {"fine": "11"})
    (paper,) = papers.every(database)
    assert (paper.case, paper.number) == (case.id, "示民询字〔2026〕第1号")
    refused = database.query("SELECT kind, row_number, refused FROM imported_row WHERE refused IS NOT NULL", {})
    assert {tuple(row.values()) for row in refused} == {
        ("holdings", 3, "catalog.recorder-held"),
        ("papers", 3, "catalog.no-such-case"),
        ("cases", 3, "catalog.case-exists"),
    }
    known = reading.get(database, "9903")
    assert known is not None
    assert (known.id, known.title, known.state) == (named("9903"), "乙", "open")
    assert imports.source_of(database, "cases", known.id) is not None
    (held,) = recorders.snapshot(database).holdings
    assert (held.officer, held.begins_at.hour, held.ends_at) == ("N1", 0, AT.replace(day=5, hour=9))
    on_duty = database.query("SELECT day, how, person FROM duty ORDER BY how, person", {})
    assert [tuple(row.values()) for row in on_duty] == [
        ("2026-03-05", how, person) for how, person in (("duty", "N2"), ("duty", "N4"), ("leader", "N1"))
    ]
    assert imports.source_of(database, "recorders", SERIALS[3]) == {
        "import": opened_by(first),
        "row": 5,
        "file": "list.csv",
    }
    right = Database(f"{SQLITE}{tmp_path}/right.db", lasting=False)
    right.migrate()
    for act in (*lists(), *more):
        dispatch.carry_out(right, act)
    assert list(comparison.differences(right, database)) == []
    right.close()


@pytest.mark.parametrize("rows", [[], [2, 2], range(imports.ROWS_MAX + 1)])
def test_a_list_of_no_row_of_too_many_or_of_one_twice_is_never_signed(tmp_path: Path, rows: list[int]) -> None:
    act = imports.applying("roster", FILE, [Taken(row, {}) for row in rows], at=AT, actor="custodian")
    with pytest.raises(ActUnknown):
        dispatch.demand(Database(f"{SQLITE}{tmp_path}/none.db"), act)


def test_an_act_with_a_number_that_no_column_holds_is_held_and_stands_in_nobodys_way(tmp_path: Path) -> None:
    database = Database(f"{SQLITE}{tmp_path}/number.db", lasting=False)
    database.migrate()
    with pytest.raises(ActUnknown, match="OverflowError"):
        dispatch.carry_out(database, cases.opening([], {"title": "x", "fine": 10**30}, at=AT, actor="custodian"))
    database.close()
