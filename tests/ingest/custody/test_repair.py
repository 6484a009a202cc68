"""Two programs of a station that repair one object, here a scan, at the same time do not spoil it for each other."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.database import Database
from catalog.keeping.fixity import OriginalToRead
from ingest.custody.repair import Bad, Repairer
from ingest.sealing import scan_key
from vault.backends.directory import DirectoryVault

NOW = datetime(2026, 3, 5, tzinfo=UTC)
BODY = bytes(range(256)) * 20_000
PATIENCE_S = 3.0


class Watched:
    """A vault during whose reading something else happens, once. Contract: all else is the real one's."""

    def __init__(self, real: DirectoryVault, meanwhile: Callable[[], object]) -> None:
        self._real, self._meanwhile = real, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def open(self, key: str) -> io.BytesIO:
        file = io.BytesIO(self._real.open(key).read())
        return Interrupted(file.getvalue(), self._meanwhile)


class Interrupted(io.BytesIO):
    """A file; in the middle of it, something else happens."""

    def __init__(self, body: bytes, meanwhile: list[Callable[[], object]]) -> None:
        super().__init__(body)
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        """As any file."""
        if self.tell() and self._meanwhile:
            self._meanwhile.pop()()
        return super().read(size)


def test_two_that_repair_at_once_both_succeed(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(BODY).hexdigest()
    vaults = [DirectoryVault(tmp_path / name, immutable=False) for name in "ab"]
    for vault in vaults:
        vault.put_document(scan_key(sha256), BODY, NOW + timedelta(days=300))
    place = tmp_path / "a" / "objects" / scan_key(sha256)
    place.unlink()
    place.write_bytes(b"x" + BODY[1:])
    one = OriginalToRead(sha256, "", len(BODY), NOW, scan_key(sha256))
    results: list[str | None] = []

    def repair(whole: Any) -> None:
        database = Database(f"sqlite:///{tmp_path}/catalog.db")
        database.migrate()
        repairer = Repairer(database, tmp_path / "mending", lambda: NOW)
        results.append(repairer.repair(one, whole, Bad("a", vaults[0], "other bytes")))
        database.close()

    is_in_the_middle, is_over = threading.Event(), threading.Event()

    def pause() -> None:
        is_in_the_middle.set()
        is_over.wait(PATIENCE_S)

    other = threading.Thread(target=repair, args=(Watched(vaults[1], pause),))

    def meanwhile() -> None:
        other.start()
        is_in_the_middle.wait(PATIENCE_S)

    repair(Watched(vaults[1], meanwhile))
    is_over.set()
    other.join()
    assert results == [None, None]
    assert place.read_bytes() == BODY
    assert list((tmp_path / "mending").iterdir()) == []
