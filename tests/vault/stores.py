"""Real S3 servers as the tests of the vault know them, and vaults on them with the patience of a test."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vault.s3.address import Address, parse_address
from vault.s3.bucket import Bucket
from vault.s3.responses import Lock
from vault.s3.store import ObjectVault
from vault.s3.wire import EMPTY, Answer, Patience, Secrets, Wire

QUICK = Patience(connect_s=2, answer_s=5, budget_s=20, tries=4, pause_s=0.02)
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Store:
    """A server, who may do all on it, and who may only write and read."""

    endpoint: str
    lab: Secrets
    writer: Secrets
    buckets: dict[str, str] = field(default_factory=dict)

    def address(self, bucket: str, endpoint: str | None = None) -> Address:
        """A bucket on it, straight or through a proxy."""
        return parse_address(f"http://{endpoint or self.endpoint}/{bucket}", Path("/"))

    def new(self) -> tuple[str, ObjectVault]:
        """A fresh bucket with lock, and a vault on it."""
        bucket = f"matrix-{uuid.uuid4().hex[:12]}"
        opened = ObjectVault(self.wire(bucket), "COMPLIANCE")
        opened.make()
        return bucket, opened

    def wire(self, bucket: str, patience: Patience = QUICK) -> Wire:
        """Requests of the one who may do all."""
        return Wire(self.address(bucket), self.lab, patience)

    @property
    def upstream(self) -> tuple[str, int]:
        """Host and port, for a proxy."""
        host, _, port = self.endpoint.partition(":")
        return host, int(port)

    def over(self, endpoint: str, bucket: str, patience: Patience = QUICK) -> ObjectVault:
        """A vault that reaches the bucket through a proxy."""
        return ObjectVault(Wire(self.address(bucket, endpoint), self.lab, patience), "COMPLIANCE")

    def bucket(self, bucket: str) -> Bucket:
        """The verbs of the one who may do all: the attacker."""
        return Bucket(self.wire(bucket))


class Lossy(Wire):
    """A server that drops things: headers of requests, whole requests it says yes to, headers of answers.

    Contract: only what is named is dropped; everything else goes to the real server and comes back unchanged. What was
    asked is kept in `heard`: method, names of the query, names of the headers.
    """

    asks_without: tuple[str, ...] = ()
    answers_without: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    dropped = 0
    heard: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = ()

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
        """As the real one, less what is dropped."""
        self.heard += ((method, frozenset(query), frozenset(headers)),)
        if method == "PUT" and set(self.ignores) & set(query):
            self.dropped += 1
            return Answer(200, {}, b"")
        kept = {key: value for key, value in headers.items() if not key.startswith(self.asks_without)}
        answer = super().ask(method, name, query, kept, body, once=once)
        told = {key: value for key, value in answer.headers.items() if not key.startswith(self.answers_without)}
        self.dropped += len(headers) - len(kept) + len(answer.headers) - len(told)
        return Answer(answer.status, told, answer.body)


def sha256(body: bytes) -> str:
    """As the vault is told it."""
    return hashlib.sha256(body).hexdigest()


def compliance(until: datetime = UNTIL) -> Lock:
    """A lock nobody ends."""
    return Lock("COMPLIANCE", until)
