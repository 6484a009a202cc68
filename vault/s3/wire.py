"""The one door to an S3 server: signed requests, each bounded in time, size and number of tries.

Source: minio's signature (AWS Signature Version 4) over urllib3's connections. minio's own methods are not used: they
send no checksum with a part, try for longer than we wait, and wait for ever on a server that is dead.
Shapes: an answer below 300 is returned, its header names in lower case; 404 and other refusals raise `Refused`; what
may pass (no connection, 5xx, damage on the way) is tried again and then raises `VaultUnreachable`.
"""

from __future__ import annotations

import random
import ssl
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from urllib.parse import SplitResult, quote, urlunsplit

import urllib3
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3
from urllib3.exceptions import HTTPError

from vault.errors import VaultDenied, VaultFull, VaultUnreachable
from vault.s3.address import Address
from vault.s3.connections import pools
from vault.s3.responses import Unreadable, error_code

ANSWER_BYTES_MAX = 4 << 20
ERROR_BYTES_MAX = 1 << 20
READ_BYTES = 256 << 10
SLOWEST_BYTES_S = 32 << 10
"""A server slower than this counts as gone."""
PASSING, LASTING = frozenset({408, 425, 429}), frozenset({501, 505, 507})
"""What may be otherwise a moment later, besides all that begins with 5 and does not last."""
DAMAGED = frozenset(
    {"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout"}
    | {"InvalidDigest", "OperationAborted", "MalformedXML"}
)
"""What a server says to a body that was hurt or cut on its way, or came in another's way; once more may do.

What we send as XML is well-formed: a server that says otherwise (Ceph, asked for a lock) got something else."""
DENIED = frozenset(
    {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "AccountProblem"}
    | {"ExpiredToken", "InvalidToken", "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect"}
)
FULL = frozenset(
    {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "EntityTooLargeForQuota", "StorageFull"}
    | {"XMinioAdminBucketQuotaExceeded"}
)
EMPTY: Mapping[str, str] = {}


