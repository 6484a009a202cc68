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
from catalog.cases import cases
from catalog.clips import search
from catalog.database import Database
from catalog.errors import NoSuchCase
from catalog.recorders import dockings
from catalog.rules.acts import Act
from catalog.rules.canonical import parsed_time
from catalog.trail import trail
from ingest.custody.acts import Registrar
from ingest.custody.rebuild import Rebuilder
from ingest.custody.verification import Prover
from ingest.errors import ActRefused
from ingest.filing import CatalogFiler
from ingest.journal import Held, Journal
from ingest.sealing import signature_key
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
def registrar(tmp_path: Path, told: list[Held]) -> Iterator[Registrar]:
    (tmp_path / "vault").mkdir()
    vault, database = DirectoryVault(tmp_path / "vault", immutable=False), catalog(tmp_path / "catalog.db")
    journal = Journal(tmp_path / "journal.db")
    yield Registrar(journal, database, vault, make_key(tmp_path), 6, told=told.append)
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
    return cases.linking(CLIP, case, reason=None, at=at, actor="clerk")


def cut_off(registrar: Registrar, act: Act, call: str, nth: int) -> None:
    """Carry an act out as far as the n-th call of a part."""
    part = "vault" if call == "put_document" else "database"
    changed: Any = {part: Faulty(getattr(registrar, part), call, nth, applied=False, error=Crash())}
    with pytest.raises(Crash):
        replace(registrar, **changed).carry_out(act)


def refused_by_the_rule(registrar: Registrar, *, is_locked: bool) -> None:
    """An act on its way, and a catalog that has become another meanwhile: somebody else entered the same case."""
    cut_off(registrar, adding("7"), *(("transaction", 1) if is_locked else ("put_document", 1)))
    with registrar.database.transaction() as session:
        dispatch.apply(session, adding("7", "Another", LATER))


def rebuilt(registrar: Registrar, path: Path) -> tuple[dict[str, Any], list[str], list[str]]:
    """A rebuilt catalog's cases and acts, and what was left out."""
    database = catalog(path)
    done = Rebuilder(registrar.vault, {registrar.signer.key_id: registrar.signer.public}, lambda _: None).into(database)
    return (*told_by(database), [fault.key for fault in done.faults])


def told_by(database: Database) -> tuple[dict[str, Any], list[str]]:
    titles = {str(case["no"]): case["title"] for case in cases.every(database)}
    return titles, [f"{line.entry.action} {line.entry.subject}" for line in trail.lines(database)][1:]


@pytest.mark.parametrize("is_locked", [False, True], ids=["before the vault", "locked in the vault"])
def test_what_the_rule_refuses_is_held_and_later_acts_go_on(
    registrar: Registrar, told: list[Held], *, is_locked: bool
) -> None:
    refused_by_the_rule(registrar, is_locked=is_locked)
    registrar.carry_out(adding("8", at=LATER))
    registrar.catch_up()
    assert {case["no"]: case["title"] for case in cases.every(registrar.database)} == {"7": "Another", "8": "Stall"}
    (held,) = registrar.journal.held().values()
    assert told == [held], "told once"
    assert (held.code, held.path) == ("ingest.act-refused", "case.added 7")
    assert "Another" in held.message
    assert "evidock held release" in held.hint
    assert len(list(registrar.vault.keys("acts"))) == 1 + is_locked, "what cannot be comes not into the vault"


@pytest.mark.parametrize("is_locked", [False, True], ids=["before the vault", "locked in the vault"])
def test_what_is_withdrawn_is_so_in_a_rebuilt_catalog_too(
    registrar: Registrar, tmp_path: Path, *, is_locked: bool
) -> None:
    refused_by_the_rule(registrar, is_locked=is_locked)
    registrar.carry_out(adding("8", at=LATER))
    (key,) = registrar.journal.held()
    registrar.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    registrar.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    assert (registrar.journal.held(), registrar.journal.intended()) == ({}, [])
    line = trail.lines(registrar.database)[-1]
    assert (line.entry.action, '"title\\":\\"Stall' in line.details) == ("act.withdrawn", True)
    titles, acts, faults = rebuilt(registrar, tmp_path / "again.db")
    assert (titles, faults) == ({"8": "Stall"}, []), "7 was entered by another station, into its own vault"
    assert acts == ["case.added 8", line.entry.action + " " + line.entry.subject]


