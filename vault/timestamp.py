"""Trusted time stamps over documents (可信时间戳, 电子认证): asked of an authority, checked, kept as they came.

Source: RFC 3161, over HTTP as in its section 3.4. The answer is parsed as strict DER and checked against the roots of
the authority before it is believed; what is kept is the answer byte for byte, as `openssl ts -verify -in` takes it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from vault.errors import TimestampBad, TimestampClientMissing, TimestampUnreachable

if TYPE_CHECKING:
    from types import ModuleType

    from rfc3161_client import TimeStampResponse

ANSWER_S_MAX = 20.0
"""The whole of an answer, however slowly it drips, and the wait for a connection."""
ANSWER_BYTES_MAX = 256 << 10
ROOTS_BYTES_MAX = 1 << 20
ASK, TELL = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp as it came, and the time it states."""

    body: bytes
    at: datetime


@dataclass(frozen=True)
class Authority:
    """Where time stamps come from, and the certificates that must stand behind them."""

    url: str
    roots: tuple[x509.Certificate, ...]

    def stamp(self, document: bytes) -> Stamp:
        """Ask for a stamp over the SHA-256 of a document. Raises `TimestampUnreachable`, `TimestampBad`."""
        library = _library()
        request = library.TimestampRequestBuilder().data(document).hash_algorithm(library.HashAlgorithm.SHA256).build()
        body = _asked(self.url, request.as_bytes())
        return self._checked(body, document, request.nonce)

    def pem(self) -> bytes:
        """The authority's certificates, for `openssl ts -verify -CAfile`."""
        return b"".join(one.public_bytes(Encoding.PEM) for one in self.roots)

    def check(self, body: bytes, document: bytes) -> Stamp:
        """A stamp that was kept, checked again; raises `TimestampBad`."""
        return self._checked(body, document, None)

    def _checked(self, body: bytes, document: bytes, nonce: int | None) -> Stamp:
        library = _library()
        answer = _parsed(body)
        roots = list(self.roots)
        certificates = (x509.load_der_x509_certificate(one) for one in answer.signed_data.certificates)
        between = [one for one in certificates if one not in roots and _is_authority(one)]
        try:
            verifier = library.VerifierBuilder(roots=roots, intermediates=between, nonce=nonce).build()
            verifier.verify_message(answer, document)
        except (library.VerificationError, ValueError) as error:
            raise TimestampBad(reason=error) from error
        return Stamp(body, answer.tst_info.gen_time.astimezone(UTC))


def read_roots(path: Path) -> tuple[x509.Certificate, ...]:
    """The authority's root certificates in a PEM file; raises `TimestampBad`."""
    try:
        with path.open("rb") as file:
            return tuple(x509.load_pem_x509_certificates(file.read(ROOTS_BYTES_MAX)))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no certificate in PEM"
        raise TimestampBad(reason=f"{path}: {reason}") from error


def _parsed(body: bytes) -> TimeStampResponse:
    library = _library()
    try:
        answer: TimeStampResponse = library.decode_timestamp_response(body)
        if answer.status != library.PKIStatus.GRANTED:
            raise TimestampBad(reason=f"not granted: status {answer.status} {' '.join(answer.status_string)}")
        if answer.as_bytes() != body:
            raise TimestampBad(reason="not strict DER")
    except ValueError as error:
        raise TimestampBad(reason=f"not a time stamp: {error}") from error
    return answer


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _library() -> ModuleType:
    try:
        import rfc3161_client
    except ModuleNotFoundError as error:
        raise TimestampClientMissing() from error
    return rfc3161_client


def _asked(url: str, body: bytes) -> bytes:
    """One question, one answer; no redirect is followed."""
    parts = urlsplit(url)
    connection = (
        http.client.HTTPSConnection(parts.netloc, timeout=ANSWER_S_MAX, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.netloc, timeout=ANSWER_S_MAX)
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError, AttributeError):  # it may have ended just now
            line.shutdown(socket.SHUT_RDWR)

    limit = threading.Timer(ANSWER_S_MAX, cut)
    try:
        connection.connect()
        line = connection.sock
        limit.start()
        connection.request("POST", path, body, {"Content-Type": ASK, "Accept": TELL})
        answer = connection.getresponse()
        found = answer.read(ANSWER_BYTES_MAX + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = f"no whole answer within {ANSWER_S_MAX:.0f} s" if late.is_set() else str(error) or type(error).__name__
        raise TimestampUnreachable(url=url, reason=reason) from error
    finally:
        limit.cancel()
        connection.close()
    if late.is_set():
        raise TimestampUnreachable(url=url, reason=f"no whole answer within {ANSWER_S_MAX:.0f} s")
    if answer.status != http.client.OK or len(found) > ANSWER_BYTES_MAX:
        raise TimestampUnreachable(url=url, reason=f"HTTP {answer.status}, {len(found)} bytes")
    return found
