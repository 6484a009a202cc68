"""Recorders, holdings and dockings for a person's eyes (台账显示)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from docking_station.terminal.output import pairs, remark, say, table
from docking_station.terminal.words import heads, language, word
from docking_station.texts.plain import size_text, time_shown, visible

GAPS_SHOWN_MAX = 20


def show_recorders(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """One line a recorder."""
    if not found:
        remark(word("no_recorders"))
        return
    rows = [
        (
            one["serial"],
            _holder(one),
            None if one["holder"] is None else time_shown(one["holder"]["begins_at"], zone),
            None if one["holder"] is None else time_shown(one["holder"]["due_at"], zone),
            one["unit"],
            time_shown(one["last_docked_at"], zone),
            one["usb_serial"],
            one["label"],
            one["note"],
        )
        for one in found
    ]
    columns = ("serial", "holder", "begins", "due_at", "unit", "last_docked_at", "usb_serial", "card_label", "note")
    table(heads(*columns), rows)


def show_recorder(one: Mapping[str, Any], zone: tzinfo) -> None:
    """Everything about one recorder."""
    facts = {
        "serial": one["serial"],
        "usb_serial": one["usb_serial"],
        "card_label": one["label"],
        "numbers": one["numbers"],
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
        rows = [
            (
                held["officer"],
                word(held["how"]),
                held["unit"],
                time_shown(held["begins_at"], zone),
                time_shown(held["ended_at"], zone),
                time_shown(held["due_at"], zone),
                held["by"],
            )
            for held in one["holdings"]
        ]
        table(heads("officer", "how", "unit", "begins", "ends", "due_at", "by"), rows)
    if one["dockings"]:
        say()
        show_dockings(one["dockings"], zone)


def show_dockings(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> None:
    """One line a visit, then what seemed to be missing at each."""
    if not found:
        remark(word("no_dockings"))
        return
    rows = [
        (
            time_shown(one["begins_at"], zone),
            time_shown(one["ends_at"], zone),
            one["bay"],
            one["recorder"],
            one["files"],
            size_text(one["size_bytes"]),
            one["filed"],
            one["held"],
            one["cleared"],
            None if one["clock"] is None else f"{one['clock']['offset_s']:+.0f} ± {one['clock']['uncertainty_s']:.0f}",
            len(one["gaps"]) or None,
        )
        for one in found
    ]
    columns = ("begins", "ends", "bay", "serial", "files", "size", "filed", "held", "cleared", "clock_off", "gaps")
    table(heads(*columns), rows)
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
    if not found:
        remark(word("none_overdue"))
        return
    rows = [
        (
            one["serial"],
            one["officer"],
            one["unit"],
            one["days"],
            time_shown(one["since"], zone),
            time_shown(one["last_docked_at"], zone),
            None if one["held"] else word("given_back"),
        )
        for one in found
    ]
    table(heads("serial", "officer", "unit", "days", "since", "last_docked_at", "note"), rows)


def _holder(one: Mapping[str, Any]) -> str | None:
    """Who has a recorder, and how; or that it is retired."""
    if one["retired_at"] is not None:
        return word("retired")
    held = one["holder"]
    return None if held is None else f"{held['officer']} ({word(held['how'])})"
