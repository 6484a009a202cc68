"""What people change is locked in the vault before it is in the catalog, and done once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.cases import cases, reading
from catalog.clips import search
from catalog.database import Database
from catalog.errors import CaseExists, NoSuchCase, NoSuchClip, NotLinked, WordsUnfit
from catalog.recorders import recorders
from catalog.rules.acts import Act
from catalog.trail import trail
from ingest.custody.acts import ActWriter, open_if_unknown
from ingest.errors import ClockDoubted
from ingest.filing import CatalogFiler
from ingest.journal import Journal
from tests.fakes import old_acts
from tests.fakes.clips import SEALED, clip, sealed
from tests.fakes.faults import Crash, Faulty
from vault.backends.directory import DirectoryVault
from vault.signature import make_key

CLIP = clip(1).id
ADDING = cases.adding(
    "2026-7", title="Stall", subject=None, officers=(), begins_at=None, ends_at=None, at=SEALED, actor="clerk"
)


@pytest.fixture
def act_writer(tmp_path: Path) -> ActWriter:
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    CatalogFiler(database).file(sealed(clip(1)))
    (tmp_path / "vault").mkdir()
    vault = DirectoryVault(tmp_path / "vault", immutable=False)
    return ActWriter(Journal(tmp_path / "journal.db"), database, vault, make_key(tmp_path), 6)


def link(case: str = "2026-7") -> Act:
    return old_acts.linking(CLIP, case, reason=None, at=SEALED + timedelta(hours=1), actor="clerk")


@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
@pytest.mark.parametrize(
    ("part", "call", "nth"),
    [
        ("journal", "intend", 1),
        ("vault", "put_document", 1),
        ("vault", "put_document", 2),
        ("database", "transaction", 3),
        ("journal", "carried_out", 1),
    ],
)
def test_a_change_that_was_cut_off_is_finished_once(
    act_writer: ActWriter, part: str, call: str, nth: int, applied: bool
) -> None:
    changed: Any = {part: Faulty(getattr(act_writer, part), call, nth, applied=applied, error=Crash())}
    with pytest.raises(Crash):
        replace(act_writer, **changed).carry_out(ADDING)
    act_writer.catch_up()
    if (part, call, applied) == ("journal", "intend", False):
        act_writer.carry_out(ADDING)
    assert [case.no for case in reading.every(act_writer.database)] == ["2026-7"]
    assert len(trail.lines(act_writer.database, subject="2026-7")) == 1
    assert len(list(act_writer.vault.keys("acts"))) == 1
    assert act_writer.journal.intended() == []


def test_what_cannot_be_done_never_reaches_the_vault(act_writer: ActWriter) -> None:
    act_writer.carry_out(ADDING)
    for act, error in (
        (ADDING, CaseExists),
        (link("none"), NoSuchCase),
        (replace(link(), subject="c-none"), NoSuchClip),
        (old_acts.unlinking(CLIP, reason="x", at=SEALED, actor="clerk"), NotLinked),
    ):
        with pytest.raises(error):
            act_writer.carry_out(act)
    assert len(list(act_writer.vault.keys("acts"))) == 1


def test_a_link_is_carried_out(act_writer: ActWriter) -> None:
    act_writer.carry_out(ADDING)
    act_writer.carry_out(link())
    assert search.get(act_writer.database, CLIP).case == "2026-7"


def test_an_act_dated_before_the_clock_was_set_back_is_not_signed_and_no_later_one_is_hindered(
    act_writer: ActWriter,
) -> None:
    writer = replace(act_writer, gate=lambda: SEALED)
    with pytest.raises(ClockDoubted):
        writer.carry_out(replace(ADDING, at=SEALED + timedelta(days=3650)))
    assert writer.journal.newest_act() is None
    writer.carry_out(replace(ADDING, at=SEALED))


@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
@pytest.mark.parametrize(("part", "call"), [("vault", "put_document"), ("journal", "carried_out")])
def test_the_same_change_once_more_after_a_kill_is_the_same_act(
    act_writer: ActWriter, part: str, call: str, applied: bool
) -> None:
    act_writer.carry_out(ADDING)

    def killed() -> ActWriter:
        changed: Any = {part: Faulty(getattr(act_writer, part), call, 1, applied=applied, error=Crash())}
        return replace(act_writer, **changed)

    noted = recorders.changing("TA00001", {"note": "scratched"}, at=SEALED + timedelta(hours=3), actor="clerk")
    act_writer.carry_out(recorders.adding("TA00001", at=SEALED, actor="clerk"))
    with pytest.raises(Crash):
        killed().carry_out(noted)
    act_writer.carry_out(replace(noted, at=SEALED + timedelta(hours=4)))
    was_through = (call, applied) == ("carried_out", True)  # then the second is a change of its own
    assert len(list(act_writer.vault.keys("acts"))) == 3 + was_through
    act_writer.carry_out(replace(noted, at=SEALED + timedelta(hours=5)))
    assert len(list(act_writer.vault.keys("acts"))) == 4 + was_through


def test_another_change_of_the_same_clip_in_between_counts(act_writer: ActWriter) -> None:
    act_writer.carry_out(ADDING)
    act_writer.carry_out(replace(ADDING, subject="2026-8"))
    for case in ("2026-7", "2026-8"):
        body = link(case).body()
        act_writer.journal.intend(body, act_writer.signer.sign(body))
    act_writer.carry_out(replace(link(), at=SEALED + timedelta(hours=2)))
    assert search.get(act_writer.database, CLIP).case == "2026-7"


def test_a_case_named_at_ingest_is_opened_once(act_writer: ActWriter) -> None:
    assert open_if_unknown(act_writer, "2026-9", SEALED, "clerk") == ("2026-9", True)
    assert open_if_unknown(act_writer, "2026-9", SEALED, "clerk") == ("2026-9", False)
    assert [case.title for case in reading.every(act_writer.database)] == [None]


def test_what_says_nothing_is_neither_written_down_nor_signed(act_writer: ActWriter) -> None:
    for act in (replace(ADDING, subject=""), replace(link(), details={"case": "2026-7", "reason": " "})):
        with pytest.raises(WordsUnfit):
            act_writer.carry_out(act)
    assert act_writer.journal.intended() == []
    assert list(act_writer.vault.keys("acts")) == []


def test_what_an_earlier_version_signed_is_carried_out_as_it_stands(act_writer: ActWriter) -> None:
    body = replace(ADDING, subject="").body()
    act_writer.journal.intend(body, act_writer.signer.sign(body))
    act_writer.catch_up()
    assert [case.no for case in reading.every(act_writer.database)] == [""]
