"""What is proven is erased and nothing else: each check stands between a harm and the only copy of a file.

Every harm is done twice: once with all checks, and nothing that was harmed is erased; once with the check that is meant
for it taken out, and it would have been. So no check is dead.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any

import pytest

from catalog import clips
from catalog.database import Database
from catalog.evidence import Digest, Receipt
from catalog.failures import CatalogUnreachable
from catalog.rules.canonical import canonical
from catalog.rules.policy import DEFAULT, Policy
from devices.errors import CardGone
from ingest import card_proof, clearing, copying, proof
from ingest.card_proof import PROOF_S_MAX, Proof, erase, prove
from ingest.clearing import clear, would_clear
from ingest.clearing_report import Doubt
from ingest.errors import JournalFailed
from ingest.journal import Journal
from ingest.proof import Prover
from tests.fakes.docked import FakeDocked, Refused
from tests.fakes.faults import Crash, Faulty
from tests.ingest.clearing_bench import (
    COPY,
    DOCKING,
    EVIDENCE,
    FOLDER,
    JUNK,
    LARGE,
    LARGE_BYTES,
    LATE,
    LOCKED,
    NOW,
    SEALED,
    SMALL,
    Bench,
    make,
    opened,
    stale_receipt,
)
from vault.errors import VaultUnreachable
from vault.signature import make_key

TWINS = frozenset({LARGE, COPY})
ALL = frozenset(EVIDENCE)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station whose card is filed; copied, never used."""
    root = tmp_path_factory.mktemp("filed") / "root"
    make(root)
    return root


@pytest.fixture
def made(filed: Path, tmp_path: Path) -> Iterator[Bench]:
    shutil.copytree(filed, tmp_path / "root")
    with opened(tmp_path / "root") as made:
        yield made


# ---------------------------------------------------------------------- the good case


def test_exactly_what_is_proven_is_erased(made: Bench) -> None:
    report = made.clear()
    assert {one.path for one in report.erased} == {path.decode() for path in EVIDENCE}
    assert [(one.path, one.why.code) for one in report.left] == [(LATE.decode(), "clearing.no-receipt")]
    assert report.trouble == ()
    assert made.on_card() == {path: made.before[path] for path in (JUNK, LATE)}
    assert made.place(FOLDER).is_dir()
    assert made.card.opened == 1
    assert {one.clip for one in report.erased} == {made.clip(path) for path in EVIDENCE}


def test_both_ends_of_a_clearing_are_on_the_trail_and_in_the_journal(made: Bench) -> None:
    made.clear()
    (begun,), (ended,) = made.lines("card.clearing"), made.lines("card.cleared")
    assert (begun["subject"], begun["look"], begun["actor"]) == ("TA00001", False, "custodian")
    noted = made.desk.journal.cleared("TA00001")
    files = [[one.path.hex(), one.clip, one.sha256] for one in noted]
    wanted = {"at": noted[0].at, "card": "TA00001", "files": sorted(files)}
    assert {one.state for one in noted} == {"erased"}
    listed = begun["details"]["list"]
    bodies = [canonical(wanted | {"files": list(order)}) for order in permutations(files)]
    assert listed in [hashlib.sha256(body).hexdigest() for body in bodies], "the list is the one that was announced"
    size_bytes = sum(len(made.before[path]) for path in EVIDENCE)
    docked = {"docked_at": "2026-03-06T00:00:00.000000Z", "bay": "3", "policy": 1}
    assert begun["details"] == {"list": listed, "files": 4, "size_bytes": size_bytes} | docked
    assert ended["details"] == {"list": listed, "erased": 4, "left": 0}
    assert made.desk.journal.unsettled_clearings() == []


def test_the_trail_is_told_before_the_first_erase(made: Bench) -> None:
    seen = []
    made.card.before_erasing = lambda: seen.append((len(made.lines("card.clearing")), made.on_card() == made.before))
    made.clear()
    assert seen == [(1, True)]


def test_an_original_is_read_back_once_for_two_equal_files(made: Bench) -> None:
    read: list[int] = []
    made.set(prover=replace(made.clearing.prover, progress=read.append))
    made.clear()
    assert sum(read) == sum(len(made.before[path]) for path in (LARGE, LOCKED, SMALL))


def test_clearing_again_is_no_harm(made: Bench) -> None:
    made.clear()
    report = made.clear()
    assert (report.erased, len(report.left), made.card.opened) == ((), 1, 1)
    assert len(made.lines("card.clearing")) == 1


