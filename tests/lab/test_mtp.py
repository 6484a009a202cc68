"""Real libgphoto2 against MTP devices on a real USB bus: three at once, pulled, killed half-way, over 4 GiB, erased.

Stands on its own: a lab of its own, the guest's disk copied from one built before. QEMU's device tells no 64-bit sizes,
no clock, and calls every name outside ASCII `Oops`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.house.tree import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PROGRAM = SHARED / "tools/usb-lab"
BUILT = Path(os.environ.get("USB_LAB_DIR", "/tmp/usb-lab"))
CALL_S = 400

GUEST = """
import hashlib, json, os, subprocess, sys, threading, time
sys.path[:0] = ["/root/share/site", "/root/share"]
from devices import mtp
from devices.contract import Plugged
from devices.errors import StationError
from devices.junk import BUILT_IN, Junk
from devices.survey import Refused
from catalog.evidence import SourceFile

def docked(serial):
    for folder in os.listdir("/sys/bus/usb/devices"):
        try:
            told = {name: open(f"/sys/bus/usb/devices/{folder}/{name}").read().strip()
                    for name in ("serial", "busnum", "devnum", "idVendor", "idProduct")}
        except OSError:
            continue
        if told["serial"] == serial:
            node = f"/dev/bus/usb/{int(told['busnum']):03}/{int(told['devnum']):03}"
            ids = told["idVendor"], told["idProduct"]
            return mtp.open_mtp(Plugged(folder, serial, *ids, None, None, serial, ("060101",), node))
    raise SystemExit(f"no {serial}")

def listed(recorder):
    return list(recorder.survey(Junk(BUILT_IN)))

def read(recorder, source, pause=0):
    digest = hashlib.sha256()
    with recorder.open(source) as descriptor:
        while piece := os.read(descriptor, 1 << 20):
            digest.update(piece)
            time.sleep(pause)
        assert recorder.still(source, descriptor) is None
    return digest.hexdigest()

def all_of(serial, told):
    recorder = docked(serial)
    entries = listed(recorder)
    told[serial] = {entry.path.decode(): entry.error.code if isinstance(entry, Refused) else read(recorder, entry)
                    for entry in entries}
    recorder.close()

def largest(recorder):
    return max((one for one in listed(recorder) if isinstance(one, SourceFile)), key=lambda one: one.size_bytes)

what, *serials = sys.argv[1:]
mtp.warm()
told = {}
if what == "read":
    threads = [threading.Thread(target=all_of, args=(serial, told)) for serial in serials]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
if what == "slowly":
    recorder = docked(serials[0])
    source = largest(recorder)
    print("begun", flush=True)
    try:
        read(recorder, source, 0.5)
    except StationError as error:
        told["error"] = error.code
    begun = time.monotonic()
    recorder.close()
    told["closed_s"] = time.monotonic() - begun
if what == "erase":
    recorder = docked(serials[0])
    path = largest(recorder).path
    try:
        with recorder.writable() as eraser:
            eraser.erase(path)
    except StationError as error:
        told["error"] = error.code
    told["absent"] = recorder.absent(path)
    recorder.close()
print(json.dumps(told))
"""


def lab(state: Path, *argv: str) -> str:
    environment = {**os.environ, "USB_LAB_DIR": str(state)}
    done = subprocess.run([PROGRAM, *argv], env=environment, capture_output=True, timeout=CALL_S, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return done.stdout.decode()


def told(state: Path, what: str, *serials: str) -> dict[str, object]:
    answer = lab(state, "run", "--", f"timeout 300 python3 -W ignore /root/share/guest.py {what} {' '.join(serials)}")
    found: dict[str, object] = json.loads(answer.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cards = tmp_path_factory.mktemp("cards")
    for name in ("A", "B", "C"):
        (cards / name / "DCIM/100MEDIA").mkdir(parents=True)
        (cards / name / "DCIM/100MEDIA/0001.MP4").write_bytes(os.urandom(8_000_000))
        (cards / name / "DCIM/0002.JPG").write_bytes(os.urandom(300))
    with (cards / "B/BIG.MP4").open("wb") as file:
        file.truncate(5 << 30)
    return cards


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, cards: Path) -> Iterator[Path]:
    if not PROGRAM.exists() or not (BUILT / "root.img").exists() or os.geteuid() != 0:
        pytest.skip("no built usb-lab here, or not root")
    gphoto2 = Path(pytest.importorskip("gphoto2").__file__).parent
    state, share = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("share")
    for name in ("root.img", "vmlinuz", "initrd.img", "ssh.key", "ssh.key.pub"):
        (state / name).symlink_to(BUILT / name)
    for folder in (gphoto2, gphoto2.parent / "gphoto2.libs"):
        shutil.copytree(folder, share / "site" / folder.name)
    for name in ("catalog", "devices"):
        shutil.copytree(ROOT / name, share / name, ignore=shutil.ignore_patterns("__pycache__"))
    (share / "guest.py").write_text(GUEST)
    try:
        lab(state, "up", "--share", str(share))
        lab(state, "run", "--", "cp -a /mnt/share /root/share")
        for bay, name in enumerate("ABC", 1):
            write = ["--write"] if name == "C" else []
            lab(state, "plug-mtp", "--bay", str(bay), "--dir", str(cards / name), "--serial", name, *write)
        yield state
    finally:
        lab(state, "down")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_three_are_read_at_once_and_what_cannot_be_read_whole_is_refused(state: Path, cards: Path) -> None:
    wanted = {
        name: {
            "DCIM/100MEDIA/0001.MP4": digest(cards / name / "DCIM/100MEDIA/0001.MP4"),
            "DCIM/0002.JPG": digest(cards / name / "DCIM/0002.JPG"),
        }
        for name in "ABC"
    }
    wanted["B"]["BIG.MP4"] = "devices.mtp-size-unknown"
    assert told(state, "read", *"ABC") == wanted


def test_after_kill_9_in_the_middle_it_is_read_whole(state: Path, cards: Path) -> None:
    for after_s in (0.1, 0.6):
        line = (
            f"(python3 -W ignore /root/share/guest.py slowly C & echo $! >/run/pid; wait) | (head -1; sleep {after_s}; "
        )
        lab(state, "run", "--", line + "kill -9 $(cat /run/pid))")
        found = told(state, "read", "C")["C"]
        assert isinstance(found, dict)
        assert found["DCIM/100MEDIA/0001.MP4"] == digest(cards / "C/DCIM/100MEDIA/0001.MP4")


def test_pulled_in_the_middle_it_is_gone_and_let_go_at_once(state: Path) -> None:
    argv = [str(PROGRAM), "run", "--", "timeout 300 python3 -W ignore /root/share/guest.py slowly A"]
    environment = {**os.environ, "USB_LAB_DIR": str(state)}
    with subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as reading:
        assert reading.stdout is not None
        assert reading.stdout.readline() == b"begun\n"
        time.sleep(0.7)
        lab(state, "yank", "--bay", "1")
        found = json.loads(reading.stdout.read())
    assert found["error"] == "devices.card-gone"
    assert found["closed_s"] < 5


def test_erased_is_erased_and_a_protected_one_refuses(state: Path, cards: Path) -> None:
    assert told(state, "erase", "C") == {"absent": True}
    assert not (cards / "C/DCIM/100MEDIA/0001.MP4").exists()
    assert (cards / "C/DCIM/0002.JPG").exists()
    assert told(state, "erase", "B") == {"error": "devices.erase-refused", "absent": False}
