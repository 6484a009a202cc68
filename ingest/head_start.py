"""Which files of a full card can be copied at once (先行采集), while nothing is known of the others yet.

A file is known by its first and last bytes too, and a card of thousands takes long to read those of. So within a short
time the edges of some are read: important ones first, then the oldest of those that are new. Files of earlier dockings
are the older ones: where they end is found by halving. A wrong guess costs time, nothing else: the whole card is looked
at afterwards.

Shapes: files of one card without edges -> the same files, those that were read with edges. Units: seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import takewhile

from catalog.evidence import SourceFile
from catalog.station_error import StationError
from media.kinds import sidecar_of

Group = tuple[SourceFile, ...]
"""A clip and its sidecars, or a file that stands alone: known together or not at all."""


def some_edged(
    files: Sequence[SourceFile],
    edges: Callable[[SourceFile], str],
    done: Callable[[SourceFile], bool],
    is_important: Callable[[SourceFile], bool],
    within_s: float,
) -> tuple[SourceFile, ...]:
    """The files, in their order, with edges where `within_s` seconds sufficed; what cannot be read stays without."""
    until = time.monotonic() + within_s
    read: dict[bytes, str] = {}

    def is_new(group: Group) -> bool:
        """Read the edges of a group; whether any of it is not done."""
        try:
            edged = [replace(file, edges=edges(file)) for file in group]
        except StationError:
            return True
        read.update((file.path, file.edges) for file in edged)
        return not all(done(file) for file in edged)

    def in_time() -> bool:
        return time.monotonic() < until

    groups = _groups(files)
    urgent = [group for group in groups if is_important(group[-1])]
    others = [group for group in groups if not is_important(group[-1])]
    low, high = 0, len(others)
    for group in takewhile(lambda _: in_time(), urgent):
        is_new(group)
    while low < high and in_time():
        middle = (low + high) // 2
        if is_new(others[middle]):
            high = middle
        else:
            low = middle + 1
    for group in (*others[low:], *reversed(others[:low])):
        if in_time() and group[-1].path not in read:
            is_new(group)
    if not in_time():
        read = _in_order(read, (*urgent, *others[low:]), others[:low])
    return tuple(replace(file, edges=read.get(file.path, "")) for file in files)


def _in_order(read: Mapping[bytes, str], first: Sequence[Group], known: Sequence[Group]) -> dict[bytes, str]:
    """Return the edges of the groups up to the first that has none: none is copied before one that comes first."""
    copied = takewhile(lambda group: group[-1].path in read, first)
    kept = {file.path for group in (*copied, *known) for file in group}
    return {path: text for path, text in read.items() if path in kept}


def not_yet(files: Sequence[SourceFile], is_copy: Callable[[SourceFile], bool]) -> Set[bytes]:
    """The paths of those that must wait until all are known, with what stands beside them; empty if all are known.

    They have no edges; or may be equal to one that has none; or are named like a copy.
    """
    unknown = {file.path for file in files if not file.edges}
    if not unknown:
        return unknown
    sizes = {file.size_bytes for file in files if file.path in unknown}
    waiting = set(unknown)
    for group in _groups(files):
        main = group[-1]
        if is_copy(main) or main.size_bytes in sizes or any(file.path in unknown for file in group):
            waiting.update(file.path for file in group)
    return waiting


def _groups(files: Sequence[SourceFile]) -> list[Group]:
    """Each clip behind its sidecars; oldest clips first."""
    mains = sidecar_of([file.path for file in files])
    beside: dict[bytes, list[SourceFile]] = {}
    for file in files:
        if file.path in mains:
            beside.setdefault(mains[file.path], []).append(file)
    oldest_first = sorted(files, key=lambda file: (file.mtime_ns, file.path))
    return [(*beside.get(file.path, ()), file) for file in oldest_first if file.path not in mains]
