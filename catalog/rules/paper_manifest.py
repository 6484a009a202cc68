"""The manifest of a scan (扫描件清单), schema `evidock.paper/1`, canonical JSON: what is signed of one file.

The act that gives the record its scan names this manifest's digest and tells the same of the bytes, so a catalog is
rebuilt from acts alone; this document stands for whoever is handed the scan and asks the station nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from catalog.evidence import Digest
from catalog.rules.canonical import canonical
from catalog.rules.manifest import Sealing, sealing_told

SCHEMA = "evidock.paper/1"


@dataclass(frozen=True, slots=True)
class ScanFile:
    """A file that is to be a record's scan (待封存扫描件): its own name made harmless, what it is, its bytes."""

    name: str
    format: str
    pages: int | None
    size_bytes: int
    digest: Digest


def paper_body(file: ScanFile, about: Mapping[str, str], sealing: Sealing) -> bytes:
    """The exact bytes that are signed; `about` names record and case by their ids, and who scanned it."""
    facts = {name: value for name, value in asdict(file).items() if name != "digest"}
    digests = {"sha256": file.digest.sha256, "sm3": file.digest.sm3}
    return canonical({"schema": SCHEMA, **about, "file": facts, "digests": digests, "sealing": sealing_told(sealing)})
