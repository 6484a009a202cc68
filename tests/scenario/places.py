"""Places with limits: mounts only the commands under test see, in a mount namespace of their own (unshare(1))."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from tests.fakes.loops import LET_GO
from tests.scenario.dock import ENTER

WAIT_S = 20


@cache
def why_no_mounts() -> str | None:
    """Why this machine cannot mount for a test, or None if it can."""
    if os.geteuid() != 0:
        return "only root may mount"
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return None if tried.returncode == 0 else f"mounting does not work here: {tried.stderr.decode().strip()}"


@contextmanager
def mounted(script: str) -> Iterator[tuple[str, ...]]:
    """Run a shell script in a namespace of its own, kept until the end; yields what runs a command there."""
    if (why := why_no_mounts()) is not None:
        pytest.skip(why)
    argv = ["unshare", "--mount", "sh", "-ec", f"{LET_GO}{script}\necho ready\nread end"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        try:
            enter, mounts, end = ENTER
            yield enter, f"{mounts}/proc/{child.pid}/ns/mnt", end
        finally:
            child.stdin.close()
            child.wait(WAIT_S)
