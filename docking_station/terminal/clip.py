"""A clip for a person's eyes (资料详情)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from catalog.clips.clips import ClipDetails
from docking_station.terminal.output import CELL_MAX, T, listed, pairs, say, table
from docking_station.terminal.words import heads, language, word
from docking_station.texts import COLUMNS
from docking_station.texts.codes import ACTIONS, CLASSES, KINDS, LINKS, REFERS_TO, SOURCES, ZONES, zone_parts
from docking_station.texts.plain import about_text, called, in_zone, size_text, span_text, time_shown, visible

if TYPE_CHECKING:
    from docking_station.services.viewable import Viewable

SHORT = 41
"""Shorter than any digest; long enough for a case or a reason."""


def coded(words: Mapping[str, tuple[str, str]], code: object) -> str:
    """A code as a person reads it: in Chinese its name where it has one, in English the code, which is a word."""
    return words[str(code)][1] if language() == "zh" and str(code) in words else str(code)


def in_short(details: object) -> str:
    """What a line of the trail says besides, as far as it is short: no digests and no lists; `--json` has all."""
    pairs = details.items() if isinstance(details, dict) else ()
    whys_first = sorted(pairs, key=lambda pair: pair[0] not in ("reason", "case"))
    values = [(name, value) for name, value in whys_first if isinstance(value, str | int) and len(str(value)) < SHORT]
    labels = {name: heads(name)[0] for name, _ in values if name in COLUMNS and language() == "zh"}
    short = [f"{labels.get(name, name)}: {value}" for name, value in values]
    text = "; ".join(short)
    return text if len(text) < CELL_MAX else f"{text[: CELL_MAX - 1]}…"


def show_clip(clip: ClipDetails, viewable: Viewable, zone: tzinfo, names: Mapping[str, str]) -> None:
    """Print the facts, the time claims, the links and the trail of a clip; `names` are people's, by their numbers."""
    facts = _facts(clip, zone, names) | {"viewable": in_zone(word(viewable.word, **viewable.facts(language())), zone)}
    labels = dict(zip(facts, heads(*facts), strict=True))
    pairs({labels[name]: value for name, value in facts.items()})
    _section(
        (*map(asdict, clip.times), *(clip.opinion["times"] if clip.opinion else ())),
        claim=lambda claim: coded(SOURCES, claim["source"]),
        refers_to=lambda claim: coded(REFERS_TO, claim["refers_to"]),
        reading=lambda claim: time_shown(claim["value"], zone),
        uncertainty=lambda claim: about_text(claim["uncertainty_s"], language()),
        zone=lambda claim: _zone_text(claim["zone"]),
        raw=lambda claim: claim["raw"],
        note=lambda claim: claim["note"],
    )
    if clip.track:
        say()
        first, last = (_fix_text(clip.track[end], zone) for end in (0, -1))
        say(word("positions", count=clip.fixes, first=first, last=last))
    if clip.opinion is not None:
        _show_opinion(clip.opinion, zone, ours=bool(clip.track))
    _section(clip.proposals, proposed=lambda one: one.case, why=lambda one: one.says[language()])
    _section(
        clip.links,
        linked=lambda one: one.case,
        how=lambda one: coded(LINKS, one.how),
        by=lambda one: called(names, one.by),
        begins=lambda one: time_shown(one.begins_at, zone),
        ends=lambda one: time_shown(one.ended_at, zone),
        reason=lambda one: one.reason,
    )
    _section(
        clip.holds,
        hold=lambda one: one.reason,
        by=lambda one: called(names, one.by),
        begins=lambda one: time_shown(one.begins_at, zone),
        asked_by=lambda one: called(names, one.asked_by),
        ends=lambda one: time_shown(one.ended_at, zone),
    )
    _section(
        clip.trail,
        trail=lambda line: line.line,
        at=lambda line: time_shown(line.entry.at, zone),
        actor=lambda line: called(names, line.entry.actor),
        action=lambda line: coded(ACTIONS, line.entry.action),
    )


def _facts(clip: ClipDetails, zone: tzinfo, names: Mapping[str, str]) -> dict[str, object]:
    """What is told first, by the names of the heads."""
    return {
        "id": clip.id,
        "path": clip.path,
        "kind": coded(KINDS, clip.kind),
        "recorder": clip.recorder,
        "officer": _officer_text(clip, names),
        "unit": clip.unit,
        "case": "; ".join(one.called for one in clip.cases),
        "class": coded(CLASSES, clip.class_),
        "starts_at": f"{time_shown(clip.starts_at, zone)} ± {about_text(clip.starts_at_uncertainty_s, language())} "
        f"({coded(SOURCES, clip.starts_at_source)})",
        "length": span_text(clip.duration_s),
        "size": f"{size_text(clip.size_bytes)} ({word('of_bytes', count=f'{clip.size_bytes:,}')})",
        "sha256": clip.sha256,
        "sm3": clip.sm3,
        "marks": ", ".join(clip.marks),
        "playable": word({True: "yes", False: "no", None: "unknown"}[clip.playable]),
        "media": _media_text(clip.media),
        "sealed_at": time_shown(clip.sealed_at, zone),
        "locked_until": time_shown(clip.retain_until, zone),
        "manifest": clip.manifest.sha256,
        "signed_by": clip.manifest.key_id,
        "sidecars": ", ".join(clip.sidecars or clip.sidecar_of),
    }


def _show_opinion(opinion: Mapping[str, Any], zone: tzinfo, *, ours: bool) -> None:
    """Print what another program says that we do not, and where it contradicts us."""
    tool, differs = opinion["tool"], opinion["disagreements"]
    say()
    if opinion["fault"] is not None:
        say(visible(word("opinion_failed", tool=tool, why=opinion["fault"])))
        return
    say(word("opinion_differs" if differs else "opinion_agrees", tool=tool))
    if opinion["starts_at"] is not None:
        at = time_shown(opinion["starts_at"], zone)
        say(word("opinion_start", tool=tool, at=at, uncertainty=opinion["starts_at_uncertainty_s"]))
    if opinion["fixes"] and not ours:
        first, last = (_fix_text(opinion[end], zone) for end in ("first_fix", "last_fix"))
        say(word("opinion_places", tool=tool, count=opinion["fixes"], first=first, last=last))
    if differs:
        rows = [(one["what"], one["own"], one["other"], f"{one['apart']:+.6g} {one['unit']}") for one in differs]
        table(heads("about", "ours", "theirs", "apart"), rows)


def _officer_text(clip: ClipDetails, names: Mapping[str, str]) -> str | None:
    """The officer, and how the clip came to be that officer's."""
    officer = called(names, clip.officer)
    if officer is None or clip.attribution is None:
        return officer
    return f"{officer} ({word('by_' + clip.attribution.replace('-', '_'))})"


def _section(found: Sequence[T], **cells: Callable[[T], object]) -> None:
    if found:
        say()
        listed(found, "", **cells)


def _media_text(media: Mapping[str, Any]) -> str:
    if not media:  # of a row that somebody may see without the clip
        return ""
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


def _zone_text(zone: str | None) -> str:
    begins, rest = zone_parts(zone)
    return rest if begins is None or language() == "en" else f"{coded(ZONES, begins)} {rest}"


def _fix_text(fix: Mapping[str, Any], zone: tzinfo) -> str:
    at = f" {time_shown(fix['at'], zone)}" if fix["at"] else ""
    off = f" ±{fix['accuracy_m']:.3g} m" if fix.get("accuracy_m") else ""
    return f"{fix['lat']:.6f}, {fix['lon']:.6f}{off}{at}"
