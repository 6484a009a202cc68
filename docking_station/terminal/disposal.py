"""The second person's question at a terminal (处置确认): what is to go, why, and a typed word."""

from __future__ import annotations

from datetime import tzinfo

from catalog.clips import search
from catalog.rules.callers import Caller
from docking_station.services.dispose import asked_of
from docking_station.station.errors import DisposalNotConfirmed
from docking_station.station.station import Station
from docking_station.terminal.output import ask_confirmation, pairs, say
from docking_station.terminal.words import heads, word
from docking_station.texts.plain import size_text, time_shown

CONFIRMATIONS = ("dispose", "处置")
"""What the second person types."""


def ask_second(station: Station, caller: Caller, clip: str, zone: tzinfo) -> None:
    """Show the second person what is to go and why, and demand a typed word; raises `DisposalNotConfirmed`."""
    asked = asked_of(station, caller, clip)
    if asked is None:
        return
    number = asked.clip
    shown = search.get(station.database, number)
    facts = {"id": number, "path": shown.path, "size": size_text(shown.size_bytes)}
    times = {"sealed_at": time_shown(shown.sealed_at, zone), "starts_at": time_shown(shown.starts_at, zone)}
    why = {"asked_by": asked.asked_by, "at": time_shown(asked.asked_at, zone), "reason": asked.reason}
    pairs({heads(name)[0]: value for name, value in (facts | times | why).items()})
    say(word("disposal_for_good"))
    if not ask_confirmation(CONFIRMATIONS):
        raise DisposalNotConfirmed(clip=number)
