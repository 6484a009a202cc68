"""Whether two catalogs say the same: every row of every table, but for what must differ between two ingests.

Shapes: a catalog is told as `{table: sorted rows}`; a row is the JSON text of its columns. What is left out: when
it was docked and sealed, how long it is locked, and the digests, signatures and hashes over these.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Told = dict[str, list[str]]

TABLES = (
    *("clip", "manifest", "law_case", "link", "sidecar", "recorder", "holding", "docking", "policy"),
    *("disposal", "hold", "request", "handout", "clip_release", "reading", "refusal", "refused_look"),
    *("imported_list", "imported_row", "duty"),
    *("unit", "unit_place", "unit_name", "person", "person_number", "posting", "role_grant", "delegation", "account"),
    *("clip_class", "case_number", "case_note", "case_officer", "case_part", "case_party", "paper", "paper_scan"),
    *("review_round", "review_point"),
    *("decision_end", "disclosure", "disclosure_exception"),
    *("trail", "trail_node"),
)
INDEX = {
    "paper_text",
    "search_due",
    "clip_indexed",
    *(f"clip_words{part}" for part in ("", "_config", "_data", "_idx")),
}
NO_EVIDENCE = {"alembic_version", "answered", "api_token", "chore", "opinion", "session", "used_code", *INDEX}
"""What a catalog holds beside what is known of clips."""
OWN_TO_AN_INGEST = {
    "clip": {"sealed_at", "retain_until"},
    "manifest": {"sha256", "signature"},
    "clip_class": {"added_at"},
    "law_case": {"added_at"},
    "case_number": {"added_at"},
    "case_note": {"at"},
    "case_officer": set(),
    "case_party": set(),
    "case_part": {"id", "begins_at", "ended_at"},
    "review_round": {"sent_at", "ended_at"},
    "review_point": {"at", "answered_at"},
    "decision_end": {"id", "at"},
    "disclosure": {"id", "at", "ended_at", "corrects"},
    "disclosure_exception": {"id", "at", "ended_at"},
    "paper": {"added_at"},
    "paper_scan": {"id", "at"},
    "link": {"begins_at", "id"},
    "sidecar": set(),
    "policy": {"adopted_at"},
    "recorder": {"added_at"},
    "holding": {"entered_at"},
    "docking": set(),
    "disposal": {"asked_at", "done_at"},
    "hold": {"begins_at", "asked_at", "ended_at"},
    "unit": {"added_at", "closed_at"},
    "unit_place": {"begins_at"},
    "unit_name": set(),
    "person": {"added_at", "suspended_at", "left_at"},
    "person_number": {"begins_at", "ends_at"},
    "posting": {"begins_at"},
    "role_grant": {"id", "begins_at", "ends_at", "proposed_at", "granted_at", "revoked_at"},
    "delegation": {"id", "begins_at", "ends_at", "added_at", "revoked_at"},
    "account": {"bound_at", "ended_at"},
    "request": {"asked_at", "decided_at", "until", "revoked_at"},
    "handout": {"made_at", "handed_at", "returned_at"},
    "clip_release": {"asked_at", "steps"},
    "reading": {"read_at"},
    "imported_list": set(),
    "imported_row": set(),
    "duty": set(),
    "refusal": {"since"},
    "refused_look": set(),
    "trail": {"line", "at", "leaf_hash", "chain_hash"},
    "trail_node": {"hash"},
}


def catalog(path: Path, left_out: dict[str, set[str]]) -> Told:
    """Every row of every table of a catalog, but for the columns left out; a table that is not known fails."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        base.row_factory = sqlite3.Row
        found = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = {str(row["name"]) for row in found} - NO_EVIDENCE
        assert names == set(TABLES)
        return {table: _rows(base, table, left_out[table]) for table in TABLES}


def same_card_twice(path: Path) -> Told:
    """The catalog as two ingests of one card must agree on it."""
    told = catalog(path, OWN_TO_AN_INGEST)
    plain: dict[str, Callable[[Row], Row]] = {"clip": _plain_clip, "manifest": _plain_manifest, "trail": _plain_line}
    for table, without in plain.items():
        told[table] = sorted(json.dumps(without(json.loads(row)), ensure_ascii=False) for row in told[table])
    return told


def _rows(base: sqlite3.Connection, table: str, left_out: set[str]) -> list[str]:
    rows = [dict(row) for row in base.execute(f"SELECT * FROM {table}")]
    return sorted(json.dumps(_named(row, left_out), ensure_ascii=False) for row in rows)


def _named(row: Row, left_out: set[str]) -> Row:
    assert left_out <= set(row)
    named = {name: value for name, value in row.items() if name not in left_out}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in named.items()}


def _plain_clip(clip: Row) -> Row:
    if clip["starts_at_source"] == "docking":
        return clip | {"starts_at": None, "ends_at": None}
    return clip


def _plain_manifest(row: Row) -> Row:
    body = json.loads(row["body"])
    assert {"at", "retain_until"} <= set(body["sealing"])
    for part, name in (("docking", "at"), ("sealing", "at"), ("sealing", "retain_until")):
        del body[part][name]
    if body["time"]["source"] == "docking":
        body["time"] |= {"starts_at": None, "ends_at": None}
    return row | {"body": body}


def _plain_line(line: Row) -> Row:
    details = json.loads(line["details"])
    details.pop("manifest", None)
    return line | {"details": details}
