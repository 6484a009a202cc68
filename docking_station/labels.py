"""Which bay is which (仓位标签): the map that `evidock bays calibrate` wrote, read again whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from devices.bays import label_of, read_map

from docking_station.board import BayView, Board

MAP_BYTES_MAX = 1 << 20


class Labels:
    """Labels by port; calibrated bays are on the board from the start, others once something was in them."""

    def __init__(self, path: Path, board: Board, now: Callable[[], datetime]) -> None:
        self._path, self._board, self._now = path, board, now
        self._read_at: tuple[int, int] | None = None
        self._map: dict[str, str] = {}
        self.refresh()

    def of(self, port: str) -> str:
        """The label of a port."""
        self.refresh()
        return label_of(port, self._map)

    def refresh(self) -> None:
        """Read the map if it changed; one that cannot be read leaves the last one in force."""
        try:
            seen = self._path.stat()
            at = (seen.st_mtime_ns, seen.st_ino)
            if at == self._read_at:
                return
            with self._path.open("rb") as file:
                self._map = dict(read_map(file.read(MAP_BYTES_MAX)))
        except FileNotFoundError:
            return
        self._read_at = at
        shown = {view.port for view in self._board.bays()}
        for port, label in self._map.items():
            if port not in shown:
                self._board.show(BayView(label, port, "empty", self._now()))
