"""Each check stands between a harm and the only copy of a file.

Every harm is done twice: once with all checks, and nothing that was harmed is erased; once with the check that is meant
for it taken out, and it would have been. So no check is dead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import clips
from catalog.database import Database
from catalog.evidence import Digest
from catalog.rules.policy import DEFAULT, Policy
from devices.junk import BUILT_IN, Junk
from devices.survey import Card
from ingest import copying, whole_read
from ingest.card import ingest_card
from ingest.clearing import erase, proof
from ingest.clearing.erase import clear, would_clear
from ingest.clearing.proof import PROOF_S_MAX
from ingest.contract import Silent
from ingest.custody import verification
from ingest.custody.verification import Verifier
from ingest.journal import Journal
from tests.ingest.clearing_bench import (
    COPY,
    DOCKING,
    EVIDENCE,
    JUNK,
    LARGE,
    LARGE_BYTES,
    LATE,
    NOW,
    SEALED,
    SMALL,
    Bench,
    stale_receipt,
)
from vault.signature import make_key

TWINS = frozenset({LARGE, COPY})
ALL = frozenset(EVIDENCE)


@dataclass(frozen=True)
class Harm:
    """Something that must keep files on the card; `without` are the checks that stand against it."""

    do: Callable[[Bench], None]
    stays: frozenset[bytes]
    code: str
    without: tuple[tuple[object, str, Any], ...] = ()


def no(*_: object) -> None:
    """A check that finds nothing."""


def none(*_: object) -> tuple[()]:
    """A check of the verifier that finds nothing."""
    return ()


def write(path: Path, body: bytes) -> None:
    path.unlink()
    path.write_bytes(body)


def flip_in_vault(made: Bench) -> None:
    place = made.original(LARGE)
    body = bytearray(place.read_bytes())
    body[LARGE_BYTES // 2] ^= 1
    write(place, bytes(body))


def harm_receipt(made: Bench) -> None:
    stale_receipt(made, SMALL)


def harm_receipt_of_twin(made: Bench) -> None:
    stale_receipt(made, LARGE)


def lose_original(made: Bench) -> None:
    made.original(LARGE).unlink()


def lose_lock(made: Bench) -> None:
    made.lock(made.original(LARGE)).unlink()


def lose_lock_of_manifest(made: Bench) -> None:
    made.lock(made.manifest(SMALL)).unlink()


def shorten_lock(made: Bench) -> None:
    path = made.lock(made.original(LARGE))
    text = json.loads(path.read_bytes()) | {"retain_until": (NOW + timedelta(days=1)).isoformat()}
    write(path, json.dumps(text).encode())


def outlive_locks(made: Bench) -> None:
    made.set(now=lambda: SEALED + timedelta(days=200))


def harm_manifest(made: Bench) -> None:
    place = made.manifest(SMALL)
    write(place, place.read_bytes().replace(b"TA00001", b"TA00002"))


def lose_signature(made: Bench) -> None:
    sha256 = clips.document(made.database, made.clip(SMALL)).sha256
    (made.root / f"vault/objects/signatures/{sha256[:2]}/{sha256}.json").unlink()


def trust_nobody(made: Bench) -> None:
    (made.root / "other").mkdir()
    other = make_key(made.root / "other")
    made.set(verifier=replace(made.clearing.verifier, trusted={other.key_id: other.private.public_key()}))


def change_row(made: Bench) -> None:
    from sqlalchemy import text

    with made.database.transaction() as session:
        session.connection().execute(text("UPDATE clip SET officer = 'x' WHERE id = :id"), {"id": made.clip(SMALL)})


def journal_of_another(made: Bench) -> None:
    made.set(journal=Journal(made.root / "other-journal.db"))


def replace_on_card(made: Bench) -> None:
    """Another clip under the same name: same size, same modify time, same first and last 64 KiB."""
    place, source = made.place(LARGE), made.file(LARGE)
    body = bytearray(made.before[LARGE])
    body[LARGE_BYTES // 2] ^= 1
    place.write_bytes(body)
    os.utime(place, ns=(source.mtime_ns, source.mtime_ns))
    made.before[LARGE] = bytes(body)
    assert made.file(LARGE) == source


def replace_before_erasing(made: Bench) -> None:
    def swap() -> None:
        made.place(SMALL).write_bytes(b"another recording began")
        made.before[SMALL] = made.place(SMALL).read_bytes()

    made.card.before_erasing = swap


def link_into_the_vault(made: Bench) -> None:
    """The original is a second name of the file on the card."""
    original = made.original(SMALL)
    original.unlink()
    original.hardlink_to(made.place(SMALL))
    original.chmod(0o444)

    def owned(descriptor: int, key: str) -> bool:
        return os.path.samestat(os.fstat(descriptor), (made.root / "vault/objects" / key).stat())

    made.set(owned=owned)


def become_the_vault_later(made: Bench) -> None:
    """The vault is mounted over the card after the proofs."""
    mounted: list[int] = []
    made.card.before_erasing = lambda: mounted.append(1)
    made.set(owned=lambda *_: bool(mounted))


def grow_old(made: Bench) -> None:
    def wait() -> None:
        made.clock.seconds += PROOF_S_MAX + 1

    made.card.before_erasing = wait


def move_manifest(made: Bench) -> None:
    """The catalog's manifest changes while the original is read back."""

    def progress(size_bytes: int) -> None:
        from sqlalchemy import text

        if size_bytes != len(made.before[SMALL]):
            return
        with made.database.transaction() as session:
            sql = text("UPDATE manifest SET key_id = 'x' WHERE clip_id = :id")
            session.connection().execute(sql, {"id": made.clip(SMALL)})

    made.set(verifier=replace(made.clearing.verifier, progress=progress))


