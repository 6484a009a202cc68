"""Editing a copy for release (遮盖编辑): the recipe one works at, what a detector suggests, and the film made of it.

The recipe lies beside what is derived of the original until it is drafted; then it is locked in the vault, and the act
names it. Nothing is made of a clip before its line is on the trail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.requests import releases
from catalog.rules.access import Action
from catalog.rules.acts import RELEASE_DRAFTED
from catalog.rules.callers import Caller
from catalog.rules.redaction import Recipe, demand_settled, edit_in, edited, read_recipe, suggested, unfit
from catalog.rules.releases import EDITED, Release, state_wrong
from catalog.rules.retention import months_later
from docking_station.derived import redacted
from docking_station.derived.burnt import font
from docking_station.derived.copies import Choice, choose_view
from docking_station.services.links import policy_now
from docking_station.services.permits import demand_change, permit
from docking_station.services.releases import demand_releasable, demand_watched, shown
from docking_station.station.errors import DerivedUnwritable, unwritten
from docking_station.station.station import Station
from ingest.sealing import recipe_key
from media import faces, ffmpeg
from media.errors import ToolFailed
from media.ffmpeg import Tools
from vault.durable import make_folder, replace_file

EDIT_BYTES_MAX = 8 << 20
Progress = Callable[[float], None]


def working(station: Station, caller: Caller, no: str) -> Recipe:
    """The recipe of a release as it is being edited, by who may edit it; a fresh one where nobody began.

    Raises `NoSuchRelease`, `ReleaseState`, `NotAllowed`, `NoSuchClip`, `NotReleased`, `NothingToView`.
    """
    release, _ = demand_editor(station, caller, no)
    choice = choose_view(station, release.clip)
    path = _place(station, choice, no)
    with suppress(FileNotFoundError):
        found = read_recipe(path.read_bytes())
        if found.source == _source(choice):
            return found
    return _fresh(station, release, choice)


def save(station: Station, caller: Caller, no: str, said: Mapping[str, Any]) -> Recipe:
    """Keep boxes, mutes and cuts as somebody changed them; raises `RecipeUnfit`, `WordsUnfit`, and as `working`."""
    _, known = demand_editor(station, caller, no)
    before = working(station, known, no)
    return _keep(station, edited(before, edit_in(before, said), known.actor))


def edit_of(path: Path, no: str) -> Mapping[str, Any]:
    """Boxes, mutes and cuts in a JSON file; raises `RecipeUnfit`."""
    try:
        with path.open("rb") as file:
            read = json.loads(file.read(EDIT_BYTES_MAX))
        return {name: read[name] for name in ("boxes", "mutes", "cuts")}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise unfit(no, f"the file cannot be read ({error})", "文件无法读取") from error


def detector() -> str | None:
    """What looks for faces at this station, by name and version; None where that is not installed."""
    return faces.finder()


def suggest(station: Station, caller: Caller, no: str, progress: Progress = lambda _: None) -> Recipe:
    """Have a detector look for faces, and keep what it suggests; what a person decided stays.

    Raises `ToolFailed` where there is no detector, and as `working`.
    """
    release, known = demand_editor(station, caller, no)
    name = detector()
    if name is None:
        raise ToolFailed(tool="evidock --redact", why="it is not installed")
    choice = choose_view(station, release.clip)
    permit(station, known, Action.REDACT, release.clip, release=no, detector=name, reason=release.reason)
    found = redacted.suggest(station, choice, redacted.measured(station, choice), progress)
    return _keep(station, suggested(working(station, known, no), found, name))


def draft(station: Station, caller: Caller, no: str, progress: Progress = lambda _: None) -> Release:
    """Make the film of the recipe, and hand it to whoever checks it (制作遮盖副本).

    Raises `RecipeUnfit` while a suggestion is undecided or part of the clip was not watched, or there is no
    font, and as `working`.
    """
    release, known, recipe, letters = demand_ready(station, caller, no)
    digest, choice = recipe.digest(), choose_view(station, release.clip)
    permit(station, known, Action.REDACT, release.clip, release=no, recipe=digest, reason=release.reason)
    made = redacted.render(station, choice, recipe, letters, progress)
    size_bytes = made.path.stat().st_size
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()
        until = months_later(station.now(), station.settings.lock_months)
        station.own_vault.put_document(recipe_key(digest), recipe.body(), until)
        told = {"recipe": digest, "film": made.sha256, "size_bytes": size_bytes, "original": recipe.original}
        station.act_writer.carry_out(releases.stating(RELEASE_DRAFTED, no, station.now(), known, **told))
    return releases.get(station.database, no)


def demand_ready(station: Station, caller: Caller, no: str) -> tuple[Release, Caller, Recipe, Path]:
    """What a film is made of, as far as it may be: release, caller, recipe and font; raises as `draft`."""
    release, known = demand_editor(station, caller, no)
    recipe, letters = working(station, known, no), font()
    demand_settled(recipe)
    demand_watched(station, known, release, recipe.duration_ms)
    if letters is None:
        raise unfit(no, "the system has no Chinese font (fonts-wqy-microhei)", "系统缺少中文字体（fonts-wqy-microhei）")
    return release, known, recipe, letters


def demand_editor(station: Station, caller: Caller, no: str) -> tuple[Release, Caller]:
    """A release that may be edited, and the caller, bound, who may; raises as `working`."""
    release = shown(station, caller, no)
    known = demand_change(station, caller, Action.REDACT, release.clip)
    if release.state not in EDITED:
        raise state_wrong(release)
    demand_releasable(station, release.clip, release.case_id)
    return release, known


def _fresh(station: Station, release: Release, choice: Choice) -> Recipe:
    film, bureau = redacted.measured(station, choice), policy_now(station).bureau.name
    tools = {"ffmpeg": ffmpeg.version(Tools(ffmpeg=station.settings.ffmpeg)), "detector": None}
    notice = f"公示副本 {release.no}\n{bureau}".strip()
    original, source = choice.manifest.sha256, _source(choice)
    how = (release.no, release.clip, original, source, film.size, str(film.rate), film.duration_ms, notice, tools)
    return Recipe(*how)


def _source(choice: Choice) -> str:
    return str(choice.note["sha256"]) if choice.derived else choice.manifest.sha256


def _keep(station: Station, recipe: Recipe) -> Recipe:
    folder = station.settings.derived_of(recipe.original)
    with unwritten(DerivedUnwritable, path=folder):
        make_folder(folder)
        replace_file(folder / f"{recipe.release}.recipe", recipe.body(), 0o600)
    return recipe


def _place(station: Station, choice: Choice, no: str) -> Path:
    return station.settings.derived_of(choice.manifest.sha256) / f"{no}.recipe"
