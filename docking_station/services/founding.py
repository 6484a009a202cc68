"""How a bureau begins (初始登记): one list of its people, with unit, title and account, entered by whoever sets it up.

Shapes: a row a person; heads in Chinese or English, XLSX or CSV. A unit that is not there yet is entered. Officers and
heads of units have their title over their unit, all others over the bureau.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from catalog.people import accounts, people, roles, units
from catalog.people.errors import NeedsAnother, NoSuchUnit
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.imports.cells import shown
from catalog.rules.imports.heads import Cells
from docking_station.services.errors import SeatsBad
from docking_station.services.people import set_secret
from docking_station.services.rights import bind, is_founding, switches
from docking_station.services.sheets import read_sheets
from docking_station.services.staff import role_of
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station

HEADS: Mapping[str, tuple[str, ...]] = {
    "no": ("人员编号", "编号", "no"),
    "name": ("姓名", "name"),
    "unit": ("科室", "unit"),
    "title": ("岗位", "title"),
    "account": ("账户", "account"),
    "card": ("执法证号", "card"),
    "recorder_no": ("记录仪警号", "记录仪警号(工号)", "recorder_no"),
}
NEEDED = ("no", "name", "title")
OF_A_UNIT = ("officer", "unit-head", "办案机构负责人")
"""A role, and titles, that hold over the person's own unit alone."""
SEATS_MAX = 200


@dataclass(frozen=True, slots=True)
class Founded:
    """Who was entered, and whether two of them can go on from here: one who proposes, one who confirms."""

    people: tuple[str, ...]
    units: tuple[str, ...]
    is_ready: bool


def found(station: Station, caller: Caller, path: Path, progress: Progress = silent) -> Founded:
    """Enter everybody on the list whom nobody entered yet, with units, titles and accounts; raises as `found_seats`."""
    return found_seats(station, caller, read_seats(path), {}, progress)


def found_seats(
    station: Station,
    caller: Caller,
    rows: Sequence[Mapping[str, str]],
    secrets: Mapping[str, str],
    progress: Progress = silent,
) -> Founded:
    """Enter everybody of these whom nobody entered yet; `secrets` are those of accounts, for the first two people.

    Raises `SeatsBad`, `NoSuchTitle`, `SecretNotSet`, `NeedsAnother` where the bureau has its two people already, and as
    the acts.
    """
    if not is_founding(station):
        raise NeedsAnother(why="there is somebody who confirms", why_zh="已有可确认的人员")
    wanted = {row["title"]: role_of(station, row["title"]) for row in rows}
    there = {one.no for one in people.every(station.database)}
    rows = [row for row in rows if row["no"] not in there]
    founder, made_units = _Founder(station, bind(station, caller), switches(station).small), list[str]()

    def each(*steps: Callable[[Mapping[str, str]], None]) -> None:
        with station.changing("acts", wait=True):
            station.act_writer.catch_up()
            for step, row in product(steps, rows):
                step(row)
                counter(1)

    # What was asked for before there are two may be granted by the first word: so all is asked for first.
    with progress("people_entered", 3 * len(rows), in_bytes=False) as counter:
        each(
            lambda row: founder.enter(row, _unit(founder, row["unit"], made_units), wanted[row["title"]]),
            founder.bind,
        )
        for account, secret in secrets.items():
            set_secret(station, caller, account, secret, [])
        each(founder.grant)
    return Founded(tuple(row["no"] for row in rows), tuple(made_units), not is_founding(station))


@dataclass(frozen=True, slots=True)
class _Founder:
    """Who enters the first people, alone."""

    station: Station
    known: Caller
    small: bool

    def enter(self, row: Mapping[str, str], unit: str, role: str) -> None:
        """Enter a person and propose the title."""
        no, title, made = row["no"], row["title"], self.made()
        said: dict[str, Any] = {name: row[name] or None for name in ("card", "recorder_no")}
        self.carry_out(people.adding(no, name=row["name"], unit=unit, **said, **made))
        over = unit if role in OF_A_UNIT or title in OF_A_UNIT else units.ROOT
        self.carry_out(roles.proposing(no, title=title, role=role, unit=over, since=None, until=None, **made))

    def bind(self, row: Mapping[str, str]) -> None:
        """Bind the account, if the list has one."""
        if row["account"]:
            two: dict[str, Any] = {"by": self.known, "second": None, "small": self.small}
            self.carry_out(accounts.binding(row["no"], row["account"], at=self.station.now(), **two))

    def grant(self, row: Mapping[str, str]) -> None:
        """Grant the title."""
        for one in roles.of_people(self.station.database, [row["no"]]):
            first: dict[str, Any] = {"how": self.known.how, "first": True, "small": self.small}
            self.carry_out(roles.granting(row["no"], one.id, **first, **self.made()))

    def made(self) -> dict[str, Any]:
        """When and by whom."""
        return {"at": self.station.now(), "actor": self.known.actor}

    def carry_out(self, act: Act) -> None:
        """Sign it and carry it out."""
        self.station.act_writer.carry_out(act)


def read_seats(path: Path) -> list[dict[str, str]]:
    """The rows of the list; raises `SeatsBad`, `ImportUnreadable`."""
    sheet = read_sheets(path, heads=lambda rows: max((len(_columns(row)) for row in rows), default=0))[0]
    for number, row in enumerate(sheet.rows):
        columns = _columns(row)
        if not set(NEEDED) - columns.keys():
            found_rows = [_row(columns, cells) for cells in sheet.rows[number + 1 :]]
            rows = [one for one in found_rows if any(one.values())]
            _demand_whole(path, rows)
            return rows
    raise SeatsBad(path=path, what="it has no heads", what_zh="没有找到表头")


def _demand_whole(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    for row in rows:
        if missing := [HEADS[name][0] for name in NEEDED if not row[name]]:
            what = f"{row['name'] or row['no']} lacks {missing[0]}"
            raise SeatsBad(path=path, what=what, what_zh=f"{row['name'] or row['no']} 缺少{missing[0]}")
    numbers = [row["no"] for row in rows]
    if twice := next((no for no in numbers if numbers.count(no) > 1), None):
        raise SeatsBad(path=path, what=f"{twice} stands twice", what_zh=f"{twice} 重复")
    if not 0 < len(rows) <= SEATS_MAX:
        raise SeatsBad(path=path, what=f"it has {len(rows)} people", what_zh=f"共 {len(rows)} 人")


def _columns(row: Cells) -> dict[str, int]:
    named = {head: name for name, heads in HEADS.items() for head in heads}
    return {named[text]: column for column, cell in enumerate(row) if (text := shown(cell)) in named}


def _row(columns: Mapping[str, int], cells: Cells) -> dict[str, str]:
    return {name: shown(cells[columns[name]]) if columns.get(name, len(cells)) < len(cells) else "" for name in HEADS}


def _unit(founder: _Founder, name: str, made: list[str]) -> str:
    if not name:
        return units.ROOT
    try:
        return units.code_of(founder.station.database, name)
    except NoSuchUnit:
        founder.carry_out(units.adding(name, name=name, **founder.made()))
        made.append(name)
        return name
