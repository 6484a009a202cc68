"""Workers (后台处理): they take chores from the catalog, one at a time, and do them behind everything else.

Shapes: kinds of work by name, `KINDS`; a worker is one thread of one process, on this machine or another that reaches
catalog, vault and the folder of derived files. An error that may pass brings a chore back after a pause that grows;
where the vault or the catalog itself is away the worker waits and no attempt counts. Units: seconds.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.clips.chores import PAPER_PAGES, PAPER_WORDS, SECOND_OPINION, VIEWING_COPY, CatalogChores, Chore, Claim
from catalog.errors import AlreadyDisposed, ChoreLost
from catalog.evidence import Clip
from catalog.station_error import StationError
from docking_station.derived.scratch import sweep
from docking_station.station.logs import get_log
from media.errors import NoSecondOpinion, NothingRecovered
from media.scans import can_read_words

if TYPE_CHECKING:
    from docking_station.station.station import Station
    from ingest.journal import Journal

SHOWN_KINDS = ("video", "audio")
OF_KINDS: Mapping[str, tuple[str, ...]] = {
    VIEWING_COPY: SHOWN_KINDS,
    SECOND_OPINION: ("video", "audio", "image", "other"),
    PAPER_PAGES: (),
    PAPER_WORDS: (),
}
"""Which clips get which chore; pages are those of scans, which are no clips."""
PAUSE_FIRST_S, PAUSE_FACTOR, PAUSE_MAX_S = 15.0, 4.0, 3600.0
IDLE_S = 2.0
AWAY_S = 10.0
SHARED_PAUSE_S = 60.0
"""So that others get their turn meanwhile: there may be no room for one clip, and plenty for the rest."""
LOOK_ROUND_S = 60.0
BEATS_A_LEASE = 12
WANTED_MAX = 10_000
MISSING_ROUND_S = 24 * 3600.0
PAGE = 500

ProgressShare = Callable[[float], None]
Do = Callable[["Station", str, ProgressShare], None]


class _Ending(Exception):
    """This worker was told to end."""


def _viewing_copy(station: Station, clip: str, progress: ProgressShare) -> None:
    from docking_station.derived.copies import make_copies

    make_copies(station, clip, progress)


def _second_opinion(station: Station, clip: str, progress: ProgressShare) -> None:
    from docking_station.derived.second_opinions import ask

    ask(station, clip, progress)


def _paper_pages(station: Station, scan: str, progress: ProgressShare) -> None:
    from docking_station.derived.pages import draw_pages

    draw_pages(station, scan, progress)


def _paper_words(station: Station, scan: str, progress: ProgressShare) -> None:
    from docking_station.derived.pages import read_pages

    read_pages(station, scan, progress)


KINDS: Mapping[str, Do] = {
    VIEWING_COPY: _viewing_copy,
    SECOND_OPINION: _second_opinion,
    PAPER_PAGES: _paper_pages,
    PAPER_WORDS: _paper_words,
}


def kinds_here(station: Station) -> list[str]:
    """What can be done on this machine: without a tool nobody waits for second opinions, or for words of pages."""
    missing = set() if can_read_words() else {PAPER_WORDS}
    try:
        station.second_opinion  # noqa: B018 - it is looked for
    except NoSecondOpinion:
        missing.add(SECOND_OPINION)
    return [kind for kind in KINDS if kind not in missing]


def viewing_copy_wanted(clip: Clip) -> Chore | None:
    """The chore that makes what is shown of a clip that was just filed; None where nothing is."""
    return Chore(VIEWING_COPY, clip.id) if clip.kind in SHOWN_KINDS else None


def pause_s(attempt: int) -> float:
    """How long a chore that failed so many times waits."""
    return float(min(PAUSE_FIRST_S * PAUSE_FACTOR ** max(0, attempt - 1), PAUSE_MAX_S))


class ChoreQueue:
    """Leaves chores for clips that were filed, from a thread of its own: filing never waits for it, nor fails with it.

    What is lost here, because the catalog is away or the dock ends, is found again by the next worker.
    """

    def __init__(self, journal: Journal, chores: CatalogChores, now: Callable[[], datetime]) -> None:
        self._journal, self._chores, self._now = journal, chores, now
        self._filed: queue.Queue[str | None] = queue.Queue(WANTED_MAX)
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def __enter__(self) -> ChoreQueue:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(queue.Full):
            self._filed.put_nowait(None)
        self._thread.join(IDLE_S)

    def filed(self, key: str) -> None:
        """The file with this key in the journal has its receipt."""
        with suppress(queue.Full):
            self._filed.put_nowait(key)

    def _run(self) -> None:
        while (key := self._filed.get()) is not None:
            try:
                clip = self._journal.recall(key, Clip)
                chore = None if clip is None else viewing_copy_wanted(clip)
                if chore is not None:
                    self._chores.submit(chore, self._now())
            except StationError as error:
                get_log().warning("chore not left yet", file=key, error=error)
            except Exception:  # noqa: BLE001 - this thread's outermost loop: the next clip must get its chore
                get_log().exception("chore not left")


class Worker:
    """Does chores until `ending` is set; with `once` until none is due."""

    def __init__(self, station: Station, chores: CatalogChores, kinds: Sequence[str], ending: threading.Event) -> None:
        self._station, self._chores, self._kinds, self._ending = station, chores, tuple(kinds), ending
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._looked = float("-inf")
        self._seen, self._seen_all = "", float("-inf")

    def run(self, *, once: bool) -> int:
        """Work; returns how many chores were done."""
        done = 0
        while not self._ending.is_set():
            try:
                self._station.demand_clock()  # a lease until 2036 would keep everybody from the chore for ten years
                self._look_for_forgotten()
                claim = self._chores.claim(self._name, self._kinds, self._station.now())
                if claim is not None:
                    done += self._do(claim)
                elif self._find_missing():
                    continue
                elif once:
                    break
                else:
                    self._ending.wait(IDLE_S)
            except StationError as error:
                if once or not error.retry:
                    raise
                get_log().warning("waiting", error=error)
                self._ending.wait(AWAY_S)
        return done

    def _look_for_forgotten(self) -> None:
        """Clips nobody left a chore for: filed before there were any, by hand, or while the catalog was away.

        And what workers left half made that were killed; and cut-off clips whose recorder has given a whole one since.
        """
        if time.monotonic() < self._looked + LOOK_ROUND_S:
            return
        self._looked = time.monotonic()
        sweep(self._station.settings.derived)
        for kind in self._kinds:
            for chore in self._chores.unsubmitted(kind, OF_KINDS[kind]):
                self._chores.submit(chore, self._station.now())
        self._chores.hope_again(VIEWING_COPY, NothingRecovered.code, self._station.now())

    def _find_missing(self) -> bool:
        """With nothing to do, leave one chore anew whose clip lacks a part; whether there was one.

        Parts are missing where an earlier version made fewer, or somebody deleted them. One at a time, so that clips
        that are filed meanwhile wait for no more than that; a part that cannot be made has its note and is not missing.
        """
        from docking_station.derived.copies import missing

        if VIEWING_COPY not in self._kinds or time.monotonic() < self._seen_all + MISSING_ROUND_S:
            return False
        while (page := self._chores.done(VIEWING_COPY, self._seen, PAGE)) and not self._ending.is_set():
            for chore, sha256 in page:
                self._seen = chore
                if missing(self._station, sha256):
                    self._chores.retry(chore, self._station.now())
                    return True
        self._seen, self._seen_all = "", time.monotonic()
        return False

    def _do(self, claim: Claim) -> int:
        """One chore; returns 1 if it is done."""
        log = get_log(chore=claim.chore.id, kind=claim.chore.kind, subject=claim.chore.subject)
        began = time.monotonic()
        try:
            KINDS[claim.chore.kind](self._station, claim.chore.subject, self._beating(claim))
            self._chores.finish(claim, self._station.now())
            log.info("chore done", seconds=round(time.monotonic() - began, 1))
        except _Ending:
            with suppress(ChoreLost):
                self._chores.give_back(claim)
            return 0
        except ChoreLost as error:
            log.warning("chore lost", error=error)
            return 0
        except AlreadyDisposed as error:
            log.info("chore needless", error=error)
            self._chores.cancel(claim.chore.id, self._station.now())
            return 0
        except StationError as error:
            self._failed(claim, error)
            return 0
        return 1

    def _failed(self, claim: Claim, error: StationError) -> None:
        now = self._station.now()
        shared = error.reach == "all"
        get_log().warning("chore failed", chore=claim.chore.id, subject=claim.chore.subject, error=error)
        with suppress(ChoreLost):
            if shared:
                self._chores.give_back(claim, now + timedelta(seconds=SHARED_PAUSE_S))
            else:
                pause = timedelta(seconds=pause_s(claim.attempt))
                self._chores.fail(claim, error, now, now + pause if error.retry else None)
        if shared:
            raise error

    def _beating(self, claim: Claim) -> ProgressShare:
        """Tell how far the work is, and so keep the lease; end the work where this worker must."""
        beaten = time.monotonic()

        def progress(share: float) -> None:
            nonlocal beaten
            if self._ending.is_set():
                raise _Ending
            if time.monotonic() >= beaten + self._chores.lease_s / BEATS_A_LEASE:
                beaten = time.monotonic()
                self._chores.beat(claim, share, self._station.now())

        return progress
