"""Publications for a person's eyes (执法公示): what is due and done, one case with its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docking_station.services.disclosure import Line, Shown
from docking_station.terminal.output import listed, pairs, say, table
from docking_station.terminal.words import heads, language, word
from docking_station.texts.disclosure import CHANNEL_WORDS, ENDED_WORDS, STATE_WORDS


def tell_lines(found: Sequence[Line], *, as_json: bool = False) -> None:
    """Print decisions by channel, one a line."""
    listed(
        found,
        "no_disclosures",
        as_json,
        no=lambda one: one.called,
        party=lambda one: one.party,
        channel=lambda one: _word(CHANNEL_WORDS, one.channel),
        state=lambda one: _word(STATE_WORDS, one.state),
        decided=lambda one: one.decided,
        last_day=lambda one: one.due,
        days_left=lambda one: one.days,
    )


def tell_shown(shown: Shown) -> None:
    """Print what is recorded of one case, and the rows that could be made public."""
    tell_lines(shown.lines)
    for one in shown.told.ends:
        say(word("disc_fell", how=_word(ENDED_WORDS, one.how), day=one.day, reason=one.reason))
    for public in shown.told.disclosures:
        ended = "" if public.ended is None else _word(ENDED_WORDS, public.ended)
        say()
        table(
            heads("id", "channel", "day", "until", "state"),
            [(public.id, _word(CHANNEL_WORDS, public.channel), public.day, public.until, ended)],
        )
        pairs(public.shown)
    for ready in shown.prepared:
        say()
        say(f"{word('disc_row')} ({_word(CHANNEL_WORDS, ready.channel)})")
        pairs({one.head: one.text for one in ready.cells})


def _word(words: Mapping[str, tuple[str, str]], code: str) -> str:
    return words[code][language() == "zh"]
