"""Time stamps of a real authority: kept as they came, checked by us and by OpenSSL, and no forged one believed."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.vault.authority import TestAuthority, openssl
from vault.errors import TimestampBad, TimestampUnreachable
from vault.timestamp import Authority, read_roots

DOCUMENT = b"a manifest"


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture
def authority(maker: TestAuthority) -> Iterator[Authority]:
    maker.harm = None
    with maker.serving() as url:
        yield maker.authority(url)


def test_a_stamp_is_checked_by_us_and_by_openssl(authority: Authority, maker: TestAuthority, tmp_path: Path) -> None:
    stamp = authority.stamp(DOCUMENT)
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert authority.check(stamp.body, DOCUMENT) == stamp
    for name, body in (("document", DOCUMENT), ("stamp.tsr", stamp.body), ("other", b"x")):
        (tmp_path / name).write_bytes(body)
    verify = ("ts", "-verify", "-in", tmp_path / "stamp.tsr", "-CAfile", maker.folder / "ca.pem")
    assert openssl(*verify, "-data", tmp_path / "document").replace(b"Verification: OK\n", b"") == b""
    wrong = ["openssl", *map(str, verify), "-data", str(tmp_path / "other")]
    assert subprocess.run(wrong, capture_output=True, check=False).returncode != 0


def flipped(body: bytes) -> bytes:
    """One bit of the signature at the end."""
    return body[:-5] + bytes([body[-5] ^ 1]) + body[-4:]


@pytest.mark.parametrize(
    "harm",
    [lambda _: b"", lambda _: b"<html>", lambda body: body[:-1], lambda body: body + b"\0", flipped],
    ids=["empty", "a page", "cut", "longer", "flipped"],
)
def test_what_is_no_stamp_is_not_kept(
    authority: Authority, maker: TestAuthority, harm: Callable[[bytes], bytes]
) -> None:
    maker.harm = harm(authority.stamp(DOCUMENT).body)
    with pytest.raises(TimestampBad):
        authority.stamp(DOCUMENT)


def test_a_stamp_over_something_else_or_from_before_is_not_believed(authority: Authority, maker: TestAuthority) -> None:
    stamp = authority.stamp(DOCUMENT)
    with pytest.raises(TimestampBad):
        authority.check(stamp.body, b"another manifest")
    maker.harm = stamp.body  # an old answer, sent again: its nonce is not ours
    with pytest.raises(TimestampBad, match=r"[Nn]once"):
        authority.stamp(DOCUMENT)


def test_a_stamp_by_another_authority_is_not_believed(authority: Authority, tmp_path: Path) -> None:
    other = TestAuthority(tmp_path / "other")
    with pytest.raises(TimestampBad):
        Authority(authority.url, other.roots).stamp(DOCUMENT)


def test_stamps_of_the_authority_before_are_believed_while_its_root_is_kept(
    authority: Authority, maker: TestAuthority, tmp_path: Path
) -> None:
    old, new = authority.stamp(DOCUMENT), TestAuthority(tmp_path / "new")
    (tmp_path / "both.pem").write_bytes(b"".join((one.folder / "ca.pem").read_bytes() for one in (new, maker)))
    with new.serving() as url:
        both = Authority(url, read_roots(tmp_path / "both.pem"))
        fresh = both.stamp(DOCUMENT)
        assert both.check(fresh.body, DOCUMENT) == fresh
        assert both.check(old.body, DOCUMENT) == old
        with pytest.raises(TimestampBad):
            new.authority(url).check(old.body, DOCUMENT)


@pytest.mark.parametrize(
    "before", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b""], ids=["in its answer", "before it"]
)
def test_an_authority_that_drips_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    """A byte every now and then never lets the wait for a single read run out."""
    monkeypatch.setattr("vault.timestamp.ANSWER_S_MAX", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:

        def drip() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.sendall(before)
                for _ in range(40):
                    line.sendall(b"x")
                    time.sleep(0.25)

        dripping, began = pool.submit(drip), time.monotonic()
        with pytest.raises(TimestampUnreachable, match="within 1 s"):
            Authority(f"http://127.0.0.1:{server.getsockname()[1]}/", ()).stamp(DOCUMENT)
        assert time.monotonic() - began < 8
        dripping.result()


def test_an_authority_that_is_away_is_said_so(tmp_path: Path, maker: TestAuthority) -> None:
    with maker.serving() as url:
        pass
    with pytest.raises(TimestampUnreachable):
        Authority(url, maker.roots).stamp(DOCUMENT)
    with pytest.raises(TimestampBad):
        read_roots(tmp_path / "none.pem")
    assert read_roots(maker.folder / "ca.pem") == maker.roots
