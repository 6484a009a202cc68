"""What is installed in the guest, which reaches no network: the locked packages and the product's wheel, as files.

Shapes: a folder `wheels-<digest of the lock>` with wheels and `requirements.txt`; a wheel made from the tree as it is.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).parents[2]
DOWNLOAD_S_MAX = 600
BUILD_S_MAX = 120
GUEST_PYTHON = "3.11"


def requirements() -> str:
    """The lock of the product, and of what recorders that speak MTP need; every line with its digests."""
    extra = re.search(r"^gphoto2==(?:.*\\\n)*.*\n", (TREE / "requirements-test.txt").read_text(), re.MULTILINE)
    assert extra is not None
    return (TREE / "requirements.txt").read_text() + extra[0]


def wheelhouse(cache: Path) -> Path:
    """The folder of locked packages; downloaded once for each lock."""
    lock = requirements()
    folder = cache / f"wheels-{hashlib.sha256(lock.encode()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    (part / "requirements.txt").write_text(lock)
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    argv += ["--only-binary", ":all:", "--python-version", GUEST_PYTHON, "--no-deps", "-d", str(part)]
    argv += ["-r", str(part / "requirements.txt")]
    subprocess.run(argv, check=True, timeout=DOWNLOAD_S_MAX, capture_output=True)
    part.rename(folder)
    return folder


def built_wheel(folder: Path) -> Path:
    """The product's wheel, built from the tree; the same tree gives the same bytes."""
    for old in folder.glob("evidock-*.whl"):
        old.unlink()
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(argv, cwd=TREE, check=True, capture_output=True, timeout=BUILD_S_MAX)
    (wheel,) = folder.glob("evidock-*.whl")
    return wheel
