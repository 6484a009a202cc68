"""The sheet of rights over HTTP: for each person and clip what the program that asks for them is told.

The world is made by acts: a person for each role and way to stand to a clip, a clip of each class. What is asked
follows from the sheet, not from our tables. A sample each time, all of it with the slow tests.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from catalog.cases import cases, links, parts
from catalog.clips import classes
from catalog.people import accounts, people, roles, units
from catalog.requests import requests
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, Caller
from catalog.rules.case_numbers import opened_by
from docking_station.station.station import Station
from tests.conftest import SHARED
from tests.review.api.conftest import FILM, ROOT, by_token
from tests.scenario.dock import Dock

SHEET = SHARED / "design/access/matrix.csv"
pytestmark = pytest.mark.skipif(not SHEET.exists(), reason="no ../shared here: the sheet of rights is not compared")
ROLES = ("officer", "custodian", "reviewer", "supervisor", "auditor", "administrator", "security")
CLASSES = ("none", "privacy", "business", "work", "informant", "state")
SOME = ("none", "privacy", "work", "state")
FEW = (
    *(("officer", relation) for relation in ("own", "assigned", "none")),
    *((role, "unit") for role in ("custodian", "supervisor", "auditor", "administrator")),
)
EVERY = tuple((role, relation) for role in ROLES for relation in ("own", "unit", "granted", "none"))
EVERY += (("officer", "assigned"), ("reviewer", "assigned"))  # a case names nobody else
ACTIONS = ("row", "history", "poster", "position", "stream", "trail", "link", "hold", "classify")
OF_GRANTS = ("row", "history", "poster", "position", "stream")
"""What an approved request to look opens."""
SHOWS = ("history", "poster", "position", "stream", "trail")
NOWHERE = "c" + "a" * 20
FAR, NEAR = "FAR", "NEAR"
"""Where everybody's role is, and where who recorded something works."""
HOUSE = SHARED / "design/access/sheet-house.txt"
OF_HOUSE = {"chores": "/chores", "trail.read": "/trail"}
"""What is read of the house by rights over all units, and where."""
READ = {
    *((role, "unit") for role in ("officer", "custodian", "reviewer", "supervisor", "auditor")),
    *(("officer", "assigned"), ("reviewer", "assigned")),
}
"""Who reads a case of the bureau itself: [case.read] of that sheet."""
Cells = Mapping[tuple[str, str, str, str], tuple[str, str]]


@cache
def sheet() -> Cells:
    """Outcome and code of each cell."""
    with SHEET.open() as file:
        names = ("role", "relation", "classification", "action")
        return {tuple(row[one] for one in names): (row["outcome"], row["code"]) for row in csv.DictReader(file)}  # type: ignore[misc]


@dataclass(frozen=True)
class World:
    """A station, who asks for each role and relation, and the clip of each class that role is asked about."""

    station: Station
    asks: Mapping[tuple[str, str], TestClient]
    clips: Mapping[tuple[str, str], str]

    def clip(self, role: str, relation: str, level: str) -> str:
        """The clip of a class: one's own, or the officer's."""
        return self.clips[role if relation == "own" else "officer", level]


def film(number: int) -> bytes:
    """The same film with another ending: a box that says nothing."""
    return FILM + (12).to_bytes(4, "big") + b"free" + number.to_bytes(4, "big")


