"""Which bay is which (仓位标签): the map that `evidock bays calibrate` wrote, read again whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from devices.bays import BAYS_BYTES_MAX, Bays, read_bays
from devices.errors import BaysBad
from docking_station.faces.board import BayView, Board
from docking_station.station.logs import get_log


def second(devpath: str) -> str:
    """What is put behind the label of a second device in a port: where the device itself is on its bus."""
    return f"@{devpath.rpartition('/')[2]}"


class Labels:
    """Labels by port; calibrated bays are on the board from the start, others once something was in them.

    A bay that has another label by now leaves the board once it is empty.
    """

    def __init__(self, path: Path, board: Board, now: Callable[[], datetime]) -> None:
        self._path, self._board, self._now = path, board, now
        self._read_at: tuple[int, int] | None = None
        self._bays = Bays()
        self._ports: set[str] = set()
        self.refresh()

    def of(self, port: str, devpath: str, others: Collection[str]) -> str:
        """The label of a device's port; `others` are those of devices that are in now.

        Where one of them has it already, both hang on one port by its number and are in two sockets. The second is
        called by its own path too, as `3@2-3`: two recorders under one label could not be told apart.
        """
        self.refresh()
        self._ports.add(port)
        label = self._bays.label(port, self._ports)
        return f"{label}{second(devpath)}" if label in others else label

    def refresh(self) -> None:
        """Read the map if it changed; one that cannot be read is logged, and the last one counts."""
        if not self._is_new():
            return
        shown = {view.bay for view in self._board.bays()}
        for port, label in self._bays.learned:
            if label not in shown:
                self._board.show(BayView(label, port, "empty", self._now()))

    def tidy(self) -> None:
        """Take bays off the board that are empty and called something else by now."""
        self.refresh()
        for view in self._board.bays():
            if self._bays.knows(view.port) and self._bays.label(view.port) != view.bay:
                self._board.drop(view.bay)

    def _is_new(self) -> bool:
        try:
            seen = self._path.stat()
            at = (seen.st_mtime_ns, seen.st_ino)
            if at == self._read_at:
                return False
            with self._path.open("rb") as file:
                body = file.read(BAYS_BYTES_MAX + 1)
        except OSError:
            return False
        self._read_at = at
        try:
            self._bays = read_bays(body)
        except BaysBad as error:
            get_log().error("bays not read", error=error)
            return False
        return True
