"""Every change that rights on the catalog's database, or on the vault's folder, allow: one at a time, out of metadata.

Shapes: a change of the catalog is SQL as SQLite takes it; one of the vault is done to a file. Tables, columns and
folders are found, not listed: what comes later is changed too.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from catalog.acts import comparison, policy
from catalog.cases import cases, links, notes, papers, scans
from catalog.clips import chores, classes, search_index, second_opinions
from catalog.evidence import ClockOffset
from catalog.keeping import disposals, fixity, holds, storage_refusals
from catalog.people import answered, sessions, tokens, used_codes
from catalog.recorders import assignments, dockings, recorders
from catalog.rules.acts import Act
from catalog.rules.case_numbers import opened_by
from catalog.rules.gaps import Gap
from catalog.rules.imports.known import Person
from catalog.rules.policy_text import EXAMPLE
from catalog.trail import refused_looks
from docking_station.services.checkpoints import write_checkpoint
from docking_station.services.import_apply import apply_import, may_apply
from docking_station.services.import_house import House
from docking_station.services.imports import Applied, Imported, read_import
from docking_station.services.rotate_key import rotate_key
from docking_station.station.station import Station
from tests.fakes import old_acts, people
from tests.fakes.asked import every_step
from tests.fakes.callers import ME
from tests.fakes.disclosed import every_change, excepted
from tests.fakes.released import released
from tests.fakes.reviewed import REVIEW, as_it_stands, every_round
from tests.scenario.dock import Dock
from tests.scenario.keeping import scanned, somebody
from tests.scenario.truth import START, make_small_card

GARBAGE = "CAST(x'7bff22' AS TEXT)"
"""No text, no time, no JSON and no number."""


# ---------------------------------------------------------------------- a station that has something of everything


def make_rich(dock: Dock, card: Path) -> None:
    """Every table gets a row, and every column a value somewhere."""
    make_small_card(card, "EV00001")
    with dock.opened() as station:
        for act in _before(station):
            _carry_out(station, act)
        _import(station, card.parent)
    dock.ingest(card, "--recorder", "EV00001", "--officer", "JY0001", "--unit", "two")
    with dock.opened() as station:
        clips = [str(row["id"]) for row in station.database.query("SELECT id FROM clip ORDER BY path", {})]
        for act in _after(station, clips):
            _carry_out(station, act)
        people.everything(station.database, partial(_carry_out, station), station.now(), keeper=ME.person)
        people.in_a_case(station.database, partial(_carry_out, station), station.now)
        _unsigned(station, clips)
        assert write_checkpoint(station) is not None
        rotate_key(station, ME)
    with dock.opened() as station:
        _carry_out(station, old_acts.unlinking(clips[2], reason="wrong", at=station.now(), actor="custodian"))
        assert write_checkpoint(station) is not None


def _carry_out(station: Station, act: Act) -> None:
    with station.changing("acts", wait=True):
        station.act_writer.carry_out(act)


def _before(station: Station) -> Iterator[Act]:
    made: dict[str, Any] = {"at": station.now(), "actor": "custodian"}
    window: dict[str, Any] = {"begins_at": START - timedelta(hours=1), "ends_at": START + timedelta(hours=2)}
    yield cases.adding("C1", title="x", subject="y", officers=("JY0001",), **window, **made)
    yield cases.adding("C2", title="x", subject=None, officers=(), begins_at=None, ends_at=None, **made)
    told: dict[str, Any] = {"usb_serial": "U1", "label": "L1", "model": "folder", "unit": "two", "note": "n"}
    fixed: dict[str, Any] = {"room": "302"}
    yield recorders.adding("EV00001", **told, **made)
    yield recorders.adding("EV00002", **fixed, **made)
    yield assignments.issuing("EV00001", "JY0001", unit="two", since=START - timedelta(days=2), **made)
    loan: dict[str, Any] = {"unit": "two", "since": START - timedelta(days=1), "until": START + timedelta(days=9)}
    yield assignments.lending("EV00001", "JY0001", **loan, **made)
    yield policy.adopting(EXAMPLE + REVIEW, **made)


def _import(station: Station, folder: Path) -> None:
    """A roster, twice: the second says otherwise."""
    path = folder / "roster.csv"
    for note in ("调休上班", "改为值守"):
        path.write_text(f"日期,带班领导,执勤人员,备注\n2026-03-05,王某,李某、赵某,{note}\n")

        def read(house: House) -> Imported:
            house.people += [Person(f"N{number}", name) for number, name in enumerate(("王某", "李某", "赵某"))]
            return read_import(house, "roster", path)

        assert apply_import(station, may_apply(station, ME, "roster"), read).applied != Applied()


def _after(station: Station, clips: list[str]) -> Iterator[Act]:
    made: dict[str, Any] = {"at": station.now(), "actor": "custodian"}
    for case, clip in (("C1", clips[0]), ("C2", clips[0]), ("C1", clips[1]), ("C1", clips[2])):
        yield old_acts.linking(clip, case, reason="r", **made)
    yield from _of_cases(station, clips)
    yield assignments.returning("EV00001", since=None, **made)
    yield recorders.changing("EV00001", {"note": "other"}, **made)
    yield recorders.retiring("EV00002", reason="broken", **made)
    clock = ClockOffset(1.5, "footage", 0.5)
    gaps = (Gap("sequence", "DCIM", "1", "3", 1),)
    record = dockings.DockingRecord(
        "d1", "EV00001", "1", START, START, "folder", "usb", 3, 4, 2, 1, clock, START, "free", gaps, 1, (("held", 1),)
    )
    yield dockings.docked(record, **made)
    yield disposals.asking(clips[3], reason="old", at=made["at"], by=ME)
    yield holds.setting(clips[0], reason="a complaint", at=made["at"], by=ME)
    yield holds.asking_end(clips[0], reason="settled", at=made["at"], by=somebody("one"))
    yield holds.ending(clips[0], at=made["at"], by=somebody("two"))
    yield from every_step(clips[0], made["at"], somebody("one"), somebody("two"))
    yield from released(station, clips[2], somebody("one"), somebody("two"))


def _of_cases(station: Station, clips: list[str]) -> Iterator[Act]:
    """A case with everything that is said of one, a clip in two cases, written records, classes.

    Each at a time of its own: an act that was moved on by the one before would have another id.
    """

    def made() -> dict[str, Any]:
        return {"at": station.now(), "actor": "custodian"}

    said: dict[str, Any] = dict.fromkeys(("title", "subject", "kind", "matter", "unit", "place", "state"), "open")
    days = dict.fromkeys(("inspected", "opened", "decided", "closed"), "2026-03-05")
    groups = {"officers": ["JY0001"], "procedures": ["p"], "facts": ["f"], "parties": [{"name": "y"}]}
    window = {"begins_at": START, "ends_at": START + timedelta(hours=1), "reported": {"cause": "z"}}
    opened = cases.opening([cases.number("7")], said | days | groups | window, **made())
    other, third = (cases.opening([cases.number(no)], {"title": "x"}, **made()) for no in ("8", "9"))
    yield from (opened, other, third)
    case = opened_by(opened)
    yield cases.changing(case, {"place": "there"}, numbers=[cases.number("70", "other")], reason="r", **made())
    yield cases.closing(opened_by(third), "2026-03-06", reason=None, **made())
    yield cases.merging(opened_by(other), case, reason="entered twice", **made())
    about = {"from_ms": 5, "to_ms": 900, "step": "s", "proves": ("p",), "place": "here", "class": "privacy"}
    added = links.linking(clips[0], case, about, reason="r", **made())
    yield added
    yield links.unlinking(clips[0], case, [opened_by(added)], reason="wrong part", **made())
    yield links.linking(clips[0], case, about, reason="again", **made())
    yield classes.classifying(clips[0], "work", reason="r", **made())
    yield classes.asking(clips[0], "work", reason="r", at=station.now(), by=ME)
    yield classes.classifying(clips[1], "state", reason="r", **made())
    two = (somebody("first"), somebody("second"))
    yield classes.handing_over(clips[1], receipt="7", medium="m", to="t", at=station.now(), two=two)
    texts = dict.fromkeys(("code", "number", "step", "place", "party", "volume", "note", "scan"), "x")
    spans = {"begins_at": START, "ends_at": START, "day": "2026-03-05", "officers": ["JY0001"]}
    paper = papers.adding(case, texts | spans | {"served": {"how": "x"}, "position": 1, "pages": 2}, **made())
    yield paper
    yield scanned(station, opened_by(paper), case)
    yield papers.changing(opened_by(paper), {"pages": 3}, reason="counted again", **made())
    yield notes.noting(case, "flat battery", paper=opened_by(paper), verdict="missing", **made())
    yield from every_change(case, station.now, two)
    yield excepted(opened_by(third), station.now, two)
    yield cases.changing(case, {"penalty": "罚款", "fine": 500}, reason=None, **made())
    who = (somebody("one"), somebody("two"))

    def sent() -> Mapping[str, Any]:
        return as_it_stands(station.database, case, station.now())

    yield from every_round(case, clips[0], opened_by(paper), station.now, *who, sent)


def _unsigned(station: Station, clips: list[str]) -> None:
    """Rows that no act makes."""
    now, base = station.now(), station.database
    (row,) = base.query("SELECT sha256 FROM clip WHERE id = :id", {"id": clips[0]})
    with base.transaction() as session:
        fixity.note(session, row["sha256"], now, "bytes differ")
        storage_refusals.refuse(session, row["sha256"], "hold", now, "no")
    refused_looks.note(base, "one", clips[0], "stream", "access.role-lacks", now)
    second_opinions.note(base, clips[0], now, "tool", {"disagreements": []})
    chores.CatalogChores(base).submit(chores.Chore("view", clips[0]), now)
    search_index.bring(base, {})
    with base.transaction() as session:
        sessions.begin(session, "0" * 64, "one", now)
        sessions.end(session, "one", now)
        tokens.add(session, tokens.Token("0" * 12, "0" * 64, "x", "one", "x", ("clips:read",), (), now, now))
        answered.note(session, "one", "key", "0" * 64, now, {"made": "x"})
        used_codes.take(session, "one", 1)
    (scan,) = (row["id"] for row in base.query("SELECT id FROM paper_scan", {}))
    scans.keep_text(base, scan, 1, "text")  # and is due to be indexed


# ---------------------------------------------------------------------- changes of the catalog


@dataclass(frozen=True)
class RowChange:
    """One statement, and what it changes: an empty column is a row that goes, `new` one that comes."""

    table: str
    column: str
    how: str
    sql: str


def row_changes(base: Path) -> Iterator[RowChange]:
    """Each column of each table to another value of its kind, to nothing and to garbage; each kind of row away."""
    with closing(sqlite3.connect(base)) as database:
        for name, table in comparison.tables().items():
            count = database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
            assert count, f"no row of {name} to be changed: let the station have one"
            first = f"rowid = (SELECT MIN(rowid) FROM {name})"
            yield RowChange(name, "", "deleted", f"DELETE FROM {name} WHERE {first}")
            for column in table.columns:
                yield from _of_column(database, name, column.name)


def _of_column(database: sqlite3.Connection, table: str, column: str) -> Iterator[RowChange]:
    sql = f"SELECT rowid, {column} FROM {table} ORDER BY {column} IS NULL, rowid DESC LIMIT 1"
    rowid, value = database.execute(sql).fetchone()
    nothing = (("nothing", "NULL"),) if value is not None else ()
    for how, new in (("other", _other(value)), ("garbage", GARBAGE), *nothing):
        yield RowChange(table, column, how, f"UPDATE {table} SET {column} = {new} WHERE rowid = {rowid}")


def _other(value: Any) -> str:
    """Another value of the same kind, as SQL."""
    if isinstance(value, bytes):
        return f"x'{value.hex()}20'"
    if isinstance(value, int | float):
        return repr(1 - value if value in (0, 1) else value + 1)
    text = "x" if value is None else str(value)
    if text[:2].isdecimal() and text[10:11] == " ":
        return f"'2031{text[4:]}'"
    return "'" + _other_text(text).replace("'", "''") + "'"


def _other_text(text: str) -> str:
    """JSON stays JSON."""
    try:
        told = json.loads(text)
    except ValueError:
        return f"{text}x"
    return json.dumps([*told, "x"] if isinstance(told, list) else {**told, "x": 1} if isinstance(told, dict) else text)


def carry_out(base: Path, change: RowChange) -> bool:
    """Change the catalog as root may, triggers or not; False where the database itself cannot keep it."""
    with closing(sqlite3.connect(base)) as database:
        for kind, name in database.execute("SELECT type, name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP {kind} {name}")
        database.execute("PRAGMA ignore_check_constraints = ON")
        try:
            database.execute(change.sql)
        except sqlite3.IntegrityError:
            return False
        database.commit()
    return True


# ---------------------------------------------------------------------- changes of the vault


def _flip(place: Path, _: Path) -> None:
    body = bytearray(place.read_bytes() or b"x")  # of an empty file there is nothing to flip
    body[len(body) // 2] ^= 1
    _write(place, bytes(body))


def _write(place: Path, body: bytes) -> None:
    place.chmod(0o600)
    place.write_bytes(body)
    place.chmod(0o444)


def _symlink(place: Path, lock: Path) -> None:
    """The same bytes, but out of the vault."""
    vault = next(folder for folder in place.parents if folder.name == "objects").parent
    elsewhere = vault.with_name("away") / lock.relative_to(vault).as_posix().replace("/", "-")
    elsewhere.parent.mkdir(exist_ok=True)
    place.rename(elsewhere)
    place.symlink_to(elsewhere)


def _other_lock(place: Path, lock: Path, **new: object) -> None:
    _write(lock, json.dumps(json.loads(lock.read_bytes()) | new, sort_keys=True).encode() + b"\n")


def _removed_with_lock(place: Path, lock: Path) -> None:
    place.unlink()
    lock.unlink()


HARMS: Mapping[str, Callable[[Path, Path], object]] = {
    "flipped": _flip,
    "cut": lambda place, _: _write(place, place.read_bytes()[:-1]),
    "empty": lambda place, _: _write(place, b""),
    "removed": lambda place, _: place.unlink(),
    "removed with its lock": _removed_with_lock,
    "writable": lambda place, _: place.chmod(0o644),
    "linked": lambda place, _: os.link(place, place.with_name(f"{place.name}.x")),
    "elsewhere": _symlink,
    "lock removed": lambda _, lock: lock.unlink(),
    "lock garbage": lambda _, lock: _write(lock, b"{]"),
    "lock empty": lambda _, lock: _write(lock, b""),
    "lock of year 2000": lambda place, lock: _other_lock(place, lock, retain_until="2000-01-01T00:00:00+00:00"),
    "lock shorter": lambda place, lock: _other_lock(place, lock, retain_until=_shorter(lock)),
    "lock of another": lambda place, lock: _other_lock(place, lock, key="originals/x"),
    "lock of other bytes": lambda place, lock: _other_lock(place, lock, sha256="0" * 64),
}


def _shorter(lock: Path) -> str:
    from datetime import datetime

    until = datetime.fromisoformat(json.loads(lock.read_bytes())["retain_until"])
    return (until - timedelta(days=30)).isoformat()


def files_of(vault: Path) -> Mapping[str, list[Path]]:
    """Every object by its kind: the folder it lies in."""
    found = dict[str, list[Path]]()
    top = vault / "objects"
    for path in sorted(path for path in top.rglob("*") if path.is_file()):
        kind = path.parent.relative_to(top).as_posix()
        found.setdefault(kind.partition("/")[0] if not kind.startswith("keys/") else kind, []).append(path)
    return found
