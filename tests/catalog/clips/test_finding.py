"""What is searched for is found, nothing else is, on both databases; and the index follows every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.cases import cases, links, papers, scans
from catalog.cases.scans import Scan
from catalog.clips import arrivals, finding, search_index
from catalog.clips.errors import SearchUnfit
from catalog.clips.finding import Within
from catalog.clips.search import Search
from catalog.database import Database
from catalog.evidence import CaptureTime, Fix
from catalog.people import units
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from catalog.rules.house_rights import Known
from catalog.rules.places import Area, cell_words, cover
from catalog.rules.search_words import asked_words, words_of
from catalog.rules.visible import Visible
from ingest.filing import CatalogFiler
from tests.fakes.clips import SEALED, START, clip, sealed

LATER = SEALED + timedelta(hours=1)
NAMES = {"M7": "擅自兴建殡葬设施", "S2": "现场检查"}
MADE: dict[str, Any] = {"at": LATER, "actor": "clerk"}
NOBODY = Visible("0101", frozenset(), (), (), (), frozenset(), frozenset(), with_disposed=True)
LEVELS = frozenset({"none", "privacy"})


def apply(database: Database, act: Act) -> Act:
    with database.transaction() as session:
        dispatch.apply(session, act)
    return act


def bring(database: Database) -> None:
    search_index.bring_all(database, NAMES, lambda _: None, lambda: False)


def found(database: Database, within: Within | None = None, /, **wanted: Any) -> list[int]:
    """The numbers of the clips that fit, the oldest first."""
    page = finding.page(database, Search(**wanted), within or Within(), NAMES)
    return sorted(int(one.id[1:]) for one in page.clips)


def opened(database: Database, title: str, number: str, **said: Any) -> str:
    return opened_by(apply(database, cases.opening([cases.number(number)], {"title": title, **said}, **MADE)))


def link(database: Database, number: int, case: str, **about: Any) -> None:
    apply(database, links.linking(clip(number).id, case, about, reason=None, **MADE))


@pytest.fixture
def world(database: Database) -> Database:
    """Six clips an hour apart; two cases, whose names share their halves; the last clip belongs to none."""
    filer = CatalogFiler(database)
    for number in range(1, 7):
        starts = START + timedelta(hours=number)
        track = (Fix(starts, 30.25, 119.75 + number / 100),) if number < 5 else ()
        made = clip(number, time=CaptureTime(starts, "name", 900.0), track=track, marks=())
        filer.file(sealed(replace(made, officer=f"JX{number % 2}", unit=None)))
    one = opened(database, "王小明涉嫌擅自兴建殡葬设施案", "锦民立字〔2026〕第12号", matter="M7", unit="A")
    two = opened(database, "李大刚占道搭设灵棚案", "锦民立字〔2026〕第128号", parties=[{"name": "李大刚"}])
    for number, case in ((1, one), (2, one), (3, two), (4, two)):
        link(database, number, case, **({"step": "S2", "place": "人民路8号"} if number == 2 else {}))
    apply(database, papers.adding(two, {"code": "P1", "note": "当事人拒绝签字", "number": "锦民罚〔2026〕3号"}, **MADE))
    bring(database)
    return database


def texts_are_found_where_they_stand_and_nowhere_else(world: Database) -> None:
    asked = {
        ("王小明",): [1, 2],
        ("灵棚",): [3, 4],
        ("大刚", "签字"): [3, 4],
        ("王小刚",): [],
        ("小明占道",): [],
        ("第12号",): [1, 2],
        ("〔2026〕第128号",): [3, 4],
        ("锦民立字〔2026〕第1号",): [],
        ("TA00005",): [5],
        ("ｔａ00005",): [5],
        ("现场检查 人民路",): [2],
        ("殡葬设施",): [1, 2],
    }
    assert {text: found(world, text=text) for text in asked} == asked
    assert found(world, party="李大") == [3, 4]
    assert found(world, party="拒绝") == []
    with pytest.raises(SearchUnfit):
        found(world, text=("王",))


def a_text_tells_where_it_stands(world: Database) -> None:
    (hit,) = {one.texts for one in finding.page(world, Search(text=("拒绝签字",)), Within(), NAMES).clips}
    assert [(one.kind, one.text, one.paper is not None) for one in hit] == [("note", "当事人拒绝签字", True)]


def facts_and_times_narrow_it(world: Database) -> None:
    hour = timedelta(hours=1)
    assert found(world, officer="JX1") == [1, 3, 5]
    assert found(world, matter="M7") == [1, 2]
    assert found(world, step="S2") == [2]
    assert found(world, case="锦民立字〔2026〕第128号") == [3, 4]
    assert found(world, flags=frozenset({"unlinked"})) == [5, 6]
    assert found(world, since=START + 2 * hour, until=START + 4 * hour) == [2, 3]
    assert found(world, flags=frozenset({"overdue"}), overdue_hours=20) == [1, 2, 3]
    assert found(world, flags=frozenset({"overdue"}), overdue_hours=21) == [1, 2]
    assert found(world, due=LATER + timedelta(days=400)) == [1, 2, 3, 4, 5, 6]
    assert found(world, due=LATER) == found(world, flags=frozenset({"hold"})) == []
    assert found(world, text=("灵棚",), officer="JX0") == [4]


def a_place_is_compared_with_every_fix(world: Database) -> None:
    at = (30.25, 119.75)
    assert found(world, area=Area(((30.25, 119.77),), 100.0)) == [2]
    assert found(world, area=Area(((30.25, 119.765), (30.251, 119.785)))) == [2, 3]
    assert found(world, area=Area((at, (30.25, 119.785)), 50.0)) == [1, 2, 3]
    assert found(world, area=Area(((-30.25, 119.77),), 100_000.0)) == []
    assert found(world, area=Area(((30.25, 119.77),), 100.0), text=("王小明",)) == [2]


def pages_follow_each_other_and_counts_are_exact(world: Database) -> None:
    pages, after = list[list[str]](), None
    while True:
        page = finding.page(world, Search(limit=2, after=after), Within(), NAMES)
        pages, after = [*pages, [one.id[-1] for one in page.clips]], page.after
        if after is None:
            break
    assert [one for one in pages if one] == [["6", "5"], ["4", "3"], ["2", "1"]]
    counted = finding.counts(world, Search(text=("〔2026〕",)), Within(), NAMES)
    assert (counted.total, counted.is_more, counted.facets["officer"]) == (4, False, {"JX1": 2, "JX0": 2})
    assert counted.is_exact
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(finding, "CHECKED_MAX", 0)
        by_words = finding.counts(world, Search(text=("〔2026〕",)), Within(), NAMES, 23 * 3600).facets["day"]
    exact = finding.counts(world, Search(text=("〔2026〕",)), Within(), NAMES, 23 * 3600).facets["day"]
    assert by_words == exact != counted.facets["day"], "a day there is not a day here"
    assert sum(exact.values()) == 4
    with pytest.raises(SearchUnfit):
        found(world, after="x1")


def many_are_counted_by_their_words_and_none_that_is_not_seen(world: Database) -> None:
    def counted(within: Within | None = None, **wanted: Any) -> tuple[int, bool, bool]:
        one = finding.counts(world, Search(**wanted), within or Within(), NAMES)
        assert sum(one.facets["officer"].values()) == one.total, "each of these clips has an officer"
        return one.total, one.is_more, one.is_exact

    number = "锦民立字〔2026〕第1号"
    with pytest.MonkeyPatch.context() as patched:
        assert counted(text=(number,)) == (0, False, True)
        patched.setattr(finding, "CHECKED_MAX", 0)
        assert counted(text=("王小明",)) == (2, False, False)
        assert counted(flags=frozenset({"overdue"}), overdue_hours=20) == (3, False, True)
        case = world.query("SELECT id FROM law_case WHERE unit = 'A'", {})[0]["id"]
        all_seen = replace(NOBODY, clips=((LEVELS, frozenset(clip(n).id for n in range(1, 7))),))
        for known in (Known(frozenset({"A"}), frozenset()), Known(frozenset(), frozenset({case}))):
            assert counted(Within((all_seen,), known), text=("2026",)) == (2, False, False), "of the other case nothing"
        assert counted(Within((all_seen,), Known(frozenset(), frozenset()))) == (6, False, True)
        patched.setattr(finding, "COUNTED_MAX", 4)
        assert counted() == (4, True, True)


CHECKS = (
    *(texts_are_found_where_they_stand_and_nowhere_else, a_text_tells_where_it_stands, facts_and_times_narrow_it),
    *(a_place_is_compared_with_every_fix, pages_follow_each_other_and_counts_are_exact),
    many_are_counted_by_their_words_and_none_that_is_not_seen,
)


def test_what_is_asked_for_is_found_and_nothing_else(world: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One world is enough for all that only reads."""
    for check in CHECKS:
        check(world)
    monkeypatch.setattr(finding, "BATCH_FIRST", 2)
    pages_follow_each_other_and_counts_are_exact(world)
    texts_are_found_where_they_stand_and_nowhere_else(world)


