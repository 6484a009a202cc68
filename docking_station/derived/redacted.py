"""Films for release (遮盖副本): made of what plays of a clip, as a recipe says; and what a detector suggests for it.

They lie in the folder of what is derived of the original, so they go with it when it is disposed of; the recipe one
works at lies beside them. The original is only read. Units: seconds, pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.clips import clips
from catalog.rules.redaction import Recipe
from catalog.rules.releases import Release
from docking_station.derived.burnt import Burnt, kept, wrapped
from docking_station.derived.copies import NICENESS, Choice, played
from docking_station.derived.scratch import draft_in
from docking_station.station.errors import CopyDiffers, DerivedUnwritable, NothingToView, unwritten
from ingest.sealing import released_key
from media import faces, ffmpeg, probe, proxy, redact
from media.ffmpeg import Tools
from vault.durable import make_folder, replace_file
from vault.errors import NotInVault

if TYPE_CHECKING:
    from docking_station.station.station import Station

USUAL_RATE, RATE_MAX = Fraction(25), 120
MS = 1000
RELEASE = "release"
"""What a look calls the way a film for release came to be."""
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Film:
    """What a recipe must know of what plays: shown size, ticks a second, length, whether there is sound."""

    size: tuple[int, int]
    rate: Fraction
    duration_ms: int
    has_sound: bool


def measured(station: Station, choice: Choice) -> Film:
    """Look into what plays of a clip."""
    with played(station, choice, lambda _: None) as path:
        return _film(path, _tools(station))


def suggest(station: Station, choice: Choice, film: Film, progress: Progress) -> list[tuple[faces.Key, ...]]:
    """Where a detector sees faces, a track of boxes each; raises what media raises."""
    with played(station, choice, progress) as path:
        length_s = film.duration_ms / MS
        limits = proxy.limits_for("encode", length_s, path.stat().st_size)
        share = _share(film, progress)
        return faces.find(path, film.size, film.rate, _tools(station), limits, share)


def render(station: Station, choice: Choice, recipe: Recipe, letters: Path, progress: Progress) -> Burnt:
    """Make the film of a recipe; the same again is the same file. Raises `DerivedUnwritable`, and what media raises."""
    derived, tools = station.settings.derived, _tools(station)
    with unwritten(DerivedUnwritable, path=derived), draft_in(derived) as draft:
        words, made = draft / "label.txt", draft / "redacted.mp4"
        words.write_text(wrapped(recipe.notice), encoding="utf-8")
        mutes, cuts = (tuple((one.from_ms, one.to_ms) for one in some) for some in (recipe.mutes, recipe.cuts))
        with played(station, choice, progress) as source:
            film = _film(source, tools)
            how = (*recipe.size, Fraction(recipe.rate), recipe.duration_ms, recipe.covered, mutes, cuts, recipe.threads)
            work = redact.Work(*how)
            args = redact.redact_args(source, made, work, words, letters, has_sound=film.has_sound)
            limits = proxy.limits_for("encode", recipe.duration_ms / MS, source.stat().st_size)
            ffmpeg.make(args, tools, limits, _share(film, progress), redact.masks(work))
        return kept(station.settings.derived_of(recipe.original), made, film_name(recipe.release, recipe.digest()))


def film_name(release: str, recipe: str) -> str:
    """What the film that is made by a recipe is called, by its digest; one made by another is another file."""
    return f"{release}_{recipe[:12]}.mp4"


def described(station: Station, path: Path) -> dict[str, object]:
    """What a player must know of a film that was made."""
    return probe.shown_facts(ffmpeg.described(path, _tools(station)))


def film_of(station: Station, release: Release) -> Choice:
    """The film that was drafted last, as a look shows it; raises `NothingToView`, `CopyDiffers`."""
    if release.film is None:
        raise NothingToView(clip=release.no, why="its copy is not made yet")
    path, manifest = film_path(station, release), clips.manifest(station.database, release.clip)
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if found != release.film:
        raise CopyDiffers(clip=release.clip, path=path.name, expected=release.film, found=found)
    facts = {"file": path.name, "sha256": found, "size_bytes": path.stat().st_size, "way": RELEASE}
    return Choice(release.clip, manifest, described(station, path) | facts)


def film_path(station: Station, release: Release) -> Path:
    """Where the film lies; one that was removed after it was approved comes out of the vault again."""
    manifest = clips.manifest(station.database, release.clip)
    path = station.settings.derived_of(manifest.sha256) / film_name(release.no, str(release.recipe))
    if path.is_file():
        return path
    try:
        with station.vault.open(released_key(str(release.film))) as file, unwritten(DerivedUnwritable, path=path):
            make_folder(path.parent)
            replace_file(path, file.read(), 0o600)
    except NotInVault as error:
        raise NothingToView(clip=release.clip, why="the copy was removed from the station: make another") from error
    return path


def _film(path: Path, tools: Tools) -> Film:
    answer = ffmpeg.described(path, tools)
    media, shown = probe.facts(answer), probe.shown_facts(answer)
    width, height = int(str(shown["width_px"])), int(str(shown["height_px"]))
    rate = Fraction(str(shown["frame_rate"] or USUAL_RATE))
    if not 1 <= rate <= RATE_MAX:
        rate = USUAL_RATE
    size = (height, width) if probe.is_turned(answer) else (width, height)
    even = (max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2))
    return Film(even, rate, round((media.duration_s or 0.0) * MS), proxy.first(media, "audio") is not None)


def _share(film: Film, progress: Progress) -> Progress:
    length_s = film.duration_ms / MS
    return lambda done_s: progress(min(1.0, done_s / length_s) if length_s else 0.0)


def _tools(station: Station) -> Tools:
    return Tools(station.settings.ffprobe, station.settings.ffmpeg, niceness=NICENESS)
