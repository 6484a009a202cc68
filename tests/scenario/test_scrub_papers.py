"""What proves a clip, damaged in the vault: found by the scrub, repaired where it can be, in health until it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.clips import clips
from catalog.keeping import damaged_documents
from catalog.trail import trail
from docking_station.services.health import findings
from docking_station.services.health_facts import HealthProbes, gather
from docking_station.services.vault_check import repair_vault
from docking_station.station.station import Station
from ingest.custody.timestamps import stamp_key
from ingest.sealing import manifest_key, signature_key
from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.keeping import Years
from tests.scenario.truth import make_small_card
from tests.vault.authority import TestAuthority

KEYS = {"manifest": manifest_key, "signature": signature_key, "timestamp": stamp_key}


@dataclass(frozen=True)
class Sealed:
    """A station, a clip of it and the digest of its manifest."""

    dock: Dock
    clip: str
    sha256: str

    def place(self, what: str, folder: str = "vault") -> Path:
        return self.dock.home / folder / "objects" / KEYS[what](self.sha256)

    def actions(self) -> list[str]:
        with self.dock.opened() as station:
            return [line.entry.action for line in trail.lines(station.database, subject=self.clip)]

    @contextmanager
    def used(self) -> Iterator[Station]:
        with Years(self.dock).at(0) as station:
            yield station


def sealed(dock: Dock, place: Path) -> Sealed:
    make_small_card(place / "EV00001", "EV00001")
    dock.ingest(place / "EV00001")
    clip = next(iter(dock.clips().values()))["id"]
    with dock.opened() as station:
        return Sealed(dock, clip, clips.document(station.database, clip).sha256)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Sealed:
    place = tmp_path_factory.mktemp("papers")
    return sealed(new_dock(place / "home"), place)


@pytest.fixture
def copied(filed: Sealed, tmp_path: Path) -> Sealed:
    shutil.copytree(filed.dock.home, tmp_path / "home")
    return Sealed(Dock(tmp_path / "home"), filed.clip, filed.sha256)


def told(station: Station) -> list[tuple[str, str]]:
    """What health says of papers: sentence and hint."""
    found = findings(gather(station, HealthProbes()))
    return [(one.why.en[0], one.why.en[1]) for one in found if one.why.code == "health.paper-damaged"]


def write(path: Path, body: bytes) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


@pytest.mark.parametrize("how", ["a bit", "missing"])
@pytest.mark.parametrize("what", ["manifest", "signature"])
def test_a_single_vault_is_repaired_from_the_proven_catalog(copied: Sealed, what: str, how: str) -> None:
    path = copied.place(what)
    before = path.read_bytes()
    path.unlink()
    if how == "a bit":
        write(path, before.replace(b"sha256", b"sha257"))
    told_by = copied.dock.run("vault", "scrub", "--all", "--json").document
    assert len(told_by["mended"]) == 1
    assert path.read_bytes() == before
    assert [one for one in copied.actions() if one.startswith("manifest")] == ["manifest.mending", "manifest.mended"]
    copied.dock.verify()
    with copied.used() as station:
        assert told(station) == []


@pytest.mark.parametrize("what", ["manifest", "signature"])
def test_health_tells_what_stays_damaged_until_it_is_repaired(copied: Sealed, what: str) -> None:
    path = copied.place(what)
    before = path.read_bytes()
    write(path, before.replace(b"sha256", b"sha257"))
    forge(copied, b'"kinb"')
    copied.dock.run("vault", "scrub", "--all", status=31)
    copied.dock.run("vault", "scrub", "--all", status=31)
    with copied.used() as station:
        found = told(station)
    assert found
    assert all("is not proven" in said and copied.clip in said for said, _ in found)
    assert {hint.partition(" tries")[0] for _, hint in found} == {f"`evidock vault repair {copied.clip}`"}
    assert "paper-damaged" in copied.dock.run("health", status=5).stdout
    assert copied.actions().count("manifest.damaged") == len(found), "on the trail once for each"
    forge(copied, b'"kind"')
    copied.dock.run("vault", "repair", copied.clip)
    with copied.used() as station:
        assert (told(station), damaged_documents.standing(station.database, copied.clip)) == ([], frozenset())
    assert path.read_bytes() == before
    assert copied.actions().count("manifest.whole") == len(found)
    copied.dock.verify()


def forge(copied: Sealed, word: bytes) -> None:
    """Whoever can write the catalog's tables changes a word of the manifest, and back."""
    with copied.used() as station, station.database.transaction() as session:
        line = text("UPDATE manifest SET body = :body WHERE clip_id = :clip")
        body = clips.document(station.database, copied.clip).body
        session.connection().execute(
            line, {"body": body.replace(b'"kind"', word).replace(b'"kinb"', word), "clip": copied.clip}
        )


@pytest.fixture
def stamped(tmp_path: Path, request: pytest.FixtureRequest) -> Sealed:
    """A station whose clips have time stamps, in one vault or two."""
    settings = SETTINGS.replace('"folder:vault"', f'"{request.param}"', 1)
    dock = made_dock(tmp_path / "home", settings, exist_ok=True)
    found = sealed(dock, tmp_path)
    maker = TestAuthority(tmp_path / "authority")
    shutil.copy(maker.folder / "ca.pem", dock.home / "tsa.pem")
    with maker.serving() as url:
        dock.set('authority = ""', f'authority = "{url}"')
        dock.set('ca = ""', 'ca = "tsa.pem"')
        dock.run("vault", "stamp")
    return found


@pytest.mark.parametrize("how", ["another's", "missing", "no stamp"])
@pytest.mark.parametrize("stamped", ["mirror:2 folder:a folder:b"], indirect=True)
def test_a_time_stamp_is_repaired_from_the_other_vault(stamped: Sealed, how: str) -> None:
    path = stamped.place("timestamp", "a")
    before = path.read_bytes()
    harm(stamped, path, how)
    with stamped.used() as station:
        done = repair_vault(station, [stamped.clip])
        assert (len(done.repaired), done.damaged) == (1, ())
        assert repair_vault(station, [stamped.clip]).repaired == ()
        assert told(station) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize("how", ["another's", "no stamp"])
@pytest.mark.parametrize("stamped", ["folder:vault"], indirect=True)
def test_a_time_stamp_no_vault_has_whole_is_told_until_it_is_restored(stamped: Sealed, how: str) -> None:
    path = stamped.place("timestamp")
    before = path.read_bytes()
    harm(stamped, path, how)
    stamped.dock.run("vault", "scrub", "--all", status=31)
    with stamped.used() as station:
        ((said, _),) = told(station)
    assert stamp_key(stamped.sha256) in said
    write(path, before)
    stamped.dock.run("vault", "scrub", "--all")
    with stamped.used() as station:
        assert told(station) == []
    assert stamped.actions()[-2:] == ["manifest.damaged", "manifest.whole"]


def harm(stamped: Sealed, path: Path, how: str) -> None:
    other = next(one for one in sorted(path.parents[1].rglob("*.tsr")) if one != path).read_bytes()
    path.unlink()
    if how != "missing":
        write(path, other if how == "another's" else b"no stamp")


@pytest.mark.parametrize("stamped", ["folder:vault"], indirect=True)
def test_a_time_stamp_that_is_owed_is_no_damage(stamped: Sealed) -> None:
    stamped.place("timestamp").unlink()
    stamped.dock.run("vault", "scrub", "--all")
    with stamped.used() as station:
        assert told(station) == []
