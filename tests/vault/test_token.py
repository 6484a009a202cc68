"""A signing key in a token: SoftHSM where Debian's is installed, or named by EVIDOCK_TEST_SOFTHSM."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.dock import SETTINGS, Dock
from tests.scenario.truth import make_small_card

ROOT = Path(os.environ.get("EVIDOCK_TEST_SOFTHSM", "/"))
MODULE = ROOT / "usr/lib/softhsm/libsofthsm2.so"
TOOL = ROOT / "usr/bin/softhsm2-util"
PIN = "1234"
MAKE = """
import pkcs11, sys
token = pkcs11.lib(sys.argv[1]).get_token(token_label="evidock")
with token.open(rw=True, user_pin=sys.argv[2]) as session:
    asked = {pkcs11.Attribute.EC_PARAMS: bytes.fromhex("06032b6570")}
    curve = session.create_domain_parameters(pkcs11.KeyType.EC_EDWARDS, asked, local=True)
    way = pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN
    curve.generate_keypair(mechanism=way, store=True, label=sys.argv[3])
"""


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """A home whose settings name a token with a key."""
    pytest.importorskip("pkcs11", reason="the extra pkcs11 is not installed")
    if not MODULE.exists() or not TOOL.exists():
        pytest.skip("Debian's softhsm2 is not installed")
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path}/tokens\nlog.level = ERROR\n")
    surroundings = os.environ | {"SOFTHSM2_CONF": str(conf)}
    begin = [
        TOOL,
        "--module",
        MODULE,
        "--init-token",
        "--free",
        "--label",
        "evidock",
        "--pin",
        PIN,
        "--so-pin",
        "12345678",
    ]
    made = [[sys.executable, "-c", MAKE, str(MODULE), PIN, label] for label in ("evidock-station", "evidock-2")]
    for line in ([*map(str, begin)], *made):
        subprocess.run(line, env=surroundings, check=True, capture_output=True, timeout=30)
    home = tmp_path / "home"
    (home / "credentials").mkdir(parents=True)
    (home / "credentials/pkcs11-pin").write_text(PIN)
    (home / "credentials/pkcs11-pin").chmod(0o600)
    named = SETTINGS.replace('module = ""', f'module = "{MODULE}"').replace('token = ""', 'token = "evidock"')
    (home / "station.toml").write_text(named)
    return Dock(home, environment={"SOFTHSM2_CONF": str(conf)})


def test_a_station_signs_with_a_key_that_stays_in_its_token(dock: Dock, tmp_path: Path) -> None:
    dock.run("init")
    assert not (dock.home / "keys/station.key").exists()
    assert len(list((dock.home / "keys").glob("*.pub.pem"))) == 1
    make_small_card(tmp_path / "card", "EV00001")
    dock.ingest(tmp_path / "card")
    dock.run("trail", "checkpoint")
    assert dock.run("clips", "verify", "--all", "--json").document["failed"] == []
    dock.run("trail", "verify")
    assert "vault.key-not-rotated" in dock.run("keys", "rotate", status=29).stderr
    assert "vault.key-not-rotated" in dock.run("keys", "rotate", "--label", "evidock-station", status=29).stderr
    (dock.home / "credentials/pkcs11-pin").write_text("4321")
    assert "vault.key-missing" in dock.run("trail", "checkpoint", status=None).stderr
    shutil.rmtree(tmp_path / "tokens")
    (tmp_path / "tokens").mkdir()
    assert "vault.key-missing" in dock.run("trail", "checkpoint", status=None).stderr


@pytest.mark.parametrize("begins", ["in a file", "in the token"])
def test_the_next_key_is_another_pair_of_the_token(dock: Dock, tmp_path: Path, begins: str) -> None:
    settings = dock.home / "station.toml"
    named = settings.read_text()
    if begins == "in a file":
        settings.write_text(SETTINGS)
    dock.run("init")
    make_small_card(tmp_path / "card", "EV00001")
    dock.ingest(tmp_path / "card")
    settings.write_text(named if begins == "in the token" else named.replace("evidock-station", "evidock-2"))
    told = dock.run("keys", "rotate", "--label", "evidock-2", "--json").document
    if begins == "in the token":
        assert "vault.key-not-ours" in dock.run("trail", "checkpoint", status=29).stderr, "the old label signs no more"
        settings.write_text(named.replace("evidock-station", "evidock-2"))
    assert not (dock.home / "keys/station.key").exists()
    dock.run("trail", "checkpoint")
    listed = {one["id"]: one["state"] for one in dock.run("keys", "list", "--json").document["keys"]}
    assert listed == {told["old"]: "retired", told["new"]: "signs"}
    assert dock.run("clips", "verify", "--all", "--json").document["failed"] == []
    dock.run("trail", "verify")


SIGN = """
import hashlib, sys, threading
from pathlib import Path
from vault.signature import raw_signature_is_valid
from vault.token import read_token
signers = [read_token(sys.argv[1], "evidock", "evidock-station", sys.argv[2]) for _ in range(2)]
faults, made = [], []
def sign(number):
    signer = signers[number % 2]
    for turn in range(100):
        body = hashlib.sha256(f"{number} {turn}".encode()).digest() * (turn + 1)
        signature = signer.sign_raw(body)
        (made if raw_signature_is_valid(body, signature, signer.public) else faults).append(signature)
threads = [threading.Thread(target=sign, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(made), len(set(made)), len(faults))
"""


def test_many_sign_at_once_in_threads_and_processes(dock: Dock) -> None:
    line = [sys.executable, "-c", SIGN, str(MODULE), PIN]
    surroundings = os.environ | dict(dock.environment)
    running = [subprocess.Popen(line, env=surroundings, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=60)[0].split() for one in running] == [["800", "800", "0"]] * 2


OPEN = "import sys; from vault.token import read_token; print(read_token(*sys.argv[1:]).key_id)"


def test_programs_that_start_at_once_all_find_the_token(dock: Dock) -> None:
    """Six at once, five times: without their turns at the module, one start of eight found no token."""
    line = [sys.executable, "-c", OPEN, str(MODULE), "evidock", "evidock-station", PIN]
    surroundings = os.environ | dict(dock.environment)
    found = []
    for _ in range(5):
        running = [subprocess.Popen(line, env=surroundings, stdout=subprocess.PIPE, text=True) for _ in range(6)]
        found += [one.communicate(timeout=60)[0].strip() for one in running]
    assert len(found) == 30
    assert len(set(found)) == 1
    assert found[0]
