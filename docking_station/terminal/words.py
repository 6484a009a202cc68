"""The language of a terminal's person (终端语言): found once, then used for all that is shown there.

A terminal has one person, so it alone remembers; services and pages are told a language with each call.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from catalog.station_error import Language, StationError
from docking_station import texts


class _Spoken:
    language: Language | None = None


def language() -> Language:
    """Return what is spoken: the settings' language, or the system's where there are none that can be read."""
    from docking_station.station.settings import home_from_environment, language_from_environment, read_settings

    if _Spoken.language is None:
        try:
            _Spoken.language = read_settings(home_from_environment()).language
        except StationError:
            _Spoken.language = language_from_environment()
    return _Spoken.language


def zone() -> tzinfo:
    """Return the zone that times are said in: the recorders', or UTC where there are no settings that can be read."""
    from docking_station.station.settings import home_from_environment, read_settings

    try:
        return read_settings(home_from_environment()).zone
    except StationError:
        return UTC


def word(name: str, **facts: object) -> str:
    """Return a text as it is said at this terminal."""
    return texts.text(name, language(), **facts)


def heads(*names: str) -> tuple[str, ...]:
    """Return the heads of columns as they are said at this terminal."""
    return texts.heads(language(), *names)
