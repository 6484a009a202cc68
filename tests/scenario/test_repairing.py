"""A copy of an original goes bad in one of two vaults: it is repaired from the other, and the damaged one is kept."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog.clips import clips
from catalog.keeping import fixity
from catalog.trail import trail
from docking_station.services.vault_check import check_vault, repair_vault
from ingest.sealing import original_key, signature_key
from tests.fakes.callers import ME
from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.keeping import Years
from tests.scenario.test_object_storage import write_credentials
from tests.scenario.truth import make_small_card
from tests.vault.weed import Weed
from vault.s3.wire import Patience
from vault.wrapping import wrapped_key

HASTY = Patience(connect_s=1, answer_s=2, budget_s=2, tries=2, pause_s=0.02)
PLAIN = {"folders": "mirror:2 folder:a folder:b", "both": "mirror:2 folder:a {b}", "objects": "mirror:2 {a} {b}"}
PLACES = PLAIN | {f"encrypted {name}": f"encrypted:{address}" for name, address in PLAIN.items()}


@dataclass(frozen=True)
class Mirrored:
    """A station with two vaults, and the original that comes to harm."""

    dock: Dock
    weed: Weed
    clip: str
    sha256: str

    def harm(self, nth: int) -> None:
        """Turn a byte over where the storage itself keeps it, behind everybody's back."""
        copy = self.addresses()[nth]
        if not copy.startswith("s3:"):
            path = self.folder(nth) / "objects" / original_key(self.sha256)
            body = bytearray(path.read_bytes())
            body[len(body) // 2] ^= 1
            path.chmod(0o644)
            path.write_bytes(body)
            return
        with Years(self.dock).at(0) as station:
            kept = stored(station.vault.copies()[nth][1], original_key(self.sha256))
        self.turn(nth, kept)

    def turn(self, nth: int, body: bytes) -> None:
        """The same for any bytes of a bucket."""
        middle, found = bytes(body[len(body) // 2 :][:40]), 0
        for volume in self.of_bucket(self.addresses()[nth].rpartition("/")[2]):
            with volume.open("r+b") as file:
                at = file.read().find(middle)
                if at >= 0:
                    file.seek(at)
                    file.write(bytes([middle[0] ^ 1]))
                    found += 1
        assert found == 1, "the bytes lie in one volume of that bucket"

    def of_bucket(self, bucket: str) -> list[Path]:
        return sorted((self.weed.folder / "data").glob(f"{bucket}_*.dat"))

    def addresses(self) -> list[str]:
        with Years(self.dock).at(0) as station:
            return [address for address, _ in station.vault.copies()]

    def folder(self, nth: int) -> Path:
        return self.dock.home / self.addresses()[nth].removeprefix("folder:")

    def actions(self) -> list[str]:
        with Years(self.dock).at(0) as station:
            return [line.entry.action for line in trail.lines(station.database, subject=self.clip)]


def stored(vault: Any, key: str) -> bytes:
    """The bytes as the storage itself has them, encrypted or not."""
    with getattr(vault, "_one", vault).open(key) as file:
        return bytes(file.read())


SLOW = pytest.param("encrypted objects", marks=pytest.mark.slow)
ON_SERVERS = pytest.param("objects", marks=pytest.mark.slow)
"""A server that cannot read its own disk is asked again and again before it is believed."""


def station_at(place: str, folder: Path, weed: Weed) -> Dock:
    """A station with its vaults there, and a small card filed."""
    make_small_card(folder / "card", "EV00001")
    home = folder / "home"
    write_credentials(home)
    buckets = {name: weed.address(f"mend-{name}-{uuid.uuid4().hex[:8]}") for name in "ab"}
    address = PLACES[place].format(**buckets)
    settings = SETTINGS.replace('"folder:vault"', f'"{address}"', 1)
    if address.startswith("encrypted:"):
        settings = settings.replace('encrypt = "none"', 'encrypt = "all"')
        (home / "credentials/vault-wrapping-key").write_text("5a" * 32)
        (home / "credentials/vault-wrapping-key").chmod(0o600)
    dock = made_dock(home, settings, exist_ok=True)
    dock.ingest(folder / "card")
    return dock


@pytest.fixture(scope="module")
def on_folders(tmp_path_factory: pytest.TempPathFactory, weed: Weed) -> Callable[[str], Dock]:
    """Make a station once for each place that is of folders alone; copied, never used."""
    return cache(lambda place: station_at(place, tmp_path_factory.mktemp("mirrored"), weed))


@pytest.fixture(params=[name if name != "encrypted objects" else SLOW for name in PLACES])
def mirrored(request: pytest.FixtureRequest, tmp_path: Path, weed: Weed, on_folders: Callable[[str], Dock]) -> Mirrored:
    if request.param.endswith("folders"):
        dock = Dock(shutil.copytree(on_folders(request.param).home, tmp_path / "home"))
    else:
        dock = station_at(request.param, tmp_path, weed)
    clip = max(dock.clips().values(), key=lambda one: int(one["size_bytes"]))
    return Mirrored(dock, weed, clip["id"], clip["sha256"])


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot read its own disk is asked as often, in less time."""
    monkeypatch.setattr("vault.s3.wire.Patience", lambda: HASTY)


@pytest.mark.parametrize("nth", [0, 1])
def test_a_damaged_copy_is_repaired_and_kept(mirrored: Mirrored, nth: int) -> None:
    mirrored.harm(nth)
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.repaired], done.damaged) == ([mirrored.sha256], ())
    assert mirrored.actions()[-4:] == ["original.damaged", "original.mending", "original.mended", "original.whole"]
    with Years(mirrored.dock).at(0) as station:
        again = check_vault(station, ME, "bytes")
        assert again.findings == ()
        assert [one.what for one in again.oddities] == ["mended"], "the damaged one is still there"
        assert fixity.damaged(station.database, 10) == ()
        found = [copy.find(original_key(mirrored.sha256)) for _, copy in station.vault.copies()]
        assert None not in found
        ends = [one.retain_until for one in found if one is not None]
        assert max(ends) - min(ends) <= timedelta(seconds=1), "locked as long as the other"
        same = {stored(copy, original_key(mirrored.sha256)) for _, copy in station.vault.copies()}
        assert len(same) == 1, "the very bytes of the whole copy"
        assert repair_vault(station, [mirrored.clip]).repaired == ()
    assert mirrored.actions()[-1] == "original.whole", "nothing more to be told"


@pytest.mark.parametrize("mirrored", ["folders", "both", "encrypted folders", ON_SERVERS], indirect=True)
def test_with_no_whole_copy_it_is_shouted_about(mirrored: Mirrored) -> None:
    mirrored.harm(0)
    mirrored.harm(1)
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.damaged], done.repaired) == ([mirrored.sha256], ())
    assert "original.mending" not in mirrored.actions()
    assert "original-damaged" in mirrored.dock.run("health", status=5).stdout


@pytest.mark.parametrize("mirrored", ["folders", "both", "encrypted both"], indirect=True)
def test_a_missing_copy_is_brought(mirrored: Mirrored) -> None:
    (mirrored.folder(0) / "objects" / original_key(mirrored.sha256)).unlink()
    mirrored.dock.run("vault", "check", "--level", "lock")
    told = mirrored.dock.run("vault", "repair", mirrored.clip[:8]).stdout
    assert "REPAIRED" in told
    mirrored.dock.verify()
    assert mirrored.dock.run("clips", "verify", "--all", "--json").document["oddities"] == []


@pytest.mark.parametrize("mirrored", ["folders"], indirect=True)
def test_a_folder_that_is_not_mounted_is_no_damage(mirrored: Mirrored, new_dock: Callable[[Path], Dock]) -> None:
    place = mirrored.folder(0)
    shutil.move(place, place.with_name("unmounted"))
    place.mkdir()
    mirrored.dock.run("vault", "scrub", "--all", status=30)
    assert list(place.iterdir()) == []
    assert "original.damaged" not in mirrored.actions()


@pytest.mark.parametrize("harm", ["a bit", "all of it"])
@pytest.mark.parametrize("mirrored", ["encrypted folders", "encrypted both"], indirect=True)
def test_a_wrapped_key_is_repaired_with_its_original(mirrored: Mirrored, harm: str) -> None:
    key = wrapped_key(original_key(mirrored.sha256))
    path = mirrored.folder(0) / "objects" / key
    body = path.read_bytes()
    path.unlink()
    if harm == "a bit":
        path.write_bytes(body.replace(b'"wrapped": "', b'"wrapped": "A', 1))
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.repaired], done.damaged) == ([mirrored.sha256], ())
        assert check_vault(station, ME, "bytes").findings == ()
    assert path.read_bytes() == body
    mirrored.dock.verify()


@pytest.mark.parametrize("mirrored", [SLOW], indirect=True)
def test_a_wrapped_key_damaged_on_a_server_is_repaired_beside_it(mirrored: Mirrored) -> None:
    """The damaged version is locked and stays; the right one counts because it opens."""
    key = wrapped_key(original_key(mirrored.sha256))
    with Years(mirrored.dock).at(0) as station:
        good = stored(station.vault.copies()[1][1], key)
    mirrored.turn(0, good)
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.repaired], done.damaged) == ([mirrored.sha256], ())
        assert {stored(copy, key) for _, copy in station.vault.copies()} == {good}
    mirrored.dock.verify()


@pytest.mark.parametrize("harm", ["a bit", "all of it"])
@pytest.mark.parametrize("mirrored", ["folders", "encrypted both"], indirect=True)
def test_manifests_and_signatures_are_repaired_too(mirrored: Mirrored, harm: str) -> None:
    paths = [path for folder in ("manifests", "signatures") for path in papers(mirrored, folder)]
    before = {path: path.read_bytes() for path in paths}
    for path, body in before.items():
        path.unlink()
        if harm == "a bit":
            path.write_bytes(body.replace(b"sha256", b"sha257"))
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.repaired], done.damaged) == ([mirrored.sha256], ())
        assert repair_vault(station, [mirrored.clip]).repaired == ()
        assert check_vault(station, ME, "bytes").findings == ()
    assert {path: path.read_bytes() for path in paths} == before
    told = mirrored.actions()
    assert told.count("manifest.mending") == told.count("manifest.mended") == len(paths) == 2
    assert "original.damaged" not in told
    mirrored.dock.verify()


@pytest.mark.parametrize("mirrored", ["objects", SLOW], indirect=True)
def test_a_signature_damaged_on_a_server_is_repaired_beside_it(mirrored: Mirrored) -> None:
    """The damaged version is locked and stays; the right one counts because it holds."""
    with Years(mirrored.dock).at(0) as station:
        sha256 = clips.document(station.database, mirrored.clip).sha256
        key = signature_key(sha256)
        good = stored(station.vault.copies()[1][1], key)
    mirrored.turn(0, good)
    with Years(mirrored.dock).at(0) as station:
        done = repair_vault(station, [mirrored.clip])
        assert ([sha256 for sha256, _ in done.repaired], done.damaged) == ([mirrored.sha256], ())
        assert {stored(copy, key) for _, copy in station.vault.copies()} == {good}
        assert repair_vault(station, [mirrored.clip]).repaired == ()
    mirrored.dock.verify()


@pytest.mark.parametrize("mirrored", ["folders"], indirect=True)
def test_a_catalog_whose_manifest_is_not_proven_repairs_nothing(mirrored: Mirrored) -> None:
    """Who can write the catalog's tables cannot make the vaults hold what was never signed."""
    (path,) = papers(mirrored, "manifests")
    body = path.read_bytes()
    forged = body.replace(b'"kind"', b'"kinb"')
    assert forged != body
    with Years(mirrored.dock).at(0) as station:
        with station.database.transaction() as session:
            line = text("UPDATE manifest SET body = :body WHERE clip_id = :clip")
            session.connection().execute(line, {"body": forged, "clip": mirrored.clip})
        done = repair_vault(station, [mirrored.clip])
        assert done.repaired == ()
        assert "not proven" in done.damaged[0][1]
    assert "manifest.mending" not in mirrored.actions()
    assert path.read_bytes() == body


def papers(mirrored: Mirrored, folder: str) -> list[Path]:
    """The clip's documents in the first folder."""
    with Years(mirrored.dock).at(0) as station:
        sha256 = clips.document(station.database, mirrored.clip).sha256
    return list((mirrored.folder(0) / "objects" / folder).rglob(f"{sha256}.json"))
