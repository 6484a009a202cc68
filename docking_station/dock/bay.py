"""One bay (仓位): a thread while something is in it, from plug to unplug.

Refused devices are shown and never mounted. A recorder is mounted read-only, copied, let go; if the policy allows it,
and only against proofs, it is cleared. What goes wrong is shown at the bay; the thread itself never dies of it.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import StationError
from catalog.evidence import Docking
from catalog.rules.register import Register, Registered
from devices.contract import DockedRecorder, Plugged, RecorderModel
from devices.errors import OnlyCharging, UnlockRefused
from devices.model_choice import choose
from docking_station.dock.docking_run import Surroundings, Visiting
from docking_station.faces.board import BayView, State, Why
from docking_station.station.errors import RecorderRetired, RecorderUnregistered
from ingest.errors import Stopped

AGAIN_S = 20.0
"""A recorder that failed as a whole is tried again after this, while it stays in its bay."""
JOIN_S = 30.0
FOLLOW_S = 1.0


@dataclass(frozen=True)
class House:
    """What every bay works with, beside a docking's surroundings."""

    around: Surroundings
    models: Sequence[RecorderModel]
    register: Callable[[], Register]
    takes_any: bool
    open_docked: Callable[[Plugged, RecorderModel, str], DockedRecorder]
    """Opens a recorder for reading; the text is the bay's label."""
    secret: Callable[[str], bytes | None]
    """The password of a recorder, by its serial on USB, or None."""
    show: Callable[[BayView], None]
    demand_clock: Callable[[], None]
    """Raises `ClockWrong`: with a wrong clock nothing is taken."""
    demand_apart: Callable[[Path], None]
    """Raises `NotApart` for a folder through which files of the station itself could be taken."""
    after: After
    log: Any


class After(Protocol):
    """What follows the copying (采集之后)."""

    def measure(self, visit: Visiting, card: DockedRecorder) -> None:
        """Note how far the recorder's clock is off, while it can be asked; set it where the policy says so."""

    def may_clear(self, visit: Visiting) -> bool:
        """Whether the policy lets anything be erased at all."""

    def clear(self, visit: Visiting, card: DockedRecorder) -> None:
        """Erase what is proven; raises what stops all of it."""

    def record(self, visit: Visiting, model: str, transport: str) -> None:
        """Write the docking down."""


