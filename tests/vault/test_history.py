"""The history of keys: followed both ways, and nothing forged is followed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.backends.directory import DirectoryVault
from vault.history import Change, History, change_document, change_key, judged, read_change, read_history
from vault.signature import PublicKey, Signer, key_id

AT = "2026-03-05T01:00:00.000000Z"
UNTIL = datetime.now(UTC) + timedelta(days=1)


def signer() -> Signer:
    private = Ed25519PrivateKey.generate()
    return Signer(key_id(private.public_key()), private)


def holding(*signers: Signer) -> dict[str, PublicKey]:
    return {one.key_id: one.public for one in signers}


@pytest.fixture
def vault(tmp_path: Path) -> DirectoryVault:
    return DirectoryVault(tmp_path / "vault", immutable=False)


def put(vault: DirectoryVault, old: Signer, new: Signer, number: int) -> str:
    key = change_key(number, new.key_id)
    vault.put_document(key, change_document(old, new, number, AT), UNTIL)
    return key


def refused(history: History) -> set[str]:
    return {key for key, _ in history.refused}


def test_any_key_of_a_history_leads_to_all_of_them(vault: DirectoryVault) -> None:
    keys = [signer() for _ in range(4)]
    for number in (1, 2, 3):
        put(vault, keys[number - 1], keys[number], number)
    for one in keys:
        history = read_history(vault, holding(one))
        assert set(history.trusted) == {key.key_id for key in keys}
        assert [change.number for change in history.changes] == [1, 2, 3]
        assert history.refused == ()
    assert read_history(vault, holding(signer())).changes == ()


def test_a_history_by_foreign_keys_is_refused(vault: DirectoryVault) -> None:
    mine, next_, foreign, other = (signer() for _ in range(4))
    put(vault, mine, next_, 1)
    forged = put(vault, foreign, other, 2)
    history = read_history(vault, holding(mine))
    assert set(history.trusted) == {mine.key_id, next_.key_id}
    assert refused(history) == {forged}


def test_a_retired_key_that_was_stolen_brings_in_no_other(vault: DirectoryVault) -> None:
    mine, next_, thief = (signer() for _ in range(3))
    put(vault, mine, next_, 1)
    forged = put(vault, mine, thief, 1)
    for held in ([mine, next_], [next_]):
        history = read_history(vault, holding(*held))
        assert set(history.trusted) == {mine.key_id, next_.key_id}
        assert refused(history) == {forged}
    only_old = read_history(vault, holding(mine))
    assert set(only_old.trusted) == {mine.key_id}, "nobody can say which of the two is true"
    assert len(only_old.refused) == 2


@pytest.mark.parametrize(
    "how", ["old did not sign", "new did not sign", "other words", "other place", "no text", "schema"]
)
def test_a_document_that_is_not_signed_by_both_is_refused(vault: DirectoryVault, how: str) -> None:
    mine, next_ = signer(), signer()
    read = json.loads(change_document(mine, next_, 1, AT))
    if how == "old did not sign":
        read["signatures"][mine.key_id] = next_.sign(read["body"].encode())
    elif how == "new did not sign":
        del read["signatures"][next_.key_id]
    elif how == "other words":
        read["body"] = read["body"].replace("2026", "2027")
    elif how == "schema":
        read["body"] = read["body"].replace("key/1", "key/2")
    key = change_key(7 if how == "other place" else 1, next_.key_id)
    body = b"\xff" if how == "no text" else json.dumps(read).encode()
    vault.put_document(key, body, UNTIL)
    history = read_history(vault, holding(mine))
    assert refused(history) == {key}
    assert set(history.trusted) == {mine.key_id}
    with pytest.raises(ValueError, match=r"."):
        read_change(key, body)


def test_a_key_with_the_id_of_one_that_is_held_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id is 64 bits of a digest: who has time makes two keys of one id."""
    monkeypatch.setattr("vault.history.key_id", lambda _: "0" * 16)
    mine, twin, next_ = (signer().public for _ in range(3))
    history = judged([Change("c", 1, AT, twin, next_)], {"0" * 16: mine})
    assert history.changes == ()
    assert dict(history.trusted) == {"0" * 16: mine}
    believed = judged([Change("c", 1, AT, mine, next_)], {"0" * 16: mine})
    assert [change.key for change in believed.changes] == ["c"]
    assert believed.trusted["0" * 16] is mine
