"""Time stamps and keys of a whole station: owed and caught up, rotated twice, a forged history refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.rules import notes
from docking_station.services.dispose import newest_stamp
from ingest.custody.timestamps import APART_MAX, FAILURES_MAX, Timestamper, stamp_key
from tests.catalog.schema import faults
from tests.house.tree import ROOT
from tests.scenario.dock import Dock
from tests.scenario.test_keeping import Unreadable
from tests.scenario.truth import make_small_card
from tests.vault.authority import TestAuthority, openssl
from vault.contract import Vault
from vault.errors import ClocksDisagree, TimestampBad, VaultUnreachable
from vault.history import change_document, change_key
from vault.signature import make_key, make_next_key, read_key
from vault.timestamp import Authority, Stamp

SCHEMA, KEY_SCHEMA = (
    json.loads((ROOT / f"docs/schema/evidock.{name}.json").read_text()) for name in ("manifest-1", "key-1")
)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station with one card and a checkpoint; copied, never used."""
    place = tmp_path_factory.mktemp("seal")
    make_small_card(place / "EV00001", "EV00001")
    dock = new_dock(place / "home")
    dock.ingest(place / "EV00001")
    dock.run("trail", "checkpoint")
    return dock


@pytest.fixture
def copied(filed: Dock, tmp_path: Path) -> Dock:
    shutil.copytree(filed.home, tmp_path / "home")
    return Dock(tmp_path / "home")


def test_stamps_are_owed_while_the_authority_is_away_and_caught_up_with(copied: Dock, tmp_path: Path) -> None:
    maker = TestAuthority(tmp_path / "authority")
    with maker.serving() as url:
        pass
    shutil.copy(maker.folder / "ca.pem", copied.home / "tsa.pem")
    copied.set('authority = ""', f'authority = "{url}"')
    copied.set('ca = ""', 'ca = "tsa.pem"')
    assert copied.run("vault", "stamp", "--json", status=30).error == "vault.timestamp-unreachable"
    manifests, checkpoints = copied.objects("manifests"), copied.objects("checkpoints")
    with maker.serving() as other:
        copied.set(f'authority = "{url}"', f'authority = "{other}"')
        told = copied.run("vault", "stamp", "--json").document
        assert told == {"stamped": len(manifests) + 1, "owed": 0, "configured": True}
        asked = maker.asked
        assert copied.run("vault", "stamp", "--json").document["stamped"] == 0
        assert maker.asked == asked
        stamps = {path.stem: path for path in copied.objects("timestamps")}
        assert set(stamps) >= {path.stem for path in manifests}
        for path in (*manifests, *checkpoints):
            sha256 = path.stem if path in manifests else openssl("dgst", "-sha256", "-r", path).split()[0].decode()
            openssl("ts", "-verify", "-in", stamps[sha256], "-data", path, "-CAfile", maker.folder / "ca.pem")
        copied.verify()
        one, two = (stamps[path.stem] for path in manifests[:2])
        body = two.read_bytes()
        one.unlink()
        one.write_bytes(body)
        one.chmod(0o444)
        failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
        assert [each["what"] for each in failed] == ["timestamp", "lock"], "its digest is not its lock's"


def test_three_documents_that_get_no_stamp_starve_no_others(copied: Dock, tmp_path: Path) -> None:
    maker = TestAuthority(tmp_path / "authority")
    shutil.copy(maker.folder / "ca.pem", copied.home / "tsa.pem")
    with maker.serving() as url:
        copied.set('authority = ""', f'authority = "{url}"')
        copied.set('ca = ""', 'ca = "tsa.pem"')
        with copied.opened() as station:
            assert station.timestamper is not None
            choosy: Any = Choosy(station.timestamper.authority, FAILURES_MAX)
            station.timestamper.authority = choosy
            owed = len(station.timestamper.owed())
            assert owed > 2 * FAILURES_MAX
            for _ in range(owed):
                with suppress(TimestampBad):
                    station.timestamper.catch_up(owed, lambda: False)
            assert len(station.timestamper.owed()) == FAILURES_MAX


@pytest.fixture
def timestamper(copied: Dock, tmp_path: Path) -> Iterator[Timestamper]:
    """A station's, with an authority that answers."""
    maker = TestAuthority(tmp_path / "authority")
    shutil.copy(maker.folder / "ca.pem", copied.home / "tsa.pem")
    with maker.serving() as url:
        copied.set('authority = ""', f'authority = "{url}"')
        copied.set('ca = ""', 'ca = "tsa.pem"')
        with copied.opened() as station:
            assert station.timestamper is not None
            yield station.timestamper


def test_two_programs_that_stamp_at_once_are_no_fault(timestamper: Timestamper) -> None:
    owed, other = timestamper.owed(), replace(timestamper)
    timestamper.authority = cast("Authority", Slow(timestamper.authority, lambda: other.catch_up(1, lambda: False)))
    assert timestamper.catch_up(1, lambda: False) == 1
    assert other.owed() == timestamper.owed() == owed[1:]