def test_others_may_go_first(made: Bench) -> None:
    calls: list[None] = []
    made.set(pause=lambda: calls.append(None))
    made.clear()
    assert len(calls) > 2 * LARGE_BYTES // (1 << 20)


def test_large_cards_are_cleared_in_batches(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "BATCH_FILES", 1)
    report = made.clear()
    assert (len(report.erased), made.card.opened) == (4, 4)
    assert [line["details"]["files"] for line in made.lines("card.clearing")] == [1, 1, 1, 1]


def test_slow_cards_are_cleared_while_their_proofs_are_young(made: Bench) -> None:
    def wait() -> None:
        made.clock.seconds += 40

    made.set(pause=wait)
    report = made.clear()
    assert len(report.erased) == 4
    assert made.card.opened > 1


# ---------------------------------------------------------------------- the harms


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
    """A check of the prover that finds nothing."""
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
    made.set(prover=replace(made.clearing.prover, trusted={other.key_id: other.private.public_key()}))


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

    made.set(prover=replace(made.clearing.prover, progress=progress))


def forbid(made: Bench) -> None:
    made.set(policy=lambda: DEFAULT)


def forbid_later(made: Bench) -> None:
    def policy() -> Policy:
        return DEFAULT if next(asked) > len(EVIDENCE) + 1 else Policy(1, "after-receipt")

    asked = count()
    made.set(policy=policy)


def not_yet(made: Bench) -> None:
    made.set(policy=lambda: Policy(1, "after-days", 3), now=lambda: SEALED + timedelta(days=3, seconds=-1))


def turn_clock_back(made: Bench) -> None:
    made.set(now=lambda: SEALED - timedelta(days=1))


