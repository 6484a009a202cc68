"""The policy says what it means, or is refused by line; adopting it is an act like any other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from catalog.acts import dispatch, policy
from catalog.database import Database
from catalog.errors import PolicyBad, PolicyOfVersion
from catalog.rules.acts import Act, read_act
from catalog.rules.policy import DEFAULT, Caps, Clearing, Hours, Policy
from catalog.rules.policy_text import EXAMPLE, TEXT_BYTES_MAX, read_policy
from catalog.trail import trail

NOW = datetime(2026, 3, 6, tzinfo=UTC)
TEXT = '[clearing]\nwhen = "after-days"\ndays = 3\n'


def test_the_example_is_the_default_written_out() -> None:
    assert read_policy(EXAMPLE) == read_policy("") == DEFAULT
    assert DEFAULT.clearing == "never"


def test_the_example_works_with_its_examples_switched_on() -> None:
    at = EXAMPLE.index("# [[hours]]")
    read = read_policy(EXAMPLE[:at] + EXAMPLE[at:].replace("# ", ""))
    assert read.hours == (Hours(time(8, 30), time(17, 30), Caps(4, 80)),)


def test_every_key_is_taken() -> None:
    read = read_policy(
        '[clearing]\nwhen = "after-receipt"\ndays = 9\n'
        "[dock]\noverdue_hours = 12\nnot_docked_days = 3\ncopies = 8\nmegabytes_per_s = 99.5\n"
        '[[hours]]\nbegins = "22:00"\nends = "06:00"\ncopies = 16\n'
        "[[hours]]\nbegins = 06:00:00\nends = 07:00:00\nmegabytes_per_s = 5\n",
        4,
    )
    night, morning = Hours(time(22), time(6), Caps(16, 99.5)), Hours(time(6), time(7), Caps(8, 5))
    assert read == Policy(4, "after-receipt", 9, 12, 3, False, Caps(8, 99.5), (night, morning))


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("nonsense\n", "line 1", "TOML"),
        ("\n[clear]\n", "line 2", "clear: there is no such key"),
        ("colour = 1\n", "line 1", "colour"),
        ("[clearing]\nwhen = 'never'\nhow = 1\n", "line 3", "clearing.how"),
        ("[clearing]\nwhen = 'sometimes'\n", "line 2", "after-receipt"),
        ("[clearing]\nwhen = true\n", "line 2", "True"),
        ("[clearing]\nwhen = ['never']\n", "line 2", "never"),
        ("[clearing]\ndays = 0\n", "line 2", "from 1 to 3650"),
        ("[clearing]\ndays = 1.5\n", "line 2", "whole"),
        ("[clearing]\ndays = true\n", "line 2", "True"),
        ("[clearing]\ndays = '3'\n", "line 2", "'3'"),
        ("clearing = 'never'\n", "line 1", "table"),
        ("[[clearing]]\nwhen = 'never'\n", "line 1", "table"),
        ("[dock]\n\ncopies = 33\n", "line 3", "dock.copies"),
        ("[dock]\nmegabytes_per_s = inf\n", "line 2", "dock.megabytes_per_s"),
        ("[dock]\nmegabytes_per_s = nan\n", "line 2", "dock.megabytes_per_s"),
        ("[dock]\nmegabytes_per_s = 0\n", "line 2", "dock.megabytes_per_s"),
        ("[hours]\nbegins = '08:00'\n", "line 1", "hours"),
        ("hours = [3]\n", "line 1, row 1", "table"),
        ("[[hours]]\nbegins = '08:00'\n", "line 1, row 1", "hours.ends: is missing"),
        ("[[hours]]\nbegins = '8:00'\nends = '09:00'\n", "line 2, row 1", "8:00"),
        ("[[hours]]\nbegins = '08:00'\nends = '24:00'\n", "line 3, row 1", "00:00"),
        ("[[hours]]\nbegins = 08:00:30\nends = '09:00'\n", "line 2, row 1", "08:30"),
        ("[[hours]]\nbegins = '08:00'\nends = '08:00'\n", "line 3, row 1", "when it begins"),
        (
            "[[hours]]\nbegins = '22:00'\nends = '06:00'\n[[hours]]\nbegins = '05:59'\nends = '07:00'\n",
            "line 5, row 2",
            "overlaps with [[hours]] number 1, at 05:59",
        ),
        ("#" * (TEXT_BYTES_MAX + 1), "-", "longer"),
    ],
)
def test_what_cannot_be_used_is_named_by_line(text: str, where: str, what: str) -> None:
    with pytest.raises(PolicyBad) as refused:
        read_policy(text)
    assert refused.value.message().startswith(f"{where}: ")
    assert what in refused.value.message()
    assert refused.value.message("zh").startswith(where.replace("line ", "第 ").replace(", row", " 行第").split(",")[0])


@pytest.mark.parametrize(
    ("when", "days"), [("never", None), ("after-receipt", 0), ("after-days", 3)], ids=["never", "receipt", "days"]
)
def test_from_when_a_clip_may_be_cleared(when: Clearing, days: int | None) -> None:
    allowed = Policy(clearing=when, clearing_days=3).cleared_from(NOW)
    assert allowed == (None if days is None else NOW + timedelta(days=days))


def adopt(database: Database, text: str, minutes: int) -> Act:
    act = policy.adopting(text, at=NOW + timedelta(minutes=minutes), actor="head of the bureau")
    dispatch.demand(database, act)
    with database.transaction() as session:
        dispatch.apply(session, read_act(act.body()))
    return act


def test_where_nothing_was_adopted_nothing_is_cleared(database: Database) -> None:
    assert policy.current(database) == DEFAULT
    assert policy.history(database) == ()
    with pytest.raises(PolicyOfVersion):
        policy.of_version(database, 1)


def test_the_newest_adopted_policy_holds_and_the_others_stay(database: Database) -> None:
    adopt(database, TEXT, 1)
    adopt(database, EXAMPLE, 2)
    adopt(database, TEXT, 3)
    assert policy.current(database) == Policy(3, "after-days", 3)
    assert [one.text for one in policy.history(database)] == [TEXT, EXAMPLE, TEXT]
    assert policy.of_version(database, 2).policy.clearing == "never"
    for version in (0, 4, -1):
        with pytest.raises(PolicyOfVersion):
            policy.of_version(database, version)
    lines = trail.lines(database, subject=policy.SUBJECT)
    assert [line.entry.action for line in lines] == ["policy.adopted"] * 3
    assert trail.verify(database).fault is None


@pytest.mark.parametrize("details", [{"text": TEXT, "sha256": "0" * 64}, {"text": "x", "sha256": policy.digest("x")}])
def test_a_policy_that_cannot_be_used_does_not_become_an_act(database: Database, details: dict[str, str]) -> None:
    with pytest.raises(PolicyBad):
        dispatch.demand(database, Act(NOW, "x", "policy.adopted", policy.SUBJECT, details))
