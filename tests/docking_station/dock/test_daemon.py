"""`evidock dock` as a process of its own, with devices that come and go; what it tells, and how it ends.

Each test's function runs under umockdev (tests/fakes/bed.py), and the dock below it: real udev events, no real mounts.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from catalog.station_error import StationError
from docking_station.faces.board import BayView, StationView
from docking_station.faces.stream import snapshot
from tests.fakes.bed import PRELOAD, Bed, folder_beside, run
from tests.fakes.waiting import PATIENCE_S, until
from tests.scenario.dock import Dock

SETTLE = "settle_ms = 20"
POWER, KEYBOARD = "fe0101", "030101:080650"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_beside() as folder:
        yield folder


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Docked:
    """The dock's process below a bed."""

    def __init__(self, bed: Bed) -> None:
        self.home, self.port = Path(os.environ["TEST_HOME"]), free_port()
        self.dock = Dock(self.home)
        settings = self.home / "station.toml"
        text = re.sub("settle_ms = [0-9]+", SETTLE, settings.read_text())
        settings.write_text(re.sub('metrics = ".*"', f'metrics = "127.0.0.1:{self.port}"', text))
        self.news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.news.bind(str(self.home / "notify"))
        self.news.settimeout(PATIENCE_S)
        self._environment = {
            **self.dock.surroundings(),
            "LD_PRELOAD": PRELOAD,
            "UMOCKDEV_DIR": str(bed.root),
            "NOTIFY_SOCKET": str(self.home / "notify"),
            "WATCHDOG_USEC": "3000000",
        }
        self.start()

    def start(self) -> None:
        self.log = (self.home / "dock.log").open("ab")
        line = [sys.executable, "-m", "docking_station", "dock"]
        self.process = subprocess.Popen(line, env=self._environment, stdout=self.log, stderr=self.log)
        self.told("READY=1")

    def told(self, wanted: str) -> None:
        """Wait for a line to systemd."""
        for _ in range(1000):
            try:
                lines = self.news.recv(4096).decode().splitlines()
            except TimeoutError:
                raise AssertionError(f"{wanted} was not told:\n{self.logged()}") from None
            if wanted in lines:
                return

    def logged(self) -> str:
        return (self.home / "dock.log").read_text()[-4000:]

    def bays(self) -> dict[str, BayView]:
        return {view.bay: view for view in self.snapshot()[1]}

    def snapshot(self) -> tuple[StationView, tuple[BayView, ...]]:
        return snapshot(self.home / "dock.sock")

    def states(self) -> dict[str, str]:
        try:
            return {label: view.state for label, view in self.bays().items()}
        except StationError as error:
            raise AssertionError(f"{error}\n{self.logged()}") from error

    def rss_kb(self) -> int:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", text)[0])

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.told("STOPPING=1")
        assert self.process.wait(PATIENCE_S) == 0, self.logged()
        assert "Traceback" not in self.logged()
        assert "xception" not in self.logged()
        events = [json.loads(line)["event"] for line in (self.home / "dock.log").read_text().splitlines()]
        assert (events[0], events[-1]) == ("dock runs", "dock ended")


@contextmanager
def docked(bed: Bed) -> Iterator[Docked]:
    made = Docked(bed)
    try:
        yield made
    except BaseException:
        print(made.logged(), file=sys.stderr)
        raise
    finally:
        made.process.kill()
        made.process.wait()
        made.news.close()


def refused_devices_are_shown_and_everything_else_answers(bed: Bed) -> None:
    bed.usb("1-4", interfaces=KEYBOARD, serial="KEYS")  # there before the dock
    with docked(bed) as here:
        bed.usb("1-1", interfaces=POWER)
        bed.stick("1-2", serial="NOBODYS")
        until(lambda: here.states() == {"1": "charging", "2": "unknown", "4": "unknown"}, "the bays")
        document = here.dock.run("bays", "list", "--json").document
        assert document["station"]["station"] == "station-1"
        bays = {one["bay"]: one for one in document["bays"]}
        assert bays["1"]["why"] is None
        assert bays["2"]["why"]["code"] == "station.recorder-unregistered"
        assert bays["2"]["usb_serial"] == "NOBODYS"
        assert bays["4"]["why"]["code"] == "devices.keyboard-like"
        codes = {one["code"] for one in here.dock.run("health", "--json", status=None).document["findings"]}
        assert {"station.recorder-unregistered", "devices.keyboard-like"} <= codes
        assert "station.dock-not-running" not in codes
        here.told("WATCHDOG=1")
        page = urllib.request.urlopen(f"http://127.0.0.1:{here.port}/metrics", timeout=10).read().decode()
        assert 'evidock_bays{state="unknown"} 2.0' in page
        here.end()


