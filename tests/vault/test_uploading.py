"""Uploads in parts: begun again where they broke off, by whatever; swept up; never more memory than a few parts."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.badline import BadLine, Fault
from tests.fakes.waiting import until
from tests.house.tree import ROOT
from tests.vault.stores import QUICK, UNTIL, Store, compliance, sha256
from tests.vault.weed import ACCESS, SECRET, Weed, missing
from vault.errors import CopyDiffers, VaultFull, VaultUnreachable
from vault.s3.store import ObjectVault
from vault.s3.uploading import PART_BYTES
from vault.s3.wire import EMPTY, Answer, Secrets, Wire


def test_an_upload_that_broke_off_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    copy, body = tmp_path / "copy", os.urandom(4 * PART_BYTES + 1)
    copy.write_bytes(body)
    with BadLine(store.upstream, lambda line: Fault("refused") if "partNumber=4" in line else None) as line:
        with pytest.raises(VaultUnreachable):
            store.over(line.endpoint, bucket).put("originals/a", copy, sha256(body), UNTIL)
        assert copy.exists()
        assert len(list(store.bucket(bucket).uploads(""))) == 1
        assert honest.find("originals/a") is None
    with BadLine(store.upstream, lambda line: None) as line:
        store.over(line.endpoint, bucket).put("originals/a", copy, sha256(body), UNTIL)
        sent = [asked for asked in line.asked if "partNumber=" in asked]
    assert 1 <= len(sent) <= 2, sent
    assert "partNumber=4" in sent[0]
    assert list(store.bucket(bucket).uploads("")) == []
    with honest.open("originals/a") as file:
        assert file.read() == body


class FirstPartLast(Wire):
    """The first part is let go when the sixth was asked for, or never."""

    def __init__(self, *handed: Any) -> None:
        super().__init__(*handed)
        self.came = threading.Event()

    def ask(self, method: str, name: str | None, query: Mapping[str, str] = EMPTY, *rest: Any, **more: Any) -> Answer:
        if query.get("partNumber") == "6":
            self.came.set()
        if query.get("partNumber") == "1":
            assert self.came.wait(10), "the others wait for the first"
        return super().ask(method, name, query, *rest, **more)


def test_a_part_that_is_slow_holds_up_no_other(weeds: Store, tmp_path: Path) -> None:
    bucket, honest = weeds.new()
    copy, body = tmp_path / "copy", os.urandom(5 * PART_BYTES + 1)
    copy.write_bytes(body)
    opened = ObjectVault(FirstPartLast(weeds.address(bucket), weeds.lab, QUICK), "COMPLIANCE")
    opened.put("originals/a", copy, sha256(body), UNTIL)
    with honest.open("originals/a") as file:
        assert file.read() == body


def test_parts_of_other_bytes_are_not_taken_for_ours(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    copy, body = tmp_path / "copy", os.urandom(2 * PART_BYTES)
    copy.write_bytes(body)
    attacker = store.bucket(bucket)
    upload = attacker.begin("originals/a", compliance())
    attacker.put_part("originals/a", upload, 1, body[:PART_BYTES])
    attacker.put_part("originals/a", upload, 2, bytes(PART_BYTES))
    attacker.put_part("originals/a", upload, 3, b"more")
    honest.put("originals/a", copy, sha256(body), UNTIL)
    with honest.open("originals/a") as file:
        assert file.read() == body


def test_a_copy_that_changed_in_the_spool_never_becomes_an_object(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    copy = tmp_path / "copy"
    for length in (100, PART_BYTES + 1):
        copy.write_bytes(os.urandom(length))
        with pytest.raises(CopyDiffers):
            honest.put("originals/a", copy, sha256(b"what was hashed"), UNTIL)
        assert copy.exists()
    assert list(store.bucket(bucket).versions("")) == []
    assert list(store.bucket(bucket).uploads("")) == []


def test_the_sweep_spares_what_is_new(store: Store) -> None:
    bucket, honest = store.new()
    store.bucket(bucket).begin("originals/a", compliance())
    assert honest.sweep(datetime.now(UTC) - timedelta(days=1)) == 0
    assert honest.sweep(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert honest.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0


MEMORY_BYTES_MAX = 110 << 20
PUT_ALONE = """
import re, sys
from datetime import datetime
from pathlib import Path
from tests.house.tree import ROOT
from tests.vault.stores import QUICK
from vault.s3.address import parse_address
from vault.s3.store import ObjectVault
from vault.s3.wire import Secrets, Wire
address, access, secret, copy, digest, until = sys.argv[1:]
wire = Wire(parse_address(address, Path("/")), Secrets(access, secret), QUICK)
ObjectVault(wire, "COMPLIANCE").put("originals/a", Path(copy), digest, datetime.fromisoformat(until))
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def put_alone(store: Store, bucket: str, copy: Path, digest: str) -> subprocess.Popen[bytes]:
    """A put in a process of its own."""
    address = f"http://{store.endpoint}/{bucket}"
    arguments = [address, store.lab.access, store.lab.secret, copy, digest, UNTIL.isoformat()]
    line = [sys.executable, "-c", PUT_ALONE, *map(str, arguments)]
    return subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE)


