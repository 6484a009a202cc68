"""A clip for a person's eyes (资料详情)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from docking_station.screen import pairs, say, size_text, span_text, table, time_shown


def show_clip(clip: Mapping[str, Any], zone: tzinfo) -> None:
    """Print the facts, the time claims, the links and the trail of a clip."""
    media = clip["media"]
    pairs(
        {
            "id": clip["id"],
            "path": clip["path"],
            "kind": clip["kind"],
            "recorder": clip["recorder"],
            "officer": clip["officer"],
            "unit": clip["unit"],
            "case": clip["case"],
            "starts at": f"{time_shown(clip['starts_at'], zone)} ± {clip['starts_at_uncertainty_s']:g} s "
            f"({clip['starts_at_source']})",
            "length": span_text(clip["duration_s"]),
            "size": f"{size_text(clip['size_bytes'])} ({clip['size_bytes']} bytes)",
            "SHA-256": clip["sha256"],
            "SM3": clip["sm3"],
            "marks": ", ".join(clip["marks"]),
            "playable": {True: "yes", False: "no", None: "unknown"}[clip["playable"]],
            "media": _media_text(media),
            "sealed at": time_shown(clip["sealed_at"], zone),
            "locked until": time_shown(clip["retain_until"], zone),
            "manifest": clip["manifest"]["sha256"],
            "signed by": clip["manifest"]["key_id"],
            "sidecars": ", ".join(clip["sidecars"] or clip["sidecar_of"]),
        }
    )
    _section(
        ("TIME CLAIM", "REFERS TO", "READING", "± s", "ZONE", "RAW", "NOTE"),
        [
            (
                claim["source"],
                claim["refers_to"],
                time_shown(claim["value"], zone),
                f"{claim['uncertainty_s']:g}",
                claim["zone"],
                claim["raw"],
                claim["note"],
            )
            for claim in clip["times"]
        ],
    )
    if clip["track"]:
        say()
        first, last = (_fix_text(clip["track"][end], zone) for end in (0, -1))
        say(f"{clip['fixes']} positions, from {first} to {last}")
    _section(("PROPOSED CASE", "WHY"), [(one["case"], one["why"]) for one in clip["proposals"]])
    _section(
        ("LINKED CASE", "HOW", "BY", "FROM", "UNTIL", "REASON"),
        [
            (
                one["case"],
                one["how"],
                one["by"],
                time_shown(one["begins_at"], zone),
                time_shown(one["ended_at"], zone),
                one["reason"],
            )
            for one in clip["links"]
        ],
    )
    _section(
        ("TRAIL", "AT", "ACTOR", "ACTION"),
        [(line["line"], time_shown(line["at"], zone), line["actor"], line["action"]) for line in clip["trail"]],
    )


def _section(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    if rows:
        say()
        table(heads, rows)


def _media_text(media: Mapping[str, Any]) -> str:
    streams = [
        " ".join(
            str(part)
            for part in (
                stream["kind"],
                stream["codec"],
                f"{stream['width_px']}x{stream['height_px']}" if stream["width_px"] else "",
                f"{stream['sample_rate_hz']} Hz" if stream["sample_rate_hz"] else "",
            )
            if part
        )
        for stream in media["streams"]
    ]
    return "; ".join(part for part in (media["container"] or "", *streams, media["note"] or "") if part)


def _fix_text(fix: Mapping[str, Any], zone: tzinfo) -> str:
    at = f" {time_shown(fix['at'], zone)}" if fix["at"] else ""
    return f"{fix['lat']:.6f}, {fix['lon']:.6f}{at}"
