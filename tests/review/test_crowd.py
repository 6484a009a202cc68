"""What takes long leaves threads to every other page."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx2
import pytest

from docking_station.services.verify import verify_clips
from review.app import make_app
from review.pages import clip as clip_page
from tests.fakes.callers import ME
from tests.fakes.waiting import PATIENCE_S
from tests.review.conftest import HOST
from tests.scenario.dock import Dock

CROWD = 50
"""More than there are threads for pages."""


def test_who_verifies_long_clips_keeps_no_page_waiting(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (card / "EV00001_JY0001_20260311093720.LOG").write_bytes(b"log\n")
    dock.ingest(card)
    (clip,) = dock.every_clip()
    may_end, has_begun = threading.Event(), threading.Event()

    def slow(*given: object) -> object:
        has_begun.set()
        may_end.wait(PATIENCE_S)
        return verify_clips(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(clip_page, "verify_clips", slow)

    async def crowd() -> list[int]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=HOST) as pages:
            every = [asyncio.create_task(pages.post(f"/clips/{clip['id']}/verification")) for _ in range(CROWD)]
            await asyncio.to_thread(has_begun.wait, PATIENCE_S)
            await asyncio.sleep(0.2)  # the others too have come by now
            try:
                other = await asyncio.wait_for(pages.get("/clips"), PATIENCE_S / 6)
            finally:
                may_end.set()
                ended = await asyncio.gather(*every[:2])
            for one in every[2:]:
                one.cancel()
            return [one.status_code for one in (other, *ended)]

    with dock.opened() as station:
        app = make_app(station, ME)
        assert asyncio.run(crowd()) == [200, 200, 200]
