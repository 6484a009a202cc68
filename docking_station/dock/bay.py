"""One bay (仓位): a thread while something is in it, from plug to unplug.

Refused devices are shown and never mounted. A recorder is mounted read-only, copied, let go; if the policy allows it,
and only against proofs, it is cleared. What goes wrong is shown at the bay; the thread itself never dies of it.
"""

from __future__ import annotations

import hashlib
import shlex
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.evidence import Docking
from catalog.rules.canonical import time_text
from catalog.rules.recognition import Witness, recognised
from catalog.rules.register import Register, Registered
from catalog.station_error import StationError
from devices.contract import DockedRecorder, Plugged, RecorderModel
from devices.errors import OnlyCharging, UnlockRefused
from devices.model_choice import choose
from docking_station.dock.clearing import Clearing
from docking_station.dock.clock import RecorderClocks
from docking_station.dock.docking_run import DockingDesk, DockingRun
from docking_station.dock.record import DockingRecords
from docking_station.dock.second_look import known_files, read_again
from docking_station.faces.board import BayView, State, Why
from docking_station.station.errors import RecorderRetired, RecorderUnregistered
from ingest.errors import RecorderContradicted, RecorderUnsure, Stopped
from ingest.recognition import doubt

AGAIN_S = 20.0
"""A recorder that failed as a whole is tried again after this, while it stays in its bay."""
JOIN_S = 30.0
FOLLOW_S = 1.0
DOUBT = "recorder:"
"""Begins the key of what is held because nobody can tell which recorder it is."""


@dataclass(frozen=True)
class BayDesk:
    """What every bay works with, beside a docking's surroundings."""

    around: DockingDesk
    models: Sequence[RecorderModel]
    register: Callable[[], Register]
    takes_any: bool
    open_docked: Callable[[Plugged, RecorderModel, str], DockedRecorder]
    """Opens a recorder for reading; the text is the bay's label."""
    secret: Callable[[str], bytes | None]
    """The password of a recorder, by its serial on USB, or None."""
    others: Callable[[Plugged], list[Bay]]
    """The other bays in which a device tells the same serial on USB."""
    show: Callable[[BayView], None]
    docking: Callable[[str | None, str], Docking]
    """Begins a docking now: of which recorder, if that is known, in which bay."""
    demand_apart: Callable[[Path], None]
    """Raises `NotApart` for a folder through which files of the station itself could be taken."""
    clocks: RecorderClocks
    clearing: Clearing
    records: DockingRecords
    log: Any


