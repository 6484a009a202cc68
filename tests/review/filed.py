"""A case as a bureau has it, for pages: records with scans, four recorders at one check, a gap, something missing.

The check of a care home (养老机构检查): every frame of the four films shows its number (tests/review/numbered.py).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from catalog.acts import policy
from catalog.cases import cases
from catalog.clips import search
from catalog.rules.canonical import parsed_time
from docking_station.derived.copies import make_copies
from docking_station.derived.pages import draw_pages
from docking_station.services.cases import open_case
from docking_station.services.completeness import note_case
from docking_station.services.links import link_clip
from docking_station.services.papers import add_paper
from docking_station.services.policy import shipped
from docking_station.services.scans import scan_paper
from media.beside import PARTS
from tests.fakes.callers import ME
from tests.footage.clips import SOUND, made
from tests.footage.coded import AAC, AVC
from tests.footage.papers import pdf
from tests.review.numbered import NUMBERED
from tests.scenario.dock import Dock

NO, PARTY, DAY = "2026-0311", "示范养老院", "2026-03-05"
BEGINS = parsed_time(f"{DAY}T01:30:00Z")
SECONDS, AGAIN_AFTER_S = 20, 32
"""How long a film is; the first recorder stops for a while, and records once more."""
STARTS = {"TA00001": (0, AGAIN_AFTER_S), "TA00002": (3,), "TA00003": (5,), "TA00004": (6,)}
PAPERS: tuple[dict[str, Any], ...] = (
    {"code": "inspection-notice", "number": "示民检通字〔2026〕第11号", "day": DAY, "step": "notice-inspection"},
    {"code": "site-record", "day": DAY, "begins": 2, "ends": 24, "place": "示范路 8 号"},
    {"code": "question-record", "day": DAY, "begins": 28, "ends": 90, "place": "示范路 8 号"},
    {"code": "correct-order", "number": "示民责改字〔2026〕第4号", "day": "2026-03-06", "step": "result"},
)


def file_case(dock: Dock, place: Path, seconds: int = SECONDS) -> str:
    """Fill a station with the case and what belongs to it; the id of its record of the check."""
    films(dock, place, seconds)
    with dock.opened() as station:
        with station.changing("acts", wait=True):
            station.act_writer.carry_out(policy.adopting(shipped(), at=station.now(), actor=ME.actor))
        about: dict[str, Any] = {"title": "养老机构日常检查", "kind": "inspection", "matter": "J0101"}
        about |= {
            "officers": ["JX0003"],
            "parties": [{"name": PARTY, "kind": "organisation"}],
            "opened": DAY,
            "unit": "ylfw",
        }
        open_case(station, ME, [cases.number(NO)], about)
        papers = [add_paper(station, ME, NO, _said(one)).id for one in PAPERS]
        scan = place / "现场检查笔录.pdf"
        scan.write_bytes(pdf("Record of the check", "and its second page", size=(420, 594)))
        sealed = scan_paper(station, ME, papers[1], scan).scan
        assert sealed is not None
        draw_pages(station, sealed.id, lambda _: None)
        for one in search.search(station.database, search.Search(limit=search.LIMIT_MAX)):
            link_clip(station, ME, one.id, NO, {"step": "site-check", "proves": ("P-SITE",)}, reason=None)
            make_copies(station, one.id, lambda _: None, PARTS)
        note_case(station, ME, NO, "当时设备故障，改用询问室固定摄像。", paper=papers[2])
        return papers[1]


def films(dock: Dock, place: Path, seconds: int) -> None:
    """Ingest the cards of four recorders."""
    film = made("mp4", seconds, *NUMBERED, *SOUND, *AVC, *AAC, "-g", "25", "-movflags", "+faststart")
    for number, (recorder, starts) in enumerate(STARTS.items(), start=1):
        card = place / recorder
        card.mkdir(parents=True)
        for start in starts:
            at = (BEGINS + timedelta(hours=8, seconds=start)).strftime("%Y%m%d%H%M%S")
            # Equal bytes would be one clip: what follows the film is no part of it.
            extra = len(box := f"{recorder} {start}".encode()) + 8
            (card / f"{recorder}_JX{number:04}_{at}.MP4").write_bytes(film + extra.to_bytes(4, "big") + b"free" + box)
        dock.ingest(card, "--recorder", recorder, "--officer", f"JX{number:04}")


def _said(paper: dict[str, Any]) -> dict[str, Any]:
    moments = {f"{name}_at": BEGINS + timedelta(seconds=paper[name]) for name in ("begins", "ends") if name in paper}
    plain = {name: value for name, value in paper.items() if name not in ("begins", "ends")}
    return {**plain, **moments, "officers": ["JX0003"]}
