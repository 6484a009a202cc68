"""The trail by its commands: checkpoints written, printed, compared, and proofs anybody can check."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from catalog.rules import merkle, notes
from docking_station.services.checkpoints import write_checkpoint
from tests.scenario.dock import Dock
from tests.scenario.keeping import Years


@pytest.fixture
def walked(dock: Dock) -> Dock:
    """A station with a few lines."""
    for number in range(3):
        dock.run("cases", "add", f"C{number}", "--title", "x")
    return dock


def test_checkpoints_are_written_printed_compared_and_proven(walked: Dock, tmp_path: Path) -> None:
    before = walked.run("trail", "verify", "--json").document
    assert before["checkpoints"] == {"held": 0, "earlier": 0, "faults": []}
    assert "trail checkpoint" in walked.run("trail", "verify").stdout
    printed = walked.run("trail", "checkpoint", "--print").stdout
    checkpoint = notes.read_checkpoint(notes.read_note(printed.encode()).text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == ("evidock/station-1", 3, before["root"])
    (kept,) = walked.objects("checkpoints")
    assert kept.read_text() == printed
    for number in range(3, 6):
        walked.run("cases", "add", f"C{number}", "--title", "x")
    (tmp_path / "board.txt").write_text(printed)
    after = walked.run("trail", "verify", "--checkpoint", tmp_path / "board.txt", "--json").document
    assert (after["lines"], after["checkpoints"]) == (6, {"held": 2, "earlier": 0, "faults": []})
    proof = walked.run("trail", "prove", "2").document
    assert proof["checkpoint"]["text"] == printed
    inclusion, consistency = proof["inclusion"], proof["consistency"]
    leaf = merkle.leaf_hash(proof["body"].encode())
    path = [bytes.fromhex(step) for step in inclusion["path"]]
    assert merkle.inclusion_is_valid(leaf, 1, 3, path, checkpoint.root)
    assert not merkle.inclusion_is_valid(leaf, 2, 3, path, checkpoint.root)
    path = [bytes.fromhex(step) for step in consistency["path"]]
    assert merkle.consistency_is_valid(3, 6, checkpoint.root, bytes.fromhex(after["root"]), path)
    assert json.loads(proof["body"])["subject"] == "C1"
    assert walked.run("trail", "prove", "5").document["checkpoint"] is None
    assert "[station.no-such-line]" in walked.run("trail", "prove", "7", status=15).stderr


def cut(home: Path) -> None:
    """What a root user does: the last line and the nodes above it are gone, and nothing in the catalog tells."""
    with closing(sqlite3.connect(home / "catalog.db")) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f"DROP TRIGGER {name}")
        base.execute("DELETE FROM trail WHERE line > 1")
        base.execute("DELETE FROM trail_node")


def test_a_cut_trail_is_named_and_not_signed(walked: Dock) -> None:
    walked.run("trail", "checkpoint")
    cut(walked.home)
    (fault,) = walked.run("trail", "verify", "--json", status=32).document["checkpoints"]["faults"]
    assert (fault["what"], fault["first"], fault["last"]) == ("cut", 2, 3)
    assert "lines 2 to 3 were there" in walked.run("trail", "verify", status=32).stdout
    assert "[catalog.lost]" in walked.run("trail", "checkpoint", status=50).stderr


def test_a_rebuilt_catalog_begins_its_trail_anew_and_says_so(walked: Dock, tmp_path: Path) -> None:
    walked.run("clips", "verify", "--all")
    walked.run("trail", "checkpoint")
    walked.run("rebuild", "--into", f"sqlite:///{tmp_path}/again.db")
    walked.set('url = ""', f'url = "sqlite:///{tmp_path}/again.db"')
    told = walked.run("trail", "verify", "--json").document
    assert told["checkpoints"] == {"held": 0, "earlier": 1, "faults": []}
    walked.run("trail", "checkpoint")
    assert walked.run("trail", "verify", "--json").document["checkpoints"]["held"] == 1


def test_a_clock_set_back_before_a_rebuild_is_no_rewritten_trail(walked: Dock, tmp_path: Path) -> None:
    with Years(walked).at(1 / 300) as station:
        assert write_checkpoint(station) is not None
    walked.run("rebuild", "--into", f"sqlite:///{tmp_path}/again.db")
    walked.set('url = ""', f'url = "sqlite:///{tmp_path}/again.db"')
    told = walked.run("trail", "verify", "--json").document
    assert told["checkpoints"] == {"held": 0, "earlier": 1, "faults": []}


def test_a_file_that_is_no_checkpoint_is_said_so(walked: Dock, tmp_path: Path) -> None:
    path = tmp_path / "no.txt"
    assert "[station.no-checkpoint-file]" in walked.run("trail", "verify", "--checkpoint", path, status=16).stderr
    path.write_text("nothing")
    assert "is not a checkpoint" in walked.run("trail", "verify", "--checkpoint", path, status=32).stdout


def test_a_kept_checkpoint_that_went_through_mail_and_editors_still_counts(walked: Dock, tmp_path: Path) -> None:
    printed = walked.run("trail", "checkpoint", "--print").stdout
    path = tmp_path / "kept.txt"
    for kept in ("\ufeff" + printed.replace("\n", "\r\n"), printed.rstrip(), f"\n{printed}\n\n"):
        path.write_bytes(kept.encode())
        found = walked.run("trail", "verify", "--checkpoint", path, "--json").document["checkpoints"]
        assert (found["held"], found["faults"]) == (2, [])
    path.write_text(printed.replace("\n3\n", "\n2\n"))
    assert "its signature is not valid" in walked.run("trail", "verify", "--checkpoint", path, status=32).stdout


def test_the_trail_says_in_short_what_was_done_and_why(walked: Dock) -> None:
    walked.run("cases", "add", "C9", "--title", "the fourth", "--subject", "\x1b[31mshop", status=58)
    walked.run("cases", "add", "C9", "--title", "the fourth", "--subject", "shop")
    shown = walked.run("trail", "show").stdout
    assert "title: the fourth" in shown
    assert "\x1b" not in shown
