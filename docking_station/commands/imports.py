"""`evidock import`: read a list of another system, say what becomes of each row, and take in what can be taken."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from catalog.rules.imports.maps import MAPS, Import
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, remark
from docking_station.terminal.words import language, word

app = typer.Typer()


@app.command("import")
def import_list(
    kind: Annotated[Import, typer.Argument(metavar="KIND", help=f"One of {', '.join(get_args(Import))} (哪种台账).")],
    file: Annotated[Path, typer.Argument(help="XLSX, CSV or JSON (台账文件).", readable=False)],
    map_name: Annotated[
        str | None, typer.Option("--map", help=f"How its columns are called: {', '.join(MAPS)}, the policy's (列名).")
    ] = None,
    delimiter: Annotated[
        str | None,
        typer.Option(help="What stands between the cells of a CSV; else found (CSV 分隔符，不填则自动识别)."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Go by this policy file instead of the adopted one (按该制度文件，不按现行制度)."),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=FILE",
            help="Another list, read first, whose rows count as known; may be repeated (先读取的台账，可多个).",
        ),
    ] = None,
    answer_file: Annotated[
        Path | None,
        typer.Option(
            "--answer",
            help="Write the list as XLSX with a column 结果, what became of each row (写入 XLSX，逐行给出结果).",
        ),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Take the rows that are new or changed into the catalog (入库).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read a list of another system and say what becomes of each row (导入台账). Without `--apply` nothing changes.

    A row is new, same, changed, refused, doubtful (a person must decide), duplicate or skipped, with the reasons.
    """
    from docking_station.services.import_apply import apply_import, demand_reader, may_apply
    from docking_station.services.import_house import House, house_of
    from docking_station.services.imports import Imported, read_import
    from docking_station.terminal.asking import ask_second
    from docking_station.terminal.imports import show_imported
    from docking_station.terminal.progress import counted

    if delimiter is not None and len(delimiter) != 1:
        raise typer.BadParameter("give one character", param_hint="--delimiter")
    if apply and policy is not None:
        raise typer.BadParameter("what is taken in goes by the adopted policy", param_hint="--policy")
    others = [_beside(pair) for pair in beside or ()]

    def read(house: House) -> Imported:
        if map_name is not None and kind not in house.maps.get(map_name, {}):
            raise typer.BadParameter(f"{map_name} has no columns for {kind}", param_hint="--map")
        for known, other in others:
            house.add(read_import(house, known, other).reading)
        with counted("import_reading", 0, in_bytes=False) as counter:
            return read_import(house, kind, file, map_name, delimiter, counter)

    with opened() as station:
        if apply:
            found = apply_import(station, may_apply(station, caller(), kind, ask_second), read, counted)
        else:
            demand_reader(station, caller(), kind)
            found = read(house_of(station, policy))
    if answer_file is not None:
        found.answer(answer_file, language())
        remark(word("import_answered", path=answer_file))
    answer(as_json, found.as_json(language()), lambda: show_imported(found))


def _beside(pair: str) -> tuple[Import, Path]:
    """A kind of list and its file, of `KIND=FILE`."""
    name, _, other = pair.partition("=")
    known = next((one for one in get_args(Import) if one == name), None)
    if known is None or not other:
        raise typer.BadParameter(f"{pair} is not KIND=FILE", param_hint="--beside")
    return known, Path(other)
