"""Commands that are processes of their own and yet need not load Python and the program anew.

One process loads every module and then waits; for each command it forks one that is the command. Loading takes ten
times as long as most commands do. What a command is given (arguments, environment, folder) and what it is (a process
that holds locks, can be killed, ends with a status) is as ever; what Python reads while it starts is not: see `fits`.
`python -m tests.scenario.warm DESCRIPTOR` is the process that waits, until the other end of its socket is closed.
"""

from __future__ import annotations

import array
import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any, NoReturn

import typer.main

PACKAGES = ("catalog", "devices", "docking_station", "ingest", "media", "vault")
LATE = ("alembic.command", "minio", "psycopg", "rfc3161_client", "sqlalchemy.orm", "weasyprint")
"""What the program loads when it needs it."""
READ_AT_START = ("LANG", "LC_", "LD_", "PYTHON")
REQUEST_BYTES_MAX = 150_000
COLD, COMMANDS = 4, count()


def fits(environment: Iterable[str]) -> bool:
    """Whether a command with these variables can be forked: none of them is read while Python starts."""
    return not any(name.startswith(READ_AT_START) for name in environment)


def pays() -> bool:
    """Whether loading all pays: not for the first few commands of a process, which may stay its only ones."""
    return next(COMMANDS) >= COLD


def run(
    module: str, *arguments: str, environment: Mapping[str, str], timeout_s: float, mounts: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m MODULE ARGUMENT…` to its end, without input; `mounts` is a mount namespace to enter."""
    told: dict[str, Any] = {"module": module, "arguments": arguments, "folder": os.getcwd()}
    told |= {"environment": dict(environment), "mounts": mounts}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, open(os.memfd_create("out"), "w+b") as out, open(os.memfd_create("err"), "w+b") as err:
        parts = array.array("i", [theirs.fileno(), out.fileno(), err.fileno()])
        _waiting()[0].sendmsg([json.dumps(told).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, parts)])
        theirs.close()
        child = int(ours.recv(64))
        ours.settimeout(timeout_s)
        try:
            status = int(ours.recv(64))
        except TimeoutError as error:
            os.kill(child, signal.SIGKILL)
            ours.recv(64)
            raise subprocess.TimeoutExpired([module, *arguments], timeout_s) from error
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([module, *arguments], status, out.read(), err.read())


@cache
def _waiting() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The way to the process that waits, and that process; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    argv = [sys.executable, "-m", "tests.scenario.warm", str(theirs.fileno())]
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(argv, env=plain, stdin=nothing, stdout=nothing, pass_fds=[theirs.fileno()])
    theirs.close()
    return ours, process


def _load() -> None:
    """Load all that commands load, so that no command does."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.endswith((".__main__", ".verify", ".env")) and ".migrations.versions" not in found.name:
                importlib.import_module(found.name)
    for name in LATE:
        importlib.import_module(name)
    typer.main.get_command = cache(typer.main.get_command)  # else each command makes all of them anew
    cli = importlib.import_module("docking_station.cli")
    typer.main.get_command(cli.app)
    vars(cli)["asked_for"] = lambda _: cli.app
    assert len(os.listdir("/proc/self/task")) == 1, "a thread is not forked along"
    gc.collect()
    gc.freeze()


def _asked(line: socket.socket) -> tuple[Any, list[int]]:
    """Wait, and return in a process of its own for each command: what it is told, and its descriptors."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how those ended that watch the commands
    while True:
        message, descriptors, _, _ = socket.recv_fds(line, REQUEST_BYTES_MAX, 3)
        if not message:
            sys.exit()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            line.close()
            return json.loads(message), descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def _become(told: Any, descriptors: Sequence[int]) -> None:
    """Be the command from here on; its parent says how it ends."""
    answers = socket.socket(fileno=descriptors[0])
    child = os.fork()
    if child:
        answers.sendall(str(child).encode())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        answers.sendall(str(status).encode())
        os._exit(0)
    answers.close()
    for descriptor, standard in zip(descriptors[1:], (1, 2), strict=True):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    if told["mounts"] is not None:
        with open(told["mounts"]) as namespace:
            assert ctypes.CDLL(None).setns(namespace.fileno(), 0) == 0
    os.chdir(told["folder"])
    sys.path[0] = told["folder"]
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    sys.argv[1:] = told["arguments"]
    try:
        runpy.run_module(told["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            raise
        _leave(int(end.code or 0))
    _leave(0)


def _leave(status: int) -> NoReturn:
    """End as Python does, but do not take apart what was loaded: that takes ten times as long as most commands do."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _load()
    _become(*_asked(socket.socket(fileno=int(sys.argv[1]))))