def made(station: Station, people_of: tuple[tuple[str, str], ...]) -> World:
    """Let all of it come to be, by acts."""
    now = station.now()
    by: dict[str, Any] = {"at": now, "actor": "root"}
    do = station.act_writer.carry_out
    found = station.database.query("SELECT id, officer, starts_at FROM clip ORDER BY officer, starts_at", {})
    owners = sorted({row["officer"] for row in found})
    clips = {
        (ROLES[owners.index(owner)], level): row["id"]
        for owner in owners
        for level, row in zip(CLASSES, (one for one in found if one["officer"] == owner), strict=True)
    }
    for unit in (FAR, NEAR):
        do(units.adding(unit, name=unit, **by))
    case = opened_by(do(cases.opening([cases.number("A 1")], {"title": "x", "officers": ["named"]}, **by)))
    do(cases.opening([cases.number("A 2")], {"title": "y", "unit": FAR}, **by))
    for (_, level), clip in clips.items():
        do(links.linking(clip, case, {}, reason=None, **by))
        if level != "none":
            do(classes.classifying(clip, level, reason="x", **by))
    root, asks = Caller("root", "root", None), dict[tuple[str, str], TestClient]()
    for number, (role, relation) in enumerate(people_of):
        no, owner = f"{number:04}", owners[ROLES.index(role)] if relation == "own" else None
        unit = units.ROOT if relation == "unit" else FAR
        card = "named" if (role, relation) == ("officer", "assigned") else f"card{no}"
        do(people.adding(no, name=f"Name {no}", unit=NEAR, card=card, recorder_no=owner, **by))
        do(roles.proposing(no, title=role, role=role, unit=unit, since=now, until=None, **by))
        do(accounts.binding(no, f"account{no}", at=now, by=root, second=None, small=True))
        if (role, relation) == ("reviewer", "assigned"):
            do(parts.naming(case, no, until=now + timedelta(days=9), reason="x", **by))
    for one in roles.of_people(station.database):
        do(roles.granting(one.person, one.id, how=None, first=True, small=True, **by))
    for number, who in enumerate(people_of):
        no = f"{number:04}"
        if who[1] == "granted":
            _granted(do, station, no, tuple(clips["officer", level] for level in CLASSES[:-1]))
        asks[who] = by_token(station, Caller(f"account{no}", f"account{no}", LOGIN, no=no))
    return World(station, asks, clips)


def _granted(do: Callable[[Act], Act], station: Station, no: str, clips: tuple[str, ...]) -> None:
    """Let a look be asked for and granted."""
    who, other = Caller(f"account{no}", "x", LOGIN, no=no), Caller("other", "other", LOGIN)
    request, at = f"R2026-{int(no) + 1:04}", station.now()
    about = dict.fromkeys(("description", "use", "paper", "organ", "letter", "case_id"))
    do(requests.asking(request, "look", clips, reason="x", days=9, at=at, by=who, **about))
    do(requests.granting(request, clips, at + timedelta(days=9), 0, reason=None, at=station.now(), by=other))


def told(client: TestClient, clip: str, action: str, level: str, reason: str | None = None) -> tuple[int, str, bytes]:
    """What a program is told: status, code, and all of it, without the clip's number."""
    address = f"{ROOT}/clips/{clip}"
    if action == "row":
        return _row(client, clip)
    calls: dict[str, Callable[[], Any]] = {
        "history": lambda: client.get(address),
        "poster": lambda: client.get(f"{address}/poster"),
        "position": lambda: client.get(f"{address}/manifest"),
        "trail": lambda: client.get(f"{address}/trail?limit=200"),
        "stream": lambda: client.post(f"{address}/looks", json={} if reason is None else {"reason": reason}),
        "link": lambda: client.post(f"{address}/links", json={"case": "A 2"}),
        "hold": lambda: client.post(f"{address}/holds", json={"reason": "x"}),
        "classify": lambda: _classify(client, address, level),
    }
    answer = calls[action]()
    code = "" if answer.is_success else answer.json()["code"]
    if action == "trail" and answer.is_success and not any(one["look"] for one in answer.json()["items"]):
        code = "no looks"
    return int(answer.status_code), code, answer.content.replace(clip.encode(), b"CLIP")


def _row(client: TestClient, clip: str) -> tuple[int, str, bytes]:
    listed = client.get(f"{ROOT}/clips?limit=200")
    ids = [one["id"] for one in listed.json()["items"]] if listed.is_success else []
    return (200, "", b"") if clip in ids else (404, "catalog.no-such-clip", b"")


def _classify(client: TestClient, address: str, level: str) -> Any:
    """Give the class it has: whoever may is told that it has it."""
    return client.patch(address, json={"class": level, "reason": "x"}, headers={"if-match": _version(client, address)})


def _version(client: TestClient, address: str) -> str:
    listed = client.get(f"{ROOT}/clips?limit=200").json()
    return next((f'"{one["version"]}"' for one in listed.get("items", ()) if address.endswith(one["id"])), '"0"')


