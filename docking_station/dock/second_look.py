"""Files that are known are read in full once more (复读), while their recorder lies here and nobody needs the bus.

A known file is recognised by its name, size, time and edges; a recorder that writes into files made long before, with a
clock that stands still, changes none of these. Only a read of all bytes tells, and other bytes are a clip of their own.
It waits whenever a bay copies or a copy is being finished, ends when the recorder is taken out, and goes on next time
with what was read longest ago.
"""

from __future__ import annotations

from catalog.evidence import SourceFile
from catalog.rules.canonical import time_text
from catalog.station_error import StationError
from devices.contract import DockedRecorder
from devices.errors import CardGone
from docking_station.dock.docking_run import DockingRun
from ingest.errors import Stopped

LOOK_S = 0.5
FAILURES_MAX = 5
"""After so many files that cannot be read the card is left alone until it is docked again."""


def known_files(run: DockingRun, *, never_read: bool = False) -> list[SourceFile]:
    """The files that were known when a card was listed, what was read longest ago first; or only what never was."""
    if run.found is None:
        return []
    mine = {source.key for source in run.taken}
    known = [one for one in run.found.files if one.key in run.found.ended and one.key not in mine]
    read = run.around.desk.journal.read_whole([one.key for one in known])
    left = [one for one in known if one.shown not in run.measured.erased_paths and not (never_read and one.key in read)]
    return sorted(left, key=lambda one: (read.get(one.key, ""), one.mtime_ns, one.path))


def read_again(run: DockingRun, card: DockedRecorder, files: list[SourceFile]) -> int:
    """Read them one after another; how many had other bytes. One that cannot be read is held for a person."""
    around, others, failures = run.around, 0, 0

    def go_on() -> None:
        if not run.wanted():
            raise Stopped(path=run.bay)

    def tell(size_bytes: int) -> None:
        go_on()
        while not around.read_queue.idle() or around.finisher.open():
            run.gone.wait(LOOK_S)
            go_on()
        around.read(run.bay, size_bytes)
        around.read_queue.spend(run.bay, size_bytes, run.wanted)

    for source in files:
        while not around.second_look.acquire(timeout=LOOK_S):
            go_on()
        try:
            others += run.take_other_bytes(source, card, tell)
        except (Stopped, CardGone):
            raise
        except StationError as error:
            run.hold(source.key, source.path, error)
            around.desk.journal.note_read_whole(source.key, time_text(around.desk.now()))  # the others come before it
            failures += 1
            if failures >= FAILURES_MAX:
                return others
        finally:
            around.second_look.release()
    return others
