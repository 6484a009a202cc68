"""`evidock reviews` and `cases decide` as they are typed: a listed decision is refused, a round is shown and listed."""

from __future__ import annotations

from pathlib import Path

from docking_station.services import legal_review
from docking_station.services.policy import shipped
from tests.scenario.dock import Dock
from tests.scenario.keeping import somebody


def test_a_ban_is_decided_after_its_review_alone(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(shipped())
    dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    dock.run("cases", "add", "C1", "--title", "取缔", "--party", "某协会", "--kind", "ban")
    assert dock.run("reviews", "list", "--json").document == []
    assert dock.run("cases", "decide", "C1", "--json", status=55).error == "catalog.not-reviewed"
    assert dock.run("cases", "change", "C1", "--state", "decided", "--json", status=55).error == "catalog.not-reviewed"
    for code in ("review-request", "final-report"):
        dock.run("papers", "add", "C1", code)
    with dock.opened() as station:
        no = legal_review.send(station, somebody("one"), "C1")
        legal_review.judge(station, somebody("two"), no, "R1", "pass", (), "权力清单第 12 项")
    (listed,) = dock.run("reviews", "list", "--json").document
    shown = dock.run("reviews", "show", no, "--json").document
    assert (listed["no"], listed["days"], shown["party"], shown["state"]) == (no, 5, "某协会", "sent")
    assert "权力清单第 12 项" in dock.run("reviews", "show", no).stdout
    assert dock.run("reviews", "judge", no, "--point", "R2", "--verdict", "pass", "--clip", "x", status=2).status == 2
    assert dock.run("reviews", "show", "F2026-9999", "--json", status=53).error == "catalog.no-such-review"
