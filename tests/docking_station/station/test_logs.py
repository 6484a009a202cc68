"""One event, one line: JSON for programs, words for people, nothing of what a file holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from docking_station.station.errors import HomeMissing
from docking_station.station.logs import TEXT_CHARS_MAX, configure, get_log

CODE = "from docking_station.station.logs import get_log; get_log(part='dock').error('clip 封存', bay='1')"


def run(stderr: int, **environment: str) -> None:
    known = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", CODE], stderr=stderr, env=known | environment, check=True, timeout=60)


def test_a_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure(journal=False, terminal=False)
    log = get_log(part="dock").bind(bay="7")
    log.info("clip sealed", clip="现场\x1b[31m\u202e\udcff", seconds=1.5, at_work=datetime(2026, 3, 5, tzinfo=UTC))
    log.error("failed", error=HomeMissing(home="/h"), body=b"secret", names=["a", b"bc"], long="x" * 10_000)
    log.debug("not said")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert list(first)[:3] == ["at", "level", "event"]
    assert datetime.fromisoformat(first.pop("at")).tzinfo is not None
    assert first == {
        "level": "info",
        "event": "clip sealed",
        "part": "dock",
        "bay": "7",
        "clip": "现场\x1b[31m\u202e\udcff",
        "seconds": 1.5,
        "at_work": "2026-03-05T00:00:00+00:00",
    }
    assert (second["code"], second["error"]) == ("station.no-home", "There is no station at /h.")
    assert (second["body"], second["names"]) == ("6 bytes", ["a", "2 bytes"])
    assert len(second["long"]) == TEXT_CHARS_MAX


def test_a_line_cannot_steer_whoever_reads_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    configure(journal=False, terminal=False)
    get_log().info("x", name="现场\x1b\x9b\u202e\n")
    line = capsys.readouterr().err
    assert "现场" in line
    assert all(char.isprintable() for char in line.removesuffix("\n"))


def test_a_person_reads_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure(journal=False, terminal=True)
    get_log().warning("card gone", bay="3", name="a\x1b\n")
    assert capsys.readouterr().err[9:] == "WARNING card gone  bay=3 name=a\\u001b\\u000a\n"


def test_the_journal_gets_the_priority_and_a_file_does_not(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        found = os.fstat(file.fileno())
        run(file.fileno(), JOURNAL_STREAM=f"{found.st_dev}:{found.st_ino}")
        run(file.fileno(), JOURNAL_STREAM="1:2")
    journal, plain = (tmp_path / "log").read_text().splitlines()
    assert journal.startswith('<3>{"at": ')
    assert json.loads(journal[3:])["event"] == json.loads(plain)["event"] == "clip 封存"


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    broken = os.fdopen(writer, "w")
    monkeypatch.setattr(sys, "stderr", broken)
    configure(journal=False, terminal=False)
    get_log().error("x")
    with pytest.raises(BrokenPipeError):
        broken.close()
    get_log().error("x")
