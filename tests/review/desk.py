"""A station with what waits for a custodian: clips of no case, two cases they may be of, and a third they are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from docking_station.services.cases import open_case
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.scenario.dock import Dock

FIRST, SECOND, OTHER = (f"TA00003_JX0003_20260305{at}00.MP4" for at in ("0930", "0931", "1500"))
FILES = {FIRST: b"first", SECOND: b"second", OTHER: b"other", "a.log": b"log"}
Filed = Callable[[Path, Mapping[str, bytes]], Dock]
HOME_VISIT, SEAL = "青民检〔2026〕1号", "青民立〔2026〕2号"


def enter_cases(station: Station) -> dict[str, str]:
    """Open them; their ids by their numbers."""
    day = (2026, 3, 5)
    about = {
        HOME_VISIT: ("某养老院", "养老机构检查", datetime(*day, 1, 20, tzinfo=UTC), datetime(*day, 1, 50, tzinfo=UTC)),
        SEAL: ("某社会组织", "印章封存", datetime(*day, 6, 50, tzinfo=UTC), datetime(*day, 7, 30, tzinfo=UTC)),
    }
    found = {}
    for number, (party, title, since, until) in about.items():
        said = {"title": title, "parties": [{"name": party}], "officers": ["JX0003"]}
        times = {"begins_at": since, "ends_at": until}
        number_of = {"number": number, "kind": "opening", "source": "person"}
        found[number] = open_case(station, ME, [number_of], {**said, **times}).id
    return found
