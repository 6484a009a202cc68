"""`evidock clips search`, `searches` and `index`: what is found by words, facts and places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from catalog.evidence import Kind
from docking_station.commands.clips import app as clips
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, listed, print_json, remark, say
from docking_station.terminal.words import word
from docking_station.texts.plain import visible

app = typer.Typer()

OTHERWISE = 31
Class = Literal["none", "privacy", "business", "work", "informant", "state"]
Texts = Annotated[list[str] | None, typer.Argument(help="Words that all must be found (检索词).")]


@clips.command()
def search(
    text: Texts = None,
    case: Annotated[str | None, typer.Option(help="Of this case, by any of its numbers or its id (案件).")] = None,
    officer: Annotated[str | None, typer.Option(help="Of this officer (执法人员编号).")] = None,
    recorder: Annotated[str | None, typer.Option(help="Of this recorder (记录仪编号).")] = None,
    unit: Annotated[str | None, typer.Option(help="Of this unit and those below it (科室).")] = None,
    party: Annotated[str | None, typer.Option(help="In a case of this party (当事人).")] = None,
    matter: Annotated[
        str | None, typer.Option(help="In a case of this matter, a code of the policy (执法事项).")
    ] = None,
    step: Annotated[str | None, typer.Option(help="Recording this step, a code of the policy (步骤).")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Of this kind (类型).")] = None,
    level: Annotated[Class | None, typer.Option("--class", help="Of this class (密级).")] = None,
    flag: Annotated[
        list[str] | None,
        typer.Option(
            "--is", help="hold, marked, overdue, unlinked or unplayable; may be given again (状态，可多次填写)."
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="That start at this time or later (起).")] = None,
    until: Annotated[str | None, typer.Option(help="That start before this time (止).")] = None,
    due: Annotated[str | None, typer.Option(help="Whose lock ends before this time (保存到期).")] = None,
    box: Annotated[
        str | None, typer.Option(help="In a box: SOUTH,WEST,NORTH,EAST in degrees (矩形区域：南,西,北,东，单位度).")
    ] = None,
    around: Annotated[
        str | None, typer.Option(help="Near a point: LATITUDE,LONGITUDE,METRES (周边：纬度,经度,米数).")
    ] = None,
    along: Annotated[
        str | None, typer.Option(help="Along a clip's track: ID,METRES (沿轨迹：资料编号,米数); a look at it.")
    ] = None,
    mine: Annotated[bool, typer.Option(help="Worn by yourself, whatever the recorder said (本人的资料).")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many (最多显示条数).")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on behind the page that ended with this (续列).")] = None,
    count: Annotated[bool, typer.Option(help="Count them, and what they are, as well (计数).")] = False,
    to: Annotated[Path | None, typer.Option(help="Write them into this new .csv or .xlsx file (导出).")] = None,
    save: Annotated[str | None, typer.Option(help="Save this search under a name (保存检索).")] = None,
    saved: Annotated[str | None, typer.Option(help="Begin with a search that was saved (用已存检索).")] = None,
    as_json: Json = False,
) -> None:
    """Search clips by words of all that is said of them, by facts and places, newest first (检索).

    Whoever is entered finds what they may see. A time without a zone is in the recorders' zone.
    """
    from docking_station.services.saved_searches import save_search, saved_search
    from docking_station.services.search import count_clips, search_clips
    from docking_station.terminal.searching import search_in, show_counts, show_page, write_found

    one = {"case": case, "officer": officer, "recorder": recorder, "unit": unit, "party": party, "matter": matter}
    one |= {"step": step, "kind": kind, "class": level, "since": since, "until": until, "due": due}
    one |= {"box": box, "around": around, "along": along}
    one |= {"mine": "1" if mine else None}
    many = {"text": list(text or ()), "is": list(flag or ())} | {name: [value] for name, value in one.items() if value}
    typed: dict[str, Sequence[str]] = {name: values for name, values in many.items() if values}
    with opened() as station:
        if saved is not None:
            typed = {**saved_search(station, caller(), saved), **typed}
        wanted, zone = search_in(station, caller(), typed, limit, after), station.settings.zone
        if save is not None:
            save_search(station, caller(), save, typed)
        if to is not None:
            written = write_found(station, caller(), wanted, to)
            answer(as_json, {"path": str(to), "clips": written}, lambda: say(_written(to, written)))
            return
        page = search_clips(station, caller(), wanted)
        counts = count_clips(station, caller(), wanted) if count else None
    told = {name: getattr(page, name) for name in ("clips", "after", "back_to", "waiting")} | {"counts": counts}
    answer(as_json, told, lambda: show_page(page, zone))
    if not as_json:
        show_counts(counts)


def _written(to: Path, count: int) -> str:
    return visible(word("found_written", path=to, count=count))


@clips.command()
def searches(
    drop: Annotated[
        str | None, typer.Option(help="Drop the search saved under this name (删除该名称的常用检索).")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the searches you saved (常用检索)."""
    from docking_station.services.saved_searches import save_search, saved_searches

    with opened() as station:
        if drop is not None:
            save_search(station, caller(), drop, None)
        found = saved_searches(station, caller())
    if as_json:
        print_json([{"name": name, "typed": typed} for name, typed in sorted(found.items())])
        return
    listed(
        sorted(found.items()),
        "no_searches",
        name=lambda one: one[0],
        about=lambda one: " ".join(f"{option}={' '.join(texts)}" for option, texts in one[1].items()),
    )


@clips.command()
def index(
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="Forget the index first, and make it of the rows alone (先清空检索索引，再由编目重建)."
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Compare it with the rows; exit 31 if it differs (与编目比对，不一致时以 31 退出)."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the index that searches ask up to date (更新检索索引); the dock does so by itself.

    It is made of the catalog's rows and is no evidence: a wrong one may miss a clip, and never shows a wrong one.
    """
    from docking_station.services.search import index_clips
    from docking_station.terminal.progress import counted

    with opened() as station:
        done, faults = index_clips(station, caller(), anew=anew, check=check, progress=counted)
    if as_json:
        print_json({"indexed": done, "faults": faults if check else None})
    else:
        for fault in faults:
            say(f"{fault.clip}  {word(f'index_{fault.what}')}")
        remark(word("indexed", count=done))
    raise typer.Exit(OTHERWISE if faults else 0)