def test_a_clock_apart_from_the_authoritys_is_told_and_the_stamps_are_kept(timestamper: Timestamper) -> None:
    timestamper.now = lambda: datetime.now(UTC) - APART_MAX - timedelta(minutes=1)
    with pytest.raises(ClocksDisagree):
        timestamper.catch_up(len(timestamper.owed()), lambda: False)
    assert not timestamper.owed()
    assert timestamper.catch_up(1, lambda: False) == 0, "told once, for what was stamped"


@dataclass
class Slow:
    """An authority during whose answer something else happens. Contract: the answer is the real one's."""

    real: Authority
    meanwhile: Callable[[], object]

    def stamp(self, document: bytes) -> Stamp:
        self.meanwhile()
        return self.real.stamp(document)

    def check(self, body: bytes, document: bytes) -> Stamp:
        return self.real.check(body, document)


def test_a_damaged_manifest_gets_no_stamp_and_is_not_said_to_have_one(copied: Dock, timestamper: Timestamper) -> None:
    harmed = copied.objects("manifests")[0]
    body = harmed.read_bytes()
    harmed.unlink()
    harmed.write_bytes(body.replace(b"sha256", b"sha257"))
    count = len(timestamper.owed())
    assert timestamper.catch_up(count, lambda: False) == count - 1
    assert len(copied.objects("timestamps")) == count - 1
    assert timestamper.catch_up(count, lambda: False) == 0
    harmed.write_bytes(body)
    assert timestamper.catch_up(count, lambda: False) == 1


def test_a_checkpoint_that_cannot_be_read_keeps_no_stamp_from_others(copied: Dock, timestamper: Timestamper) -> None:
    key = str(copied.objects("checkpoints")[0].relative_to(copied.home / "vault/objects"))
    timestamper.vault = cast("Vault", Unreadable(timestamper.vault, key))
    count = len(timestamper.owed())
    for _ in range(3):
        with suppress(VaultUnreachable):
            timestamper.catch_up(count, lambda: False)
    assert timestamper.owed() == [key]


@dataclass
class Choosy:
    """An authority that never stamps the first few documents it is asked about. Contract: the others get a real one."""

    real: Authority
    refused_max: int
    refused: set[bytes] = field(default_factory=set)

    def stamp(self, document: bytes) -> Stamp:
        if document in self.refused or len(self.refused) < self.refused_max:
            self.refused.add(document)
            raise TimestampBad(reason="not this one")
        return self.real.stamp(document)


def test_a_forged_stamp_is_no_witness_of_the_time(copied: Dock, tmp_path: Path) -> None:
    maker, forger = TestAuthority(tmp_path / "authority"), TestAuthority(tmp_path / "forger")
    shutil.copy(maker.folder / "ca.pem", copied.home / "tsa.pem")
    (checkpoint,) = copied.objects("checkpoints")
    with maker.serving() as url, forger.serving() as other:
        copied.set('authority = ""', f'authority = "{url}"')
        copied.set('ca = ""', 'ca = "tsa.pem"')
        forged = forger.authority(other).stamp(checkpoint.read_bytes())
        with copied.opened() as station:
            assert station.timestamper is not None
            where = stamp_key(hashlib.sha256(checkpoint.read_bytes()).hexdigest())
            station.own_vault.put_document(where, forged.body, station.now() + timedelta(days=1))
            assert newest_stamp(station, station.timestamper).year == 1
            genuine = station.timestamper.authority.stamp(checkpoint.read_bytes())
            path = copied.home / "vault" / "objects" / where
            path.unlink()
            path.write_bytes(genuine.body)
            assert newest_stamp(station, station.timestamper) == genuine.at


def rotated(dock: Dock) -> tuple[str, str]:
    told = dock.run("keys", "rotate", "--json").document
    return told["old"], told["new"]


def keys(dock: Dock, status: int = 0) -> dict[str, list[dict[str, str]]]:
    told: dict[str, list[dict[str, str]]] = dock.run("keys", "list", "--json", status=status).document
    return told


def left_with(dock: Dock, key: str) -> None:
    """The home holds but one public key: the others are known by the history in the vault."""
    for path in (dock.home / "keys").glob("*.pub.pem"):
        if path.name != f"{key}.pub.pem":
            path.unlink()


