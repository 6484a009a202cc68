"""The made-up caseload beside the project is taken in, list by list, once: the catalog is what its truth says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import comparison, policy
from catalog.cases import cases, papers, reading
from catalog.database import SQLITE, Database
from catalog.imports import imports
from catalog.people import people
from catalog.recorders import recorders
from catalog.rules.case_numbers import number_key
from catalog.rules.imports.maps import Import
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.imports import Imported, read_import
from docking_station.station.progress import silent
from docking_station.station.station import Station
from ingest.custody.rebuild import Rebuilder
from tests.fakes.callers import ME
from tests.footage.caseload import make_lists
from tests.scenario.dock import Dock, demand_whole

DOMAIN = Path(__file__).parents[2].parent / "shared" / "domain"
POLICY = DOMAIN / "policy.civil-affairs.toml"
SEEDS = (7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 19, 58, 404, 2027)))
VERDICTS = {"good": "new", "repairable": "new", "question": "doubtful", "bad": "refused", "skip": "skipped"}
FIRST: tuple[tuple[Import, str], ...] = (
    ("units", "units.csv"),
    ("people", "people.csv"),
    ("recorders", "recorders.csv"),
    ("holdings", "issue_book.gbk.csv"),
    ("roster", "roster.xlsx"),
    ("cases", "cases.csv"),
)
TABLES: dict[Import, str] = {"cases": "cases", "papers": "papers", "holdings": "issue_book"}
REPORTED = ("decided", "closed", "published", "fine")


@pytest.fixture(params=SEEDS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The files of one seed."""
    if not POLICY.exists():
        pytest.skip("there is no caseload beside the project")
    return make_lists(tmp_path / "files", request.param)


@pytest.fixture
def truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text()))


@pytest.fixture
def station(dock: Dock) -> Iterator[Station]:
    """A station that has adopted the bureau's policy."""
    with dock.opened() as opened:
        opened.act_writer.carry_out(policy.adopting(POLICY.read_text(), at=opened.now(), actor="root"))
        yield opened


def taken_in(station: Station, of: Import, path: Path, progress: Any = silent) -> Imported:
    return apply_import(station, may_apply(station, ME, of), lambda house: read_import(house, of, path), progress)


class Killed(Exception):
    """As a power cut."""


@contextmanager
def a_kill(name: str, total: int, *, in_bytes: bool = True) -> Iterator[Callable[[int], None]]:
    seen = count()

    def told(_: int) -> None:
        if name == "importing" and next(seen) == 2:
            raise Killed

    yield told


def test_what_the_lists_say_is_in_the_catalog_once(
    station: Station, folder: Path, truth: dict[str, Any], tmp_path: Path
) -> None:
    found = {of: taken_in(station, of, folder / name) for of, name in FIRST}
    by_hand(station, truth)
    with pytest.raises(Killed):
        taken_in(station, "papers", folder / "papers.xlsx", a_kill)
    found["papers"] = taken_in(station, "papers", folder / "papers.xlsx")
    for of, table in TABLES.items():
        demand_verdicts(found[of], truth["rows"][table], is_again=of == "papers")
    demand_cases(station, truth)
    demand_papers(station, truth)
    demand_register(station, truth)
    for of, name in (*FIRST, ("papers", "papers.xlsx")):
        again = taken_in(station, of, folder / name)
        assert again.applied is not None
        assert again.applied.id is None, of
        before = {row.row: row.verdict for row in found[of].reading.rows}
        wanted = {row: "same" if verdict == "new" else verdict for row, verdict in before.items()}
        assert {row.row: row.verdict for row in again.reading.rows} == wanted
    demand_whole(station)
    right = Database(f"{SQLITE}{tmp_path}/right.db", lasting=False)
    right.migrate()
    assert Rebuilder(station.vault, station.trusted, lambda _: None).into(right).faults == ()
    assert list(comparison.differences(right, station.database)) == []
    right.close()


def by_hand(station: Station, truth: dict[str, Any]) -> None:
    """A person enters the cases whose rows no program may take."""
    for case in truth["cases"]:
        if reading.get(station.database, case["office_no"]) is None:
            opening = [one for one in truth["papers"] if (one["case"], one["code"]) == (case["id"], "opening-form")]
            texts = [case["office_no"], *(written(truth, one["number"]) for one in opening)]
            said = {"title": case["title"], "officers": case["officers"], "opened": case["days"]["opening"]}
            act = cases.opening(list(map(cases.number, texts)), said, at=station.now(), actor="root")
            station.act_writer.carry_out(act)


