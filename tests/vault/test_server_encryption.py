"""Encryption by the server (SSE-S3): asked for, read back, and refused where the server ignores it."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

import pytest

from tests.vault.stores import QUICK, UNTIL, Lossy, Store, sha256
from vault.contract import Vault
from vault.errors import BadAddress, BucketUnfit, VaultDenied, VaultUnreachable
from vault.s3.address import parse_address
from vault.s3.bucket import ENCRYPTION
from vault.s3.store import ObjectVault

BODY = b"document"


def encrypting(store: Store) -> tuple[Vault, Lossy]:
    bucket = f"sse-{uuid.uuid4().hex[:12]}"
    address = parse_address(f"http://{store.endpoint}/{bucket}?sse=s3", Path("/"))
    wire = Lossy(address, store.lab, QUICK)
    opened = ObjectVault(wire, "COMPLIANCE")
    opened.make()
    return opened, wire


def test_both_ways_of_putting_ask_for_it_and_it_is_read_back(
    store: Store, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    opened, wire = encrypting(store)
    try:
        opened.put_document("keys/a", BODY, UNTIL)
    except (BucketUnfit, VaultDenied, VaultUnreachable) as error:
        assert "weed" not in request.node.name, "SeaweedFS can"
        pytest.skip(f"this server does not encrypt: {error}")
    body = secrets.token_bytes(17_000_000)
    (tmp_path / "copy").write_bytes(body)
    opened.put("originals/x", tmp_path / "copy", sha256(body), UNTIL)
    asked = {(method, "uploads" in query) for method, query, headers in wire.heard if ENCRYPTION in headers}
    assert asked == {("PUT", False), ("POST", True)}
    for key, wanted in (("keys/a", BODY), ("originals/x", body)):
        with opened.open(key) as file:
            assert file.read() == wanted


def test_a_server_that_drops_it_is_refused_and_nothing_else_changes(weeds: Store) -> None:
    bucket, plain = weeds.new()
    address = parse_address(f"http://{weeds.endpoint}/{bucket}?sse=s3", Path("/"))
    deaf = Lossy(address, weeds.lab, QUICK)
    deaf.asks_without = (ENCRYPTION,)
    with pytest.raises(BucketUnfit, match="sse=s3 was asked for"):
        ObjectVault(deaf, "COMPLIANCE").put_document("keys/a", BODY, UNTIL)
    assert deaf.dropped == 1
    assert plain.put_document("keys/b", BODY, UNTIL).size_bytes == len(BODY)


def test_another_kind_is_no_address() -> None:
    with pytest.raises(BadAddress):
        parse_address("https://host/bucket?sse=aws:kms", Path("/"))
    assert not parse_address("https://host/bucket", Path("/")).is_encrypting
