"""Recorders, holdings and dockings for a person's eyes (台账显示)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from docking_station.terminal.output import listed, pairs, say
from docking_station.terminal.words import heads, language, word
from docking_station.texts.plain import size_text, time_shown, visible

GAPS_SHOWN_MAX = 20


def show_recorders(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """One line a recorder."""
    listed(
        found,
        "no_recorders",
        serial=lambda one: one["serial"],
        holder=_holder,
        begins=lambda one: time_shown((one["holder"] or {}).get("begins_at"), zone),
        due_at=lambda one: time_shown((one["holder"] or {}).get("due_at"), zone),
        unit=lambda one: one["unit"],
        last_docked_at=lambda one: time_shown(one["last_docked_at"], zone),
        usb_serial=lambda one: one["usb_serial"],
        card_label=lambda one: one["label"],
        note=lambda one: one["note"],
    )


def show_recorder(one: Mapping[str, Any], zone: tzinfo) -> None:
    """Everything about one recorder."""
    facts = {
        "serial": one["serial"],
        "usb_serial": one["usb_serial"],
        "card_label": one["label"],
        "numbers": one["numbers"],
        "room": one["room"],
        "model": one["model"],
        "unit": one["unit"],
        "note": one["note"],
        "holder": _holder(one),
        "last_docked_at": time_shown(one["last_docked_at"], zone),
        "added_at": f"{time_shown(one['added_at'], zone)} {one['added_by']}",
    }
    if one["retired_at"] is not None:
        facts["retired_at"] = f"{time_shown(one['retired_at'], zone)} {one['retired_by']}: {one['retired_reason']}"
    labels = dict(zip(facts, heads(*facts), strict=True))
    pairs({labels[name]: value for name, value in facts.items()})
    if one["holdings"]:
        say()
        listed(
            one["holdings"],
            "",
            officer=lambda held: held["officer"],
            how=lambda held: word(held["how"]),
            unit=lambda held: held["unit"],
            begins=lambda held: time_shown(held["begins_at"], zone),
            ends=lambda held: time_shown(held["ended_at"], zone),
            due_at=lambda held: time_shown(held["due_at"], zone),
            by=lambda held: held["by"],
        )
    if one["dockings"]:
        say()
        show_dockings(one["dockings"], zone)


def show_dockings(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """One line a visit, then what seemed to be missing at each."""
    listed(
        found,
        "no_dockings",
        begins=lambda one: time_shown(one["begins_at"], zone),
        ends=lambda one: time_shown(one["ends_at"], zone),
        bay=lambda one: one["bay"],
        serial=lambda one: one["recorder"],
        files=lambda one: one["files"],
        size=lambda one: size_text(one["size_bytes"]),
        filed=lambda one: one["filed"],
        held=lambda one: one["held"],
        cleared=lambda one: one["cleared"],
        clock_off=lambda one: one["clock"] and f"{one['clock']['offset_s']:+.0f} ± {one['clock']['uncertainty_s']:.0f}",
        gaps=lambda one: len(one["gaps"]) or None,
    )
    for one in found:
        if one["gaps"]:
            say()
            say(visible(f"{one['recorder']}: " + word("gaps_heading", at=time_shown(one["begins_at"], zone))))
            for gap in one["gaps"][:GAPS_SHOWN_MAX]:
                say(f"  {visible(gap[language()])}")
            if len(one["gaps"]) > GAPS_SHOWN_MAX:
                say(f"  … {len(one['gaps']) - GAPS_SHOWN_MAX}")


def show_overdue(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """One line a recorder that is late."""
    listed(
        found,
        "none_overdue",
        serial=lambda one: one["serial"],
        officer=lambda one: one["officer"],
        unit=lambda one: one["unit"],
        days=lambda one: one["days"],
        since=lambda one: time_shown(one["since"], zone),
        last_docked_at=lambda one: time_shown(one["last_docked_at"], zone),
        note=lambda one: None if one["held"] else word("given_back"),
    )


def _holder(one: Mapping[str, Any]) -> str | None:
    """Who has a recorder, and how; or that it is retired."""
    if one["retired_at"] is not None:
        return word("retired")
    held = one["holder"]
    return None if held is None else f"{held['officer']} ({word(held['how'])})"
