"""The dock's children have none of its rights."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SYS_ADMIN, AMBIENT_RAISE = 21, 2

PROGRAM = f"""
import ctypes, subprocess, sys
from devices.capabilities import keep_rights_to_ourselves
libc = ctypes.CDLL(None)
assert libc.prctl(8, 1, 0, 0, 0) == 0                       # keep capabilities over the change of user
libc.setresgid(65534, 65534, 65534); libc.setresuid(65534, 65534, 65534)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
some = 1 << {SYS_ADMIN}
assert libc.capset(header, (ctypes.c_uint32 * 6)(some, some, some, 0, 0, 0)) == 0
assert libc.prctl(47, {AMBIENT_RAISE}, {SYS_ADMIN}, 0, 0) == 0
if sys.argv[1] == "kept":
    keep_rights_to_ourselves()
child = subprocess.run(["grep", "CapEff", "/proc/self/status"], capture_output=True, text=True)
own = [line for line in open("/proc/self/status") if line.startswith("CapEff")][0]
print(int(own.split()[1], 16) >> {SYS_ADMIN} & 1, int(child.stdout.split()[1], 16) >> {SYS_ADMIN} & 1)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a right to another user")
@pytest.mark.parametrize(("how", "own_and_child"), [("kept", "1 0"), ("handed down", "1 1")])
def test_a_child_has_no_right_of_ours(how: str, own_and_child: str) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == own_and_child
