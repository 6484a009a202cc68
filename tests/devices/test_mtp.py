"""The door to MTP: what a person is told where it does not open, and libgphoto2 itself with its virtual camera."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devices.contract import Plugged
from devices.errors import CardGone, MtpHeld, MtpMissing
from devices.mtp import open_mtp
from tests.house.tree import ROOT

PLUGGED = Plugged("/d", "port-1", "04b0", "0437", None, None, None, ("060101",), "/dev/bus/usb/001/001")


def test_without_the_extra_a_person_is_told_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "gphoto2":
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]  # handed through as it came

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MtpMissing) as caught:
        open_mtp(PLUGGED)
    assert "evidock[mtp]" in caught.value.hint()


def test_a_device_that_is_not_there_is_gone(tmp_path: Path) -> None:
    pytest.importorskip("gphoto2")
    for node in (None, str(tmp_path / "001" / "002")):
        with pytest.raises(CardGone):
            open_mtp(Plugged("/d", "port-1", "04b0", "0437", None, None, None, (), node))


def test_a_device_one_may_not_open_is_held(tmp_path: Path) -> None:
    pytest.importorskip("gphoto2")
    if os.geteuid() == 0:
        pytest.skip("root may open everything")
    node = tmp_path / "002"
    node.touch(0)
    with pytest.raises(MtpHeld):
        open_mtp(Plugged("/d", "port-1", "04b0", "0437", None, None, None, (), str(node)))


LIBRARY = """
import json, os, sys
from datetime import UTC, datetime
from devices import mtp
from devices.contract import Plugged
from devices.junk import Junk, BUILT_IN
mtp.warm()
recorder = mtp.open_mtp(Plugged("/d", "port-1", "04b0", "0437", None, None, None, ("060101",), sys.argv[1]))
told = {"files": {}}
for source in recorder.survey(Junk(BUILT_IN)):
    offset = min(1, source.size_bytes)
    with recorder.open(source, offset) as descriptor:
        body = b""
        while piece := os.read(descriptor, 1 << 16):
            body += piece
        told["files"][source.path.decode()] = [body.hex(), source.mtime_ns, recorder.still(source, descriptor)]
at, uncertainty = recorder.clock()
told["clock"] = (at - datetime.now(UTC)).total_seconds()
told["uncertainty"] = uncertainty
recorder.close()
recorder.close()
print(json.dumps(told))
"""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_libgphoto2_reads_its_own_virtual_camera(tmp_path: Path, zone: str) -> None:
    """Its stand-in for a camera gives only whole files, no films, and keeps its clock in UTC."""
    gphoto2 = pytest.importorskip("gphoto2")
    if not (Path(gphoto2.__file__).parent / "libgphoto2" / "vusb").is_dir():
        pytest.skip("this libgphoto2 has no virtual camera")
    camera, node = tmp_path / "camera", tmp_path / "001" / "001"
    (camera / "DCIM" / "100MEDIA").mkdir(parents=True)
    node.parent.mkdir()
    node.touch()
    bodies = {"0001.JPG": os.urandom(2_000_000), "0002.TXT": b"xy", "e.log": b""}
    for name, body in bodies.items():
        (camera / "DCIM" / "100MEDIA" / name).write_bytes(body)
        os.utime(camera / "DCIM" / "100MEDIA" / name, (1_700_000_000,) * 2)
    run = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "ignore", "-c", LIBRARY, str(node)],
        env={**os.environ, "VCAMERADIR": str(camera), "TZ": zone, "LC_ALL": "C"},
        cwd=ROOT,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    told = json.loads(run.stdout)
    wall_ns = 1_700_000_000 * 10**9  # the camera writes UTC; whatever zone the station is in, that is what it wrote
    assert told["files"] == {f"DCIM/100MEDIA/{name}": [body[1:].hex(), wall_ns, None] for name, body in bodies.items()}
    assert abs(told["clock"]) <= told["uncertainty"]
