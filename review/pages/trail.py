"""The trail (操作留痕): its lines, newest first, and of each the proof that it stands there, computed when asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from catalog.rules.house_rights import Right
from catalog.rules.merkle import consistency_is_valid, inclusion_is_valid
from catalog.trail import trail
from docking_station.services.checkpoints import prove_line
from docking_station.services.listing import SUBJECT
from docking_station.services.rights import demand
from docking_station.texts.codes import ACTIONS
from docking_station.texts.plain import time_shown
from review.door import caller_of
from review.frame import Words
from review.register import Cell, Facts, Table, names_of, shown

PAGES = APIRouter()
LINES = 50
LINE_MAX = 2**53
CLIP, REQUEST = re.compile(r"c[a-z2-7]{20}"), re.compile(r"R\d{4}-\d{4,8}")
"""The numbers of clips and of requests; a copy's begins with that of its request."""
FILTERS = {"actor": "reg_by", "action": "reg_done", "subject": "reg_about"}


@PAGES.get("/trail")
def trail_lines(request: Request, before: Annotated[int | None, Query(ge=1, le=LINE_MAX)] = None) -> Response:
    """The lines, newest first: of a person, of an action, about a thing."""
    station, words = request.app.state.station, Words.of(request)
    demand(station, caller_of(request), Right.TRAIL_READ)
    typed = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    wanted = {name: typed[name] for name in ("actor", "subject") if typed[name]}
    actions = [code for code, said in ACTIONS.items() if said == ACTIONS.get(typed["action"])]
    lists = {SUBJECT: words("page_clips")}
    lines = trail.newest_lines(station.database, wanted, actions, before, LINES)
    named, zone, zh = names_of(request), station.settings.zone, words.language == "zh"
    rows = [
        (
            Cell(line.line, to=f"/trail/{line.line}"),
            Cell(time_shown(line.entry.at, zone), whole=True),
            Cell(named(line.entry.actor), whole=True),
            Cell(words.coded(ACTIONS, line.entry.action), whole=True),
            Cell(lists.get(line.entry.subject) or named(line.entry.subject), _why(line), _address(line.entry.subject)),
        )
        for line in lines
    ]
    heads = ("reg_line", "reg_at", "reg_by", "reg_done", "reg_about")
    choices = sorted({text: code for code, text in reversed(ACTIONS.items())}.items(), key=lambda one: one[0][zh])
    by_word = [(code, text[zh]) for text, code in choices]
    filters = [(name, label, typed[name], by_word if name == "action" else ()) for name, label in FILTERS.items()]
    asked = {name: value for name, value in typed.items() if value}
    older = f"/trail?{urlencode(asked | {'before': lines[-1].line})}" if len(lines) == LINES else ""
    return shown(request, "reg_trail", [Table("reg_trail", heads, rows)], filters=filters, older=older)


def _why(line: trail.Line) -> str:
    """The reason that was told, if one was."""
    details = line.as_json()["details"]
    return str(details.get("reason") or "") if isinstance(details, Mapping) else ""


def _address(subject: str) -> str:
    """Where a line's subject has a page."""
    if CLIP.fullmatch(subject):
        return f"/clips/{subject}"
    request = REQUEST.match(subject)
    return f"/requests/{request[0]}" if request is not None else ""


@PAGES.get("/trail/{line}")
def trail_proof(request: Request, line: Annotated[int, Path(ge=0, le=LINE_MAX)]) -> Response:
    """One line with the proof that it stands in the trail."""
    station, words = request.app.state.station, Words.of(request)
    demand(station, caller_of(request), Right.TRAIL_READ)
    proof: dict[str, Any] = prove_line(station, line)
    inclusion, growth, kept = proof["inclusion"], proof["consistency"], proof["checkpoint"]
    is_proved = inclusion_is_valid(
        bytes.fromhex(proof["leaf_hash"]),
        inclusion["index"],
        inclusion["size"],
        [bytes.fromhex(one) for one in inclusion["path"]],
        bytes.fromhex(inclusion["root"]),
    ) and consistency_is_valid(
        growth["first"],
        growth["second"],
        bytes.fromhex(inclusion["root"]),
        bytes.fromhex(growth["root"]),
        [bytes.fromhex(one) for one in growth["path"]],
    )
    facts = [
        ("reg_body", proof["body"]),
        ("reg_proof_leaf", proof["leaf_hash"]),
        ("reg_proof_size", inclusion["size"]),
        ("reg_proof_root", inclusion["root"]),
        ("reg_proof_steps", len(inclusion["path"]) + len(growth["path"])),
        ("reg_checkpoint", words("reg_no_checkpoint") if kept is None else kept["key"]),
    ]
    parts = [Facts(words("reg_proof", line=line), facts)]
    more: dict[str, Any] = {"heading": words("reg_proof", line=line), "back": "/trail"}
    return shown(request, "reg_trail", parts, "trail_line.html", is_proved=is_proved, **more)
