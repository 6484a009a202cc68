"""Two catalogs compared row by row, as their databases keep them (编目逐行比对).

Nothing is decoded, so a row that nobody can read differs like any other. Every table and every column of the schema
takes part by itself; what is left out stands in `UNSIGNED`, with the reason. Shapes: a difference names its row by the
values of its primary key; an empty `column` means the row as a whole.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from catalog.acts.dispatch import APPLIES
from catalog.clips.clips import FILED
from catalog.rules.acts import TRAIL_REBUILT

if TYPE_CHECKING:
    from sqlmodel.main import SQLModel

    from catalog.database import Database, Row

UNSIGNED: Mapping[str, str] = {
    "trail": "it holds looks as well; its lines of clips and acts are compared, and `trail verify` proves all of them",
    "trail_node": "computed from the lines; `trail verify` computes it again",
    "chore": "work for later, and how far it is: nobody signs that",
    "opinion": "what another program said; it is no evidence, and is asked for again",
    "reading": "when this station read an original last; the check reads every original itself",
    "paper_text": "read out of a sealed scan, and read again at any time; for search alone",
    "refused_look": "how many looks were refused between two lines; the lines are on the trail",
    "search_due": "what is to be indexed again; nothing is signed of it",
    "clip_indexed": "an index made of other rows, which `clips index --check` compares with them",
    "refusal": "what the storage refused; asked of the storage again at every pass",
    "session": "who is signed in: no evidence, and nobody is after a rebuild",
    "api_token": "which programs may ask: no evidence, and none may after a rebuild",
    "used_code": "which code of a second factor was used last: no evidence",
    "answered": "what a program was answered lately, for when it asks again",
    "clip.retain_until": "it grows; compared with the lock in the vault and the signed manifest, clip by clip",
}
"""Tables and columns that do not follow from manifests and acts, and what is known of them all the same."""

SIGNED_LINES = tuple(sorted({FILED, *APPLIES} - {TRAIL_REBUILT}))
"""The lines of the trail that each clip and each act has: a catalog that was not used may have been begun anew too."""
PAGE_ROWS = 500
SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """What one row has otherwise than it should; `clip` is the clip it is about, if it is about one."""

    table: str
    row: tuple[str, ...]
    column: str
    wanted: str
    found: str
    clip: str | None = None


def tables() -> Mapping[str, Any]:
    """Every table of the schema by its name."""
    from catalog.schema import METADATA

    return {table.name: table for table in METADATA.sorted_tables}


def differences(
    wanted: Database, found: Database, progress: Callable[[int], None] = lambda _: None
) -> Iterator[Difference]:
    """What the catalog `found` has otherwise than the one `wanted`; `progress` is told of rows."""
    for name in tables():
        yield from differences_in(name, wanted, found, progress)


def differences_in(
    name: str, wanted: Database, found: Database, progress: Callable[[int], None] = lambda _: None
) -> Iterator[Difference]:
    """Yield how the rows of one table differ."""
    table = tables()[name]
    if name == "trail":
        yield from _of_lines(wanted, found)
    elif name not in UNSIGNED:
        keys = tuple(column.name for column in table.primary_key)
        columns = tuple(column.name for column in table.columns if f"{name}.{column.name}" not in UNSIGNED)
        yield from _of_table(wanted, found, name, keys, columns, progress)


def plain(value: object) -> object:
    """A value as every database has it: times as text, truth as a number."""
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value
        return naive.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, bool):
        return int(value)
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def unlike(wanted: Mapping[str, object], found: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """The columns in which two rows differ, each with what it should be and what it is."""
    for name, value in wanted.items():
        if plain(value) != plain(found.get(name)) or isinstance(found.get(name), bytes) != isinstance(value, bytes):
            yield name, _shown(value), _shown(found.get(name))


def as_stored(row: SQLModel, *leave_out: str) -> dict[str, object]:
    """The values of a row that is only made, as the database would keep them."""
    return {name: plain(value) for name, value in row.model_dump().items() if name not in leave_out}


# ---------------------------------------------------------------------- inside


def _of_table(
    wanted: Database,
    found: Database,
    table: str,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    progress: Callable[[int], None],
) -> Iterator[Difference]:
    """Digests of all rows first: what differs is read again, and rows may be many and long."""
    right, here = (_digests(database, table, keys, columns, progress) for database in (wanted, found))
    for key in sorted({key for key in right.keys() | here.keys() if right.get(key) != here.get(key)}, key=str):
        row, clip = tuple(str(one) for one in key), _clip_in(table, dict(zip(keys, key, strict=True)))
        if key not in here:
            yield Difference(table, row, "", "a row", "none", clip)
        elif key not in right:
            yield Difference(table, row, "", "none: nothing that is signed says so", "a row", clip)
        else:
            pair = (_row(database, table, dict(zip(keys, key, strict=True)), columns) for database in (wanted, found))
            for name, one, other in unlike(*pair):
                yield Difference(table, row, name, one, other, clip)


def _digests(
    database: Database, table: str, keys: tuple[str, ...], columns: tuple[str, ...], progress: Callable[[int], None]
) -> dict[tuple[object, ...], bytes]:
    """A digest of each row by its key."""
    found = dict[tuple[object, ...], bytes]()
    sql = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(keys)} LIMIT :limit OFFSET :skip"
    while rows := database.query(sql, {"limit": PAGE_ROWS, "skip": len(found)}):
        before = len(found)
        for row in rows:
            values = [plain(row[name]) for name in columns]
            # 1 and 1.0 are one number: not every database gives back which of the two was written.
            text = repr([float(one) if isinstance(one, int | float) else one for one in values])
            found[tuple(plain(row[name]) for name in keys)] = hashlib.sha256(
                text.encode("utf-8", "backslashreplace")
            ).digest()
        progress(len(rows))
        if len(found) == before:  # rows went away while the pages were turned
            break
    return found


def _row(database: Database, table: str, key: Mapping[str, object], columns: Iterable[str]) -> Row:
    """One row; empty where it went away meanwhile. A key is given as it was read: no database compares it otherwise."""
    values = {name: _as_key(database, value) for name, value in key.items()}
    where = " AND ".join(f"{name} = :{name}" for name in key)
    rows = database.query(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}", values)
    return rows[0] if rows else {}


def _as_key(database: Database, value: object) -> object:
    """PostgreSQL compares times with times."""
    if database.sqlite_path is None and isinstance(value, str) and _is_time(value):
        return datetime.fromisoformat(value)
    return value


def _is_time(text: str) -> bool:
    return len(text) == len("2026-01-01 00:00:00.000000") and text[10] == " " and text[19] == "."


def _of_lines(wanted: Database, found: Database) -> Iterator[Difference]:
    """Each clip and each act has its line, and no line of that kind is there without one."""
    right, here = Counter(_lines(wanted)), Counter(_lines(found))
    for what, one, times in (("a line", right - here, "none"), ("none: nobody signed it", here - right, "a line")):
        for at, actor, action, subject, details in one:
            clip = subject if action.startswith(("clip.", "hold.")) else None
            yield Difference(
                "trail", (str(at), actor, action, subject), "", f"{what} {details}"[:SHOWN_CHARS], times, clip
            )


def _lines(database: Database) -> Iterator[tuple[Any, ...]]:
    names = ", ".join(f":a{number}" for number in range(len(SIGNED_LINES)))
    values: dict[str, object] = {f"a{number}": action for number, action in enumerate(SIGNED_LINES)}
    sql = f"""SELECT line, at, actor, action, subject, details FROM trail
 WHERE line > :after AND action IN ({names}) ORDER BY line LIMIT :limit"""
    after = 0
    while rows := database.query(sql, values | {"after": after, "limit": PAGE_ROWS}):
        for row in rows:
            yield tuple(plain(row[name]) for name in ("at", "actor", "action", "subject", "details"))
        after = rows[-1]["line"]


def _clip_in(table: str, key: Mapping[str, object]) -> str | None:
    found = key.get("id") if table == "clip" else key.get("clip_id")
    return None if found is None else str(found)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return f"SHA-256 {hashlib.sha256(value).hexdigest()}"
    return "none" if value is None else str(plain(value))[:SHOWN_CHARS]
