"""What every face of the station shows (状态板): a view of each bay and one of the station, told to all.

Shapes: views are frozen values, JSON of their fields. Faces subscribe and get every view that changed; a face that does
not keep up loses old views, never the newest of any bay. Units: bytes, seconds; times are aware UTC.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, get_args

from catalog.station_error import StationError

State = Literal["empty", "charging", "unknown", "waiting", "copying", "safe", "held", "full"]
"""What a bay shows (仓位状态): 空闲, 仅充电, 未登记设备, 等待, 采集中, 可取走, 需处理, 空间已满.

`safe`: everything readable is on the station's own disk or filed, and nothing is being done to the card.
`held`: as `safe`, but something on it needs a person. `unknown`: refused, never mounted.
"""

STATES: tuple[str, ...] = get_args(State)
CLOCKS = ("synchronised", "free", "wrong")


@dataclass(frozen=True, slots=True)
class Why:
    """Why a bay is not well (原因): code, sentence and hint in both languages."""

    code: str
    en: tuple[str, str]
    zh: tuple[str, str]

    @classmethod
    def of(cls, error: StationError) -> Why:
        """The words of an error."""
        return cls(error.code, (error.message("en"), error.hint("en")), (error.message("zh"), error.hint("zh")))


@dataclass(frozen=True, slots=True)
class BayView:
    """One bay (仓位), by its label. Numbers count what this docking has to read; `unsealed` waits for the vault.

    `device` is what the device calls itself, `usb_serial` the serial it tells, `port` the chain of ports of the bay.
    `left_s` is the time left at the present speed.
    """

    bay: str
    port: str
    state: State
    since: datetime
    device: str | None = None
    usb_serial: str | None = None
    label: str | None = None
    recorder: str | None = None
    officer: str | None = None
    files: int = 0
    files_done: int = 0
    size_bytes: int = 0
    done_bytes: int = 0
    unsealed: int = 0
    held: int = 0
    overdue: int = 0
    left_s: float | None = None
    clearing: bool = False
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class StationView:
    """The station (采集站) as a whole. `clock` is `synchronised`, `free` (not synchronised) or `wrong`.

    `clock_why` says why the clock is not believed, and what that means for recorders.
    """

    station: str
    clock: str = "free"
    clock_why: Why | None = None
    vault: Why | None = None
    catalog: Why | None = None
    spool_free_bytes: int = 0
    spool_held_bytes: int = 0
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None
    held: int = 0
    policy_version: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """A bay that is shown no longer: its port has another label by now (仓位更名)."""

    bay: str


Event = BayView | Dropped | StationView


class Newest(queue.Queue[Event]):
    """A queue that holds the newest view of each bay and of the station: as long as there are bays, never longer."""

    def _init(self, maxsize: int) -> None:
        self._views: dict[str | None, Event] = {}

    def _qsize(self) -> int:
        return len(self._views)

    def _put(self, item: Event) -> None:
        # In the place of the view it follows: a bay that changes all the time must not hold up itself or another.
        self._views[None if isinstance(item, StationView) else item.bay] = item

    def _get(self) -> Event:
        return self._views.pop(next(iter(self._views)))


@dataclass
class Board:
    """The newest views. Safe to use from several threads."""

    station: StationView
    _bays: dict[str, BayView] = field(default_factory=dict)
    _faces: list[queue.Queue[Event]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def bays(self) -> tuple[BayView, ...]:
        """Every bay, in the order of the labels: numbers by value."""
        with self._lock:
            return tuple(sorted(self._bays.values(), key=lambda view: label_order(view.bay)))

    def show(self, view: BayView) -> None:
        """A bay's new view."""
        with self._lock:
            if self._bays.get(view.bay) != view:
                self._bays[view.bay] = view
                self._tell(view)

    def change(self, bay: str, change: Callable[[BayView], BayView]) -> None:
        """Change the view of a bay that is shown; nothing happens for one that is not."""
        with self._lock:
            if bay in self._bays:
                self.show(change(self._bays[bay]))

    def drop(self, bay: str) -> None:
        """Show a bay no longer, if it is empty."""
        with self._lock:
            view = self._bays.get(bay)
            if view is not None and view.state == "empty":
                del self._bays[bay]
                self._tell(Dropped(bay))

    def note(self, **changed: Any) -> None:
        """Change the station's view."""
        with self._lock:
            new = replace(self.station, **changed)
            if new != self.station:
                self.station = new
                self._tell(new)

    @contextmanager
    def subscribed(self) -> Iterator[queue.Queue[Event]]:
        """A queue that first holds everything as it is now, then every change."""
        face: queue.Queue[Event] = Newest()
        with self._lock:
            face.put_nowait(self.station)
            for view in self.bays():
                face.put_nowait(view)
            self._faces.append(face)
        try:
            yield face
        finally:
            with self._lock:
                self._faces.remove(face)

    def _tell(self, event: Event) -> None:
        for face in self._faces:
            face.put_nowait(event)


def label_order(label: str) -> tuple[tuple[int, str], ...]:
    """Numbers in a label count by their value: bay 9 comes before bay 10."""
    parts = label.replace("-", ".").split(".")
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
