"""Which files stand beside which clips (伴随文件), by ties and by paths; the classes that go with that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session

SIDECARS = """SELECT sidecar_id, clip_id FROM sidecar UNION ALL
 SELECT late.id, main.id FROM clip AS late JOIN clip AS main ON main.path_hex = late.beside_hex
 WHERE COALESCE(late.recorder, main.recorder, '') = COALESCE(main.recorder, late.recorder, '')
 AND NOT EXISTS (SELECT 1 FROM sidecar WHERE sidecar_id = late.id)"""
"""Each sidecar with its clip, as that one's manifest says; one that no manifest names, for it was understood too late,
with every clip of its recorder that had the path its own manifest names."""
OF_CLIP = f"SELECT sidecar_id FROM ({SIDECARS}) AS pair WHERE clip_id = :id ORDER BY sidecar_id"
OF_SIDECAR = f"SELECT clip_id FROM ({SIDECARS}) AS pair WHERE sidecar_id = :id ORDER BY clip_id"
_CODES = f"""SELECT code FROM clip_class WHERE clip_id = :id OR clip_id IN ({OF_SIDECAR})"""


def beside(session: Session, clip: str) -> list[str]:
    """The files beside a clip, as they are known within a transaction."""
    from sqlalchemy import text

    return [str(row[0]) for row in session.connection().execute(text(OF_CLIP), {"id": clip})]


def codes(session: Session, clip: str) -> list[str]:
    """The classes a clip was given, and those of the clips it stands beside: a log of where they were tells as much."""
    from sqlalchemy import text

    return [str(row[0]) for row in session.connection().execute(text(_CODES), {"id": clip})]
