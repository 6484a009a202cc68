"""What a station remembers besides its files (本站备忘): clock, serials, checkpoints, and the trail it wrote.

It stands in the journal's file, apart from catalog and vault, and so is a witness against both. Shapes: one row a fact,
under a name; times are ISO text.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from catalog.database import reader_of
from catalog.evidence import Receipt, SinceStart
from catalog.own_catalog import REBUILT, WRITTEN, TrailLine
from catalog.recorders.dockings import DockingRecord
from catalog.rules.clock import ClockAsked, LastGood, Reading, moment
from ingest.dataclass_json import from_plain, to_plain
from ingest.errors import JournalFailed
from ingest.journal_file import JournalFile

C = TypeVar("C", LastGood, ClockAsked)


@dataclass(frozen=True, slots=True)
class OwedDocking:
    """The record of a docking that is over and not signed yet (待签接入记录), by whom.

    `undated` tells its beginning and its end where the clock was not believed then.
    """

    record: DockingRecord
    by: str
    undated: tuple[SinceStart, SinceStart] | None

    def dated(self, now: Reading) -> DockingRecord:
        """The record with its times, by a clock that is believed."""
        if self.undated is None:
            return self.record
        begins_at, ends_at = (moment(then, now)[0] for then in self.undated)
        return replace(self.record, begins_at=begins_at, ends_at=ends_at)


ACT = "act:"
"""Before the number of an act that is held."""
SERIAL = "serial:"
"""Before a serial on USB that was met on two devices at once."""
PUBLISHED = "published:"
"""Before the vault's key of a public key."""
CHECKPOINT = "checkpoint:"
"""Before the key of a checkpoint."""
DOCKING = "docking:"
"""Before the id of a docking whose record is owed."""
CLOCK, CLOCK_ASKED = "clock", "clock asked"


