"""What is refused for good is held for a person and stands in nobody's way; a rebuilt catalog has no other opinion."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.cases import cases, reading
from catalog.clips import search
from catalog.database import Database
from catalog.errors import NoSuchCase
from catalog.recorders import dockings
from catalog.rules.acts import Act
from catalog.rules.canonical import parsed_time
from catalog.trail import trail
from ingest.custody.acts import ActWriter
from ingest.custody.rebuild import Rebuilder
from ingest.custody.verification import Verifier
from ingest.errors import ActRefused
from ingest.filing import CatalogFiler
from ingest.journal import Held, Journal
from ingest.sealing import signature_key
from tests.fakes import old_acts
from tests.fakes.clips import SEALED, clip, sealed
from tests.fakes.dockings import docking
from tests.fakes.faults import Crash, Faulty
from vault.backends.directory import DirectoryVault
from vault.errors import VaultDenied, VaultUnreachable
from vault.signature import make_key

CLIP = clip(1).id
LATER = SEALED + timedelta(days=1)


@pytest.fixture
def told() -> list[Held]:
    return []


@pytest.fixture
def act_writer(tmp_path: Path, told: list[Held]) -> Iterator[ActWriter]:
    (tmp_path / "vault").mkdir()
    vault, database = DirectoryVault(tmp_path / "vault", immutable=False), catalog(tmp_path / "catalog.db")
    journal = Journal(tmp_path / "journal.db")
    yield ActWriter(journal, database, vault, make_key(tmp_path), 6, on_held=told.append)
    journal.close()
    database.close()


def catalog(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    database.migrate()
    CatalogFiler(database).file(sealed(clip(1)))
    return database


def adding(case: str, title: str = "Stall", at: datetime = SEALED) -> Act:
    return cases.adding(
        case, title=title, subject=None, officers=(), begins_at=None, ends_at=None, at=at, actor="clerk"
    )


def linking(case: str, at: datetime) -> Act:
    return old_acts.linking(CLIP, case, reason=None, at=at, actor="clerk")


def cut_off(act_writer: ActWriter, act: Act, call: str, nth: int) -> None:
    """Carry an act out as far as the n-th call of a part."""
    part = "vault" if call == "put_document" else "database"
    changed: Any = {part: Faulty(getattr(act_writer, part), call, nth, applied=False, error=Crash())}
    with pytest.raises(Crash):
        replace(act_writer, **changed).carry_out(act)


def refused_by_the_rule(act_writer: ActWriter, *, is_locked: bool) -> None:
    """An act on its way, and a catalog that has become another meanwhile: somebody else entered the same case."""
    cut_off(act_writer, adding("7"), *(("transaction", 3) if is_locked else ("put_document", 1)))
    with act_writer.database.transaction() as session:
        dispatch.apply(session, adding("7", "Another", LATER))


def rebuilt(act_writer: ActWriter, path: Path) -> tuple[dict[str, Any], list[str], list[str]]:
    """A rebuilt catalog's cases and acts, and what was left out."""
    database = catalog(path)
    done = Rebuilder(act_writer.vault, {act_writer.signer.key_id: act_writer.signer.public}, lambda _: None).into(
        database
    )
    return (*told_by(database), [fault.key for fault in done.faults])


def told_by(database: Database) -> tuple[dict[str, Any], list[str]]:
    titles = {str(case.no): case.title for case in reading.every(database)}
    return titles, [f"{line.entry.action} {line.entry.subject}" for line in trail.lines(database)][1:]


@pytest.mark.parametrize("is_locked", [False, True], ids=["before the vault", "locked in the vault"])
def test_what_the_rule_refuses_is_held_and_later_acts_go_on(
    act_writer: ActWriter, told: list[Held], *, is_locked: bool
) -> None:
    refused_by_the_rule(act_writer, is_locked=is_locked)
    act_writer.carry_out(adding("8", at=LATER))
    act_writer.catch_up()
    assert {case.no: case.title for case in reading.every(act_writer.database)} == {"7": "Another", "8": "Stall"}
    (held,) = act_writer.journal.held().values()
    assert told == [held], "told once"
    assert (held.code, held.path) == ("ingest.act-refused", "case.added 7")
    assert "Another" in held.message
    assert "evidock held release" in held.hint
    assert len(list(act_writer.vault.keys("acts"))) == 1 + is_locked, "what cannot be comes not into the vault"