def written(truth: dict[str, Any], number: list[Any]) -> str:
    mark, year, n, *sub = number
    return f"{truth['bureau']['short']}{mark}〔{year}〕第{'-'.join(map(str, (n, *sub)))}号"


def demand_verdicts(found: Imported, trues: list[dict[str, Any]], *, is_again: bool) -> None:
    """Rows are what the truth says; those of a list that was killed were taken by what finished it."""
    for row, true in zip(found.reading.rows, trues, strict=False):
        wanted = VERDICTS.get(true["verdict"], true["verdict"])
        if row.verdict != "doubtful" or not any(one.code == "lost-character" for one in row.problems):
            assert row.verdict == ("same" if is_again and wanted == "new" else wanted), (row, true)


def demand_cases(station: Station, truth: dict[str, Any]) -> None:
    for true in (one["expect"] for one in truth["rows"]["cases"] if one["verdict"] in ("good", "repairable")):
        case = reading.get(station.database, true["office_no"])
        assert case is not None
        assert (case.kind, case.matter, case.unit, case.subject) == tuple(
            true.get(name) for name in ("kind", "matter", "unit", "party")
        )
        assert (case.opened, case.decided, list(case.officers), case.state) == (
            true["opening"],
            true.get("decided"),
            true["officers"],
            "open",
        )
        assert {name: case.reported.get(name) for name in REPORTED} == {name: true.get(name) for name in REPORTED}
        if true.get("party_id"):
            assert case.parties[0]["id_no"] == true["party_id"]
        keys = {number_key(one["number"]) for one in case.numbers}
        numbers = [true[name] for name in ("opening_no", "decision_no") if true.get(name)]
        assert keys == {true["office_no"], *(number_key(written(truth, one)) for one in numbers)}


def demand_papers(station: Station, truth: dict[str, Any]) -> None:
    zone, office = station.settings.zone, {one["id"]: one["office_no"] for one in truth["cases"]}
    sql = "SELECT subject, row_number FROM imported_row WHERE kind = 'papers' AND refused IS NULL"
    rows = {row["row_number"]: papers.get(station.database, row["subject"]) for row in station.database.query(sql, {})}
    trues = {one["row"]: one["expect"] for one in truth["rows"]["papers"] if one["verdict"] in ("good", "repairable")}
    assert rows.keys() == trues.keys()
    for number, true in trues.items():
        paper = rows[number]
        case = reading.get(station.database, office[true["case"]])
        assert case is not None
        served = paper.served and {"how": paper.served.get("how"), "witness": "witness" in paper.served}
        told = {"code": paper.code, "day": paper.day, "officers": list(paper.officers), "served": served or None}
        told |= {"begins": local(paper.begins_at, zone), "ends": local(paper.ends_at, zone)}
        assert told == {name: true[name] for name in told}
        assert paper.case == case.id
        assert paper.number == (written(truth, true["number"]) if true["number"] else None)


def demand_register(station: Station, truth: dict[str, Any]) -> None:
    zone = station.settings.zone
    held = {
        (one.serial, one.officer, local(one.begins_at, zone), local(one.ends_at, zone))
        for one in recorders.snapshot(station.database).holdings
    }
    rows = [one["expect"] for one in truth["rows"]["issue_book"] if one["verdict"] in ("good", "repairable")]
    lost = len(rows) - len(held)
    assert held <= {(one["recorder"], one["officer"], one["begins"], one["ends"]) for one in rows}
    assert lost <= 8, "a row whose name lost a character in GBK waits"
    assert {one.no: (one.card, one.unit) for one in people.every(station.database)} == {
        one["id"]: (one["card"] or None, one["unit"]) for one in truth["people"]
    }
    duty = station.database.query("SELECT day, person FROM duty WHERE how = 'duty'", {})
    assert duty
    assert {(one["day"], one["person"]) for one in duty} <= {
        (one["day"], person) for one in truth["roster"] for person in one["duty"]
    }
    for serial in ("MZ-R01", "MZ-R02"):
        assert imports.source_of(station.database, "recorders", serial) is not None


def local(at: datetime | None, zone: tzinfo) -> str | None:
    """A time as the lists have it."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None).isoformat()
