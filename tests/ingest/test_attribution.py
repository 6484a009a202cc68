"""From the register to the sealed manifest: whose clip it is, and how that is known. Real parts, no command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.clips import clips
from catalog.database import Database
from catalog.evidence import Docking, Receipt
from catalog.recorders import assignments, recorders
from catalog.rules.canonical import canonical
from devices.junk import Junk
from devices.survey import Card
from ingest.card import ingest_card
from ingest.contract import Silent
from ingest.examine import Examiner
from ingest.filing import CatalogFiler
from ingest.journal import Journal
from ingest.sealing import Sealer
from ingest.spool import DiskSpool
from ingest.walk import WalkDesk
from media.ffmpeg import Tools
from media.names import load_patterns
from tests.fakes.clips import clip, sealed
from vault.backends.directory import DirectoryVault
from vault.signature import make_key

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 6, tzinfo=UTC)
DOCKING = Docking("EV00001", None, None, None, NOW, "dock", "3")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WalkDesk]:
    for name in ("card", "keys", "spool", "vault"):
        (tmp_path / name).mkdir()
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    database.migrate()
    yield WalkDesk(
        Journal(tmp_path / "journal.db"),
        DiskSpool(tmp_path / "spool", 0, Silent()),
        Examiner(Tools(ffprobe="/nonexistent", ffmpeg="/nonexistent"), load_patterns([]), CHINA),
        Sealer("station-1", make_key(tmp_path / "keys"), DirectoryVault(tmp_path / "vault", immutable=False), 6),
        CatalogFiler(database),
        lambda: NOW,
    )
    database.close()


def local(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 5, hour, minute, tzinfo=CHINA)


def register(desk: WalkDesk) -> Database:
    """JY1 until noon, then JY2, who lends it to JY3 from three to four."""
    filer: Any = desk.filer
    database: Database = filer.database
    tick = iter(range(100))

    def at() -> datetime:
        return NOW - timedelta(hours=1) + timedelta(seconds=next(tick))

    who = {"actor": "clerk"}
    for act in (
        recorders.adding("EV00001", at=at(), **who),
        assignments.issuing("EV00001", "JY0001", unit="U1", since=local(8), at=at(), **who),
        assignments.returning("EV00001", since=local(12), at=at(), **who),
        assignments.issuing("EV00001", "JY0002", unit="U2", since=local(12), at=at(), **who),
        assignments.lending("EV00001", "JY0003", unit="U3", since=local(15), until=NOW, at=at(), **who),
        assignments.returning("EV00001", since=local(16), at=at(), **who),
    ):
        dispatch.demand(database, act)
        with database.transaction() as session:
            dispatch.apply(session, act)
    return database


def filed(desk: WalkDesk, tmp_path: Path, name: str, docking: Docking = DOCKING) -> dict[str, Any]:
    """The manifest's source of one file, brought all the way."""
    (tmp_path / "card" / name).write_bytes(b"recorder on\n" + name.encode())
    card = Card(tmp_path / "card")
    outcome = ingest_card(card, docking, Junk(()), desk, Silent())
    card.close()
    filer: Any = desk.filer
    (number,) = outcome.filed
    details = clips.details(filer.database, number)
    source: dict[str, Any] = details.manifest.body["source"]
    assert details.attribution == source["attribution"]
    assert (details.officer, details.unit) == (source["officer"], source["unit"])
    return source


@pytest.mark.parametrize(
    ("at", "officer", "unit", "how"),
    [
        ("090000", "JY0001", "U1", "register"),
        ("110500", "JY0001", "U1", "register"),
        ("115500", "JY0001", "U1", "register-unsure"),
        ("120500", "JY0002", "U2", "register-unsure"),
        ("130000", "JY0002", "U2", "register"),
        ("153000", "JY0003", "U3", "register"),
        ("155900", "JY0003", "U3", "register-unsure"),
        ("170000", "JY0002", "U2", "register"),
        ("075500", "JY0001", "U1", "register-unsure"),
        ("060000", None, None, None),
    ],
)
def test_a_clip_is_its_holders_then(
    desk: WalkDesk, tmp_path: Path, at: str, officer: str | None, unit: str | None, how: str | None
) -> None:
    register(desk)
    source = filed(desk, tmp_path, f"20260305_{at}_0001.MP4")
    assert (source["officer"], source["unit"], source["attribution"]) == (officer, unit, how)


@pytest.mark.parametrize(
    ("name", "docking", "officer", "how"),
    [
        ("DSJ_EV00001_JY0002_20260305_115500.MP4", DOCKING, "JY0002", "register"),
        ("DSJ_EV00001_JY0009_20260305_115500.MP4", DOCKING, "JY0001", "register-unsure"),
        ("DSJ_EV00001_JY0009_20260305_090000.MP4", DOCKING, "JY0001", "register"),
        ("DSJ_EV00001_JY0009_20260305_060000.MP4", DOCKING, "JY0009", "name"),
        ("DSJ_EV00007_JY0009_20260305_090000.MP4", replace(DOCKING, recorder=None), "JY0009", "name"),
        ("DSJ_EV00001_JY0009_20260305_090000.MP4", replace(DOCKING, officer="JY0005"), "JY0005", "stated"),
    ],
)
def test_names_and_people_have_their_say(
    desk: WalkDesk, tmp_path: Path, name: str, docking: Docking, officer: str, how: str
) -> None:
    register(desk)
    source = filed(desk, tmp_path, name, docking)
    assert (source["officer"], source["attribution"]) == (officer, how)


def test_the_cards_other_names_come_last(desk: WalkDesk, tmp_path: Path) -> None:
    filed(desk, tmp_path, "DSJ_EV00007_JY0009_20260305_090000.MP4", replace(DOCKING, recorder=None))
    source = filed(desk, tmp_path, "20260305_100000_0001.MP4", replace(DOCKING, recorder=None))
    assert (source["recorder"], source["officer"], source["attribution"]) == ("EV00007", "JY0009", "card")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_number_of_a_case_in_a_note_beside_a_clip_is_found(desk: WalkDesk, tmp_path: Path, encoding: str) -> None:
    note = "检查现场，案号：示民罚立字〔2026〕第1号\n".encode(encoding)
    (tmp_path / "card" / "20260305_090000_0001.txt").write_bytes(note)
    (tmp_path / "card" / "20260305_090000_0001.MP4").write_bytes(b"film")
    card = Card(tmp_path / "card")
    ingest_card(card, DOCKING, Junk(()), desk, Silent())
    card.close()
    filer: Any = desk.filer
    found = filer.database.query("SELECT kind, numbers FROM clip ORDER BY kind", {})
    assert [tuple(row.values()) for row in found] == [(kind, "示民罚立字〔2026〕第1号") for kind in ("log", "video")]


def test_a_manifest_from_before_is_read_as_it_is(desk: WalkDesk) -> None:
    filer: Any = desk.filer
    body = json.loads(sealed(clip(1)).signed.manifest)
    del body["source"]["attribution"]
    document = clips.Document(canonical(body), "signature", "key")
    with filer.database.transaction() as session:
        number, line = clips.file(session, document, NOW)
    assert line is not None
    assert isinstance(filer.file(sealed(clip(2, attribution="register"))), Receipt)
    old, new = (clips.details(filer.database, one) for one in (number, clip(2).id))
    assert (old.officer, old.attribution, new.attribution) == ("JX0001", None, "register")
