"""The servers the vault is tried on: SeaweedFS always, Ceph with `./test --all` where its lab is at hand."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.vault.stores import Store
from tests.vault.weed import ACCESS, PLAIN, SECRET
from vault.s3.store import ObjectVault
from vault.s3.wire import Secrets

CEPH_START_S_MAX = 900
CEPH_PORT = "7580"


@pytest.fixture(scope="session")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One monitor, one store, one gateway of Ceph, from the lab developers share."""
    lab = SHARED / "tools" / "s3-lab"
    if not lab.exists() or os.getuid() != 0:
        pytest.skip("Ceph's lab is not here, or this is not root")
    folder = tmp_path_factory.mktemp("ceph")
    surroundings = os.environ | {"S3_LAB_PORT": CEPH_PORT}
    run = [str(lab), "start", str(folder)]
    made = subprocess.run(run, env=surroundings, capture_output=True, timeout=CEPH_START_S_MAX, check=False)
    if made.returncode != 0:
        pytest.skip(f"Ceph did not start: {made.stderr.decode()[-200:]}")
    told = dict(line.split("=", 1) for line in made.stdout.decode().splitlines() if "=" in line)
    keys = Secrets(told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"])
    try:
        yield Store(told["S3_ENDPOINT"], keys, keys)
    finally:
        subprocess.run([str(lab), "stop", str(folder)], env=surroundings, timeout=120, check=False)


@pytest.fixture(params=["weed", pytest.param("ceph", marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
def store(request: pytest.FixtureRequest) -> Store:
    """Each server in turn."""
    if request.param == "ceph":
        found: Store = request.getfixturevalue("ceph")
        return found
    return weed_store(request)


@pytest.fixture
def weeds(request: pytest.FixtureRequest) -> Store:
    """SeaweedFS alone."""
    return weed_store(request)


def weed_store(request: pytest.FixtureRequest) -> Store:
    weed = request.getfixturevalue("weed")
    return Store(weed.endpoint, Secrets(ACCESS, SECRET), Secrets(*PLAIN))


@pytest.fixture
def place(store: Store) -> tuple[str, ObjectVault]:
    """A fresh bucket and a vault on it."""
    return store.new()


@pytest.fixture
def key() -> str:
    """A key nobody has used."""
    return f"originals/{uuid.uuid4().hex}"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A file to be put."""
    return tmp_path / "copy"
