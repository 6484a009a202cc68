"""What is said of a bay (仓位用语), the same on a wall and on a page.

Pure. Units: bytes, seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from catalog.station_error import Language
from docking_station.faces.board import BayView, Why
from docking_station.texts.plain import in_zone, size_text

PATH_FIRST = re.compile(r"(\S*/(?:[^/]*\.\w{2,4}|\S*?))(?:: ?|: | )(?=\S)")


@dataclass(frozen=True, slots=True)
class Spoken:
    """How to speak: the language, its words, the zone of the station."""

    language: Language
    word: Callable[..., str]
    zone: tzinfo


def left_text(seconds: float, spoken: Spoken) -> str:
    """Time left, as coarse as a person needs it."""
    if seconds < 90:
        return spoken.word("seconds", count=max(1, math.ceil(seconds)))
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return spoken.word("minutes", count=minutes)
    return spoken.word("hours", hours=minutes // 60, minutes=minutes % 60)


def shown_as(view: BayView) -> str:
    """The state whose colour and sign a bay has: one that is being cleared looks busy, never safe."""
    return "copying" if view.clearing else view.state


def state_word(view: BayView, spoken: Spoken) -> str:
    """The state in a word; a recorder that is being cleared is not to be taken."""
    return spoken.word("state_clearing" if view.clearing else f"state_{view.state}")


def counts(view: BayView, spoken: Spoken) -> tuple[str, ...]:
    """Files, bytes, and what of them is not yet well."""
    texts = []
    if view.overdue:
        texts.append(spoken.word("overdue_count", count=view.overdue))
    if view.held:
        texts.append(spoken.word("held_count", count=view.held))
    if view.files and shown_as(view) in ("copying", "waiting"):
        texts.append(spoken.word("files_of", done=view.files_done, count=view.files))
    elif view.files:
        texts.append(spoken.word("files_count", count=view.files))
    if view.files:
        texts.append(size_text(view.size_bytes))
    if view.unsealed:
        texts.append(spoken.word("unsealed", count=view.unsealed))
    return tuple(texts)


def reason(why: Why, spoken: Spoken) -> str:
    """What is the matter, and only then with which file: the end of a sentence is what a small tile cuts off."""
    sentence = texts_of(why, spoken)[0]
    path = PATH_FIRST.match(sentence)
    return sentence if path is None else f"{sentence[path.end() :].rstrip('.。')} ({path[1]})"


def texts_of(why: Why, spoken: Spoken) -> tuple[str, str]:
    """Sentence and hint of a reason."""
    sentence, hint = why.zh if spoken.language == "zh" else why.en
    return in_zone(sentence, spoken.zone), hint
