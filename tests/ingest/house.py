"""A whole station without its command line, and a card: real spool, journal, vault and catalog on a real disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from catalog.clips import search
from catalog.database import Database
from catalog.evidence import Docking, SourceFile
from catalog.trail import trail
from devices.junk import Junk
from devices.survey import Card
from ingest.contract import Silent
from ingest.custody.verification import Verifier
from ingest.examine import Examiner
from ingest.filing import CatalogFiler
from ingest.journal import Journal
from ingest.sealing import Sealer
from ingest.spool import DiskSpool
from ingest.walk import CardAtHand, WalkDesk
from media.ffmpeg import Tools
from media.names import load_patterns
from vault.backends.directory import DirectoryVault
from vault.signature import make_key, read_public_keys

NOW = datetime(2026, 3, 6, tzinfo=UTC)
BODY = b"2026-03-05 09:00:00 4 TA00001.MP4\r\n"


@dataclass
class House:
    """A whole station, without its command line."""

    root: Path
    card: Card
    desk: WalkDesk
    at_hand: CardAtHand
    database: Database
    vault: DirectoryVault

    def source(self, name: str, body: bytes = BODY) -> SourceFile:
        """A file on the card, as surveyed."""
        (self.root / "card" / name).write_bytes(body)
        found = [entry for entry in self.card.survey(Junk(())) if isinstance(entry, SourceFile)]
        return next(entry for entry in found if entry.path == name.encode())

    def assert_nothing_lost(self) -> None:
        """What is filed is proven; what is not filed is still on the card."""
        verifier = Verifier(self.database, self.vault, read_public_keys(self.root / "keys"), lambda _: None)
        for filed in search.search(self.database, search.Search()):
            assert verifier.check(filed.id) == []
        assert list(verifier.strangers(self.desk.journal.unfiled_manifests)) == [], "what is on its way is no stranger"
        assert (self.root / "card" / "a.log").read_bytes() == BODY
        assert trail.verify(self.database).fault is None


@contextmanager
def made_house(root: Path) -> Iterator[House]:
    """A station and a card in a folder."""
    for name in ("card", "keys", "spool", "vault"):
        (root / name).mkdir()
    database = Database(f"sqlite:///{root}/catalog.db")
    database.migrate()
    vault = DirectoryVault(root / "vault", immutable=False)
    zone = timezone(timedelta(hours=8))
    desk = WalkDesk(
        Journal(root / "journal.db"),
        DiskSpool(root / "spool", 0, Silent()),
        Examiner(Tools(ffprobe="/nonexistent", ffmpeg="/nonexistent"), load_patterns([]), zone),
        Sealer("station-1", make_key(root / "keys"), vault, 6),
        CatalogFiler(database),
        lambda: NOW,
    )
    card = Card(root / "card")
    at_hand = CardAtHand(card, Docking("TA00001", None, None, None, NOW, "custodian"))
    yield House(root, card, desk, at_hand, database, vault)
    card.close()
