"""A station that was told cases and fed their footage finds what is missing, proposes what fits, and keeps answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import policy
from catalog.cases import links, papers, reading
from catalog.cases.errors import NoSuchPaper
from catalog.clips import search
from catalog.errors import NotLinked, WordsUnfit
from catalog.recorders import assignments, recorders
from catalog.rules.acts import Act
from catalog.rules.imports.maps import Import
from docking_station.services.cases import check, open_case, show_case
from docking_station.services.completeness import check_cases, note_case, open_ones
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.imports import read_import
from docking_station.services.ingest_card import ingest
from docking_station.services.links import unlink_clip
from docking_station.services.policy import shipped
from docking_station.services.proposals import confirm, propose, surest, take_back
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.footage.caseload import ZONE, Load, load, make_lists, needs_shared
from tests.footage.caseload_cards import make_cards
from tests.scenario.dock import Dock

SEEDS = (7, 11, 23, 42, 77, 101)
SMALL = ("S03", "S05", "S14", "S24")
"""Of these scripts the staged record alone: what a small station is told."""
DAYS = {"opened": "opening", "decided": "decided", "closed": "closed", "published": "published", "reviewed": "reviewed"}
LISTS: tuple[tuple[Import, str], ...] = (
    ("units", "units.csv"),
    ("people", "people.csv"),
    ("recorders", "recorders.csv"),
    ("holdings", "issue_book.csv"),
    ("roster", "roster.csv"),
    ("cases", "cases.csv"),
    ("papers", "papers.csv"),
)
Found = set[tuple[str, str, str, frozenset[str]]]


@dataclass
class Bureau:
    """A station that is told a caseload, and the caseload; ids and clips by the caseload's own names."""

    station: Station
    have: Load
    wanted: Collection[str]
    ids: dict[str, str]
    clips: dict[str, str]

    @property
    def needs(self) -> list[dict[str, Any]]:
        """The records that are told and want footage."""
        return [need for need in self.have.world.needs if need["paper"] in self.wanted]

    @property
    def own(self) -> list[dict[str, Any]]:
        """Their footage."""
        return [row for row in self.have.recordings if row["belongs_to"] in self.wanted]

    def do(self, act: Act) -> None:
        """Carry an act out."""
        with self.station.changing("acts", wait=True):
            self.station.act_writer.carry_out(act)

    @property
    def who(self) -> dict[str, Any]:
        """Now, and by whom."""
        return {"at": self.station.now(), "actor": ME.actor}

    def fill(self, folder: Path) -> None:
        """Enter policy, recorders, holdings, cases and records; ingest the footage."""
        self.do(policy.adopting(shipped(), **self.who))
        used = {(row["recorder"], row["true_start"][:10]) for row in self.own}
        for one in self.have.world.recorders:
            if one["serial"] in {serial for serial, _ in used}:
                room = {"room": one["room"]} if "room" in one else {}
                self.do(recorders.adding(one["serial"], numbers=one["product"], **room, **self.who))
        for one in self.have.world.holdings:
            if (serial := one["recorder"], one["begins"].date().isoformat()) in used:
                begins, ends = one["begins"].replace(tzinfo=ZONE), one["ends"].replace(tzinfo=ZONE)
                self.do(assignments.issuing(serial, one["officer"], unit=None, since=begins, **self.who))
                self.do(assignments.returning(serial, since=ends, **self.who))
        for case in self.have.world.cases:
            if any(paper.id in self.wanted for paper in case.papers):
                self._case(case)
        self.ingest(folder)

    def ingest(self, folder: Path) -> None:
        """Ingest the footage, a card a recorder and day."""
        for _, card in make_cards(folder, self.own):
            ingest(self.station, ME, card, None, None, None, None)
        names = {
            Path(one.path).name: one.id for one in search.search(self.station.database, search.Search(limit=10_000))
        }
        self.clips |= {row["id"]: names[row["file"]] for row in self.own if not row["same_bytes_as"]}

    def _case(self, case: Any) -> None:
        days = {name: case.days[key].isoformat() for name, key in DAYS.items() if key in case.days}
        said = {"title": case.title, "officers": list(case.officers), "kind": case.kind, "matter": case.matter}
        said |= {"parties": [case.party], "reported": {**days, "fine": case.result.get("fine")}}
        number = {"number": case.office_no, "kind": "office", "source": "list"}
        self.ids[case.id] = open_case(self.station, ME, [number], said).id
        for paper in case.papers:
            if paper.id in self.wanted:
                about = {
                    "code": paper.code,
                    "step": paper.step,
                    "day": paper.day.isoformat(),
                    "place": paper.place or None,
                }
                for name, at in (("begins_at", paper.begins), ("ends_at", paper.ends)):
                    about[name] = at and at.replace(tzinfo=ZONE)
                served = paper.served and {"witness": paper.served["witness"]}
                about |= {"officers": list(paper.officers), "served": served or {}}
                self.do(papers.adding(self.ids[case.id], about, **self.who))

    def link(self) -> None:
        """Confirm all footage as the house did."""
        for row in self.own:
            if row["id"] in self.clips and row["linked_case"] in self.ids:
                case = self.ids[row["linked_case"]]  # by acts: where people are entered, whoever runs this is nobody
                self.do(links.linking(self.clips[row["id"]], case, {}, reason=None, **self.who))

    @property
    def truth(self) -> Found:
        """What must be found of the records."""
        return {
            (self.ids[one["case"]], one["matter"], one["verdict"], self.of(one["recordings"])) for one in self.needs
        }

    def of(self, recordings: Collection[str]) -> frozenset[str]:
        """The clips of these recordings."""
        return frozenset(self.clips[one] for one in recordings if one in self.clips)

    def told(self) -> Found:
        """What is found of the records."""
        found = [one.finding for one in check_cases(self.station) if one.finding.recording]
        return {(one.case, str(one.recording), one.verdict, frozenset(one.clips)) for one in found}


