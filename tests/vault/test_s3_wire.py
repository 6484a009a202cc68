"""The wire to an S3 server: every failure in words, within its time; who is believed and who may do what."""

from __future__ import annotations

import io
import os
import random
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.station_error import StationError
from tests.fakes.answering import answer, answering, error
from tests.fakes.badline import BadLine, Fault
from tests.vault.stores import QUICK, UNTIL, Store
from tests.vault.weed import Weed
from vault.backends.s3 import BACKEND
from vault.contract import Options, no_secret
from vault.errors import BucketUnfit, NotInVault, SecretMissing, VaultDenied, VaultFull, VaultUnreachable
from vault.s3.address import parse_address
from vault.s3.bucket import Bucket
from vault.s3.reading import digest_of
from vault.s3.store import ObjectVault
from vault.s3.wire import Patience, Secrets, Wire

SHORT = Patience(connect_s=0.5, answer_s=0.5, budget_s=2, tries=3, pause_s=0.01)
SOME = Secrets("a-key", "a-secret")


def vault_at(endpoint: str, patience: Patience = SHORT, secrets: Secrets = SOME) -> ObjectVault:
    return ObjectVault(
        Wire(parse_address(f"http://{endpoint}/some-bucket", Path("/")), secrets, patience), "COMPLIANCE"
    )


@pytest.mark.parametrize(
    ("said", "drip_s"),
    [
        (b"", 0),
        (b"SSH-2.0-OpenSSH\r\n", 0),
        (answer("200 OK", b"<html>portal</html>"), 0),
        (answer("200 OK", b"<ListVersionsResult/>", length=500), 0),
        (answer("200 OK", b" " * 4000), 0.01),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 4000, 0.01),
        (answer("500 Internal", error("InternalError")), 0),
        (answer("503 Slow Down", b""), 0),
        (answer("509 Bandwidth Limit Exceeded", b""), 0),
        (answer("522 Origin Away", b""), 0),
        (answer("103 Early Hints", b"").replace(b"Content-Length: 0\r\n", b"Link: </a>\r\n"), 0),
        (answer("400 Bad Request", error("XAmzContentChecksumMismatch")), 0),
        (answer("409 Conflict", error("OperationAborted")), 0),
        (answer("400 Bad Request", error("MalformedXML")), 0),
        (answer("200 OK", b"<ListVersionsResult>" + b"<a/>" * (2 << 20) + b"</ListVersionsResult>"), 0),
    ],
    ids=[
        "silent",
        "not http",
        "a portal",
        "cut off",
        "drop by drop",
        "no end of its head",
        "broken inside",
        "busy",
        "too much",
        "a gateway's own",
        "a hint",
        "damaged on its way",
        "another in its way",
        "another body came",
        "huge",
    ],
)
def test_a_server_that_does_not_do_its_work_is_unreachable_in_time(said: bytes, drip_s: float) -> None:
    began = time.monotonic()
    with answering(said, drip_s) as endpoint, pytest.raises(VaultUnreachable):
        vault_at(endpoint).find("acts/a")
    assert time.monotonic() - began < 3 * SHORT.budget_s + 3


@pytest.mark.parametrize("marker", [b"", b"<NextPartNumberMarker>7</NextPartNumberMarker>"], ids=["none", "the same"])
def test_parts_that_never_end_are_not_listed_for_ever(marker: bytes) -> None:
    said = answer("200 OK", b"<ListPartsResult><IsTruncated>true</IsTruncated>" + marker + b"</ListPartsResult>")
    with answering(said, pieces=2) as endpoint, pytest.raises(VaultUnreachable, match="to an end"):
        list(Bucket(Wire(parse_address(f"http://{endpoint}/some-bucket", Path("/")), SOME, SHORT)).parts("a", "u"))


