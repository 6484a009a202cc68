"""The history of a station's keys (密钥沿革): which key followed which, signed by both, locked in the vault.

Shapes: a document `keys/history/NNNN-<new key id>.json` is canonical JSON `{"body", "signatures": {key id: base64}}`;
the body is text, `{"schema":"evidock.key/1","number","at","old","new"}`, old and new being raw keys in base64.
Both keys sign the body. Trust follows it both ways: a key one is given vouches for the one after it and the one before.
A key that two documents name as old has forked: only the branch that leads to a key one holds is believed.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from vault.contract import Vault, read_document
from vault.signature import PublicKey, Signer, key_id, public_from_raw, raw_key, signature_is_valid

HISTORY = "keys/history"
SCHEMA = "evidock.key/1"
CHANGE_BYTES_MAX = 64 << 10
DOCUMENTS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One document of the history: both signatures over it are valid, whoever made them."""

    key: str
    number: int
    at: str
    old: PublicKey
    new: PublicKey


@dataclass(frozen=True, slots=True)
class History:
    """The keys that are trusted, the changes that are believed in order, and the documents that are not, with why."""

    trusted: Mapping[str, PublicKey]
    changes: tuple[Change, ...]
    refused: tuple[tuple[str, str], ...]

    def successor(self, key: str) -> str | None:
        """The key that followed one, or None."""
        return next((key_id(one.new) for one in self.changes if key_id(one.old) == key), None)


def change_key(number: int, new: str) -> str:
    """Where the vault keeps a change."""
    return f"{HISTORY}/{number:04d}-{new}.json"


def change_document(old: Signer, new: Signer, number: int, at: str) -> bytes:
    """The document in which the old key signs the new one, and the new one that it is held."""
    document = {"schema": SCHEMA, "number": number, "at": at, "old": _text(old.public), "new": _text(new.public)}
    body = _canonical(document)
    return _canonical({"body": body.decode(), "signatures": {one.key_id: one.sign(body) for one in (old, new)}})


def read_change(key: str, document: bytes) -> Change:
    """A document whose signatures are valid; raises ValueError with what is wrong."""
    try:
        read = json.loads(document)
        body, signatures = read["body"].encode(), read["signatures"]
        values = json.loads(body)
        if values["schema"] != SCHEMA:
            raise ValueError(f"schema {values['schema']}")
        old, new = (public_from_raw(b64decode(values[name], validate=True)) for name in ("old", "new"))
        number, at = int(values["number"]), str(values["at"])
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise ValueError("not a key history document") from error
    for public in (old, new):
        name = key_id(public)
        if not signature_is_valid(body, str(signatures.get(name, "")), name, {name: public}):
            raise ValueError(f"key {name} did not sign it")
    if key != change_key(number, key_id(new)):
        raise ValueError("it does not stand where its words say")
    return Change(key, number, at, old, new)


def read_history(vault: Vault, anchors: Mapping[str, PublicKey]) -> History:
    """Everything under `keys/history`, believed as far as the keys one holds reach."""
    changes, refused = list[Change](), list[tuple[str, str]]()
    for _, key in zip(range(DOCUMENTS_MAX), vault.keys(HISTORY), strict=False):
        document = read_document(vault, key, CHANGE_BYTES_MAX)
        try:
            changes.append(read_change(key, document))
        except ValueError as error:
            refused.append((key, str(error)))
    return judged(changes, anchors, refused)


def judged(
    changes: Iterable[Change], anchors: Mapping[str, PublicKey], refused: Iterable[tuple[str, str]] = ()
) -> History:
    """What is to be believed of changes whose signatures are valid. Pure.

    Whole keys decide, not their ids: an id is 64 bits, and two keys with one id can be made on purpose.
    """
    left, not_believed = list(changes), list(refused)
    known = {raw_key(public) for public in anchors.values()}
    # Who stole a retired key can sign a second successor with it. Only the branch whose end we hold ourselves counts.
    for old in {raw_key(one.old) for one in left}:
        rivals = [one for one in left if raw_key(one.old) == old]
        if len(rivals) > 1:
            kept = [one for one in rivals if _reaches(one, left, known)]
            losers = [one for one in rivals if len(kept) != 1 or one is not kept[0]]
            not_believed += [(one.key, f"key {key_id(one.old)} was followed by another key already") for one in losers]
            left = [one for one in left if one not in losers]
    trusted, believed = dict(anchors), list[Change]()
    # Trust spreads in both directions: each document is signed by both its keys, so either vouches for the other.
    while found := [one for one in left if {raw_key(one.old), raw_key(one.new)} & known]:
        for public in (public for one in found for public in (one.old, one.new)):
            known.add(raw_key(public))
            trusted.setdefault(key_id(public), public)
        believed += found
        left = [one for one in left if one not in found]
    not_believed += [(one.key, f"no trusted key leads to key {key_id(one.new)}") for one in left]
    return History(trusted, tuple(sorted(believed, key=lambda one: one.number)), tuple(not_believed))


def _reaches(change: Change, changes: list[Change], known: AbstractSet[bytes]) -> bool:
    """Whether a change leads, by itself or by those after it, to a key one holds."""
    at, seen = raw_key(change.new), set[bytes]()
    while at not in seen:
        if at in known:
            return True
        seen.add(at)
        at = next((raw_key(one.new) for one in changes if raw_key(one.old) == at), at)
    return False


def _text(public: PublicKey) -> str:
    return b64encode(raw_key(public)).decode()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