def wanted(at: tuple[str, str, str, str]) -> set[tuple[int, str]]:
    """What the sheet lets a program be told: what is not in a list is not there, for what is refused besides too."""
    role, relation, level, action = at
    outcome, code = sheet()[at]
    if "access.not-visible" in (code, sheet()[role, relation, level, "row"][1]) or (action, outcome) == (
        "row",
        "refuse",
    ):
        return {(404, "catalog.no-such-clip")}
    if level == "state" and action != "row" and (outcome != "allow" or action in SHOWS):
        return {(403, "catalog.state-secret"), (403, "station.not-allowed")}  # nothing is shown of it, whoever asks
    if action == "trail":
        return {(200, "")} if outcome == "allow" else {(200, "no looks"), (403, "station.not-allowed")}
    if outcome == "request":
        return {(403, "station.request-needed" if action in ("link", "stream") else "station.not-allowed")}
    if outcome == "refuse":
        return {(403, "station.not-allowed")}
    if code == "access.reason-needed":
        return {(403, "station.reason-needed" if action == "stream" else "station.not-allowed")}
    return {
        "poster": {(200, ""), (404, "station.nothing-to-view")},
        "classify": {(409, "catalog.class-set")},
    }.get(action, {(201 if action in ("stream", "link", "hold") else 200, "")})


def wrong(world: World, who: tuple[str, str], levels: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """Every cell of a person that is answered otherwise."""
    client, cells = world.asks[who], sheet()
    for action in OF_GRANTS if who[1] == "granted" else ACTIONS:
        for level in levels:
            if (action, level) != ("classify", "none"):
                at = (*who, level, action)
                yield from ((*at, what) for what in _wrong(world, client, world.clip(*who, level), at, cells[at]))
    for level in levels:
        if cells[*who, level, "stream"][1] == "access.reason-needed":
            status, said, _ = told(client, world.clip(*who, level), "stream", level, reason="x")
            if status != 201:
                yield (*who, level, "stream with a reason", status, said)


def _wrong(
    world: World, client: TestClient, clip: str, at: tuple[str, str, str, str], cell: tuple[str, str]
) -> Iterator[str]:
    _, _, level, action = at
    size = _lines(world)
    status, said, body = told(client, clip, action, level)
    if (status, said) not in wanted(at):
        yield f"{cell[1]}: {status} {said}"
    if cell[1] == "access.not-visible" and action != "row" and body != told(client, NOWHERE, action, level)[2]:
        yield "404 tells"
    if status == 403 and b"MP4" in body:
        yield "a refusal shows"
    if action in ("history", "position", "stream") and status < 400 and _lines(world) == size:
        yield "no line"


def demand_right(world: World, people_of: tuple[tuple[str, str], ...], levels: tuple[str, ...]) -> None:
    """Nobody is told anything else than the sheet says."""
    found = [" ".join(map(str, one)) for who in people_of for one in wrong(world, who, levels)]
    assert not found, "\n".join(found)


def demand_house(world: World) -> None:
    """What is no clip is told to whom the other sheet names, over all units."""
    lines = HOUSE.read_text().splitlines()
    for right, address in OF_HOUSE.items():
        (line,) = (one for one in lines if one.startswith("[") and f"[{right}]" in one)
        for who, client in world.asks.items():
            is_named = re.search(rf"\b{who[0]}\b", line) is not None and (who[1] == "unit" or who[0] == "administrator")
            answer = client.get(ROOT + address)
            assert answer.is_success == is_named, (right, who, answer.status_code)
            assert is_named or answer.json()["code"] == "station.not-allowed"
    for (role, relation), client in world.asks.items():
        nos = {one["no"] for one in client.get(f"{ROOT}/cases").json()["items"]}
        assert ("A 1" in nos) == ((role, relation) in READ), (role, relation, nos)


def _lines(world: World) -> int:
    (row,) = world.station.database.query("SELECT MAX(line) AS line FROM trail", {})
    return int(row["line"])


def films(owners: int) -> dict[str, bytes]:
    """For each of so many owners a film of each class, one a minute."""
    return {
        f"EV0000{owner}_JY000{owner}_2026031109{number:02}20.MP4": film(owner * 10 + number)
        for owner in range(1, owners + 1)
        for number in range(len(CLASSES))
    }


def test_some_cells_of_the_sheet(filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path: Path) -> None:
    with filed_dock(tmp_path / "home", films(1)).opened() as station:
        world = made(station, FEW)
        demand_right(world, FEW, SOME)
        demand_house(world)


@pytest.mark.slow
def test_every_cell_of_the_sheet(filed_dock: Callable[[Path, Mapping[str, bytes]], Dock], tmp_path: Path) -> None:
    with filed_dock(tmp_path / "home", films(len(ROLES))).opened() as station:
        world = made(station, EVERY)
        demand_right(world, EVERY, CLASSES)
        demand_house(world)