class Bay:
    """One bay while a device is in it: a thread from plug to unplug."""

    def __init__(self, label: str, port: str, desk: BayDesk, plugged: Plugged, before: Bay | None) -> None:
        self.label, self.port, self.plugged = label, port, plugged
        self.docking_run: DockingRun | None = None
        self._desk, self._before = desk, before
        self._gone, self._again, self._stale = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bay-{label}", daemon=True)
        self._refused = False
        self._recorder: Registered | None = None
        self._doubts: list[str] = []
        self._has_challenged = False

    def start(self) -> None:
        """Begin to serve the device; what was there before is left alone from now on."""
        if self._before is not None:
            self._before.leave()
        self._desk.show(self._view("waiting"))
        self._thread.start()

    def leave(self) -> None:
        """The device is gone, or the station ends."""
        self._gone.set()
        self._again.set()

    def has_left(self) -> bool:
        """Whether the device is gone, or another took its place."""
        return self._gone.is_set()

    def challenge(self) -> None:
        """Stop what is on its way and ask anew whose it is: another device tells the same serial."""
        run = self.docking_run
        if run is None or run.doubt(RecorderUnsure(recorders=run.docking.recorder)):
            self._again.set()

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
            # Cleared before the look, not after it: what changes during the look must lead to another one.
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
            self._desk.log.exception("bay failed", bay=self.label)
            self._show("held", why=UNFORESEEN)
            return AGAIN_S
        return None

    def _serve(self) -> None:
        """Go once through, from the look at the device to the last receipt that can be had now."""
        self._recorder = None
        register, witnesses, journal = self._desk.register(), self._witnesses(), self._desk.around.desk.journal
        self._challenge_others()
        shared = journal.shared_serials()
        found = recognised(register, witnesses, shared=shared, takes_any=self._desk.takes_any)
        may_be = found.rivals if found.recorder is None else (found.recorder,)
        models = {one.model for one in may_be}
        model = choose(self.plugged, self._desk.models, models.pop() if len(models) == 1 else None)
        if isinstance(model, StationError):
            state: State = "charging" if isinstance(model, OnlyCharging) else "unknown"
            self._refuse(model, state)
            return
        if not self._admitted(may_be):
            return
        if found.stories is not None and (error := doubt(found, register)) is not None:
            raise error
        transport = model.transport(self.plugged)
        if transport == "locked":
            self._unlock(model)
            return
        self._recorder = may_be[0] if len(may_be) == 1 else None  # else only the card's own names can tell
        self._show("waiting", **self._whose())
        self._dock(model, transport)

    def _challenge_others(self) -> None:
        """A serial that two devices tell at once is known from now on to tell nothing by itself; said once a device."""
        desk = self._desk.around.desk
        if self._has_challenged:
            return
        for other in self._desk.others(self.plugged):
            desk.journal.note_shared_serial(self.plugged.serial or "", time_text(desk.now()))
            other.challenge()
        self._has_challenged = True

    def _admitted(self, may_be: Sequence[Registered]) -> bool:
        """Whether it may be a recorder that is in the register and in service; else that is shown."""
        if not may_be:
            serial = self.plugged.serial or "-"
            self._refuse(RecorderUnregistered(bay=self.label, serial=serial, known_by=self._known_by()))
            return False
        if all(one.retired for one in may_be):
            self._refuse(RecorderRetired(serial=may_be[0].serial))
            return False
        return True

    def _known_by(self) -> str:
        """What the register would know this device by, as it is typed: its serial, else the label of its card."""
        for option, value in (("--usb-serial", self.plugged.serial), ("--label", next(iter(self._labels()), None))):
            if value:
                return f"{option} {shlex.quote(value)}"
        return "--label LABEL"

    def _unlock(self, model: RecorderModel) -> None:
        """Give the password, once; the device leaves and comes back as what it is."""
        secret = self._desk.secret(self.plugged.serial or "")
        if secret is None:
            raise UnlockRefused(port=self.plugged.port, reason="no password is kept for it")
        model.unlock(self.plugged, secret)
        if not self._gone.wait(JOIN_S):
            raise UnlockRefused(port=self.plugged.port, reason="it took the password and did not come back")

    def _dock(self, model: RecorderModel, transport: str) -> None:
        around = replace(self._desk.around, change=self._guarded)
        docking = self._desk.docking(None if self._recorder is None else self._recorder.serial, self.label)
        run = self.docking_run = DockingRun(around, self.label, docking, self._gone, self._witnesses())
        desk = self._desk
        try:
            with closing(self._desk.open_docked(self.plugged, model, self.label)) as card:
                run.copy(card)
                around.desk.journal.settle(self._doubts)
                desk.clocks.measure(run, card)
            self._rest(run)
            while not run.finished() and run.wanted():
                self._gone.wait(FOLLOW_S)
            if run.wanted():
                self._rest(run)  # something may have been held on its way
            # The card was let go while the copies were sealed, and is opened anew: it may have been changed meanwhile.
            if run.wanted() and desk.clearing.may_clear(run):
                self._change(state="waiting", clearing=True)
                with closing(self._desk.open_docked(self.plugged, model, self.label)) as card:
                    desk.clearing.clear(run, card)
                self._rest(run)
        finally:
            around.read_queue.left(self.label)
            desk.records.write(run, model.name, transport)
        self._look_again(run, model)

    def _look_again(self, run: DockingRun, model: RecorderModel) -> None:
        """The recorder lies here with nothing else to do: what was known by its edges is read in full."""
        files = known_files(run)
        if not files or not run.wanted():
            return
        try:
            with closing(self._desk.open_docked(self.plugged, model, self.label)) as card:
                others = read_again(run, card, files)
        finally:
            run.around.read_queue.left(self.label)
        self._desk.log.info("known files read again", bay=self.label, files=len(files), others=others)
        while not run.finished() and run.wanted():
            self._gone.wait(FOLLOW_S)
        if run.wanted():
            self._rest(run)

    def _rest(self, run: DockingRun) -> None:
        """Show that everything readable is on the station's own disk, and let the card go."""
        state: State = "held" if run.held else "safe"
        doubt = run.measured.doubt
        why = Why.of(doubt) if doubt is not None else SOME_HELD if run.held else None
        self._change(state=state, left_s=None, clearing=False, why=why)

    # ------------------------------------------------------------------ the board

    def _labels(self) -> tuple[str, ...]:
        return tuple(volume.label for volume in self.plugged.volumes if volume.label)

    def _witnesses(self) -> tuple[Witness, ...]:
        """What the device itself says of which recorder it is."""
        serial = (Witness("serial", self.plugged.serial),) if self.plugged.serial else ()
        return (*serial, *(Witness("label", label) for label in self._labels()))

    def _device(self) -> str | None:
        return " ".join(text for text in (self.plugged.maker, self.plugged.product) if text) or None

    def _holder(self, recorder: Registered) -> str | None:
        assignees = self._desk.register().assignees(recorder.serial, self._desk.around.desk.now(), 0.0)
        return assignees[-1].officer if assignees else None

    def _refuse(self, error: StationError, state: State = "unknown") -> None:
        self._refused = True
        self._desk.log.info("device refused", bay=self.label, code=error.code)
        self._show(state, why=None if state == "charging" else Why.of(error))
        if self._stale.is_set():
            self._again.set()

    def _hold(self, error: StationError) -> None:
        if self._gone.is_set():
            return
        self._desk.log.warning("bay held", bay=self.label, code=error.code, error=str(error))
        if isinstance(error, RecorderContradicted | RecorderUnsure):
            self._recorder, self._refused = None, True  # a change of the register may settle it
            self._hold_for_a_person(error)
        self._show("held", why=Why.of(error), **self._whose())
        if self._refused and self._stale.is_set():
            self._again.set()

    def _hold_for_a_person(self, error: StationError) -> None:
        """Put the device on the list of what waits, until it is recognised or a person strikes it off."""
        desk, key = self._desk.around.desk, f"{DOUBT}{hashlib.sha256(error.message().encode()).hexdigest()}"
        desk.journal.hold(key, self._device() or self.label, error, time_text(desk.now()))
        self._doubts.append(key)

    def _whose(self) -> dict[str, str | None]:
        recorder = self._recorder
        return {} if recorder is None else {"recorder": recorder.serial, "officer": self._holder(recorder)}

    def _show(self, state: State, **more: Any) -> None:
        shown = self._view(state, **more)
        self._guarded(self.label, lambda _: shown)

    def _view(self, state: State, **more: Any) -> BayView:
        plugged = self.plugged
        return BayView(
            bay=self.label,
            port=self.port,
            state=state,
            since=self._desk.around.desk.now(),
            device=self._device(),
            usb_serial=plugged.serial,
            label=", ".join(self._labels()) or None,
            **more,
        )

    def _change(self, **changed: Any) -> None:
        now = self._desk.around.desk.now()

        def change(view: BayView) -> BayView:
            return replace(view, since=now if changed.get("state") != view.state else view.since, **changed)

        self._guarded(self.label, change)

    def _guarded(self, bay: str, change: Callable[[BayView], BayView]) -> None:
        """Change the view, unless the device is gone: its bay is another's by now. Asked while the board is locked."""
        self._desk.around.change(bay, lambda view: view if self._gone.is_set() else change(view))


SOME_HELD = Why(
    "station.some-held",
    ("Some of it could not be read.", "The recorder may be taken; `evidock held list` says what and why."),
    ("部分内容无法读取。", "可取走记录仪；执行 `evidock held list` 查看原因。"),
)
UNFORESEEN = Why(
    "station.unforeseen",
    ("Unexpected error.", "Take the recorder out and put it in again; the log tells more."),
    ("发生了未预料的错误。", "请取出后重新接入；详情见日志。"),
)
