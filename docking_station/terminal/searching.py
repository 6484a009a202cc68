"""A search as it is typed, and what it found as it is shown (检索的输入与显示)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from catalog.clips.search import FLAGS, Search
from docking_station.station.settings import moment
from docking_station.terminal.clip import coded
from docking_station.terminal.output import listed, remark, say
from docking_station.terminal.words import heads, language, word
from docking_station.texts.codes import CLASSES, KINDS
from docking_station.texts.plain import span_text, time_shown, visible

if TYPE_CHECKING:
    from catalog.clips.finding import Counts, Page
    from catalog.rules.callers import Caller
    from catalog.rules.places import Area
    from docking_station.station.station import Station

AS_TYPED = ("case", "officer", "recorder", "unit", "party", "matter", "step", "kind")
PLACES = {
    "box": "give south, west, north, east in degrees, with commas between (格式应为 南,西,北,东，单位度)",
    "around": "give latitude, longitude in degrees and metres, with commas between (格式应为 纬度,经度,米数)",
    "along": "give the ID of a clip and metres, with a comma between (格式应为 资料编号,米数)",
}
SHOWN_FACETS = 8


def search_in(
    station: Station, caller: Caller, typed: Mapping[str, Sequence[str]], limit: int, after: str | None
) -> Search:
    """Read what was typed; raises `BadTime`, and a wrong use for a place that is none."""
    from docking_station.services.search import own_number

    zone = station.settings.zone
    unknown = set(typed.get("is", ())) - FLAGS.keys()
    if unknown:
        raise typer.BadParameter(
            f"{min(unknown)!r}: there are {', '.join(sorted(FLAGS))} (可用：{'、'.join(sorted(FLAGS))})",
            param_hint="--is",
        )
    facts: dict[str, Any] = {name: typed[name][0] for name in AS_TYPED if name in typed}
    facts |= {name: moment(typed[name][0], zone) for name in ("since", "until", "due") if name in typed}
    return Search(
        **facts,
        after=after,
        limit=limit,
        text=tuple(typed.get("text", ())),
        class_=next(iter(typed.get("class", ())), None),
        flags=frozenset(typed.get("is", ())),
        area=_area(station, caller, typed),
        person=own_number(station, caller) if "mine" in typed else None,
    )


def _area(station: Station, caller: Caller, typed: Mapping[str, Sequence[str]]) -> Area | None:
    """The one place that was asked for."""
    given = [name for name in PLACES if name in typed]
    if not given:
        return None
    if len(given) > 1:
        raise typer.BadParameter("give one of --box, --around, --along (--box、--around、--along 只能填写一个)")
    (name,) = given
    from docking_station.services.search import area_typed

    try:
        return area_typed(station, caller, name, typed[name][0])
    except ValueError as error:
        raise typer.BadParameter(PLACES[name], param_hint=f"--{name}") from error


# ---------------------------------------------------------------------- what was found


def show_page(page: Page, zone: tzinfo) -> None:
    """Print a page: its clips with the texts that made them fit; how to go on, and what may be missing."""
    listed(
        page.clips,
        "no_clips",
        id=lambda clip: clip.id,
        starts_at=lambda clip: time_shown(clip.starts_at, zone),
        length=lambda clip: span_text(clip.duration_s),
        kind=lambda clip: coded(KINDS, clip.kind),
        officer=lambda clip: clip.officer_name or clip.officer,
        case=lambda clip: clip.case,
        found=lambda clip: " | ".join(one.text for one in clip.texts) or clip.path,
    )
    if page.after is not None:
        remark(word("more", after=page.after))
    if page.waiting:
        remark(word("not_indexed", count=page.waiting))


def show_counts(counts: Counts | None) -> None:
    """Print how many fit, and under each facet what most of them are."""
    if counts is None:
        return
    say(word("found_more" if counts.is_more else "found_count", count=counts.total))
    if not counts.is_exact:
        remark(word("found_by_words"))
    words = {"kind": KINDS, "class": CLASSES}
    for name, found in counts.facets.items():
        said = (f"{coded(words.get(name, {}), value)} {count}" for value, count in list(found.items())[:SHOWN_FACETS])
        say(visible(f"{heads(name)[0]}: {', '.join(said)}"))


def write_found(station: Station, caller: Caller, wanted: Search, to: Path) -> int:
    """Write all that fits into a new file, once the lines of it are on the trail; return how many clips.

    Raises `NotApart`, `FileThere`, `CannotPull`, and as `search_clips`.
    """
    from docking_station.services.search import every_page, table_of
    from docking_station.services.table_files import write_table
    from docking_station.station.apart import demand_outside

    demand_outside(station.settings, to)
    found = tuple(every_page(station, caller, wanted, str(to)))
    write_table(to, table_of(found, station.settings.zone, language()))
    return len(found)
