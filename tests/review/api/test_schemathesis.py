"""Schemathesis asks a real server for whatever the API describes, as three people: no 5xx, no undocumented answer."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from docking_station.services import tokens
from docking_station.services.tokens import SCOPES
from docking_station.station.station import Station
from tests.fakes.apart import programs
from tests.fakes.people import caller
from tests.house.tree import ROOT
from tests.scenario.dock import Dock

SECONDS, EXAMPLES = 300, 60
REFUSED = ["2xx", "3xx", "401", "403", "404", "409", "412", "428", "429"]
"""What a request may be answered that is well formed: rights, and the state of a thing, say so, not its form."""
CONFIG = f"[checks.positive_data_acceptance]\nexpected-statuses = {REFUSED}\n"
ENDS = "/people/[^/]+/(suspension|departure)"
"""Whoever does that to themselves is answered 401 from then on; asked apart, in test_people."""
WIDE = "from review import app; app.ASKED = app.LOOKED = 1e6, 10**6; from review.__main__ import main; main()"
"""The pages as they are served, for who asks more often than any person: else most would be answered 429."""
WHO = {"custodian": "0104", "officer": "0101", "supervisor": "0105"}


@contextmanager
def asked(station: Station, no: str, home: Path) -> Iterator[tuple[str, str]]:
    """The address of the API of a house of their own, for whoever asks changes it, and a token of a person."""
    shutil.copytree(station.home.root, home)
    own = Dock(home)
    with own.opened() as copy:
        secret, _ = tokens.issue(copy, caller(no), "tests", SCOPES, copy.now() + timedelta(days=1), ())
    with socket.create_server(("127.0.0.1", 0)) as door:
        argv = [sys.executable, "-c", WIDE, str(door.fileno())]
        env = os.environ | {"EVIDOCK_HOME": str(home)}
        with subprocess.Popen(argv, cwd=ROOT, env=env, pass_fds=[door.fileno()]) as program:
            try:
                yield f"http://127.0.0.1:{door.getsockname()[1]}/api/v1", secret
            finally:
                program.terminate()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whatever_is_described_is_answered_as_described(bureau: Station, tmp_path: Path) -> None:
    program = programs(tmp_path / "environment", "requirements-schemathesis.txt") / "schemathesis"
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    for seed, no in enumerate(WHO.values(), int.from_bytes(os.urandom(3), "big")):
        with asked(bureau, no, tmp_path / no) as (address, secret):
            headers = {"Authorization": f"Bearer {secret}"}
            options = [
                "--exclude-path-regex",
                ENDS,
                "--max-examples",
                str(EXAMPLES),
                "--seed",
                str(seed),
                "--max-time",
                str(SECONDS // len(WHO)),
            ]
            argv = [str(program), "run", f"{address}/openapi.json", "--header", f"Authorization: Bearer {secret}"]
            done = subprocess.run([*argv, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
            print(done.stdout[-6000:])
            with urlopen(Request(f"{address}/session", headers=headers)) as still:
                assert still.status == HTTPStatus.OK, "who asks is no stranger now"
            assert done.returncode == 0, f"seed {seed}\n{done.stdout[-6000:]}"
