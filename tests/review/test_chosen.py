"""Several clips at once: each is linked or held by an act of its own, and the page says which remain and why."""

from __future__ import annotations

import re
from pathlib import Path

from catalog.cases import reading
from catalog.keeping import holds
from tests.docking_station.running import fill
from tests.review.conftest import asking, pages_of
from tests.scenario.dock import Dock

NOWHERE = "c" + "0" * 20


def test_chosen_ones_are_linked_and_what_cannot_be_remains_with_why(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"a.log": 100, "b.log": 101}), "--recorder", "EV00001")
    dock.run("cases", "add", "2026-0311", "--title", "殡葬服务检查")
    ids = [one["id"] for one in dock.every_clip()]
    with pages_of(dock) as pages:
        address = f"/chosen?do=link&clip={ids[0]}&clip={ids[1]}&clip={NOWHERE}"
        assert "关联 2 条" in pages.get(address).text, "what is not there is not counted"
        form = {"do": "link", "clips": " ".join([*ids, NOWHERE]), "case": "x"}
        for case, where in (("", 'id="case-hint">请填写'), ("x", 'id="case-hint"')):
            answer = pages.post("/chosen", data=form | {"case": case})
            assert (answer.status_code, where in answer.text) == (400, True)
        answer = pages.post("/chosen", data=form | {"case": "2026-0311"})
        assert answer.status_code == 400, "one of them is not there"
        assert re.findall(r'name="clips" value="([^"]*)"', answer.text) == [], "and what is done is done"
        answer = pages.post("/chosen", data=form | {"case": "2026-0311", "clips": ids[0]})
        assert (answer.status_code, answer.headers["location"]) == (303, "/clips?case=2026-0311")
        row = pages.get("/clips?case=2026-0311").text
        assert '<strong class="party">殡葬服务检查</strong>' in row
    with dock.opened() as station:
        assert {clip: len(links) for clip, links in reading.of_clips(station.database, ids).items()} == dict.fromkeys(
            ids, 1
        )


def test_chosen_ones_are_held_each_by_its_own_act(dock: Dock, card: Path) -> None:
    dock.ingest(fill(card, {"a.log": 100, "b.log": 101}), "--recorder", "EV00001")
    ids = [one["id"] for one in dock.every_clip()]
    with dock.opened() as station:
        pages = asking(station)
        form = {"do": "hold", "clips": " ".join(ids)}
        assert "请填写" in pages.post("/chosen", data=form | {"reason": " "}).text
        assert holds.standing(station.database) == ()
        assert pages.post("/chosen", data=form | {"reason": "投诉"}).status_code == 303
        assert {one.clip_id for one in holds.standing(station.database)} == {*ids}
        assert "/requests/new?clip=" in pages.get(f"/chosen?do=copy&clip={ids[0]}").text
