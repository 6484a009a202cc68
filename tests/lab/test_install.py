"""`./install` and what it installs, on a Debian guest: made new, upgraded, upgraded in vain, taken away.

The service starts the daemon if the program has one (`evidock dock`), else a few lines that tell systemd the same.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.house.tree import ROOT, files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

PROGRAM = SHARED / "tools/usb-lab"
BUILT = ("root.img", "vmlinuz", "initrd.img", "ssh.key", "ssh.key.pub")
COMMAND_S_MAX = 1200
INSTALL = "cd /mnt/share/tree && LANG=C.UTF-8 ./install --wheels /mnt/share/wheels"
UPGRADE = INSTALL.replace("LANG", "PIP_NO_COMPILE=1 LANG")  # compiling is most of the time
RUNNING = "systemctl is-active evidock-dock.service"
DAEMON = """\
import os, signal, socket, threading
def tell(words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect(os.environ["NOTIFY_SOCKET"].replace("@", chr(0), 1))
        to.send(words.encode())
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
tell("READY=1")
while not stop.wait(5):
    tell("WATCHDOG=1")
"""
DROP_IN = """\
[Service]
ExecStartPre=/bin/sh -c 'test ! -e /run/only || test "$(readlink /opt/evidock/current)" = "$(cat /run/only)"'
ExecStart=
ExecStart=/bin/sh /opt/daemon.sh
"""
START = """\
program=/opt/evidock/current/bin/evidock
if $program dock --help >/dev/null 2>&1; then exec $program dock; fi
exec /usr/bin/python3 /opt/daemon.py
"""
ALLOWED = {
    "child_without_powers",
    "helper",
    "udev",
    "control_requests",
    "immutable",
    "sockets",
    "password",
    "clock state",
    "card vfat",
    "card ext4",
}
REFUSED = {
    "write /etc",
    "write /opt",
    "the system's disk",
    "memory",
    "set the clock",
    "a namespace",
    "a file by handle",
    "someone's home",
}
EVIDENCE = "cd /var/lib/evidock && find keys vault -type f -exec sha256sum {} + | sort -k2"


@dataclass(frozen=True)
class Guest:
    """A machine that can be thrown away."""

    state: Path

    def lab(self, *argv: str | Path, limit_s: float = COMMAND_S_MAX) -> subprocess.CompletedProcess[str]:
        """Call usb-lab."""
        command = [str(part) for part in (PROGRAM, "--state", self.state, *argv)]
        return subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)

    def run(self, line: str, status: int = 0) -> str:
        """Run a shell line as root; what it says."""
        done = self.lab("run", "--", line)
        assert done.returncode == status, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        self.run(f"mkdir -p {os.path.dirname(path)} && cat > {path} <<'END'\n{text}END\n")


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it would be committed, and every wheel it needs."""
    folder = tmp_path_factory.mktemp("share")
    for path in files():
        target = folder / "tree" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    fetched = subprocess.run(
        [ROOT / "install", "--fetch", folder / "wheels"], capture_output=True, text=True, timeout=600, check=False
    )
    if fetched.returncode:
        pytest.skip(f"the wheels cannot be had here: {fetched.stderr[-300:]}")
    return folder


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory, share: Path) -> Iterator[Guest]:
    """A guest with the tree at /mnt/share, no network, and a drop-in for the service."""
    built = Path(os.environ.get("USB_LAB_DIR", "/tmp/usb-lab"))
    if not PROGRAM.exists() or not (built / "root.img").exists() or os.geteuid() != 0:
        pytest.skip("no guest here: ../shared/tools/usb-lab needs root, and its `build` once")
    here = Guest(tmp_path_factory.mktemp("guest"))
    for name in BUILT:
        (here.state / name).symlink_to((built / name).resolve())
    up = here.lab("up", "--share", share)
    try:
        assert up.returncode == 0, up.stderr
        here.write("/opt/daemon.py", DAEMON)
        here.write("/opt/daemon.sh", START)
        here.write("/etc/systemd/system/evidock-dock.service.d/test.conf", DROP_IN)
        yield here
    finally:
        here.lab("down")