@needs_shared
def test_a_station_finds_what_is_staged_and_takes_answers(dock: Dock, tmp_path: Path) -> None:
    have = load(7)
    wanted = {need["paper"] for need in have.world.needs if need["script"] in SMALL}
    with dock.opened() as station:
        bureau = Bureau(station, have, wanted, {}, {})
        bureau.fill(tmp_path)
        _proposals(bureau)
        bureau.link()
        assert propose(station, ME) == ()
        assert bureau.told() == bureau.truth
        _answers(station)


def _proposals(bureau: Bureau) -> None:
    """What fits is proposed, becomes a link, is taken back, and is not proposed again where a person said no."""
    station = bureau.station
    staged = {need["paper"] for need in bureau.needs if need["verdict"] == "wrong-holder"}
    held = [row for row in bureau.own if row["belongs_to"] not in staged and row["media"] != "audio"]  # by the register
    right = {(bureau.clips[row["id"]], bureau.ids[row["linked_case"]]) for row in held if row["id"] in bureau.clips}
    found = propose(station, ME)
    assert {(one.scored.clip, one.scored.case) for one in found if one.is_sure} == right
    clips = sorted({one.scored.clip for one in found})
    few = [one.scored for clip in clips[:20] for one in propose(station, ME, [clip])]
    assert few == [one.scored for clip in clips[:20] for one in found if one.scored.clip == clip], (
        "however few are read"
    )
    assert all(reason["zh"] != reason["en"] for one in found for reason in one.reasons)
    made = confirm(station, ME, surest(found, chosen=False))
    assert {(one.clip, one.case) for one in made} == right
    assert [one for one in propose(station, ME) if one.is_sure] == []
    first, second, third = (one.clip for one in made[:3])
    take_back(station, ME, [first, third])
    assert {one.scored.clip for one in propose(station, ME) if one.is_sure} == {first, third}
    confirm(station, ME, surest(propose(station, ME, [third]), chosen=True))
    with pytest.raises(NotLinked):
        take_back(station, ME, [first])
    unlink_clip(station, ME, second, None, reason="another day")
    assert [one for one in propose(station, ME, [second]) if one.is_sure] == [], "a person's choice stands"


def _answers(station: Station) -> None:
    """A note of today answers a finding, which stays; a note on nothing that is there is refused."""
    waiting = open_ones(check(station, ME))
    late = next(one for one in waiting if one.finding.verdict == "late-start")
    assert [one.finding.verdict for one in show_case(station, ME, late.called).completeness][:1] == ["late-start"]
    note = note_case(station, ME, late.called, "设备充电，开录偏晚", paper=late.finding.paper)
    again = [one for one in check_cases(station, late.called) if one.finding.verdict == "late-start"]
    assert [one.finding.answered for one in again] == [(note.id,)]
    assert len(open_ones(check_cases(station))) == len(waiting) - 1
    with pytest.raises(NoSuchPaper):
        note_case(station, ME, late.called, "x", paper="none")
    with pytest.raises(WordsUnfit):
        note_case(station, ME, late.called, "x", verdict="none")


@needs_shared
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_whole_caseload_is_found_on_footage(dock: Dock, tmp_path: Path, seed: int) -> None:
    """Lists as an office exports them without the mess, imported; cards ingested; links as the house made them."""
    have = load(seed)
    every = {paper.id for case in have.world.cases for paper in case.papers}
    lists = make_lists(tmp_path / "lists", seed, "--clean")
    with dock.opened() as station:
        bureau = Bureau(station, have, every, {}, {})
        bureau.do(policy.adopting(shipped(), **bureau.who))
        for of, name in LISTS:
            taken = apply_import(station, may_apply(station, ME, of), partial(read_import, of=of, path=lists / name))
            verdicts = {verdict for verdict, count in taken.reading.counts.items() if count}
            assert of == "roster" or verdicts <= {"new", "skipped"}, "people of one name on a roster wait for a person"
        for case in have.world.cases:
            bureau.ids[case.id] = reading.case_id(station.database, case.office_no)
        bureau.ingest(tmp_path)
        assert check(station, ME) == (), "people are entered now, and whoever runs this is nobody"
        with pytest.raises(NotAllowed):
            propose(station, ME, [next(iter(bureau.clips.values()))])
        bureau.link()
        assert bureau.told() == bureau.truth
        broken = {(one.finding.case, one.finding.verdict) for one in check_cases(station) if not one.finding.recording}
        staged = {(bureau.ids[one["case"]], one["code"]) for one in have.world.findings}
        assert staged <= broken
        assert {code for _, code in broken - staged} <= {"review-unsure", "matter-not-reviewed"}
