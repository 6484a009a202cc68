"""Clears a mounted card as the daemon does, and prints the report: HOME, MOUNT, DEVICE or `-` for a plain folder.

The block device is write-protected but while files are erased, as a docked recorder's is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from catalog.acts import policy
from devices.junk import BUILT_IN, Junk
from devices.survey import Card
from docking_station.station.apart import is_own_file
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest.clearing.erase import clear
from ingest.clearing.proof import ClearingDesk
from ingest.contract import Silent
from ingest.custody.verification import Verifier
from ingest.examine import docking_of
from ingest.inventory import survey
from tests.fakes.docked import FakeDocked, Refused

RECORDER = "TA00001"
UNMOUNTABLE = "refuse"
"""The device's name when it is to stay write-protected whatever happens: a card with its switch on."""


@dataclass
class MountedCard(FakeDocked):
    """A card on a block device; `device` is None for a plain folder."""

    device: str | None = None

    @contextmanager
    def writable(self) -> Iterator[FakeDocked]:
        """Mounted for writing, then for reading again; what was changed is on the device."""
        self._mount("--setrw", "remount,rw")
        try:
            with super().writable() as eraser:
                yield eraser
        finally:
            if self.device is not None:
                subprocess.run(["sync", "-f", self.root], check=True)
            self._mount("--setro", "remount,ro", switch_last=True)

    def _mount(self, switch: str, option: str, *, switch_last: bool = False) -> None:
        if self.device is None:
            return
        if self.device == UNMOUNTABLE:
            raise Refused(path=self.root, reason="Read-only file system")
        steps = [["blockdev", switch, self.device], ["mount", "-o", option, str(self.root)]]
        for step in reversed(steps) if switch_last else steps:
            subprocess.run(step, check=True)


def main(home: str, root: str, device: str) -> None:
    station = Station(read_settings(Home(Path(home))))
    docking = docking_of(RECORDER, None, None, None, at=station.now(), by="custodian")
    listed = Card(Path(root))
    files = survey(listed, docking, Junk(BUILT_IN), station.desk(Silent())).files
    listed.close()
    card = MountedCard(Path(root), RECORDER, device=None if device == "-" else device)
    verifier = Verifier(station.database, station.vault, station.trusted, lambda _: None)
    owned = partial(is_own_file, station.settings)
    desk = ClearingDesk(station.journal, verifier, lambda: policy.current(station.database), station.now, owned)
    if os.environ.get("KILL_AFTER"):
        card.ends_after, card.end = int(os.environ["KILL_AFTER"]), SystemExit(9)
    report = clear(card, files, docking, desk)
    print(json.dumps(asdict(report), ensure_ascii=False))
    card.close()
    station.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
