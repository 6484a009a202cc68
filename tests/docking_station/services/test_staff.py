"""A bureau of five begins, two of them change what concerns people, and each sees what is theirs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from catalog.cases import cases, papers
from catalog.cases.errors import CaseAmbiguous, PaperAmbiguous
from catalog.cases.finding import CaseSearch
from catalog.clips import search
from catalog.clips.clips import sidecars_of
from catalog.database import Database
from catalog.errors import CaseExists, NoSuchCase, NoSuchClip
from catalog.people import people, roles, units
from catalog.people.errors import NeedsAnother, RolesApart
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.rights import Action
from docking_station.bundle.export import export_bundle
from docking_station.bundle.facts import Order
from docking_station.services import founding, requests, staff, staff_lists
from docking_station.services import people as secrets_of
from docking_station.services import search as searching
from docking_station.services.cases import change_case, close_case, open_case, show_case
from docking_station.services.classes import classify_clip, declassify_clip
from docking_station.services.errors import (
    NoSuchSearch,
    NoSuchTitle,
    ReasonNeeded,
    RequestNeeded,
    SearchesUnfit,
    SeatsBad,
)
from docking_station.services.held import strike_off
from docking_station.services.import_apply import demand_reader
from docking_station.services.known_cases import list_cases, readable_cases
from docking_station.services.links import link_clip
from docking_station.services.listing import clip_details, list_clips, newest_lines
from docking_station.services.papers import show_paper
from docking_station.services.people import Typed
from docking_station.services.permits import permit
from docking_station.services.policy import SHIPPED, Adoption, adopt_policy
from docking_station.services.proposals import propose
from docking_station.services.rights import answers, find_clip, reason_stands, seen, switches
from docking_station.services.saved_searches import save_search, saved_search, saved_searches
from docking_station.services.table_files import write_table
from docking_station.services.viewable import Viewable
from docking_station.station.errors import NoSuchHeld, NotAllowed
from docking_station.station.station import Station
from docking_station.terminal.clip import show_clip
from docking_station.terminal.searching import show_page, write_found
from tests.fakes.callers import ME
from tests.house.tree import ROOT
from tests.scenario.dock import Dock
from tests.scenario.truth import make_small_card

BLOCKS = (ROOT / "README.md").read_text().partition("in four commands")[2].split("```")
LIST, COMMANDS = BLOCKS[1].lstrip(), [line.split() for line in BLOCKS[3].strip().splitlines()]
ACCOUNTS = {"0101": "first", "0102": "second", "0103": "third", "0104": "keeper", "0105": "deputy"}


def who(no: str) -> Caller:
    """One of the five, as the kernel tells them."""
    return Caller(ACCOUNTS[no], ACCOUNTS[no], LOGIN)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """As README shows it: made, its people entered; and one card of an officer's."""
    place = tmp_path_factory.mktemp("bureau")
    (place / "people.csv").write_text(LIST)
    make_small_card(place / "card", "EV00001")
    dock = new_dock(place / "home")
    places = {"people.csv": str(place / "people.csv"), "/media/card": str(place / "card")}
    said = [dock.run(*(places.get(word, word) for word in words)).stdout for _, *words in COMMANDS]
    assert [words[1] for words in COMMANDS] == ["init", "people", "ingest", "clips"]
    assert "Filed" in said[2]
    return dock