def test_an_answer_in_pieces_is_not_waited_for() -> None:
    """As Ceph sends its listings: what acknowledges the first piece late gets the second 40 ms later."""
    body = b"<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"
    with answering(answer("200 OK", body), pieces=2) as endpoint:
        opened, took = vault_at(endpoint, QUICK), list[float]()
        for _ in range(40):
            began = time.monotonic()
            assert opened.find("acts/a") is None
            took.append(time.monotonic() - began)
    assert sorted(took)[10] < 0.03, took


def test_no_server_at_all_is_unreachable_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
    began = time.monotonic()
    with pytest.raises(VaultUnreachable, match="refused"):
        vault_at(f"{host}:{port}").put_document("acts/a", b"x", UNTIL)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        ("403 Forbidden", "SignatureDoesNotMatch", VaultDenied),
        ("403 Forbidden", "RequestTimeTooSkewed", VaultDenied),
        ("403 Forbidden", "AccessDenied", VaultDenied),
        ("404 Not Found", "NoSuchBucket", BucketUnfit),
        ("507 Insufficient Storage", "InsufficientStorage", VaultFull),
        ("403 Forbidden", "QuotaExceeded", VaultFull),
        ("507 Insufficient Storage", "XMinioStorageFull", VaultFull),
        ("400 Bad Request", "XMinioAdminBucketQuotaExceeded", VaultFull),
        ("400 Bad Request", "ExpiredToken", VaultDenied),
        ("301 Moved Permanently", "PermanentRedirect", VaultDenied),
    ],
)
def test_a_refusal_is_told_as_what_it_means(status: str, code: str, wanted: type[StationError]) -> None:
    with answering(answer(status, error(code))) as endpoint, pytest.raises(wanted):
        vault_at(endpoint).find("acts/a")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("400 Bad Request", "ExpiredToken"),
        ("400 Bad Request", "AuthorizationHeaderMalformed"),
        ("400 Bad Request", "UnknownToUs"),
        ("301 Moved Permanently", "PermanentRedirect"),
        ("307 Temporary Redirect", "TemporaryRedirect"),
    ],
)
def test_a_refusal_is_never_told_as_a_bucket_without_lock(status: str, code: str) -> None:
    said = answer(status, error(code), head="x-amz-bucket-region: eu-west-9\r\n")
    with answering(said) as endpoint, pytest.raises(VaultDenied, match=code) as denied:
        vault_at(endpoint).put_document("acts/a", b"x", UNTIL)
    assert status.startswith("4") or "eu-west-9" in denied.value.message()


def test_an_object_without_end_is_not_read_for_ever() -> None:
    said = answer("200 OK", b"x" * 100, length=1 << 50)
    with answering(said) as endpoint, pytest.raises(VaultUnreachable, match="100 bytes came, not 10"):
        digest_of(Wire(parse_address(f"http://{endpoint}/some-bucket", Path("/")), SOME, SHORT), "a", "v", 10)


def test_a_wrong_key_is_said_so_and_never_shown(weeds: Store) -> None:
    wrong = Secrets(weeds.lab.access, "not-the-secret-at-all")
    assert wrong.secret not in repr(wrong)
    with pytest.raises(VaultDenied) as denied:
        vault_at(weeds.endpoint, QUICK, wrong).put_document("acts/a", b"x", UNTIL)
    assert wrong.secret not in str(denied.value)


def test_a_bucket_that_is_not_there_is_said_so_and_made_only_when_asked(weeds: Store) -> None:
    opened = vault_at(weeds.endpoint, QUICK, weeds.lab)
    with pytest.raises(BucketUnfit):
        opened.find("acts/a")
    with pytest.raises(BucketUnfit):
        opened.put_document("acts/a", b"x", UNTIL)
    opened.make()
    assert opened.find("acts/a") is None


def test_a_key_that_may_only_write_and_read_is_enough(weeds: Store) -> None:
    bucket, _ = weeds.new()
    writer = ObjectVault(Wire(weeds.address(bucket), weeds.writer, QUICK), "COMPLIANCE")
    stored = writer.put_document("acts/a", b"x", UNTIL)
    assert writer.find("acts/a") == stored
    assert writer.extend("acts/a", UNTIL + timedelta(days=1)).version == stored.version
    assert list(writer.keys("acts")) == ["acts/a"]
    assert list(writer.oddities("acts")) == []


