"""A person has a case checked, sees which clips may belong to it, confirms them, and answers what is left."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.dock import Dock
from tests.scenario.truth import make_small_card

CONTRACT = {"case", "paper", "recording", "verdict", "clips", "seconds", "says"}
CASE = ("--title", "示范案", "--kind", "inspection", "--officer", "JY0001")
RECORD = ("--since", "2026-03-05 09:29", "--until", "2026-03-05 09:40", "--place", "某区某路", "--officer", "JY0001")


def test_a_case_is_checked_its_clips_confirmed_and_a_finding_answered(dock: Dock, card: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(dock.run("policy", "example", "--civil-affairs").stdout, encoding="utf-8")
    dock.run("policy", "adopt", policy, "--yes")
    make_small_card(card)
    dock.ingest(card, "--recorder", "EV00001", "--officer", "JY0001")
    case = dock.run("cases", "add", *CASE, "--json").document
    assert case["no"] is None, "its number comes later"
    dock.run("papers", "add", case["id"], "site-record", "--day", "2026-03-05", *RECORD)
    dock.run("cases", "change", case["id"], "--number", "office=9901002026000001")

    (found,) = dock.run("cases", "check", "--all", "--json").document
    assert found.keys() >= CONTRACT
    assert (found["case"], found["recording"], found["verdict"]) == ("9901002026000001", "M10", "no-reason")
    proposed = dock.run("clips", "proposals", "--json").document
    assert proposed[0].keys() >= {"clip", "case", "score", "reasons"}
    assert proposed[0]["reasons"][0].keys() >= {"zh", "en"}
    assert set(found["clips"]) <= {one["clip"] for one in proposed}
    shown = dock.run("clips", "show", proposed[0]["clip"], "--json").document["proposals"]
    assert shown[0].items() >= {"case": "9901002026000001", "says": proposed[0]["says"]}.items()

    made = dock.run("clips", "proposals", *found["clips"], "--confirm", "--json").document
    assert {(one["clip"], one["case"]) for one in made} == {(clip, case["id"]) for clip in found["clips"]}
    again = dock.run("cases", "check", "9901002026000001", "--json").document
    assert [(one["verdict"], one["paper"]) for one in again] == [("met", found["paper"])], "a photograph will do"
    dock.run("clips", "proposals", *found["clips"], "--undo")

    dock.run("cases", "note", case["id"], "--text", "涉及个人隐私", "--paper", found["paper"])
    (last,) = dock.run("cases", "check", case["id"], "--json").document
    assert last["verdict"] == "noted"
    said = dock.within(LC_ALL="zh_CN.UTF-8").run("cases", "show", case["id"]).stdout
    assert "未录，已有情况说明" in said


def test_without_a_policy_nothing_is_called_whole(dock: Dock) -> None:
    said = dock.run("cases", "check", "--all")
    assert "no policy says what must be recorded" in said.stdout + said.stderr