def test_a_search_finds_what_is_theirs_and_writes_it_out(
    bureau: Dock, station: Station, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed, wanted = search.search(station.database, search.Search()), search.Search(text=("EV00001",))
    every = {one.id for one in listed if "EV00001" in one.path}
    pages = {no: searching.search_clips(station, who(no), wanted) for no in ("0101", "0102", "0105")}
    found = {no: {one.id for one in page.clips} for no, page in pages.items()}
    assert found == {"0101": every, "0102": set(), "0105": every}
    assert {text.kind for one in pages["0101"].clips for text in one.texts} == {"path"}
    assert bureau.run("clips", "search", "EV00001", "--is", "unlinked", "--count", "--json").document["clips"] == []
    counts = [searching.count_clips(station, who(no), search.Search()).total for no in ("0102", "0104")]
    assert counts == [0, len(listed)]
    assert searching.index_clips(station, ME, anew=True, check=True)[1] == ()
    show_page(pages["0101"], UTC)
    shown = capsys.readouterr().out
    assert all(one.id in shown for one in pages["0101"].clips)
    assert write_found(station, who("0101"), wanted, tmp_path / "found.xlsx") == len(every)
    last = station.database.query("SELECT details FROM trail WHERE action = 'list.read' ORDER BY line DESC LIMIT 1", {})
    assert json.loads(last[0]["details"])["to"] == str(tmp_path / "found.xlsx"), "the line is there before the file"
    for name in ("table.csv", "table.xlsx"):
        write_table(tmp_path / name, [("HEAD", "N"), ("=1+1", 2)])
    assert (tmp_path / "table.csv").read_text("utf-8-sig") == "HEAD,N\n'=1+1,2\n"
    cell = load_workbook(tmp_path / "table.xlsx").active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_saved_search_is_ones_own(station: Station) -> None:
    save_search(station, who("0101"), "mine", {"text": ["x"]})
    assert saved_searches(station, who("0101")) == {"mine": {"text": ["x"]}}
    assert saved_searches(station, who("0105")) == {}
    save_search(station, who("0101"), "mine", None)
    with pytest.raises(NoSuchSearch):
        saved_search(station, who("0101"), "mine")
    with pytest.raises(SearchesUnfit):
        save_search(station, who("0101"), "", {})
    with pytest.raises(SearchesUnfit):
        save_search(station, who("0101"), "long", {"text": ["x" * (64 << 10)]})


@pytest.fixture
def station(bureau: Dock) -> Iterator[Station]:
    with bureau.opened() as opened:
        yield opened


def clips(station: Station) -> list[str]:
    return [one.id for one in search.search(station.database, search.Search())]


def test_the_list_of_the_five_is_taken_whole(bureau: Dock, station: Station) -> None:
    told = {
        one["no"]: (one["unit"], one["titles"], one["account"]) for one in staff_lists.everybody(station, who("0104"))
    }
    assert told["0101"] == ("一科", ["承办人"], "first")
    assert told["0105"] == (units.ROOT, ["分管领导"], "deputy")
    for words in (("list",), ("show", "0104")):
        assert bureau.run("people", *words, "--json", status=17).error == "station.not-allowed"
    for no in ("0104", "0105"):
        assert [one.role for one in staff_lists.person_shown(station, who(no), "0104").roles] == ["custodian"]
    with pytest.raises(NotAllowed):
        staff_lists.person_shown(station, who("0101"), "0104")
    assert switches(station).small


def test_each_sees_what_is_theirs_and_an_account_of_nobodys_sees_none(bureau: Dock, station: Station) -> None:
    every = set(clips(station))

    def list_of(caller: Caller) -> set[str]:
        return {one.id for one in search.search(station.database, search.Search(), seen(station, caller))}

    for no, found in {"0101": every, "0102": set(), "0103": every, "0104": every, "0105": every}.items():
        assert list_of(who(no)) == found, no
    assert list_of(ME) == set()
    assert bureau.run("clips", "list", "--json").document == []
    clip = min(every)
    refused = bureau.run("clips", "show", clip, "--json", status=17)
    assert refused.document == bureau.run("clips", "show", "c" + "0" * 20, "--json", status=17).document
    assert bureau.run("health", "--json", status=None).document, "who is nobody keeps the station going"


def test_what_somebody_may_not_know_of_is_answered_like_what_is_not_there(station: Station) -> None:
    clip = clips(station)[0]
    for typed in (clip, clip[:4]):
        with pytest.raises(NoSuchClip) as hidden:
            find_clip(station, who("0102"), typed)
        assert str(hidden.value) == str(NoSuchClip(clip=typed))
    with pytest.raises(NoSuchClip):
        permit(station, who("0102"), Action.STREAM, clip)
    assert find_clip(station, who("0101"), clip) == clip


def test_a_copy_needs_a_request_and_a_look_stands_under_the_persons_number(station: Station) -> None:
    clip = clips(station)[0]
    with pytest.raises(RequestNeeded):
        permit(station, who("0101"), Action.COPY, clip)
    given = permit(station, Caller("first", "root", LOGIN), Action.STREAM, clip)
    assert given.caller.actor == "P:0101 as root"
    rows = station.database.query("SELECT actor FROM trail WHERE action = 'clip.viewed'", {})
    assert [row["actor"] for row in rows] == ["P:0101 as root"]
    (answer,) = answers(station, Caller("first", "first", LOGIN, is_doubted=True), Action.ROW, [clip]).values()
    assert answer.code == "access.nobody", "somebody else may sit there"


def test_a_row_shows_what_its_actions_allow_and_a_page_of_a_list_is_one_line(
    station: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    before = station.database.query("SELECT COUNT(*) AS n FROM trail WHERE action = 'list.read'", {})[0]["n"]
    own, head = (list_clips(station, who(no), search.Search()) for no in ("0101", "0105"))
    assert [one.path for one in own[0]] == [one.path for one in head[0]] != [""] * len(own[0])
    after = station.database.query("SELECT COUNT(*) AS n FROM trail WHERE action = 'list.read'", {})[0]["n"]
    assert after == before + 2
    rows, may = list_clips(station, who("0103"), search.Search())
    assert {one.path for one in rows} == {""}, "the reviewer must tell a reason first"
    assert not any(Action.POSTER in some for some in may.values())
    details = clip_details(station, who("0103"), rows[0].id)
    assert (details.path, details.times, details.manifest.body, details.trail) == ("", (), {}, [])
    show_clip(details, Viewable(details.id, "now", "view_original"), UTC, {"0101": "甲某"})
    shown = capsys.readouterr().out
    assert details.id in shown
    assert "甲某 0101" in shown, "a person has a name"
    assert list_clips(station, who("0103"), search.Search(case="x"))[0] == []
    for blank in (None, "", " ", "\u3000", "\u200b"):
        with pytest.raises(ReasonNeeded):
            permit(station, who("0103"), Action.STREAM, rows[0].id, reason=blank)
        permit(station, who("0101"), Action.STREAM, own[0][0].id, reason=blank)
    assert not reason_stands(station, who("0101"))
    permit(station, who("0103"), Action.STREAM, rows[0].id, reason="a review")
    assert "" not in {one.path for one in list_clips(station, who("0103"), search.Search())[0]}, "it holds for a while"
    mine = clip_details(station, who("0101"), rows[0].id)
    assert {line.entry.action for line in mine.trail} == {"clip.filed"}, "who looked is not for who recorded"
    assert "clip.viewed" in {line.entry.action for line in clip_details(station, who("0105"), rows[0].id).trail}
    lines, older = newest_lines(station, who("0101"), mine, 1)
    assert ([line.entry.action for line in lines], older) == (["clip.filed"], 0)


def test_a_list_reads_neither_the_trail_nor_the_clips_through(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, query = list[tuple[str, Mapping[str, object]]](), Database.query

    def noted(self: Database, sql: str, values: Mapping[str, object]) -> list[Any]:
        asked.append((sql, values))
        return query(self, sql, values)

    monkeypatch.setattr(Database, "query", noted)
    clip_details(station, who("0104"), list_clips(station, who("0104"), search.Search())[0][0].id)
    searching.search_clips(station, who("0104"), search.Search())
    list_cases(station, who("0104"), CaseSearch())
    monkeypatch.undo()
    plans = {sql: [row["detail"] for row in station.database.query(f"EXPLAIN QUERY PLAN {sql}", v)] for sql, v in asked}
    assert len(plans) > 20
    read = {step for plan in plans.values() for step in plan if re.fullmatch(r"SCAN (trail|clip|link)\b.*", step)}
    read -= {step for step in read if "INDEX clip_state" in step}
    assert read == set(), "what grows for ever is found by an index"


def test_cases_are_read_and_written_in_ones_unit_or_where_one_is_named(station: Station) -> None:
    with pytest.raises(NotAllowed):
        open_case(station, ME, [cases.number("K1")], {"title": "x"})
    with pytest.raises(NotAllowed):
        open_case(station, who("0103"), [cases.number("K1")], {"title": "x"})
    first = open_case(station, who("0101"), [cases.number("K1")], {"title": "x", "unit": "一科", "officers": ["0102"]})
    said = {"title": "y", "parties": [{"name": "小明商行"}]}
    kept = open_case(station, who("0104"), [cases.number("K2")], said)
    read = {no: {one.called for one in readable_cases(station, who(no))} - {"K3"} for no in ACCOUNTS}
    both = {"K1", "K2"}
    assert read == {"0101": {"K1"}, "0102": {"K1"}, "0103": both, "0104": both, "0105": both}
    assert readable_cases(station, ME) == []
    assert change_case(station, who("0102"), "K1", {"place": "there"}, reason=None).place == "there"
    with pytest.raises(NoSuchCase):
        show_case(station, who("0101"), kept.id)
    with station.database.engine().begin() as connection:  # as if its folder on the card had been called so
        connection.execute(text("UPDATE clip SET path = '小明商行/' || path"))
    its = {no: {one.called for one in propose(station, who(no), clips(station))} for no in ("0101", "0104")}
    assert its == {"0101": set(), "0104": {"K2"}}, "a name asks for no case that may not be known of"
    for case in (first, kept):
        about = {"code": "site-record", "number": "示民检字〔2026〕第1号"}
        station.act_writer.carry_out(papers.adding(case.id, about, at=station.now(), actor="P:0104"))
    assert show_paper(station, who("0101"), "示民检2026-1").paper.case == first.id, "the other one is not there"
    with pytest.raises(PaperAmbiguous):
        show_paper(station, who("0104"), "示民检字〔2026〕第1号")
    told: Any = {"title": "x", "subject": None, "officers": (), "begins_at": None, "ends_at": None}
    for hidden in ("示民罚立〔2026〕8号", "示民罚立字〔2026〕8号"):
        station.act_writer.carry_out(cases.adding(hidden, **told, at=station.now(), actor="P:0104"))
    several = search.Search(case="示民罚立[2026]8号")
    assert not list_clips(station, who("0101"), several)[0]
    assert not searching.search_clips(station, who("0101"), several).clips
    with pytest.raises(CaseAmbiguous):
        searching.search_clips(station, who("0104"), several)
    for typed, title in (("K2", "-"), ("K1", "x")):  # one of another unit, and one of theirs
        with pytest.raises(CaseExists, match=f"{typed}.*{title}"):
            open_case(station, who("0101"), [cases.number(typed)], {"title": "z"})
    with pytest.raises(NoSuchCase):
        export_bundle(station, who("0101"), Order((), "K2", Path("/")))
    with pytest.raises(NotAllowed):
        close_case(station, who("0104"), "K1", "2026-03-06", reason=None)
    assert close_case(station, who("0105"), "K1", "2026-03-06", reason=None).id == first.id


def test_what_is_done_with_a_clip_is_asked_of_the_rule(bureau: Dock, station: Station) -> None:
    clip = str(station.database.query("SELECT clip_id FROM sidecar", {})[0]["clip_id"])
    open_case(station, who("0104"), [cases.number("K3")], {"title": "z", "officers": ["0102"]})
    with pytest.raises(NotAllowed):
        link_clip(station, who("0103"), clip, "K3", {}, reason=None)
    with pytest.raises(NoSuchCase):
        link_clip(station, who("0101"), clip, "K3", {}, reason=None)
    change_case(station, who("0104"), "K3", {"officers": ["0101", "0102"]}, reason=None)
    assert link_clip(station, who("0101"), clip, "K3", {}, reason=None).is_new
    asked = requests.ask(station, who("0102"), requests.Asked("copy", "r", (clip,)))
    assert requests.shown(station, who("0102"), asked).request.clips == (clip,), "what stands beside is not theirs"
    with pytest.raises(NotAllowed):
        classify_clip(station, who("0103"), clip, "privacy", reason="r")
    with pytest.raises(NotAllowed):
        demand_reader(station, who("0101"), "cases")
    assert demand_reader(station, who("0104"), "cases").no == "0104"
    for words in (("trail", "show"), ("recorders", "add", "EV9")):
        bureau.run(*words, status=17)
    assert search.get(station.database, clip).officer_name == "甲某"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Callable[[], Typed]]:
    """The second person types a secret; that it is theirs is tried elsewhere."""
    monkeypatch.setattr(staff, "caller_typed", lambda _, runs, typed: Caller(typed.account, runs.account, "secret"))
    return lambda no: lambda: Typed(ACCOUNTS[no], "secret")


def test_what_concerns_roles_and_accounts_needs_two(station: Station, secrets: Any) -> None:
    over: tuple[Any, ...] = ("reviewer", units.ROOT, None, None)
    for no in ("0101", "0105"):
        with pytest.raises(NotAllowed):
            staff.grant(station, who(no), "0102", *over)
    with pytest.raises(NotAllowed):
        staff.grant(station, ME, "0102", *over)
    proposed = staff.grant(station, who("0104"), "0102", *over)
    assert proposed.granted_at is None
    for no in ("0104", "0103"):
        with pytest.raises(NotAllowed):
            staff.confirm(station, who(no), proposed.id)
    assert staff.confirm(station, who("0105"), proposed.id[:6]).granted_by == "P:0105"
    assert staff.grant(station, who("0104"), "0103", "officer", "一科", None, None, secrets("0105")).granted_at
    assert staff.revoke(station, who("0104"), proposed.id, "over") == "0102"
    with pytest.raises(NeedsAnother):
        staff.bind_account(station, who("0104"), "0102", "other")
    with pytest.raises(NeedsAnother):
        staff.bind_account(station, who("0104"), "0102", "other", secrets("0103"))
    staff.bind_account(station, who("0105"), "0102", "other", secrets("0104"))
    assert staff.member(station, "0102").accounts == ("other", "second")
    with pytest.raises(RolesApart):
        staff.grant(station, who("0104"), "0104", "auditor", units.ROOT, None, None)
    with pytest.raises(NoSuchTitle):
        staff.grant(station, who("0104"), "0104", "king", units.ROOT, None, None)


def test_one_is_enough_for_the_rest(station: Station, tmp_path: Path) -> None:
    def adding(**made: Any) -> Any:
        return people.adding("0107", name="己某", unit="一科", card="990107", sex="女", **made)

    with pytest.raises(NotAllowed):
        staff.change(station, who("0101"), adding)
    staff.change(station, who("0104"), adding)
    assert staff_lists.publish(station, who("0104"), tmp_path / "people.csv") == 1
    rows = list(csv.reader((tmp_path / "people.csv").read_text("utf-8-sig").splitlines()))
    assert rows[1][:5] == ["己某", "女", "一科", "", "990107"]
    with pytest.raises(NotAllowed):
        staff.delegate(station, who("0104"), "0103", station.now() + timedelta(days=1), None, "away")
    staff.delegate(station, who("0105"), "0103", station.now() + timedelta(days=1), None, "away")
    assert staff_lists.told(staff.member(station, "0103"))["delegations"][0]["person"] == "0105"
    json.dumps(staff_lists.everybody(station, who("0104")))
    (acting,) = roles.delegations(station.database)
    assert staff.revoke(station, who("0105"), acting.id, "back") == "0105"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a,b\n1,2\n", "no heads"),
        ("no,name,title\n1,x,\n", "lacks"),
        ("no,name,title\n1,x,officer\n1,y,officer\n", "twice"),
        ("no,name,title\n", "0 people"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(text: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text)
    with pytest.raises(SeatsBad, match=what):
        founding.read_seats(file)


def test_the_first_word_is_over_with_the_first_two(bureau: Dock, station: Station, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("no,name,title,account\n0109,x,deputy,root\n")
    with pytest.raises(NeedsAnother):
        founding.found(station, ME, file)
    assert (
        bureau.run("people", "grant", "0101", "--title", "deputy", "--json", status=17).error == "station.not-allowed"
    )


def test_a_policy_needs_one_who_proposes_and_a_head_and_keeps_titles_apart(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        secrets_of, "caller_typed", lambda _, runs, typed: Caller(typed.account, runs.account, "secret")
    )

    def adopt(no: str, second: str) -> Adoption:
        return adopt_policy(station, who(no), SHIPPED, lambda *_: None, lambda: Typed(ACCOUNTS[second], "secret"))

    for no, second, error in (("0101", "0105", NotAllowed), ("0104", "0103", NeedsAnother)):
        with pytest.raises(error):
            adopt(no, second)
    assert adopt("0104", "0105").is_new
    with pytest.raises(RolesApart):
        staff.grant(station, who("0104"), "0101", "法制审核人员", units.ROOT, None, None)
    alone = units.adding("X", name="X", at=station.now(), actor="P:0104")
    alone = replace(alone, details={**alone.details, "confirmed_by": "P:0104 as root", "confirmed_how": LOGIN})
    with pytest.raises(NeedsAnother):
        station.act_writer.carry_out(alone)
    with pytest.raises(NotAllowed):
        strike_off(station, who("0101"), "x", "r")
    with pytest.raises(NoSuchHeld):
        strike_off(station, ME, "x", "r")


def test_a_file_beside_a_clip_has_its_class(bureau: Dock, station: Station) -> None:
    pairs = ((one, beside) for one in clips(station) for beside in sidecars_of(station.database, one))
    film, log = next(pairs)
    classify_clip(station, who("0104"), film, "work", reason="r")
    assert search.get(station.database, log).class_ == "work", "a log tells where the film was taken"
    classify_clip(station, who("0104"), log, "privacy", reason="r")
    declassify_clip(station, who("0104"), film, "work", reason="r")
    assert declassify_clip(station, who("0105"), film, "work", reason=None).state == "lowered"
    assert [search.get(station.database, one).class_ for one in (film, log)] == ["none", "privacy"]
