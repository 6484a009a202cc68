"""The journal's file (日志文件): one SQLite file, WAL, `synchronous=FULL`, on the station's own disk.

What is written without waiting for the disk is not lost when the program is killed; after a power cut the file ends
somewhere between the last write that waited and the last of all, and nothing before that place is missing.
A failing disk is `JournalFailed`. Safe to use from several threads: one statement, or one transaction, after the other.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import JournalFailed

BUSY_S = 30

TABLES = """
CREATE TABLE IF NOT EXISTS fact (key TEXT, noun TEXT, value TEXT NOT NULL, PRIMARY KEY (key, noun)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claim (clip TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS clearing (
    key TEXT PRIMARY KEY, list TEXT NOT NULL, card TEXT NOT NULL, path BLOB NOT NULL, clip TEXT NOT NULL,
    sha256 TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS act (id INTEGER PRIMARY KEY, body BLOB NOT NULL, signature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS read_whole (key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS newest (what TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trail_line (what TEXT PRIMARY KEY, line INTEGER NOT NULL, chain_hash TEXT NOT NULL)
    WITHOUT ROWID;
"""


class JournalFile:
    """The connection, and the three ways to use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settling = threading.Lock()
        """Held while the trail is told how a list of files ended: two bays must not both tell it."""
        self._lock = threading.Lock()
        with self._door():
            self._base = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode=WAL")
            # NORMAL would lose the newest facts in a power cut, and a receipt that is not remembered cannot be proven.
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._door():
            self._base.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or nothing."""
        with self._door(), self._lock:
            # The write lock at once: two transactions that read first and write then would each bar the other.
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            finally:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        with self._door(), self._lock:
            return self._base.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[object, ...], *, waits: bool = True) -> None:
        """Write; unless it `waits`, what is written is on the disk only with the next write that does."""
        with self._door(), self._lock:
            if waits:
                self._base.execute(sql, values)
                return
            self._base.execute("PRAGMA synchronous=NORMAL")
            try:
                self._base.execute(sql, values)
            finally:
                self._base.execute("PRAGMA synchronous=FULL")

    @contextmanager
    def _door(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalFailed(path=self.path, reason=error) from error
