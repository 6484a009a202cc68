"""The journal (流程日志): what has been done for each file, on the station's own disk.

`once(source, Noun, work)` is the whole of crash safety: if the journal holds the noun, that is the answer; if
not, the work is done and then written down. A noun is written after its effect is durable, never before.

Source: one SQLite file (`ingest/journal_file.py`), apart from the catalog. Shapes: a noun is stored as JSON without
the noun before it, which is found under the same key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from catalog.evidence import Clip, Docking, Duplicate, Receipt, SealedClip, SignedClip, SourceFile, SpooledFile
from catalog.station_error import Language, StationError
from ingest.dataclass_json import from_plain, to_plain
from ingest.errors import RecorderUnsure
from ingest.journal_memory import ACT, DOCKING, JournalMemory, OwedDocking

Noun = Docking | SourceFile | SpooledFile | Clip | SignedClip | SealedClip | Receipt | Duplicate
N = TypeVar("N", Docking, SourceFile, SpooledFile, Clip, SignedClip, SealedClip, Receipt, Duplicate)

BEFORE: dict[type, tuple[str, type]] = {
    SpooledFile: ("source", SourceFile),
    Clip: ("spooled", SpooledFile),
    SignedClip: ("clip", Clip),
    SealedClip: ("signed", SignedClip),
}
"""The field in which a noun holds the noun before it."""

RELIED_ON = (SpooledFile, SignedClip, Receipt, Duplicate)
"""What must be on the disk at once: now a recorder may be taken away, bytes are locked, a copy is dropped.

Of the others nothing comes that cannot be done again, and each is on the disk with the next of these.
"""
ENDS = (Receipt.__name__, Duplicate.__name__)
KEYS_A_QUERY = 500
FILED = """SELECT done.key, done.value, json_extract(signed.value, '$.seal') FROM (SELECT key, value FROM fact
 WHERE noun IN (?, ?) AND key > ? ORDER BY key) AS done
 LEFT JOIN fact AS signed ON signed.key = done.key AND signed.noun = ? ORDER BY done.key LIMIT ?"""


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

    def said(self, language: Language) -> dict[str, str]:
        """What it is, why, and what to do, in one language: as `--json` has it."""
        message, hint = (self.message_zh, self.hint_zh) if language == "zh" else (self.message, self.hint)
        return {"path": self.path, "code": self.code, "message": message, "hint": hint}


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
        """The key an act is held under, if it is."""
        return f"{ACT}{self.number}"

    @property
    def sha256(self) -> str:
        """The SHA-256 of an act's body."""
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


class Journal(JournalMemory):
    """What has been done for each file. Safe to use from several threads."""

    # ------------------------------------------------------------------ nouns

    def once(self, key: str, noun: type[N], work: Callable[[], N]) -> N:
        """The noun of this file: as written down, or by doing the work and writing it down."""
        known = self.recall(key, noun)
        if known is not None:
            return known
        done = work()
        # Killed before this line, the work is done once more: that is why every effect must bear being done twice.
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
        values = (key, type(done).__name__, _text(plain))
        self._write("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", values, waits=isinstance(done, RELIED_ON))

    def date_docking(self, docking: Docking, dated: Docking) -> None:
        """Write down when a docking was, for all its files that still have `docking`, which has no time."""
        sql = "UPDATE fact SET value = ? WHERE noun = ? AND value = ?"
        self._write(sql, (_text(to_plain(dated)), Docking.__name__, _text(to_plain(docking))))

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
        # One statement decides between two threads with equal bytes; who won is read, never assumed.
        # On the disk with what is signed of it, or with the end of a file that has the same bytes.
        self._write("INSERT OR IGNORE INTO claim VALUES (?, ?)", (clip, key), waits=False)
        return str(self._rows("SELECT key FROM claim WHERE clip = ?", (clip,))[0][0])

    def hand_over(self, clip: str, before: str, key: str) -> None:
        """Give the number `clip` to the file `key`, if `before` still has it."""
        # Only from the file that was asked about: a third may have taken the number over meanwhile.
        self._write("UPDATE claim SET key = ? WHERE clip = ? AND key = ?", (key, clip, before))

    def ended(self, keys: Sequence[str]) -> dict[str, str]:
        """Which of these files are done, each with its clip."""
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

    def on_their_way(self) -> frozenset[str]:
        """The digests of all documents that may be in the vault and that the catalog need not know yet."""
        return self.unfiled_manifests() | {one.sha256 for one in self.unfinished_acts()}

    def receipt_of(self, clip: str) -> Receipt | None:
        """The receipt this station has for a clip, whichever file became it."""
        rows = self._rows("SELECT key FROM claim WHERE clip = ?", (clip,))
        return self.recall(str(rows[0][0]), Receipt) if rows else None

    def filed(self) -> Iterator[Filed]:
        """Every clip the station has a receipt for, found filed already, or erased on a card."""
        after = ""
        while rows := self._rows(FILED, (*ENDS, after, SignedClip.__name__, KEYS_A_QUERY)):
            for _, value, seal in rows:
                facts, sealed = json.loads(value), json.loads(seal) if seal is not None else {}
                is_receipt = "trail_line" in facts
                yield Filed(
                    str(facts["clip_id"]),
                    sealed.get("manifest_sha256") if is_receipt else None,
                    sealed.get("sealed_at") if is_receipt else None,
                    facts.get("trail_line"),
                    facts.get("trail_hash"),
                )
            after = str(rows[-1][0])
        for (clip,) in self._rows("SELECT DISTINCT clip FROM clearing WHERE state <> 'left' ORDER BY clip", ()):
            yield Filed(str(clip), None, None, None, None)

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

    def settle(self, keys: Iterable[str]) -> None:
        """What was held is settled."""
        for key in keys:
            self._write("DELETE FROM held WHERE key = ?", (key,))

    def held(self) -> dict[str, Held]:
        """Everything that waits for a person, by key."""
        rows = self._rows("SELECT key, value FROM held ORDER BY key", ())
        return {str(key): from_plain(Held, json.loads(value)) for key, value in rows}

    def is_doubted(self, key: str) -> bool:
        """Whether the copy of this file waits until somebody can tell which recorder it came from."""
        sql = "SELECT 1 FROM held WHERE key = ? AND json_extract(value, '$.code') = ?"
        return bool(self._rows(sql, (key, RecorderUnsure.code)))

    def doubted(self) -> set[str]:
        """The keys of copies that wait until somebody can tell which recorder they came from."""
        sql = "SELECT key FROM held WHERE json_extract(value, '$.code') = ? AND key IN (SELECT key FROM fact)"
        return {str(row[0]) for row in self._rows(sql, (RecorderUnsure.code,))}

    # ------------------------------------------------------------------ acts on their way

    def intend(self, body: bytes, signature: str, owed: OwedDocking | None = None) -> PendingAct:
        """Write an act down before it goes to vault and catalog; the record of a docking in it is owed no more."""
        with self._transaction() as base:
            number = base.execute("INSERT INTO act (body, signature) VALUES (?, ?)", (body, signature)).lastrowid
            if owed is not None:
                base.execute("DELETE FROM newest WHERE what = ?", (f"{DOCKING}{owed.record.id}",))
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

    def _acts(self, where: str, *values: object) -> list[PendingAct]:
        rows = self._rows(f"SELECT id, body, signature FROM act WHERE {where} ORDER BY id", values)
        return [PendingAct(int(number), bytes(body), str(signature)) for number, body, signature in rows]


def _text(plain: object) -> str:
    """A noun as it is written down."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
