"""A clip is its officer's who had the recorder then; where that is not sure, it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.attribution import Attributed, OfficerClaims, attributed
from catalog.rules.register import Assignment, How, Register

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)


def assignment(officer: str, begins: float, ends: float | None = None, how: How = "issue") -> Assignment:
    """An assignment in hours around the clip."""
    begins_at = AT + timedelta(hours=begins)
    return Assignment(
        "EV1", officer, f"U-{officer}", begins_at, None if ends is None else AT + timedelta(hours=ends), how
    )


BEFORE, AFTER, THROUGHOUT = assignment("A", -9, -0.1), assignment("B", 0.1), assignment("C", -9)
NOBODY = OfficerClaims(None, None, None, None)
NAMED = OfficerClaims(None, None, "B", "D")


@pytest.mark.parametrize(
    ("said", "assignees", "expected"),
    [
        (OfficerClaims("S", "U", "B", "D"), (THROUGHOUT,), Attributed("S", "U", "stated")),
        (OfficerClaims("C", None, "B", "D"), (THROUGHOUT,), Attributed("C", "U-C", "stated")),
        (OfficerClaims("S", None, "B", "D"), (THROUGHOUT,), Attributed("S", None, "stated")),
        (NAMED, (THROUGHOUT,), Attributed("C", "U-C", "register")),
        (OfficerClaims(None, "U", "B", "D"), (THROUGHOUT,), Attributed("C", "U", "register")),
        (NAMED, (BEFORE, AFTER), Attributed("B", "U-B", "register")),
        (NOBODY, (BEFORE, AFTER), Attributed("A", "U-A", "register-unsure")),
        (NOBODY, (assignment("A", -9, -1), THROUGHOUT), Attributed("C", "U-C", "register-unsure")),
        (NOBODY, (BEFORE,), Attributed("A", "U-A", "register-unsure")),
        (NOBODY, (AFTER,), Attributed("B", "U-B", "register-unsure")),
        (NOBODY, (assignment("C", -9, -1), assignment("C", -1)), Attributed("C", "U-C", "register")),
        (NOBODY, (THROUGHOUT, assignment("L", -1, 1, "loan")), Attributed("L", "U-L", "register-unsure")),
        (NAMED, (), Attributed("B", None, "name")),
        (OfficerClaims(None, "U", None, "D"), (), Attributed("D", "U", "card")),
        (NOBODY, (), Attributed(None, None, None)),
    ],
)
def test_whose_clip_it_is(said: OfficerClaims, assignees: tuple[Assignment, ...], expected: Attributed) -> None:
    assert attributed(said, assignees, AT) == expected


def test_the_width_of_the_time_decides_who_may_have_held_it() -> None:
    register = Register((), (BEFORE, assignment("B", -0.1)))
    assert [one.officer for one in register.assignees("EV1", AT, 300)] == ["B"]
    assert [one.officer for one in register.assignees("EV1", AT, 900)] == ["A", "B"]
    assert [one.officer for one in register.assignees("EV1", AT, 1e15)] == ["A", "B"]
    assert register.assignees("another", AT, 1e9) == ()


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: (min(ends), max(ends)))


@given(st.lists(SPANS, max_size=3), st.lists(SPANS, max_size=4), st.integers(0, 20), st.integers(0, 8))
def test_holders_are_those_of_every_moment_in_the_window(
    issues: list[tuple[int, int]], loans: list[tuple[int, int]], at: int, slack: int
) -> None:
    made = [assignment(f"I{place}", *span) for place, span in enumerate(issues)]
    made += [assignment(f"L{place}", *span, how="loan") for place, span in enumerate(loans)]
    expected = set()
    for step in range(2 * (at - slack), 2 * (at + slack) + 1):
        moment = AT + timedelta(hours=step / 2)
        covering = [one for one in made if one.covers(moment)]
        lent = [one for one in covering if one.how == "loan"]
        expected |= {one.officer for one in lent or covering}
    found = Register((), tuple(made)).assignees("EV1", AT + timedelta(hours=at), slack * 3600.0)
    assert {one.officer for one in found} == expected
