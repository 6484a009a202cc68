"""A mirror of a folder and two buckets of a real server, one of them over a bad line: SeaweedFS, and Ceph if slow."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.badline import BadLine, Fault, random_faults
from tests.vault.stores import DAY, UNTIL, Store, compliance, sha256
from vault.backends.directory import DirectoryVault
from vault.backends.mirror import MirrorVault, Place
from vault.contract import Vault
from vault.errors import KeyTaken, VaultUnreachable
from vault.s3.store import ObjectVault
from vault.s3.uploading import PART_BYTES
from vault.s3.wire import Patience

HASTY = Patience(connect_s=1, answer_s=2, budget_s=4, tries=2, pause_s=0.02)
OBJECTS = 12


@dataclass
class Plan:
    """What befalls the line to the second bucket: nothing, all of it, or now and then something."""

    kind: str = "none"

    def __call__(self, line: str) -> Fault | None:
        """See `tests.fakes.badline.BadLine`."""
        if self.kind == "away":
            return Fault("refused")
        return self.faults(line) if self.kind == "bad" else None

    def __post_init__(self) -> None:
        """Faults are the same in every run."""
        self.faults = random_faults(7, 0.2, PART_BYTES)


@dataclass(frozen=True)
class Three:
    """The mirror, its vaults over good lines, and the line that can be made bad."""

    mirror: MirrorVault
    honest: tuple[DirectoryVault, ObjectVault, ObjectVault]
    plan: Plan
    store: Store
    buckets: tuple[str, str]

    def wake(self) -> None:
        """A minute later."""
        self.mirror._silent_at.clear()

    def digests(self, key: str) -> list[str | None]:
        """What each vault has."""
        found = list[str | None]()
        for one in self.honest:
            if one.find(key) is None:
                found.append(None)
            else:
                with one.open(key) as file:
                    found.append(sha256(file.read()))
        return found


@pytest.fixture
def three(store: Store, tmp_path: Path) -> Iterator[Three]:
    (tmp_path / "a").mkdir()
    folder = DirectoryVault(tmp_path / "a", immutable=False)
    (near, first), (far, second) = store.new(), store.new()
    for one in (folder, first, second):
        one.put_document("keys/a.pub.pem", b"as init does", UNTIL)
    plan = Plan()
    with BadLine(store.upstream, plan, silence_s=2.5) as line:
        vaults: tuple[Vault, ...] = (folder, first, store.over(line.endpoint, far, HASTY))
        places = [Place(name, one, tmp_path / "owed" / name) for name, one in zip("abc", vaults, strict=True)]
        yield Three(MirrorVault(places, 2), (folder, first, second), plan, store, (near, far))


def put(three: Three, folder: Path, body: bytes) -> str:
    path = folder / "copy"
    path.write_bytes(body)
    key = f"originals/{sha256(body)[:2]}/{sha256(body)}"
    assert three.mirror.put(key, path, sha256(body), UNTIL).retain_until == UNTIL
    assert not path.exists()
    return key


def bodies() -> Iterator[bytes]:
    chance = random.Random(3)
    for number in range(OBJECTS):
        yield chance.randbytes(PART_BYTES + 5 if number == 4 else 1 + chance.randrange(80_000))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["away", "bad"])
def test_what_a_server_on_a_bad_line_lacks_is_brought_once_it_answers(three: Three, tmp_path: Path, kind: str) -> None:
    three.plan.kind = kind
    keys = []
    for body in bodies():
        keys.append(put(three, tmp_path, body))
        if kind == "bad":
            three.wake()
    for key in keys:
        assert three.digests(key)[:2] == [key.rpartition("/")[2]] * 2, "sealed: two hold it, whatever the third"
        assert three.mirror.extend(key, UNTIL + DAY).retain_until == UNTIL + DAY
    if kind == "away":
        assert [three.digests(key)[2] for key in keys] == [None] * OBJECTS
    three.plan.kind = "none"
    three.wake()
    three.mirror.sweep(datetime.now(UTC) - timedelta(hours=1))
    assert list(three.mirror.oddities("originals")) == []
    assert list(three.mirror.keys("originals")) == sorted(keys)
    for key in keys:
        assert three.digests(key) == [key.rpartition("/")[2]] * 3
        for bucket, vault in zip(three.buckets, three.honest[1:], strict=True):
            stored = vault.find(key)
            assert stored is not None
            assert three.store.bucket(bucket).head(key, stored.version).lock == compliance(UNTIL + DAY)
    assert [path for path in (tmp_path / "owed").rglob("*") if path.is_file()] == []
    for bucket, vault in zip(three.buckets, three.honest[1:], strict=True):
        vault.sweep(datetime.now(UTC) + timedelta(hours=1))
        assert list(three.store.bucket(bucket).uploads("")) == []


def test_other_bytes_in_one_of_the_buckets_are_shouted_about(three: Three, tmp_path: Path) -> None:
    key = f"originals/{uuid.uuid4().hex}"
    three.honest[2].put_document(key, b"other", UNTIL)
    with pytest.raises(KeyTaken):
        three.mirror.put_document(key, b"evidence", UNTIL)


def test_with_too_few_nothing_is_sealed(three: Three, tmp_path: Path) -> None:
    three.plan.kind = "away"
    (tmp_path / "a").rename(tmp_path / "unmounted")
    (tmp_path / "a").mkdir()
    (tmp_path / "copy").write_bytes(b"evidence")
    key = f"originals/{sha256(b'evidence')[:2]}/{sha256(b'evidence')}"
    with pytest.raises(VaultUnreachable):
        three.mirror.put(key, tmp_path / "copy", sha256(b"evidence"), UNTIL)
    assert (tmp_path / "copy").read_bytes() == b"evidence"
    assert list((tmp_path / "a").iterdir()) == []
    (tmp_path / "a").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "a")
    three.plan.kind = "none"
    three.wake()
    three.mirror.put(key, tmp_path / "copy", sha256(b"evidence"), UNTIL)
    assert three.digests(key) == [sha256(b"evidence")] * 3


def test_a_damaged_copy_in_a_bucket_is_mended_beside_it(three: Three, tmp_path: Path) -> None:
    """Damage no test can do to a server's disk: a version of other bytes, locked before the right one came."""
    body = b"evidence" * 1000
    key = f"originals/{sha256(body)[:2]}/{sha256(body)}"
    three.honest[1].put_document(key, b"damaged", UNTIL)
    (tmp_path / "copy").write_bytes(body)
    (_, near) = three.mirror.copies()[1]
    near.repair(key, tmp_path / "copy", sha256(body), UNTIL)
    with near.open(key) as file:
        assert file.read() == body
    assert [one.what for one in near.oddities("originals")] == ["mended"]
