"""SealedClip → Receipt (编目入库): clip, link and trail line in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.clips import clips
from catalog.database import Database
from catalog.errors import AlreadyDisposed
from catalog.evidence import Receipt, SealedClip
from catalog.keeping import disposals
from catalog.recorders import recorders
from catalog.rules.register import Assignment
from catalog.trail import trail


@dataclass(frozen=True)
class CatalogFiler:
    """The catalog, as the walk sees it."""

    database: Database

    def file(self, sealed: SealedClip) -> Receipt:
        """Enter a sealed clip in one transaction; the same again gives the same receipt."""
        signed = sealed.signed
        document = clips.Document(signed.manifest.encode(), signed.signature, signed.seal.key_id)
        with self.database.transaction() as session:
            clip, line = clips.file(session, document, sealed.locked_until)
        if line is None:
            line = next(line for line in trail.lines(self.database, subject=clip) if line.entry.action == clips.FILED)
        return Receipt(clip, line.line, line.chain_hash)

    def has(self, clip: str) -> bool:
        """Whether a clip is filed; raises `AlreadyDisposed` for bytes two people have disposed of."""
        is_here = bool(self.database.query("SELECT 1 FROM clip WHERE id = :id", {"id": clip}))
        if is_here and disposals.is_done(self.database, clip):
            raise AlreadyDisposed(clip=clip)
        return is_here

    def assignees(self, serial: str, at: datetime, uncertainty_s: float) -> tuple[Assignment, ...]:
        """Who may have had a recorder at a time known to within so many seconds."""
        return recorders.register_of(self.database, serial).assignees(serial, at, uncertainty_s)
