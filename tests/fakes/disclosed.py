"""Every act of a decision's disclosure (公示登记), for tests that want each once; decisions that are made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from catalog.cases import disclosures
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.case_numbers import opened_by

ROW = {"执法对象": "某养老院", "处罚内容": "罚款20000元"}


def every_change(case: str, now: Callable[[], datetime], two: tuple[Caller, Caller]) -> Iterator[Act]:
    """Kept back, then public on two channels, one of them corrected, the decision changed, the other taken down."""
    who = two[0].actor
    yield disclosures.excepting(case, None, "security", reason="r", at=now(), two=two)
    yield disclosures.publishing(
        case, "website", ROW, day="2026-03-06", place="www", until=None, gravity=None, at=now(), actor=who
    )
    shown = disclosures.publishing(
        case, "credit", ROW, day="2026-03-06", place=None, until="2027-03-05", gravity="general", at=now(), actor=who
    )
    yield shown
    corrected = disclosures.correcting(
        opened_by(shown), ROW | {"执法对象": "某公寓"}, day="2026-03-07", reason="r", at=now(), actor=who
    )
    yield corrected
    yield disclosures.ending(case, "changed", day="2026-03-08", number="n", reason="r", at=now(), actor=who)
    yield disclosures.withdrawing(opened_by(corrected), day="2026-03-09", reason="r", at=now(), actor=who)


def excepted(case: str, now: Callable[[], datetime], two: tuple[Caller, Caller]) -> Act:
    """One channel that is kept back."""
    return disclosures.excepting(case, "credit", "light", reason="r", at=now(), two=two)
