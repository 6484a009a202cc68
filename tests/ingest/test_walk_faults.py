"""Every call of the walk is broken, in both ways that look alike to the caller; then the walk goes on.

Real spool, journal, vault and catalog on a real disk; only the fault is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog import listing, trail
from catalog.database import Database
from catalog.evidence import Docking, Duplicate, Receipt, SourceFile
from catalog.failures import CatalogUnreachable
from devices.junk import Junk
from devices.survey import Card
from ingest.contract import Silent
from ingest.errors import CopyMismatch, JournalFailed, TwinPending
from ingest.examine import Examiner
from ingest.filing import CatalogFiler
from ingest.journal import Journal
from ingest.proof import Prover
from ingest.sealing import Sealer
from ingest.spool import DiskSpool
from ingest.walk import Desk, Visit, walk
from media.ffmpeg import Tools
from media.names import load_patterns
from tests.fakes.faults import Crash, Faulty
from vault.backends.directory import DirectoryVault
from vault.errors import VaultUnreachable
from vault.signature import make_key, read_public_keys

NOW = datetime(2026, 3, 6, tzinfo=UTC)
BODY = b"2026-03-05 09:00:00 4 TA00001.MP4\r\n"


@dataclass
class House:
    """A whole station, without its command line."""

    root: Path
    card: Card
    desk: Desk
    visit: Visit
    database: Database
    vault: DirectoryVault

    def source(self, name: str, body: bytes = BODY) -> SourceFile:
        """A file on the card, as surveyed."""
        (self.root / "card" / name).write_bytes(body)
        found = [entry for entry in self.card.survey(Junk(())) if isinstance(entry, SourceFile)]
        return next(entry for entry in found if entry.path == name.encode())

    def assert_nothing_lost(self) -> None:
        """What is filed is proven; what is not filed is still on the card."""
        prover = Prover(self.database, self.vault, read_public_keys(self.root / "keys"), lambda _: None)
        for filed in listing.search(self.database, listing.Search()):
            assert prover.check(str(filed["id"])) == []
        assert (self.root / "card" / "a.log").read_bytes() == BODY
        assert trail.verify(self.database).fault is None


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    for name in ("card", "keys", "spool", "vault"):
        (tmp_path / name).mkdir()
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    vault = DirectoryVault(tmp_path / "vault", immutable=False)
    zone = timezone(timedelta(hours=8))
    desk = Desk(
        Journal(tmp_path / "journal.db"),
        DiskSpool(tmp_path / "spool", 0, Silent()),
        Examiner(Tools(ffprobe="/nonexistent", ffmpeg="/nonexistent"), load_patterns([]), zone),
        Sealer("station-1", make_key(tmp_path / "keys"), vault, 6),
        CatalogFiler(database),
        lambda: NOW,
    )
    card = Card(tmp_path / "card")
    visit = Visit(card, Docking("TA00001", None, None, None, NOW, "custodian"))
    yield House(tmp_path, card, desk, visit, database, vault)
    card.close()


def broken(house: House, part: str, call: str, nth: int, *, applied: bool, error: BaseException) -> tuple[Desk, Faulty]:
    """The desk with one call broken."""
    if part == "vault":
        fault = Faulty(house.vault, call, nth, applied=applied, error=error)
        sealer: Any = replace(house.desk.sealer, vault=fault)
        return replace(house.desk, sealer=sealer), fault
    fault = Faulty(getattr(house.desk, part), call, nth, applied=applied, error=error)
    changed: Any = {part: fault}
    return replace(house.desk, **changed), fault


CALLS = [
    ("journal", "once", 1),
    ("journal", "once", 2),
    ("journal", "once", 3),
    ("journal", "once", 4),
    ("journal", "once", 5),
    ("journal", "once", 6),
    ("journal", "note", 1),
    ("journal", "recall", 1),
    ("journal", "claim", 1),
    ("spool", "take", 1),
    ("spool", "drop", 1),
    ("examiner", "examine", 1),
    ("sealer", "sign", 1),
    ("sealer", "seal", 1),
    ("vault", "find", 1),
    ("vault", "put", 1),
    ("vault", "put_document", 1),
    ("vault", "put_document", 2),
    ("filer", "open_cases", 1),
    ("filer", "holders", 1),
    ("filer", "has", 1),
    ("filer", "file", 1),
]
ERRORS: dict[str, Callable[[], BaseException]] = {"error": lambda: VaultUnreachable(reason="no answer"), "crash": Crash}


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
@pytest.mark.parametrize(("part", "call", "nth"), CALLS, ids=lambda value: str(value))
def test_a_broken_walk_ends_as_if_nothing_had_happened(
    house: House, part: str, call: str, nth: int, applied: bool, kind: str
) -> None:
    source, error = house.source("a.log"), ERRORS[kind]()
    desk, fault = broken(house, part, call, nth, applied=applied, error=error)
    with suppress(type(error)):
        walk(source, house.visit, desk)
    assert fault.raised == (0 if (part, call) == ("vault", "find") else 1)
    house.assert_nothing_lost()
    receipt = walk(source, house.visit, house.desk)
    house.assert_nothing_lost()
    assert walk(source, house.visit, house.desk) == receipt
    assert isinstance(receipt, Receipt)
    assert [one["id"] for one in listing.search(house.database, listing.Search())] == [receipt.clip_id]
    assert len(list(house.vault.keys("manifests"))) == len(list(house.vault.keys("originals"))) == 1
    house.desk.spool.sweep(house.desk.journal.unfinished())
    assert list((house.root / "spool").iterdir()) == []


def test_a_copy_lost_from_the_spool_is_taken_again(house: House) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(source, house.visit, desk)
    (house.root / "spool" / source.key).unlink()
    assert isinstance(walk(source, house.visit, house.desk), Receipt)
    house.assert_nothing_lost()


def test_a_lost_copy_is_taken_again_also_when_the_vault_has_its_bytes(house: House) -> None:
    first, source = house.source("b.log"), house.source("a.log")
    walk(first, house.visit, house.desk)
    desk, _ = broken(house, "examiner", "examine", 1, applied=False, error=Crash())
    with pytest.raises(Crash):
        walk(source, house.visit, desk)
    (house.root / "spool" / source.key).unlink()
    assert isinstance(walk(source, house.visit, house.desk), Receipt)
    house.assert_nothing_lost()


def test_a_copy_that_rotted_before_sealing_is_taken_again(house: House) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "sign", 1, applied=False, error=CatalogUnreachable(reason="no answer"))
    with pytest.raises(CatalogUnreachable):
        walk(source, house.visit, desk)
    (house.root / "spool" / source.key).write_bytes(b"rotten")
    walk(source, house.visit, house.desk)
    house.assert_nothing_lost()


def test_a_card_that_answers_otherwise_after_signing_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(source, house.visit, desk)
    copy = house.root / "spool" / source.key
    copy.unlink()
    path = house.root / "card" / "a.log"
    path.write_bytes(BODY[::-1])
    monkeypatch.setattr(Card, "still", lambda *_: None)
    with pytest.raises(CopyMismatch):
        walk(source, house.visit, house.desk)
    assert not copy.exists()
    path.write_bytes(BODY)
    walk(source, house.visit, house.desk)
    house.assert_nothing_lost()


def test_equal_bytes_become_one_clip_and_wait_for_it(house: House) -> None:
    body = b"\x00\x00\x00\x18ftypmp42" + bytes(100)
    first, second = house.source("TA00001_JX0001_20260305090000.MP4", body), house.source("COPY.MP4", body)
    (house.root / "card" / "a.log").write_bytes(BODY)
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(first, house.visit, desk)
    with pytest.raises(TwinPending):
        walk(second, house.visit, house.desk)
    receipt = walk(first, house.visit, house.desk)
    assert isinstance(receipt, Receipt)
    assert walk(second, house.visit, house.desk) == Duplicate(receipt.clip_id)
    assert list((house.root / "spool").iterdir()) == []
    house.assert_nothing_lost()


def test_a_lost_journal_files_nothing_twice(house: House, tmp_path: Path) -> None:
    source = house.source("a.log")
    receipt = walk(source, house.visit, house.desk)
    fresh = replace(house.desk, journal=Journal(tmp_path / "fresh.db"))
    assert isinstance(receipt, Receipt)
    assert walk(source, house.visit, fresh) == Duplicate(receipt.clip_id)
    assert len(list(house.vault.keys("manifests"))) == 1


def test_a_broken_journal_is_no_reason_to_hold_a_file(house: House) -> None:
    house.desk.journal.close()
    with pytest.raises(JournalFailed):
        walk(house.source("a.log"), house.visit, house.desk)