@pytest.mark.parametrize("is_locked", [False, True], ids=["before the vault", "locked in the vault"])
def test_what_is_withdrawn_is_so_in_a_rebuilt_catalog_too(
    act_writer: ActWriter, tmp_path: Path, *, is_locked: bool
) -> None:
    refused_by_the_rule(act_writer, is_locked=is_locked)
    act_writer.carry_out(adding("8", at=LATER))
    (key,) = act_writer.journal.held()
    act_writer.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    act_writer.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    assert (act_writer.journal.held(), act_writer.journal.intended()) == ({}, [])
    line = trail.lines(act_writer.database)[-1]
    assert (line.entry.action, '"title\\":\\"Stall' in line.details) == ("act.withdrawn", True)
    titles, acts, faults = rebuilt(act_writer, tmp_path / "again.db")
    assert (titles, faults) == ({"8": "Stall"}, []), "7 was entered by another station, into its own vault"
    assert acts == ["case.added 8", line.entry.action + " " + line.entry.subject]


def test_an_act_that_is_held_or_withdrawn_is_no_stranger_and_counts_for_nothing(act_writer: ActWriter) -> None:
    trusted = {act_writer.signer.key_id: act_writer.signer.public}
    verifier = Verifier(act_writer.database, act_writer.vault, trusted, lambda _: None)
    refused_by_the_rule(act_writer, is_locked=True)
    act_writer.carry_out(adding("8", at=LATER))
    digests = {one.sha256 for one in act_writer.journal.unfinished_acts()}
    assert [one.what for one in verifier.strangers()] == ["trail"]
    assert list(verifier.strangers(lambda: digests)) == []
    (key,) = act_writer.journal.held()
    act_writer.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    verifier.signed.begin()
    assert list(verifier.strangers()) == []


@pytest.mark.parametrize(("call", "nth"), [("put_document", 1), ("put_document", 2), ("transaction", 1)])
def test_a_withdrawal_that_was_cut_off_is_done_once(act_writer: ActWriter, call: str, nth: int) -> None:
    refused_by_the_rule(act_writer, is_locked=True)
    act_writer.catch_up()
    (key,) = act_writer.journal.held()
    part = "vault" if call == "put_document" else "database"
    changed: Any = {part: Faulty(getattr(act_writer, part), call, nth, applied=True, error=Crash())}
    with pytest.raises(Crash):
        replace(act_writer, **changed).withdraw(key, reason="twice", at=LATER, actor="clerk")
    act_writer.catch_up()
    assert list(act_writer.journal.held()) == [key], "until it is said to be over"
    act_writer.withdraw(key, reason="twice", at=LATER, actor="clerk")
    assert act_writer.journal.held() == {}
    assert [line.entry.action for line in trail.lines(act_writer.database)].count("act.withdrawn") == 1


def test_live_and_rebuilt_catalog_refuse_the_same_until_a_person_decides(act_writer: ActWriter, tmp_path: Path) -> None:
    act_writer.carry_out(adding("7", "Another"))
    pending = adding("7", at=LATER)
    body = pending.body()
    act_writer.journal.intend(body, act_writer.signer.sign(body))
    act_writer._lock(pending, body, act_writer.signer.sign(body))  # as an older version left it
    act_writer.carry_out(adding("8", at=LATER + timedelta(hours=1)))
    assert len(act_writer.journal.held()) == 1
    assert rebuilt(act_writer, tmp_path / "again.db") == (*told_by(act_writer.database), ["case.added 7"])


def test_an_act_that_leans_on_a_refused_one_is_refused_as_well(act_writer: ActWriter, tmp_path: Path) -> None:
    plant(act_writer, adding("7"))
    with pytest.raises(ActRefused) as refused:
        act_writer.carry_out(adding("7"))
    assert "7" in refused.value.message()
    with pytest.raises(NoSuchCase):
        act_writer.carry_out(linking("7", LATER))
    act_writer.carry_out(adding("7", at=LATER + timedelta(hours=1)))
    act_writer.carry_out(linking("7", LATER + timedelta(hours=2)))
    assert search.get(act_writer.database, CLIP).case == "7"
    assert rebuilt(act_writer, tmp_path / "again.db") == (*told_by(act_writer.database), [])


def plant(act_writer: ActWriter, act: Act) -> None:
    """Other bytes under the name of an act's signature."""
    key = signature_key(hashlib.sha256(act.body()).hexdigest())
    act_writer.vault.put_document(key, b"something else", LATER)


def test_a_docking_whose_document_the_vault_refuses_lets_the_next_be_noted(act_writer: ActWriter) -> None:
    first, second = (dockings.docked(docking(name, "EV1", SEALED), at=SEALED, actor="dock") for name in ("d1", "d2"))
    plant(act_writer, first)
    act_writer.note(first)
    act_writer.note(second)
    assert [one["id"] for one in dockings.every(act_writer.database, None, 9)] == ["d2"]
    assert [one.path for one in act_writer.journal.held().values()] == ["recorder.docked EV1"]


