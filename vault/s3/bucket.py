"""The verbs of one bucket, in the house's words: versions, locks, uploads and their parts.

Shapes: names are those in the bucket (folder and key). Listings are followed to their end; a listing that does not move
on, or is longer than `PAGES_MAX` pages, raises `VaultUnreachable`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import md5, sha256
from typing import TypeVar

from vault.errors import BucketUnfit, VaultDenied, VaultUnreachable
from vault.s3 import responses
from vault.s3.responses import Lock, Markers, Part, Unreadable, Upload, Version
from vault.s3.wire import EMPTY, Refused, Wire

PAGES_MAX = 100_000
VERSIONS_MAX = 1000
"""More versions of one object than this are an attack on our patience."""
ENCRYPTION, AES = "x-amz-server-side-encryption", "AES256"
TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
VANISHED = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder", "InvalidRequest"})
"""What a server says when an upload, or the parts of somebody else's we found, cannot be used: begin anew."""
ABSENT = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration"})
"""What a server says of a bucket without lock; some say no more than 404."""
UNASKABLE = frozenset({403, 405, 501})
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers of one version say: its lock, whether somebody put it on hold, how it is encrypted."""

    size_bytes: int
    lock: Lock | None
    on_legal_hold: bool
    encryption: str = ""
    """What the server says it encrypted with."""


class Bucket:
    """One bucket over one wire. Unless `is_conditional`, a put may come beside what stands there already."""

    def __init__(self, wire: Wire, *, is_conditional: bool = True) -> None:
        self.wire = wire
        self._is_conditional = is_conditional

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.wire.address.bucket

    # ------------------------------------------------------------------ the bucket itself

    def make(self) -> None:
        """Make the bucket with object lock, unless it is there; raises `BucketUnfit`."""
        region = self.wire.address.region
        where = f"<LocationConstraint>{region}</LocationConstraint>"
        body = (
            b"" if region == "us-east-1" else f"<CreateBucketConfiguration>{where}</CreateBucketConfiguration>".encode()
        )
        try:
            self.wire.ask("PUT", None, headers={"x-amz-bucket-object-lock-enabled": "true"}, body=body)
        except Refused as error:
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise BucketUnfit(
                    bucket=self.name, what=f"it cannot be made ({error})", what_zh=f"无法创建（{error}）"
                ) from error

    def exists(self) -> bool:
        """Whether the bucket is there; one we may not look at is."""
        try:
            self.wire.ask("HEAD", None)
        except Refused as error:
            return error.status != 404
        return True

    def demand_lock(self) -> None:
        """Raise `BucketUnfit` where it says it has no lock or no versions; where we may not ask, locks will tell."""
        if self._setting("object-lock", "ObjectLockEnabled") not in (None, "Enabled"):
            raise BucketUnfit(bucket=self.name, what="object lock is not switched on", what_zh="未启用对象锁定")
        if self._setting("versioning", "Status") not in (None, "Enabled"):
            raise BucketUnfit(bucket=self.name, what="versioning is not switched on", what_zh="未启用版本控制")

    def _setting(self, question: str, tag: str) -> str | None:
        try:
            return responses.first_text(self.wire.ask("GET", None, {question: ""}).body, tag)
        except Refused as error:
            if error.code == "NoSuchBucket":
                raise BucketUnfit(bucket=self.name, what="it does not exist", what_zh="不存在") from error
            if error.code in ABSENT or error.status == 404:
                return ""
            if error.status in UNASKABLE:
                return None
            raise VaultDenied(what=f"to tell the {question} of {self.name}", reason=str(error)) from error
        except Unreadable as error:
            raise VaultUnreachable(reason=f"{self.name}?{question}: {error}") from error

    # ------------------------------------------------------------------ versions and locks

    def versions(self, prefix: str) -> Iterator[Version]:
        """Every version below a prefix, by name, the newest of a name first."""
        yield from self._pages("versions", prefix, ("key-marker", "version-id-marker"), responses.versions_page)

    def history(self, name: str) -> tuple[Version, ...]:
        """Every version of one object, the oldest first, marks of deletion among them."""
        found = list[Version]()
        for version in self.versions(name):
            if version.name != name:
                break
            found.append(version)
            if len(found) > VERSIONS_MAX:
                raise VaultUnreachable(reason=f"{name} has more than {VERSIONS_MAX} versions")
        return tuple(reversed(found))

    def head(self, name: str, version: str) -> Head:
        """Size, lock and hold of a version; the lock is asked for by itself where the headers keep silent."""
        with self._readable(name):
            headers = self.wire.ask("HEAD", name, {"versionId": version}).headers
            responses.demand_version(headers, version)
            lock = responses.lock_from_headers(headers) or self._retention(name, version)
            size_bytes = int(headers.get("content-length", "0"))
            on_legal_hold = headers.get("x-amz-object-lock-legal-hold", "").upper() == "ON"
            return Head(size_bytes, lock, on_legal_hold, headers.get(ENCRYPTION, ""))

    def _retention(self, name: str, version: str) -> Lock | None:
        try:
            return responses.lock_from_body(self.wire.ask("GET", name, {"retention": "", "versionId": version}).body)
        except Refused:
            return None

    def lock(self, name: str, version: str, lock: Lock) -> None:
        """Set a lock; raises `Refused`."""
        body = responses.lock_body(lock)
        headers = checked(body)
        self.wire.ask("PUT", name, {"retention": "", "versionId": version}, headers, body)

    def set_legal_hold(self, name: str, version: str, on: bool) -> None:
        """Set or end a legal hold; raises `Refused`."""
        body = f"<LegalHold><Status>{'ON' if on else 'OFF'}</Status></LegalHold>".encode()
        self.wire.ask("PUT", name, {"legal-hold": "", "versionId": version}, checked(body), body)

    def remove(self, name: str, version: str) -> None:
        """Remove a version or a mark; raises `Refused`."""
        self.wire.ask("DELETE", name, {"versionId": version})

    # ------------------------------------------------------------------ bytes in

    def put(self, name: str, body: bytes, lock: Lock) -> None:
        """Put an object whole; one that is there already is left alone where the server knows how to."""
        self._where_nothing_is("PUT", name, {}, lock_headers(lock) | self._encryption() | checked(body), body)

    def begin(self, name: str, lock: Lock) -> str:
        """Begin an upload in parts; its number."""
        headers = lock_headers(lock) | self._encryption() | {"x-amz-checksum-algorithm": "SHA256"}
        with self._readable(name):
            return responses.upload_id(self.wire.ask("POST", name, {"uploads": ""}, headers).body)

    def uploads(self, prefix: str) -> Iterator[Upload]:
        """Uploads that were begun below a prefix and not ended."""
        yield from self._pages("uploads", prefix, ("key-marker", "upload-id-marker"), responses.uploads_page)

    def parts(self, name: str, upload: str) -> Iterator[Part]:
        """The parts an upload has already."""
        then = ""
        for _ in range(PAGES_MAX):
            query = {"uploadId": upload} | ({"part-number-marker": then} if then else {})
            with self._readable(name):
                found, after = responses.parts_page(self.wire.ask("GET", name, query).body)
            yield from found
            if after is None:
                return
            if after == then:
                break
            then = after
        raise VaultUnreachable(reason=f"the parts of {name} do not come to an end")

    def put_part(self, name: str, upload: str, number: int, body: bytes) -> Part:
        """Send a part; what the server says of it, its digest being ours where it says nothing."""
        headers = checked(body)
        query = {"partNumber": str(number), "uploadId": upload}
        said = self.wire.ask("PUT", name, query, headers, body).headers
        etag = responses.etag(said.get("etag", "")) or md5(body, usedforsecurity=False).hexdigest()
        return Part(number, len(body), etag, headers["x-amz-checksum-sha256"])

    def complete(self, name: str, upload: str, parts: tuple[Part, ...]) -> None:
        """Join the parts. A server may say 200 and mean an error: it is in the body."""
        body = responses.complete_body(parts)
        said = self._where_nothing_is("POST", name, {"uploadId": upload}, {"Content-Type": "application/xml"}, body)
        code, message = responses.error_code(said)
        if code in VANISHED:
            raise Refused(200, code, message, EMPTY)
        if code:
            raise VaultUnreachable(reason=f"{name}: {code} {message}")

    def abort(self, name: str, upload: str) -> None:
        """Give an upload up; one that is gone already is."""
        try:
            self.wire.ask("DELETE", name, {"uploadId": upload})
        except Refused as error:
            if error.status != 404:
                raise VaultDenied(what=f"the abort of an upload of {name}", reason=str(error)) from error

    def _encryption(self) -> dict[str, str]:
        return {ENCRYPTION: AES} if self.wire.address.is_encrypting else {}

    def _where_nothing_is(
        self, method: str, name: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> bytes:
        """Ask once, on condition that nothing stands there; somebody else's object is no error: it will be read."""
        condition = {"If-None-Match": "*"} if self._is_conditional else {}
        try:
            return self.wire.ask(method, name, query, headers | condition, body, once=True).body
        except Refused as error:
            if error.code in TAKEN or error.status == 412:
                return b""
            if not (self._is_conditional and error.code == "NotImplemented"):
                raise
        self._is_conditional = False
        return self.wire.ask(method, name, query, headers, body, once=True).body

    # ------------------------------------------------------------------ inside

    def _pages(
        self,
        question: str,
        prefix: str,
        markers: tuple[str, str],
        read: Callable[[bytes], tuple[tuple[Found, ...], Markers | None]],
    ) -> Iterator[Found]:
        then: Markers | None = None
        for _ in range(PAGES_MAX):
            pair = dict(zip(markers, then, strict=True)) if then else EMPTY
            asked = {question: "", "prefix": prefix, **responses.NAMES_QUOTED} | {
                key: value for key, value in pair.items() if value
            }
            with self._readable(prefix or self.name):
                try:
                    found, after = read(self.wire.ask("GET", None, asked).body)
                except Refused as error:
                    raise self._unlisted(error) from error
            yield from found
            if after is None:
                return
            if after == then or not after[0]:
                break
            then = after
        raise VaultUnreachable(reason=f"the listing of {prefix or self.name} does not come to an end")

    def _unlisted(self, error: Refused) -> Exception:
        if error.code == "NoSuchBucket" or error.status == 404:
            return BucketUnfit(bucket=self.name, what="it does not exist", what_zh="不存在")
        return VaultDenied(what=f"to list {self.name}", reason=str(error))

    @contextmanager
    def _readable(self, name: str) -> Iterator[None]:
        try:
            yield
        except (Unreadable, ValueError) as error:
            raise VaultUnreachable(reason=f"{name}: {error}") from error


def lock_headers(lock: Lock) -> dict[str, str]:
    """The lock as a put carries it."""
    return {
        "x-amz-object-lock-mode": lock.mode,
        "x-amz-object-lock-retain-until-date": responses.lock_text(lock.until),
        "Content-Type": "application/octet-stream",
    }


def checked(body: bytes) -> dict[str, str]:
    """Our SHA-256 of a body, for the server to compare; servers that do not know it compare the signed one."""
    return {"x-amz-checksum-sha256": checksum(body)}


def checksum(body: bytes) -> str:
    """SHA-256 as S3 writes it: in Base64."""
    return b64encode(sha256(body).digest()).decode()
