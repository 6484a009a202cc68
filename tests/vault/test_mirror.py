"""Several vaults as one: sealed when enough hold it, told what is missing, and brought up when the rest comes back."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from catalog.station_error import StationError
from tests.vault.stores import DAY, UNTIL, sha256
from vault.backends.directory import DirectoryVault
from vault.backends.mirror import BACKEND, MirrorVault, Place
from vault.contract import Options, Stored
from vault.errors import (
    BadAddress,
    BucketUnfit,
    KeyTaken,
    LockRefused,
    LockTooShort,
    NotInVault,
    VaultDenied,
    VaultFull,
    VaultUnreachable,
)

BODY = b"evidence"
KEY = "originals/ab/abc"


class Sometimes:
    """A vault that does not answer while it is down. Contract: up, it is the real one unchanged."""

    def __init__(self, real: DirectoryVault) -> None:
        self.real, self.is_down = real, False
        self.says: StationError = VaultUnreachable(reason="it is down")

    def __getattr__(self, name: str) -> Any:
        if self.is_down and name not in ("takes_files", "tell_by"):
            raise self.says
        return getattr(self.real, name)


@pytest.fixture
def vaults(tmp_path: Path) -> list[Sometimes]:
    made = []
    for name in "abc":
        (tmp_path / name).mkdir()
        made.append(Sometimes(DirectoryVault(tmp_path / name, immutable=False)))
        made[-1].real.put_document("keys/a.pub.pem", b"as init does", UNTIL)
    return made


@pytest.fixture
def mirror(vaults: list[Any], tmp_path: Path) -> MirrorVault:
    """Sealed when two of three hold it; one that fell silent is asked again when `wake` says so."""
    places = [Place(name, one, tmp_path / "owed" / name) for name, one in zip("abc", vaults, strict=True)]
    return MirrorVault(places, 2)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy"
    path.write_bytes(BODY)
    return path


def holding(vaults: list[Sometimes]) -> list[bool]:
    return [(one.real.root / "objects" / KEY).exists() for one in vaults]


def wake(mirror: MirrorVault) -> None:
    """A minute later."""
    mirror._silent_at.clear()


def read(mirror: MirrorVault) -> bytes:
    with mirror.open(KEY) as file:
        return file.read()


def test_all_hold_it_each_in_a_file_of_its_own(mirror: MirrorVault, vaults: list[Sometimes], copy: Path) -> None:
    mirror.put(KEY, copy, sha256(BODY), UNTIL)
    assert holding(vaults) == [True] * 3
    inodes = {(one.real.root / "objects" / KEY).stat().st_ino for one in vaults}
    assert len(inodes) == 3
    assert [path.name for path in copy.parent.iterdir() if path.is_file()] == []
    assert list(mirror.oddities("originals")) == []


@pytest.mark.parametrize("down", [0, 1, 2])
def test_one_that_is_down_is_owed_it_and_gets_it(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, down: int
) -> None:
    vaults[down].is_down = True
    assert mirror.put(KEY, copy, sha256(BODY), UNTIL).retain_until == UNTIL
    mirror.put_document("acts/a", b"x", UNTIL)
    mirror.extend(KEY, UNTIL + DAY)
    assert holding(vaults) == [number != down for number in range(3)]
    assert read(mirror) == BODY
    assert list(mirror.keys("originals")) == [KEY]
    assert mirror.sweep(datetime.now(UTC)) == 0
    assert [(one.key, one.version) for one in mirror.oddities("originals")] == [("originals", "abc"[down])]
    vaults[down].is_down = False
    wake(mirror)
    assert [(one.key, one.what, one.version) for one in mirror.oddities("originals")] == [(KEY, "missing", "abc"[down])]
    assert mirror.sweep(datetime.now(UTC) - timedelta(hours=1)) == 2
    assert list(mirror.oddities("originals")) == []
    brought = vaults[down].real.find(KEY)
    assert brought is not None
    assert brought.retain_until == UNTIL + DAY
    assert mirror.sweep(datetime.now(UTC) - timedelta(hours=1)) == 0


@pytest.mark.parametrize("refusal", [LockRefused(key="k", expected="a", found="b"), VaultDenied(what="k", reason="no")])
def test_one_that_refuses_a_longer_lock_keeps_nothing_from_the_others(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, monkeypatch: pytest.MonkeyPatch, refusal: StationError
) -> None:
    def refuse(*_: object) -> Stored:
        raise refusal

    mirror.put(KEY, copy, sha256(BODY), UNTIL)
    for number in (0, 2):
        vaults[number].is_down = True
        mirror.extend(KEY, UNTIL + (number + 1) * DAY)
        vaults[number].is_down = False
        wake(mirror)
    with monkeypatch.context() as patch:
        patch.setattr(vaults[0].real, "put", refuse)
        assert mirror.sweep(datetime.now(UTC) - timedelta(hours=1)) == 1
    found = vaults[2].real.find(KEY)
    assert found is not None
    assert found.retain_until == UNTIL + 3 * DAY
    assert mirror.sweep(datetime.now(UTC) - timedelta(hours=1)) == 1, "it was owed all the time"


@pytest.mark.parametrize(
    "refusal",
    [VaultDenied(what="k", reason="ExpiredToken"), BucketUnfit(bucket="b", what="it does not exist", what_zh="")],
    ids=["denied", "unmade"],
)
@pytest.mark.parametrize("away", [0, 1, 2])
def test_one_that_lets_us_in_no_more_counts_as_down(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, away: int, refusal: StationError
) -> None:
    mirror.put_document("acts/before", b"x", UNTIL)
    vaults[away].is_down = True
    vaults[away].says = refusal
    assert mirror.put(KEY, copy, sha256(BODY), UNTIL).retain_until == UNTIL
    wake(mirror)
    assert mirror.find(KEY) is not None
    assert read(mirror) == BODY
    wake(mirror)
    assert list(mirror.keys("originals")) == [KEY]
    wake(mirror)
    assert [(one.key, one.version) for one in mirror.oddities("originals")] == [("originals", "abc"[away])]
    assert mirror.sweep(datetime.now(UTC)) == 0
    vaults[(away + 1) % 3].is_down = True
    wake(mirror)
    with pytest.raises(StationError):
        mirror.put_document("acts/a", b"x", UNTIL)
    vaults[away].is_down = vaults[(away + 1) % 3].is_down = False
    wake(mirror)
    mirror.sweep(datetime.now(UTC))
    assert holding(vaults) == [True] * 3


@pytest.mark.parametrize(
    ("refusal", "is_told"),
    [
        (VaultFull(size_bytes="more"), False),
        (BucketUnfit(bucket="b", what="no lock", what_zh=""), False),
        (KeyTaken(key="k", expected="a", found="b"), True),
    ],
    ids=["full", "unfit", "other bytes"],
)
def test_what_one_cannot_be_brought_is_no_reason_to_bring_the_others_nothing(
    mirror: MirrorVault, vaults: list[Sometimes], monkeypatch: pytest.MonkeyPatch, refusal: StationError, is_told: bool
) -> None:
    def refuse(*_: object) -> Stored:
        raise refusal

    for number in (0, 2):
        vaults[number].is_down = True
        mirror.put_document(f"acts/{number}", b"x", UNTIL)
        vaults[number].is_down = False
        wake(mirror)
    monkeypatch.setattr(vaults[0].real, "put", refuse)
    with pytest.raises(KeyTaken) if is_told else nullcontext():
        mirror.sweep(datetime.now(UTC))
    assert vaults[2].real.find("acts/2") is not None
    assert vaults[0].real.find("acts/0") is None
    assert [note.name for note in mirror.places[0].owed.iterdir()] == ["acts~0"]


@pytest.mark.parametrize("whole", [None, 0, 1])
def test_what_is_damaged_where_it_lies_is_not_brought_to_others(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, whole: int | None
) -> None:
    key = f"originals/{sha256(BODY)[:2]}/{sha256(BODY)}"
    vaults[2].is_down = True
    mirror.put(key, copy, sha256(BODY), UNTIL)
    for number in {0, 1} - {whole}:
        stored = vaults[number].real.root / "objects" / key
        stored.chmod(0o644)
        stored.write_bytes(b"damaged!")
    vaults[2].is_down = False
    with pytest.raises(KeyTaken) if whole is None else nullcontext():
        mirror.sweep(datetime.now(UTC))
    brought = vaults[2].real.find(key)
    assert (brought is not None) == (whole is not None)
    assert (not list(mirror.places[2].owed.iterdir())) == (whole is not None)
    if whole is not None:
        with vaults[2].real.open(key) as file:
            assert file.read() == BODY


def test_two_that_bring_at_once_never_mix_what_they_bring(
    mirror: MirrorVault, vaults: list[Sometimes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dock and a command sweep the same home."""
    vaults[2].is_down = True
    for name in "abcdefgh":
        mirror.put_document(f"acts/{name}", name.encode() * 100_000, UNTIL)
    vaults[2].is_down = False
    copied = shutil.copyfileobj

    def slowly(source: BinaryIO, target: BinaryIO, size_bytes: int) -> None:
        copied(source, target, size_bytes)
        time.sleep(0.02)

    monkeypatch.setattr(shutil, "copyfileobj", slowly)
    others = [MirrorVault(mirror.places, 2) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(lambda one: one.sweep(datetime.now(UTC)), others))
    for name in "abcdefgh":
        with vaults[2].real.open(f"acts/{name}") as file:
            assert file.read() == name.encode() * 100_000


