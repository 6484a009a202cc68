"""The made-up caseload of the bureau (示范案件台账) as the rules see it, and as footage on recorders' cards.

Its cases, records and recordings come from the generator in `../shared`; tests that need it skip where it is not there.
Times of the caseload are local to the bureau; one card holds what one recorder took on one day.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.case_file import CaseFacts, ClipFacts, PaperFacts
from catalog.rules.matching import THRESHOLD, Matcher, Named, Scored, neighbours
from catalog.rules.policy_text import read_whole

FOLDER = Path(__file__).parents[2].parent / "shared" / "domain" / "caseload"
ZONE = ZoneInfo("Asia/Shanghai")
MEASURED_S, UNMEASURED_S = 5.0, 366 * 86_400.0
PERSON = "居民身份证"
needs_shared = pytest.mark.skipif(not FOLDER.exists(), reason="the caseload is not here")


@dataclass(frozen=True, slots=True)
class Load:
    """One caseload: what the rules are given, and `world`, the generator's own, which knows the truth."""

    world: Any
    policy: BureauPolicy
    cases: dict[str, tuple[CaseFacts, Named]]
    recordings: tuple[dict[str, Any], ...]

    def clips(self, recordings: tuple[dict[str, Any], ...] | None = None, *, linked: bool) -> list[ClipFacts]:
        """The recordings as clips, each content once; `linked` as the house linked them, else none."""
        serials = {one["serial"]: one for one in self.world.recorders}
        rows = self.recordings if recordings is None else recordings
        return [self._clip(row, serials[row["recorder"]], linked=linked) for row in rows if not row["same_bytes_as"]]

    def _clip(self, row: dict[str, Any], recorder: dict[str, Any], *, linked: bool) -> ClipFacts:
        is_measured = row["offset_measured_at_dock"]
        off = timedelta(seconds=row["clock_minus_true_s"] if is_measured else 0)
        starts_at = _at(row["clock_start"]) - off
        held = (
            one["officer"]
            for one in self.world.holdings
            if one["recorder"] == row["recorder"] and _at(one["begins"]) <= starts_at < _at(one["ends"])
        )
        return ClipFacts(
            row["id"],
            row["media"],
            starts_at,
            starts_at + timedelta(seconds=row["duration_s"]),
            MEASURED_S if is_measured else UNMEASURED_S,
            row["playable"],
            None if recorder["kind"] == "fixed" else next(held, row["holder"]),
            recorder.get("room"),
            (row["linked_case"],) if linked and row["linked_case"] else (),
            row["recorder"],
        )


def load(seed: int) -> Load:
    """The caseload of a seed."""
    return loaded(_module("gen_caseload").World(seed, tomllib.loads(_policy_text()), 40))


def make_lists(folder: Path, seed: int, *more: str) -> Path:
    """The caseload's lists with the mess offices make of them, or, with `--clean` too, as they should be."""
    command = [sys.executable, str(FOLDER / "gen_caseload.py"), "--seed", str(seed), "--out", str(folder), *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=250)
    return folder


def loaded(world: Any) -> Load:
    """A caseload that was generated already."""
    cases = {case.id: (_case(case), Named((case.office_no,), (case.party["name"],))) for case in world.cases}
    return Load(world, read_whole(_policy_text()), cases, tuple(world.recordings))


def _case(case: Any) -> CaseFacts:
    days = {name: case.days.get(name) for name in ("decided", "closed", "published", "reviewed")}
    is_organisation = case.party["id_kind"] != PERSON
    return CaseFacts(
        case.id,
        (case.kind,),
        case.matter,
        tuple(case.officers),
        papers=tuple(map(_paper, case.papers)),
        opened=case.days.get("opening"),
        fine=case.result.get("fine"),
        is_organisation=is_organisation,
        **days,
    )


def _paper(paper: Any) -> PaperFacts:
    begins_at, ends_at = (None if at is None else _at(at) for at in (paper.begins, paper.ends))
    witness = bool(paper.served and paper.served["witness"])
    officers = tuple(paper.officers)
    return PaperFacts(paper.id, paper.code, paper.step, paper.day, begins_at, ends_at, paper.place, officers, witness)


def _at(at: datetime | str) -> datetime:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).replace(tzinfo=ZONE)


@cache
def _policy_text() -> str:
    return (FOLDER.parent / "policy.civil-affairs.toml").read_text(encoding="utf-8")


@cache
def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # its dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


def by_card(recordings: tuple[dict[str, Any], ...]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The recordings of each recorder and true day: what lies on one card."""
    found = defaultdict[tuple[str, str], list[dict[str, Any]]](list)
    for row in recordings:
        found[row["recorder"], row["true_start"][:10]].append(row)
    return dict(found)


def with_distractors(have: Load, folder: Path, seed: int) -> tuple[dict[str, Any], ...]:
    """The recordings, and 40 % more that belong to no case; they are made by the caseload's own script."""
    plain = {"needs": have.world.needs}
    (folder / "truth.json").write_text(json.dumps(plain), encoding="utf-8")
    (folder / "recordings.json").write_text(json.dumps(have.recordings), encoding="utf-8")
    command = [sys.executable, str(FOLDER / "add_distractors.py"), str(folder), "--seed", str(seed)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return tuple(json.loads((folder / "recordings.all.json").read_text(encoding="utf-8")))


def proposed(have: Load, clips: list[ClipFacts]) -> dict[str, tuple[Scored, ...]]:
    """What is proposed for each clip, with no link given: by itself, then with its neighbours."""
    duty = {_day(one["day"]): frozenset(one["duty"]) for one in have.world.roster}
    matcher = Matcher(have.cases, ZONE, names={one["id"]: one["name"] for one in have.world.people}, duty=duty)
    alone, beside = {clip.id: matcher.scored(clip) for clip in clips}, neighbours(clips)
    return {
        clip.id: matcher.scored(clip, beside=[one for other in beside.get(clip.id, ()) for one in alone[other]])
        for clip in clips
    }


@dataclass(frozen=True, slots=True)
class Hits:
    """How many proposals above the threshold are right, and how many clips of a case have theirs."""

    proposed: int
    right: int
    belonging: int
    found: int

    @property
    def precision(self) -> float:
        """How many of the proposals are right."""
        return self.right / self.proposed

    @property
    def recall(self) -> float:
        """How many of the clips that belong to a case are proposed for it."""
        return self.found / self.belonging


def hits(have: Load, rows: tuple[dict[str, Any], ...], found: dict[str, tuple[Scored, ...]]) -> Hits:
    """Proposals against where each recording belongs: to the case of its record, whatever it was linked to."""
    case_of = {paper.id: case.id for case, _ in have.cases.values() for paper in case.papers}
    belongs = {row["id"]: case_of.get(row["belongs_to"]) for row in rows if row["id"] in found}
    above = [(clip, one.case) for clip, many in found.items() for one in many if one.score >= THRESHOLD]
    right = [clip for clip, case in above if belongs[clip] == case]
    return Hits(len(above), len(right), sum(case is not None for case in belongs.values()), len(set(right)))


def _day(day: str | date) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day
