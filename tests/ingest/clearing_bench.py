"""A whole station without its command line, and a docked recorder whose files it has filed: ready to be cleared."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

from catalog.clips import clips, search
from catalog.database import Database
from catalog.evidence import Docking, Duplicate, Receipt, SourceFile
from catalog.rules.policy import Policy
from catalog.trail import trail
from devices.junk import BUILT_IN, Junk
from devices.survey import Card
from ingest.card import ingest_card
from ingest.clearing.erase import clear
from ingest.clearing.proof import ClearingDesk
from ingest.clearing.report import ClearingReport
from ingest.contract import Silent
from ingest.custody.verification import Verifier
from ingest.examine import Examiner
from ingest.filing import CatalogFiler
from ingest.inventory import take_inventory
from ingest.journal import Journal
from ingest.sealing import Sealer
from ingest.spool import DiskSpool
from ingest.walk import WalkDesk
from media.ffmpeg import Tools
from media.names import load_patterns
from tests.fakes.docked import FakeDocked
from vault.backends.directory import DirectoryVault
from vault.signature import make_key, read_public_keys

SEALED = datetime(2026, 3, 6, tzinfo=UTC)
NOW = SEALED + timedelta(hours=1)
DOCKING = Docking("TA00001", None, None, None, SEALED, "custodian", "3")
LARGE = b"DCIM/TA00001_JX0001_20260305090000.MP4"
COPY, LOCKED, SMALL = b"DCIM/COPY.MP4", b"DCIM/TA00001_JX0001_20260305091000_IMP.MP4", b"LOG/20260305.log"
EVIDENCE = (LARGE, COPY, LOCKED, SMALL)
JUNK, LATE, FOLDER = b"DCIM/Thumbs.db", b"DCIM/LATE.MP4", b"DCIM/EMPTY"
LARGE_BYTES = 3 << 20


class Clock:
    """A clock that is told the time, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Bench:
    """The station, the card, and what the card held before anything was erased."""

    root: Path
    card: FakeDocked
    desk: WalkDesk
    clearing: ClearingDesk
    database: Database
    vault: DirectoryVault
    clock: Clock
    before: dict[bytes, bytes] = field(default_factory=dict)

    def files(self) -> tuple[SourceFile, ...]:
        """The card as it is surveyed now."""
        card = Card(self.card.root)
        try:
            return take_inventory(card, DOCKING, Junk(BUILT_IN), self.desk).files
        finally:
            card.close()

    def file(self, path: bytes) -> SourceFile:
        return next(source for source in self.files() if source.path == path)

    def place(self, path: bytes) -> Path:
        return self.card.root / os.fsdecode(path)

    def clip(self, path: bytes) -> str:
        """The clip that has the bytes of a file."""
        sha256 = hashlib.sha256(self.before[path]).hexdigest()
        return str(self.database.query("SELECT id FROM clip WHERE sha256 = :sha256", {"sha256": sha256})[0]["id"])

    def clear(self, files: tuple[SourceFile, ...] | None = None) -> ClearingReport:
        report = clear(self.card, self.files() if files is None else files, DOCKING, self.clearing)
        self.assert_nothing_lost()
        return report

    def set(self, **changed: object) -> None:
        """Put something else on the clearing desk."""
        parts: dict[str, object] = {name: getattr(self.clearing, name) for name in ClearingDesk.__dataclass_fields__}
        made: Callable[..., ClearingDesk] = ClearingDesk
        self.clearing = made(**(parts | changed))

    def on_card(self) -> dict[bytes, bytes]:
        """Every file on the card and its bytes."""
        root = os.fsencode(self.card.root)
        found = {}
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = file.read()
        return found

    def original(self, path: bytes) -> Path:
        sha256 = hashlib.sha256(self.before[path]).hexdigest()
        return self.root / "vault/objects/originals" / sha256[:2] / sha256

    def manifest(self, path: bytes) -> Path:
        sha256 = clips.document(self.database, self.clip(path)).sha256
        return self.root / f"vault/objects/manifests/{sha256[:2]}/{sha256}.json"

    def lock(self, place: Path) -> Path:
        """The lock of an object of the vault."""
        key = place.relative_to(self.root / "vault/objects")
        return self.root / "vault/locks" / f"{key}.json"

    def assert_nothing_lost(self) -> None:
        """What is gone from the card lies in the vault, bit for bit; the trail is whole."""
        here = self.on_card()
        for path, body in self.before.items():
            if path not in here:
                assert path in EVIDENCE
                assert self.original(path).read_bytes() == body
        assert (self.card.root / os.fsdecode(FOLDER)).is_dir()
        database = Database(f"sqlite:///{self.root}/catalog.db")
        assert trail.verify(database).fault is None

    def lines(self, action: str) -> list[dict[str, Any]]:
        """Trail lines of an action."""
        lines = [line.as_json() for line in trail.every_line(self.database)]
        return [line for line in lines if line["action"] == action]


