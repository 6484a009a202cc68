"""A search of clips as an address has it (检索条件): what was typed, as it was typed, and the search it means.

Pure. Shapes: the names are those that `evidock clips search` has, and that saved searches keep; `is` may stand several
times. What cannot be read has the name of a text that says so, and then there is no search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from catalog.clips.search import FLAGS, Search
from docking_station.station.errors import BadTime
from docking_station.station.settings import moment
from docking_station.texts.codes import CLASSES, KINDS

ROWS = 50
FACTS = ("case", "party", "officer", "unit", "recorder", "matter", "step", "kind")
"""What a search has under its own name, as it is typed."""
PLACES = ("along", "around", "box")
CHOICES: Mapping[str, Mapping[str, object]] = {"kind": KINDS, "class": CLASSES, "is": FLAGS}
FIELDS = ("text", "since", "until", *FACTS, "class", "due", "is", "mine", *PLACES)
LABELS = {name: f"page_{name}" for name in ("text", "since", "until", "case", "officer", "recorder", "kind")}
LABELS = {name: LABELS.get(name, f"find_{name}") for name in FIELDS}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LOOSE = re.compile(r"(\d{4})[-/.\u5e74](\d{1,2})[-/.\u6708](\d{1,2})\u65e5?")
"""A date as people write it: 2026-3-5, 2026/03/05, and with the characters for year, month and day."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as it was typed, and for each field that cannot be read the words for it."""

    typed: Mapping[str, str]
    wrong: Mapping[str, str]
    search: Search | None

    @property
    def chips(self) -> tuple[str, ...]:
        """The fields by which the list is filtered."""
        return tuple(name for name in FIELDS if self.typed[name])

    def address(self, path: str = "/clips", **other: str) -> str:
        """Return the address of the same search, but for what is given here; an empty value leaves a field out.

        A name that Python keeps for itself ends with an underscore.
        """
        given = {name.rstrip("_"): value for name, value in other.items()}
        asked = {name: value.split() if name == "is" else value for name, value in {**self.typed, **given}.items()}
        query = urlencode({name: value for name, value in asked.items() if value}, doseq=True)
        return f"{path}?{query}" if query else path

    def to_keep(self, zone: tzinfo) -> dict[str, Sequence[str]]:
        """What a saved search has: times to the minute, for a day alone is another moment on a command line."""
        kept: dict[str, Sequence[str]] = {
            name: value.split() if name in ("is", "text") else [value] for name, value in self.typed.items() if value
        }
        for name in ("since", "until"):
            at = getattr(self.search, name)
            kept |= {} if at is None else {name: [at.astimezone(zone).strftime("%Y-%m-%d %H:%M")]}
        return kept


def asked_in(query: Mapping[str, str], zone: tzinfo) -> Asked:
    """Read a search out of an address. A day alone in `until` is asked for to its end."""
    flags = query.getlist("is") if isinstance(query, QueryParams) else query.get("is", "").split()
    typed = {name: query.get(name, "").strip() for name in FIELDS} | {"is": " ".join(filter(None, flags))}
    texts = query.getlist("text") if isinstance(query, QueryParams) else [typed["text"]]
    typed["text"] = " ".join(texts).strip()
    times: dict[str, datetime | None] = {}
    wrong: dict[str, str] = {}
    for name in ("since", "until", "due"):
        text = LOOSE.sub(lambda found: f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}", typed[name])
        try:
            at = moment(text, zone) if text else None
            times[name] = at + timedelta(days=1) if at is not None and name == "until" and DAY.fullmatch(text) else at
        except (BadTime, OverflowError):
            wrong[name] = "page_bad_time"
    if not wrong and times["since"] and times["until"] and times["since"] >= times["until"]:
        wrong["until"] = "page_bad_order"
    wrong |= {
        name: "page_bad_kind" if name == "kind" else "find_bad_choice"
        for name, known in CHOICES.items()
        if set(typed[name].split()) - known.keys()
    }
    if sum(bool(typed[name]) for name in PLACES) > 1:
        wrong["around"] = "find_bad_place"
    if wrong:
        return Asked(typed, wrong, None)
    facts: dict[str, Any] = {name: typed[name] or None for name in FACTS} | times
    wanted = Search(**facts, class_=typed["class"] or None, after=query.get("after") or None, limit=ROWS)
    return Asked(typed, {}, replace(wanted, text=tuple(typed["text"].split()), flags=frozenset(typed["is"].split())))
