"""Every call of the walk is broken, in both ways that look alike to the caller; then the walk goes on.

Real spool, journal, vault and catalog on a real disk; only the fault is made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import search
from catalog.errors import CatalogUnreachable
from catalog.evidence import Duplicate, Receipt
from devices.survey import Card
from ingest.errors import CopyMismatch, JournalFailed, TwinPending
from ingest.journal import Journal
from ingest.walk import AbsentCard, CardAtHand, WalkDesk, walk
from tests.fakes.faults import Crash, Faulty
from tests.ingest.house import BODY, House
from vault.errors import VaultUnreachable


def broken(
    house: House, part: str, call: str, nth: int, *, applied: bool, error: BaseException
) -> tuple[WalkDesk, Faulty]:
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
    ("filer", "assignees", 1),
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
        walk(source, house.at_hand, desk)
    assert fault.raised == (0 if (part, call) == ("vault", "find") else 1)
    house.assert_nothing_lost()
    receipt = walk(source, house.at_hand, house.desk)
    house.assert_nothing_lost()
    assert walk(source, house.at_hand, house.desk) == receipt
    assert isinstance(receipt, Receipt)
    assert [one.id for one in search.search(house.database, search.Search())] == [receipt.clip_id]
    assert len(list(house.vault.keys("manifests"))) == len(list(house.vault.keys("originals"))) == 1
    house.desk.spool.sweep(house.desk.journal.unfinished())
    assert list((house.root / "spool").iterdir()) == []


def test_a_copy_lost_from_the_spool_is_taken_again(house: House) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(source, house.at_hand, desk)
    (house.root / "spool" / source.key).unlink()
    assert isinstance(walk(source, house.at_hand, house.desk), Receipt)
    house.assert_nothing_lost()


def test_a_lost_copy_is_taken_again_also_when_the_vault_has_its_bytes(house: House) -> None:
    first, source = house.source("b.log"), house.source("a.log")
    walk(first, house.at_hand, house.desk)
    desk, _ = broken(house, "examiner", "examine", 1, applied=False, error=Crash())
    with pytest.raises(Crash):
        walk(source, house.at_hand, desk)
    (house.root / "spool" / source.key).unlink()
    assert isinstance(walk(source, house.at_hand, house.desk), Receipt)
    house.assert_nothing_lost()


def test_a_copy_that_rotted_before_sealing_is_taken_again(house: House) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "sign", 1, applied=False, error=CatalogUnreachable(reason="no answer"))
    with pytest.raises(CatalogUnreachable):
        walk(source, house.at_hand, desk)
    (house.root / "spool" / source.key).write_bytes(b"rotten")
    walk(source, house.at_hand, house.desk)
    house.assert_nothing_lost()


def test_a_card_that_answers_otherwise_after_signing_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    source = house.source("a.log")
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(source, house.at_hand, desk)
    copy = house.root / "spool" / source.key
    copy.unlink()
    path = house.root / "card" / "a.log"
    path.write_bytes(BODY[::-1])
    monkeypatch.setattr(Card, "still", lambda *_: None)
    with pytest.raises(CopyMismatch):
        walk(source, house.at_hand, house.desk)
    assert not copy.exists()
    path.write_bytes(BODY)
    walk(source, house.at_hand, house.desk)
    house.assert_nothing_lost()


def test_equal_bytes_become_one_clip_and_wait_for_it(house: House) -> None:
    body = b"\x00\x00\x00\x18ftypmp42" + bytes(100)
    first, second = house.source("TA00001_JX0001_20260305090000.MP4", body), house.source("COPY.MP4", body)
    (house.root / "card" / "a.log").write_bytes(BODY)
    desk, _ = broken(house, "sealer", "seal", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(first, house.at_hand, desk)
    with pytest.raises(TwinPending):
        walk(second, house.at_hand, house.desk)
    receipt = walk(first, house.at_hand, house.desk)
    assert isinstance(receipt, Receipt)
    assert walk(second, house.at_hand, house.desk) == Duplicate(receipt.clip_id)
    assert list((house.root / "spool").iterdir()) == []
    house.assert_nothing_lost()


FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(100)
LAST_CALLS = [("sealer", "sign"), ("sealer", "seal"), ("vault", "put")]


@pytest.mark.parametrize(("part", "call"), LAST_CALLS, ids=lambda value: str(value))
@pytest.mark.parametrize("lost", ["gone", "rotten"])
def test_a_twin_takes_over_from_a_file_whose_copy_is_lost(house: House, part: str, call: str, lost: str) -> None:
    """Card 1 was cut off after the number was given away, its copy is lost, and it never comes back."""
    first, second = house.source("TA00001_JX0001_20260305090000.MP4", FILM), house.source("COPY.MP4", FILM)
    (house.root / "card" / "a.log").write_bytes(BODY)
    desk, _ = broken(house, part, call, 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(first, house.at_hand, desk)
    copy = house.root / "spool" / first.key
    copy.unlink()
    if lost == "rotten":
        copy.write_bytes(FILM[::-1])
    receipt = walk(second, house.at_hand, house.desk)
    assert isinstance(receipt, Receipt)
    assert house.desk.journal.receipt_of(receipt.clip_id) == receipt
    # The first needs neither its copy nor its card to end; and should it come back, it becomes no second clip.
    assert walk(first, CardAtHand(AbsentCard(), house.at_hand.docking), house.desk) == Duplicate(receipt.clip_id)
    assert walk(first, house.at_hand, house.desk) == Duplicate(receipt.clip_id)
    assert len(list(house.vault.keys("manifests"))) == len(list(house.vault.keys("originals"))) == 1
    assert list((house.root / "spool").iterdir()) == []
    house.assert_nothing_lost()


def test_a_twin_waits_where_the_vault_has_the_bytes_of_the_first(house: House) -> None:
    """Sealed and not filed: the first needs no copy to become the clip."""
    first, second = house.source("TA00001_JX0001_20260305090000.MP4", FILM), house.source("COPY.MP4", FILM)
    (house.root / "card" / "a.log").write_bytes(BODY)
    desk, _ = broken(house, "filer", "file", 1, applied=False, error=CatalogUnreachable(reason="no answer"))
    with pytest.raises(CatalogUnreachable):
        walk(first, house.at_hand, desk)
    (house.root / "spool" / first.key).unlink(missing_ok=True)
    with pytest.raises(TwinPending):
        walk(second, house.at_hand, house.desk)
    assert isinstance(walk(first, CardAtHand(AbsentCard(), house.at_hand.docking), house.desk), Receipt)
    assert isinstance(walk(second, house.at_hand, house.desk), Duplicate)
    house.assert_nothing_lost()


def test_a_number_whose_file_became_another_clip_is_free(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first copy was lost before it was signed, and its card answers otherwise now."""
    first, second = house.source("TA00001_JX0001_20260305090000.MP4", FILM), house.source("COPY.MP4", FILM)
    (house.root / "card" / "a.log").write_bytes(BODY)
    desk, _ = broken(house, "sealer", "sign", 1, applied=False, error=VaultUnreachable(reason="no answer"))
    with pytest.raises(VaultUnreachable):
        walk(first, house.at_hand, desk)
    (house.root / "spool" / first.key).unlink()
    (house.root / "card" / "TA00001_JX0001_20260305090000.MP4").write_bytes(FILM[:-1] + b"x")
    monkeypatch.setattr(Card, "still", lambda *_: None)
    other = walk(first, house.at_hand, house.desk)
    receipt = walk(second, house.at_hand, house.desk)
    assert isinstance(other, Receipt)
    assert isinstance(receipt, Receipt)
    assert other.clip_id != receipt.clip_id
    house.assert_nothing_lost()


def test_a_lost_journal_files_nothing_twice(house: House, tmp_path: Path) -> None:
    source = house.source("a.log")
    receipt = walk(source, house.at_hand, house.desk)
    fresh = replace(house.desk, journal=Journal(tmp_path / "fresh.db"))
    assert isinstance(receipt, Receipt)
    assert walk(source, house.at_hand, fresh) == Duplicate(receipt.clip_id)
    assert len(list(house.vault.keys("manifests"))) == 1


def test_a_broken_journal_is_no_reason_to_hold_a_file(house: House) -> None:
    house.desk.journal.close()
    with pytest.raises(JournalFailed):
        walk(house.source("a.log"), house.at_hand, house.desk)
