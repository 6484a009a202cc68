"""Cases, links, and the acts that change them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from catalog.acts import dispatch
from catalog.cases import cases, reading
from catalog.clips import clips, search
from catalog.database import Database
from catalog.errors import CaseExists, NoSuchCase, NoSuchClip, NotLinked
from catalog.rules.acts import Act, read_act
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.filing import CatalogFiler
from tests.fakes import old_acts
from tests.fakes.clips import SEALED, clip, sealed

LATER = SEALED + timedelta(hours=1)
CLIP = clip(1).id


def adding(no: str = "2026-7", title: str | None = "Market stall") -> Act:
    return cases.adding(
        no, title=title, subject="a shop", officers=("JX0001",), begins_at=SEALED, ends_at=None, at=LATER, actor="clerk"
    )


def linking(case: str = "2026-7", minutes: int = 0) -> Act:
    return old_acts.linking(CLIP, case, reason=None, at=LATER + timedelta(minutes=minutes), actor="clerk")


def unlinking(minutes: int = 5) -> Act:
    return old_acts.unlinking(CLIP, reason="another day", at=LATER + timedelta(minutes=minutes), actor="clerk")


@pytest.fixture(autouse=True)
def _one_clip(database: Database) -> None:
    CatalogFiler(database).file(sealed(clip(1)))


def apply(database: Database, *acts: Act) -> None:
    for act in acts:
        with database.transaction() as session:
            dispatch.apply(session, act)


def test_a_case_is_entered_and_listed_with_its_clips(database: Database) -> None:
    apply(database, adding(), linking())
    (listed,) = reading.every(database)
    assert (listed.no, listed.title, listed.subject, listed.clips) == (
        "2026-7",
        "Market stall",
        "a shop",
        1,
    )
    assert [one.id for one in search.search(database, search.Search(case="2026-7"))] == [CLIP]
    assert listed.officers == ("JX0001",)


def test_a_link_moves_and_ends_and_stays_on_record(database: Database) -> None:
    apply(database, adding(), adding("2026-8", "Another"), linking(), linking("2026-8", 2), unlinking())
    shown = clips.details(database, CLIP)
    assert shown.case is None
    assert [(link.case, link.reason) for link in shown.links] == [
        ("2026-7", "linked to 2026-8"),
        ("2026-8", "another day"),
    ]
    actions = [line.entry.action for line in trail.lines(database, subject=CLIP)]
    assert actions == ["clip.filed", "clip.linked", "clip.linked", "clip.unlinked"]


def test_a_case_named_at_ingest_gets_its_title_later(database: Database) -> None:
    apply(database, adding(title=None), adding(title="Market stall"))
    assert [case.title for case in reading.every(database)] == ["Market stall"]


@pytest.mark.parametrize(
    ("acts", "error"),
    [
        (lambda: (adding(), adding()), CaseExists),
        (lambda: (linking(),), NoSuchCase),
        (lambda: (unlinking(),), NotLinked),
        (lambda: (adding(), old_acts.linking("c-none", "2026-7", reason=None, at=LATER, actor="clerk")), NoSuchClip),
    ],
    ids=["exists", "no case", "not linked", "no clip"],
)
def test_what_cannot_be_done_changes_nothing(
    database: Database, acts: Callable[[], tuple[Act, ...]], error: type[StationError]
) -> None:
    *before, last = acts()
    apply(database, *before)
    lines = len(trail.lines(database))
    with pytest.raises(error):
        apply(database, last)
    assert len(trail.lines(database)) == lines
    assert search.get(database, CLIP).case is None


@pytest.mark.parametrize("act", [adding(), linking(), unlinking()])
def test_an_act_comes_back_from_its_document(act: Act) -> None:
    assert read_act(act.body()) == act
    assert read_act(act.body()).body() == act.body()


@pytest.mark.parametrize("body", [b"{}", b'{"schema":"evidock.act/9"}', b"x"])
def test_what_is_no_act_is_refused(body: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_act(body)
