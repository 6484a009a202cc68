"""A station that goes over from Ed25519 to SM2: everything signed before and after is proven, here and in a bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenario.dock import Dock, made_dock
from tests.scenario.truth import make_small_card
from tests.vault.authority import openssl

ALGORITHM = 'algorithm = "ed25519"', 'algorithm = "sm2"'
GB = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


@pytest.fixture(scope="module")
def gone_over(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """A card under each key, and a checkpoint under each."""
    pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    place = tmp_path_factory.mktemp("sm2")
    dock = made_dock(place / "home")
    for number, serial in enumerate(("EV00001", "EV00002")):
        if number:
            dock.set(*ALGORITHM)
            dock.run("keys", "rotate", "--json")
        make_small_card(place / serial, serial)
        dock.ingest(place / serial, "--case", "C1")
        dock.run("trail", "checkpoint")
    return dock


def verdict(bundle: Path) -> tuple[int, str]:
    line = [sys.executable, "-I", "-S", str(bundle / "verify.py"), "--lang", "en"]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False, env={"LC_ALL": "C.UTF-8"})
    assert run.stderr == b""
    return run.returncode, run.stdout.decode()


def test_everything_is_proven_and_rebuilt(gone_over: Dock, tmp_path: Path) -> None:
    gone_over.verify()
    assert gone_over.run("trail", "verify", "--json").document["checkpoints"]["held"] == 2
    into = f"sqlite:///{tmp_path}/again.db"
    assert gone_over.run("rebuild", "--into", into, "--json").document["faults"] == []
    kinds = {json.loads(path.read_bytes())["algorithm"] for path in gone_over.objects("signatures")}
    assert kinds == {"Ed25519", "SM2"}


@pytest.mark.parametrize("held", [0, -1])
def test_one_key_leads_to_the_other(gone_over: Dock, tmp_path: Path, held: int) -> None:
    shutil.copytree(gone_over.home, tmp_path / "home")
    dock = Dock(tmp_path / "home")
    told = dock.run("keys", "list", "--json").document["keys"]
    kept = told[held]["id"]
    for path in (dock.home / "keys").glob("*.pub.pem"):
        if path.name != f"{kept}.pub.pem":
            path.unlink()
    dock.verify()


def test_a_bundle_proves_itself_and_names_what_is_harmed(gone_over: Dock, tmp_path: Path) -> None:
    gone_over.run("export", "--case", "C1", "--to", str(tmp_path / "out"))
    (bundle,) = (tmp_path / "out").iterdir()
    status, said = verdict(bundle)
    assert status == 0, said
    index = json.loads((bundle / "index.json").read_bytes())
    key = bundle / "keys" / f"{index['key_id']}.pub.pem"
    openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", key, *GB, "-in", bundle / "index.json", "-sigfile",
        bundle / "index.json.sig",
    )  # fmt: skip
    shutil.copytree(bundle, tmp_path / "edited")
    (tmp_path / "edited/index.json").write_bytes((bundle / "index.json").read_bytes() + b" ")
    assert "INDEX EDITED" in verdict(tmp_path / "edited")[1]
    shutil.copytree(bundle, tmp_path / "without")
    (tmp_path / "without/sm2.py").unlink()
    status, said = verdict(tmp_path / "without")
    assert status == 1
    assert "NOT CHECKED" in said
    assert "REMOVED: sm2.py" in said
    shutil.copytree(bundle, tmp_path / "lying")
    (tmp_path / "lying/sm2.py").write_text("def signed(*_):\n    print('HOLDS')\n    return True\n")
    status, said = verdict(tmp_path / "lying")
    assert status == 1
    assert "NOT CHECKED: index" in said, "whoever compared verify.py alone would believe it"
    assert "HOLDS" not in said


def test_a_station_begins_with_sm2_or_says_what_is_missing(tmp_path: Path) -> None:
    pytest.importorskip("gmssl_pyx", reason="the extra gm is not installed")
    dock = Dock(tmp_path / "home")
    dock.home.mkdir()
    (dock.home / "station.toml").write_text(f'[keys]\n{ALGORITHM[1]}\n[vault]\nimmutable = "never"\n')
    (tmp_path / "hidden/gmssl_pyx").mkdir(parents=True)
    (tmp_path / "hidden/gmssl_pyx/__init__.py").write_text("raise ImportError('hidden')\n")
    without = Dock(dock.home, environment={"PYTHONPATH": str(tmp_path / "hidden")})
    assert "vault.signer-missing" in without.run("init", status=39).stderr
    dock.run("init")
    make_small_card(tmp_path / "card", "EV00001")
    dock.ingest(tmp_path / "card")
    dock.verify()
