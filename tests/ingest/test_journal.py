"""The journal: once is once, also for the next process."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.evidence import Clip, Digest, Duplicate, Receipt, SealedClip, SignedClip, SourceFile, SpooledFile
from devices.errors import CardUnreadable
from ingest.errors import CopyMismatch, JournalFailed
from ingest.journal import Journal
from tests.fakes.clips import clip, sealed

NOUNS = ("SourceFile", "SpooledFile", "Clip", "SignedClip", "SealedClip", "Receipt", "Duplicate", "claim", "held")
SINCE = "2026-03-05T01:00:00Z"


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db")


def noted(journal: Journal) -> str:
    """A whole walk in the journal but for its end; returns its key."""
    done = sealed(clip(1))
    spooled = done.signed.clip.spooled
    for noun in (spooled.source, spooled, done.signed.clip, done.signed, done):
        journal.note(spooled.source.key, noun)
    return spooled.source.key


def test_work_is_done_once_also_after_reopening(journal: Journal) -> None:
    calls = []

    def work() -> Receipt:
        calls.append(1)
        return Receipt("c1", 1, "hash")

    first = journal.once("k", Receipt, work)
    assert Journal(journal.path).once("k", Receipt, work) == first
    assert calls == [1]


def test_what_cannot_be_done_again_waits_for_the_disk(journal: Journal) -> None:
    """Every other noun is on the disk with the next of these: the journal is written in order."""
    waits = dict[str, bool]()

    def seen(statement: str) -> None:
        if statement.startswith("PRAGMA"):
            waits[""] = statement.endswith("FULL")
        elif statement.startswith("INSERT"):
            waits[next(name for name in NOUNS if f"'{name}'" in statement or name in statement.split())] = waits[""]

    waits[""] = True
    journal._base.set_trace_callback(seen)
    journal.claim("c1", noted(journal))
    journal.note("k", Receipt("c1", 1, "hash"))
    journal.note("k", Duplicate("c1"))
    journal.hold("k", "a.MP4", CopyMismatch(path="x", read="a", spooled="b"), SINCE)
    assert waits == {
        "": True,
        "SourceFile": False,
        "SpooledFile": True,
        "Clip": False,
        "SignedClip": True,
        "SealedClip": False,
        "claim": False,
        "Receipt": True,
        "Duplicate": True,
        "held": True,
    }


def test_work_that_fails_is_not_noted(journal: Journal) -> None:
    def work() -> Receipt:
        raise CopyMismatch(path="x", read="a", spooled="b")

    with pytest.raises(CopyMismatch):
        journal.once("k", Receipt, work)
    assert journal.recall("k", Receipt) is None


def test_a_noun_comes_back_with_those_before_it(journal: Journal) -> None:
    key = noted(journal)
    assert journal.recall(key, SealedClip) == sealed(clip(1))
    assert journal.recall(key, SignedClip) == sealed(clip(1)).signed
    assert journal.recall("another", Clip) is None


def test_what_was_understood_can_be_struck_out_and_the_copy_stays(journal: Journal) -> None:
    key = noted(journal)
    journal.forget_clip(key)
    assert journal.recall(key, Clip) is None
    assert journal.recall(key, SpooledFile) == clip(1).spooled


def test_the_first_to_claim_a_number_keeps_it(journal: Journal) -> None:
    assert journal.claim("c1", "a") == "a"
    assert journal.claim("c1", "b") == "a"
    assert Journal(journal.path).claim("c1", "b") == "a"


def test_what_is_unfinished_is_known_until_its_end(journal: Journal) -> None:
    key = noted(journal)
    other = SpooledFile(SourceFile(None, b"x", 1, 1, "e"), Digest("a", "b"), "n")
    journal.note(other.source.key, other)
    assert journal.unfinished() == sorted([key, other.source.key])
    journal.note(key, Receipt("c1", 1, "hash"))
    journal.note(other.source.key, Duplicate("c1"))
    assert journal.unfinished() == []
    assert journal.ended([key, other.source.key, "none"]) == {key: "c1", other.source.key: "c1"}


def test_many_keys_are_asked_for_in_parts(journal: Journal) -> None:
    keys = [f"k{number}" for number in range(1200)]
    for key in keys[::100]:
        journal.note(key, Receipt(key, 1, "hash"))
    assert set(journal.ended(keys)) == set(keys[::100])


def test_what_is_held_keeps_its_first_day_until_the_reason_changes(journal: Journal) -> None:
    error = CardUnreadable(path="x", offset=5, reason="EIO")
    journal.hold("k", "x", error, SINCE)
    assert journal.hold("k", "x", error, "later").since == SINCE
    assert journal.hold("k", "x", CopyMismatch(path="x", read="a", spooled="b"), "later").since == "later"
    (held,) = journal.held().values()
    assert (held.code, held.retry, held.path) == ("ingest.copy-mismatch", True, "x")
    assert "重新采集" in held.hint_zh
    journal.settle(["k", "none"])
    assert journal.held() == {}


def test_an_act_is_on_its_way_until_it_is_carried_out(journal: Journal) -> None:
    first, second = journal.intend(b"one", "s1"), journal.intend(b"two", "s2")
    assert Journal(journal.path).intended() == [first, second]
    journal.carried_out(first)
    assert journal.intended() == [second]


def test_a_journal_that_cannot_be_used_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database" * 100)
    with pytest.raises(JournalFailed, match="not a database"):
        Journal(tmp_path / "journal.db")
    with pytest.raises(JournalFailed, match="unable to open"):
        Journal(tmp_path / "none" / "journal.db")
