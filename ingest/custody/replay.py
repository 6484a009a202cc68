"""The catalog against what is signed (编目与签名记录比对): the vault replayed into an empty catalog, then row by row.

Whoever has the catalog's database can change, add and delete rows; no key is needed for that. So all manifests and acts
of the vault are carried out once more, by the code of `rebuild`, in a catalog that is thrown away, and the two are
compared (`catalog/comparison.py`). A table that comes later takes part by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.acts import comparison
from catalog.acts.comparison import Difference
from catalog.database import SQLITE, Database
from ingest.custody.rebuild import Fault, Rebuilder
from ingest.custody.signed_records import SignedRecords, digest_in
from ingest.custody.verification import Finding
from vault.contract import Vault
from vault.signature import PublicKey

TOLD_BY_THEMSELVES = ("acts/", "originals/")
"""Of these, each object is checked by itself, and said to be damaged or missing there."""


@dataclass(frozen=True)
class Replay:
    """Compares a catalog with its vault; `pending` gives the digests the vault may have before the catalog has them."""

    database: Database
    vault: Vault
    trusted: Mapping[str, PublicKey]
    pending: Callable[[], Collection[str]]
    progress: Callable[[int], None] = lambda _: None
    folder: Path | None = None
    """Where the second catalog lies while it is needed; None for the system's place for such files."""

    def findings(self) -> list[Finding]:
        """Every row that does not follow from what is signed, seen twice: the station goes on with its work meanwhile.

        What a document lacks to be carried out is told too: a rebuilt catalog would be without it.
        """
        faults, seen = self._look()
        if faults or seen:
            before, places = frozenset(faults), {(one.table, one.row, one.column) for one in seen}
            faults, seen = self._look()
            seen = [one for one in seen if (one.table, one.row, one.column) in places]
            faults = tuple(one for one in faults if one in before)
        others = [one for one in faults if not one.key.startswith(TOLD_BY_THEMSELVES)]
        return [*(_left_out(one) for one in others), *(_finding(one) for one in seen)]

    def _look(self) -> tuple[tuple[Fault, ...], list[Difference]]:
        waiting = frozenset(self.pending()) - self._entered()
        with TemporaryDirectory(prefix="evidock-replay-", dir=self.folder) as folder:
            right = Database(f"{SQLITE}{folder}/catalog.db", lasting=False)
            try:
                right.migrate()
                rebuilt = Rebuilder(self.vault, self.trusted, self.progress).into(right, leave_out=waiting)
                return rebuilt.faults, list(comparison.differences(right, self.database, self.progress))
            finally:
                right.close()

    def _entered(self) -> frozenset[str]:
        """The digests of manifests and acts the catalog has: a crash may have come before the journal was told so."""
        records = SignedRecords(self.vault, self.database, lambda: self.trusted)
        rows = self.database.query("SELECT sha256 FROM manifest", {})
        return frozenset(str(row["sha256"]) for row in rows) | {digest_in(key) for key in records.named_keys()}


def _finding(one: Difference) -> Finding:
    what = "trail" if one.table == "trail" else "catalog"
    if one.table == "clip" and one.column:
        return Finding(one.row[0], "clip", what, f"{one.column} {one.wanted}", f"{one.column} {one.found}")
    named = f"{one.column} " if one.column else ""
    return Finding(
        one.clip or "-", " ".join((one.table, *one.row)), what, f"{named}{one.wanted}", f"{named}{one.found}"
    )


def _left_out(one: Fault) -> Finding:
    return Finding("-", one.key, "manifest" if one.key.startswith("manifests/") else "act", "carried out", one.what)
