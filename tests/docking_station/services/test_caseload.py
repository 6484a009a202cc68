"""The made-up caseload beside the project is read as its truth says: each row of each file, for several seeds.

The CSVs are dumps of the sheets, so a row has one number in all of them. What a list says of cases is looked up among
all cases, also those whose own row no program may take.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.rules.imports.known import KnownCase, Words
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import REPAIRED, Row
from catalog.rules.imports.taken import plain
from catalog.rules.policy_text import read_whole
from docking_station.services.import_house import House
from docking_station.services.imports import read_import
from tests.footage.caseload import make_lists

DOMAIN = Path(__file__).parents[3].parent / "shared" / "domain"
POLICY = DOMAIN / "policy.civil-affairs.toml"
SEEDS = (7, 1, 11, 42, 101, 2026)
VERDICTS = {
    "good": "new",
    "repairable": "new",
    "question": "doubtful",
    "bad": "refused",
    "skip": "skipped",
    "duplicate": "duplicate",
}
TABLES: tuple[tuple[str, Import], ...] = (("cases", "cases"), ("papers", "papers"), ("issue_book", "holdings"))
CLEAN: tuple[Import, ...] = ("units", "people", "recorders")


@pytest.fixture(scope="module", params=SEEDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one seed."""
    if not POLICY.exists():
        pytest.skip("there is no caseload beside the project")
    return make_lists(tmp_path_factory.mktemp("caseload"), request.param)


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text()))


@pytest.fixture(scope="module")
def house(folder: Path, truth: dict[str, Any]) -> House:
    """The policy, the clean lists read as any list, and the cases."""
    words = Words.of(read_whole(POLICY.read_text()))
    here = House(words)
    for of in CLEAN:
        found = read_import(here, of, folder / f"{of}.csv").reading
        assert found.counts["new"] == len(truth[of]) == len(found.rows) - 1
        for row, true in zip(found.rows[1:], truth[of], strict=True):
            assert {name: plain(value) or "" for name, value in row.values.items()} == {
                name: true.get(name) or "" for name in row.values
            }
        here.add(found)
    for case in truth["cases"]:
        own = [one for one in truth["papers"] if (one["case"], one["code"]) == (case["id"], "opening-form")]
        keys = tuple(words.key(one["number"]) for one in own)
        opening = date.fromisoformat(case["days"]["opening"])
        here.cases.append(KnownCase(case["id"], (case["office_no"],), keys, opening, tuple(case["officers"])))
    return here


def faults(row: Row, true: dict[str, Any], *, of_excel: bool) -> list[object]:
    """What of a row is otherwise than the truth."""
    codes = {one.code for one in row.problems}
    if row.verdict != VERDICTS[true["verdict"]]:
        return [row.verdict, true]
    if row.verdict == "skipped":
        return [] if codes == {true["what"]} else [codes, true]
    if row.verdict in ("doubtful", "refused"):
        case_unknown = {"name-ambiguous"} if "case-missing" in codes else set()  # nobody's officers can tell
        return [] if codes - REPAIRED - case_unknown == set(true["problems"]) - REPAIRED else [codes, true]
    if row.verdict == "new":
        values = {name: plain(row.values.get(name)) for name in true["expect"]}
        told = set(true["problems"]) - codes - ({"name-padded"} if "names-joined" in codes else set())
        more = codes - set(true["problems"])
        return [] if values == true["expect"] and not (of_excel and (told or more)) else [values, told, more, true]
    return []


@pytest.mark.parametrize("ending", ["xlsx", "csv", "gbk.csv"])
@pytest.mark.parametrize(("table", "of"), TABLES)
def test_every_row_is_what_its_truth_says(
    folder: Path, house: House, truth: dict[str, Any], table: str, of: Import, ending: str
) -> None:
    found = read_import(house, of, folder / f"{table}.{ending}")
    trues = truth["rows"][table]
    rows = found.reading.rows
    rows = (*rows, *(Row(at, "skipped") for at in range(len(rows) + 1, len(trues) + 1)))
    lost = {row.row for row in rows if any(one.code == "lost-character" for one in row.problems)}
    wrong = {
        row.row: fault
        for row, true in zip(rows, trues, strict=True)
        if row.row not in lost and (fault := faults(row, true, of_excel=ending == "xlsx"))
    }
    assert wrong == {}
    assert {row.verdict for row in rows if row.row in lost} <= {"doubtful", "refused"}
    if ending == "gbk.csv" and table in truth["files"]:
        once = {row.row for row in rows if row.verdict != "duplicate"}
        assert lost == once & set(truth["files"][table]["gbk_lost_characters_in_rows"])
    elif ending != "gbk.csv":
        assert lost == set()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_roster_says_who_was_on_duty_or_asks_which_of_two(
    folder: Path, house: House, truth: dict[str, Any], ending: str
) -> None:
    found = read_import(house, "roster", folder / f"roster.{ending}").reading
    rows = [row for row in found.rows if row.verdict != "skipped"]
    for row, true in zip(rows, truth["roster"], strict=True):
        if row.verdict == "new":
            assert {name: plain(row.values[name]) for name in true} == true
        else:
            assert {one.code for one in row.problems} - REPAIRED == {"name-ambiguous"}
