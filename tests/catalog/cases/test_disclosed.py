"""What is recorded of decisions in public is read from either database, and which cases it concerns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from catalog.acts.dispatch import apply
from catalog.cases import cases, disclosed, disclosures
from catalog.database import Database
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from tests.fakes.disclosed import every_change, excepted
from tests.scenario.keeping import somebody

TWO = (somebody("first"), somebody("second"))


def test_what_was_entered_is_read_and_the_cases_it_concerns(database: Database) -> None:
    seconds = count()

    def now() -> datetime:
        return datetime(2026, 3, 6, tzinfo=UTC) + timedelta(seconds=next(seconds))

    def done(act: Act) -> str:
        with database.transaction() as session:
            apply(session, act)
        return opened_by(act)

    def opened(no: str, **said: Any) -> str:
        return done(cases.opening([cases.number(no)], {"title": "x", **said}, at=now(), actor="x"))

    first = opened("1", decided="2026-03-05")
    reported = opened("2", reported={"decided": "2026-03-04", "published": "2026-03-05"})
    owed, kept = (opened(no, reported={"decided": "2026-03-04"}) for no in ("3", "4"))
    opened("5")
    assert disclosed.concerned(database, is_open=True, most=9) == [first, *sorted((owed, kept))]
    for act in every_change(first, now, TWO):
        done(act)
    done(excepted(kept, now, TWO))
    done(disclosures.excepting(owed, None, "minor", reason="x", at=now(), two=TWO))
    assert disclosed.concerned(database, is_open=True, most=9) == [first, kept]
    assert set(disclosed.concerned(database, is_open=False, most=9)) == {first, reported, owed, kept}
    assert len(disclosed.concerned(database, is_open=False, most=2)) == 2
    told = disclosed.of_cases(database)[first]
    public = told.standing("website")
    assert public is not None
    assert (told.standing("credit"), told.exceptions) == (None, ())
    assert [one.ended for one in told.disclosures] == [None, "corrected", "withdrawn"]
    assert (told.decided(date(2026, 3, 5)), told.decided(date(2026, 3, 5), date(2026, 3, 7))) == (
        *(date(2026, 3, 8), date(2026, 3, 5)),
    )
    assert told.published(date(2026, 3, 5)) == date(2026, 3, 6)
    assert told.withdrawals() == ((date(2026, 3, 8), None), (date(2026, 3, 8), date(2026, 3, 9)))
    assert disclosed.get(database, public.id) == public
    found = disclosed.of_cases(database, [kept])[kept]
    assert (found.excepted("credit") is not None, found.excepted("website")) == (True, None)
