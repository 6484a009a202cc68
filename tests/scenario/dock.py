"""A station in a folder of its own, driven as a person drives it: by the commands, each a process.

Shapes: what a command printed is text; with `--json` it must be one document on stdout and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.clips import search
from catalog.trail import trail
from docking_station.services.verify import verify_clips
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.printed import as_printed
from tests.scenario import warm

COMMAND_S_MAX = 100
PROGRAM = "docking_station"
ENTER = "nsenter", "--mount=", "--"
"""What stands before a command that sees mounts of its own (tests/scenario/places.py)."""
SETTINGS = EXAMPLE.replace('immutable = "auto"', 'immutable = "never"')
"""An immutable file could not be cleared away after the tests."""


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it said."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)

    @property
    def error(self) -> str:
        """The code of the error that stands in the document and on stderr."""
        error = self.document["error"]
        assert set(error) == {"code", "message", "hint", "retry"}
        assert error["message"]
        assert error["hint"]
        assert f"[{error['code']}]" in self.stderr
        return str(error["code"])


def demand_whole(station: Station) -> None:
    """All clips and the trail must be as sealed."""
    found = verify_clips(station, ME, None).findings
    assert found == (), found
    assert trail.verify(station.database).fault is None


@dataclass(frozen=True)
class Dock:
    """A station: its home, what stands before each command (`nsenter …`), and changes to the environment."""

    home: Path
    before: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"

    def within(self, *before: str, **environment: str) -> Dock:
        """The same station in other surroundings."""
        return replace(self, before=before or self.before, environment={**self.environment, **environment})

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Begin a command and do not wait for it."""
        return subprocess.Popen(self.line(*arguments), env=self.surroundings(), stdout=subprocess.PIPE)

    def run(self, *arguments: str | Path, status: int | None = 0) -> Answer:
        """Run a command to its end, which must be of that exit status (None: any) and never a traceback."""
        run = self.ended(*self.words(*arguments))
        answer = Answer(run.returncode, run.stdout.decode(self.encoding), run.stderr.decode(self.encoding))
        assert "Traceback" not in answer.stderr, answer.stderr
        assert status in (None, answer.status), f"{answer.status}: {answer.stderr}{answer.stdout[-2000:]}"
        return answer

    def ingest(self, card: Path, *options: str, status: int | None = 0) -> Report:
        """Ingest a card; the report must keep its contract."""
        return Report.of(self.run("ingest", card, "--json", *options, status=status).document)

    def every_clip(self, *options: str) -> list[dict[str, Any]]:
        """All clips, newest first."""
        found: list[dict[str, Any]] = self.run("clips", "list", "--limit", "10000", "--json", *options).document
        return found

    def clips_of(self, case: str) -> list[str]:
        """The numbers of a case's clips."""
        return [clip["id"] for clip in self.every_clip("--case", case)]

    def clips(self) -> dict[str, dict[str, Any]]:
        """Every clip by its path; asked in this process where that is possible, because starting Python takes long."""
        if self.before:
            found = self.every_clip()
        else:
            with self.opened() as station:
                found = as_printed(search.search(station.database, search.Search(limit=search.LIMIT_MAX)))
        paths = {clip["path"]: clip for clip in found}
        assert len(paths) == len(found), "two clips of one path; ask by id"
        return paths

    def show(self, clip: str) -> dict[str, Any]:
        """Everything about one clip."""
        shown: dict[str, Any] = self.run("clips", "show", clip, "--json").document
        return shown

    def held_list(self) -> dict[str, dict[str, Any]]:
        """What waits for a person, by its path, as the command tells it."""
        return {one["path"]: one for one in self.run("held", "list", "--json").document}

    def held(self) -> dict[str, str]:
        """The code of what waits for a person, by its path; asked as `clips` is."""
        if self.before:
            return {path: one["code"] for path, one in self.held_list().items()}
        with self.opened() as station:
            return {one.path: one.code for one in station.journal.held().values()}

    def verify(self) -> None:
        """All clips and the trail must be as sealed; asked as `clips` is."""
        if self.before:
            assert self.run("clips", "verify", "--all", "--json").document["failed"] == []
            assert self.run("trail", "verify", "--json").document["fault"] is None
            return
        with self.opened() as station:
            demand_whole(station)

    def objects(self, folder: str = "originals") -> list[Path]:
        """The files in one folder of the vault."""
        return sorted(path for path in (self.home / "vault/objects" / folder).rglob("*") if path.is_file())

    def leavings(self) -> list[Path]:
        """What lies in the spool and on the way into the vault: nothing, once all is filed."""
        return sorted([*(self.home / "spool").iterdir(), *(self.home / "vault").glob("incoming/*")])

    def set(self, old: str, new: str) -> None:
        """Change a line of the settings."""
        path = self.home / "station.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    @contextmanager
    def opened(self) -> Iterator[Station]:
        """The station's own parts, in this process."""
        station = Station(read_settings(Home(self.home)))
        try:
            yield station
        finally:
            station.close()

    def ended(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a module with its arguments to its end; forked where that is the same."""
        enters = len(self.before) == len(ENTER) and self.before[0] == ENTER[0]
        if (self.before and not enters) or not warm.fits(self.environment) or not warm.pays():
            line = [*self.before, sys.executable, "-m", *words]
            return subprocess.run(
                line, env=self.surroundings(), capture_output=True, timeout=COMMAND_S_MAX, check=False
            )
        mounts = self.before[1].removeprefix(ENTER[1]) if enters else None
        return warm.run(*words, environment=self.surroundings(), timeout_s=COMMAND_S_MAX, mounts=mounts)

    def words(self, *arguments: str | Path) -> list[str]:
        """The command as Python takes it: a module and its arguments."""
        return [PROGRAM, *(str(argument) for argument in arguments)]

    def line(self, *arguments: str | Path) -> list[str]:
        """The command as the system takes it."""
        return [*self.before, sys.executable, "-m", *self.words(*arguments)]

    def surroundings(self) -> dict[str, str]:
        """The environment of a command."""
        plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "EVIDOCK_HOME": str(self.home)}
        return plain | dict(self.environment)


@dataclass(frozen=True)
class Report:
    """What `ingest --json` says: clips by path, held entries by path, skipped entries by path."""

    filed: dict[str, dict[str, Any]]
    held: dict[str, dict[str, Any]]
    skipped: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, document: Any) -> Report:
        """Read the document; every key must be there, and no entry twice."""
        assert set(document) == {"filed", "held", "skipped"}
        for one in document["held"]:
            assert set(one) == {"path", "code", "message", "hint"}
            assert all(one.values())
        for one in document["skipped"]:
            assert set(one) == {"path", "reason", "clip"}
            assert one["reason"]
        parts = {name: {one["path"]: one for one in entries} for name, entries in document.items()}
        assert {name: len(part) for name, part in parts.items()} == {name: len(document[name]) for name in parts}
        return cls(**parts)

    @property
    def codes(self) -> dict[str, str]:
        """The code of each held entry."""
        return {path: one["code"] for path, one in self.held.items()}


def made_dock(home: Path, settings: str = SETTINGS, *, exist_ok: bool = False) -> Dock:
    """A station made by `evidock init`."""
    home.mkdir(parents=True, exist_ok=exist_ok)
    (home / "station.toml").write_text(settings)
    dock = Dock(home)
    dock.run("init")
    return dock
