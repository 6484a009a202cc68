"""Names that are no text, steer a terminal, or go beyond every limit: filed, shown harmlessly, kept as bytes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import clips
from tests.fakes.printed import as_printed
from tests.scenario.dock import Dock, Report

TITLE = "\x1b]0;OWNED\x07"
NAMES: dict[bytes, str] = {
    "现场勘查.MP4".encode("gbk"): "现场勘查.MP4",
    "现场勘查_utf8.MP4".encode(): "现场勘查_utf8.MP4",
    b"\xff\xfe\x80.MP4": "\\xff\\xfe\\x80.MP4",
    b"half \xd6.MP4": "half \\xd6.MP4",
    b"red \x1b[31mred\x1b[0m.log": "red \x1b[31mred\x1b[0m.log",
    f"title {TITLE}.log".encode(): f"title {TITLE}.log",
    b"two\nlines\r.log": "two\nlines\r.log",
    b"tab\tbell\x07del\x7f.log": "tab\tbell\x07del\x7f.log",
    "c1 \x9b31m.log".encode(): "c1 \x9b31m.log",
    "right \u202egol.exe.log".encode(): "right \u202egol.exe.log",
    b"[bold]{path}%s$(id)`id`.log": "[bold]{path}%s$(id)`id`.log",
    b"'\"\\;&|<>*?.log": "'\"\\;&|<>*?.log",
    b"-rf.log": "-rf.log",
    b"...": "...",
    b" .log ": " .log ",
    b"n" * 251 + b".log": "n" * 251 + ".log",
    "名".encode() * 83 + b".MP4": "名" * 83 + ".MP4",
    b"file:http:concat|x.MP4": "file:http:concat|x.MP4",
}
LEVELS, LEVEL = 300, b"a folder that is quite deep"
DEEP = b"/".join([LEVEL] * LEVELS) + b"/deep.log"


@dataclass(frozen=True)
class Named:
    """The station that has the card, and what it said."""

    dock: Dock
    card: Path
    report: Report
    details: dict[str, dict[str, Any]]


def write(card: Path, path: bytes, content: bytes) -> None:
    """Write a file however long its path is, folder by folder."""
    *folders, name = path.split(b"/")
    place = os.open(card, os.O_RDONLY)
    for folder in folders:
        os.mkdir(folder, dir_fd=place)
        below = os.open(folder, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    fd = os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=place)
    os.write(fd, content)
    os.close(fd)
    os.close(place)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Iterator[Named]:
    place = tmp_path_factory.mktemp("names")
    card = place / "card"
    card.mkdir()
    for name in (*NAMES, DEEP):
        write(card, name, b"bytes of " + name)
    dock = new_dock(place / "home")
    report = dock.ingest(card)
    with dock.opened() as station:
        details = as_printed({path: clips.details(station.database, clip["id"]) for path, clip in report.filed.items()})
    yield Named(dock, card, report, details)
    subprocess.run(["rm", "-rf", card], check=True, timeout=60)


def test_all_are_filed(named: Named) -> None:
    assert set(named.report.filed) == {*NAMES.values(), DEEP.decode()}
    assert (named.report.held, named.report.skipped) == ({}, {})
    named.dock.verify()


def test_a_name_is_shown_and_its_bytes_are_kept(named: Named) -> None:
    wanted = NAMES | {DEEP: DEEP.decode()}
    assert {bytes.fromhex(clip["path_hex"]): clip["path"] for clip in named.details.values()} == wanted
    signed = [clip["manifest"]["body"]["source"] for clip in named.details.values()]
    assert {bytes.fromhex(source["path_hex"]): source["path"] for source in signed} == wanted


def test_a_path_is_longer_than_the_system_takes(named: Named) -> None:
    assert len(DEEP) > os.pathconf("/", "PC_PATH_MAX")
    assert DEEP.decode() in named.report.filed


def test_json_holds_the_names_and_no_control_character(named: Named) -> None:
    text = named.dock.run("clips", "list", "--json").stdout
    assert controls(text) == set()
    assert {clip["path"] for clip in json.loads(text)} == {*NAMES.values(), DEEP.decode()}


def test_no_command_lets_a_name_steer_the_terminal(named: Named) -> None:
    steering = named.details[f"title {TITLE}.log"]["id"]
    for command in (["clips", "list"], ["clips", "show", steering], ["ingest", named.card], ["trail", "show"]):
        answer = named.dock.run(*command)
        assert controls(answer.stdout + answer.stderr) == set(), command
    listed = named.dock.run("clips", "list").stdout
    assert "title \\u001b]0;OWNED\\u0007.log" in listed
    assert "\u202e" not in listed


def test_no_held_or_skipped_name_steers_the_terminal(dock: Dock, card: Path) -> None:
    os.symlink("/etc/passwd", os.fsencode(card) + b"/" + f"held {TITLE}".encode())
    write(card, f"._skipped {TITLE}".encode(), b"")
    for command in (["ingest", card], ["held", "list"], ["ingest", f"{card}/none {TITLE}"]):
        status = {"ingest": 3, "held": 0}[str(command[0])] if command[1] in (card, "list") else 43
        answer = dock.run(*command, status=status)
        assert controls(answer.stdout + answer.stderr) == set(), command
        assert "OWNED" in answer.stdout + answer.stderr


def test_progress_on_a_terminal_is_not_steered(new_dock: Callable[[Path], Dock], card: Path, tmp_path: Path) -> None:
    write(card, f"title {TITLE}.log".encode(), b"x" * 1_000_000)
    dock = new_dock(tmp_path / "terminal")
    screen, terminal = pty.openpty()
    process = subprocess.Popen(dock.line("ingest", card), env=dock.surroundings(), stdout=terminal, stderr=terminal)
    os.close(terminal)
    said = b"".join(iter(lambda: read(screen), b""))
    assert process.wait(30) == 0
    os.close(screen)
    assert b"Filed 1" in said
    assert b"OWNED\x07" not in said
    assert b"\x1b]0;" not in said


def test_a_pulled_copy_gets_a_name_any_folder_takes(named: Named, tmp_path: Path) -> None:
    for path in (f"title {TITLE}.log", "名" * 83 + ".MP4", "..."):
        clip = named.details[path]
        pulled = named.dock.run("clips", "pull", clip["id"], "--to", tmp_path / "out", "--json").document
        copy = Path(pulled["path"])
        assert copy.parent == tmp_path / "out"
        assert controls(copy.name) == set()
        assert copy.read_bytes() == b"bytes of " + bytes.fromhex(clip["path_hex"])


def controls(text: str) -> set[str]:
    """The characters a terminal obeys instead of showing."""
    return {char for char in text if (ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0}


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # how a terminal says that its other end is closed
        return b""
