"""Encrypted originals in a mirror: however a promise breaks off, every vault holds the same key and segments."""

from __future__ import annotations

import hashlib
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.vault.stores import UNTIL, Store
from tests.vault.test_encrypted import BODY, copied, key_of, read, secret_of, sha256
from tests.vault.test_mirror import Sometimes, wake
from vault.backends.directory import DirectoryVault
from vault.backends.encrypted import EncryptedVault
from vault.backends.mirror import MirrorVault, Place
from vault.errors import KeyTaken, VaultUnreachable
from vault.wrapped_key_log import WrappedKeyLog
from vault.wrapping import wrapped_key

KEY = key_of(BODY)


class Writeless(Sometimes):
    """A vault that still answers what it has while it does not take anything. Contract: else the real one unchanged."""

    takes_none = False

    def __getattr__(self, name: str) -> Any:
        if self.takes_none and name in ("put", "put_document"):
            raise VaultUnreachable(reason="it takes nothing")
        return super().__getattr__(name)


@pytest.fixture
def vaults(tmp_path: Path, store: Store) -> list[Writeless]:
    """Two folders and a bucket."""
    folders = [DirectoryVault(tmp_path / name, immutable=False) for name in "ab"]
    for one in folders:
        one.root.mkdir()
    made: list[Any] = [*folders, store.new()[1]]
    for one in made:
        one.put_document("keys/a.pub.pem", b"as init does", UNTIL)
    return [Writeless(one) for one in made]


@pytest.fixture
def mirror(vaults: list[Any], tmp_path: Path) -> MirrorVault:
    places = [Place(name, one, tmp_path / "owed" / name) for name, one in zip("abc", vaults, strict=True)]
    return MirrorVault(places, 2)


@pytest.fixture
def opened(mirror: MirrorVault, tmp_path: Path) -> EncryptedVault:
    return EncryptedVault(mirror, secret_of(), key_log=WrappedKeyLog(tmp_path / "promised"))


def only_up(vaults: list[Writeless], mirror: MirrorVault, *up: int) -> None:
    for number, one in enumerate(vaults):
        one.is_down = number not in up
    wake(mirror)


def only_taking(vaults: list[Writeless], first: int) -> None:
    for number, one in enumerate(vaults):
        one.takes_none = number != first


def all_taking(vaults: list[Writeless]) -> None:
    for one in vaults:
        one.takes_none = False


def held(vaults: list[Writeless], key: str) -> set[str | None]:
    """What each vault has under a key, by its digest."""
    return {sha256(read(one.real, key)) if one.real.find(key) else None for one in vaults}


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("away", [True, False], ids=["it is away then", "all answer then"])
def test_a_promise_that_reached_too_few_is_kept_with_the_same_key(
    opened: EncryptedVault, mirror: MirrorVault, vaults: list[Writeless], tmp_path: Path, first: int, away: bool
) -> None:
    only_taking(vaults, first)
    with pytest.raises(VaultUnreachable):
        opened.reserve_key(KEY, UNTIL)
    assert held(vaults, wrapped_key(KEY)) != {None}
    all_taking(vaults)
    only_up(vaults, mirror, *({0, 1, 2} - {first} if away else {0, 1, 2}))
    again = EncryptedVault(mirror, secret_of(), key_log=WrappedKeyLog(tmp_path / "promised"))
    by = again.reserve_key(KEY, UNTIL)
    if not away:
        assert len(held(vaults, wrapped_key(KEY))) == 1, "as many as answer, not only the one that had it"
    again.put(KEY, copied(tmp_path), sha256(BODY), UNTIL)
    only_up(vaults, mirror, 0, 1, 2)
    assert opened.reserve_key(KEY, UNTIL) == by
    mirror.sweep(datetime.now(UTC))
    for key in (KEY, wrapped_key(KEY)):
        assert None not in held(vaults, key)
        assert len(held(vaults, key)) == 1, f"every vault holds the same under {key}"
    assert list(mirror.oddities("originals")) == []
    for _, one in opened.copies():
        assert read(one, KEY) == BODY
    assert list((tmp_path / "promised").glob("*.json")) == []


@pytest.mark.parametrize("first", [0, 2])
def test_a_put_that_reached_too_few_is_gone_on_with_in_the_same_segments(
    opened: EncryptedVault, mirror: MirrorVault, vaults: list[Writeless], tmp_path: Path, first: int
) -> None:
    opened.reserve_key(KEY, UNTIL)
    only_taking(vaults, first)
    with pytest.raises(VaultUnreachable):
        opened.put(KEY, copied(tmp_path), sha256(BODY), UNTIL)
    assert held(vaults, KEY) != {None}
    all_taking(vaults)
    only_up(vaults, mirror, *({0, 1, 2} - {first}))
    opened.put(KEY, copied(tmp_path), sha256(BODY), UNTIL)
    only_up(vaults, mirror, 0, 1, 2)
    mirror.sweep(datetime.now(UTC))
    assert len(held(vaults, KEY)) == 1
    assert None not in held(vaults, KEY)


def test_a_key_harmed_in_one_vault_is_read_from_another(
    opened: EncryptedVault, mirror: MirrorVault, vaults: list[Writeless], tmp_path: Path
) -> None:
    opened.reserve_key(KEY, UNTIL)
    opened.put(KEY, copied(tmp_path), sha256(BODY), UNTIL)
    path = vaults[0].real.root / "objects" / wrapped_key(KEY)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"wrapped", b"wrecked"))
    assert read(opened, KEY) == BODY
    with pytest.raises(KeyTaken):
        opened.reserve_key(KEY, UNTIL)


def promised_by(home: Path, names: list[str]) -> list[bytes]:
    inner = DirectoryVault(home / "vault", immutable=False)
    opened = EncryptedVault(inner, secret_of(), key_log=WrappedKeyLog(home / "promised"))

    def one(name: str) -> bytes:
        opened.reserve_key(f"originals/{name[:2]}/{name}", UNTIL)
        return read(inner, wrapped_key(f"originals/{name[:2]}/{name}"))

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, names * 4))


def test_threads_and_processes_that_promise_at_once_agree(tmp_path: Path) -> None:
    names = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(20)]
    (tmp_path / "vault").mkdir()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        told = pool.starmap(promised_by, [(tmp_path, names)] * 3)
    assert {len(set(bodies)) for bodies in zip(*(told[number] for number in range(3)), strict=True)} == {1}
    assert {len(one) for one in told} == {80}
    assert len({body for one in told for body in one}) == len(names)
