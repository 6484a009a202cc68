"""What several commands about people ask for (人员命令选项)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from docking_station.station.station import Station

No = Annotated[str, typer.Argument(help="The person's number, or one of the others they are known by (人员编号).")]
Since = Annotated[
    str | None, typer.Option("--at", help="From when it holds; if not given, from now (生效时间，不填为现在).")
]
Reason = Annotated[str, typer.Option(help="Why, for the trail (理由，记入留痕).")]


def moment_of(station: Station, text: str | None) -> datetime | None:
    """A time that was typed, or none; without a zone it is the recorders'."""
    from docking_station.station.settings import moment

    return moment(text, station.settings.zone) if text else None