HARMS = {
    "a flipped bit in the vault": Harm(flip_in_vault, TWINS, "clearing.not-as-sealed", ((Prover, "_original", none),)),
    "an original is missing": Harm(
        lose_original, TWINS, "clearing.not-as-sealed", ((Prover, "_original", none), (card_proof, "lock_ended", no))
    ),
    "a lock is missing": Harm(
        lose_lock, TWINS, "clearing.not-as-sealed", ((Prover, "_lock", none), (card_proof, "lock_ended", no))
    ),
    "the lock of a manifest is missing": Harm(
        lose_lock_of_manifest, frozenset({SMALL}), "clearing.lock-ended", ((card_proof, "lock_ended", no),)
    ),
    "a lock is shorter than sealed": Harm(shorten_lock, TWINS, "clearing.not-as-sealed", ((Prover, "_lock", none),)),
    "the locks have ended": Harm(outlive_locks, ALL, "clearing.lock-ended", ((card_proof, "lock_ended", no),)),
    "a manifest was changed": Harm(
        harm_manifest, frozenset({SMALL}), "clearing.not-as-sealed", ((Prover, "_manifest", none),)
    ),
    "a signature is missing": Harm(
        lose_signature,
        frozenset({SMALL}),
        "clearing.not-as-sealed",
        ((Prover, "_manifest", none), (card_proof, "lock_ended", no)),
    ),
    "no trusted key signed": Harm(trust_nobody, ALL, "clearing.not-as-sealed", ((Prover, "_manifest", none),)),
    "the catalog says otherwise": Harm(
        change_row, frozenset({SMALL}), "clearing.not-as-sealed", ((Prover, "_row", none),)
    ),
    "the catalog moved during the proof": Harm(
        move_manifest, frozenset({SMALL}), "clearing.catalog-moved", ((card_proof, "moved", no),)
    ),
    "the receipt is stale": Harm(
        harm_receipt,
        frozenset({SMALL}),
        "clearing.stale-receipt",
        ((card_proof, "stale", no),),
    ),
    "the twin's receipt is stale": Harm(
        harm_receipt_of_twin, TWINS, "clearing.stale-receipt", ((card_proof, "stale", no),)
    ),
    "another clip has its name, size, time and edges": Harm(
        replace_on_card, frozenset({LARGE}), "clearing.card-differs", ((card_proof, "card_differs", no),)
    ),
    "it was replaced after the proof": Harm(
        replace_before_erasing, frozenset({SMALL}), "clearing.changed", ((card_proof, "swapped", no),)
    ),
    "the proofs got old": Harm(grow_old, ALL, "clearing.proof-old", ((card_proof, "too_old", no),)),
    "the policy says never": Harm(
        forbid,
        ALL,
        "clearing.policy-never",
        ((card_proof, "not_allowed", no), (clearing, "not_allowed", no), (card_proof, "not_due", no)),
    ),
    "the policy says never after the proofs": Harm(
        forbid_later, ALL, "clearing.policy-never", ((card_proof, "not_allowed", no), (card_proof, "not_due", no))
    ),
    "the days have not passed": Harm(not_yet, ALL, "clearing.not-yet", ((card_proof, "not_due", no),)),
    "the clock is behind the sealing": Harm(turn_clock_back, ALL, "clearing.not-yet", ((card_proof, "not_due", no),)),
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
    if harm.do not in (replace_before_erasing, grow_old, forbid_later, move_manifest):
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
    monkeypatch.setattr(card_proof, "receipt_for", lambda source, _: receipts.get(source.path))
    assert len(made.clear().erased) == 4


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_both_digests_of_the_card_must_agree(made: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def one_wrong(*arguments: Any) -> tuple[Digest, int]:
        digest, size_bytes = true(*arguments)
        return replace(digest, **{name: "0" * 64}), size_bytes

    true = copying.both_digests
    monkeypatch.setattr(card_proof, "both_digests", one_wrong)
    assert {one.why.code for one in made.clear().left} == {"clearing.card-differs", "clearing.no-receipt"}
    assert made.on_card() == made.before


@pytest.mark.parametrize("name", ["sha256", "sm3"])
def test_both_digests_of_the_vault_must_agree(made: Bench, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def one_wrong(*arguments: Any) -> tuple[Digest, int]:
        digest, size_bytes = true(*arguments)
        return replace(digest, **{name: "0" * 64}), size_bytes

    true = copying.both_digests
    monkeypatch.setattr(proof, "both_digests", one_wrong)
    assert {one.why.code for one in made.clear().left} == {"clearing.not-as-sealed", "clearing.no-receipt"}
    assert made.on_card() == made.before


def test_a_catalog_rebuilt_from_the_vault_has_no_receipts_of_the_old_one(made: Bench) -> None:
    from ingest.rebuild import Rebuilder

    again = Database(f"sqlite:///{made.root}/again.db")
    again.migrate()
    Rebuilder(made.vault, made.clearing.prover.trusted, lambda _: None).into(again)
    made.set(prover=replace(made.clearing.prover, database=again))
    report = made.clear()
    assert report.erased == ()
    assert {one.why.code for one in report.left} == {"clearing.stale-receipt", "clearing.no-receipt"}
    assert made.on_card() == made.before
    again.close()


def test_a_proof_cannot_be_forged(made: Bench) -> None:
    source = made.file(SMALL)
    with pytest.raises(AssertionError, match="prove"):
        Proof(source, "c1", Digest("", ""), SEALED, 0.0, object())
    true = prove(source, made.card, made.clearing, {})
    assert isinstance(true, Proof)
    with pytest.raises(AssertionError, match="write-protected"):
        erase(made.card, true)


def test_days_count_from_the_sealing_and_not_from_the_cameras_clock(made: Bench) -> None:
    for path in EVIDENCE:
        source = made.file(path)
        assert source.mtime_ns > 0
    made.set(policy=lambda: Policy(1, "after-days", 3), now=lambda: SEALED + timedelta(days=3))
    assert len(made.clear().erased) == 4


# ---------------------------------------------------------------------- what fails on the way


class Down:
    """A vault or a database that does not answer."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object, **__: object) -> None:
            self.asked += 1
            raise self._error

        return refuse


@pytest.mark.parametrize(
    ("part", "error"),
    [("vault", VaultUnreachable(reason="no answer")), ("database", CatalogUnreachable(reason="no answer"))],
    ids=["vault", "catalog"],
)
def test_with_vault_or_catalog_down_nothing_is_erased_and_nobody_waits_for_every_file(
    made: Bench, part: str, error: Any
) -> None:
    files, down = made.files(), Down(error)
    parts: Any = {part: down}
    made.set(prover=replace(made.clearing.prover, **parts))
    report = clear(made.card, files, DOCKING, made.clearing)
    assert report.erased == ()
    assert {one.why.code for one in report.left} <= {error.code, "clearing.no-receipt"}
    assert made.on_card() == made.before
    assert down.asked == 1
    assert would_clear(made.card, files, made.clearing).erased == ()


def test_a_catalog_that_goes_down_before_the_trail_is_told_stops_everything(made: Bench) -> None:
    error = CatalogUnreachable(reason="no answer")
    fault: Any = Faulty(made.database, "transaction", 1, applied=False, error=error)
    made.set(prover=replace(made.clearing.prover, database=fault))
    report = made.clear()
    assert (report.erased, made.card.opened, made.on_card()) == ((), 0, made.before)
    assert {one.why.code for one in report.left} == {"catalog.unreachable", "clearing.no-receipt"}
    assert made.desk.journal.unsettled_clearings() == []
    assert len(made.clear().erased) == 4


def test_a_catalog_that_goes_down_after_the_erasing_is_told_next_time(made: Bench) -> None:
    error = CatalogUnreachable(reason="no answer")
    fault: Any = Faulty(made.database, "transaction", 2, applied=False, error=error)
    whole = made.clearing.prover
    made.set(prover=replace(whole, database=fault))
    report = made.clear()
    assert (len(report.erased), [one.code for one in report.trouble]) == (4, ["catalog.unreachable"])
    assert made.lines("card.cleared") == []
    made.set(prover=whole, policy=lambda: DEFAULT)
    other = FakeDocked(made.root / "card", "TA00002")
    clear(other, (), replace(DOCKING, recorder="TA00002"), made.clearing)
    other.close()
    (line,) = made.lines("card.cleared")
    assert (line["subject"], line["details"]["erased"], line["details"]["left"]) == ("TA00001", 4, 0)


def test_a_card_pulled_between_proof_and_erase_keeps_everything(made: Bench) -> None:
    made.card.before_erasing = made.card.pull
    report = made.clear()
    assert (report.erased, made.card.erased, made.on_card()) == ((), [], made.before)
    assert {one.why.code for one in report.left} == {"devices.card-gone", "clearing.no-receipt"}
    again = FakeDocked(made.root / "card")
    assert len(clear(again, made.files(), DOCKING, made.clearing).erased) == 4
    again.close()
    assert [line["details"]["erased"] for line in made.lines("card.cleared")] == [0, 4]


def test_a_card_pulled_after_the_second_erase_is_settled_when_it_is_docked_again(made: Bench) -> None:
    gone = made.card
    gone.ends_after, gone.end = 2, CardGone(path="the card")
    report = made.clear()
    assert report.erased == (), "what cannot be asked is not said to be gone"
    assert len(made.on_card()) == len(made.before) - 2
    assert [one.state for one in made.desk.journal.cleared("TA00001")] == ["begun", "begun"]
    made.card = FakeDocked(made.root / "card")
    gone.close()
    assert len(made.clear().erased) == 2
    first, second = (line["details"] for line in made.lines("card.cleared"))
    assert (first["erased"], first["left"], second["erased"], second["left"]) == (2, 2, 2, 0)
    assert [one.state for one in made.desk.journal.cleared("TA00001")] == ["erased"] * 4


def test_a_refused_erase_is_reported_and_not_tried_again(made: Bench) -> None:
    made.card.refuses = frozenset({LARGE, SMALL})
    report = made.clear()
    assert {one.path: one.why.code for one in report.left} == {
        LARGE.decode(): "devices.test-refused",
        SMALL.decode(): "devices.test-refused",
        LATE.decode(): "clearing.no-receipt",
    }
    assert sorted(made.card.erased) == sorted([COPY, LOCKED])
    (line,) = made.lines("card.cleared")
    assert (line["details"]["erased"], line["details"]["left"]) == (2, 2)
    assert len(made.desk.journal.cleared("TA00001")) == 2


def test_a_card_that_claims_to_have_erased_is_not_believed(made: Bench) -> None:
    made.card.lies = frozenset({SMALL})
    report = made.clear()
    assert {one.path: one.why.code for one in report.left}[SMALL.decode()] == "clearing.still-there"
    assert made.card.erased.count(SMALL) == 1


def test_a_card_that_cannot_be_opened_for_writing_keeps_everything(made: Bench) -> None:
    def refuse() -> None:
        raise Refused(path="card", reason="Read-only file system")

    made.card.before_erasing = refuse
    report = made.clear()
    assert (report.erased, made.on_card()) == ((), made.before)
    assert [one.code for one in report.trouble] == ["devices.test-refused"]
    assert made.lines("card.cleared")[0]["details"]["erased"] == 0


def test_a_file_that_cannot_be_read_stays_and_the_others_go(made: Bench) -> None:
    made.place(SMALL).unlink()
    made.place(SMALL).mkdir()
    receipt = made.desk.journal.recall(made.file(LOCKED).key, Receipt)
    assert receipt is not None
    files = (*made.files(), replace(made.file(LOCKED), path=b"LOG/none"))
    made.desk.journal.note(files[-1].key, receipt)
    report = clear(made.card, files, DOCKING, made.clearing)
    assert len(report.erased) == 3
    assert {one.path: one.why.code for one in report.left}["LOG/none"] == "devices.read-failed"


@pytest.mark.parametrize("after", range(4))
def test_a_clearing_that_is_stopped_goes_on_when_it_is_run_again(made: Bench, after: int) -> None:
    waits = iter([None] * after)

    def pause() -> None:
        if next(waits, made) is made:
            made.clearing.stop.set()

    made.set(pause=pause)
    report = made.clear()
    assert report.erased == ()
    assert "clearing.stopped" in {one.why.code for one in report.left}
    made.clearing.stop.clear()
    made.set(pause=no)
    assert len(made.clear().erased) == 4


def test_a_clearing_stopped_while_it_erases_leaves_the_rest(made: Bench) -> None:
    made.card.before_erasing = made.clearing.stop.set
    report = made.clear()
    assert (report.erased, made.on_card()) == ((), made.before)
    assert made.lines("card.cleared")[0]["details"]["left"] == 4


# ---------------------------------------------------------------------- power cuts


@pytest.mark.parametrize("count", range(1, 5))
def test_a_power_cut_after_an_erase_is_settled_at_the_next_docking(made: Bench, count: int) -> None:
    made.card.ends_after, made.card.end = count, Crash()
    with pytest.raises(Crash):
        made.clear()
    made.assert_nothing_lost()
    assert len(made.on_card()) == len(made.before) - count
    assert len(made.desk.journal.cleared("TA00001")) == 4, "what may be erased is not missing"
    made.card.end = None
    report = made.clear()
    assert len(report.erased) == 4 - count
    first = made.lines("card.cleared")[0]["details"]
    assert (first["erased"], first["left"]) == (count, 4 - count)
    assert [one.state for one in made.desk.journal.cleared("TA00001")] == ["erased"] * 4
    assert made.desk.journal.unsettled_clearings() == []


CALLS = [
    ("journal", "begin_clearing", 1),
    ("journal", "end_clearing", 1),
    ("journal", "end_clearing", 2),
    ("journal", "settle_clearing", 1),
    ("journal", "unsettled_clearings", 1),
    ("journal", "unsettled_clearings", 2),
    ("database", "transaction", 1),
    ("database", "transaction", 2),
    ("card", "absent", 1),
    ("card", "writable", 1),
]


@pytest.mark.parametrize("kind", ["error", "crash"])
@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
@pytest.mark.parametrize(("part", "call", "nth"), CALLS, ids=lambda value: str(value))
def test_a_broken_clearing_loses_nothing_and_goes_on(
    made: Bench, part: str, call: str, nth: int, applied: bool, kind: str
) -> None:
    errors = {"journal": JournalFailed(path="j", reason="x"), "database": CatalogUnreachable(reason="x")}
    error: BaseException = Crash() if kind == "crash" else errors.get(part, VaultUnreachable(reason="x"))
    whole = made.clearing
    card: Any = made.card
    if part == "card":
        card = Faulty(made.card, call, nth, applied=applied, error=error)
    elif part == "journal":
        made.set(journal=Faulty(whole.journal, call, nth, applied=applied, error=error))
    else:
        broken: Any = Faulty(made.database, call, nth, applied=applied, error=error)
        made.set(prover=replace(whole.prover, database=broken))
    with suppress(Crash):
        clear(card, made.files(), DOCKING, made.clearing)
    made.assert_nothing_lost()
    made.clearing = whole
    made.card.close()
    made.card = FakeDocked(made.root / "card")
    made.clear()
    assert made.on_card() == {path: made.before[path] for path in (JUNK, LATE)}
    noted = made.desk.journal.cleared("TA00001")
    assert [one.state for one in noted] == ["erased"] * 4
    told = [line["details"] for line in made.lines("card.cleared")]
    assert sum(one["erased"] for one in told) == 4
    assert len({one["list"] for one in told}) == len(told)
    assert made.desk.journal.unsettled_clearings() == []


def test_a_reason_reads_well_in_both_languages() -> None:
    from ingest.clearing_report import WORDS, doubt

    assert isinstance(doubt("policy-never"), Doubt)
    for en, zh in WORDS.values():
        assert en[0].islower()
        assert not en.endswith(".")
        assert any("\u4e00" <= char <= "\u9fff" for char in zh)