def test_an_act_that_is_held_or_withdrawn_is_no_stranger_and_counts_for_nothing(registrar: Registrar) -> None:
    trusted = {registrar.signer.key_id: registrar.signer.public}
    prover = Prover(registrar.database, registrar.vault, trusted, lambda _: None)
    refused_by_the_rule(registrar, is_locked=True)
    registrar.carry_out(adding("8", at=LATER))
    digests = {one.sha256 for one in registrar.journal.unfinished_acts()}
    assert [one.what for one in prover.strangers()] == ["trail"]
    assert list(prover.strangers(lambda: digests)) == []
    (key,) = registrar.journal.held()
    registrar.withdraw(key, reason="entered twice", at=LATER, actor="clerk")
    prover.signed.begin()
    assert list(prover.strangers()) == []


@pytest.mark.parametrize(("call", "nth"), [("put_document", 1), ("put_document", 2), ("transaction", 1)])
def test_a_withdrawal_that_was_cut_off_is_done_once(registrar: Registrar, call: str, nth: int) -> None:
    refused_by_the_rule(registrar, is_locked=True)
    registrar.catch_up()
    (key,) = registrar.journal.held()
    part = "vault" if call == "put_document" else "database"
    changed: Any = {part: Faulty(getattr(registrar, part), call, nth, applied=True, error=Crash())}
    with pytest.raises(Crash):
        replace(registrar, **changed).withdraw(key, reason="twice", at=LATER, actor="clerk")
    registrar.catch_up()
    assert list(registrar.journal.held()) == [key], "until it is said to be over"
    registrar.withdraw(key, reason="twice", at=LATER, actor="clerk")
    assert registrar.journal.held() == {}
    assert [line.entry.action for line in trail.lines(registrar.database)].count("act.withdrawn") == 1


def test_live_and_rebuilt_catalog_refuse_the_same_until_a_person_decides(registrar: Registrar, tmp_path: Path) -> None:
    registrar.carry_out(adding("7", "Another"))
    pending = adding("7", at=LATER)
    body = pending.body()
    registrar.journal.intend(body, registrar.signer.sign(body))
    registrar._lock(pending, body, registrar.signer.sign(body))  # as an older version left it
    registrar.carry_out(adding("8", at=LATER + timedelta(hours=1)))
    assert len(registrar.journal.held()) == 1
    assert rebuilt(registrar, tmp_path / "again.db") == (*told_by(registrar.database), ["case.added 7"])


def test_an_act_that_leans_on_a_refused_one_is_refused_as_well(registrar: Registrar, tmp_path: Path) -> None:
    plant(registrar, adding("7"))
    with pytest.raises(ActRefused) as refused:
        registrar.carry_out(adding("7"))
    assert "7" in refused.value.message()
    with pytest.raises(NoSuchCase):
        registrar.carry_out(linking("7", LATER))
    registrar.carry_out(adding("7", at=LATER + timedelta(hours=1)))
    registrar.carry_out(linking("7", LATER + timedelta(hours=2)))
    assert search.get(registrar.database, CLIP)["case"] == "7"
    assert rebuilt(registrar, tmp_path / "again.db") == (*told_by(registrar.database), [])


def plant(registrar: Registrar, act: Act) -> None:
    """Other bytes under the name of an act's signature."""
    key = signature_key(hashlib.sha256(act.body()).hexdigest())
    registrar.vault.put_document(key, b"something else", LATER)


def test_a_docking_whose_document_the_vault_refuses_lets_the_next_be_noted(registrar: Registrar) -> None:
    first, second = (dockings.docked(docking(name, "EV1", SEALED), at=SEALED, actor="dock") for name in ("d1", "d2"))
    plant(registrar, first)
    registrar.note(first)
    registrar.note(second)
    assert [one["id"] for one in dockings.every(registrar.database, None, 9)] == ["d2"]
    assert [one.path for one in registrar.journal.held().values()] == ["recorder.docked EV1"]


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


