"""A proof is handed out only for a line that stands in the trail as it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.database import Database
from catalog.rules import merkle
from catalog.trail import trail
from catalog.trail.proofs import prove

START = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
LINES = 13


@pytest.fixture(autouse=True)
def _some_lines(database: Database) -> None:
    with database.transaction() as session:
        for number in range(LINES):
            at = START + timedelta(seconds=number)
            trail.append(session, trail.Entry(at, "custodian", "clip.shown", "c1", {"n": number}, is_look=True))


@pytest.mark.parametrize("size", [5, 8, LINES])
def test_every_line_is_proven_at_any_size(database: Database, size: int) -> None:
    lines = trail.lines(database)[:size]
    proofs = prove(database, lines, size)
    assert proofs.unproven == ()
    if size == LINES:
        assert proofs.root == trail.verify(database).root
    for line in lines:
        path, leaf = [bytes.fromhex(step) for step in proofs.paths[line.line]], bytes.fromhex(line.leaf_hash)
        assert merkle.inclusion_is_valid(leaf, line.line - 1, size, path, bytes.fromhex(proofs.root))


def test_a_line_whose_words_were_changed_is_not_proven(database: Database) -> None:
    lines = trail.lines(database)
    forged = trail.Line(4, lines[3].entry, '{"n":99}', lines[3].leaf_hash, lines[3].chain_hash)
    assert prove(database, [lines[2], forged, lines[4]], LINES).unproven == (4,)
