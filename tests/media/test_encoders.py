"""Encoders in hardware: absent, broken, hanging; and how long the answer holds. The real ffmpeg, or one that hangs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from media import encoders, viewing
from media.beside import CopyDesk
from media.encoders import machine, usable
from media.ffmpeg import Limits, Tools
from media.proxy import HARDWARE, SOFTWARE
from tests.fakes.copies import made_parts
from tests.fakes.loops import LET_GO
from tests.footage.clips import avi
from tests.house.tree import ROOT

SECONDS_MAX = 20
"""Under a second on an idle machine; tests share theirs."""
BROKEN = {
    "absent": "true",
    "plain files": "for node in $nodes; do touch /dev/$node; done",
    "null devices": "for node in $nodes; do mknod /dev/$node c 1 3; done",
    "pipes": "for node in $nodes; do mkfifo /dev/$node; done",
    "numbers without a driver": "for node in $nodes; do mknod /dev/$node c 226 128; done",
    "folders": "for node in $nodes; do mkdir /dev/$node; done",
    "links to nowhere": "for node in $nodes; do ln -s nowhere /dev/$node; done",
}
PRIVATE = """mount -t tmpfs none /dev && mkdir /dev/dri
mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/zero c 1 5; mknod -m 666 /dev/urandom c 1 9
nodes="dri/renderD128 nvidia0 nvidiactl nvidia-uvm video0 video10 video11"
"""
ASKED = """import json, subprocess, sys, time
from pathlib import Path
from media.encoders import usable
from media.ffmpeg import Tools
for how, script in json.loads(sys.argv[2]).items():
    subprocess.run(["sh", "-ec", script], check=True)
    began, memory = time.monotonic(), Path(sys.argv[1], how)
    names = [encoder.name for encoder in usable(Tools(), memory, hardware=True)]
    print(json.dumps([how, names, time.monotonic() - began, json.loads(memory.read_text())]))
"""
SLOW = """#!/bin/sh
echo "$*" >>{log}
case "$*" in *{name}*)
    if [ "{does}" = silent ]; then exec sleep 600; fi
    while :; do echo out_time_us=40000; echo progress=continue; sleep 0.2; done ;;
esac
exec {ffmpeg} "$@"
"""


def names(tools: Tools, memory: Path, *, hardware: bool = True) -> list[str]:
    return [encoder.name for encoder in usable(tools, memory, hardware=hardware)]


def slow_ffmpeg(folder: Path, name: str, does: str) -> Tools:
    """An ffmpeg that hangs with one encoder, and else is the real one; what it is asked stands in `log`."""
    script = folder / "ffmpeg"
    told = {"log": folder / "log", "name": name, "does": does, "ffmpeg": shutil.which("ffmpeg")}
    script.write_text(SLOW.format(**told))
    script.chmod(0o755)
    (folder / "log").touch()
    return Tools(ffmpeg=str(script))


def test_software_is_there_within_seconds_whatever_lies_where_devices_should() -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may make devices in a mount namespace of its own")
    line = ["unshare", "--mount", "sh", "-ec", LET_GO + 'exec "$@"', "sh"]
    scripts = json.dumps({how: PRIVATE + script for how, script in BROKEN.items()})
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # other tests' folders may lie in /dev/shm
        argv = [*line, sys.executable, "-c", ASKED, folder, scripts]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT)
        assert ran.returncode == 0, ran.stderr
    told = [json.loads(said) for said in ran.stdout.splitlines()]
    assert [how for how, *_ in told] == list(BROKEN)
    for how, found, seconds, memory in told:
        assert found == ["libx264"], how
        assert seconds < SECONDS_MAX, how
        assert bool(memory["devices"]) is (how not in ("absent", "links to nowhere")), how


def test_one_that_hangs_is_given_up_and_no_other_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "HARDWARE_LIMITS", Limits(2.0, 1 << 20))
    tools, memory = slow_ffmpeg(tmp_path, HARDWARE[1].name, "silent"), tmp_path / "encoders.json"
    began = time.monotonic()
    assert names(tools, memory) == ["libx264"]
    assert time.monotonic() < began + 2 + SECONDS_MAX
    asked = (tmp_path / "log").read_text()
    assert [encoder.name in asked for encoder in HARDWARE] == [True, True, False, False]
    before = asked.count("\n")
    assert names(tools, memory) == ["libx264"]
    assert (tmp_path / "log").read_text().count("\n") == before + 1, "only its version is asked"


def test_the_answer_holds_for_this_machine_and_this_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "encoders.json"
    tried = names(Tools(), memory)
    assert tried[-1] == "libx264"
    told = json.loads(memory.read_text())
    memory.write_text(json.dumps(told | {"usable": ["h264_vaapi", "libx264"]}))
    assert names(Tools(), memory) == ["h264_vaapi", "libx264"]
    for change in (
        {"ffmpeg": "another"},
        {"kernel": "another"},
        {"devices": ["renderD128 c226:128 may"]},
        {"driver": "1"},
    ):
        memory.write_text(json.dumps(told | {"usable": ["h264_vaapi"]} | change))
        assert names(Tools(), memory) == tried, change
    for junk in ("", "[]", "{}", '{"usable": 1}', json.dumps(told)[:-2]):
        memory.write_text(junk)
        assert names(Tools(), memory) == tried, junk
    assert names(Tools(), tmp_path / "no folder/encoders.json") == tried


def test_without_hardware_none_is_tried(tmp_path: Path) -> None:
    tools = slow_ffmpeg(tmp_path, HARDWARE[0].name, "silent")
    assert names(tools, tmp_path / "encoders.json", hardware=False) == ["libx264"]
    assert not any(encoder.name in (tmp_path / "log").read_text() for encoder in HARDWARE)


def test_what_a_machine_is_told_by(tmp_path: Path) -> None:
    assert machine(tmp_path)["devices"] == []
    for path, told in (("dev/dri/renderD128", ""), ("sys/class/drm/renderD128/device/vendor", "0x8086\n")):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(told)
    (tmp_path / "sys/class/drm/renderD128/device/device").write_text("0x46a6\n")
    before = machine(tmp_path)
    assert before["devices"] == ["renderD128 -0:0 may 0x8086 0x46a6"]
    assert machine(tmp_path) == before
    (tmp_path / "sys/class/drm/renderD128/device/device").write_text("0x56a0\n")
    assert machine(tmp_path) != before


def test_an_encoder_that_stands_still_on_a_clip_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "STANDSTILL_S", 1.5)
    tools = slow_ffmpeg(tmp_path, HARDWARE[0].name, "talks")
    (tmp_path / "old.avi").write_bytes(avi())
    (tmp_path / "made").mkdir()
    making = CopyDesk(tools, (HARDWARE[0], SOFTWARE[0]), "a mark", lambda _: None)
    began = time.monotonic()
    parts = made_parts(tmp_path / "old.avi", "video", tmp_path / "made", making)
    assert parts["view"].facts["encoder"] == "libx264"
    assert 1.5 < time.monotonic() - began < 1.5 + SECONDS_MAX