class Bay:
    """See the module."""

    def __init__(self, label: str, port: str, house: House, plugged: Plugged, before: Bay | None) -> None:
        self.label, self.port, self.plugged = label, port, plugged
        self.visit: Visiting | None = None
        self._house, self._before = house, before
        self._gone, self._again, self._stale = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bay-{label}", daemon=True)
        self._refused = False

    def start(self) -> None:
        """Begin to serve the device; what was there before is left alone from now on."""
        if self._before is not None:
            self._before.leave()
        self._house.show(self._view("waiting"))
        self._thread.start()

    def leave(self) -> None:
        """The device is gone, or the station ends."""
        self._gone.set()
        self._again.set()

    def has_left(self) -> bool:
        """Whether the device is gone, or another took its place."""
        return self._gone.is_set()

    def is_over(self) -> bool:
        """Whether the device is gone and all of it let go."""
        return self._gone.is_set() and not self._thread.is_alive()

    def again(self) -> None:
        """Something changed that may let a refused recorder in, also one that is being refused at this moment."""
        self._stale.set()
        if self._refused:
            self._again.set()

    def join(self, timeout_s: float = JOIN_S) -> bool:
        """Wait until everything of this device is let go; False if that took too long."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        if self._before is not None:
            self._before.join()
            self._before = None  # else every device that ever was in this bay would be kept
        while not self._gone.is_set():
            self._again.clear()
            self._stale.clear()
            self._refused = False
            self._again.wait(self._served())

    def _served(self) -> float | None:
        """Serve the device; after how long it is tried again, None: not before something changes."""
        if self._gone.is_set():
            return 0.0
        try:
            self._serve()
        except Stopped:
            return None
        except StationError as error:
            self._hold(error)
            return AGAIN_S if error.retry else None
        except Exception:  # a bay's outermost loop: one device must not end the others
            self._house.log.exception("bay failed", bay=self.label)
            self._show("held", why=UNFORESEEN)
            return AGAIN_S
        return None

    def _serve(self) -> None:
        """Once through, from the look at the device to the last receipt that can be had now."""
        known = self._house.register().known(self.plugged.serial, self._labels())
        model = choose(self.plugged, self._house.models, known.model if known else None)
        if isinstance(model, StationError):
            state: State = "charging" if isinstance(model, OnlyCharging) else "unknown"
            self._refuse(model, state)
            return
        recorder = self._admitted(known)
        if recorder is None:
            return
        transport = model.transport(self.plugged)
        if transport == "locked":
            self._unlock(model)
            return
        self._show("waiting", recorder=recorder.serial, officer=self._holder(recorder))
        self._dock(model, recorder, transport)

    def _admitted(self, known: Registered | None) -> Registered | None:
        """The recorder in the register, or None after showing why it is refused."""
        serial = self.plugged.serial
        if known is None and self._house.takes_any and serial:
            return Registered(serial, serial, None, None, None)
        if known is None:
            self._refuse(RecorderUnregistered(bay=self.label, serial=serial or "-", known_by=self._known_by()))
        elif known.retired:
            self._refuse(RecorderRetired(serial=known.serial))
            return None
        return known

    def _known_by(self) -> str:
        """What the register would know this device by, as it is typed: its serial, else the label of its card."""
        for option, told in (("--usb-serial", self.plugged.serial), ("--label", next(iter(self._labels()), None))):
            if told:
                return f"{option} {shlex.quote(told)}"
        return "--label LABEL"

    def _unlock(self, model: RecorderModel) -> None:
        """Give the password, once; the device leaves and comes back as what it is."""
        secret = self._house.secret(self.plugged.serial or "")
        if secret is None:
            raise UnlockRefused(port=self.plugged.port, reason="no password is kept for it")
        model.unlock(self.plugged, secret)
        if not self._gone.wait(JOIN_S):
            raise UnlockRefused(port=self.plugged.port, reason="it took the password and did not come back")

    def _dock(self, model: RecorderModel, recorder: Registered, transport: str) -> None:
        self._house.demand_clock()
        around = replace(self._house.around, change=self._guarded)
        now = around.desk.now()
        docking = Docking(recorder.serial, None, None, None, now, "dock", self.label)
        visit = self.visit = Visiting(around, self.label, docking, self._gone)
        after = self._house.after
        try:
            with closing(self._house.open_docked(self.plugged, model, self.label)) as card:
                visit.copy(card)
                after.measure(visit, card)
            self._rest(visit)
            while not visit.finished() and visit.wanted():
                self._gone.wait(FOLLOW_S)
            if visit.wanted():
                self._rest(visit)  # something may have been held on its way
            if visit.wanted() and after.may_clear(visit):
                self._change(state="waiting", clearing=True)
                with closing(self._house.open_docked(self.plugged, model, self.label)) as card:
                    after.clear(visit, card)
                self._rest(visit)
        finally:
            around.turns.left(self.label)
            after.record(visit, model.name, transport)

    def _rest(self, visit: Visiting) -> None:
        """Everything readable is on the station's own disk, and the card is let go."""
        state: State = "held" if visit.held else "safe"
        doubt = visit.measured.doubt
        why = Why.of(doubt) if doubt is not None else SOME_HELD if visit.held else None
        self._change(state=state, left_s=None, clearing=False, why=why)

    # ------------------------------------------------------------------ the board

    def _labels(self) -> tuple[str, ...]:
        return tuple(volume.label for volume in self.plugged.volumes if volume.label)

    def _holder(self, recorder: Registered) -> str | None:
        holders = self._house.register().holders(recorder.serial, self._house.around.desk.now(), 0.0)
        return holders[-1].officer if holders else None

    def _refuse(self, error: StationError, state: State = "unknown") -> None:
        self._refused = True
        self._house.log.info("device refused", bay=self.label, code=error.code)
        self._show(state, why=None if state == "charging" else Why.of(error))
        if self._stale.is_set():
            self._again.set()

    def _hold(self, error: StationError) -> None:
        if not self._gone.is_set():
            self._house.log.warning("bay held", bay=self.label, code=error.code, error=str(error))
            known = self._house.register().known(self.plugged.serial, self._labels())
            whose = {"recorder": known.serial, "officer": self._holder(known)} if known else {}
            self._show("held", why=Why.of(error), **whose)

    def _show(self, state: State, **more: Any) -> None:
        shown = self._view(state, **more)
        self._guarded(self.label, lambda _: shown)

    def _view(self, state: State, **more: Any) -> BayView:
        plugged = self.plugged
        device = " ".join(text for text in (plugged.maker, plugged.product) if text) or None
        return BayView(
            bay=self.label,
            port=self.port,
            state=state,
            since=self._house.around.desk.now(),
            device=device,
            usb_serial=plugged.serial,
            label=", ".join(self._labels()) or None,
            **more,
        )

    def _change(self, **changed: Any) -> None:
        now = self._house.around.desk.now()

        def change(view: BayView) -> BayView:
            return replace(view, since=now if changed.get("state") != view.state else view.since, **changed)

        self._guarded(self.label, change)

    def _guarded(self, bay: str, change: Callable[[BayView], BayView]) -> None:
        """Change the view, unless the device is gone: its bay is another's by now. Asked while the board is locked."""
        self._house.around.change(bay, lambda view: view if self._gone.is_set() else change(view))


SOME_HELD = Why(
    "station.some-held",
    ("Some of it could not be read.", "The recorder may be taken; `evidock held list` says what and why."),
    ("部分内容无法读取。", "可取走记录仪;执行 `evidock held list` 查看原因。"),
)
UNFORESEEN = Why(
    "station.unforeseen",
    ("Something went wrong that nobody foresaw.", "Take the recorder out and put it in again; the log tells more."),
    ("发生了未预料的错误。", "请取出后重新接入;详情见日志。"),
)
