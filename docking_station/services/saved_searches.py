"""Searches that people saved (常用检索): in a file of this home, each person's their own; no evidence, and no act.

Shapes: for each person, by name, what was typed: options and their texts, so that a time is read anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.rules.callers import Caller
from docking_station.services.errors import NoSuchSearch, SearchesUnfit
from docking_station.services.rights import bind
from docking_station.station.errors import unwritable
from docking_station.station.station import Station
from vault import durable

Typed = Mapping[str, Sequence[str]]
NAMES_MAX, NAME_CHARS_MAX, ITS_BYTES_MAX, FILE_BYTES_MAX = 100, 60, 64 << 10, 4 << 20


def saved_searches(station: Station, caller: Caller) -> dict[str, Typed]:
    """What this person saved, by name; raises `SearchesUnfit` where the file cannot be read."""
    return _read(station.home.searches).get(bind(station, caller).who, {})


def saved_search(station: Station, caller: Caller, name: str) -> Typed:
    """One that this person saved; raises `NoSuchSearch`, `SearchesUnfit`."""
    found = saved_searches(station, caller).get(name)
    if found is None:
        raise NoSuchSearch(name=name)
    return found


def save_search(station: Station, caller: Caller, name: str, typed: Typed | None) -> None:
    """Save a search under a name, in place of what it named before; None drops it.

    Raises `NoSuchSearch`, `SearchesUnfit`, `StationBusy`.
    """
    place, whose = station.home.searches, bind(station, caller).who
    with station.changing("searches", wait=True):
        every = _read(place)
        its = dict(every.get(whose, {}))
        if typed is None:
            if its.pop(name, None) is None:
                raise NoSuchSearch(name=name)
        else:
            its[name] = typed
        is_named = 0 < len(name) <= NAME_CHARS_MAX and name.isprintable()
        if not is_named or len(its) > NAMES_MAX:
            what, what_zh = (
                f"{NAMES_MAX} of up to {NAME_CHARS_MAX} characters",
                f"{NAMES_MAX} 个、每个不超过 {NAME_CHARS_MAX} 字",
            )
            raise SearchesUnfit(path=place.name, reason=f"names: {what}", reason_zh=f"名称最多 {what_zh}")
        body, its_body = (
            json.dumps(some, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
            for some in ({**every, whose: its}, its)
        )
        if len(its_body) > ITS_BYTES_MAX or len(body) > FILE_BYTES_MAX:  # nobody fills the file of all the others
            raise SearchesUnfit(path=place.name, reason="they are too many, or too long", reason_zh="内容过多或过长")
        try:
            durable.replace_file(place, body, 0o600)
        except OSError as error:
            told = unwritable(error)
            raise SearchesUnfit(path=place.name, reason=told["reason"], reason_zh=told["reason"]) from error


def _read(place: Path) -> dict[str, dict[str, Typed]]:
    try:
        with place.open("rb") as file:
            found = json.loads(file.read(FILE_BYTES_MAX))
        return {
            whose: {
                name: {option: list(map(str, texts)) for option, texts in typed.items()} for name, typed in its.items()
            }
            for whose, its in found.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SearchesUnfit(path=place.name, reason=error, reason_zh=error) from error
