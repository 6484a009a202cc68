"""The station's clock against everything that was written (本站时钟核验): what is not believed writes nothing.

The latest time is asked of trail, journal and vault. The journal keeps the last reading that was believed and how far
the trail was looked through by then, so that the next look reads only new lines; the vault's names are listed once a
home, where the journal knows nothing yet. Behind what is written, the clock is wrong. Ahead of where it should be by
more than a bound (`catalog.rules.clock`), only another clock can say that it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.acts.clock import Disowned, Span, wrong_spans
from catalog.database import Database
from catalog.errors import CatalogUnreachable
from catalog.rules.canonical import parsed_time
from catalog.rules.clock import (
    CLOCK_SLACK,
    FIRST_DAY,
    LastGood,
    Reading,
    is_behind,
    is_witnessed,
    jump,
    jump_max,
)
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.custody.signed_records import digest_in
from ingest.errors import ClockDoubted, ClockWrong, JournalFailed
from ingest.journal import Journal
from ingest.sealing import time_in
from vault.contract import Vault

FOLDERS = ("acts", "checkpoints")
NOTED_EVERY = timedelta(minutes=1)
"""A reading that was believed is kept so often."""
Witnesses = Iterable[tuple[str, datetime]]


@dataclass(frozen=True)
class Timekeeper:
    """`reading` gives the clock as it is now, `witnesses` what other clocks say, by name; they may be asked in vain.

    `disowned` is asked only where something was written later than now.
    """

    journal: Callable[[], Journal]
    database: Database
    vault: Callable[[], Vault]
    reading: Callable[[], Reading]
    witnesses: Callable[[], Witnesses]
    disowned: Callable[[], Disowned]

    def demand(self) -> datetime:
        """Return the time that is believed.

        Raises `ClockWrong` for a clock that is behind, `ClockDoubted` for one that is too far ahead to be believed.
        Raises `CatalogUnreachable` where the clock is behind or ahead of nothing but what the catalog may know.
        """
        now, last = self.reading(), self._last_good()
        away: StationError | None = None
        latest, line = None, 0 if last is None else last.line
        try:
            latest, line = self._latest_line(now.at, line)
        except CatalogUnreachable as error:
            away = error
        elsewhere, is_whole = self._elsewhere(now.at) if last is None else ([last.latest], True)
        known = max([FIRST_DAY, *elsewhere, *([] if latest is None else [latest])])
        if is_behind(now.at, known):
            raise ClockWrong(now=now.at, known=known)
        if last is not None:
            self._demand_likely(now, last.reading, known)
        elif known > FIRST_DAY:  # where nothing was written yet, nothing contradicts the clock
            self._demand_likely(now, Reading(known, "", 0.0, synchronised=False), known)
        # Raised last: a clock that journal or vault already contradict is wrong, whether the catalog answers or not.
        if away is not None:
            raise away
        if is_whole:
            self._note(LastGood(now, max(known, now.at), line), last)
        return now.at

    def disagreeing(self) -> list[tuple[str, datetime]]:
        """What other clocks say, where it is something else."""
        now = self.reading()
        return [(name, at) for name, at in self.witnesses() if not is_witnessed(now.at, at)]

    def wrong(self) -> tuple[Span, ...]:
        """What stands there that a clock wrote that was wrong, if the clock is right now; the vault's own last."""
        now, excused = self.reading().at, self.disowned()
        spans = tuple(wrong_spans(trail.every_line(self.database), now, excused))
        known = {sha256 for span in spans for sha256 in span.documents}
        ahead = [key for key, at in self._in_vault() if is_behind(now, at) and not _is_excused(key, excused)]
        acts = tuple(one for key in ahead if key.startswith(FOLDERS[0]) and (one := digest_in(key)) not in known)
        signed = tuple(key for key in ahead if key.startswith(FOLDERS[1]))
        if not acts and not signed:
            return spans
        after = max([span.after for span in spans], default=None)
        if after is None:
            after = trail.newest_time(self.database, until=now + CLOCK_SLACK)[0] or FIRST_DAY
        return (*spans, Span(None, None, None, after, acts, signed))

    def begin_anew(self) -> None:
        """Let this reading count from now on: two people say that the clock is right."""
        now = self.reading()
        self.journal().note_last_good(LastGood(now, now.at, trail.size(self.database)))

    # ------------------------------------------------------------------ inside

    def _demand_likely(self, now: Reading, last: Reading, known: datetime) -> None:
        """The clock is not too far ahead of the last good reading, or of what was written, or others say the same."""
        # The smaller of the two: what was written since the last reading shows that time went on that far.
        if min(jump(now, last), now.at - known) <= jump_max(now, last):
            return
        witnesses = tuple(self.witnesses())
        if not witnesses or not all(is_witnessed(now.at, at) for _, at in witnesses):
            raise ClockDoubted(now=now.at, known=known)

    def _last_good(self) -> LastGood | None:
        with suppress(JournalFailed):
            return self.journal().last_good()
        return None

    def _latest_line(self, now: datetime, after: int) -> tuple[datetime | None, int]:
        """The latest time in the lines behind `after`, but for what a wrong clock wrote, and the last line."""
        latest, line = trail.newest_time(self.database, after=after)
        if latest is None or not is_behind(now, latest):
            return latest, line
        excused, until = self.disowned(), now + CLOCK_SLACK
        later = trail.lines_later(self.database, until, after=after)
        ahead = max((one.entry.at for one in later if not excused.has_line(one)), default=None)
        return ahead or trail.newest_time(self.database, after=after, until=until)[0], line

    def _elsewhere(self, now: datetime) -> tuple[list[datetime], bool]:
        """The latest times that journal and vault know, and whether both could be asked."""
        found, is_whole = list[datetime](), False
        with suppress(StationError):
            newest = self.journal().newest_act()
            found += [] if newest is None else [parsed_time(newest)]
            every = list(self._in_vault())
            excused = self.disowned() if any(is_behind(now, at) for _, at in every) else Disowned()
            found += [max((at for key, at in every if not _is_excused(key, excused)), default=FIRST_DAY)]
            is_whole = True
        return found, is_whole

    def _in_vault(self) -> Iterator[tuple[str, datetime]]:
        """The acts and checkpoints of the vault, with the times in their names."""
        vault = self.vault()
        for folder in FOLDERS:
            yield from ((key, at) for key in vault.keys(folder) if (at := time_in(key)) is not None)

    def _note(self, good: LastGood, last: LastGood | None) -> None:
        """Keep a reading that was believed; a disk that fails is told by what is written next."""
        now = good.reading
        is_due = last is None or now.at - last.reading.at >= NOTED_EVERY
        if is_due or last is None or (now.boot, now.synchronised) != (last.reading.boot, last.reading.synchronised):
            with suppress(JournalFailed):
                self.journal().note_last_good(good)


def _is_excused(key: str, excused: Disowned) -> bool:
    return key in excused.checkpoints or digest_in(key) in excused.documents