def sparse(copy: Path, size_bytes: int) -> str:
    """A file of nothing but its last byte; its digest."""
    with copy.open("wb") as file:
        file.truncate(size_bytes - 1)
        file.seek(0, os.SEEK_END)
        file.write(b"x")
    with copy.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_memory_does_not_grow_with_the_file(weeds: Store, tmp_path: Path) -> None:
    bucket, honest = weeds.new()
    digest = sparse(tmp_path / "copy", 256 << 20)
    with put_alone(weeds, bucket, tmp_path / "copy", digest) as child:
        said, _ = child.communicate(timeout=110)
    assert honest.find("originals/a") is not None
    assert int(said) << 10 < MEMORY_BYTES_MAX


def test_a_station_killed_while_it_uploads_goes_on(weeds: Store, tmp_path: Path) -> None:
    bucket, honest = weeds.new()
    copy = tmp_path / "copy"
    digest = sparse(copy, 128 << 20)
    with put_alone(weeds, bucket, copy, digest) as child:
        attacker = weeds.bucket(bucket)

        def is_under_way() -> bool:
            assert child.poll() is None, "the upload was over before it could be killed"
            return any(any(attacker.parts(one.name, one.upload)) for one in attacker.uploads(""))

        until(is_under_way, "the first part")
        child.kill()
    assert copy.exists()
    assert honest.find("originals/a") is None
    honest.put("originals/a", copy, digest, UNTIL)
    assert list(honest.oddities("originals")) == []
    assert list(attacker.uploads("")) == []


def test_a_server_killed_while_it_is_written_to_is_waited_for(tmp_path: Path) -> None:
    if reason := missing():
        pytest.skip(reason)
    server = Weed(tmp_path / "own")
    server.start()
    try:
        store = Store(server.endpoint, Secrets(ACCESS, SECRET), Secrets(ACCESS, SECRET))
        bucket, opened = store.new()
        copy = tmp_path / "copy"
        digest = sparse(copy, 64 << 20)
        opened.put_document("acts/a", b"before", UNTIL)

        def kill(line: str) -> None:
            if "partNumber=3" in line:
                server.stop(signal.SIGKILL)

        with BadLine(store.upstream, kill) as line, pytest.raises(VaultUnreachable):
            store.over(line.endpoint, bucket).put("originals/a", copy, digest, UNTIL)
        began = time.monotonic()
        with pytest.raises(VaultUnreachable):
            opened.find("acts/a")
        assert time.monotonic() - began < 10
        server.start()
        opened.put("originals/a", copy, digest, UNTIL)
        with opened.open("acts/a") as file:
            assert file.read() == b"before"
        assert list(opened.oddities("originals")) == []
        assert list(store.bucket(bucket).uploads("")) == []
    finally:
        server.stop(signal.SIGKILL)


def test_a_full_server_seals_nothing(tmp_path: Path) -> None:
    reason = missing() or ("only root may mount" if os.getuid() != 0 else None)
    if reason:
        pytest.skip(reason)
    server = Weed(tmp_path / "own", room_bytes=64 << 20)
    server.start()
    try:
        store = Store(server.endpoint, Secrets(ACCESS, SECRET), Secrets(ACCESS, SECRET))
        _, opened = store.new()
        opened.put_document("acts/a", b"before", UNTIL)
        copy = tmp_path / "copy"
        body = os.urandom(96 << 20)
        copy.write_bytes(body)
        with pytest.raises((VaultFull, VaultUnreachable)):
            opened.put("originals/a", copy, sha256(body), UNTIL)
        assert copy.exists()
        assert opened.find("originals/a") is None
        with opened.open("acts/a") as file:
            assert file.read() == b"before"
    finally:
        server.stop(signal.SIGKILL)


@pytest.mark.parametrize("length", [100, PART_BYTES + 1], ids=["whole", "in parts"])
def test_two_stations_that_put_the_same_at_once_both_succeed(store: Store, tmp_path: Path, length: int) -> None:
    bucket, honest = store.new()
    body = os.urandom(length)
    copies = [tmp_path / name for name in ("one", "two")]
    for copy in copies:
        copy.write_bytes(body)
    with ThreadPoolExecutor(2) as pool:
        stations = [store.over(store.endpoint, bucket) for _ in copies]
        puts = [
            pool.submit(station.put, "originals/a", copy, sha256(body), UNTIL)
            for station, copy in zip(stations, copies, strict=True)
        ]
        stored = [put.result() for put in puts]
    assert stored[0] == stored[1] == honest.find("originals/a")
    with honest.open("originals/a") as file:
        assert file.read() == body
    assert list(store.bucket(bucket).uploads("")) == []