def test_only_what_may_be_found_is_and_texts_of_unknown_cases_are_not_there(world: Database) -> None:
    case = opened(world, "第三案", "Q-3")
    clips = frozenset(clip(number).id for number in (2, 3))
    granted = replace(NOBODY, clips=((LEVELS, clips),))
    named = replace(NOBODY, cases=((LEVELS, frozenset({case})),))
    link(world, 5, case)
    bring(world)
    assert found(world, Within((NOBODY,))) == []
    assert found(world, Within((granted,))) == [2, 3]
    assert found(world, Within((granted, named))) == []
    assert found(world, Within((named,))) == [5]
    blind = Within((granted,), Known(frozenset(), frozenset()))
    assert found(world, blind, text=("灵棚",)) == found(world, blind, text=("人民路",)) == []
    assert found(world, blind, text=("ta00003",)) == [3]


def test_what_changed_is_indexed_again_and_is_right_until_then(world: Database) -> None:
    case = opened(world, "流浪救助", "Q-9")
    link(world, 6, case)
    assert found(world, text=("流浪",)) == []
    assert search_index.due(world)
    bring(world)
    assert (found(world, text=("流浪",)), search_index.due(world)) == ([6], 0)
    apply(world, cases.changing(case, {"title": "救助纠纷"}, reason="r", **MADE))
    assert found(world, text=("流浪",)) == [], "the index has it still, the texts do not"
    bring(world)
    assert found(world, text=("助纠",)) == [6]
    apply(world, units.adding("A", name="Unit A", was=("U1",), kind="enforcing", **MADE))
    apply(world, units.adding("B", name="Unit B", parent="A", was=("U2",), **MADE))
    CatalogFiler(world).file(sealed(clip(7, unit="U2")))
    bring(world)
    assert (found(world, unit="A"), found(world, unit="B")) == ([7], [7])
    assert found(world, Within((replace(NOBODY, units=((LEVELS, frozenset({"A", "B"})),)),))) == [7]
    apply(world, units.moving("B", units.ROOT, since=None, **MADE))
    bring(world)
    assert (found(world, unit="A"), found(world, unit="B")) == ([], [7])
    assert list(search_index.check(world, NAMES)) == []
    paper = world.query("SELECT id FROM paper", {})[0]["id"]
    digests = dict.fromkeys(("id", "sha256", "sm3"), "0" * 64)
    scan = Scan(**digests, paper=paper, name="a.pdf", format="pdf", pages=2, size_bytes=1, at=LATER, by="clerk")
    apply(world, scans.scanning(scan))
    scans.keep_text(world, scan.id, 2, "见证人\n在场")
    bring(world)
    assert found(world, text=("证人",)) == found(world, text=("见证人 在场",)) == [3, 4]
    (hit, _) = finding.page(world, Search(text=("证人",)), Within(), NAMES).clips
    assert [(one.kind, one.paper, one.page) for one in hit.texts] == [("page", paper, 2)]
    with world.transaction() as session:
        session.connection().exec_driver_sql("INSERT INTO search_due(kind, id) VALUES ('policy', '2')")
    names = NAMES | {"S2": "调查询问"}
    search_index.bring(world, names)
    assert search_index.due(world) == 5, "a policy names what links say, and nothing of a clip without one"
    search_index.bring(world, names)
    assert [one.id for one in finding.page(world, Search(text=("询问",)), Within(), names).clips] == [clip(2).id]


