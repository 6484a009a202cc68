"""A bundle of a station with real checkpoints, time stamps and a rotated key."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.scenario.dock import Dock
from tests.scenario.truth import make_small_card
from tests.vault.authority import TestAuthority, openssl


def without_the_client(tmp_path: Path) -> Path:
    """What hides the extra `timestamp` from a station."""
    hidden = tmp_path / "hidden"
    (hidden / "rfc3161_client").mkdir(parents=True)
    (hidden / "rfc3161_client/__init__.py").write_text("raise ModuleNotFoundError('hidden')\n")
    return hidden


def test_checkpoints_stamps_and_an_older_key_go_along(dock: Dock, tmp_path: Path) -> None:
    make_small_card(tmp_path / "card")
    dock.ingest(tmp_path / "card", "--case", "C1")
    dock.run("trail", "checkpoint")
    maker = TestAuthority(tmp_path / "authority")
    with maker.serving() as url:
        shutil.copy(maker.folder / "ca.pem", dock.home / "tsa.pem")
        dock.set('authority = ""', f'authority = "{url}"')
        dock.set('ca = ""', 'ca = "tsa.pem"')
        dock.run("vault", "stamp")
    dock.run("keys", "rotate")
    told = dock.run("export", "--case", "C1", "--to", tmp_path / "out", "--json").document
    bundle = Path(told["path"])
    run = subprocess.run([sys.executable, "-I", bundle / "verify.py", "--lang", "en"], capture_output=True, check=False)
    print(run.stdout.decode())
    assert run.returncode == 0
    assert b"a checkpoint of" in run.stdout
    index = json.loads((bundle / "index.json").read_bytes())
    assert len(index["keys"]) == 2
    for clip in index["clips"]:
        stamp, manifest = bundle / clip["timestamp"], bundle / clip["manifest"]
        openssl("ts", "-verify", "-in", stamp, "-data", manifest, "-CAfile", bundle / "data/timestamps/authority.pem")
    assert len(index["key_history"]) == 1
    page = (bundle / "report.en.html").read_text()
    clips = len(index["clips"])
    assert page.count(", checked against authority.pem") == clips
    assert f"{clips}, {clips} of them checked when this was made" in page
    unchecked = dock.within(PYTHONPATH=str(without_the_client(tmp_path)))
    quiet = unchecked.run("export", "--case", "C1", "--to", tmp_path / "quiet", "--json").document
    page = (Path(quiet["path"]) / "report.en.html").read_text()
    assert "checked against authority.pem" not in page, "nothing is said to be checked that was not"
    assert f"{clips}, 0 of them checked when this was made" in page
    again = dock.run("export", "--case", "C1", "--to", tmp_path / "out", "--json").document
    assert again["path"] != told["path"]
    one, other = (bundle / clip["timestamp"] for clip in index["clips"][:2])
    one.write_bytes(other.read_bytes())
    run = subprocess.run([sys.executable, "-I", bundle / "verify.py", "--lang", "en"], capture_output=True, check=False)
    print(run.stdout.decode())
    assert run.returncode == 1
    assert b"TIMESTAMP FORGED" in run.stdout
    one = bundle / index["key_history"][0]
    one.write_bytes(one.read_bytes().replace(b'\\"number\\":1', b'\\"number\\":2'))
    run = subprocess.run([sys.executable, "-I", bundle / "verify.py", "--lang", "en"], capture_output=True, check=False)
    assert b"KEY HISTORY FORGED" in run.stdout, run.stdout.decode()
