"""Releases for a person's eyes (音像公示): a table, and one release with its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from catalog.rules.canonical import parsed_time
from catalog.rules.releases import WORDS, Release
from docking_station.services.releases import as_json as told
from docking_station.terminal.output import listed, pairs, print_json, say
from docking_station.terminal.words import heads, language
from docking_station.texts.codes import ACTIONS
from docking_station.texts.plain import time_shown


def list_shown(found: Sequence[Release], zone: tzinfo, *, as_json: bool) -> None:
    """Print releases, one a line."""
    if as_json:
        print_json([told(one) for one in found])
        return
    listed(
        found,
        "no_releases",
        release=lambda one: one.no,
        state=lambda one: state_word(one.state),
        case=lambda one: one.case_id,
        asked_by=lambda one: one.asked_by,
        at=lambda one: time_shown(one.asked_at, zone),
        reason=lambda one: one.reason,
    )


def show_release(one: Release, zone: tzinfo, *, as_json: bool) -> None:
    """Print one release and its steps."""
    if as_json:
        print_json(told(one))
        return
    facts = {"release": one.no, "state": state_word(one.state), "id": one.clip, "case": one.case_id}
    facts |= {"reason": one.reason, "sha256": one.film or ""}
    pairs({heads(name)[0]: value for name, value in facts.items() if value})
    say()
    listed(
        one.told(),
        "",
        at=lambda step: time_shown(parsed_time(step["at"]), zone),
        by=lambda step: step["by"],
        action=lambda step: ACTIONS[step["action"]][language() == "zh"],
        note=lambda step: step.get("reason") or step.get("place") or "",
    )


def state_word(state: str) -> str:
    """A state as a person reads it."""
    return WORDS[state][language() == "zh"]
