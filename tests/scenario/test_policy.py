"""A bureau edits, checks and adopts its policy; erasing is never switched on by accident."""

from __future__ import annotations

import os
import pty
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from catalog.acts import dispatch, policy
from catalog.errors import PolicyBad
from catalog.rules.acts import POLICY_ADOPTED
from catalog.rules.policy_text import read_policy
from docking_station.services.policy import adopt_policy, needs_two, shipped
from tests.fakes.callers import ME
from tests.fakes.faults import Crash
from tests.scenario.dock import COMMAND_S_MAX, Dock

ERASING = '[clearing]\nwhen = "after-days"\ndays = 9\n[dock]\ncopies = 4\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(ERASING)
    return path


def test_the_example_can_be_adopted_as_it_is(dock: Dock, file: Path) -> None:
    assert dock.run("policy", "show", "--json").document == {"version": 0}
    file.write_text(dock.run("policy", "example").stdout)
    dock.run("policy", "check", file)
    said = dock.run("policy", "adopt", file, "--json").document
    assert (said["version"], said["changes"], said["is_new"]) == (1, [], True)
    assert dock.run("policy", "adopt", file, "--json").document["is_new"] is False
    shown = dock.run("policy", "show", "--json").document
    assert (shown["version"], shown["text"]) == (1, file.read_text())
    assert "never" in dock.run("policy", "show").stdout


def test_the_policy_of_a_whole_bureau_can_be_printed_checked_and_adopted(dock: Dock, file: Path) -> None:
    file.write_text(dock.run("policy", "example", "--civil-affairs").stdout)
    said = dock.run("policy", "check", file, "--json").document
    assert (said["lists"]["papers.list"], said["lists"]["calendar.years"]) == (55, 1)
    assert [one["line"] for one in said["marked"]][:2] == [39, 46]
    shown = dock.run("policy", "check", file)
    assert "20 lines are still marked" in shown.stderr
    assert "39: retention.file_within_days" in shown.stderr
    assert dock.run("policy", "adopt", file, "--json").document["version"] == 1
    assert dock.run("policy", "show", "--json").document["text"] == file.read_text()


