"""The trail's tree against an independent implementation of RFC 9162, and its proofs against every change."""

from __future__ import annotations

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import merkle


def stored_nodes(lines: list[bytes]) -> dict[tuple[int, int], bytes]:
    """The nodes as the trail stores them, line by line."""
    nodes: dict[tuple[int, int], bytes] = {}
    for index, line in enumerate(lines):
        nodes[0, index] = leaf = merkle.leaf_hash(line)
        for level, position, value in merkle.completed(index, leaf, lambda a, b: nodes[a, b]):
            nodes[level, position] = value
    return nodes


def oracle(lines: list[bytes]) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    return tree


lines_of_a_trail = st.lists(st.binary(max_size=8), max_size=70)


@given(lines_of_a_trail)
def test_the_root_is_that_of_rfc_9162(lines: list[bytes]) -> None:
    nodes = stored_nodes(lines)
    expected = oracle(lines).get_root() if lines else hashlib.sha256(b"").digest()
    assert merkle.root(len(lines), lambda a, b: nodes[a, b]) == expected


@given(lines_of_a_trail.filter(len), st.data())
def test_an_inclusion_proof_holds_for_its_line_and_no_other(lines: list[bytes], data: st.DataObject) -> None:
    nodes = stored_nodes(lines)
    index = data.draw(st.integers(0, len(lines) - 1))
    path = merkle.inclusion_proof(index, len(lines), lambda a, b: nodes[a, b])
    root = merkle.root(len(lines), lambda a, b: nodes[a, b])
    assert merkle.inclusion_is_valid(nodes[0, index], index, len(lines), path, root)
    assert not merkle.inclusion_is_valid(merkle.leaf_hash(b"another line"), index, len(lines), path, root)
    assert not merkle.inclusion_is_valid(nodes[0, index], index, len(lines), (*path, root), root)
    if path:
        assert not merkle.inclusion_is_valid(nodes[0, index], index, len(lines), path[:-1], root)


@given(lines_of_a_trail.filter(len), st.data())
def test_a_consistency_proof_holds_only_for_a_true_beginning(lines: list[bytes], data: st.DataObject) -> None:
    nodes = stored_nodes(lines)
    first = data.draw(st.integers(1, len(lines)))

    def node(level: int, position: int) -> bytes:
        return nodes[level, position]

    old, new = merkle.root(first, node), merkle.root(len(lines), node)
    path = merkle.consistency_proof(first, len(lines), node)
    assert merkle.consistency_is_valid(first, len(lines), old, new, path)
    forged = hashlib.sha256(old).digest()
    assert not merkle.consistency_is_valid(first, len(lines), forged, new, path)
    if first < len(lines):
        assert not merkle.consistency_is_valid(first, len(lines), old, forged, path)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_for_a_line_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such line"):
        merkle.inclusion_proof(index, size, lambda _a, _b: b"")