def forbid(made: Bench) -> None:
    made.set(policy=lambda: DEFAULT)


def forbid_later(made: Bench) -> None:
    def policy() -> Policy:
        return DEFAULT if next(asked) > len(EVIDENCE) + 1 else Policy(1, "after-receipt")

    asked = count()
    made.set(policy=policy)


def ask_for_days_later(made: Bench) -> None:
    def policy() -> Policy:
        return Policy(2, "after-days", 3) if next(asked) > len(EVIDENCE) + 1 else Policy(1, "after-receipt")

    asked = count()
    made.set(policy=policy)


def not_yet(made: Bench) -> None:
    made.set(policy=lambda: Policy(1, "after-days", 3), now=lambda: SEALED + timedelta(days=3, seconds=-1))


def turn_clock_back(made: Bench) -> None:
    made.set(now=lambda: SEALED - timedelta(days=1))


HARMS = {
    "a flipped bit in the vault": Harm(flip_in_vault, TWINS, "clearing.not-as-sealed", ((Verifier, "original", none),)),
    "an original is missing": Harm(
        lose_original, TWINS, "clearing.not-as-sealed", ((Verifier, "original", none), (proof, "lock_ended", no))
    ),
    "a lock is missing": Harm(
        lose_lock, TWINS, "clearing.not-as-sealed", ((Verifier, "_lock", none), (proof, "lock_ended", no))
    ),
    "the lock of a manifest is missing": Harm(
        lose_lock_of_manifest,
        frozenset({SMALL}),
        "clearing.not-as-sealed",
        ((Verifier, "_papers", none), (proof, "lock_ended", no)),
    ),
    "a lock is shorter than sealed": Harm(shorten_lock, TWINS, "clearing.not-as-sealed", ((Verifier, "_lock", none),)),
    "the locks have ended": Harm(outlive_locks, ALL, "clearing.lock-ended", ((proof, "lock_ended", no),)),
    "a manifest was changed": Harm(
        harm_manifest, frozenset({SMALL}), "clearing.not-as-sealed", ((Verifier, "_manifest", none),)
    ),
    "a signature is missing": Harm(
        lose_signature,
        frozenset({SMALL}),
        "clearing.not-as-sealed",
        ((Verifier, "_manifest", none), (proof, "lock_ended", no)),
    ),
    "no trusted key signed": Harm(trust_nobody, ALL, "clearing.not-as-sealed", ((Verifier, "_manifest", none),)),
    "the catalog says otherwise": Harm(
        change_row, frozenset({SMALL}), "clearing.not-as-sealed", ((Verifier, "_row", none),)
    ),
    "the catalog moved during the proof": Harm(
        move_manifest, frozenset({SMALL}), "clearing.catalog-moved", ((proof, "moved", no),)
    ),
    "the receipt is stale": Harm(
        harm_receipt,
        frozenset({SMALL}),
        "clearing.stale-receipt",
        ((proof, "stale", no),),
    ),
    "the twin's receipt is stale": Harm(harm_receipt_of_twin, TWINS, "clearing.stale-receipt", ((proof, "stale", no),)),
    "another clip has its name, size, time and edges": Harm(
        replace_on_card, frozenset({LARGE}), "clearing.card-differs", ((proof, "card_differs", no),)
    ),
    "it was replaced after the proof": Harm(
        replace_before_erasing, frozenset({SMALL}), "clearing.changed", ((proof, "swapped", no),)
    ),
    "it is the original itself": Harm(
        link_into_the_vault, frozenset({SMALL}), "clearing.own-file", ((proof, "own_file", no),)
    ),
    "it lies in the vault after the proof": Harm(
        become_the_vault_later, ALL, "clearing.own-file", ((proof, "own_file", no),)
    ),
    "the proofs got old": Harm(grow_old, ALL, "clearing.proof-old", ((proof, "too_old", no),)),
    "the policy says never": Harm(
        forbid,
        ALL,
        "clearing.policy-never",
        ((proof, "not_allowed", no), (erase, "not_allowed", no), (proof, "not_due", no)),
    ),
    "the policy says never after the proofs": Harm(
        forbid_later, ALL, "clearing.policy-never", ((proof, "not_allowed", no), (proof, "not_due", no))
    ),
    "the policy asks for days after the proofs": Harm(
        ask_for_days_later, ALL, "clearing.not-yet", ((proof, "not_due", no),)
    ),
    "the days have not passed": Harm(not_yet, ALL, "clearing.not-yet", ((proof, "not_due", no),)),
    "the clock is behind the sealing": Harm(turn_clock_back, ALL, "clearing.not-yet", ((proof, "not_due", no),)),
}