def test_keys_are_rotated_twice_and_everything_is_still_proven(copied: Dock, tmp_path: Path) -> None:
    first, second = rotated(copied)
    copied.run("cases", "add", "C1", "--title", "signed by the second key")
    again, third = rotated(copied)
    assert again == second
    make_small_card(tmp_path / "EV00002", "EV00002")
    copied.ingest(tmp_path / "EV00002")
    copied.run("trail", "checkpoint")
    assert [(one["id"], one["state"]) for one in keys(copied)["keys"]] == [
        (first, "retired"),
        (second, "retired"),
        (third, "signs"),
    ]
    copied.run("trail", "verify")
    for number, held in enumerate((first, third)):
        other = tmp_path / f"home{number}"
        shutil.copytree(copied.home, other)
        dock = Dock(other)
        left_with(dock, held)
        dock.verify()
        assert dock.run("trail", "verify", "--json").document["checkpoints"]["held"] == 2
        into = f"sqlite:///{tmp_path}/again{number}.db"
        assert dock.run("rebuild", "--into", into, "--json").document["faults"] == []
    signed = {json.loads(path.read_bytes())["key_id"] for path in copied.objects("signatures")}
    assert signed == {first, second, third}
    name, _, key = keys(copied)["keys"][-1]["verifier_key"].partition("+")
    newest = copied.objects("checkpoints")[-1].read_bytes()
    assert notes.read_note(newest).signatures[0].name == name
    assert notes.read_note(newest).signatures[0].key_hash.hex() == key.partition("+")[0]


def test_a_rotation_that_broke_off_is_gone_on_with(copied: Dock) -> None:
    folder = copied.home / "keys"
    planned = make_next_key(folder).key_id
    shutil.copytree(copied.home, copied.home.with_name("before"))
    first, second = rotated(copied)
    assert second == planned
    document = copied.objects("keys/history")[0].read_bytes()
    plan = {"old": first, "number": 1, "at": json.loads(json.loads(document)["body"])["at"]}
    for name in ("station.key", "station.key.next"):
        (folder / name).unlink(missing_ok=True)
        shutil.copy(copied.home.with_name("before") / "keys" / name, folder / name)
    (folder / "rotation.json").write_text(json.dumps(plan))
    assert rotated(copied) == (first, second), "the vault had it all; only the key had not taken its place"
    assert [path.read_bytes() for path in copied.objects("keys/history")] == [document]
    assert list(faults(json.loads(json.loads(document)["body"]), KEY_SCHEMA)) == []
    assert read_key(folder).key_id == second
    assert not (folder / "station.key.next").exists()
    copied.verify()


def test_a_forged_history_is_refused_and_named(copied: Dock, tmp_path: Path) -> None:
    for name in ("foreign", "other"):
        (tmp_path / name).mkdir()
    foreign, other = make_key(tmp_path / "foreign"), make_key(tmp_path / "other")
    stolen = read_key(copied.home / "keys")
    first, second = rotated(copied)
    forged = {
        change_key(2, other.key_id): change_document(foreign, other, 2, "2026-03-05T01:00:00Z"),
        change_key(1, foreign.key_id): change_document(stolen, foreign, 1, "2026-03-05T01:00:00Z"),
    }
    for key, body in forged.items():
        path = copied.home / "vault/objects" / key
        path.write_bytes(body)
        path.chmod(0o444)
    told = keys(copied, status=31)
    assert {one["key"] for one in told["refused"]} == set(forged)
    assert [one["id"] for one in told["keys"]] == [first, second]
    failed = copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    assert sorted((one["what"], one["path"]) for one in failed) == sorted(
        (what, key) for what in ("key", "lock") for key in forged
    )


def test_every_manifest_is_of_the_published_schema(filed: Dock) -> None:
    manifests = [json.loads(path.read_bytes()) for path in filed.objects("manifests")]
    assert any(one["track"] for one in manifests), "a track should be among them"
    assert any(one["media"]["streams"] for one in manifests)
    for manifest in manifests:
        assert list(faults(manifest, SCHEMA)) == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("schema",), "evidock.manifest/2"),
        (("kind",), "film"),
        (("clip",), None),
        (("source", "size_bytes"), -1),
        (("digests", "sm3"), "0"),
        (("sealing", "at"), "2026-03-05"),
        (("track",), [[None, 1, 2]]),
        (("track",), [[None, 1.5, 2, None]]),
        (("track",), [[None, 1, 2, None, 3]]),
        (("track",), [[None, 1, 2, None, 3, False]]),
        (("track",), [[None, 1, 2, None, 3, True, 4]]),
        (("link", "more"), 1),
    ],
)
def test_what_is_not_of_the_schema_is_found(filed: Dock, where: tuple[str, ...], value: object) -> None:
    manifest = json.loads(filed.objects("manifests")[0].read_bytes())
    inner = manifest
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    assert len(list(faults(manifest, SCHEMA))) >= 1


def test_an_authority_that_answers_nonsense_is_given_up_and_nothing_is_kept(copied: Dock, tmp_path: Path) -> None:
    maker = TestAuthority(tmp_path / "authority")
    maker.harm = b"nonsense"
    shutil.copy(maker.folder / "ca.pem", copied.home / "tsa.pem")
    with maker.serving() as url:
        copied.set('authority = ""', f'authority = "{url}"')
        copied.set('ca = ""', 'ca = "tsa.pem"')
        assert copied.run("vault", "stamp", "--json", status=31).error == "vault.timestamp-bad"
    assert maker.asked == 3
    assert copied.objects("timestamps") == []
