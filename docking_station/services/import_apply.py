"""Taking a list of another system into the catalog (导入入库): one signed act, the file sealed beside it.

Rows that are new or changed are taken; what is doubtful or refused waits for a person. What the catalog's own rules
refuse is told like any other row, and is not in the act. Done again, nothing is new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from catalog.imports import imports
from catalog.rules.acts import Act
from catalog.rules.callers import Caller
from catalog.rules.canonical import encodable
from catalog.rules.imports.problems import Problem
from catalog.rules.imports.taken import taken
from catalog.rules.retention import months_later
from docking_station.services.import_house import House, house_of
from docking_station.services.imports import Applied, Imported
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.sealing import import_key

TAKEN = ("new", "changed")


def apply_import(
    station: Station, caller: Caller, read: Callable[[House], Imported], progress: Progress = silent
) -> Imported:
    """Read a list against the catalog as it is, and take in what can be taken; nothing else changes it meanwhile.

    Raises what `read` raises, and the StationErrors of an act.
    """
    with station.changing("acts", wait=True):
        station.act_writer.catch_up()  # an import that was killed is finished first
        found = _without_refused(station, caller, read(house_of(station)), progress)
        act = _act(station, caller, found)
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


def _act(station: Station, caller: Caller, found: Imported) -> Act | None:
    """The act that takes in what can be taken, None where nothing can."""
    body, name = found.sheet.body, str(encodable(found.path.name))
    file = imports.ListFile(name, hashlib.sha256(body).hexdigest(), len(body), found.reading.heads.map_name)
    rows = [taken(row, station.settings.zone) for row in found.reading.rows if row.verdict in TAKEN]
    return imports.applying(found.reading.of, file, rows, at=station.now(), actor=caller.actor) if rows else None


def _without_refused(station: Station, caller: Caller, found: Imported, progress: Progress) -> Imported:
    """The list with what the catalog's own rules refuse told: all rows are tried, and undone."""
    act = _act(station, caller, found)
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
