"""What is proven is erased and nothing else; what fails on the way, or is cut off, loses nothing and is settled."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.errors import CatalogUnreachable
from catalog.evidence import Digest, Receipt
from catalog.rules.canonical import canonical
from catalog.rules.policy import DEFAULT, Policy
from catalog.rules.register import Register, Registered
from devices.errors import CardGone
from devices.junk import BUILT_IN, Junk
from devices.survey import Card
from ingest.card import ingest_card
from ingest.clearing import erase as clearing
from ingest.clearing.erase import clear, would_clear
from ingest.clearing.proof import Proof, erase, prove
from ingest.clearing.report import Doubt
from ingest.contract import Silent
from ingest.errors import JournalFailed
from ingest.inventory import survey
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
    SEALED,
    SMALL,
    Bench,
)
from vault.errors import VaultUnreachable

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
    made.set(verifier=replace(made.clearing.verifier, progress=read.append))
    made.clear()
    assert sum(read) == sum(len(made.before[path]) for path in (LARGE, LOCKED, SMALL))


def test_two_bays_that_are_cleared_at_once_tell_the_trail_once_each(made: Bench, tmp_path: Path) -> None:
    other = tmp_path / "other-card"
    shutil.copytree(made.card.root, other)
    docking = replace(DOCKING, recorder="TA00002", bay="4")
    card = Card(other)
    register = Register((Registered("TA00002", None, None, None, None, numbers=("TA00001",)),))
    ingest_card(card, docking, Junk(BUILT_IN), replace(made.desk, register=lambda: register), Silent())
    files = survey(card, docking, Junk(BUILT_IN), made.desk).files
    card.close()
    second = FakeDocked(other, "TA00002")
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(made.clear), pool.submit(clear, second, files, docking, made.clearing)
        assert (len(one.result().erased), len(two.result().erased)) == (4, 5)
    second.close()
    for action in ("card.clearing", "card.cleared"):
        assert sorted(line["subject"] for line in made.lines(action)) == ["TA00001", "TA00002"]
    made.assert_nothing_lost()


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


def test_a_proof_cannot_be_forged(made: Bench) -> None:
    source = made.file(SMALL)
    with pytest.raises(AssertionError, match="prove"):
        Proof(source, "c1", Digest("", ""), "", SEALED, 0.0, object())
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
    made.set(verifier=replace(made.clearing.verifier, **parts))
    report = clear(made.card, files, DOCKING, made.clearing)
    assert report.erased == ()
    assert {one.why.code for one in report.left} <= {error.code, "clearing.no-receipt"}
    assert made.on_card() == made.before
    assert down.asked == 1
    assert would_clear(made.card, files, made.clearing).erased == ()


def test_a_catalog_that_goes_down_before_the_trail_is_told_stops_everything(made: Bench) -> None:
    error = CatalogUnreachable(reason="no answer")
    fault: Any = Faulty(made.database, "transaction", 1, applied=False, error=error)
    made.set(verifier=replace(made.clearing.verifier, database=fault))
    report = made.clear()
    assert (report.erased, made.card.opened, made.on_card()) == ((), 0, made.before)
    assert {one.why.code for one in report.left} == {"catalog.unreachable", "clearing.no-receipt"}
    assert {one.state for one in made.desk.journal.unsettled_clearings()} == {"left"}
    assert len(made.clear().erased) == 4
    assert made.desk.journal.unsettled_clearings() == []
    assert len(made.lines("card.clearing")) == len(made.lines("card.cleared")) == 1


def test_a_catalog_that_goes_down_after_the_erasing_is_told_next_time(made: Bench) -> None:
    error = CatalogUnreachable(reason="no answer")
    fault: Any = Faulty(made.database, "transaction", 2, applied=False, error=error)
    whole = made.clearing.verifier
    made.set(verifier=replace(whole, database=fault))
    report = made.clear()
    assert (len(report.erased), [one.code for one in report.trouble]) == (4, ["catalog.unreachable"])
    assert made.lines("card.cleared") == []
    made.set(verifier=whole, policy=lambda: DEFAULT)
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
    made.set(pause=lambda: None)
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
        made.set(verifier=replace(whole.verifier, database=broken))
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
    assert {one["list"] for one in told} == {line["details"]["list"] for line in made.lines("card.clearing")}
    assert made.desk.journal.unsettled_clearings() == []


def test_a_beginning_that_was_written_and_not_heard_of_has_its_end_on_the_trail(made: Bench) -> None:
    class Unheard:
        """A catalog whose first commit is done, and its answer is lost."""

        def __init__(self) -> None:
            self.left = 1

        def __getattr__(self, name: str) -> Any:
            return getattr(made.database, name)

        @contextmanager
        def transaction(self) -> Iterator[Any]:
            with made.database.transaction() as session:
                yield session
            self.left -= 1
            if self.left == 0:
                raise CatalogUnreachable(reason="the answer was lost")

    whole, broken = made.clearing, cast("Any", Unheard())
    made.set(verifier=replace(whole.verifier, database=broken))
    assert made.clear().erased == ()
    assert len(made.lines("card.clearing")) == 1
    made.clearing = whole
    made.clear()
    begun, ended = ([line["details"]["list"] for line in made.lines(f"card.{one}")] for one in ("clearing", "cleared"))
    assert len(begun) == 2
    assert sorted(begun) == sorted(ended)
    assert [line["details"]["erased"] for line in made.lines("card.cleared")] == [0, 4]
    assert made.desk.journal.unsettled_clearings() == []


def test_a_reason_reads_well_in_both_languages() -> None:
    from ingest.clearing.report import WORDS, doubt

    assert isinstance(doubt("policy-never"), Doubt)
    for en, zh in WORDS.values():
        assert en[0].islower()
        assert not en.endswith(".")
        assert any("\u4e00" <= char <= "\u9fff" for char in zh)
