"""What holds for every vault: what is in stays in, until its day."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import vault.backends
from docking_station.station.family import family
from tests.fakes.waiting import until
from tests.vault.weed import Weed
from vault.backends.directory import DirectoryBackend
from vault.contract import Backend, Options, Vault
from vault.errors import DisposalDenied, KeyTaken, LockHolds, LockTooShort, NotInVault

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
DAY = timedelta(days=1)
BACKENDS: list[Backend] = list(family(vault.backends, "BACKEND"))

BODIES = [b"", b"evidence", bytes(range(256)) * 5000]


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def a_folder(_request: pytest.FixtureRequest) -> tuple[str, Options]:
    return "vault", Options(immutable=False)


def a_bucket(request: pytest.FixtureRequest) -> tuple[str, Options]:
    """A folder of its own for every test, in one bucket."""
    weed: Weed = request.getfixturevalue("weed")
    address = weed.address(f"contract/{uuid.uuid4().hex}").removeprefix("s3:")
    return address, Options(immutable=False, secret=weed.secret, make=True)


def a_mirror(request: pytest.FixtureRequest) -> tuple[str, Options]:
    """A bucket and a folder, both of which must hold everything."""
    bucket, options = a_bucket(request)
    home: Path = request.getfixturevalue("tmp_path")

    def other(address: str) -> Vault:
        scheme, _, rest = address.partition(":")
        return next(backend for backend in BACKENDS if backend.scheme == scheme).open(rest, home, options)

    for address in ("folder:one", f"s3:{bucket}"):
        other(address).put_document("keys/a.pub.pem", b"as init does", UNTIL)
    return f"2 folder:one s3:{bucket}", replace(options, other=other)


def an_encrypted(request: pytest.FixtureRequest) -> tuple[str, Options]:
    """A folder behind it; what was not promised stays as it is."""
    home: Path = request.getfixturevalue("tmp_path")
    options = Options(
        immutable=False,
        secret=lambda _: "5a" * 32,
        other=lambda address: DirectoryBackend().open(address.partition(":")[2], home, Options(immutable=False)),
    )
    return "folder:vault", options


PLACES = {"encrypted": an_encrypted, "folder": a_folder, "mirror": a_mirror, "s3": a_bucket}
"""Where a vault of each kind is made for a test: a new backend is entered here."""


@pytest.fixture(params=[backend.scheme for backend in BACKENDS])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Vault]:
    """Opens the same vault as often as it is called."""
    backend = next(backend for backend in BACKENDS if backend.scheme == request.param)
    rest, options = PLACES[backend.scheme](request)
    return lambda: backend.open(rest, tmp_path, options)


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[bytes], Path]:
    def make(body: bytes) -> Path:
        path = tmp_path / "copy"
        path.write_bytes(body)
        return path

    return make


def read(opened: Vault, key: str) -> bytes:
    with opened.open(key) as file:
        return file.read()


@pytest.mark.parametrize("body", BODIES, ids=["empty", "small", "large"])
def test_what_is_put_is_found_and_read_also_after_reopening(
    reopen: Callable[[], Vault], a_file: Callable[[bytes], Path], body: bytes
) -> None:
    stored = reopen().put("originals/ab/abc", a_file(body), sha256(body), UNTIL)
    assert (stored.size_bytes, stored.retain_until) == (len(body), UNTIL)
    assert reopen().find("originals/ab/abc") == stored
    assert read(reopen(), "originals/ab/abc") == body


def test_the_same_again_is_a_success_with_the_file_or_without(
    reopen: Callable[[], Vault], a_file: Callable[[bytes], Path]
) -> None:
    opened = reopen()
    first = opened.put("originals/a", a_file(b"x"), sha256(b"x"), UNTIL)
    assert opened.put("originals/a", a_file(b"x"), sha256(b"x"), UNTIL) == first
    assert opened.put("originals/a", Path("/nonexistent/copy"), sha256(b"x"), UNTIL) == first
    assert opened.put_document("originals/a", b"x", UNTIL) == first


@pytest.mark.parametrize("how", ["file", "document"])
def test_other_bytes_under_a_key_are_refused(
    reopen: Callable[[], Vault], a_file: Callable[[bytes], Path], how: str
) -> None:
    opened = reopen()
    opened.put("originals/a", a_file(b"x"), sha256(b"x"), UNTIL)
    puts = {
        "file": lambda: opened.put("originals/a", a_file(b"y"), sha256(b"y"), UNTIL),
        "document": lambda: opened.put_document("originals/a", b"y", UNTIL),
    }
    with pytest.raises(KeyTaken):
        puts[how]()
    assert read(opened, "originals/a") == b"x"


def test_nothing_to_put_is_no_success(reopen: Callable[[], Vault]) -> None:
    with pytest.raises(NotInVault):
        reopen().put("originals/a", Path("/nonexistent/copy"), sha256(b"x"), UNTIL)
    assert reopen().find("originals/a") is None


def test_a_lock_only_grows(reopen: Callable[[], Vault]) -> None:
    opened = reopen()
    opened.put_document("acts/a", b"x", UNTIL)
    with pytest.raises(LockTooShort):
        opened.extend("acts/a", UNTIL - DAY)
    assert opened.put_document("acts/a", b"x", UNTIL - DAY).retain_until == UNTIL
    assert opened.extend("acts/a", UNTIL + DAY).retain_until == UNTIL + DAY
    found = reopen().find("acts/a")
    assert found is not None
    assert found.retain_until == UNTIL + DAY
    with pytest.raises(NotInVault):
        opened.extend("acts/b", UNTIL)


def discarded(opened: Vault, key: str, at: datetime) -> bool:
    """Whether what is due at a time is gone; a server asks its own clock too."""
    try:
        opened.discard(key, at)
    except DisposalDenied:
        return False
    return True


def test_nothing_is_removed_before_its_day(reopen: Callable[[], Vault]) -> None:
    opened = reopen()
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    opened.put_document("acts/a", b"x", soon)
    with pytest.raises(LockHolds):
        opened.discard("acts/a", soon - timedelta(seconds=1))
    assert read(opened, "acts/a") == b"x"
    until(lambda: discarded(opened, "acts/a", soon), "the lock's end")
    assert reopen().find("acts/a") is None
    opened.discard("acts/a", soon)


def test_what_is_on_hold_stays_whatever_its_lock_says(reopen: Callable[[], Vault]) -> None:
    opened = reopen()
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    opened.put_document("acts/a", b"x", soon)
    assert opened.set_legal_hold("acts/a", True).on_legal_hold
    assert opened.set_legal_hold("acts/a", True).on_legal_hold
    later = opened.extend("acts/a", soon + timedelta(seconds=1))
    assert later.on_legal_hold, "a longer lock does not end the hold"
    with pytest.raises(LockHolds):
        reopen().discard("acts/a", later.retain_until)
    assert read(reopen(), "acts/a") == b"x"
    assert not reopen().set_legal_hold("acts/a", False).on_legal_hold
    until(lambda: discarded(opened, "acts/a", later.retain_until), "the lock's end")
    assert reopen().find("acts/a") is None
    with pytest.raises(NotInVault):
        opened.set_legal_hold("acts/b", True)


def test_keys_are_listed_below_their_folder_in_order(reopen: Callable[[], Vault]) -> None:
    opened = reopen()
    for key in ("acts/b", "acts/a", "manifests/aa/x", "manifests/ab/y"):
        opened.put_document(key, b"x", UNTIL)
    assert list(reopen().keys("acts")) == ["acts/a", "acts/b"]
    assert list(reopen().keys("manifests")) == ["manifests/aa/x", "manifests/ab/y"]
    assert list(reopen().keys("none")) == []


def test_what_is_not_there_is_said_so(reopen: Callable[[], Vault]) -> None:
    assert reopen().find("acts/a") is None
    with pytest.raises(NotInVault):
        reopen().open("acts/a")


@pytest.mark.parametrize("key", ["../a", "/a", "a//b", "", "a/../b", "a b", "a/", ".a"])
def test_a_key_that_could_lead_elsewhere_is_a_programming_error(reopen: Callable[[], Vault], key: str) -> None:
    with pytest.raises(AssertionError):
        reopen().put_document(key, b"x", UNTIL)
