"""`evidock disclosures` as a custodian types it: what is due, published, corrected, fallen, taken down, written out."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from docking_station.services.policy import shipped
from tests.scenario.dock import Dock

TOLD = ("--field", "facts=王小明占用通道", "--field", "result=罚款500元")


def test_a_decision_from_the_day_it_is_due_until_it_is_taken_down(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(shipped())
    dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    day = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    about = ("--kind", "penalty", "--matter", "C0301", "--penalty", "罚款", "--fine", "500", "--decided", day)
    dock.run("cases", "add", "C1", "--title", "x", "--party", "王小明", *about)
    due = dock.run("disclosures", "list", "--json").document
    assert [(one["channel"], one["state"], one["days"] < 0) for one in due] == [
        ("website", "due", True),
        ("credit", "due", True),
    ]
    assert "王某某" in dock.run("disclosures", "show", "C1").stdout
    assert dock.run("disclosures", "publish", "C1", "--field", "facts", status=2).status == 2
    told = dock.run("disclosures", "publish", "C1", *TOLD, "--day", day, "--json").document
    shown = told["shown"]
    assert (told["day"], shown["违法事实"], shown["罚款金额（万元）"]) == (day, "王某某占用通道", "0.05")
    wrong = ("--field", "result=警告", "--reason", "有误", "--json")
    new = dock.run("disclosures", "correct", told["id"], *wrong).document
    dock.run("disclosures", "export", "--to", tmp_path / "web.csv", "--done")
    with (tmp_path / "web.csv").open(encoding="utf-8-sig") as file:
        assert [row[9] for row in csv.reader(file)] == ["执法结论（处罚内容）", "警告"]
    alone = ("--ground", "light", "--channel", "credit", "--reason", "x")
    assert dock.run("disclosures", "except", "C1", *alone, status=None).status in (17, 55), "it takes two who are known"
    dock.run("disclosures", "end", "C1", "--how", "revoked", "--reason", "复议撤销")
    assert dock.run("disclosures", "list", "--json").document[0]["state"] == "withdraw"
    gone = dock.run("disclosures", "withdraw", new["id"], "--reason", "复议撤销", "--json").document
    assert (gone["ended"], gone["reason"]) == ("withdrawn", "复议撤销")
