"""Proofs that lines stand in the trail (留痕证明): RFC 9162 inclusion paths out of the stored tree.

Shapes: lines count from 1, leaves from 0; a root is over the first `size` lines. Every proof is checked here before
it is handed out: a catalog whose tree was altered gives none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.rules import merkle
from catalog.trail import trail

if TYPE_CHECKING:
    from catalog.database import Database


@dataclass(frozen=True, slots=True)
class Proofs:
    """A tree's size and root, and the path of each line asked for."""

    size: int
    root: str
    paths: Mapping[int, tuple[str, ...]]
    unproven: tuple[int, ...] = ()
    """Lines whose own words do not lead to the root: the trail was altered."""


def stored_node(database: Database) -> merkle.Node:
    """The tree's nodes as they are stored, each read once."""
    known: dict[tuple[int, int], bytes] = {}

    def node(level: int, position: int) -> bytes:
        if (level, position) not in known:
            sql = (
                "SELECT leaf_hash AS hash FROM trail WHERE line = :position + 1"
                if level == 0
                else "SELECT hash FROM trail_node WHERE level = :level AND position = :position"
            )
            rows = database.query(sql, {"level": level, "position": position})
            known[level, position] = trail.hash_of(rows[0]["hash"], f"node {level}/{position}") if rows else b""
        return known[level, position]

    return node


def prove(database: Database, lines: Sequence[trail.Line], size: int) -> Proofs:
    """The proofs of these lines, of which none is behind `size`, against the root over `size` lines."""
    node = stored_node(database)
    root = merkle.root(size, node)
    paths, unproven = {}, []
    for line in lines:
        path = merkle.inclusion_proof(line.line - 1, size, node)
        leaf = merkle.leaf_hash(trail.line_bytes(line.line, line.entry, line.details))
        if not merkle.inclusion_is_valid(leaf, line.line - 1, size, path, root):
            unproven.append(line.line)
        paths[line.line] = tuple(step.hex() for step in path)
    return Proofs(size, root.hex(), paths, tuple(unproven))
