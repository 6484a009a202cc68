"""The catalog copied whole, as it is at one moment, whoever writes to it meanwhile (编目整体复制), and put back.

Shapes: of SQLite a file that is a catalog; of PostgreSQL what its own `pg_dump` writes, in its custom form.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from catalog.database import Database
from catalog.errors import CatalogNotCopied, CatalogNotEmpty

FILE, DUMP = "catalog.db", "catalog.dump"
TOOL_S_MAX = 3600.0


def copy_into(database: Database, folder: Path) -> Path:
    """Write the catalog into a folder, durably; return the file. Raises `CatalogNotCopied`, OSError."""
    if database.sqlite_path is None:
        target = folder / DUMP
        _tool("pg_dump", "--format=custom", f"--file={target}", f"--dbname={_plain(database.url)}")
    else:
        target = folder / FILE
        try:
            with (
                closing(sqlite3.connect(f"file:{database.sqlite_path}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(target)) as into,
            ):
                source.backup(into)  # in one step: in several it begins anew after each commit of somebody else
                into.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise CatalogNotCopied(tool="SQLite", reason=str(error)) from error
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return target


def put_back(dump: Path, database: Database) -> None:
    """Fill an empty PostgreSQL database from a dump; raises `CatalogNotEmpty`, `CatalogNotCopied`."""
    if database.exists():
        raise CatalogNotEmpty(url=database.shown)
    _tool("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_plain(database.url)}", str(dump))


def _plain(url: str) -> str:
    """As PostgreSQL's own tools take it."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def _tool(tool: str, *arguments: str) -> None:
    try:
        run = subprocess.run((tool, *arguments), capture_output=True, text=True, timeout=TOOL_S_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CatalogNotCopied(tool=tool, reason=str(error)) from error
    if run.returncode:
        raise CatalogNotCopied(tool=tool, reason=run.stderr.strip().partition("\n")[0] or run.returncode)