def test_a_check_finds_what_the_index_lacks_and_it_is_made_anew(world: Database) -> None:
    from sqlalchemy import text

    def change(sql: str) -> None:
        with world.transaction() as session:
            session.connection().execute(text(sql))

    one, two, three = (clip(number).id for number in (1, 2, 3))
    change(f"DELETE FROM clip_indexed WHERE clip_id = '{one}'")
    change(f"UPDATE clip_indexed SET digest = 'x' WHERE clip_id = '{two}'")
    sqlite = world.sqlite_path is not None
    triggers = "sqlite_master WHERE type = 'trigger' AND" if sqlite else "pg_trigger WHERE"
    name = "name" if sqlite else "tgname"
    watching = world.query(f"SELECT COUNT(*) AS n FROM {triggers} {name} LIKE 'search_%'", {})[0]["n"]
    assert watching == (30 if sqlite else 10), "a table that was made anew lost its triggers"
    if not sqlite:  # where it is left to the planner, it compares every row with every word
        (page,) = world.query("SELECT proconfig, prosrc FROM pg_proc WHERE proname = 'clip_page'", {})
        assert page["proconfig"] == ["enable_seqscan=off"]
        assert "pos + 0 < $1" in page["prosrc"]
    change(f"UPDATE clip_indexed SET {'pos = pos + 1' if sqlite else 'words = NULL'} WHERE clip_id = '{three}'")
    faults = {(fault.clip, fault.what) for fault in search_index.check(world, NAMES)}
    assert faults == {(one, "missing"), (two, "other"), (three, "words")}
    search_index.forget(world)
    assert (found(world), search_index.due(world)) == ([], 6)
    bring(world)
    assert (list(search_index.check(world, NAMES)), found(world, text=("灵棚",))) == ([], [3, 4])