class JournalMemory(JournalFile):
    """Facts that hold for the whole station."""

    def newest_act(self) -> str | None:
        """The time of the newest act that was signed here, as noted."""
        rows = self._rows("SELECT at FROM newest WHERE what = ?", (ACT,))
        return str(rows[0][0]) if rows else None

    def note_newest_act(self, at: str) -> None:
        """Note the time of an act that is about to be signed."""
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (ACT, at))

    def note_published(self, key: str, at: str) -> None:
        """Note that a public key is put into the vault under this key; nothing that is signed says when it was."""
        self._write("INSERT OR IGNORE INTO newest VALUES (?, ?)", (f"{PUBLISHED}{key}", at))

    def published(self) -> Mapping[str, str]:
        """When each public key that was noted was put into the vault, by its key there."""
        return self._noted(PUBLISHED)

    def note_checkpoint(self, key: str, at: str) -> None:
        """Note that a checkpoint was locked in the vault under this key."""
        self._write("INSERT OR IGNORE INTO newest VALUES (?, ?)", (f"{CHECKPOINT}{key}", at))

    def checkpoints(self) -> tuple[str, ...]:
        """The keys of all checkpoints that were noted."""
        return tuple(self._noted(CHECKPOINT))

    def _noted(self, before: str) -> dict[str, str]:
        """What is noted under the names that begin so, by the rest of the name, in order."""
        rows = self._rows("SELECT what, at FROM newest WHERE what GLOB ? ORDER BY what", (f"{before}*",))
        return {str(what).removeprefix(before): str(noted) for what, noted in rows}

    # ------------------------------------------------------------------ the station's clock

    def last_good(self) -> LastGood | None:
        """The last reading of the clock that was believed, or None."""
        return self._kept(CLOCK, LastGood)

    def note_last_good(self, good: LastGood) -> None:
        """Note a reading of the clock that was believed."""
        self._keep(CLOCK, good)

    def clock_asked(self) -> ClockAsked | None:
        """What the first of two people said of the clock, or None."""
        return self._kept(CLOCK_ASKED, ClockAsked)

    def note_clock_asked(self, asked: ClockAsked | None) -> None:
        """Note what the first of two people said of the clock; None once the second has confirmed it."""
        self._keep(CLOCK_ASKED, asked)

    def _kept(self, what: str, wanted: type[C]) -> C | None:
        rows = self._rows("SELECT at FROM newest WHERE what = ?", (what,))
        plain = json.loads(rows[0][0]) if rows else None
        return None if plain is None else from_plain(wanted, plain)

    def _keep(self, what: str, value: LastGood | ClockAsked | OwedDocking | None) -> None:
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (what, json.dumps(to_plain(value))))

    # ------------------------------------------------------------------ records that are owed

    def owe_docking(self, owed: OwedDocking) -> None:
        """Keep the record of a docking until it is signed."""
        self._keep(f"{DOCKING}{owed.record.id}", owed)

    def owed_dockings(self) -> list[OwedDocking]:
        """The records that nobody signed yet, oldest first."""
        owed = [from_plain(OwedDocking, json.loads(noted)) for noted in self._noted(DOCKING).values()]
        return sorted(owed, key=lambda one: one.record.begins_at)

    # ------------------------------------------------------------------ serials that tell nothing

    def note_shared_serial(self, serial: str, at: str) -> None:
        """Note that two devices told this serial at once."""
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (f"{SERIAL}{serial}", at))

    def shared_serials(self) -> frozenset[str]:
        """The serials that were ever met on two devices at once."""
        return frozenset(self._noted(SERIAL))

    # ------------------------------------------------------------------ what the catalog must know

    def wrote_line(self, line: TrailLine) -> None:
        """Note the newest line of the trail that was written here; what was rebuilt before lacks it."""
        grows = "ON CONFLICT (what) DO UPDATE SET line = excluded.line, chain_hash = excluded.chain_hash"
        with self._transaction() as base:
            base.execute(
                f"INSERT INTO trail_line VALUES (?, ?, ?) {grows} WHERE excluded.line > line",
                (WRITTEN, line.line, line.chain_hash),
            )
            base.execute("DELETE FROM trail_line WHERE what = ?", (REBUILT,))

    def rebuilt_line(self, line: TrailLine) -> None:
        """Note the newest line of a catalog that was rebuilt elsewhere, and may be taken into use."""
        self._write("INSERT OR REPLACE INTO trail_line VALUES (?, ?, ?)", (REBUILT, line.line, line.chain_hash))

    def use_line(self, line: TrailLine) -> None:
        """Know this line alone from now on: the catalog in use is another than before."""
        with self._transaction() as base:
            base.execute("DELETE FROM trail_line")
            base.execute("INSERT INTO trail_line VALUES (?, ?, ?)", (WRITTEN, line.line, line.chain_hash))


class JournalWitness:
    """A `catalog.own_catalog.Witness` that opens the journal for reading alone until it must write."""

    def __init__(self, path: Path, opened: Callable[[], JournalMemory]) -> None:
        self._path, self._opened = path, opened

    def known(self) -> Mapping[str, TrailLine]:
        """The lines of the trail that are known; none where an earlier version wrote the journal."""
        rows = self._rows("SELECT what, line, chain_hash FROM trail_line")
        return {str(row["what"]): TrailLine(int(row["line"]), str(row["chain_hash"])) for row in rows}

    def clips(self) -> set[str]:
        """The clips there are receipts for."""
        rows = self._rows(f"SELECT value FROM fact WHERE noun = '{Receipt.__name__}'")
        return {str(json.loads(row["value"])["clip_id"]) for row in rows}

    def _rows(self, sql: str) -> list[Mapping[str, Any]]:
        if not self._path.exists():
            return []
        try:
            with closing(reader_of(self._path)) as base:
                return base.execute(sql).fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            raise JournalFailed(path=self._path, reason=error) from error

    def wrote(self, line: TrailLine) -> None:
        """Note the newest line."""
        with suppress(JournalFailed):
            self._opened().wrote_line(line)

    def use(self, line: TrailLine) -> None:
        """Know this line alone."""
        self._opened().use_line(line)
