"""The forms of a case on paper: each is there and filled with what is known; what nobody may see fills none."""

from __future__ import annotations

from pathlib import Path

import pytest

from docking_station.services.printing import code_of
from review.pages.print import FORMS
from tests.docking_station.running import fill
from tests.review.conftest import pages_of
from tests.scenario.dock import Dock

TITLES = (
    "行政执法案卷",
    "卷内文件目录",
    "备考表",
    "情况说明",
    "调阅审批表",
    "移交清单",
    "执法记录仪领用登记",
    "用语指引卡",
    "案卷评查表",
    "决定经办情况",
)


def test_every_form_of_a_case_is_filled_with_what_is_known_of_it(dock: Dock, card: Path) -> None:
    dock.run("cases", "add", "2026-0311", "--title", "检查", "--party", "<养老院>")
    dock.run("recorders", "add", "EV00001")
    dock.run("recorders", "issue", "EV00001", "--officer", "JX1", "--at", "2000-01-01")
    dock.ingest(fill(card, {"a.log": 100}), "--recorder", "EV00001", "--case", "2026-0311")
    (clip,) = dock.every_clip()
    with pages_of(dock) as pages:
        text = pages.get("/print?case=2026-0311&form=all").text
        assert len(TITLES) == len(FORMS) == text.count('<article class="leaf')
        assert all(f'-title">{title}</h2>' in text for title in TITLES)
        assert "&lt;养老院&gt;" in text
        assert clip["sha256"] in text
        assert "<td>EV00001</td><td>JX1</td>" in text
        one = pages.get("/print?case=2026-0311&form=handover").text
        assert (one.count("<article"), clip["sha256"] in one) == (1, True)
        assert "<article" in pages.get("/print?case=养老院").text, "by the name of its party"
        dock.run("cases", "add", "2026-0312", "--title", "复查", "--party", "<养老院>")
        for one in ("x", "养老院"):
            answer = pages.get(f"/print?case={one}").text
            assert ('id="case-hint"' in answer, "<article" in answer) == (True, False), "it may be either"
        assert "<article" not in pages.get("/print").text


def test_a_code_is_a_picture_of_what_a_bay_reads() -> None:
    pytest.importorskip("segno")
    drawn = code_of("0a1b2c3d4e5f")
    assert drawn is not None
    assert drawn.startswith("<svg ")
    assert "style" not in drawn
    assert drawn != code_of("0a1b2c3d4e5e")