def nobody_else_works_in_its_home(here: Docked) -> None:
    second = here.dock.run("dock", status=27)
    assert "[ingest.busy]" in second.stderr
    (here.home.parent / "card").mkdir()
    answer = here.dock.run("ingest", here.home.parent / "card", "--json", status=27)
    assert answer.error == "ingest.busy"
    assert "put the recorder into a bay" in answer.document["error"]["hint"]
    assert here.process.poll() is None


def what_is_taken_out_leaves_an_empty_bay(bed: Bed) -> None:
    with docked(bed) as here:
        one, two = bed.stick("1-1", serial="A"), bed.usb("1-2", interfaces=POWER)
        until(lambda: here.states() == {"1": "unknown", "2": "charging"}, "the bays")
        bed.pull(*one.paths)
        until(lambda: here.states() == {"1": "empty", "2": "charging"}, "the empty bay")
        assert here.bays()["1"].usb_serial is None
        nobody_else_works_in_its_home(here)
        bed.pull(*two.paths)
        bed.usb("1-1", interfaces=KEYBOARD)
        until(lambda: here.states() == {"1": "unknown", "2": "empty"}, "the keyboard")
        here.end()


def a_storm_of_events_leaves_nothing_behind(bed: Bed) -> None:
    with docked(bed) as here:

        def storm(count: int, begin: int) -> None:
            """Devices in eight bays that come, change and go, every second one there long enough to be told of."""
            for number in range(begin, begin + count):
                stick = bed.usb(f"1-{number % 8 + 1}", interfaces=KEYBOARD, serial=f"S{number}")
                time.sleep(0.04 if number % 2 else 0)
                bed.tell(stick.paths[0], "change")
                bed.pull(*stick.paths)

        storm(40, 0)
        until(lambda: set(here.states().values()) <= {"empty"}, "quiet")
        before_kb = here.rss_kb()
        storm(150, 40)
        bed.stick("1-3", serial="LAST")
        until(lambda: here.states().get("3") == "unknown" and here.bays()["3"].usb_serial == "LAST", "the last one")
        until(lambda: list(here.states().values()).count("empty") == len(here.states()) - 1, "the others gone")
        assert here.rss_kb() - before_kb < 8_000, f"{before_kb} kB, then {here.rss_kb()} kB"
        assert len(os.listdir(f"/proc/{here.process.pid}/task")) < 25
        here.end()


def a_recorder_that_cannot_be_mounted_is_held_and_tried_again(bed: Bed) -> None:
    with docked(bed) as here:
        here.dock.run("recorders", "add", "TA00001", "--usb-serial", "TA00001")
        bed.stick("1-1", serial="TA00001", disk="sdx")
        until(lambda: here.states().get("1") == "held", "the bay")
        view = here.bays()["1"]
        assert view.recorder is None or view.recorder == "TA00001"
        assert view.why is not None
        assert view.why.code.startswith("devices.")
        here.end()


def a_killed_dock_goes_on_where_it_was(bed: Bed) -> None:
    home = Path(os.environ["TEST_HOME"])
    gate = home.parent / "gate"
    gate.mkdir()
    (home / "station.toml").open("a").write(f'\n[[drop]]\npath = "{gate}"\nrecorder = "GATE-01"\nstill_s = 1\n')
    with docked(bed) as here:
        bed.stick("1-2", serial="NOBODYS")
        (home / "vault").rename(home / "elsewhere")
        for number in range(3):
            (gate / f"{number}.log").write_bytes(b"2026-03-05 %d" % number)
        until(lambda: here.snapshot()[0].unsealed == 3, "the copies")
        here.process.kill()
        here.process.wait()
        (home / "elsewhere").rename(home / "vault")
        here.start()
        until(lambda: here.snapshot()[0].unsealed == 0 and len(here.dock.clips()) == 3, "the receipts")
        until(lambda: here.states() == {"2": "unknown", "GATE-01": "empty"}, "the bays")
        here.dock.verify()
        assert here.dock.leavings() == []
        here.end()


TOLD = (
    refused_devices_are_shown_and_everything_else_answers,
    what_is_taken_out_leaves_an_empty_bay,
    a_storm_of_events_leaves_nothing_behind,
    a_recorder_that_cannot_be_mounted_is_held_and_tried_again,
    a_killed_dock_goes_on_where_it_was,
)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.__name__)
def test_the_dock(told: Callable[[Bed], None], dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_HOME", str(dock.home))
    run(__name__, told.__name__)
