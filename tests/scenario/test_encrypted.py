"""A station whose originals are encrypted in the vault: everything else is as if they were not."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from catalog.evidence import Docking
from catalog.rules.policy import Policy
from devices.survey import Card
from docking_station.services.dispose import dispose_clip
from docking_station.station.apart import is_own_file
from ingest.clearing.erase import clear
from ingest.clearing.proof import ClearingDesk
from ingest.contract import Silent
from ingest.custody.verification import Verifier
from ingest.inventory import take_inventory
from tests.catalog.schema import faults
from tests.fakes.docked import FakeDocked
from tests.house.tree import ROOT
from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.keeping import Years
from tests.scenario.truth import make_small_card
from vault.wrapping import wrapping

DIGITS = "5a" * 32
ADDRESS = 'address = "folder:vault"', 'address = "encrypted:folder:vault"'
ENCRYPTED = SETTINGS.replace(*ADDRESS)


def encrypting(home: Path, which: str) -> Dock:
    """A station with a wrapping key."""
    (home / "credentials").mkdir(parents=True)
    (home / "credentials/vault-wrapping-key").write_text(DIGITS + "\n")
    (home / "credentials/vault-wrapping-key").chmod(0o600)
    return made_dock(home, ENCRYPTED.replace('encrypt = "none"', f'encrypt = "{which}"'), exist_ok=True)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    place = tmp_path_factory.mktemp("encrypted")
    make_small_card(place / "EV00001", "EV00001")
    dock = encrypting(place / "home", "all")
    dock.ingest(place / "EV00001", "--case", "C1")
    return dock


@pytest.fixture
def copied(filed: Dock, tmp_path: Path) -> Dock:
    shutil.copytree(filed.home, tmp_path / "home")
    return Dock(tmp_path / "home")


def manifests(dock: Dock) -> list[dict[str, dict[str, object]]]:
    return [json.loads(path.read_bytes()) for path in dock.objects("manifests")]


def test_no_original_lies_plain_and_all_are_proven(copied: Dock) -> None:
    assert copied.leavings() == []
    originals = copied.objects()
    assert originals
    for path in originals:
        assert hashlib.sha256(path.read_bytes()).hexdigest() != path.name
        assert path.read_bytes().startswith(b"EVDSEG01")
    assert {path.stem for path in copied.objects("wrapped")} == {path.name for path in originals}
    told = {json.dumps(one["sealing"]["encryption"], sort_keys=True) for one in manifests(copied)}
    assert [json.loads(one) for one in told] == [{"format": "evidock.segments/1", "wrapping_key": wrapping(DIGITS).id}]
    schema = json.loads((ROOT / "docs/schema/evidock.manifest-1.json").read_text())
    assert [list(faults(one, schema)) for one in manifests(copied)] == [[] for _ in manifests(copied)]
    copied.verify()
    for level in ("metadata", "lock", "bytes"):
        copied.run("vault", "check", "--level", level)
    copied.run("vault", "scrub", "--all")


def test_copies_bundles_and_a_rebuilt_catalog_are_plain(copied: Dock, tmp_path: Path) -> None:
    clip = next(one for one in copied.every_clip() if one["size_bytes"] > 0)
    copied.run("clips", "pull", clip["id"], "--to", tmp_path / "out")
    pulled = [path for path in (tmp_path / "out").iterdir() if ".manifest." not in path.name]
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in pulled] == [clip["sha256"]]
    copied.run("export", "--case", "C1", "--to", tmp_path / "bundles")
    (bundle,) = (tmp_path / "bundles").iterdir()
    run = subprocess.run(
        [sys.executable, "-I", str(bundle / "verify.py"), "--lang", "en"], capture_output=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout.decode()
    into = f"sqlite:///{tmp_path}/again.db"
    assert copied.run("rebuild", "--into", into, "--json").document["faults"] == []


@pytest.mark.parametrize("harm", ["a bit of the object", "a bit of the wrapped key", "the wrapped key is gone"])
def test_harm_is_named(copied: Dock, harm: str) -> None:
    path = max(copied.objects(), key=lambda one: one.stat().st_size)
    if harm != "a bit of the object":
        path = copied.home / "vault/objects/wrapped" / path.parent.name / f"{path.name}.json"
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.unlink()
    if harm != "the wrapped key is gone":
        path.write_bytes(body)
        path.chmod(0o444)
    failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    beside = set() if harm == "the wrapped key is gone" else {"lock"}  # small: its digest is compared with its lock's
    assert {one["what"] for one in failed} == {"original", *beside}
    assert copied.run("vault", "scrub", "--all", "--json", status=None).document["damaged"]


def test_without_the_wrapping_key_it_is_said_and_nothing_is_damage(copied: Dock) -> None:
    (copied.home / "credentials/vault-wrapping-key").write_text("a5" * 32 + "\n")
    clip = copied.every_clip()[0]["id"]
    answer = copied.run("clips", "verify", clip, "--json", status=None)
    assert answer.status != 31
    assert f"vault-wrapping-key-{wrapping(DIGITS).id}" in answer.stderr
    (copied.home / f"credentials/vault-wrapping-key-{wrapping(DIGITS).id}").write_text(DIGITS)
    (copied.home / f"credentials/vault-wrapping-key-{wrapping(DIGITS).id}").chmod(0o600)
    copied.verify()


@pytest.mark.parametrize("is_harmed", [False, True])
def test_a_card_is_cleared_against_the_plain_original_read_again(tmp_path: Path, is_harmed: bool) -> None:
    make_small_card(tmp_path / "card", "EV00001")
    dock = encrypting(tmp_path / "home", "all")
    dock.ingest(tmp_path / "card")
    film = max(dock.objects(), key=lambda one: one.stat().st_size)
    if is_harmed:
        body = bytearray(film.read_bytes())
        body[len(body) // 2] ^= 1
        film.unlink()
        film.write_bytes(body)
    with dock.opened() as station, closing(Card(tmp_path / "card")) as card:
        docking = Docking("EV00001", None, None, None, station.now(), "custodian")
        verifier = Verifier(station.database, station.own_vault, station.trusted, lambda _: None)
        owned = partial(is_own_file, station.settings)
        desk = ClearingDesk(station.journal, verifier, lambda: Policy(1, "after-receipt"), station.now, owned)
        files = take_inventory(card, docking, station.junk, station.desk(Silent())).files
        report = clear(FakeDocked(tmp_path / "card"), files, docking, desk)
        assert len(files) > 0
    left = {(one.path.rsplit("/")[-1], one.why.code) for one in report.left}
    if is_harmed:
        here = [path for path in (tmp_path / "card").rglob("*") if path.is_file()]
        same = {path.name for path in here if hashlib.sha256(path.read_bytes()).hexdigest() == film.name}
        assert same
        assert left == {(name, "clearing.not-as-sealed") for name in same}
    else:
        assert left == set()
        assert len(report.erased) == len(files)


def test_disposal_destroys_the_key(copied: Dock) -> None:
    years, before = Years(copied), len(copied.objects("wrapped"))
    clip = next(one["id"] for one in copied.every_clip() if one["kind"] == "video" and not one["marks"])
    copied.run("clips", "unlink", clip, "--reason", "x", status=None)
    with years.at(4000) as station:
        due = next(row["id"] for one in station.disposer.due(station.now()) for row in one.clips)
        dispose_clip(station, station.caller, due, "over")
    with years.at(4000, "another") as station:
        dispose_clip(station, station.caller, due, None)
    assert len(copied.objects("wrapped")) == len(copied.objects()) == before - 1


def test_only_what_is_important_is_encrypted(tmp_path: Path) -> None:
    make_small_card(tmp_path / "card", "EV00001")
    dock = encrypting(tmp_path / "home", "important")
    dock.ingest(tmp_path / "card")
    wanted = {one["sha256"] for one in dock.every_clip() if "important" in one["marks"]}
    assert {path.stem for path in dock.objects("wrapped")} == wanted
    assert wanted
    assert {path.name for path in dock.objects()} > wanted
    dock.verify()


def test_settings_that_would_encrypt_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/station.toml").write_text(SETTINGS.replace('encrypt = "none"', 'encrypt = "all"'))
    assert "station.settings-bad" in Dock(tmp_path / "home").run("init", status=12).stderr
    (tmp_path / "home/station.toml").write_text(ENCRYPTED)
    assert "vault-wrapping-key" in Dock(tmp_path / "home").run("init", status=None).stderr