def test_rights_that_lack_for_all_hold_nothing(registrar: Registrar) -> None:
    vault: Any = Denies(registrar.vault, "sha")  # type: ignore[arg-type]
    denied = replace(registrar, vault=vault)
    for number in range(2):
        with pytest.raises(VaultDenied):
            denied.carry_out(adding(str(number), at=SEALED + number * timedelta(hours=1)))
    with pytest.raises(VaultDenied):
        denied.catch_up()
    assert registrar.journal.held() == {}
    registrar.catch_up()
    assert [case["no"] for case in cases.every(registrar.database)] == ["0", "1"], "in their order, once it may"


def test_rights_that_lack_for_one_hold_that_one(registrar: Registrar) -> None:
    vault: Any = Denies(registrar.vault, "Secret")  # type: ignore[arg-type]
    denied = replace(registrar, vault=vault)
    with pytest.raises(VaultDenied):
        denied.carry_out(adding("1", "Secret"))
    with pytest.raises(VaultDenied):
        denied.carry_out(linking("1", LATER))  # and not: there is no case 1
    denied.carry_out(adding("2", at=LATER))
    assert [case["no"] for case in cases.every(registrar.database)] == ["2"]
    assert [one.path for one in registrar.journal.held().values()] == ["case.added 1"]


def test_a_vault_that_is_away_holds_nothing(registrar: Registrar) -> None:
    vault: Any = Faulty(registrar.vault, "put_document", 1, applied=False, error=VaultUnreachable(reason="x"))
    with pytest.raises(VaultUnreachable):
        replace(registrar, vault=vault).carry_out(adding("7"))
    assert registrar.journal.held() == {}
    registrar.catch_up()
    assert [case["no"] for case in cases.every(registrar.database)] == ["7"]


@pytest.mark.parametrize("shape", ["action", "schema", "details"])
def test_an_act_of_a_newer_program_is_held_and_left_out(registrar: Registrar, tmp_path: Path, shape: str) -> None:
    act = Act(SEALED, "clerk", "case.merged" if shape == "action" else "case.added", "7", {"new": 1})
    body = act.body().replace(b"evidock.act/1", b"evidock.act/9" if shape == "schema" else b"evidock.act/1")
    pending = registrar.journal.intend(body, registrar.signer.sign(body))
    registrar._lock(act, body, pending.signature)
    registrar.carry_out(adding("8", at=LATER))
    (held,) = registrar.journal.held().values()
    assert "none this version can carry out" in held.message
    assert parsed_time(held.since) >= SEALED
    assert len(rebuilt(registrar, tmp_path / "again.db")[2]) == 1


def test_acts_keep_their_order_when_the_clock_is_set_back(registrar: Registrar, tmp_path: Path) -> None:
    registrar.carry_out(adding("7"))
    registrar.carry_out(adding("8", at=SEALED - timedelta(seconds=1)))
    registrar.carry_out(linking("7", SEALED - timedelta(seconds=5)))
    registrar.carry_out(linking("8", SEALED - timedelta(seconds=9)))
    titles, acts, faults = rebuilt(registrar, tmp_path / "again.db")
    assert ((titles, acts), faults) == (told_by(registrar.database), [])
    again = Database(f"sqlite:///{tmp_path}/again.db")
    assert [search.get(one, CLIP)["case"] for one in (registrar.database, again)] == ["8", "8"]


def test_a_clock_that_was_far_ahead_for_once_is_not_believed_for_ever(registrar: Registrar) -> None:
    registrar.carry_out(adding("7", at=SEALED + timedelta(days=2000)))
    registrar.carry_out(adding("8", at=SEALED))
    assert [line.entry.at for line in trail.lines(registrar.database, subject="8")] == [SEALED]


def test_a_catalog_in_the_making_takes_nothing_that_waits_for_the_real_one(
    registrar: Registrar, tmp_path: Path
) -> None:
    cut_off(registrar, adding("7"), "put_document", 1)
    other = replace(registrar, database=catalog(tmp_path / "again.db"))
    other.announce(replace(adding("9"), action="trail.rebuilt", details={"before": None}))
    registrar.catch_up()
    assert [case["no"] for case in cases.every(registrar.database)] == ["7"]
    assert cases.every(other.database) == []
