"""The product in the guest: installed there from wheels, without a network.

Layers of the guest's disk below each boot: `packages-….qcow2` (the locked packages in /opt/evidock) and
`product-….qcow2` (the wheel of the tree); each is made when what it is made from has changed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.lab.lab import Lab
from tests.lab.wheels import built_wheel, digest_of, wheelhouse

VENV = "/opt/evidock"
INSTALL_S_MAX = 900
PAUSE_S = 0.5
KEY_CHARS = 12
TOOLS = ("ffprobe", "jmtpfs", "udevadm")
T = TypeVar("T")


def installed(lab: Lab) -> Path:
    """The disk with the product of this tree on it."""
    wheels = wheelhouse(lab.cache)
    wheel = built_wheel(lab.cache)
    root = f"{lab.root.resolve()} {lab.root.stat().st_mtime_ns}"
    packages = lab.cache / f"packages-{_key(wheels.name, root)}.qcow2"
    product = lab.cache / f"product-{_key(packages.name, digest_of(wheel))}.qcow2"
    if not packages.exists():
        pip = f"{VENV}/bin/pip install --quiet --no-index --find-links /mnt/share/{wheels.name} --require-hashes"
        line = f"python3 -m venv {VENV} && {pip} -r /mnt/share/{wheels.name}/requirements.txt"
        _layer(lab, lab.root, packages, f"command -v {' '.join(TOOLS)} && {line}", "packages-*.qcow2")
    if not product.exists():
        pip = f"{VENV}/bin/pip install --quiet --no-index --no-deps /mnt/share/{wheel.name}"
        link = f"ln -sf {VENV}/bin/evidock /usr/local/bin/evidock && evidock --help >/dev/null"
        _layer(lab, packages, product, f"{pip} && {link}", "product-*.qcow2")
    return product


def _layer(lab: Lab, base: Path, to: Path, line: str, older: str) -> None:
    for old in lab.cache.glob(older):
        old.unlink()
    lab.down()
    lab.fresh_disk(base)
    lab.up(lab.cache)
    lab.run(f"set -e; {line}; sync", limit_s=INSTALL_S_MAX)
    lab.down()
    lab.keep_disk(to)


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
