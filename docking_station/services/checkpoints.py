"""Signing, comparing and proving the trail (操作留痕检查点): the commands, and what the dock calls on its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.acts.clock import Order
from catalog.database import Database
from catalog.errors import CatalogLost
from catalog.rules import merkle
from catalog.rules.canonical import time_text
from catalog.rules.notes import Checkpoint, origin_of
from catalog.rules.retention import months_later
from catalog.trail import trail
from docking_station.station.errors import CheckpointFileMissing, NoSuchLine, unreadable
from docking_station.station.progress import Progress, silent
from docking_station.station.station import Station
from ingest.custody import checkpoints
from ingest.custody.checkpoints import CHECKPOINT_BYTES_MAX, Comparison, Fault, Kept, trusted_checkpoint
from ingest.custody.records import first_broken_receipt

BACKWARDS_MAX = 1000
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Verified:
    """What `evidock trail verify` found."""

    verdict: trail.Verdict
    compared: Comparison
    lost: CatalogLost | None = None
    """Where the journal remembers a line that is not there: an older copy, or one that was cut."""
    backwards: tuple[tuple[int, int], ...] = ()
    """Lines that say an earlier time than a line before, and that line."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict.fault is None and not self.compared.faults and self.lost is None and not self.backwards


def verify_trail(station: Station, given: Sequence[Path], progress: Progress = silent) -> Verified:
    """Compute the trail anew and compare it, also that of a catalog that lacks lines which were written here.

    Raises `CheckpointFileMissing`, `CatalogLost` where there is nothing to compute.
    """
    files = tuple(Kept(str(path), None, _read(path)) for path in given)
    database, lost = station.database.bare, None
    try:
        station.database.demand()
    except CatalogLost as error:
        if not database.exists() or trail.size(database) == 0:
            raise
        lost = error
    order, backwards = Order(station.disowned(database)), list[tuple[int, int]]()

    def see(line: trail.Line) -> None:
        if order.is_early(line) and len(backwards) < BACKWARDS_MAX:
            backwards.append((line.line, order.latest_line))

    with progress("checking", trail.size(database), in_bytes=False) as counter:
        found = trail.recompute(database, counter, see)
    compared = station.checkpoints.compare(database, found, files)
    faults = (*compared.faults, *_beside(station, database, found))
    return Verified(found.verdict, replace(compared, faults=faults), lost, tuple(backwards))


def _beside(station: Station, database: Database, found: trail.Recomputed) -> Iterator[Fault]:
    """What the station's journal knows and the trail or the vault lacks: a checkpoint, the line of a receipt."""
    begun, _ = station.checkpoints.begun(database, trail.Head(found.verdict.lines, found.node))
    broken = first_broken_receipt(database, station.journal, begun)
    if broken is not None:
        yield Fault(f"receipt of clip {broken.clip}", "receipt", broken.line, broken.line)
    for key in station.journal.checkpoints():
        if station.vault.find(key) is None:
            yield Fault(key, "missing")


def checkpoint_due(station: Station) -> bool:
    """Whether the dock should sign a checkpoint now."""
    size = trail.head(station.database).size
    newest = station.checkpoints.newest_of_this_trail(station.database)
    return checkpoints.checkpoint_due(newest, size, station.now(), station.settings.checkpoint_every)


def write_checkpoint(station: Station) -> Kept | None:
    """Sign a checkpoint now; one writer at a time. Raises `TrailRewritten`, `ClockWrong`, `StationBusy`."""
    station.demand_clock()
    with station.changing("checkpoint", wait=True):
        now, settings = station.now(), station.settings
        writer = checkpoints.Checkpoints(station.own_vault, station.trusted)
        until = months_later(now, settings.lock_months)
        kept = writer.write(station.database, station.signer, origin_of(settings.station), now, until)
        if kept is not None:
            station.journal.note_checkpoint(kept.key, time_text(kept.at or now))
        return kept


def prove_line(station: Station, line: int) -> dict[str, object]:
    """The line, and the paths from it to the oldest checkpoint that covers it and from there to the tree of now.

    Without such a checkpoint the path leads to the tree of now. Raises `NoSuchLine`.
    """
    found = trail.lines(station.database, after=line - 1, limit=1)
    head = trail.head(station.database)
    if not found or found[0].line != line:
        raise NoSuchLine(line=line, count=head.size)
    kept, covering = _covering(station, line, head)
    size = covering.size if covering is not None else head.size
    inclusion = merkle.inclusion_proof(line - 1, size, head.node)
    consistency = merkle.consistency_proof(size, head.size, head.node)
    body = trail.line_bytes(line, found[0].entry, found[0].details)
    return {
        "line": line,
        "body": body.decode(),
        "leaf_hash": merkle.leaf_hash(body).hex(),
        "checkpoint": None if kept is None else {"key": kept.key, "text": kept.body.decode()},
        "inclusion": {
            "index": line - 1,
            "size": size,
            "root": merkle.root(size, head.node).hex(),
            "path": [step.hex() for step in inclusion],
        },
        "consistency": {
            "first": size,
            "second": head.size,
            "root": head.root().hex(),
            "path": [step.hex() for step in consistency],
        },
    }


def trail_head(station: Station) -> dict[str, Any]:
    """What the trail is now, by its stored tree, and the newest checkpoint of it, None before the first."""
    head, newest = trail.head(station.database), station.checkpoints.newest_of_this_trail(station.database)
    checkpoint = None if newest is None else {"key": newest.key, "text": newest.body.decode()}
    return {"size": head.size, "root": head.root().hex(), "checkpoint": checkpoint}


def prove_growth(station: Station, first: int, second: int) -> tuple[str, str, tuple[str, ...]]:
    """The root over the first lines, the one over more, and the path between; raises `NoSuchLine`."""
    head = trail.head(station.database)
    if not first <= second <= head.size:
        raise NoSuchLine(line=max(first, second), count=head.size)
    before, after = (merkle.root(size, head.node).hex() for size in (first, second))
    return before, after, tuple(step.hex() for step in merkle.consistency_proof(first, second, head.node))


def _covering(station: Station, line: int, head: trail.Head) -> tuple[Kept | None, Checkpoint | None]:
    """The oldest checkpoint over a line that the stored tree agrees with."""
    for kept in station.checkpoints.every():
        try:
            one = trusted_checkpoint(kept.body, station.trusted)
        except ValueError:
            continue
        if one is not None and line <= one.size <= head.size and merkle.root(one.size, head.node) == one.root:
            return kept, one
    return None, None


def _read(path: Path) -> bytes:
    """A checkpoint as somebody kept it: mail and editors change the ends of lines and of files, which nobody signed."""
    try:
        with path.open("rb") as file:
            body = file.read(CHECKPOINT_BYTES_MAX)
    except OSError as error:
        missing = ("Give the file somebody kept of a checkpoint", "给出所留存的检查点文件")
        raise CheckpointFileMissing(path=path, **unreadable(error, missing)) from error
    return b"\n".join(line.rstrip() for line in body.removeprefix(BOM).splitlines()).strip() + b"\n"