def plug(guest: Guest, folder: Path, bay: int, label: str, fs: str) -> None:
    """Put a recorder into a bay, with the files in `folder`, and wait for its card."""
    made = guest.lab("card", folder / label, "--from", folder / "files", "--fs", fs, "--mb", "64", "--label", label)
    assert made.returncode == 0, made.stderr
    plugged = guest.lab("plug", "--bay", str(bay), "--image", folder / label, "--serial", f"S-{label.lower()}")
    assert plugged.returncode == 0, plugged.stderr
    guest.run(f"for n in $(seq 100); do test -b /dev/disk/by-label/{label} && exit; sleep 0.2; done; exit 1")


def program(guest: Guest) -> str:
    return guest.run("readlink /opt/evidock/current").strip()


def file_something(guest: Guest) -> set[str]:
    """Ingest a card, which a running dock leaves to nobody else; the evidence as it lies there then."""
    guest.run("mkdir -p /root/card/DCIM && head -c 100000 /dev/urandom > /root/card/DCIM/one.mp4")
    guest.run("systemctl stop evidock-dock.service && evidock ingest /root/card")
    guest.run("systemctl start evidock-dock.service")
    return evidence_in(guest)


def evidence_in(guest: Guest) -> set[str]:
    """The digest of every file of the evidence; a running dock adds checkpoints."""
    return set(guest.run(EVIDENCE).splitlines())


def test_the_service_may_do_what_the_daemon_does_and_no_more(guest: Guest, tmp_path: Path) -> None:
    """By `sandbox.py` in the place of the daemon, as a service of another name."""
    unit = (ROOT / "systemd/evidock-dock.service").read_text()
    run = "ExecStart=/usr/bin/python3 /opt/sandbox.py /dev/disk/by-label/TRYFAT=vfat /dev/disk/by-label/TRYEXT=ext4"
    unit = re.sub("^ExecStart=.*", run, unit, flags=re.MULTILINE)
    unit = re.sub("^(State|Runtime)Directory=evidock", r"\1Directory=evidock-try", unit, flags=re.MULTILINE)
    guest.write("/etc/systemd/system/evidock-try.service", unit)
    guest.write("/opt/sandbox.py", Path(__file__).with_name("sandbox.py").read_text())
    guest.run("cd /mnt/share/tree/systemd && mkdir -p /etc/udev/rules.d && cp 71-evidock.rules /etc/udev/rules.d")
    guest.run("cd /mnt/share/tree/systemd && systemd-sysusers $PWD/evidock.sysusers")
    guest.run(
        "cd /mnt/share/tree/systemd && systemd-tmpfiles --create $PWD/evidock.tmpfiles && udevadm control --reload"
    )
    guest.run("printf 888888 > /etc/evidock/credentials/acme && systemctl daemon-reload")
    (tmp_path / "files").mkdir()
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / "files" / name).write_bytes(b"footage")
    plug(guest, tmp_path, 5, "TRYFAT", "vfat")
    plug(guest, tmp_path, 6, "TRYEXT", "ext4")
    guest.run("systemctl stop evidock-dock.service; systemctl start evidock-try.service")
    assert guest.run("findmnt --list | grep evidock-try/mnt", status=1) == "", "nobody else sees a card"
    seen = json.loads(guest.run("cat /var/lib/evidock-try/seen.json"))
    guest.run("systemctl stop evidock-try.service && rm /etc/systemd/system/evidock-try.service")
    guest.run("systemctl daemon-reload; systemctl start evidock-dock.service || true")
    done = {name for name, how in seen.items() if how == "done"}
    assert done == ALLOWED, seen
    assert set(seen) - done == REFUSED, seen


