"""A person has a list of another system read: nothing is changed, and each row's fate is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.trail import trail
from docking_station.services.policy import shipped
from tests.scenario.dock import Dock

CASELOAD = Path(__file__).parents[2].parent / "shared" / "domain" / "caseload"
CASES = """案件编号,案件名称,当事人,立案日期
C-1,示范案,示范市协会,2026-03-05
C-2,另一案,示范市学校,2026.3.6
C-3,,甲,2026年2月30日
"""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "案件.csv"
    path.write_text(CASES)
    return path


def test_a_list_is_read_and_nothing_is_changed(dock: Dock, cases: Path, tmp_path: Path) -> None:
    dock.run("cases", "add", "C-1", "--title", "示范案", "--subject", "示范市协会")
    dock.run("cases", "add", "C-2", "--title", "旧名", "--subject", "示范市学校")
    with dock.opened() as station:
        before = trail.verify(station.database).lines
    answer = tmp_path / "answer.xlsx"
    said = dock.run("import", "cases", cases, "--answer", answer, "--json").document
    assert set(said) == {"import", "file", "sheet", "encoding", "delimiter", "map", "unread", "rows", "counts"}
    assert (said["import"], said["file"], said["map"]) == ("cases", str(cases), "zh")
    assert [row["verdict"] for row in said["rows"]] == ["skipped", "same", "changed", "refused"]
    assert said["counts"] == {
        "new": 0, "same": 1, "changed": 1, "refused": 1, "doubtful": 0, "duplicate": 0, "skipped": 1
    }  # fmt: skip
    differs = next(one for one in said["rows"][2]["problems"] if one["code"] == "differs")
    assert (differs["column"], differs["readings"]) == ("案件名称", ["另一案", "旧名"])
    (refused,) = said["rows"][3]["problems"]
    assert set(refused) == {"code", "column", "message", "hint", "readings"}
    assert said["rows"][2]["values"]["opening"] == "2026-03-06"
    assert answer.exists()
    assert dock.run("import", "cases", cases, "--answer", answer, "--json", status=14).error == "station.file-there"
    with dock.opened() as station:
        assert trail.verify(station.database).lines == before


def test_a_person_reads_what_needs_them_in_their_language(dock: Dock, cases: Path) -> None:
    said = dock.within(LC_ALL="zh_CN.UTF-8").run("import", "cases", cases)
    assert "4  不能导入；立案日期：没有这一天：2026年2月30日" in said.stdout
    assert "新增 2" in said.stdout
    assert "未作任何更改" in said.stderr


def test_lists_that_belong_together_are_tried_before_any_is_entered(dock: Dock, cases: Path, tmp_path: Path) -> None:
    people, recorders, book = (tmp_path / name for name in ("people.json", "recorders.csv", "book.csv"))
    people.write_text(json.dumps([{"人员编号": "N1", "姓名": "王某", "工号": "MZ01"}]))
    recorders.write_text("设备编号;产品编号\nMZ-R01;TA1\nMZ-R02;TA2\n")
    book.write_text(
        "日期,设备编号,领用人,领用时间,归还时间\n2026-03-05,MZ-R01,王某,08:30,17:00\n2026-03-05,MZ-R02,李某,08:30,17:00\n"
    )
    beside = ("--beside", f"people={people}", "--beside", f"recorders={recorders}")
    first, second = dock.run("import", "holdings", book, *beside, "--json").document["rows"][1:]
    assert (first["verdict"], first["values"]["officer"], first["values"]["begins"]) == (
        "new",
        "N1",
        "2026-03-05T08:30:00",
    )
    assert [one["code"] for one in second["problems"]] == ["name-unknown"]
    dock.run("recorders", "add", "MZ-R01")
    dock.run("recorders", "issue", "MZ-R01", "--officer", "MZ01", "--at", "2026-03-05T08:30")
    dock.run("recorders", "return", "MZ-R01", "--at", "2026-03-05T17:00")
    first, _ = dock.run("import", "holdings", book, *beside, "--json").document["rows"][1:]
    assert first["verdict"] == "same"
    book.write_text(book.read_text().replace("17:00", "18:00"))
    first, _ = dock.run("import", "holdings", book, *beside, "--json").document["rows"][1:]
    assert first["verdict"] == "changed"


def test_a_recorder_of_another_unit_is_told_as_changed(dock: Dock, tmp_path: Path) -> None:
    units, recorders = tmp_path / "units.csv", tmp_path / "recorders.csv"
    units.write_text("科室代码,科室名称\ny1,养老科\nj1,救助科\n")
    recorders.write_text("设备编号,科室\nMZ-R01,养老科\nMZ-R02,养老科\nMZ-R03,养老科\n")
    dock.run("recorders", "add", "MZ-R01", "--unit", "y1")
    dock.run("recorders", "add", "MZ-R02", "--unit", "j1")
    rows = dock.run("import", "recorders", recorders, "--beside", f"units={units}", "--json").document["rows"]
    assert [row["verdict"] for row in rows] == ["skipped", "same", "changed", "new"]
    assert rows[2]["problems"][0]["readings"] == ["y1", "j1"]


def test_a_case_entered_under_a_record_number_is_found_however_it_is_written(dock: Dock, tmp_path: Path) -> None:
    papers, cases, people = (tmp_path / f"{name}.csv" for name in ("papers", "cases", "people"))
    people.write_text("人员编号,姓名,工号\nN1,李某,MZ01\nN2,李某,MZ02\n")
    rows = "".join(f"示民罚立（2026）{number}号,询问笔录,2026-03-05,李某\n" for number in ("01", "11"))
    papers.write_text(f"案件编号,文书名称,制作日期,执法人员\n{rows}")
    dock.run("cases", "add", "示民罚立字〔2026〕第1号", "--title", "示范案", "--subject", "甲", "--officer", "MZ02")
    policy = tmp_path / "policy.toml"
    policy.write_text(shipped())
    arguments = ("--policy", policy, "--beside", f"people={people}", "--json")
    found, other = dock.run("import", "papers", papers, *arguments).document["rows"][1:]
    assert (found["verdict"], found["values"]["case"]) == ("new", "示民罚立字〔2026〕第1号")
    assert found["values"]["officers"] == ["N2"]
    assert (other["verdict"], other["values"]["case"]) == ("refused", None)
    cases.write_text("案件编号,立案文号,案件名称,当事人\nA1,示民罚立（2026）1号,示范案,甲\n")
    (row,) = dock.run("import", "cases", cases, "--policy", policy, "--json").document["rows"][1:]
    assert row["verdict"] == "same"
    papers.write_text(papers.read_text().replace("示民罚立（2026）11号", "A1"))
    rows = dock.run("import", "papers", papers, *arguments, "--beside", f"cases={cases}").document["rows"][1:]
    assert [one["values"]["case"] for one in rows] == ["示民罚立字〔2026〕第1号"] * 2


@pytest.mark.skipif(not CASELOAD.exists(), reason="there is no caseload beside the project")
def test_the_caseload_is_read_by_the_command_as_its_truth_says(dock: Dock) -> None:
    arguments: list[str | Path] = ["--policy", CASELOAD.parent / "policy.civil-affairs.toml", "--json"]
    for name in ("units", "people", "recorders"):
        arguments += ["--beside", f"{name}={CASELOAD / name}.csv"]
    said = dock.run("import", "cases", CASELOAD / "cases.xlsx", *arguments).document
    verdicts = {"good": "new", "repairable": "new", "question": "doubtful", "bad": "refused", "skip": "skipped"}
    trues = json.loads((CASELOAD / "truth.json").read_text())["rows"]["cases"]
    assert len(said["rows"]) == len(trues)
    for row, true in zip(said["rows"], trues, strict=True):
        assert row["verdict"] == verdicts.get(true["verdict"], true["verdict"])
        if row["verdict"] == "new":
            assert {name: row["values"][name] for name in true["expect"]} == true["expect"]


def test_what_cannot_be_read_is_refused_in_words(dock: Dock, cases: Path, tmp_path: Path) -> None:
    assert dock.run("import", "papers", cases, "--json", status=18).error == "station.import-heads"
    assert dock.run("import", "cases", tmp_path / "none.csv", "--json", status=16).error == "station.import-unreadable"
    for wrong in (["--map", "none"], ["--map", "les-questions"], ["--delimiter", ";;"], ["--beside", "people"]):
        dock.run("import", "cases", cases, *wrong, status=2)
    dock.run("import", "wishes", cases, status=2)
