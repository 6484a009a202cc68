"""The product in the guest: installed there from wheels, without a network.

Below each boot's throw-away layer of disk lies `packages-….qcow2`: the locked packages in /opt/evidock, made anew when
the lock has changed. The wheel of the tree is installed after each boot.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.lab.lab import Lab
from tests.lab.wheels import built_wheel, wheelhouse

VENV = "/opt/evidock"
INSTALL_S_MAX = 900
PAUSE_S = 0.5
KEY_CHARS = 12
TOOLS = ("ffprobe", "jmtpfs", "udevadm")
T = TypeVar("T")


def boot(lab: Lab) -> str:
    """Boot a fresh guest and install the product of this tree in it."""
    packages = _packages(lab)
    wheel = built_wheel(lab.cache)
    lab.down()
    lab.fresh_disk(packages)
    said = lab.up(lab.cache)
    pip = f"{VENV}/bin/pip install --quiet --no-index --no-deps /mnt/share/{wheel.name}"
    lab.run(f"{pip} && ln -sf {VENV}/bin/evidock /usr/local/bin/evidock && sync", limit_s=INSTALL_S_MAX)
    return said


def _packages(lab: Lab) -> Path:
    """The disk with the locked packages on it."""
    wheels = wheelhouse(lab.cache)
    layer = lab.cache / f"packages-{_key(wheels.name, f'{lab.root.resolve()} {lab.root.stat().st_mtime_ns}')}.qcow2"
    if not layer.exists():
        for old in lab.cache.glob("packages-*.qcow2"):
            old.unlink()
        lab.down()
        lab.fresh_disk(lab.root)
        lab.up(lab.cache)
        pip = f"{VENV}/bin/pip install --quiet --no-index --find-links /mnt/share/{wheels.name} --require-hashes"
        venv = f"command -v {' '.join(TOOLS)} && python3 -m venv {VENV}"
        lab.run(f"{venv} && {pip} -r /mnt/share/{wheels.name}/requirements.txt && sync", limit_s=INSTALL_S_MAX)
        lab.down()
        lab.keep_disk(layer)
    return layer


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:KEY_CHARS]


def until(what: str, ask: Callable[[], T | None], limit_s: float, pause_s: float = PAUSE_S) -> T:
    """Ask again until the answer is neither None nor false; fails after the limit."""
    end = time.monotonic() + limit_s
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < end, f"not within {limit_s:.0f} s: {what}"
        time.sleep(pause_s)