def make(root: Path) -> None:
    """A station and a card; every piece of evidence on it is filed. It may be copied."""
    for name in ("card", "card/DCIM", "card/DCIM/EMPTY", "card/LOG", "keys", "spool", "vault"):
        (root / name).mkdir(parents=True)
    make_key(root / "keys")
    database = Database(f"sqlite:///{root}/catalog.db")
    database.migrate()
    with database.transaction() as session:
        trail.append(session, trail.Entry(SEALED, "custodian", "clip.verified", "station", {}, is_look=True))
    database.close()
    with opened(root) as made:
        fill(made)


@contextmanager
def opened(root: Path) -> Iterator[Bench]:
    """The station in a folder; the policy lets everything that is proven be erased."""
    database = Database(f"sqlite:///{root}/catalog.db")
    vault = DirectoryVault(root / "vault", immutable=False)
    tools, zone = Tools(ffprobe="/nonexistent", ffmpeg="/nonexistent"), timezone(timedelta(hours=8))
    desk = WalkDesk(
        Journal(root / "journal.db"),
        DiskSpool(root / "spool", 0, Silent()),
        Examiner(tools, load_patterns([]), zone),
        Sealer("station-1", make_key(root / "keys"), vault, 6),
        CatalogFiler(database),
        lambda: SEALED,
    )
    ticks = count()

    def now() -> datetime:
        return NOW + timedelta(milliseconds=next(ticks))

    clock = Clock()
    verifier = Verifier(database, vault, read_public_keys(root / "keys"), lambda _: None)
    policy = Policy(1, "after-receipt")
    clearing = ClearingDesk(desk.journal, verifier, lambda: policy, now, owned=lambda *_: False, elapsed_s=clock)
    made = Bench(root, FakeDocked(root / "card"), desk, clearing, database, vault, clock)
    made.before = made.on_card()
    yield made
    made.card.close()
    desk.journal.close()
    database.close()


def fill(made: Bench) -> None:
    """Evidence that is filed, then junk and a file nobody has filed."""
    large = random.Random(7).randbytes(LARGE_BYTES)
    bodies = {LARGE: large, COPY: large, LOCKED: b"locked clip" * 999, SMALL: b"2026-03-05 09:00:00 on\r\n"}
    for path, body in bodies.items():
        made.place(path).write_bytes(body)
    made.place(LOCKED).chmod(0o444)
    card = Card(made.card.root)
    outcome = ingest_card(card, DOCKING, Junk(BUILT_IN), made.desk, Silent())
    card.close()
    assert (len(outcome.filed), len(outcome.held)) == (3, 0)
    made.place(JUNK).write_bytes(b"junk")
    made.place(LATE).write_bytes(b"recorded after the docking began")
    ends = {source.path: made.desk.journal.recall(source.key, Duplicate) for source in made.files()}
    assert [path for path, twin in ends.items() if twin is not None] == [COPY]
    assert len(search.search(made.database, search.Search())) == 3


def stale_receipt(made: Bench, path: bytes) -> None:
    """The receipt names another line's hash than the catalog has."""
    key = made.file(path).key
    receipt = made.desk.journal.recall(key, Receipt)
    assert receipt is not None
    made.desk.journal.note(key, replace(receipt, trail_hash="0" * 64))