def test_a_station_is_made_upgraded_and_taken_away_and_its_evidence_stays(guest: Guest, tmp_path: Path) -> None:
    said = guest.run(INSTALL)
    assert "recorders add" in said
    assert "chattr" in said, "sealed files are protected by the file system too"
    assert guest.run(RUNNING).strip() == "active"
    first, evidence = program(guest), file_something(guest)
    assert "-i-" in guest.run("lsattr -R /var/lib/evidock/vault/objects/originals")

    a_card_is_closed_from_its_first_moment_and_a_disk_of_the_machine_never(guest, tmp_path)
    an_upgrade_without_its_wheels_changes_nothing(guest, first)
    an_upgrade_that_does_not_start_is_taken_back(guest, first)
    assert evidence <= evidence_in(guest)

    said = guest.run(UPGRADE)
    assert "S-mounted" in said
    assert f"stays in {first}" in said
    assert program(guest) != first
    assert guest.run(RUNNING).strip() == "active"
    assert "1 clip" in guest.run("evidock clips verify --all")
    guest.run("umount /srv/own")
    guest.run("udevadm trigger --settle --action=add --subsystem-match=block")
    assert guest.run("blockdev --getro /dev/disk/by-label/MOUNTED").strip() == "0", "its serial is noted now"

    said = guest.run("cd /mnt/share/tree && LANG=C.UTF-8 ./install --uninstall")
    assert "EVIDENCE IS KEPT" in said
    assert evidence <= evidence_in(guest)
    left = "find /opt/evidock /usr/local/bin /etc/systemd/system /etc/udev/rules.d -name '*evidock*' -type f"
    assert guest.run(f"{left} 2>/dev/null || true") == ""
    guest.run(RUNNING, status=3)


def an_upgrade_without_its_wheels_changes_nothing(guest: Guest, now: str) -> None:
    guest.run("mkdir /tmp/few && cp /mnt/share/wheels/evidock-*.whl /tmp/few")
    assert "failed: making" in guest.run("cd /mnt/share/tree && LANG=C.UTF-8 ./install --wheels /tmp/few", status=1)
    assert program(guest) == now
    assert guest.run(RUNNING).strip() == "active"


def an_upgrade_that_does_not_start_is_taken_back(guest: Guest, now: str) -> None:
    guest.run("readlink /opt/evidock/current > /run/only")
    assert "the old station runs as before" in guest.run(UPGRADE, status=1)
    assert program(guest) == now
    assert guest.run(RUNNING).strip() == "active"
    assert guest.run("ls /opt/evidock/versions | wc -l").strip() == "1"
    guest.run("rm /run/only")


def a_card_is_closed_from_its_first_moment_and_a_disk_of_the_machine_never(guest: Guest, folder: Path) -> None:
    """Leaves one disk mounted as the machine's own."""
    guest.run("systemctl stop evidock-dock.service")
    (folder / "files").mkdir()
    (folder / "files/one.mp4").write_bytes(b"footage")
    for bay, name in enumerate(("CARD", "MOUNTED", "LISTED"), 1):
        plug(guest, folder, bay, name, "vfat")
    guest.run("udevadm settle && mkdir -p /srv/own")
    closed = "cd /dev/disk/by-label && blockdev --getro CARD MOUNTED LISTED"
    assert guest.run(closed).split() == ["1", "1", "1"]

    guest.run("cd /dev/disk/by-label && blockdev --setrw MOUNTED LISTED && mount MOUNTED /srv/own")
    guest.run("echo LABEL=LISTED /srv/other vfat noauto 0 0 >> /etc/fstab")
    guest.run("udevadm trigger --settle --action=add --subsystem-match=block")
    assert guest.run(closed).split() == ["1", "0", "0"]
    facts = [guest.run(f"udevadm info /dev/disk/by-label/{name}") for name in ("CARD", "MOUNTED", "LISTED")]
    assert ["UDISKS_IGNORE=1" in text for text in facts] == [True, False, False]
    assert ["EVIDOCK_IGNORE=1" in text for text in facts] == [False, True, True]
    guest.run("systemctl start evidock-dock.service")