class Denies:
    """A vault that lets nobody write under some keys."""

    def __init__(self, real: DirectoryVault, word: str) -> None:
        self._real, self.word = real, word

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def put_document(self, key: str, body: bytes, until: datetime) -> object:
        if self.word.encode() in body:
            raise VaultDenied(what=key, reason="AccessDenied")
        return self._real.put_document(key, body, until)


def test_rights_that_lack_for_all_hold_nothing(act_writer: ActWriter) -> None:
    vault: Any = Denies(act_writer.vault, "sha")  # type: ignore[arg-type]
    denied = replace(act_writer, vault=vault)
    for number in range(2):
        with pytest.raises(VaultDenied):
            denied.carry_out(adding(str(number), at=SEALED + number * timedelta(hours=1)))
    with pytest.raises(VaultDenied):
        denied.catch_up()
    assert act_writer.journal.held() == {}
    act_writer.catch_up()
    assert [case.no for case in reading.every(act_writer.database)] == ["0", "1"], "in their order, once it may"


def test_rights_that_lack_for_one_hold_that_one(act_writer: ActWriter) -> None:
    vault: Any = Denies(act_writer.vault, "Secret")  # type: ignore[arg-type]
    denied = replace(act_writer, vault=vault)
    with pytest.raises(VaultDenied):
        denied.carry_out(adding("1", "Secret"))
    with pytest.raises(VaultDenied):
        denied.carry_out(linking("1", LATER))  # and not: there is no case 1
    denied.carry_out(adding("2", at=LATER))
    assert [case.no for case in reading.every(act_writer.database)] == ["2"]
    assert [one.path for one in act_writer.journal.held().values()] == ["case.added 1"]


def test_a_vault_that_is_away_holds_nothing(act_writer: ActWriter) -> None:
    vault: Any = Faulty(act_writer.vault, "put_document", 1, applied=False, error=VaultUnreachable(reason="x"))
    with pytest.raises(VaultUnreachable):
        replace(act_writer, vault=vault).carry_out(adding("7"))
    assert act_writer.journal.held() == {}
    act_writer.catch_up()
    assert [case.no for case in reading.every(act_writer.database)] == ["7"]


@pytest.mark.parametrize("shape", ["action", "schema", "details"])
def test_an_act_of_a_newer_program_is_held_and_left_out(act_writer: ActWriter, tmp_path: Path, shape: str) -> None:
    act = Act(SEALED, "clerk", "case.burnt" if shape == "action" else "case.added", "7", {"new": 1})
    body = act.body().replace(b"evidock.act/1", b"evidock.act/9" if shape == "schema" else b"evidock.act/1")
    pending = act_writer.journal.intend(body, act_writer.signer.sign(body))
    act_writer._lock(act, body, pending.signature)
    act_writer.carry_out(adding("8", at=LATER))
    (held,) = act_writer.journal.held().values()
    assert "none this version can carry out" in held.message
    assert parsed_time(held.since) >= SEALED
    assert len(rebuilt(act_writer, tmp_path / "again.db")[2]) == 1


def test_acts_keep_their_order_when_the_clock_is_set_back(act_writer: ActWriter, tmp_path: Path) -> None:
    act_writer.carry_out(adding("7"))
    act_writer.carry_out(adding("8", at=SEALED - timedelta(seconds=1)))
    act_writer.carry_out(linking("7", SEALED - timedelta(seconds=5)))
    act_writer.carry_out(linking("8", SEALED - timedelta(seconds=9)))
    titles, acts, faults = rebuilt(act_writer, tmp_path / "again.db")
    assert ((titles, acts), faults) == (told_by(act_writer.database), [])
    again = Database(f"sqlite:///{tmp_path}/again.db")
    assert [search.get(one, CLIP).case for one in (act_writer.database, again)] == ["8", "8"]


def test_a_clock_that_was_far_ahead_for_once_is_not_believed_for_ever(act_writer: ActWriter) -> None:
    act_writer.carry_out(adding("7", at=SEALED + timedelta(days=2000)))
    act_writer.carry_out(adding("8", at=SEALED))
    assert [line.entry.at for line in trail.lines(act_writer.database, subject="8")] == [SEALED]


def test_a_catalog_in_the_making_takes_nothing_that_waits_for_the_real_one(
    act_writer: ActWriter, tmp_path: Path
) -> None:
    cut_off(act_writer, adding("7"), "put_document", 1)
    other = replace(act_writer, database=catalog(tmp_path / "again.db"))
    other.announce(replace(adding("9"), action="trail.rebuilt", details={"before": None}))
    act_writer.catch_up()
    assert [case.no for case in reading.every(act_writer.database)] == ["7"]
    assert reading.every(other.database) == []
