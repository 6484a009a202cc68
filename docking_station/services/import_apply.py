"""Taking a list of another system into the catalog (导入入库): one signed act, the file sealed beside it.

Rows that are new or changed are taken; what is doubtful or refused waits for a person. What the catalog's own rules
refuse is told like any other row, and is not in the act. Done again, nothing is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.imports import imports
from catalog.imports.imports import ListTaken, RowTaken
from catalog.people import accounts
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.canonical import encodable
from catalog.rules.house_rights import Right
from catalog.rules.imports.maps import Import
from catalog.rules.imports.problems import Problem
from catalog.rules.imports.taken import Taken, taken
from catalog.rules.retention import months_later
from docking_station.services import staff
from docking_station.services.errors import NoSuchImport
from docking_station.services.import_house import House, house_of
from docking_station.services.imports import Applied, Imported
from docking_station.services.people import Read
from docking_station.services.rights import switches
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.sealing import import_key

TAKEN = ("new", "changed")


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a list in, and for units and people who confirms it, as the act says it."""

    actor: str
    two: Mapping[str, Any] = field(default_factory=dict)


def demand_reader(station: Station, caller: Caller, of: Import) -> Caller:
    """Return the caller, bound, if they may be told what would become of a list: what the house has is in that.

    Raises `NotAllowed`.
    """
    people = (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM) if of in imports.TWO_PEOPLE else ()
    return staff.known(station, caller, Right.IMPORT, *people)


def lists_taken(station: Station, caller: Caller, of: Import, after: str, most: int) -> list[ListTaken]:
    """Lists of a kind that were taken in, the newest first, from behind one; raises `NotAllowed`."""
    demand_reader(station, caller, of)
    return imports.lists(station.database, of, after=after, most=most)


def rows_taken(
    station: Station, caller: Caller, of: Import, number: str, after: int, most: int
) -> tuple[ListTaken, list[RowTaken]]:
    """A list that was taken in, and what became of its rows behind one; raises `NoSuchImport`, `NotAllowed`."""
    demand_reader(station, caller, of)
    for one in imports.lists(station.database, of, number=number):
        return one, imports.rows_of(station.database, number, after=after, most=most)
    raise NoSuchImport(number=number)


def may_apply(station: Station, caller: Caller, of: Import, read: Read = lambda: None) -> By:
    """Return who takes a list of this kind in; raises `NotAllowed`, and for units and people as `both`.

    While a bureau has nobody who proposes and confirms, whoever sets it up may.
    """
    if of not in imports.TWO_PEOPLE:
        return By(staff.known(station, caller, Right.IMPORT).actor)
    first, second = staff.both(station, caller, read)
    said = accounts.seconded(second, small=switches(station).small)
    return By(first.actor, {"how": first.how, **said})


def apply_import(station: Station, by: By, read: Callable[[House], Imported], progress: Progress = silent) -> Imported:
    """Read a list against the catalog as it is, and take in what can be taken; nothing else changes it meanwhile.

    Raises what `read` raises, and the StationErrors of an act.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()  # an import that was killed is finished first
        house = house_of(station)
        found = _without_refused(station, house, by, read(house), progress)
        act = _act(station, house, by, found)
        if act is None:
            return replace(found, applied=Applied())
        sha256, until = act.details["file"]["sha256"], months_later(act.at, station.settings.lock_months)
        station.own_vault.put_document(import_key(sha256), found.sheet.body, until)
        rows = [row["row"] for row in act.details["rows"]]
        with progress("importing", len(rows), in_bytes=False) as counter:
            replace(station.act_writer, told=counter).carry_out(act)
        number, refused = imports.outcome(station.database, sha256)
        found = _refused(found, {row: Problem(code) for row, code in refused.items()})
        return replace(found, applied=Applied(number, frozenset(rows) - refused.keys()))


def _act(station: Station, house: House, by: By, found: Imported) -> Act | None:
    """The act that takes in what can be taken, None where nothing can."""
    body, name = found.sheet.body, str(encodable(found.path.name))
    of, now, zone = found.reading.of, station.now(), station.settings.zone
    sha256, apart = hashlib.sha256(body).hexdigest(), f"{now.astimezone(zone):%z}"
    file = imports.ListFile(name, sha256, len(body), found.reading.heads.map_name, apart, house.words.own_form)
    rows = [taken(row, zone) for row in found.reading.rows if row.verdict in TAKEN]
    if of == "units":
        rows = _from_above(rows)
    if of == "papers":
        ids = {called: case for case, called in house.called.items()}
        rows = [replace(row, values={**row.values, "case": ids.get(row.values["case"], "")}) for row in rows]
    return imports.applying(of, file, rows, at=now, actor=by.actor, two=by.two) if rows else None


def _from_above(rows: Sequence[Taken]) -> list[Taken]:
    """Units with those they stand below before them."""
    above = {row.values.get("code") or row.values["name"]: row.values.get("parent") for row in rows}

    def depth(row: Taken) -> int:
        seen, parent = list[object](), row.values.get("parent")
        while parent in above and parent not in seen:
            seen.append(parent)
            parent = above[parent]
        return len(seen)

    return sorted(rows, key=depth)


def _without_refused(station: Station, house: House, by: By, found: Imported, progress: Progress) -> Imported:
    """The list with what the catalog's own rules refuse told: all rows are tried, and undone."""
    act = _act(station, house, by, found)
    if act is None:
        return found
    with progress("import_checking", len(act.details["rows"]), in_bytes=False) as counter:
        refused = imports.rehearse(station.database, act, counter)
    said = {row: (error.message("en"), error.message("zh")) for row, error in refused.items()}
    return _refused(found, {row: Problem(error.code, "", said[row]) for row, error in refused.items()})


def _refused(found: Imported, problems: Mapping[int, Problem]) -> Imported:
    rows = tuple(
        replace(row, verdict="refused", problems=(*row.problems, problems[row.row])) if row.row in problems else row
        for row in found.reading.rows
    )
    return replace(found, reading=replace(found.reading, rows=rows))
