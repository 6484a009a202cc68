"""How far a docked recorder's clock is off (执法记录仪时钟), by itself, satellites and names; set where it may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.evidence import Clip, ClockOffset
from devices import clock
from devices.contract import DockedRecorder
from docking_station.dock.docking_run import DockingRun
from docking_station.station.logs import Log

SECOND_S = 1.0
"""A name tells whole seconds."""
CLIPS_ASKED_MAX = 200
"""So many clips of a card are asked how far its clock is off."""


@dataclass
class RecorderClocks:
    """Measures and sets the clocks of docked recorders."""

    log: Log

    def measure(self, run: DockingRun, card: DockedRecorder) -> None:
        """Ask the recorder its time; set it where the policy, the station's clock and the recorder allow it."""
        measured, desk = run.measured, run.around.desk
        measured.asked_at = desk.now()
        measured.device_time = card.clock()
        if measured.device_time is None or run.docking.undated is not None or not run.around.policy().set_clock:
            return
        station = clock.station_clock()
        offset = clock.judge(station, candidates(run)).offset
        setting = clock.may_set(station, offset, can=True)
        if setting.sets:
            done = card.set_clock(desk.now())
            measured.set_at = desk.now() if done else None
            self.log.info("recorder clock", bay=run.bay, **setting.record(done))


def candidates(run: DockingRun) -> list[ClockOffset]:
    """Every way in which this docking tells how far the recorder's clock is off."""
    measured = run.measured
    found: list[ClockOffset | None] = [clock.from_gps(list(_pairs(run)))]
    if run.docking.undated is not None:  # the other ways compare with the station's clock
        return [one for one in found if one is not None]
    if measured.device_time is not None and measured.asked_at is not None:
        at, uncertainty_s = measured.device_time
        found.append(clock.from_device(at, measured.asked_at, uncertainty_s))
    found.append(clock.from_newest_file(_readings(run), run.docking.at))
    return [one for one in found if one is not None]


def _pairs(run: DockingRun) -> Iterator[clock.GpsPair]:
    """Starts of clips that satellites and the recorder's clock both tell."""
    journal = run.around.desk.journal
    for source in run.taken[-CLIPS_ASKED_MAX:]:
        clip = journal.recall(source.key, Clip)
        claims = clip.claims if clip is not None else ()
        starts = {one.source: one for one in claims if one.value is not None and one.refers_to == "start"}
        if "gps" in starts and "name" in starts:
            gps, name = starts["gps"], starts["name"]
            assert gps.value is not None
            assert name.value is not None
            yield clock.GpsPair(gps.value, name.value, gps.uncertainty_s + SECOND_S)


def _readings(run: DockingRun) -> Iterator[clock.Reading]:
    """What the names on the card say of the recorder's clock."""
    for source in (*run.found.files, *run.found.later) if run.found is not None else ():
        for claim in run.around.desk.examiner.name(source).claims:
            if claim.value is not None:
                yield clock.Reading(claim.value, SECOND_S)