@pytest.mark.parametrize("name", HARMS)
def test_a_harm_keeps_its_files_on_the_card_and_the_report_says_why(made: Bench, name: str) -> None:
    harm, files = HARMS[name], made.files()
    harm.do(made)
    report = clear(made.card, files, DOCKING, made.clearing)
    kept = {path: made.before[path] for path in (*harm.stays, JUNK, LATE)}
    assert {path: body for path, body in made.on_card().items() if path in kept} == kept
    assert {one.path: one.why.code for one in report.left if one.path != LATE.decode()} == {
        path.decode(): harm.code for path in harm.stays
    }
    assert {one.path for one in report.erased} == {path.decode() for path in ALL - harm.stays}
    for one in report.left:
        assert "{" not in one.why.en + one.why.zh
        assert one.why.zh != one.why.en


@pytest.mark.parametrize("name", HARMS)
def test_without_the_check_for_it_the_harm_would_be_done(
    made: Bench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    harm, files = HARMS[name], made.files()
    harm.do(made)
    for where, what, instead in harm.without:
        monkeypatch.setattr(where, what, instead)
    clear(made.card, files, DOCKING, made.clearing)
    assert not harm.stays & set(made.on_card())


@pytest.mark.parametrize("name", HARMS)
def test_a_trial_says_the_same_and_writes_nothing(made: Bench, name: str) -> None:
    harm, files = HARMS[name], made.files()
    harm.do(made)
    before, station = made.on_card(), everything(made.root)
    said = would_clear(made.card, files, made.clearing)
    assert made.on_card() == before
    assert harm.do is move_manifest or everything(made.root) == station
    assert made.card.opened == 0
    later = (replace_before_erasing, become_the_vault_later, grow_old, forbid_later, ask_for_days_later, move_manifest)
    if harm.do not in later:
        done = clear(made.card, files, DOCKING, made.clearing)
        assert (said.erased, said.left) == (done.erased, done.left)


def everything(root: Path) -> dict[Path, bytes]:
    """Every file of the station that says something (SQLite makes an empty log and shared memory to read)."""
    bodies = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.suffix != ".db-shm"}
    return {path: body for path, body in bodies.items() if body}


def test_a_journal_of_another_station_clears_nothing(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    receipts = {path: made.desk.journal.receipt_of(made.clip(path)) for path in EVIDENCE}
    journal_of_another(made)
    report = made.clear()
    assert {one.why.code for one in report.left} == {"clearing.no-receipt"}
    assert made.on_card() == made.before
    monkeypatch.setattr(proof, "receipt_for", lambda source, _: receipts.get(source.path))
    assert len(made.clear().erased) == 4


def test_a_share_of_the_vault_is_known_by_the_names_the_vault_gave(made: Bench) -> None:
    """A network share has another device and other inodes; the files in it have the names of originals."""
    shared = made.original(LARGE).name.encode()
    made.place(shared).write_bytes(made.before[LARGE])
    other = b"0" * 64
    made.place(other).write_bytes(made.before[LARGE])
    card = Card(made.card.root)
    ingest_card(card, DOCKING, Junk(BUILT_IN), made.desk, Silent())
    card.close()
    report = clear(made.card, made.files(), DOCKING, made.clearing)
    assert {one.path: one.why.code for one in report.left if one.why.code != "clearing.no-receipt"} == {
        shared.decode(): "clearing.own-file"
    }
    assert {shared, other} & set(made.on_card()) == {shared}


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_both_digests_of_the_card_must_agree(made: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def one_wrong(*arguments: Any) -> tuple[Digest, int]:
        digest, size_bytes = true(*arguments)
        return replace(digest, **{name: "0" * 64}), size_bytes

    true = copying.both_digests
    monkeypatch.setattr(whole_read, "both_digests", one_wrong)
    assert {one.why.code for one in made.clear().left} == {"clearing.card-differs", "clearing.no-receipt"}
    assert made.on_card() == made.before


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_both_digests_of_the_vault_must_agree(made: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def one_wrong(*arguments: Any) -> tuple[Digest, int]:
        digest, size_bytes = true(*arguments)
        return replace(digest, **{name: "0" * 64}), size_bytes

    true = copying.both_digests
    monkeypatch.setattr(verification, "both_digests", one_wrong)
    assert {one.why.code for one in made.clear().left} == {"clearing.not-as-sealed", "clearing.no-receipt"}
    assert made.on_card() == made.before


def test_a_catalog_rebuilt_from_the_vault_has_no_receipts_of_the_old_one(made: Bench) -> None:
    from ingest.custody.rebuild import Rebuilder

    again = Database(f"sqlite:///{made.root}/again.db")
    again.migrate()
    Rebuilder(made.vault, made.clearing.verifier.trusted, lambda _: None).into(again)
    made.set(verifier=replace(made.clearing.verifier, database=again))
    report = made.clear()
    assert report.erased == ()
    assert {one.why.code for one in report.left} == {"clearing.stale-receipt", "clearing.no-receipt"}
    assert made.on_card() == made.before
    again.close()
