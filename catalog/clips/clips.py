"""Clips in the catalog (资料编目): file one, and everything known of one.

Shapes: `file` takes the manifest's own bytes; every column comes from there, so a rebuilt catalog is equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.cases import links, reading
from catalog.cases.reading import Link
from catalog.clips import classes, search, second_opinions
from catalog.clips.sidecars import OF_CLIP, OF_SIDECAR
from catalog.errors import ClipConflict, NoSuchClip
from catalog.evidence import TimeClaim
from catalog.keeping import holds
from catalog.people import holders
from catalog.readable import any_of
from catalog.rules.acts import LINK_ADDED, LINK_ENDED
from catalog.rules.canonical import parsed_time_or_none
from catalog.rules.case_numbers import stated
from catalog.rules.manifest import Manifest, position_deg, read_manifest, track_of
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.clips.tables import ClipRow
    from catalog.database import Database, Row

FILED = "clip.filed"
ALIKE = (
    *("recorder", "officer", "unit", "kind", "path", "path_hex", "size_bytes", "sha256", "sm3"),
    *("ends_at", "duration_s", "sealed_at"),
)
"""What a manifest and the catalog's row of it have by the same names."""


@dataclass(frozen=True, slots=True)
class Document:
    """A manifest as the vault holds it, with the station's signature over it."""

    body: bytes
    signature: str
    key_id: str

    @property
    def sha256(self) -> str:
        """The digest the vault keeps it under."""
        return hashlib.sha256(self.body).hexdigest()

    def read(self) -> Manifest:
        """What a manifest says; raises `ManifestUnreadable`."""
        return read_manifest(self.body, self.sha256)


def file(session: Session, document: Document, retain_until: datetime) -> tuple[str, trail.Line | None]:
    """Enter a sealed clip: row, manifest, sidecars, stated link, trail line.

    Returns the clip's number and its new trail line, or None for the line if it was filed before with the same
    manifest; raises `ClipConflict` if with another.
    """
    from catalog.clips.tables import ManifestRow, SidecarRow

    manifest = document.read()
    clip = manifest.clip
    filed = session.get(ManifestRow, clip)
    if filed is not None:
        if filed.sha256 != document.sha256:
            raise ClipConflict(clip=clip, manifest=document.sha256)
        return clip, None
    sealed_at, by = manifest.sealed_at, manifest.docked_by
    lengthen(session, manifest.sha256, retain_until)
    session.add(row_of(manifest, retain_until))
    holders.settle(session, clips=(clip,))
    session.add(
        ManifestRow(
            clip_id=clip,
            sha256=document.sha256,
            body=document.body,
            signature=document.signature,
            key_id=document.key_id,
        )
    )
    for sidecar in manifest.sidecars:
        session.add(SidecarRow(clip_id=clip, sidecar_id=sidecar))
    links.state(session, manifest)
    if manifest.beside is not None:
        classes.settle(session, clip)
    details = {"manifest": document.sha256, "sha256": manifest.sha256, "case": manifest.case}
    return clip, trail.append(session, trail.Entry(sealed_at, by, FILED, clip, details))


def lengthen(session: Session, sha256: str, retain_until: datetime) -> None:
    """Clips of equal bytes share one object in the vault, and so its lock, which this clip's sealing lengthened."""
    from sqlalchemy import bindparam, text

    from catalog.columns import UtcTime

    shared = text("UPDATE clip SET retain_until = :until WHERE sha256 = :sha256 AND retain_until < :until")
    typed = shared.bindparams(bindparam("until", type_=UtcTime()))
    session.connection().execute(typed, {"sha256": sha256, "until": retain_until})


def row_of(manifest: Manifest, retain_until: datetime) -> ClipRow:
    """The catalog's row of a manifest; the lock is what the vault holds now."""
    from catalog.clips.tables import ClipRow

    start, fixes = manifest.start, manifest.track
    at, lat, lon = fixes[0][:3] if fixes else (None, None, None)
    return ClipRow(
        id=manifest.clip,
        **{name: getattr(manifest, name) for name in ALIKE},
        starts_at=start.starts_at,
        starts_at_source=start.source,
        starts_at_uncertainty_s=start.uncertainty_s,
        fixes=len(fixes),
        first_latitude_deg=None if lat is None else position_deg(lat),
        first_longitude_deg=None if lon is None else position_deg(lon),
        first_fix_at=parsed_time_or_none(at),
        marks=json.dumps(manifest.marks),
        retain_until=retain_until,
        playable=manifest.media["playable"],
        beside_hex=manifest.beside,
        numbers=" ".join(manifest.numbers) or None,
    )


def row(database: Database, clip: str) -> Row:
    """The row of a clip as the database has it, nothing decoded; empty where there is none."""
    rows = database.query("SELECT * FROM clip WHERE id = :id", {"id": clip})
    return rows[0] if rows else {}


def every_number(database: Database) -> list[str]:
    """The numbers of all clips the catalog has a row, a manifest or a line of: one of them alone may be struck out."""
    sql = """SELECT id FROM clip UNION SELECT clip_id AS id FROM manifest
 UNION SELECT subject AS id FROM trail WHERE action = :filed ORDER BY 1"""
    return [str(one["id"]) for one in database.query(sql, {"filed": FILED})]


def lost(database: Database) -> list[tuple[str, str]]:
    """Clips of which one of row, manifest and filing line is missing, and what: somebody struck it out. Seen twice."""
    found = _lost(database)
    return [one for one in _lost(database) if one in found] if found else []


