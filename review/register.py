"""Registers as values (登记表): tables and facts that one template shows, whatever they are about.

Shapes: a `Cell` is text, smaller text below it, an address it leads to, and a kind and an icon where it is a
state; a `Table` has the names of its heads; `Facts` are names of texts with what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request
from starlette.responses import Response

from catalog.people import people
from catalog.station_error import StationError
from docking_station.texts import TEXTS
from docking_station.texts.plain import called, time_shown
from review.frame import Words, page
from review.statuses import status_of


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell."""

    text: object = ""
    below: object = ""
    to: str = ""
    state: tuple[str, str] | None = None
    whole: bool = False
    """Whether it stands in one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `empty` is the name of the text that stands there instead of no row."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell | object]]
    empty: str = "reg_nothing"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one thing; what has no value is left out."""

    title: str
    rows: Sequence[tuple[str, object]]


def cell(value: object) -> Cell:
    """A value as a cell."""
    return value if isinstance(value, Cell) else Cell(value)


def shown(
    request: Request,
    title: str,
    parts: Sequence[Table | Facts],
    template: str = "register.html",
    status: HTTPStatus = HTTPStatus.OK,
    **more: Any,
) -> Response:
    """A register as a page."""
    desks = request.app.state.rails.registers(request.state.caller)
    registers = [(one.name, one.address, request.url.path.startswith(one.address)) for one in desks]
    usual: dict[str, Any] = {
        "registers": registers,
        "heading": "",
        "tabs": (),
        "filters": (),
        "older": "",
        "back": "",
        "opener": False,
    }
    facts = {"parts": parts, "cell": cell, "texts": TEXTS, "title": title}
    return page(request, template, status, **(usual | facts | more))


def names_of(request: Request) -> Callable[[str | None], str]:
    """What an actor is called."""
    names = people.names(request.app.state.station.database)
    return lambda actor: called(names, actor) or ""


def minute_of(request: Request) -> Callable[[object], str]:
    """A time to the minute."""
    zone = request.app.state.station.settings.zone
    return lambda at: time_shown(at, zone)[:16]


def refused(request: Request, error: StationError, dialog: str) -> dict[str, Any]:
    """What a page is shown with whose dialog was refused: the status, and the dialog open with the sentence."""
    wrong = error.message(Words.of(request).language)
    return {"status": status_of(error), "dialog_open": dialog, "dialog_wrong": wrong}