class Refused(Exception):
    """The server said no, and will say so again. Never leaves `vault.s3` and `vault.backends.s3`."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"{code or status}: {message}" if message else code or str(status))
        self.status, self.code, self.headers = status, code, headers


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for: to connect, to say something, for one request with all its tries."""

    connect_s: float = 10
    answer_s: float = 60
    budget_s: float = 90
    tries: int = 4
    pause_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Secrets:
    """The two halves of a key to the server; the second is never printed."""

    access: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Requests to one bucket."""

    def __init__(self, address: Address, secrets: Secrets, patience: Patience) -> None:
        self.address, self.patience = address, patience
        self._credentials = Credentials(secrets.access, secrets.secret)
        self._pool = pools(patience.connect_s, patience.answer_s, tls(address))

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
        """One request and its whole answer. `once` leaves it to the caller to look what came of a lost answer."""
        began, tried = time.monotonic(), 0
        while True:
            tried += 1
            try:
                return self._answer(method, name, query, headers, body)
            except VaultDenied:  # a header hurt on its way makes a wrong signature too: once more
                if once or tried > 1:
                    raise
            except VaultUnreachable:
                spent = time.monotonic() - began
                if once or tried >= self.patience.tries or spent > self.patience.budget_s:
                    raise
            self.pause(tried)

    def pause(self, tried: int) -> None:
        """Wait before the next try: longer each time, and not all clients at once."""
        time.sleep(self.patience.pause_s * 3.0 ** (tried - 1) * random.uniform(0.7, 1.3))

    def open(self, name: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Stream:
        """The bytes of an object as they come, asked for once; whoever reads begins anew where this fails."""
        what = f"GET {name}"
        with self.door(what):
            response = self._send("GET", name, query, headers, b"")
            if response.status >= 300:
                with closing(response):
                    self._raise(what, response, self._body(response, ERROR_BYTES_MAX))
            return Stream(self, what, response)

    @contextmanager
    def door(self, what: str) -> Iterator[None]:
        """Turn what the network says into what a person can act on."""
        try:
            yield
        except Unreadable as error:
            raise VaultUnreachable(reason=f"{what}: {error}") from error
        except (HTTPError, OSError, ValueError) as error:
            raise VaultUnreachable(reason=f"{self.address.host}: {plain_reason(error)}") from error

    # ------------------------------------------------------------------ inside

    def _answer(
        self, method: str, name: str | None, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        what = f"{method} {name or self.address.bucket}"
        with self.door(what):
            response = self._send(method, name, query, headers, body)
            with closing(response):
                read = self._body(response, ANSWER_BYTES_MAX)
            if response.status >= 300:
                self._raise(what, response, read)
            return Answer(response.status, lower(response), read)

    def _send(
        self,
        method: str,
        name: str | None,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> urllib3.BaseHTTPResponse:
        """Sign and send; what comes back is read by whoever called."""
        asked = "&".join(f"{key}={quote(value, safe='-_.~')}" for key, value in sorted(query.items()))
        url = SplitResult(self.address.scheme, self.address.netloc, self.address.path(name), asked, "")
        summed = headers.get("x-amz-checksum-sha256")  # of this body: not computed twice
        now, digest = datetime.now(UTC), b64decode(summed).hex() if summed else sha256(body).hexdigest()
        signed = sign_v4_s3(
            method=method,
            url=url,
            region=self.address.region,
            headers={
                **headers,
                "Host": url.netloc,
                "x-amz-content-sha256": digest,
                "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
            },
            credentials=self._credentials,
            content_sha256=digest,
            date=now,
        )
        plain = {key: str(value) for key, value in signed.items()} | {"User-Agent": "evidock"}
        if method in ("PUT", "POST"):
            plain["Content-Length"] = str(len(body))
        sent = BytesIO(body) if body else None
        return self._pool.request(
            method, urlunsplit(url), body=sent, headers=plain, preload_content=False, redirect=False
        )

    def _body(self, response: urllib3.BaseHTTPResponse, bytes_max: int) -> bytes:
        """The whole body, not longer than that and not slower than we wait."""
        deadline, parts, length = time.monotonic() + self.patience.budget_s, list[bytes](), 0
        while part := response.read1(READ_BYTES, decode_content=False):
            parts.append(part)
            length += len(part)
            if length > bytes_max:
                raise Unreadable(f"more than {bytes_max} bytes in an answer")
            if time.monotonic() > deadline:
                raise TimeoutError("the answer takes too long")
        return b"".join(parts)

    def _raise(self, what: str, response: urllib3.BaseHTTPResponse, body: bytes) -> None:
        """Turn a refusal into what it means."""
        code, message = error_code(body)
        reason = f"{what}: {code or response.status} {message}".strip()
        if code in FULL or response.status == 507:
            raise VaultFull(size_bytes="more")
        if (code in DENIED and code != "AccessDenied") or 300 <= response.status < 400:
            region = response.headers.get("x-amz-bucket-region")
            where = f"the bucket is in region {region}" if region else ""
            raise VaultDenied(what=what, reason=f"{code or response.status} {message} {where}".strip())
        is_passing = response.status in PASSING or (response.status >= 500 and response.status not in LASTING)
        if is_passing or code in DAMAGED:
            raise VaultUnreachable(reason=reason)
        raise Refused(response.status, code, message, lower(response))


class Stream:
    """The bytes of one answer, as they come."""

    def __init__(self, wire: Wire, what: str, response: urllib3.BaseHTTPResponse) -> None:
        self._wire, self._what, self._response = wire, what, response
        self.headers = lower(response)
        self.status = response.status
        self._left_s = wire.patience.budget_s

    def read(self, size_bytes: int) -> bytes:
        """What came, at most so many bytes; none at the end. Fails where less comes than was said, or too slowly."""
        with self._wire.door(self._what):
            began = time.monotonic()
            data = self._response.read1(size_bytes, decode_content=False)
            self._left_s += len(data) / SLOWEST_BYTES_S - (time.monotonic() - began)
            if self._left_s < 0:
                raise TimeoutError("the answer comes too slowly")
            return data

    def close(self) -> None:
        """Let go; a connection that was read to its end is used again."""
        with suppress(HTTPError, OSError):
            self._response.close()


def tls(address: Address) -> ssl.SSLContext | None:
    """Whom to believe: the CA in the address, else the system's; raises `VaultUnreachable` where it cannot be read."""
    if address.scheme != "https":
        return None
    try:
        return ssl.create_default_context(cafile=str(address.ca) if address.ca else None)
    except OSError as error:
        raise VaultUnreachable(reason=f"the CA file {address.ca}: {error.strerror or error}") from error


def lower(response: urllib3.BaseHTTPResponse) -> Mapping[str, str]:
    """The headers of an answer, names in lower case."""
    return {key.lower(): value for key, value in response.headers.items()}


def plain_reason(error: Exception) -> str:
    """The inmost of an error's causes, in one line."""
    inner: object = getattr(error, "reason", None) or error
    text = str(getattr(inner, "strerror", None) or inner)
    return text.rpartition(">: ")[2] or type(inner).__name__
