"""The trail's Merkle tree (默克尔树): root and proofs over lines that are only ever appended.

Source: RFC 9162, section 2.1. Leaf hash: SHA-256(0x00 || line); node hash: SHA-256(0x01 || left || right).
Shapes: a node is named (level, position): level 0 are the leaves, and a node of level L at position P covers
leaves P·2^L to (P+1)·2^L - 1. Only complete nodes are ever asked for, so a store of them never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

Node = Callable[[int, int], bytes]
"""The hash of the complete node (level, position)."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(line: bytes) -> bytes:
    """The hash of one line."""
    return hashlib.sha256(b"\x00" + line).digest()


def join(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two nodes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, node: Node) -> Iterator[tuple[int, int, bytes]]:
    """The nodes above level 0 that leaf number `index` completes, lowest first."""
    level, position, value = 0, index, leaf
    while position & 1:
        value = join(node(level, position - 1), value)
        level, position = level + 1, position >> 1
        yield level, position, value


def range_root(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]) for `start` a multiple of the largest power of two that splits the range."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    split = _split(size)
    return join(range_root(start, start + split, node), range_root(start + split, end, node))


def root(size: int, node: Node) -> bytes:
    """The root over the first `size` lines."""
    return range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """The path that shows line number `index` (from 0) is under the root of size `size`."""
    if not 0 <= index < size:
        raise ValueError("no such line in a tree of that size")
    start, end, path = 0, size, []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(start, split, node))
            start = split
    return tuple(reversed(path))


def consistency_proof(first: int, second: int, node: Node) -> tuple[bytes, ...]:
    """The proof that the tree of size `first` is the beginning of the tree of size `second`."""
    if not 0 < first <= second:
        raise ValueError("the first size must be from 1 to the second")
    start, end, whole, path = 0, second, True, []
    while first != end:
        split = start + _split(end - start)
        if first <= split:
            path.append(range_root(split, end, node))
            end = split
        else:
            path.append(range_root(start, split, node))
            start, whole = split, False
    if not whole:
        path.append(range_root(start, end, node))
    return tuple(reversed(path))


def inclusion_is_valid(leaf: bytes, index: int, size: int, path: Sequence[bytes], root_hash: bytes) -> bool:
    """Check an inclusion proof: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, value = index, size - 1, leaf
    for step in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = join(step, value)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = join(value, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root_hash


def consistency_is_valid(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> bool:
    """Check a consistency proof: RFC 9162, section 2.1.4.2."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and old == new
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = join(step, fr), join(step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = join(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
