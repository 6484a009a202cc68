"""Every page of `review/pages` has its row in `docs/rights.md`; `tests/review/test_rights.py` asks what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi.routing import APIRoute

import review.pages
from docking_station.station.family import family
from tests.house.tree import ROOT

ROW = re.compile(r"^\| `(/[^`]*)` \|(.*)\|$", re.MULTILINE)
STREAM = "/bays/events"
"""Everybody's, as the bays are; it never ends."""


def routes() -> set[str]:
    """The addresses of every page that can be opened; of one thing, with its number in braces."""
    every = (one for router in family(review.pages, "PAGES") for one in router.routes if isinstance(one, APIRoute))
    return {one.path for one in every if "GET" in (one.methods or ()) and one.path != STREAM}


def rows() -> Mapping[str, list[str]]:
    """What the table says a page answers: to nobody who is known, then to each role."""
    table = (ROOT / "docs/rights.md").read_text(encoding="utf-8")
    return {path: [cell.strip() for cell in cells.split("|")] for path, cells in ROW.findall(table)}


def test_every_page_has_its_row() -> None:
    assert set(rows()) == routes()
