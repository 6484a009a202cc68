"""Options that many commands have, and those for what may be said of a thing (命令行选项): a table for its commands.

Shapes: a table has the fields an act knows, each with the kind of its option: a text, a day `YYYY-MM-DD`, a moment, a
whole number, or many texts. What is not typed is None; an empty text strikes a value out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout (输出一个 JSON 文档).")]
TYPES: Mapping[str, Any] = {"many": list[str] | None, "count": int | None, "yuan": int | None}
MOST: Mapping[str, int] = {"count": 100_000, "yuan": 10**12}
"""The greatest whole number of a kind."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The option of a field (字段选项): what it takes, its help, and its name where it is not the field's."""

    kind: Literal["text", "day", "moment", "count", "yuan", "many"]
    help: str
    name: str = ""


Fields = Mapping[str, Typed]


def takes(fields: Fields) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a command take the options of fields besides its own; it gets what was typed by the names of the fields."""

    def door(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True)
        kept = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
        hints = {name: Annotated[TYPES.get(one.kind, str | None), _option(name, one)] for name, one in fields.items()}
        more = [kept[0].replace(name=name, default=None, annotation=hint) for name, hint in hints.items()]
        parameters = [one.replace(kind=one.KEYWORD_ONLY) for one in (*kept, *more)]
        command.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        return command

    return door


def _option(name: str, one: Typed) -> Any:
    bounds: dict[str, Any] = {"min": 0, "max": MOST[one.kind]} if one.kind in MOST else {}
    return typer.Option(one.name or f"--{name.replace('_', '-')}", help=one.help, **bounds)


def said(fields: Fields, typed: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """What was typed of fields, as acts have it; a time without a zone is in this one. Raises `BadTime`."""
    return {name: _value(one, typed[name], zone) for name, one in fields.items() if typed[name] is not None}


def _value(one: Typed, value: Any, zone: tzinfo) -> Any:
    from docking_station.station.settings import moment

    if one.kind == "many":
        return [each for each in value if each]
    if one.kind == "moment" and value:
        return moment(value, zone)
    if one.kind == "day" and value:
        return moment(value, zone).astimezone(zone).date().isoformat()
    return value if one.kind in MOST else value or None