def _lost(database: Database) -> list[tuple[str, str]]:
    queries = {"row": "SELECT id FROM clip", "manifest": "SELECT clip_id AS id FROM manifest"}
    queries["line"] = "SELECT subject AS id FROM trail WHERE action = :filed"
    having = {what: {str(one["id"]) for one in database.query(sql, {"filed": FILED})} for what, sql in queries.items()}
    every = set[str]().union(*having.values())
    missing = {clip: [f"no {what}" for what, some in having.items() if clip not in some] for clip in every}
    return sorted((clip, ", ".join(what)) for clip, what in missing.items() if what)


def cases_named(database: Database, clip: str) -> set[str]:
    """The ids of all cases that anything left of a clip names: its links, the lines of the trail about it."""
    ids = {str(one["case_id"]) for one in database.query("SELECT case_id FROM link WHERE clip_id = :id", {"id": clip})}
    for line in database.query("SELECT action, details FROM trail WHERE subject = :id", {"id": clip}):
        case = json.loads(line["details"]).get("case")
        if case is not None:
            ids.add(case if line["action"] in (LINK_ADDED, LINK_ENDED) else stated(case))
    return ids


def size_bytes(database: Database, numbers: Sequence[str] | None) -> int:
    """How many bytes the originals of these clips have, or those of all."""
    if numbers is None:
        return int(database.query("SELECT COALESCE(SUM(size_bytes), 0) AS size FROM clip", {})[0]["size"])
    return sum(size for one in numbers if isinstance(size := row(database, one).get("size_bytes"), int))


def document(database: Database, clip: str) -> Document:
    """The manifest as the catalog keeps it; raises `NoSuchClip`."""
    sql = "SELECT body, signature, key_id FROM manifest WHERE clip_id = :id"
    rows = database.query(sql, {"id": clip})
    if not rows:
        raise NoSuchClip(clip=clip)
    return Document(bytes(rows[0]["body"]), rows[0]["signature"], rows[0]["key_id"])


def manifest(database: Database, clip: str) -> Manifest:
    """What the manifest of a clip says; raises `NoSuchClip`, `ManifestUnreadable`."""
    return document(database, clip).read()


def manifests(database: Database, of: Sequence[str]) -> dict[str, Manifest]:
    """What the manifests of these clips say, as far as there are any; raises `ManifestUnreadable`."""
    these, values = any_of(of)
    sql = f"SELECT clip_id, body, signature, key_id FROM manifest WHERE clip_id IN {these}"
    return {
        row["clip_id"]: Document(bytes(row["body"]), row["signature"], row["key_id"]).read()
        for row in database.query(sql, values)
    }


@dataclass(frozen=True, slots=True)
class Signed:
    """A clip's manifest (资料清单): what it says, and the signature over the bytes of that digest."""

    sha256: str
    signature: str
    key_id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case that a clip may belong to, as things are now (关联建议), by which rule, how sure, and why."""

    case: str
    rule: str
    why: str
    score: float
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClipDetails(search.ClipSummary):
    """Everything about one clip (资料详情); like those of the summary, its fields are keys of `--json`.

    `proposals`: put in by who has worked them out.
    """

    path_hex: str
    attribution: str | None
    times: tuple[TimeClaim, ...]
    opinion: Mapping[str, Any] | None
    track: list[dict[str, object]]
    media: Mapping[str, Any]
    links: tuple[Link, ...]
    classes: tuple[classes.Classed, ...]
    holds: tuple[holds.Hold, ...]
    sidecars: list[str]
    sidecar_of: list[str]
    manifest: Signed
    trail: list[trail.Line]
    proposals: tuple[Proposal, ...] = ()


def details(database: Database, clip: str) -> ClipDetails:
    """Everything about one clip: the row, every time claim, the track, the media facts, links, manifest, trail."""
    summary, stored = search.get(database, clip), document(database, clip)
    manifest = stored.read()
    media = {name: value for name, value in manifest.media.items() if name != "duration_ms"}
    return ClipDetails(
        **{field.name: getattr(summary, field.name) for field in fields(summary)},
        path_hex=manifest.path_hex,
        attribution=manifest.attribution,
        times=manifest.times,
        opinion=second_opinions.get(database, clip),
        track=track_of(manifest),
        media={"duration_s": manifest.duration_s} | media,
        links=reading.of_clip(database, clip),
        classes=classes.of_clip(database, clip),
        holds=holds.of(database, clip),
        sidecars=sidecars_of(database, clip),
        sidecar_of=[row["clip_id"] for row in database.query(OF_SIDECAR, {"id": clip})],
        manifest=Signed(stored.sha256, stored.signature, stored.key_id, manifest.body),
        trail=trail.lines(database, subject=clip),
    )


def sidecars_of(database: Database, clip: str) -> list[str]:
    """The numbers of the sidecars of a clip."""
    return [str(row["sidecar_id"]) for row in database.query(OF_CLIP, {"id": clip})]


def stands_beside(database: Database, sidecar: str, path_hex: str) -> list[str]:
    """The clips that a sidecar may stand beside: those it is tied to, and those that had this path on a card."""
    sql = "SELECT clip_id AS id FROM sidecar WHERE sidecar_id = :id UNION SELECT id FROM clip WHERE path_hex = :path"
    return [str(row["id"]) for row in database.query(sql, {"id": sidecar, "path": path_hex})]