def test_a_server_is_believed_by_its_ca_and_by_nothing_else(weed: Weed, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(weed.ca.read_bytes())
    rest = f"https://127.0.0.1:{weed.ports['https']}/over-tls"
    options = Options(immutable=False, secret=weed.secret, make=True)
    opened = BACKEND.open(f"{rest}?ca=ca.pem", tmp_path, options)
    opened.put_document("acts/a", b"x", UNTIL)
    with opened.open("acts/a") as file:
        assert file.read() == b"x"
    with pytest.raises(VaultUnreachable, match="CA file"):
        BACKEND.open(f"{rest}?ca=none.pem", tmp_path, options)
    strangers = ObjectVault(Wire(parse_address(rest, tmp_path), Secrets("a", "b"), SHORT), "COMPLIANCE")
    with pytest.raises(VaultUnreachable, match="certificate"):
        strangers.find("acts/a")


def test_no_credentials_no_vault(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing):
        BACKEND.open("https://host/bucket", tmp_path, Options(immutable=False, secret=no_secret))


@pytest.fixture
def long_object(store: Store) -> tuple[str, bytes]:
    """An object of some windows."""
    bucket, opened = store.new()
    body = os.urandom((7 << 20) + 3)
    opened.put_document("originals/a", body, UNTIL)
    return bucket, body


def test_an_object_is_read_and_sought_in_as_a_file(store: Store, long_object: tuple[str, bytes]) -> None:
    bucket, body = long_object
    chance, plain = random.Random(1), io.BytesIO(body)
    with store.over(store.endpoint, bucket).open("originals/a") as file:
        for _ in range(60):
            where = chance.choice([(chance.randrange(len(body) + 9), 0), (chance.randrange(9999), 1), (-3, 2), (0, 0)])
            assert file.seek(*where) == plain.seek(*where)
            size_bytes = chance.choice([0, 1, 1000, 1 << 20])
            assert file.read(size_bytes) == plain.read(size_bytes)
            assert file.tell() == plain.tell()
        file.seek(5)
        assert file.read() == body[5:]


@pytest.mark.parametrize("kind", ["cut down", "lost", "refused", "busy"])
def test_reading_goes_on_where_the_line_broke(store: Store, long_object: tuple[str, bytes], kind: str) -> None:
    bucket, body = long_object
    broken = iter([None, None, *[Fault(kind, 300_000)] * 3])
    with BadLine(store.upstream, lambda line: next(broken, None)) as line:
        with store.over(line.endpoint, bucket).open("originals/a") as file:
            assert file.read() == body
        assert line.done[kind] == 3


def test_what_is_not_there_is_not_opened(store: Store) -> None:
    _, opened = store.new()
    with pytest.raises(NotInVault):
        opened.open("originals/a")


def test_an_object_that_vanishes_while_it_is_read_is_said_so(weeds: Store) -> None:
    bucket, opened = weeds.new()
    attacker = weeds.bucket(bucket)
    attacker.wire.ask("PUT", "originals/a", body=os.urandom(5 << 20))
    with opened.open("originals/a") as file:
        assert len(file.read(1000)) == 1000
        (version,) = attacker.history("originals/a")
        attacker.remove(version.name, version.version)
        with pytest.raises(VaultDenied, match=r"NoSuchKey|NoSuchVersion|404"):
            file.read()


def test_more_keys_than_a_page_are_listed_in_order(store: Store) -> None:
    bucket, opened = store.new()
    attacker = store.bucket(bucket)
    names = [f"acts/{number:05}" for number in range(1234)]
    for name in names:
        attacker.wire.ask("PUT", name, body=b"x")
    attacker.wire.ask("PUT", "acts-not", body=b"x")
    for name in names[::100]:
        attacker.wire.ask("DELETE", name)
    assert list(opened.keys("acts")) == names
    assert len(list(opened.oddities("acts"))) == len(names[::100])
