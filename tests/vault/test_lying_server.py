"""Answers that lie, over a line to a real server: another version's, another range, a yes that means no; odd names."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from minio import Minio

from tests.fakes.answering import answer, error
from tests.fakes.badline import BadLine, Fault
from tests.vault.stores import UNTIL, Store, compliance, sha256
from vault.errors import VaultDenied, VaultUnreachable
from vault.s3.uploading import MEBIBYTE, PART_BYTES, Copy

STRANGERS = ["acts/a b", "acts/a+b", "acts/a%20b", "acts/\x01a", "acts/\u5f55", "acts//a", "acts/.a"]


@pytest.mark.parametrize("asked", ["HEAD /", "GET /"])
def test_what_is_told_of_another_version_is_not_believed(store: Store, asked: str) -> None:
    bucket, _ = store.new()
    other = Fault("reworded", pattern=rb"\r\n\r\n", says=rb"\r\nx-amz-version-id: another\r\n\r\n")
    with BadLine(store.upstream, lambda line: other if asked in line and "?versionId=" in line else None) as line:
        with pytest.raises(VaultUnreachable, match="another"):
            store.over(line.endpoint, bucket).put_document("acts/a", b"x", UNTIL)
        assert line.done["reworded"] > 0


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (rb"(?i)(content-range: bytes )5-", rb"\g<1>4-"),
        (rb"(?i)content-range", b"x-was-range"),
        (rb"(?i)(http/1\.. )206", rb"\g<1>200"),
    ],
    ids=["another", "none", "all"],
)
def test_another_range_is_not_taken_for_what_was_asked(store: Store, pattern: bytes, says: bytes) -> None:
    bucket, honest = store.new()
    honest.put_document("originals/a", os.urandom(2 * MEBIBYTE), UNTIL)
    other = Fault("reworded", pattern=pattern, says=says)
    with BadLine(store.upstream, lambda line: other if line.startswith("GET") else None) as line:
        with store.over(line.endpoint, bucket).open("originals/a") as file:
            file.seek(5)
            with pytest.raises(VaultUnreachable, match="was answered with"):
                file.read(100)
        assert line.done["reworded"] > 0


def test_a_yes_that_says_the_upload_is_gone_begins_anew(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    copy, body = tmp_path / "copy", os.urandom(PART_BYTES + MEBIBYTE)
    copy.write_bytes(body)
    lies = iter([Fault("said", says=answer("200 OK", error("InvalidPart")))])
    is_joining = "POST /{}/originals/a?uploadId"
    with BadLine(store.upstream, lambda line: next(lies, None) if is_joining.format(bucket) in line else None) as line:
        store.over(line.endpoint, bucket).put("originals/a", copy, sha256(body), UNTIL)
        assert line.done["said"] == 1
        assert len([asked for asked in line.asked if "?uploads= " in asked]) == 2
    with honest.open("originals/a") as file:
        assert file.read() == body
    assert list(store.bucket(bucket).uploads("")) == []


def test_a_yes_that_means_an_error_is_asked_again(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    copy, body = tmp_path / "copy", os.urandom(PART_BYTES + MEBIBYTE)
    copy.write_bytes(body)
    lies = iter([Fault("said", says=answer("200 OK", b"  \n" + error("InternalError")))])
    with BadLine(
        store.upstream, lambda line: next(lies, None) if "POST" in line and "uploadId" in line else None
    ) as line:
        store.over(line.endpoint, bucket).put("originals/a", copy, sha256(body), UNTIL)
        assert line.done["said"] == 1
    assert honest.find("originals/a") is not None


def test_a_key_that_may_not_give_uploads_up_still_puts_and_sweeps_what_it_may(store: Store, tmp_path: Path) -> None:
    bucket, honest = store.new()
    attacker = store.bucket(bucket)
    attacker.begin("originals/a", compliance())
    attacker.begin("originals/a", compliance())
    attacker.begin("originals/b", compliance())
    copy, body = tmp_path / "copy", os.urandom(PART_BYTES + MEBIBYTE)
    copy.write_bytes(body)
    no = Fault("said", says=answer("403 Forbidden", error("AccessDenied")))
    with BadLine(store.upstream, lambda line: no if "DELETE" in line and "/originals/a?" in line else None) as line:
        denied = store.over(line.endpoint, bucket)
        assert denied.put("originals/a", copy, sha256(body), UNTIL) == honest.find("originals/a")
        with pytest.raises(VaultDenied):
            denied.sweep(datetime.now(UTC) + timedelta(hours=1))
        assert line.done["said"] > 0
    assert {upload.name for upload in attacker.uploads("")} == {"originals/a"}


def test_names_that_are_no_keys_hide_nothing_and_are_told(store: Store) -> None:
    bucket, opened = store.new()
    stored = opened.put_document("acts/a", b"x", UNTIL)
    stranger = Minio(store.endpoint, store.lab.access, store.lab.secret, secure=False, region="us-east-1")
    for name in STRANGERS:
        stranger.put_object(bucket, name, io.BytesIO(b"y"), 1)
    assert list(opened.keys("acts")) == ["acts/a"]
    assert [opened.find(key) for key in opened.keys("acts")] == [stored]
    told = [oddity for oddity in opened.oddities("acts") if oddity.what == "added"]
    assert len(told) == len(STRANGERS)
    assert all(oddity.key.isprintable() and oddity.key.isascii() for oddity in told)


@pytest.mark.parametrize("size_gb", [0.01, 1, 80, 300, 500])
def test_parts_in_memory_stay_few_however_large_the_file(size_gb: float) -> None:
    copy = Copy(Path("copy"), int(size_gb * 1e9), "")
    assert copy.size_bytes / copy.part_bytes <= 10_000
    assert copy.workers >= 1
    assert (copy.workers + 1) * copy.part_bytes <= 128 * MEBIBYTE
