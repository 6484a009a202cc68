"""Clocks (时钟): may the station trust its own, and how far was a recorder's off. Nothing here sets a clock.

Source: adjtimex(2), asked only (`modes` 0): the kernel's STA_UNSYNC and maxerror, which chrony, ntpd and
systemd-timesyncd keep; a service that may not ask (ProtectClock=) goes by the mark systemd-timesyncd leaves in /run.
Shapes: an offset is recorder minus true time; its uncertainty is half the width of what it allows. Texts for people
come in English and Chinese. Units: seconds; every time is aware UTC.
"""

from __future__ import annotations

import ctypes
import errno
import os
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from catalog.evidence import ClockOffset

STA_UNSYNC = 0x0040
TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd makes it when it first synchronises after a start of the system."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIMESYNCD_ERROR_S = 5.0
"""What is assumed of such a clock where the kernel may not be asked: it polls every 34 minutes at most."""

PAIRS_MAX = 100_000
AGREEING = 0.9
"""So many of the pairs must lie within the uncertainty: a clock that was set on the way widens it."""
BOUND_S = 366 * 86_400.0
"""The uncertainty of a bound: the newest file says "at least so far ahead", and not how far."""
THRESHOLD_S = 2.0
"""A recorder whose clock is off by less is left alone: FAT keeps times to two seconds."""

NO_STATION_CLOCK_NEEDED = frozenset({"gps"})
"""Methods that compare the recorder's clock with another true time than the station's."""
Words = tuple[str, str]


# ---------------------------------------------------------------------- the station


@dataclass(frozen=True, slots=True)
class StationClock:
    """The station's own clock (本站时钟): `source` says who says so; `max_error_s` is None where nobody tells."""

    synchronised: bool
    max_error_s: float | None
    source: str


class Timex(ctypes.Structure):
    """`struct timex` of 64-bit Linux."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


def station_clock(mark: Path = TIMESYNCD_MARK) -> StationClock:
    """Whether the station's clock is synchronised, asked now."""
    return clock_of(_kernel(), mark.exists())


def since_start() -> tuple[str, float]:
    """Which start of the system this is, and how many seconds ago it was, asleep or not; no setting changes them."""
    try:
        return BOOT_ID.read_text("ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, ValueError):
        return "", 0.0


def clock_of(kernel: tuple[int, int] | str, marked: bool) -> StationClock:
    """Pure: from status and maximum error in microseconds, or why the kernel does not tell, and timesyncd's mark."""
    if isinstance(kernel, str):
        if marked:
            return StationClock(True, TIMESYNCD_ERROR_S, f"systemd-timesyncd (kernel: {kernel})")
        return StationClock(False, None, f"kernel: {kernel}")
    status, max_error_us = kernel
    by = "kernel and systemd-timesyncd" if marked else "kernel"
    if status & STA_UNSYNC:
        return StationClock(False, None, f"{by}: not synchronised")
    return StationClock(True, max_error_us / 1e6, f"{by}: synchronised")


def _kernel() -> tuple[int, int] | str:
    """Status and maximum error in microseconds, or why it cannot be asked."""
    asked = Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked)) == -1:
        number = ctypes.get_errno()
        return f"{os.strerror(number)}{' (ProtectClock=?)' if number == errno.EPERM else ''}"
    return asked.status, asked.maxerror


# ---------------------------------------------------------------------- the recorder


class GpsPair(NamedTuple):
    """One moment told twice: by satellites, and by the recorder's clock (file, name or container)."""

    gps_at: datetime
    recorder_at: datetime
    uncertainty_s: float


class Reading(NamedTuple):
    """One time the recorder's clock gave a file."""

    recorder_at: datetime
    uncertainty_s: float


def from_device(device_at: datetime, station_now: datetime, uncertainty_s: float) -> ClockOffset:
    """The recorder told its time, the station knows the true one. The station's own error is added by `judge`."""
    return ClockOffset((device_at - station_now).total_seconds(), "mtp", uncertainty_s)


def from_gps(pairs: Sequence[GpsPair]) -> ClockOffset | None:
    """The median of all pairs; their spread, and what a pair may be wrong by, is the uncertainty."""
    if not pairs:
        return None
    kept = pairs[:PAIRS_MAX]
    offsets = [(pair.recorder_at - pair.gps_at).total_seconds() for pair in kept]
    # One wrong pair moves a mean as far as it likes, and a median hardly at all.
    median = statistics.median(offsets)
    apart = sorted(abs(offset - median) for offset in offsets)
    spread_s = apart[min(len(apart) - 1, int(len(apart) * AGREEING))]
    return ClockOffset(median, "gps", spread_s + statistics.median(pair.uncertainty_s for pair in kept))


