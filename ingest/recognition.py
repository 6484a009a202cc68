"""Whose card it is (识别), asked before anything of it is copied: all that names its recorder, judged together.

Shapes: what was said before the card was listed, its listing and the names of its files -> the recorder, or None where
only file names tell, each its own. Raises `RecorderContradicted` or `RecorderUnsure`: then nothing of it is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.evidence import Docking
from catalog.rules.recognition import Recognised, Witness, recognised, story
from catalog.rules.register import Register
from devices.own_record import own_records
from ingest.errors import RecorderContradicted, RecorderUnsure

if TYPE_CHECKING:
    from catalog.station_error import StationError
    from ingest.contract import CardReader
    from ingest.walk import WalkDesk

NAMES_MAX = 8
"""So many numbers in the names of one card are heard; the first that contradicts ends it anyway."""


@dataclass(frozen=True)
class Listing:
    """What the listing of a card tells: the paths of all that is no footage, the numbers in the names of what is."""

    others: Sequence[bytes]
    names: Sequence[str | None]


def whose(card: CardReader, listing: Listing, witnesses: Sequence[Witness], desk: WalkDesk) -> tuple[str | None, bool]:
    """The recorder that everything on a card and everything said of it agree on, and whether more than one names it."""
    numbers = [number for number, _ in Counter(filter(None, listing.names)).most_common(NAMES_MAX)]
    names = [Witness("name", number) for number in numbers]
    if any(one.source == "folder" for one in witnesses):  # files of many recorders come there: each is judged by itself
        names = []
    elif not any(one.source in ("stated", "serial") for one in witnesses) and len(names) > 1:
        return None, False  # a folder somebody collected: no card, and so nobody's
    records = [Witness("record", number) for number in own_records(listing.others, card.open)]
    register = desk.register()
    found = recognised(register, (*witnesses, *records, *names), shared=desk.journal.shared_serials(), takes_any=True)
    if (error := doubt(found, register)) is not None:
        raise error
    return None if found.recorder is None else found.recorder.serial, found.is_sure


def foreign(number: str | None, witnesses: Sequence[Witness], desk: WalkDesk) -> StationError | None:
    """Why a file in a watched folder is not that folder's recorder's, by its name; or None."""
    if number is None or not any(one.source == "folder" for one in witnesses):
        return None
    register = desk.register()
    return doubt(recognised(register, (*witnesses, Witness("name", number))), register)


def doubt(found: Recognised, register: Register) -> StationError | None:
    """The error a person is shown where the witnesses do not come to one recorder."""
    if found.stories is not None:
        (first, first_zh), (second, second_zh) = (story(one, register) for one in found.stories)
        return RecorderContradicted(first=first, first_zh=first_zh, second=second, second_zh=second_zh)
    if found.recorder is None and found.rivals:
        return RecorderUnsure(recorders=", ".join(one.serial for one in found.rivals))
    return None


def stated(docking: Docking) -> tuple[Witness, ...]:
    """What a person said at a docking by hand, as a witness."""
    return () if docking.recorder is None else (Witness("stated", docking.recorder),)
