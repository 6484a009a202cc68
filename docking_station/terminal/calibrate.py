"""`evidock bays calibrate`: one device, plugged through the bays in order, says which port is which bay (仓位标定).

The dock may run meanwhile: listening to udev takes nothing from it. What was in a port before the start does not count,
so recorders may stay where they are. Nothing is kept until the end; then the whole map is replaced in one step.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal, Protocol

import typer

from devices.bays import Bays, read_bays, write_bays
from devices.contract import Plugged, Unplugged
from devices.usb import UsbWatch
from docking_station.station.errors import HomeUnwritable, unwritten
from docking_station.station.settings import home_from_environment, read_settings
from docking_station.terminal.output import print_json, remark
from docking_station.terminal.words import word
from vault.durable import replace_file

BREATH_S = 0.2
"""How long the stream is listened to between two looks at the keyboard."""
QUIET_S = 0.5
"""No news for so long, beyond settling: what was in a port before the start is all told."""
LINE_BYTES_MAX = 1024
MODE = 0o644

Answer = Literal["undo", "done"]


class Stream(Protocol):
    """What `devices.usb.UsbWatch` gives."""

    def get(self, timeout_s: float | None = None) -> Plugged | Unplugged | None:
        """The next thing that happened, or None when the time is over."""


class Calibration:
    """What was learned so far, and which bay comes next. Labels run out, or count on for ever."""

    def __init__(self, bays: Bays, labels: Iterator[str]) -> None:
        self.bays, self._start = bays, bays
        self._labels = labels
        self._again: list[str] = []
        self.next: str | None = next(labels, None)

    @property
    def learned(self) -> int:
        """How many ports this calibration added."""
        return len(self.bays.learned) - len(self._start.learned)

    def plug(self, port: str) -> str | None:
        """A device came into a port: the bay it is now, or None where the port is one already."""
        if self.next is None or self.bays.knows(port):
            return None
        label, self.bays = self.next, self.bays.with_bay(port, self.next)
        self.next = self._again.pop() if self._again else next(self._labels, None)
        return label

    def undo(self) -> str | None:
        """Forget the last bay; it comes next again. None where nothing was learned."""
        if not self.learned:
            return None
        label = self.bays.learned[-1][1]
        self.bays = self.bays.without_last()
        if self.next is not None:
            self._again.append(self.next)
        self.next = label
        return label


def labels_from(stated: str | None, begin: int) -> Iterator[str]:
    """The labels to give: those stated, or numbers; raises `BaysBad` for one that is none."""
    if stated is None:
        return (str(number) for number in count(begin))
    labels = [label for label in (part.strip() for part in stated.split(",")) if label]
    for label in labels:
        Bays().with_bay("", label)
    return iter(labels)


def calibrating(begin: int, stated: str | None, *, add: bool, as_json: bool) -> None:
    """The whole command."""
    home = home_from_environment()
    settle_s = read_settings(home).settle_s
    calibration = Calibration(bays_before(home.bays) if add else Bays(), labels_from(stated, begin))
    try:
        with UsbWatch(settle_s) as watch:
            calibrate(calibration, watch, Keyboard(), settle_s)
    except KeyboardInterrupt:
        if not (calibration.learned and typer.confirm(word("calibrate_keep", count=calibration.learned), err=True)):
            raise
    if calibration.learned:
        keep(home.bays, calibration.bays)
        remark(word("calibrate_kept", count=calibration.learned, path=home.bays))
    else:
        remark(word("calibrate_none"))
    if as_json:
        print_json(json.loads(write_bays(calibration.bays)))


def calibrate(calibration: Calibration, stream: Stream, said: Callable[[], Answer | None], settle_s: float) -> None:
    """Learn bay after bay until the labels run out or a person says it is done."""
    while stream.get(settle_s + QUIET_S) is not None:
        pass
    remark(word("calibrate_how"))
    _ask(calibration)
    while calibration.next is not None:
        happened = stream.get(BREATH_S)
        if isinstance(happened, Plugged):
            label = calibration.plug(happened.port)
            if label is None:
                remark(word("calibrate_twice", bay=calibration.bays.label(happened.port), port=happened.port))
            else:
                remark(word("calibrate_learned", bay=label, port=happened.port))
            _ask(calibration)
        answer = said()
        if answer == "done":
            return
        if answer == "undo":
            label = calibration.undo()
            remark(word("calibrate_undone", bay=label) if label is not None else word("calibrate_nothing"))
            _ask(calibration)


def _ask(calibration: Calibration) -> None:
    if calibration.next is not None:
        remark(word("calibrate_next", bay=calibration.next))


class Keyboard:
    """What a person types: `u` undoes, a bare Enter ends. An input that ended says nothing more."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._waiting = b""
        self._open = True

    def __call__(self) -> Answer | None:
        """What was typed since the last time, a line at a time."""
        while self._open and select.select([self._descriptor], [], [], 0)[0]:
            typed = os.read(self._descriptor, LINE_BYTES_MAX)
            self._open = bool(typed)
            self._waiting = (self._waiting + typed)[-LINE_BYTES_MAX:]
            if b"\n" in self._waiting:
                break
        line, end, rest = self._waiting.partition(b"\n")
        if not end:
            return None
        self._waiting = rest
        answers: dict[bytes, Answer] = {b"": "done", b"u": "undo"}
        return answers.get(line.strip().lower())


def bays_before(path: Path) -> Bays:
    """The map that is there; empty where none is. Raises `BaysBad`."""
    with unwritten(HomeUnwritable, home=path.parent):
        return read_bays(path.read_bytes()) if path.exists() else Bays()


def keep(path: Path, bays: Bays) -> None:
    """Put the map in place, in one step and durably."""
    with unwritten(HomeUnwritable, home=path.parent):
        replace_file(path, write_bays(bays), MODE)
