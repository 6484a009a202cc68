"""`evidock export`: clips with all that proves them, for somebody who has none of our programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import size_text, visible

app = typer.Typer()


@app.command()
def export(
    to: Annotated[
        Path, typer.Option("--to", help="The folder to make the bundle in (证据包所在文件夹).", file_okay=False)
    ],
    case: Annotated[str | None, typer.Option(help="All clips of this case (案件编号).")] = None,
    clip: Annotated[
        list[str] | None, typer.Option(help="This clip; may be given again (资料编号，可多次填写).")
    ] = None,
    request: Annotated[
        str | None,
        typer.Option(help="What this request was granted: a copy in the register (该申请批准的内容，登记为副本)."),
    ] = None,
    encrypt_to: Annotated[
        list[str] | None,
        typer.Option(
            help="Make one encrypted file for this age1… or ssh- key; may be given again (接收人公钥，可多次填写)."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make an evidence bundle (导出证据包): originals, signed manifests, trail, proofs, report, and what checks them.

    The export is on the trail before anything is written. Run again after an interruption, it goes on.
    """
    from docking_station.bundle.export import export_bundle
    from docking_station.bundle.facts import Order
    from docking_station.bundle.granted import make_copy
    from docking_station.derived.burnt import font
    from docking_station.services.requests import ask_who_asks
    from docking_station.terminal.asking import ask_who
    from docking_station.terminal.progress import counted

    if sum(one is not None for one in (case, clip or None, request)) != 1:
        raise typer.BadParameter("give --case, --clip once or more, or --request (请填写 --case、--clip 或 --request)")
    folder, readers, copy = to.absolute(), tuple(encrypt_to or ()), None
    with opened() as station:
        if request is None:
            made = export_bundle(station, caller(), Order(tuple(clip or ()), case, folder, readers), counted)
        else:
            who = ask_who_asks(station, caller(), ask_who)
            granted = make_copy(station, who, request, folder, readers, counted)
            made, copy = granted.exported, granted.copy
    if as_json:
        print_json(made if copy is None else asdict(made) | {"copy": copy})
        return
    if copy is not None:
        say(word("copy_made", no=copy))
    say(visible(word("exported", path=made.path, clips=made.clips, size=size_text(made.size_bytes))))
    say(word("export_check", key=made.key_id))
    if not made.pdf:
        say(word("export_no_pdf"))
    elif font() is None:
        say(word("export_no_font"))