def test_too_few_is_no_success_and_the_next_try_completes_it(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path
) -> None:
    vaults[0].is_down = vaults[1].is_down = True
    with pytest.raises(VaultUnreachable):
        mirror.put(KEY, copy, sha256(BODY), UNTIL)
    vaults[0].is_down = vaults[1].is_down = False
    mirror.put(KEY, copy, sha256(BODY), UNTIL)
    assert not copy.exists()
    assert sum(holding(vaults)) == 2, "one rests, for it did not answer just before"
    mirror.sweep(datetime.now(UTC))
    assert holding(vaults) == [True] * 3


def test_nothing_is_not_there_only_because_nobody_answers(mirror: MirrorVault, vaults: list[Sometimes]) -> None:
    assert mirror.find(KEY) is None
    vaults[0].is_down = True
    assert mirror.find(KEY) is None, "two that answer know of every object"
    assert list(mirror.keys("originals")) == []
    with pytest.raises(NotInVault):
        mirror.open(KEY)
    vaults[1].is_down = True
    for call in (mirror.find, mirror.open, lambda key: list(mirror.keys(key))):
        with pytest.raises(VaultUnreachable):
            call(KEY)


def test_an_empty_folder_where_a_disk_should_be_gets_nothing(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "b").rename(tmp_path / "unmounted")
    (tmp_path / "b").mkdir()
    mirror.put(KEY, copy, sha256(BODY), UNTIL)
    assert holding(vaults) == [True, False, True]
    assert mirror.sweep(datetime.now(UTC)) == 0
    (tmp_path / "b").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "b")
    assert mirror.sweep(datetime.now(UTC)) == 1
    assert holding(vaults) == [True] * 3


