"""The journal (流程日志): what has been done for each file, on the station's own disk.

`once(source, Noun, work)` is the whole of crash safety: if the journal holds the noun, that is the answer; if
not, the work is done and then written down. A noun is written after its effect is durable, never before.

Source: one SQLite file, WAL, `synchronous=FULL`, apart from the catalog. Shapes: a noun is stored as JSON without
the noun before it, which is found under the same key.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from catalog.database import reader_of
from catalog.errors import StationError
from catalog.evidence import Clip, Docking, Duplicate, Receipt, SealedClip, SignedClip, SourceFile, SpooledFile
from catalog.own_catalog import REBUILT, WRITTEN, TrailLine
from catalog.rules.clock import ClockAsked, LastGood
from ingest.dataclass_json import from_plain, to_plain
from ingest.errors import JournalFailed, RecorderUnsure

Noun = Docking | SourceFile | SpooledFile | Clip | SignedClip | SealedClip | Receipt | Duplicate
N = TypeVar("N", Docking, SourceFile, SpooledFile, Clip, SignedClip, SealedClip, Receipt, Duplicate)
C = TypeVar("C", LastGood, ClockAsked)

BEFORE: dict[type, tuple[str, type]] = {
    SpooledFile: ("source", SourceFile),
    Clip: ("spooled", SpooledFile),
    SignedClip: ("clip", Clip),
    SealedClip: ("signed", SignedClip),
}
"""The field in which a noun holds the noun before it."""

SERIAL = "serial:"
"""Before a serial on USB that was met on two devices at once."""
ACT = "act:"
"""Before the number of an act that is held."""
CLOCK, CLOCK_ASKED = "clock", "clock asked"
ENDS = (Receipt.__name__, Duplicate.__name__)
KEYS_A_QUERY = 500
CHECKPOINT = "checkpoint:"
"""Before the key of a checkpoint."""
FILED = """SELECT done.key, done.value, json_extract(signed.value, '$.seal') FROM (SELECT key, value FROM fact
 WHERE noun IN (?, ?) AND key > ? ORDER BY key) AS done
 LEFT JOIN fact AS signed ON signed.key = done.key AND signed.noun = ? ORDER BY done.key LIMIT ?"""
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


@dataclass(frozen=True, slots=True)
class Held:
    """A file that waits for a person (待处理): why in both languages, since when.

    `card` is the recorder's serial, or the folder of a card that tells none; `raw` the path on it.
    """

    path: str
    code: str
    retry: bool
    message: str
    hint: str
    message_zh: str
    hint_zh: str
    since: str
    card: str = ""
    raw: bytes = b""


ClearingState = Literal["begun", "erased", "left"]
"""How a file's erasing stands: begun and not known how it ended; seen to be gone; seen to be still there."""


@dataclass(frozen=True, slots=True)
class Clearing:
    """A file's erasing on its card (清除记录). `list` is the digest its trail lines name, `path` the raw path."""

    key: str
    list: str
    card: str
    path: bytes
    clip: str
    sha256: str
    at: str
    state: ClearingState = "begun"


