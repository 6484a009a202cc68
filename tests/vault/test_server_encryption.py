"""Encryption by the server (SSE-S3): asked for, read back, and refused where the server ignores it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.vault.stores import UNTIL, Lossy, Store, sha256
from vault.contract import Vault
from vault.errors import BadAddress, BucketUnfit, VaultDenied, VaultUnreachable
from vault.s3.address import parse_address
from vault.s3.bucket import ENCRYPTION
from vault.s3.store import ObjectVault
from vault.s3.wire import EMPTY, Answer, Patience, Wire

QUICK = Patience(connect_s=2, answer_s=5, budget_s=20, tries=4, pause_s=0.02)
BODY = b"document"


class Overheard(Wire):
    """The real server; what was asked of it for encryption is kept."""

    asked: tuple[tuple[str, str], ...] = ()

    def ask(
        self,
        method: str,
        name: str | None,
        query: Mapping[str, str] = EMPTY,
        headers: Mapping[str, str] = EMPTY,
        body: bytes = b"",
        *,
        once: bool = False,
    ) -> Answer:
        """As the real one."""
        if ENCRYPTION in headers:
            self.asked += ((method, "uploads" if "uploads" in query else "whole"),)
        return super().ask(method, name, query, headers, body, once=once)


def encrypting(store: Store) -> tuple[Vault, Overheard]:
    bucket = f"sse-{uuid.uuid4().hex[:12]}"
    address = parse_address(f"http://{store.endpoint}/{bucket}?sse=s3", Path("/"))
    wire = Overheard(address, store.lab, QUICK)
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
    assert set(wire.asked) == {("PUT", "whole"), ("POST", "uploads")}
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