def test_a_disk_that_goes_away_later_gets_nothing_in_its_place_either(
    mirror: MirrorVault, vaults: list[Sometimes], copy: Path, tmp_path: Path
) -> None:
    mirror.put_document("acts/a", b"x", UNTIL)
    place = tmp_path / "b"
    place.rename(tmp_path / "unmounted")
    place.mkdir()
    mirror.put(KEY, copy, sha256(BODY), UNTIL)
    assert list(place.iterdir()) == []
    place.rmdir()
    (tmp_path / "unmounted").rename(place)
    wake(mirror)
    assert [(one.key, one.version) for one in mirror.oddities("originals")] == [(KEY, "b")]
    assert mirror.sweep(datetime.now(UTC)) == 1
    assert holding(vaults) == [True] * 3


def test_other_bytes_in_any_of_them_are_shouted_about(mirror: MirrorVault, vaults: list[Sometimes], copy: Path) -> None:
    vaults[1].real.put_document(KEY, b"other", UNTIL)
    with pytest.raises(KeyTaken):
        mirror.put(KEY, copy, sha256(BODY), UNTIL)


def test_what_enough_promise_is_what_is_promised(mirror: MirrorVault, vaults: list[Sometimes]) -> None:
    mirror.put_document(KEY, BODY, UNTIL)
    vaults[0].real.extend(KEY, UNTIL + DAY)
    found = mirror.find(KEY)
    assert found is not None
    assert found.retain_until == UNTIL, "only one of them is locked for longer"
    with pytest.raises(LockTooShort):
        mirror.extend(KEY, UNTIL)


def test_what_nobody_has_cannot_be_lengthened(mirror: MirrorVault) -> None:
    with pytest.raises(NotInVault):
        mirror.extend(KEY, UNTIL)


@pytest.mark.parametrize(
    "rest", ["", "2", "1 folder:a", "3 folder:a folder:b", "0 folder:a folder:b", "x folder:a folder:b",
             "1 folder:a folder:a", "1 folder:a mirror:1 folder:b"],
)  # fmt: skip
def test_what_is_no_mirror_is_refused(tmp_path: Path, rest: str) -> None:
    with pytest.raises(BadAddress):
        BACKEND.open(rest, tmp_path, Options(immutable=False))
