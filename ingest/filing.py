"""SealedClip → Receipt (编目入库): clip, link, proposals and trail line in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from catalog import cases, clips, trail
from catalog.database import Database
from catalog.evidence import Receipt, SealedClip
from catalog.rules.linking import OpenCase


@dataclass(frozen=True)
class CatalogFiler:
    """The catalog, as the walk sees it."""

    database: Database

    def file(self, sealed: SealedClip) -> Receipt:
        """See `ingest.contract.Filer`."""
        signed = sealed.signed
        document = clips.Document(signed.manifest.encode(), signed.signature, signed.seal.key_id)
        with self.database.transaction() as session:
            clip, line = clips.file(session, document, sealed.locked_until)
        if line is None:
            line = next(line for line in trail.lines(self.database, subject=clip) if line.entry.action == clips.FILED)
        return Receipt(clip, line.line, line.chain_hash)

    def has(self, clip: str) -> bool:
        """See `ingest.contract.Filer`."""
        return bool(self.database.query("SELECT 1 FROM clip WHERE id = :id", {"id": clip}))

    def open_cases(self) -> tuple[OpenCase, ...]:
        """See `ingest.contract.Filer`."""
        return cases.open_cases(self.database)