def test_words_of_texts_and_of_phrases() -> None:
    assert words_of("锦民立字〔2026〕第12号 Ａb_c") == {"锦民", "民立", "立字", "2026", "第", "12", "号", "ab", "c"}
    assert list(asked_words("第12号")) == ["12"]
    assert list(asked_words("〔2026〕第12号案")) == ["2026", "第", "12", "号案"]


@pytest.mark.parametrize("radius_m", [20.0, 300.0, 5_000.0, 90_000.0, None])
def test_the_cells_of_an_area_hold_all_that_lies_in_it(radius_m: float | None) -> None:
    line = ((30.2, 119.7), (30.21, 119.74))
    area, cells = Area(line, radius_m), cover(Area(line, radius_m))
    assert cells
    for number in range(400):
        point = (29.9 + number % 20 * 0.03, 119.4 + number // 20 * 0.03)
        near = (30.2 + number % 20 * 0.0005, 119.7 + number // 20 * 0.002)
        assert all(not area.holds(one) or cell_words([one]) & cells for one in (point, near))


def test_what_came_in_is_counted_on_both(world: Database) -> None:
    early, now = SEALED - timedelta(days=1), SEALED + timedelta(days=1)
    assert arrivals.filed(world, early, None) == 6
    assert arrivals.unlinked(world, START - timedelta(days=1), None) == 2, "the last two belong to no case"
    assert sum(one.count for one in arrivals.since(world, early)) == 6
    assert sum(one.count for one in arrivals.between(world, early, now)) == 6
    long = arrivals.between(world, START - timedelta(days=99), now, "recorder", None, 24, 0)
    assert (sum(one.count for one in long), {one.of for one in long}) == (6, {"TA00001"})
    assert sum(one.count for one in arrivals.between(world, SEALED, now, "house_unit")) < 6, "some began before"
    recorder = str(world.query("SELECT MIN(recorder) AS recorder FROM clip", {})[0]["recorder"])
    assert [one.linked for one in arrivals.of_recorder(world, recorder, early)] == [True] * 4 + [False] * 2
    assert search_index.waiting(world) == search_index.due(world) == 0
