"""`./install` and the command `evidock` of a station, as far as they go without a machine of their own (tests/lab)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

INSTALL = ROOT / "install"
WRAPPER = ROOT / "systemd/evidock"
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def run(*argv: str | Path, lang: str = "C.UTF-8", nobody: bool = False) -> tuple[int, str]:
    """Exit status, and everything said."""
    if nobody and os.geteuid() == 0:
        argv = (*NOBODY, *argv)
    environment = {"PATH": os.environ["PATH"], "LANG": lang}
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd="/", errors="replace"
    )
    return done.returncode, done.stdout + done.stderr


def wheel_folder(folder: Path) -> Path:
    (folder / "evidock-0-py3-none-any.whl").touch()
    return folder


def test_check_says_every_step_and_does_none(tmp_path: Path) -> None:
    before = Path("/opt/evidock").exists(), Path("/var/lib/evidock").exists()
    status, said = run(INSTALL, "--check", "--wheels", wheel_folder(tmp_path))
    assert status == 0, said
    for step in ("making /opt/evidock/versions/", "noting the disks", "udev rules", "starting the station"):
        assert step in said
    assert all(line.startswith("install: ") for line in said.splitlines())
    assert (Path("/opt/evidock").exists(), Path("/var/lib/evidock").exists()) == before


def test_check_speaks_chinese_to_those_who_do(tmp_path: Path) -> None:
    status, said = run(INSTALL, "--check", "--wheels", wheel_folder(tmp_path), lang="zh_CN.UTF-8")
    assert status == 0
    assert "将要:启动采集服务" in said


def test_a_folder_without_the_wheel_is_told_before_anything_is_done(tmp_path: Path) -> None:
    status, said = run(INSTALL, "--check", "--wheels", tmp_path)
    assert status == 1
    assert "--fetch" in said


@pytest.mark.parametrize("argument", [[], ["--uninstall"]])
def test_only_root_may_change_the_machine(argument: list[str]) -> None:
    status, said = run("bash", INSTALL, *argument, nobody=True)
    if "Permission denied" in said:
        pytest.skip("nobody cannot read this checkout")
    assert (status, said) == (1, "install: please run it as root: sudo ./install\n")


def test_an_unknown_option_shows_the_usage() -> None:
    status, said = run(INSTALL, "--purge")
    assert status == 2
    assert said == run(INSTALL, "--help")[1]
    assert {"--check", "--wheels DIR", "--fetch DIR", "--uninstall"} <= set(re.findall(r"--\w+(?: DIR)?", said))


def test_no_line_removes_anything_below_the_home() -> None:
    for line in INSTALL.read_text().splitlines():
        if re.search(r"\brm\b|-delete|rmdir|shred|mkfs", line):
            assert "$home" not in line
            assert "/var/lib" not in line


def test_who_is_not_of_the_station_is_told_how_to_call_it() -> None:
    status, said = run("bash", WRAPPER, "clips", "list", nobody=True)
    if "Permission denied" in said:
        pytest.skip("nobody cannot read this checkout")
    assert status == 77
    assert "sudo evidock clips list" in said
    assert "请使用" in run("bash", WRAPPER, "clips", "list", lang="zh_CN.UTF-8", nobody=True)[1]