@dataclass(frozen=True, slots=True)
class PendingAct:
    """An act that is signed and not yet in vault and catalog."""

    number: int
    body: bytes
    signature: str

    @property
    def key(self) -> str:
        """What it is held under, if it is."""
        return f"{ACT}{self.number}"

    @property
    def sha256(self) -> str:
        """Of its body."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Filed:
    """What the journal knows of a clip that is filed (回执记录).

    Its manifest, when it was sealed, and the line of the trail the receipt names; None where another file, or a
    list of erased files, names the clip.
    """

    clip: str
    manifest: str | None
    sealed_at: str | None
    line: int | None
    chain_hash: str | None


class Journal:
    """See the module. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.settling = threading.Lock()
        """Held while the trail is told how a list of files ended: two bays must not both tell it."""
        self._lock = threading.Lock()
        with self._door():
            self._base = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.executescript(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        with self._door():
            self._base.close()

    # ------------------------------------------------------------------ nouns

    def once(self, key: str, noun: type[N], work: Callable[[], N]) -> N:
        """The noun of this file: as written down, or by doing the work and writing it down."""
        known = self.recall(key, noun)
        if known is not None:
            return known
        done = work()
        self.note(key, done)
        return done

    def recall(self, key: str, noun: type[N]) -> N | None:
        """The noun as written down, with the nouns before it, or None."""
        rows = self._rows("SELECT value FROM fact WHERE key = ? AND noun = ?", (key, noun.__name__))
        if not rows:
            return None
        plain = json.loads(rows[0][0])
        if noun in BEFORE:
            field, before = BEFORE[noun]
            plain[field] = self.recall(key, before)
        return from_plain(noun, plain)

    def note(self, key: str, done: Noun) -> None:
        """Write a noun down; the same again is a success."""
        plain = to_plain(done, leave_out=BEFORE.get(type(done), ("", type))[0])
        value = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        self._write("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (key, type(done).__name__, value))

    def forget_clip(self, key: str) -> None:
        """Strike out what was understood of a copy that is lost, and that another copy does not bear out."""
        self._write("DELETE FROM fact WHERE key = ? AND noun = ?", (key, Clip.__name__))

    def forget_untaken(self, keys: Iterable[str]) -> None:
        """Strike out what was said of files whose copy was never taken: what is said now counts."""
        sql = "DELETE FROM fact WHERE key = ? AND NOT EXISTS (SELECT 1 FROM fact WHERE key = ? AND noun = ?)"
        for key in keys:
            if self.recall(key, SourceFile) is not None:
                self._write(sql, (key, key, SpooledFile.__name__))

    def claim(self, clip: str, key: str) -> str:
        """Give the number `clip` to the file `key` unless another file has it; returns the file that has it."""
        self._write("INSERT OR IGNORE INTO claim VALUES (?, ?)", (clip, key))
        return str(self._rows("SELECT key FROM claim WHERE clip = ?", (clip,))[0][0])

    def hand_over(self, clip: str, before: str, key: str) -> None:
        """Give the number `clip` to the file `key`, if `before` still has it."""
        self._write("UPDATE claim SET key = ? WHERE clip = ? AND key = ?", (key, clip, before))

    def ended(self, keys: Sequence[str]) -> dict[str, str]:
        """Of these files, those that are done, each with its clip."""
        sql = f"SELECT key, value FROM fact WHERE noun IN {ENDS} AND key IN"
        return {key: json.loads(value)["clip_id"] for key, value in self._of_keys(sql, keys)}

    def note_read_whole(self, key: str, at: str) -> None:
        """Note that a file that is done was read in full on its card once more."""
        self._write("INSERT OR REPLACE INTO read_whole VALUES (?, ?)", (key, at))

    def read_whole(self, keys: Sequence[str]) -> dict[str, str]:
        """When each of these files was last read in full again, or could not be, where that ever was."""
        return dict(self._of_keys("SELECT key, at FROM read_whole WHERE key IN", keys))

    def _of_keys(self, sql: str, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Rows of two texts; the statement ends where the keys are to stand."""
        for start in range(0, len(keys), KEYS_A_QUERY):
            some = keys[start : start + KEYS_A_QUERY]
            yield from self._rows(f"{sql} ({','.join('?' * len(some))})", tuple(some))

    def unfinished(self) -> list[str]:
        """The keys of files whose copy was taken and that are not done."""
        done = "SELECT key FROM fact WHERE noun IN (?, ?)"
        sql = f"SELECT key FROM fact WHERE noun = ? AND key NOT IN ({done}) ORDER BY key"
        return [str(row[0]) for row in self._rows(sql, (SpooledFile.__name__, *ENDS))]

    def unfiled_manifests(self) -> frozenset[str]:
        """The digests of the manifests that are signed, and may be in the vault, of clips that are not filed yet."""
        signed = (self.recall(key, SignedClip) for key in self.unfinished())
        return frozenset(one.seal.manifest_sha256 for one in signed if one is not None)

    def receipt_of(self, clip: str) -> Receipt | None:
        """The receipt this station has for a clip, whichever file became it."""
        rows = self._rows("SELECT key FROM claim WHERE clip = ?", (clip,))
        return self.recall(str(rows[0][0]), Receipt) if rows else None

    def filed(self) -> Iterator[Filed]:
        """Every clip the station has a receipt for, found filed already, or erased on a card."""
        after = ""
        while rows := self._rows(FILED, (*ENDS, after, SignedClip.__name__, KEYS_A_QUERY)):
            for _, value, seal in rows:
                told, sealed = json.loads(value), json.loads(seal) if seal is not None else {}
                is_receipt = "trail_line" in told
                yield Filed(
                    str(told["clip_id"]),
                    sealed.get("manifest_sha256") if is_receipt else None,
                    sealed.get("sealed_at") if is_receipt else None,
                    told.get("trail_line"),
                    told.get("trail_hash"),
                )
            after = str(rows[-1][0])
        for (clip,) in self._rows("SELECT DISTINCT clip FROM clearing WHERE state <> 'left' ORDER BY clip", ()):
            yield Filed(str(clip), None, None, None, None)

    def note_checkpoint(self, key: str, at: str) -> None:
        """Note that a checkpoint was locked in the vault under this key."""
        self._write("INSERT OR IGNORE INTO newest VALUES (?, ?)", (f"{CHECKPOINT}{key}", at))

    def checkpoints(self) -> tuple[str, ...]:
        """The keys of all checkpoints that were noted."""
        rows = self._rows("SELECT what FROM newest WHERE what LIKE ? ORDER BY what", (f"{CHECKPOINT}%",))
        return tuple(str(what).removeprefix(CHECKPOINT) for (what,) in rows)

    # ------------------------------------------------------------------ erased on its card

    def begin_clearing(self, files: Sequence[Clearing]) -> None:
        """Note files that are about to be erased, all of them or none."""
        sql = (
            "INSERT OR REPLACE INTO clearing (key, list, card, path, clip, sha256, at, state) VALUES (?,?,?,?,?,?,?,?)"
        )
        rows = [(one.key, one.list, one.card, one.path, one.clip, one.sha256, one.at, one.state) for one in files]
        with self._transaction() as base:
            base.executemany(sql, rows)

    def end_clearing(self, list_: str, state: ClearingState, keys: Iterable[str]) -> None:
        """Note how the erasing of some files of a list ended."""
        for key in keys:
            self._write("UPDATE clearing SET state = ? WHERE key = ? AND list = ?", (state, key, list_))

    def settle_clearing(self, list_: str) -> None:
        """The trail says how this list ended."""
        self._write("UPDATE clearing SET told = 1 WHERE list = ?", (list_,))

    def unsettled_clearings(self) -> list[Clearing]:
        """Files of lists whose end the trail does not tell yet."""
        return self._clearings("told = 0", ())

    def cleared(self, card: str) -> list[Clearing]:
        """Files that were erased on this recorder's cards, or may have been: `state` tells. They are not missing."""
        return self._clearings("card = ? AND state <> 'left'", (card,))

    def _clearings(self, where: str, values: tuple[object, ...]) -> list[Clearing]:
        sql = f"SELECT key, list, card, path, clip, sha256, at, state FROM clearing WHERE {where} ORDER BY at, key"
        return [Clearing(*row) for row in self._rows(sql, values)]

    # ------------------------------------------------------------------ held for a person

    def hold(self, key: str, path: str, error: StationError, since: str, *, card: str = "", raw: bytes = b"") -> Held:
        """Note why a file waits for a person; the first `since` stays while the reason is the same."""
        rows = self._rows("SELECT value FROM held WHERE key = ?", (key,))
        before = from_plain(Held, json.loads(rows[0][0])) if rows else None
        held = Held(
            path,
            error.code,
            error.retry,
            error.message("en"),
            error.hint("en"),
            error.message("zh"),
            error.hint("zh"),
            before.since if before is not None and before.code == error.code else since,
            card,
            raw,
        )
        value = json.dumps(to_plain(held), ensure_ascii=False)
        self._write("INSERT OR REPLACE INTO held VALUES (?, ?)", (key, value))
        return held

    def release(self, keys: Iterable[str]) -> None:
        """What was held is settled."""
        for key in keys:
            self._write("DELETE FROM held WHERE key = ?", (key,))

    def held(self) -> dict[str, Held]:
        """Everything that waits for a person, by key."""
        rows = self._rows("SELECT key, value FROM held ORDER BY key", ())
        return {str(key): from_plain(Held, json.loads(value)) for key, value in rows}

    def doubted(self) -> set[str]:
        """The keys of copies that wait until somebody can tell which recorder they came from."""
        sql = "SELECT key FROM held WHERE json_extract(value, '$.code') = ? AND key IN (SELECT key FROM fact)"
        return {str(row[0]) for row in self._rows(sql, (RecorderUnsure.code,))}

    # ------------------------------------------------------------------ acts on their way

    def intend(self, body: bytes, signature: str) -> PendingAct:
        """Write an act down before it goes to vault and catalog."""
        with self._door(), self._lock:
            number = self._base.execute("INSERT INTO act (body, signature) VALUES (?, ?)", (body, signature)).lastrowid
        assert number is not None
        return PendingAct(number, body, signature)

    def intended(self) -> list[PendingAct]:
        """The acts on their way, oldest first; those that are held are not."""
        return self._acts("? || id NOT IN (SELECT key FROM held)", ACT)

    def unfinished_acts(self) -> list[PendingAct]:
        """The acts on their way and those that are held."""
        return self._acts("TRUE")

    def held_act(self, key: str) -> PendingAct | None:
        """The act that is held under this key, or None."""
        return next(iter(self._acts("? || id = ? AND ? IN (SELECT key FROM held)", ACT, key, key)), None)

    def carried_out(self, act: PendingAct) -> None:
        """The act is in vault and catalog, or withdrawn."""
        with self._transaction() as base:
            base.execute("DELETE FROM held WHERE key = ?", (act.key,))
            base.execute("DELETE FROM act WHERE id = ?", (act.number,))

    def newest_act(self) -> str | None:
        """The time of the newest act that was signed here, as noted."""
        rows = self._rows("SELECT at FROM newest WHERE what = ?", (ACT,))
        return str(rows[0][0]) if rows else None

    def note_newest_act(self, at: str) -> None:
        """Note the time of an act that is about to be signed."""
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (ACT, at))

    # ------------------------------------------------------------------ the station's clock

    def last_good(self) -> LastGood | None:
        """The last reading of the clock that was believed, or None."""
        return self._kept(CLOCK, LastGood)

    def note_last_good(self, good: LastGood) -> None:
        """Note a reading of the clock that was believed."""
        self._keep(CLOCK, good)

    def clock_asked(self) -> ClockAsked | None:
        """What the first of two people said of the clock, or None."""
        return self._kept(CLOCK_ASKED, ClockAsked)

    def note_clock_asked(self, asked: ClockAsked | None) -> None:
        """Note what the first of two people said of the clock; None once the second has confirmed it."""
        self._keep(CLOCK_ASKED, asked)

    def _kept(self, what: str, wanted: type[C]) -> C | None:
        rows = self._rows("SELECT at FROM newest WHERE what = ?", (what,))
        plain = json.loads(rows[0][0]) if rows else None
        return None if plain is None else from_plain(wanted, plain)

    def _keep(self, what: str, value: LastGood | ClockAsked | None) -> None:
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (what, json.dumps(to_plain(value))))

    # ------------------------------------------------------------------ serials that tell nothing

    def note_shared_serial(self, serial: str, at: str) -> None:
        """Note that two devices told this serial at once."""
        self._write("INSERT OR REPLACE INTO newest VALUES (?, ?)", (f"{SERIAL}{serial}", at))

    def shared_serials(self) -> frozenset[str]:
        """The serials that were ever met on two devices at once."""
        rows = self._rows("SELECT substr(what, ?) FROM newest WHERE what GLOB ?", (len(SERIAL) + 1, f"{SERIAL}*"))
        return frozenset(str(row[0]) for row in rows)

    # ------------------------------------------------------------------ what the catalog must know

    def wrote_line(self, line: TrailLine) -> None:
        """Note the newest line of the trail that was written here; what was rebuilt before lacks it."""
        grows = "ON CONFLICT (what) DO UPDATE SET line = excluded.line, chain_hash = excluded.chain_hash"
        with self._transaction() as base:
            base.execute(
                f"INSERT INTO trail_line VALUES (?, ?, ?) {grows} WHERE excluded.line > line",
                (WRITTEN, line.line, line.chain_hash),
            )
            base.execute("DELETE FROM trail_line WHERE what = ?", (REBUILT,))

    def rebuilt_line(self, line: TrailLine) -> None:
        """Note the newest line of a catalog that was rebuilt elsewhere, and may be taken into use."""
        self._write("INSERT OR REPLACE INTO trail_line VALUES (?, ?, ?)", (REBUILT, line.line, line.chain_hash))

    def use_line(self, line: TrailLine) -> None:
        """Know this line alone from now on: the catalog in use is another than before."""
        with self._transaction() as base:
            base.execute("DELETE FROM trail_line")
            base.execute("INSERT INTO trail_line VALUES (?, ?, ?)", (WRITTEN, line.line, line.chain_hash))

    # ------------------------------------------------------------------ inside

    def _acts(self, where: str, *values: object) -> list[PendingAct]:
        rows = self._rows(f"SELECT id, body, signature FROM act WHERE {where} ORDER BY id", values)
        return [PendingAct(int(number), bytes(body), str(signature)) for number, body, signature in rows]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._door(), self._lock:
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

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        with self._door(), self._lock:
            self._base.execute(sql, values)

    @contextmanager
    def _door(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalFailed(path=self.path, reason=error) from error


class JournalWitness:
    """A `catalog.own_catalog.Witness` that opens the journal for reading alone until it must write."""

    def __init__(self, path: Path, opened: Callable[[], Journal]) -> None:
        self._path, self._opened = path, opened

    def known(self) -> Mapping[str, TrailLine]:
        """The lines of the trail that are known; none where an earlier version wrote the journal."""
        rows = self._rows("SELECT what, line, chain_hash FROM trail_line")
        return {str(row["what"]): TrailLine(int(row["line"]), str(row["chain_hash"])) for row in rows}

    def clips(self) -> set[str]:
        """The clips there are receipts for."""
        rows = self._rows(f"SELECT value FROM fact WHERE noun = '{Receipt.__name__}'")
        return {str(json.loads(row["value"])["clip_id"]) for row in rows}

    def _rows(self, sql: str) -> list[Mapping[str, Any]]:
        if not self._path.exists():
            return []
        try:
            with closing(reader_of(self._path)) as base:
                return base.execute(sql).fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return []
            raise JournalFailed(path=self._path, reason=error) from error

    def wrote(self, line: TrailLine) -> None:
        """Note the newest line."""
        with suppress(JournalFailed):
            self._opened().wrote_line(line)

    def use(self, line: TrailLine) -> None:
        """Know this line alone."""
        self._opened().use_line(line)