def test_the_lists_go_out_to_excel_and_come_back(dock: Dock, file: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists.xlsx"
    dock.run("policy", "lists", "--to", lists)
    assert dock.run("policy", "lists", "--to", lists, status=16).stderr.count("station.policy-lists-unusable") == 1
    printed = dock.run("policy", "import", lists).stdout
    assert printed == dock.run("policy", "example", "--civil-affairs").stdout
    file.write_text(printed)
    assert "stays as it is" in dock.run("policy", "import", lists, "--into", file).stdout
    book = load_workbook(lists)
    book["步骤"]["C2"].value = "线索"
    book.save(lists)
    assert "marked" in dock.run("policy", "import", lists, "--into", file).stderr
    assert file.read_text() == printed.replace('zh = "线索登记", en', 'zh = "线索", en')
    assert (
        dock.run("policy", "import", lists, "--into", file, "--json", status=16).error
        == "station.policy-lists-unusable"
    )
    dock.run("policy", "adopt", file)
    dock.run("policy", "lists", "--to", tmp_path / "adopted.xlsx")
    said = dock.run("policy", "import", tmp_path / "adopted.xlsx", "--json").document
    assert (said["changed"], said["text"]) == (False, file.read_text())
    book["步骤"]["B2"].value = "nowhere"
    book.save(lists)
    answer = dock.run("policy", "import", lists, "--json", status=58)
    assert answer.error == "catalog.policy-bad"
    assert "sheet 步骤, row 2, column B" in answer.stderr


def test_a_limit_is_counted_by_the_calendar_in_force(dock: Dock, file: Path) -> None:
    assert "provisional" in dock.run("policy", "days", "2026-02-10", "7").stdout
    file.write_text(dock.run("policy", "example", "--civil-affairs").stdout)
    dock.run("policy", "adopt", file)
    said = dock.run("policy", "days", "2026-02-10", "7", "--json").document
    assert said == {"from": "2026-02-10", "count": 7, "unit": "working-days", "day": "2026-02-26", "provisional": False}
    assert dock.run("policy", "days", "--unit", "days", "--", "2026-03-05", "-5").stdout == "2026-02-28\n"
    file.write_text(file.read_text().replace('beyond = "weekends"', 'beyond = "refuse"'))
    dock.run("policy", "adopt", file)
    assert dock.run("policy", "days", "2026-12-30", "7", "--json", status=58).error == "catalog.calendar-ends"


def test_the_marked_lines_are_led_through_on_a_terminal(dock: Dock, file: Path) -> None:
    file.write_text(dock.run("policy", "example", "--civil-affairs").stdout)
    before, ours, theirs = file.read_text(), *pty.openpty()
    argv = dock.line("policy", "settle", file)
    with subprocess.Popen(argv, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=dock.surroundings()) as run:
        os.close(theirs)
        os.write(ours, "y\n\n是\nq\n".encode())
        assert run.stdout is not None
        said = run.stdout.read().decode()
        assert run.wait(COMMAND_S_MAX) == 0
    os.close(ours)
    assert "39: retention.file_within_days\n  # Days after closing until a file must be complete" in said
    assert "  file_within_days = 90\n46: retention.rules" in said
    assert "2 marks were taken out, 18 are left." in said
    after = file.read_text().splitlines()
    changed = [(old, new) for old, new in zip(before.splitlines(), after, strict=True) if old != new]
    assert [old.replace(" [核]", "") for old, _ in changed] == [new for _, new in changed]
    assert len(changed) == 2


def test_the_version_of_a_day_is_the_one_that_was_in_force_then(dock: Dock, file: Path) -> None:
    assert dock.run("policy", "show", "--at", "2026-01-01", "--json").document == {"version": 0}
    for days in (1, 2):
        file.write_text(f"[dock]\nnot_docked_days = {days}\n")
        dock.run("policy", "adopt", file)
    with dock.opened() as station:
        first, second = policy.history(station.database)
        between = first.at + (second.at - first.at) / 2
        assert policy.in_force((first, second), between) == first
        assert policy.in_force((first, second), second.at) == second
        assert policy.in_force((first, second), first.at - (second.at - first.at)) is None
        today = station.now().astimezone(station.settings.zone)
    assert dock.run("policy", "show", "--at", f"{today:%Y-%m-%d}", "--json").document["version"] == 2
    assert dock.run("policy", "show", "--at", f"{today:%Y-%m-%d} 00:00", "--json").document["version"] == 0
    assert "%Y-%m-%d" in dock.run("policy", "show", "--at", "yesterday", status=2).stderr
    assert (
        dock.run("policy", "show", "--at", f"{today - timedelta(days=1):%Y-%m-%d}", "--json").document["version"] == 0
    )
    dock.run("policy", "show", "--at", "2026-01-01", "--version", "1", status=2)


def test_erasing_is_not_switched_on_unless_somebody_says_so(dock: Dock, file: Path) -> None:
    assert dock.run("policy", "adopt", file, "--json", status=17).error == "station.not-confirmed"
    refused = dock.run("policy", "adopt", file, status=17)
    assert "never → 9 days after sealing" in refused.stdout
    with dock.opened() as station:
        assert policy.history(station.database) == ()
    said = dock.run("policy", "adopt", file, "--yes", "--json").document
    assert [one["after"] for one in said["changes"]] == [
        "9 days after sealing, and proven",
        "4 recorders, no cap on speed",
    ]
    for text in (ERASING + "\n# a word more\n", ERASING.replace("9", "10"), ""):
        file.write_text(text)
        dock.run("policy", "adopt", file)
    file.write_text(ERASING)
    dock.run("policy", "adopt", file, status=17)
    assert dock.run("policy", "show", "--version", "1", "--json").document["text"] == ERASING
    assert dock.run("policy", "show", "--version", "5", "--json", status=58).error == "catalog.no-such-policy"
    lines = dock.run("trail", "show", "--subject", "policy", "--json").document
    assert [line["action"] for line in lines] == ["policy.adopted"] * 4


@pytest.mark.parametrize(("typed", "status"), [("erase", 0), ("清除", 0), ("yes", 17), ("", 17)])
def test_on_a_terminal_the_word_is_typed(dock: Dock, file: Path, typed: str, status: int) -> None:
    ours, theirs = pty.openpty()
    argv = dock.line("policy", "adopt", file)
    with subprocess.Popen(argv, stdin=theirs, stdout=subprocess.PIPE, env=dock.surroundings()) as run:
        os.close(theirs)
        os.write(ours, f"{typed}\n".encode())
        assert run.stdout is not None
        said = run.stdout.read().decode()
        assert run.wait(COMMAND_S_MAX) == status
    os.close(ours)
    assert "ERASED on recorders" in said
    with dock.opened() as station:
        assert len(policy.history(station.database)) == (status == 0)


def test_a_file_that_cannot_be_used_changes_nothing(dock: Dock, file: Path) -> None:
    file.write_text("[clearing]\nwhen = 'always'\n")
    for command in ("check", "adopt"):
        answer = dock.run("policy", command, file, "--json", status=58)
        assert answer.error == "catalog.policy-bad"
        assert "line 2" in answer.stderr
    assert dock.run("policy", "adopt", file.parent / "none", "--json", status=16).error == "station.no-policy-file"
    file.write_text("x = 1\n[clearing]\n'a\u202eb' = 1\n\"c\\nd\" = 2\n")
    said = dock.run("policy", "check", file, status=58).stderr.splitlines()
    assert said[:2] == ["line 1: x: there is no such key", "line 3: clearing.a\\u202eb: there is no such key"]
    assert said[2] == "line 4: clearing.c\\nd: there is no such key. [catalog.policy-bad]"
    file.write_bytes(b"\n\xff")
    assert "line 2" in dock.run("policy", "check", file, status=58).stderr
    with dock.opened() as station:
        assert policy.history(station.database) == ()


def test_chinese_words(dock: Dock, file: Path) -> None:
    dock.set('language = "auto"', 'language = "zh"')
    assert "从不 → 入库 9 天后" in dock.run("policy", "adopt", file, "--yes").stdout
    assert "第 1 版" in dock.run("policy", "show").stdout
    file.write_text(dock.run("policy", "example", "--civil-affairs").stdout)
    assert "执法文书（papers.list）" in dock.run("policy", "check", file).stdout
    file.write_text(
        file.read_text().replace('stage = "filing"', 'stage = "x"').replace("reason_hours = 2", "reason_hours = 0")
    )
    said = dock.run("policy", "check", file, status=58).stderr.splitlines()
    assert said[0] == "第 139 行第 41 条：步骤·环节（steps.list.stage）：[stages] 中没有代码 'x'"
    assert said[2].startswith("第 513 行：一次事由有效时间（小时）（access.reason_hours）：0 不是 1 到 72 之间的整数")


def test_an_adoption_killed_between_vault_and_catalog_is_gone_on_with(
    dock: Dock, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dock.opened() as station, monkeypatch.context() as patch:
        patch.setattr(type(station.database), "transaction", crash)
        with pytest.raises(Crash):
            adopt_policy(station, ME, file, lambda *_: None)
    with dock.opened() as station:
        assert not adopt_policy(station, ME, file, lambda *_: None).is_new
        assert [one.text for one in policy.history(station.database)] == [ERASING]


def test_a_version_of_another_program_keeps_for_ever_and_can_be_replaced(
    dock: Dock, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dock.opened() as station:
        with monkeypatch.context() as patch:
            patch.setitem(dispatch.DEMANDS, POLICY_ADOPTED, lambda *_: None)
            theirs = policy.adopting("[later]\nx = 1\n", at=station.now(), actor="a newer program")
            station.act_writer.carry_out(theirs)
        with pytest.raises(PolicyBad):
            policy.current(station.database)
    assert "the policy in force: this version" in dock.run("policy", "adopt", file, "--yes").stdout
    with dock.opened() as station:
        first, _ = policy.history(station.database)
        for tables in (station.locks.policy(), station.signed.retentions()):
            assert tables.keep(first.at, (), is_important=False) == "permanent"
            assert tables.keep(station.now(), (), is_important=False) == 6
        assert station.signed.months() == {6}
        assert policy.current(station.database).clearing_days == 9
    assert needs_two(first.text, ERASING) == ("rights", "erases", "keeps")


def test_who_adopts_sees_what_each_row_of_rights_and_of_keeping_says(dock: Dock, file: Path) -> None:
    old = shipped()
    new = old.replace('en = "auditor", role = "auditor"', 'en = "auditor", role = "administrator"')
    new = new.replace('proves = ["P-SEAL"], keep = "permanent"', 'proves = ["P-SEAL"], keep = "10-years"')
    new = "\n".join(line for line in new.splitlines() if 'code = "counsel", zh' not in line)
    file.write_text(old)
    dock.run("policy", "adopt", file)
    file.write_text(new)
    said = dock.run("policy", "adopt", file).stdout
    assert "  roles.list.role auditor: auditor → administrator\n" in said
    assert "  recordings.list.keep M01: permanent → 10-years\n" in said
    assert "  roles.list counsel: counsel, 法律顾问、公职律师, legal counsel, reviewer → -\n" in said


def test_what_another_adopted_meanwhile_is_confirmed_anew(dock: Dock, file: Path, tmp_path: Path) -> None:
    other, asked = tmp_path / "other.toml", list[int | None]()
    other.write_text(ERASING.replace("9", "3"))
    with dock.opened() as station:

        def confirm(before: str, _: str) -> None:
            asked.append(read_policy(before).clearing_days)
            if len(asked) == 1:
                adopt_policy(station, ME, other, lambda *_: None)

        assert adopt_policy(station, ME, file, confirm).version == 2
    assert asked[1:] == [3], "the second person's question tells what is in force by now"


def crash(*_: object) -> None:
    raise Crash
