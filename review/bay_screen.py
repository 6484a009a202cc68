"""What the bay screen shows (仓位屏内容): every bay as the dock tells it, who has the recorder, what came in today.

Shapes: one for all who look. The board is a piece of HTML a language, made anew when dock or catalog say something new.
While the dock says nothing there are no bays: an old "safe to take" is worse than none.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.clips import arrivals
from catalog.clips.arrivals import Arrived
from catalog.people import people
from catalog.station_error import Language, StationError
from docking_station.faces.bay_words import Spoken, left_text, reason, texts_of
from docking_station.faces.board import BayView
from docking_station.faces.follower import Follower
from docking_station.station.station import Station
from review.bay_keys import BayKeys
from review.frame import TEMPLATES, Words

FIRST_S, FRESH_S, STREAMS_MAX = 2.0, 5.0, 32
"""So long the first waits; so often at most the catalog is asked; so many are told of changes at once."""
ICONS = {
    "charging": "battery-charging",
    "clearing": "timer",
    "copying": "arrow-down-to-line",
    "empty": "circle-dashed",
    "full": "hard-drive",
    "held": "triangle-alert",
    "safe": "circle-check",
    "unknown": "octagon-alert",
    "waiting": "hourglass",
}
SAYS = {
    "charging": "page_bay_charging",
    "clearing": "page_bay_clearing",
    "full": "page_bay_stay",
    "held": "page_bay_held",
    "safe": "page_bay_safe",
    "unknown": "page_bay_unknown",
    "waiting": "page_bay_waiting",
}
COUNTED = {"video": "bay_clips", "audio": "bay_clips", "image": "bay_photos"}
"""How many of a kind are said; logs and other files are nobody's care."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What a bay shows: state and icon, the word read from two metres, and the lines below it."""

    bay: str
    state: str
    word: str
    officer: str | None
    recorder: str | None
    lines: tuple[str, ...]
    share: float | None


def tile(view: BayView, spoken: Spoken, arrived: Iterable[Arrived] = ()) -> Tile:
    """Return what a bay shows; `clearing` overrides every state. `arrived`: what its recorder brought today."""
    word, state = spoken.word, "clearing" if view.clearing else view.state
    says = "page_bay_safe_empty" if state == "safe" and not view.files else SAYS.get(state)
    lines, share = [] if says is None else [word(says, count=view.files)], None
    if state == "copying":
        lines += [_still(view, spoken), word("page_bay_go")]
        share = view.done_bytes / view.size_bytes if view.size_bytes else 0.0
    if view.why is not None:
        lines.insert(0, reason(view.why, spoken))
    if state in ("safe", "held") and (receipt := _receipt(tuple(arrived), spoken)):
        lines.append(receipt)
    return Tile(view.bay, state, word(f"state_{state}").capitalize(), view.officer, view.recorder, tuple(lines), share)


def _still(view: BayView, spoken: Spoken) -> str:
    """How long it takes still, and how far it is."""
    left = "" if view.left_s is None else spoken.word("page_bay_still", time=left_text(view.left_s, spoken))
    files = spoken.word("files_of", done=view.files_done, count=view.files) if view.files else ""
    return " · ".join(text for text in (left, files) if text)


def _receipt(arrived: tuple[Arrived, ...], spoken: Spoken) -> str:
    """What an officer takes along: what is filed today, and what of it still asks for them."""
    filed, asks = (counted({one.kind: n(one) for one in arrived}, spoken) for n in (_count, _unlinked))
    says = "bay_receipt_asks" if asks else "bay_receipt"
    return spoken.word(says, filed=filed, asks=asks) if filed else ""


def _count(one: Arrived) -> int:
    return one.count


def _unlinked(one: Arrived) -> int:
    return one.unlinked


def counted(kinds: Mapping[str, int], spoken: Spoken) -> str:
    """Return how many recordings and photos, `12 段、3 张`; empty for none."""
    sums = {name: sum(count for kind, count in kinds.items() if COUNTED.get(kind) == name) for name in COUNTED.values()}
    said = [spoken.word(name, count=count) for name, count in sums.items() if count]
    return spoken.word("bay_and").join(said)


class BayScreen:
    """The bays for all who look at one process's pages; it follows the dock from the first on."""

    def __init__(self, station: Station) -> None:
        self._station, self.follower = station, Follower(station.settings.socket)
        self._lock, self._boards = threading.Lock(), dict[Language, tuple[object, str]]()
        self._wanted, self._knows = threading.Event(), threading.Event()
        self._known: tuple[Mapping[str, str], tuple[Arrived, ...]] = ({}, ())
        self._streams, self.keys = 0, BayKeys()
        self.follower.start()
        threading.Thread(target=self._ask, name="bays", daemon=True).start()

    @property
    def is_crowded(self) -> bool:
        """Whether so many are told of every change that one more is not."""
        return self._streams >= STREAMS_MAX

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Count one who is told of every change."""
        with self._lock:
            self._streams += 1
        try:
            yield
        finally:
            with self._lock:
                self._streams -= 1

    def board(self, language: Language) -> str:
        """The board as HTML; made anew only where something changed. Waits for nothing but a processor."""
        self._wanted.set()
        version, board = self._boards.get(language, (None, ""))
        if version != (now := (self.follower.changes, self._known)):
            words = Words(language)
            board = TEMPLATES.get_template("board.html").render(t=words, **self.facts(words))
            self._boards[language] = (now, board)
        return board

    def wait(self) -> None:
        """Return once dock and catalog said something, or after a moment."""
        self._wanted.set()
        self.follower.wait(FIRST_S)
        self._knows.wait(FIRST_S)

    def facts(self, words: Words) -> dict[str, object]:
        """Tiles and station as a page shows them, or why there are none."""
        spoken = Spoken(words.language, words, self._station.settings.zone)
        station, _, fault = self.follower.now()
        total = Counter[str]()
        for one in self._known[1]:
            total[one.kind] += one.count
        whys = () if station is None else (station.clock_why, station.vault, station.catalog)
        return {
            "tiles": self.tiles(words),
            "board": station,
            "whys": [texts_of(why, spoken) for why in whys if why],
            "today": counted(total, spoken),
            "lost": station is None,
            "lost_why": None if fault is None else f"{fault.message(words.language)} {fault.hint(words.language)}",
            "contact": self._station.settings.contact,
            "icons": ICONS,
        }

    def tiles(self, words: Words) -> list[Tile]:
        """What each bay shows."""
        spoken = Spoken(words.language, words, self._station.settings.zone)
        bays, (names, arrived) = self.follower.now()[1], self._known
        of = {view.bay: [one for one in arrived if one.recorder == view.recorder is not None] for view in bays}
        called = [replace(view, officer=names.get(str(view.officer), view.officer)) for view in bays]
        return [tile(view, spoken, of[view.bay]) for view in called]

    def _ask(self) -> None:
        """For ever: what people are called and what came in since midnight; as it was while the catalog is away.

        A thread of its own, so that a catalog that hangs keeps nobody from seeing a bay change.
        """
        while self._wanted.wait():
            self._wanted.clear()
            now = self._station.now().astimezone(self._station.settings.zone)
            midnight = datetime.combine(now.date(), datetime.min.time(), now.tzinfo)
            with suppress(StationError):
                known = people.names(self._station.database), arrivals.since(self._station.database, midnight)
                self._known = self._known if known == self._known else known
            self._knows.set()
            time.sleep(FRESH_S)
