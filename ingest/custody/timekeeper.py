"""The station's clock against everything that was written (本站时钟核验): what is not believed writes nothing.

The latest time is asked of trail, journal and vault. The journal keeps the last reading that was believed and how far
the trail was looked through by then, so that the next look reads only new lines; the vault's names are listed once a
home, where the journal knows nothing yet. Behind what is written, the clock is wrong. Ahead of where it should be by
more than a bound (`catalog.rules.clock`), only another clock can say that it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.database import Database
from catalog.errors import StationError
from catalog.failures import CatalogUnreachable
from catalog.rules.canonical import parsed_time
from catalog.rules.clock import FIRST_DAY, LastGood, Reading, is_behind, is_witnessed, jump, jump_max
from catalog.trail import trail
from ingest.custody.checkpoints import newest_time
from ingest.errors import ClockDoubted, ClockWrong, JournalFailed
from ingest.journal import Journal
from ingest.sealing import newest_act_time
from vault.contract import Vault

NOTED_EVERY = timedelta(minutes=1)
"""A reading that was believed is kept so often."""
Witnesses = Iterable[tuple[str, datetime]]


@dataclass(frozen=True)
class Timekeeper:
    """`reading` gives the clock as it is now, `witnesses` what other clocks say, by name; they may be asked in vain."""

    journal: Callable[[], Journal]
    database: Database
    vault: Callable[[], Vault]
    reading: Callable[[], Reading]
    witnesses: Callable[[], Witnesses]

    def demand(self) -> None:
        """Raise `ClockWrong` for a clock that is behind, `ClockDoubted` for one that is too far ahead to be believed.

        Raises `CatalogUnreachable` where the clock is behind or ahead of nothing but what the catalog may know.
        """
        now, last = self.reading(), self._last_good()
        away: StationError | None = None
        latest, line = None, 0 if last is None else last.line
        try:
            latest, line = trail.newest_time(self.database, after=line)
        except CatalogUnreachable as error:
            away = error
        elsewhere, is_whole = self._elsewhere() if last is None else ([last.latest], True)
        known = max([FIRST_DAY, *elsewhere, *([] if latest is None else [latest])])
        if is_behind(now.at, known):
            raise ClockWrong(now=_shown(now.at), known=_shown(known))
        if last is not None:
            self._demand_likely(now, last.reading, known)
        elif known > FIRST_DAY:  # where nothing was written yet, nothing contradicts the clock
            self._demand_likely(now, Reading(known, "", 0.0, synchronised=False), known)
        if away is not None:
            raise away
        if is_whole:
            self._note(LastGood(now, max(known, now.at), line), last)

    # ------------------------------------------------------------------ inside

    def _demand_likely(self, now: Reading, last: Reading, known: datetime) -> None:
        """The clock is not too far ahead of the last good reading, or of what was written, or others say the same."""
        if min(jump(now, last), now.at - known) <= jump_max(now, last):
            return
        told = tuple(self.witnesses())
        if not told or not all(is_witnessed(now.at, at) for _, at in told):
            raise ClockDoubted(now=_shown(now.at), known=_shown(known))

    def _last_good(self) -> LastGood | None:
        with suppress(JournalFailed):
            return self.journal().last_good()
        return None

    def _elsewhere(self) -> tuple[list[datetime], bool]:
        """The latest times that journal and vault know, and whether both could be asked."""
        found, is_whole = list[datetime | None](), False
        with suppress(StationError):
            told = self.journal().newest_act()
            found.append(None if told is None else parsed_time(told))
            vault = self.vault()
            found += [newest_act_time(vault), newest_time(vault)]
            is_whole = True
        return [at for at in found if at is not None], is_whole

    def _note(self, good: LastGood, last: LastGood | None) -> None:
        """Keep a reading that was believed; a disk that fails is told by what is written next."""
        now = good.reading
        is_due = last is None or now.at - last.reading.at >= NOTED_EVERY
        if is_due or last is None or (now.boot, now.synchronised) != (last.reading.boot, last.reading.synchronised):
            with suppress(JournalFailed):
                self.journal().note_last_good(good)


def _shown(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
