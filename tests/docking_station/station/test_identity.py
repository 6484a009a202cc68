"""Who runs this program is read from the kernel: a made-up /proc, and this machine's own."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from docking_station.station.identity import account_called, account_of, caller_of_process, login_uid

SAY = "from docking_station.station.identity import caller_of_process as c; one = c(); print(one.actor, '/', one.how)"
SET = 'echo "$0" > /proc/self/loginuid && exec "$@"'


def proc(root: Path, text: str | None) -> Path:
    (root / "self").mkdir()
    if text is not None:
        (root / "self/loginuid").write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        ("1001", 1001),
        ("0\n", 0),
        ("4294967295", None),
        ("", None),
        ("-1", None),
        ("x", None),
        ("9" * 40, None),
        (None, None),
    ],
)
def test_a_login_uid_is_read(tmp_path: Path, text: str | None, uid: int | None) -> None:
    assert login_uid(proc(tmp_path, text)) == uid


def test_who_runs_it_is_who_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {1001: "one", os.getuid(): "runner"}
    monkeypatch.setattr("pwd.getpwuid", lambda uid: pwd.struct_passwd((names[uid], "x", uid, uid, "", "/", "/bin/sh")))
    monkeypatch.setenv("SUDO_USER", "somebody else")
    monkeypatch.setenv("SUDO_UID", "1001")
    caller = caller_of_process(proc(tmp_path, "1001"))
    assert (caller.actor, caller.how) == ("one as runner", "login")
    monkeypatch.setenv("SUDO_UID", "1002")
    caller = caller_of_process(tmp_path)
    assert (caller.actor, caller.how, caller.is_doubted) == ("one as runner", None, True)


def test_accounts_are_the_systems_own() -> None:
    me = account_of(os.getuid())
    assert me.name is None or account_called(me.name) == me
    assert [account_called(name) for name in ("no such account", "none\0")] == [None, None]
    assert account_of(4_000_000_000).called == "uid 4000000000"


def test_the_kernel_tells_it_through_other_accounts() -> None:
    """The login uid stays what it was, whatever the variables say."""
    somebody = next((one for one in pwd.getpwall() if 1000 <= one.pw_uid < 60000), None)
    if somebody is None or subprocess.run(["sh", "-c", SET, str(somebody.pw_uid), "true"], check=False).returncode:
        pytest.skip("needs a person's account, and the right to set a login uid")
    said = subprocess.run(
        ["sh", "-c", SET, str(somebody.pw_uid), sys.executable, "-c", SAY],
        env=os.environ | {"SUDO_USER": "x"},
        capture_output=True,
        text=True,
        check=True,
    )
    me = account_of(os.getuid()).called
    assert said.stdout == f"{somebody.pw_name} as {me} / login\n".replace(f"{me} as {me}", me)
