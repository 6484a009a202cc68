"""A station in the guest, driven as a person drives it: by its commands and by what stands in its bays.

Shapes: times on the host's monotonic clock, in seconds; clips, bays and held files as `--json` tells them.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.lab.cards import LabCard
from tests.lab.guest import VENV, until
from tests.lab.lab import Lab
from tests.lab.watch import Watch

READY_S_MAX = 60
END_S_MAX = 60
SEALED_S_MAX = 900
COUNTED_S = 5
UNMOUNTED_S_MAX = 60
UNIT = "QA01"
ISSUED_AT = "2026-03-01T00:00+08:00"
VERIFY_S_MAX = 900
LOG_LINES_MAX = 100_000
IN_ONE_GO = """
import json, sys
from docking_station.cli import main
for sys.argv in (["evidock", *command] for command in json.loads(sys.argv[1])):
    try:
        main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{sys.argv}: {end.code}")
"""
"""Many commands in one process: to start Python takes seconds in the guest."""
CARD_MOUNT = re.compile(r"^(/dev/sd\S*|\S*mtp\S*) (\S+) (\S+) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Station:
    """A station's home in the guest, and the daemon that works on it."""

    lab: Lab
    home: str

    # ------------------------------------------------------------------ commands

    def evidock(self, *arguments: str, status: int | None = 0, limit_s: float = 300) -> str:
        """A command, to its end; what it printed."""
        line = f"EVIDOCK_HOME={shlex.quote(self.home)} LC_ALL=C.UTF-8 evidock {shlex.join(arguments)}"
        return self.lab.run(line, status=status, limit_s=limit_s)

    def ask(self, *arguments: str, status: int | None = 0, limit_s: float = 300) -> Any:
        """The document a command prints with `--json`."""
        return json.loads(self.evidock(*arguments, "--json", status=status, limit_s=limit_s))

    def make(self, settings: str = "") -> None:
        """Make the home, with this `station.toml` if any is given."""
        if settings:
            self.write("station.toml", settings)
        self.evidock("init")

    def register(self, cards: Iterable[LabCard], holders: Mapping[str, str] | None = None) -> None:
        """Enter recorders, and who has held them since before the first recording: their officers, or `holders`."""
        commands = []
        for card in cards:
            officer = (holders or {}).get(card.recorder, card.officer)
            commands.append(["recorders", "add", card.recorder, "--usb-serial", card.usb_serial])
            issue = ["recorders", "issue", card.recorder, "--officer", officer]
            commands.append([*issue, "--unit", UNIT, "--at", ISSUED_AT])
        line = shlex.join([f"{VENV}/bin/python", "-c", IN_ONE_GO, json.dumps(commands)])
        self.lab.run(f"EVIDOCK_HOME={self.home} LC_ALL=C.UTF-8 {line}")

    def password(self, card: LabCard, password: str) -> None:
        """Let the station know the password of a recorder."""
        name = f"credentials/unlock_{card.usb_serial}"
        self.lab.run(f"mkdir -pm 700 {self.home}/credentials")
        self.write(name, password)
        self.lab.run(f"chmod 600 {self.home}/{name}")

    def clips(self) -> list[dict[str, Any]]:
        """Every clip."""
        found: list[dict[str, Any]] = self.ask("clips", "list", "--limit", "10000")
        return found

    def held(self) -> list[dict[str, Any]]:
        """Everything that waits for a person."""
        found: list[dict[str, Any]] = self.ask("held", "list")
        return found

    def bays(self) -> dict[str, dict[str, Any]]:
        """Every bay by its label."""
        told = self.ask("bays", "list")
        return {view["bay"]: view for view in (told["bays"] if isinstance(told, dict) else told)}

    def verify(self) -> None:
        """All clips and the trail are as sealed."""
        assert self.ask("clips", "verify", "--all", limit_s=VERIFY_S_MAX)["failed"] == []
        assert self.ask("trail", "verify", limit_s=VERIFY_S_MAX)["fault"] is None

    # ------------------------------------------------------------------ the daemon

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        program = f"echo $$ >{self.home}/dock.pid; exec evidock dock"
        surroundings = f"EVIDOCK_HOME={self.home} LC_ALL=C.UTF-8"
        output = f">>{self.home}/dock.log 2>&1 </dev/null"
        self.lab.run(f"{surroundings} setsid sh -c {shlex.quote(program)} {output} &")
        until("the daemon answers", self._answers, READY_S_MAX)

    def stop(self, signal: str = "TERM") -> None:
        """End the daemon and wait until it is gone."""
        self.lab.run(f"kill -{signal} $(cat {self.home}/dock.pid)", status=None)
        until("the daemon has ended", lambda: not self.is_running, END_S_MAX)

    @property
    def is_running(self) -> bool:
        """Whether the daemon lives."""
        line = f"test -d /proc/$(cat {self.home}/dock.pid 2>/dev/null || echo none)"
        return self.lab.run(f"{line} && echo yes", status=None).strip() == "yes"

    def log(self, lines: int = 40) -> str:
        """The end of what the daemon said."""
        return self.lab.run(f"tail -n {lines} {self.home}/dock.log 2>/dev/null", status=None)

    def said(self, event: str) -> list[dict[str, Any]]:
        """Every line of the daemon's log about an event."""
        lines = [json.loads(line) for line in self.log(LOG_LINES_MAX).splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def memory_kb(self) -> int:
        """The daemon's resident memory."""
        return int(self.lab.run(f"grep VmRSS /proc/$(cat {self.home}/dock.pid)/status").split()[1])

    def cpu_s(self) -> float:
        """Processor time the daemon has used, its children that ended included."""
        fields = self.lab.run(f"cat /proc/$(cat {self.home}/dock.pid)/stat").rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / 100

    def mounts(self) -> list[str]:
        """Cards that are mounted, anywhere: in the guest's own namespace and in the daemon's."""
        line = f"cat /proc/1/mounts /proc/$(cat {self.home}/dock.pid 2>/dev/null || echo 1)/mounts 2>/dev/null"
        return sorted({found[0] for found in CARD_MOUNT.finditer(self.lab.run(line, status=None))})

    @property
    def socket(self) -> str:
        """Where the daemon tells what it shows."""
        return f"{self.home}/dock.sock"

    def wait_sealed(self, watch: Watch, limit_s: float = SEALED_S_MAX) -> None:
        """Wait until nothing that was taken waits for the vault; the daemon counts every few seconds."""
        since: float | None = None

        def sealed() -> bool:
            nonlocal since
            if watch.unsealed():
                since = None
            elif since is None:
                since = time.monotonic()
            return since is not None and time.monotonic() > since + COUNTED_S

        until("all that was taken is sealed", sealed, limit_s)

    def wait_unmounted(self) -> None:
        """Wait until no card is mounted anywhere."""
        until("no card is mounted", lambda: not self.mounts(), UNMOUNTED_S_MAX)

    # ------------------------------------------------------------------ files

    def read(self, path: str) -> str:
        """A text file below the home."""
        return self.lab.run(f"cat {shlex.quote(f'{self.home}/{path}')}")

    def write(self, path: str, text: str) -> None:
        """Write a text file below the home."""
        self.lab.run(f"printf %s {shlex.quote(text)} > {shlex.quote(f'{self.home}/{path}')}")

    def leavings(self) -> list[str]:
        """What lies in the spool and on the way into the vault: nothing, once all is filed."""
        line = f"cd {self.home} && find spool vault/incoming -type f 2>/dev/null"
        return self.lab.run(line, status=None).split()

    def assert_originals(self, digests: set[str]) -> None:
        """The vault holds the originals with these digests and no others."""
        line = f"find {self.home}/vault/objects/originals -type f -exec sha256sum {{}} +"
        found = sorted(line.split()[0] for line in self.lab.run(line, limit_s=VERIFY_S_MAX).splitlines())
        assert found == sorted(digests)

    def _answers(self) -> bool:
        assert self.is_running, f"the daemon ended:\n{self.log()}"
        line = f"EVIDOCK_HOME={self.home} evidock bays list --json >/dev/null 2>&1 && echo yes"
        return self.lab.run(line, status=None).strip() == "yes"
