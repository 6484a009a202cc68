"""Originals of the vault, and the clips they are kept for (原件与其片段): as the catalog has them, and as signed.

Shapes: clips of equal bytes share one original; it is kept for the one of them that needs it longest, and a sidecar for
the longest of the clips it stands beside.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from catalog.cases import files
from catalog.clips.sidecars import SIDECARS
from catalog.database import Database
from catalog.evidence import IMPORTANT
from catalog.readable import any_of
from catalog.rules.canonical import parsed_time
from catalog.rules.retention import Keep, Retentions, longest
from ingest.custody.signed_records import SignedRecords, Vouched
from ingest.errors import RecordsDisagree

LINKED_SINCE = """(SELECT MAX(begun.begins_at) FROM link AS begun WHERE begun.clip_id = clip.id AND NOT EXISTS
 (SELECT 1 FROM link AS other WHERE other.clip_id = clip.id AND other.begins_at < begun.begins_at
  AND (other.ended_at IS NULL OR other.ended_at >= begun.begins_at)))"""
"""When the newest link began while no other stood: a corrected link begins as the one before it ends."""
LINKED = "EXISTS (SELECT 1 FROM link AS its WHERE its.clip_id = clip.id AND its.ended_at IS NULL) AS is_linked"
OPEN_CASE = """EXISTS (SELECT 1 FROM link AS its LEFT JOIN law_case ON law_case.id = its.case_id
 WHERE its.clip_id = clip.id AND its.ended_at IS NULL AND law_case.closed IS NULL) AS is_open"""
"""Most are; only where none is, it is asked what is told of their files."""
SQL = f"""SELECT its.sha256, clip.id, clip.size_bytes, clip.path, clip.sealed_at, clip.retain_until, {LINKED},
 link.begins_at AS linked_at, clip.marks, manifest.sha256 AS manifest, clip.id <> its.id AS is_beside,
 {OPEN_CASE},
 EXISTS (SELECT 1 FROM hold WHERE hold.clip_id = clip.id AND hold.ended_at IS NULL) AS is_held,
 EXISTS (SELECT 1 FROM clip_class WHERE clip_class.clip_id = clip.id AND code = 'state' AND handed_at IS NULL)
 AS is_secret
 FROM (SELECT id AS its_id, id FROM clip UNION ALL {SIDECARS}) AS pair
 JOIN clip AS its ON its.id = pair.its_id JOIN clip ON clip.id = pair.id JOIN manifest ON manifest.clip_id = clip.id
 LEFT JOIN link ON link.clip_id = clip.id AND link.begins_at >= {LINKED_SINCE}
 LEFT JOIN disposal ON disposal.clip_id = clip.id LEFT JOIN disposal AS its_end ON its_end.clip_id = its.id
 WHERE 1 = 1"""
"""Each clip, once for each of its links, and again under every sidecar: what it demands, its positions must outlast."""
KEPT_ORIGINALS = " AND disposal.done_at IS NULL AND its_end.done_at IS NULL"
ENDED = """SELECT sha256 FROM clip WHERE retain_until <= :over
 AND NOT EXISTS (SELECT 1 FROM disposal WHERE clip_id = clip.id AND done_at IS NOT NULL)"""
"""Not sorted, for the index of locks is used then; that of digests would go through all clips."""
PAGE = "SELECT DISTINCT sha256 FROM clip WHERE sha256 > :after ORDER BY sha256 LIMIT :limit"
PAGE_ORIGINALS = 500


@dataclass(frozen=True, slots=True)
class Original:
    """One object of the vault, the clips it is the original of, those it stands `beside`; as rows of the catalog."""

    sha256: str
    clips: tuple[Mapping[str, Any], ...]
    beside: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, database: Database, rows: Sequence[Mapping[str, Any]]) -> Original:
        """Make one of all rows that have its digest; `linked_at` of a clip becomes the days of all of its links."""
        linked = defaultdict[str, list[datetime]](list)
        for row in rows:
            linked[row["id"]] += [parsed_time(row["linked_at"])] if row["linked_at"] is not None else []
        each = {
            (row["id"], bool(row["is_beside"])): {
                **row, "linked_at": linked[row["id"]], "files": partial(files.of_clip, database, row["id"])
            }
            for row in rows
        }  # fmt: skip
        own, beside = (tuple(row for (_, is_beside), row in each.items() if is_beside is so) for so in (False, True))
        return cls(rows[0]["sha256"], own, beside)

    @property
    def sealed_at(self) -> datetime:
        """When the last of them was sealed."""
        return max(parsed_time(row["sealed_at"]) for row in (*self.clips, *self.beside))

    @property
    def locked_until(self) -> datetime:
        """The latest lock that the catalog knows of: no sidecar goes while its clip is locked."""
        return max(parsed_time(row["retain_until"]) for row in (*self.clips, *self.beside))

    def keep(self, tables: Retentions, now: datetime | None = None) -> Keep:
        """What the neediest of them demands; without a time no case file is over."""
        return longest(each for row in (*self.clips, *self.beside) for each in _demanded(row, tables, now))


def _demanded(row: Mapping[str, Any], tables: Retentions, now: datetime | None) -> Iterator[Keep]:
    """What a clip demands of its original."""
    is_important, today = IMPORTANT in json.loads(row["marks"]), None if now is None else now.date()
    files = row["files"]() if row["is_linked"] and not row["is_open"] and today is not None else ()
    sealed_at, linked_at = parsed_time(row["sealed_at"]), _linked_at(row)
    yield tables.keep(sealed_at, linked_at, is_important=is_important, files=files, today=today)
    if row["is_held"]:
        yield "hold"
    if row["is_secret"]:
        yield "state"


def _linked_at(row: Mapping[str, Any]) -> Sequence[datetime]:
    """When a clip was linked since it last had no case; nothing: no case has it."""
    return row["linked_at"] if row["is_linked"] else ()


def originals(
    database: Database, clip: str | None = None, *, or_gone: bool = False, over: datetime | None = None
) -> Iterator[Original]:
    """Every original that was not disposed of, or the one of a clip, read a page at a time.

    With `or_gone`, whatever rows say of that; with `over`, none whose clips are all locked at that time.
    """
    if clip is not None:
        found = database.query("SELECT sha256 FROM clip WHERE id = :clip", {"clip": clip})
        yield from _originals(database, [row["sha256"] for row in found], or_gone=or_gone)
        return
    if over is not None:
        ended = sorted({str(row["sha256"]) for row in database.query(ENDED, {"over": database.moment(over)})})
        for first in range(0, len(ended), PAGE_ORIGINALS):
            yield from _originals(database, ended[first : first + PAGE_ORIGINALS], or_gone=or_gone)
        return
    after, values = "", {"limit": PAGE_ORIGINALS}
    while page := [row["sha256"] for row in database.query(PAGE, {**values, "after": after})]:
        yield from _originals(database, page, or_gone=or_gone)
        after = page[-1]


def _originals(database: Database, digests: Sequence[str], *, or_gone: bool) -> Iterator[Original]:
    these, values = any_of(digests)
    sql = SQL if or_gone else SQL + KEPT_ORIGINALS
    rows = database.query(f"{sql} AND its.sha256 IN {these} ORDER BY its.sha256, clip.id", values)
    for _, group in groupby(rows, key=lambda row: str(row["sha256"])):
        yield Original.of(database, tuple(group))


def vouched(signed: SignedRecords, one: Original) -> Iterator[Vouched]:
    """What is signed of every clip that these bytes must stay for. Raises `RecordsDisagree`.

    Those are the clips of these bytes, and the clips they stand beside, as far as they are not disposed of.
    """
    numbers = {str(row["id"]) for row in one.clips}
    for clip in sorted(numbers | signed.sharers(one.sha256)):
        found = signed.of_clip(clip)
        if found.sha256 != one.sha256:
            raise RecordsDisagree(clip=clip, what="its original is another", what_zh="其原件不同")
        if clip in numbers or found.disposed is None:
            yield found
            yield from (main for main in signed.beside(found) if main.disposed is None)
