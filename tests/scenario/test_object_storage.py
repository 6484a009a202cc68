"""A station whose vault is object storage: the same day as with a folder, and nothing of it lost with the station."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fakes.badline import BadLine, Fault
from tests.scenario.comparing import TABLES, catalog
from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.truth import TOO_LARGE, make_small_card
from tests.vault.weed import ACCESS, SECRET, Weed
from vault.s3.address import parse_address
from vault.s3.bucket import Bucket
from vault.s3.uploading import PART_BYTES
from vault.s3.wire import Patience, Secrets, Wire

CASE = "2026-0305-1"
FILED = 7


@pytest.fixture(scope="module")
def bucket(weed: Weed) -> str:
    return f"day-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, weed: Weed, bucket: str) -> Dock:
    """A station with one card in its object storage."""
    home, card = tmp_path_factory.mktemp("s3") / "home", tmp_path_factory.mktemp("card") / "card"
    make_small_card(card)
    dock = s3_dock(home, weed, bucket)
    assert len(dock.ingest(card, "--case", CASE).filed) == FILED
    first = next(iter(dock.clips().values()))["id"]
    dock.run("clips", "unlink", first, "--reason", "not of this case")
    return dock


def s3_dock(home: Path, weed: Weed, bucket: str) -> Dock:
    """A station made by `evidock init`, its keys in files only their owner reads."""
    write_credentials(home)
    return made_with(home, weed.address(f"{bucket}/station"))


def write_credentials(home: Path) -> None:
    credentials = home / "credentials"
    credentials.mkdir(parents=True)
    for name, text in (("s3-access-key", ACCESS), ("s3-secret-key", SECRET)):
        (credentials / name).write_text(f"{text}\n")
        (credentials / name).chmod(0o600)


def made_with(home: Path, address: str) -> Dock:
    return made_dock(home, SETTINGS.replace('"folder:vault"', f'"{address}"', 1), exist_ok=True)


@pytest.fixture
def copied(lived: Dock, tmp_path: Path) -> Dock:
    """The same station in another folder, and the same object storage."""
    shutil.copytree(lived.home, tmp_path / "home")
    return Dock(tmp_path / "home")


def test_everything_is_in_the_bucket_and_proven(lived: Dock, weed: Weed, bucket: str) -> None:
    lived.verify()
    assert list((lived.home / "spool").iterdir()) == []
    assert not (lived.home / "vault").exists()
    one = next(iter(lived.clips().values()))
    lived.run("clips", "pull", one["id"], "--to", lived.home.parent / "pulled")
    assert verdict(lived)["oddities"] == []


def test_the_catalog_is_rebuilt_from_the_bucket_alone(lived: Dock, tmp_path: Path) -> None:
    into = tmp_path / "again.db"
    said = lived.run("rebuild", "--into", f"sqlite:///{into}", "--json").document
    assert (said["clips"], said["faults"]) == (FILED, [])
    every = {table: {"line", "leaf_hash", "chain_hash"} if table == "trail" else set[str]() for table in TABLES}
    first, again = catalog(lived.home / "catalog.db", every), catalog(into, every)
    for table in ("clip", "manifest", "link"):
        assert again[table] == first[table], table


def test_a_second_ingest_takes_nothing_again(lived: Dock, tmp_path: Path) -> None:
    make_small_card(tmp_path / "card")
    assert lived.ingest(tmp_path / "card").filed == {}


def test_what_somebody_does_to_the_bucket_is_told_and_harms_nothing(lived: Dock, weed: Weed, bucket: str) -> None:
    attacker = Wire(parse_address(f"http://{weed.endpoint}/{bucket}", Path("/")), Secrets(ACCESS, SECRET), Patience())
    deleted, overwritten, *_ = [one.name for one in Bucket(attacker).versions("station/originals/")]
    attacker.ask("DELETE", deleted)
    attacker.ask("PUT", overwritten, body=b"something else")
    found = verdict(lived)
    assert found["failed"] == []
    assert {(one["key"], one["what"]) for one in found["oddities"]} == {
        (deleted.removeprefix("station/"), "deleted"),
        (overwritten.removeprefix("station/"), "added"),
    }
    assert "Note:" in lived.run("clips", "verify", "--all").stderr + lived.run("clips", "verify", "--all").stdout


def verdict(dock: Dock) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = dock.run("clips", "verify", "--all", "--json").document
    return found


Harm = Callable[[Path], object]


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda home: (home / "credentials/s3-secret-key").write_text("wrong"), "vault.denied"),
        (lambda home: (home / "credentials/s3-secret-key").unlink(), "vault.secret-missing"),
        (lambda home: (home / "credentials/s3-secret-key").chmod(0o644), "vault.secret-missing"),
    ],
    ids=["wrong", "missing", "open to all"],
)
def test_bad_credentials_stop_an_ingest_in_words(copied: Dock, card: Path, harm: Harm, code: str) -> None:
    make_small_card(card / "DCIM", "EV00009")
    harm(copied.home)
    said = copied.run("ingest", card, "--json", status=None)
    assert said.error == code
    assert SECRET not in said.stdout + said.stderr


def test_credentials_of_systemd_come_first(copied: Dock, tmp_path: Path) -> None:
    handed = tmp_path / "handed"
    shutil.move(copied.home / "credentials", handed)
    told = copied.within(CREDENTIALS_DIRECTORY=str(handed)).run("clips", "verify", "--all", "--json")
    assert json.loads(told.stdout)["failed"] == []


def test_a_server_that_is_down_holds_nothing_back_for_ever(copied: Dock, card: Path) -> None:
    make_small_card(card / "DCIM", "EV00010")
    text = (copied.home / "station.toml").read_text()
    address = text.partition('address = "s3:http://')[2].partition("/")[0]
    copied.set(address, "127.0.0.1:9")
    said = copied.run("ingest", card, "--json", status=None)
    assert said.error == "vault.unreachable"
    copied.set("127.0.0.1:9", address)
    assert len(copied.ingest(card).held) == 0


def test_an_ingest_killed_at_any_moment_is_gone_on_with(weed: Weed, tmp_path: Path) -> None:
    chance, bucket = random.Random(4), f"killed-{uuid.uuid4().hex[:12]}"
    dock = s3_dock(tmp_path / "home", weed, bucket)
    make_small_card(tmp_path / "card")
    (tmp_path / "card" / TOO_LARGE).write_bytes(chance.randbytes(2 * PART_BYTES + 1))
    began = time.monotonic()
    for _ in range(4):
        process = dock.start("ingest", tmp_path / "card", "--case", CASE, "--json")
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=chance.uniform(0.5, 3))
        process.kill()
        process.communicate()
    dock.ingest(tmp_path / "card", "--case", CASE)
    assert len(dock.clips()) == FILED + 1, f"after {time.monotonic() - began:.0f} s"
    assert verdict(dock) == {"checked": FILED + 1, "failed": [], "oddities": []}
    attacker = Wire(parse_address(f"http://{weed.endpoint}/{bucket}", Path("/")), Secrets(ACCESS, SECRET), Patience())
    assert list(Bucket(attacker).uploads("")) == []
    assert list((dock.home / "spool").iterdir()) == []


def test_a_station_with_three_vaults_works_on_while_one_is_down(weed: Weed, tmp_path: Path) -> None:
    home, down = tmp_path / "home", {"now": False}
    make_small_card(tmp_path / "card")
    write_credentials(home)
    with BadLine(("127.0.0.1", weed.ports["s3"]), lambda line: Fault("refused") if down["now"] else None) as line:
        away = f"s3:http://{line.endpoint}/two-{uuid.uuid4().hex[:12]}"
        dock = made_with(home, f"mirror:2 folder:vault folder:second {away}")
        down["now"] = True
        assert len(dock.ingest(tmp_path / "card").filed) == FILED
        found = verdict(dock)
        assert found["failed"] == []
        assert {(one["what"], one["version"]) for one in found["oddities"]} == {("missing", away)}
        down["now"] = False
        objects = home / "vault/objects"
        sealed = {str(path.relative_to(objects)) for path in objects.rglob("*") if path.is_file()}
        missing = {one["key"] for one in verdict(dock)["oddities"]}
        assert missing == {key for key in sealed if not key.startswith("keys/")}
        dock.ingest(tmp_path / "card")
        assert verdict(dock) == {"checked": FILED, "failed": [], "oddities": []}
        shutil.rmtree(home / "vault/objects/originals")
        shutil.rmtree(home / "second/objects")
        assert verdict(dock)["failed"] == [], "the last vault is enough to read from"
        assert [path for path in (home / "spool").iterdir() if path.is_file()] == []
