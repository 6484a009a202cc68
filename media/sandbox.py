"""Runs a program that may read what it is given and reach nothing (受限运行): no other file, no network, no process.

Sources: Linux's landlock(7), seccomp(2), prctl(2). It is run as a program of its own, `python -I -S sandbox.py READ…
-- COMMAND…`, because what it does to itself cannot be undone; so it imports nothing of ours. It needs no namespace and
no right, and so works under `RestrictNamespaces=yes` too. What the kernel does not offer is left out; `--tell` in place
of a command says what is enforced. Shapes: paths that may be read, or executed where they hold programs, and a command
line; the process becomes that command.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NoReturn

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_VERSION = 1
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
KNOWN_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights each version of Landlock knows; 16 since version 5."""
NO_NEW_PRIVS, SET_SECCOMP, FILTER = 38, 22, 2

MACHINES = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53, "accept4": 288,
            "kill": 62, "tkill": 200, "tgkill": 234, "pidfd_send_signal": 424, "pidfd_getfd": 438,
            "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
            "mount": 165, "unshare": 272, "setns": 308, "open_by_handle_at": 304,
            "add_key": 248, "request_key": 249, "keyctl": 250,
            "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "io_uring_setup": 425,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203, "accept4": 242,
            "kill": 129, "tkill": 130, "tgkill": 131, "pidfd_send_signal": 424, "pidfd_getfd": 438,
            "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
            "mount": 40, "unshare": 97, "setns": 268, "open_by_handle_at": 265,
            "add_key": 217, "request_key": 218, "keyctl": 219,
            "bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "io_uring_setup": 425,
        },
    ),
}  # fmt: skip
"""The kernel's name for a machine's calls, and the numbers of those that are refused."""
OTHER_CALLS = 0x40000000
"""Numbers from here on are x86's x32: another way to every call."""
_EPERM, _ALLOW, _KILL = 0x00050001, 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _MACHINE_AT = 0, 4


def alone(paths: Iterable[str]) -> list[str]:
    """The beginning of a command that may read what lies below these paths and no more; the command itself follows."""
    return [sys.executable, "-I", "-S", "-B", os.path.realpath(__file__), *sorted(set(paths)), "--"]


def main(arguments: Sequence[str]) -> NoReturn:
    """Become the command behind `--`, bound; with `--tell` say by what, and end."""
    paths, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    libc = ctypes.CDLL(None, use_errno=True)
    held = [name for name, holds in (("landlock", only_reads(libc, paths)), ("seccomp", no_calls(libc))) if holds]
    if command == ["--tell"]:
        sys.stdout.write(" ".join(held))
        sys.exit(0)
    os.execv(command[0], list(command))


def only_reads(libc: ctypes.CDLL, paths: Sequence[str]) -> bool:
    """Let this process open nothing but what lies below the paths, and that for reading; whether that is enforced."""
    version = libc.syscall(LANDLOCK_CREATE, None, 0, LANDLOCK_VERSION)
    if version < 1:
        return False
    rights = (1 << KNOWN_RIGHTS.get(version, 16)) - 1
    handled = ctypes.create_string_buffer(struct.pack("=Q", rights), 8)
    ruleset = libc.syscall(LANDLOCK_CREATE, handled, 8, 0)
    if ruleset < 0:
        return False
    for path in paths:
        with suppress(OSError):
            _allow(libc, ruleset, path)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    refused: int = libc.syscall(LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return refused == 0


def _allow(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = READ_FILE | EXECUTE | (READ_DIR if os.path.isdir(path) else 0)
        libc.syscall(LANDLOCK_ADD, ruleset, 1, ctypes.create_string_buffer(struct.pack("=Qi", rights, fd), 12), 0)
    finally:
        os.close(fd)


def no_calls(libc: ctypes.CDLL) -> bool:
    """Refuse calls that reach the network, other processes or more of the kernel; whether that is enforced."""
    if platform.machine() not in MACHINES:
        return False
    machine, numbers = MACHINES[platform.machine()]
    program = calls_filter(machine, sorted(numbers.values()))
    body = ctypes.create_string_buffer(program, len(program))
    rules = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(body)), 16)
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    refused: int = libc.prctl(SET_SECCOMP, FILTER, rules, 0, 0)
    return refused == 0


def calls_filter(machine: int, numbers: Sequence[int]) -> bytes:
    """Return the filter's instructions: a foreign machine's call kills, one of the numbers is refused, others pass."""
    count = len(numbers)
    lines = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, count + 1, 0, OTHER_CALLS),
        *((_EQUAL, count - index, 0, number) for index, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


if __name__ == "__main__":
    main(sys.argv[1:])