def from_newest_file(readings: Iterable[Reading], docked_at: datetime) -> ClockOffset | None:
    """A bound of the offset: a file from after the docking proves a clock that is ahead by at least as much.

    Says nothing of a clock that is behind, and nothing where the file's own uncertainty explains it.
    """
    ahead = [(reading.recorder_at - docked_at).total_seconds() - reading.uncertainty_s for reading in readings]
    bound_s = max(ahead, default=0.0)
    return ClockOffset(bound_s, "newest-file", BOUND_S) if bound_s > 0 else None


# ---------------------------------------------------------------------- judging


class ClockVerdict(NamedTuple):
    """The offset to keep with the docking, or None, and why, in English and Chinese."""

    offset: ClockOffset | None
    reason: Words


def judge(station: StationClock, candidates: Sequence[ClockOffset]) -> ClockVerdict:
    """Pure: the best measurement that may be believed; its uncertainty now holds the station's error too.

    A station whose own clock is not synchronised judges by satellites alone, which need no clock of its own.
    """
    if not candidates:
        return ClockVerdict(None, ("nothing to measure the recorder's clock by", "没有可用于测定记录仪时钟的依据"))
    believed = [
        one if one.method in NO_STATION_CLOCK_NEEDED else _with_station(one, station)
        for one in candidates
        if station.synchronised or one.method in NO_STATION_CLOCK_NEEDED
    ]
    if not believed:
        reason = f"the station's own clock is not synchronised ({station.source})"
        return ClockVerdict(None, (reason, f"本站时钟未同步（{station.source}），不作判断"))
    best = min(believed, key=lambda one: one.uncertainty_s)
    if best.uncertainty_s >= BOUND_S:
        return ClockVerdict(
            best,
            (
                f"by {best.method}: ahead by at least {best.offset_s:.0f} s",
                f"依据 {best.method}：至少快 {best.offset_s:.0f} 秒",
            ),
        )
    alone = "" if station.synchronised else "; the station's own clock is not synchronised"
    alone_zh = "" if station.synchronised else "；本站时钟未同步"
    measured = f"{best.method}: {best.offset_s:+.1f} s ± {best.uncertainty_s:.1f} s"
    return ClockVerdict(best, (f"by {measured}{alone}", f"依据 {measured}{alone_zh}"))


def _with_station(offset: ClockOffset, station: StationClock) -> ClockOffset:
    return replace(offset, uncertainty_s=offset.uncertainty_s + (station.max_error_s or 0.0))


@dataclass(frozen=True, slots=True)
class Setting:
    """Whether a recorder's clock is to be set, and what of it goes on record."""

    sets: bool
    reason: Words
    offset: ClockOffset | None
    station: StationClock

    def record(self, done: bool) -> dict[str, object]:
        """What the trail says of the try: the offset before, by which method, and whether the recorder took it."""
        return {
            "set": done,
            "offset_s": None if self.offset is None else round(self.offset.offset_s, 3),
            "method": None if self.offset is None else self.offset.method,
            "uncertainty_s": None if self.offset is None else round(self.offset.uncertainty_s, 3),
            "station_clock": self.station.source,
            "station_max_error_s": self.station.max_error_s,
        }


def may_set(
    station: StationClock, offset: ClockOffset | None, *, can: bool, threshold_s: float = THRESHOLD_S
) -> Setting:
    """Pure: a recorder's clock is set only by a true one, only if it is surely off, and only where its model can.

    Offset first, then setting: the offset is stored with the docking before anything is set, because it dates what is
    on the card already.
    """
    reason = _why_not(station, offset, can, threshold_s)
    if reason is not None:
        return Setting(False, reason, offset, station)
    return Setting(True, ("its clock is surely off", "时钟确有偏差"), offset, station)


def _why_not(station: StationClock, offset: ClockOffset | None, can: bool, threshold_s: float) -> Words | None:
    if not can:
        return "this recorder's clock cannot be set from here", "该型号无法由本站校时"
    if not station.synchronised:
        return f"the station's own clock is not synchronised ({station.source})", f"本站时钟未同步（{station.source}）"
    if offset is None:
        return "how far it is off was not measured", "未测得偏差"
    if abs(offset.offset_s) <= offset.uncertainty_s:
        return "it may be right: the offset is within its uncertainty", "偏差在不确定度之内，时钟可能无误"
    if abs(offset.offset_s) <= threshold_s:
        return f"it is off by no more than {threshold_s:g} s", f"偏差不超过 {threshold_s:g} 秒"
    return None
