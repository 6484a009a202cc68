"""What an S3 server says and is told, as values: listings, locks, errors, dates.

Source: the S3 API reference, and what SeaweedFS 4 and Ceph 16 were seen to send: other or no XML namespaces, dates with
nanoseconds, ETags quoted or absent, lock headers absent where a lock is, names with characters no XML may hold.
Shapes: pure; XML that cannot be read raises `Unreadable`. Dates are aware UTC; sizes in bytes; digests of parts are the
ETag (MD5 in hex) and, where the server tells it, SHA-256 in Base64. Listings are asked for with `NAMES_QUOTED`; what
no XML may hold and was not quoted reads as U+FFFD, which no key of ours has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import escape

Markers = tuple[str, str]
"""Where the next page of a listing begins."""
FRACTION = re.compile(r"\.(\d+)")
NAMES_QUOTED = {"encoding-type": "url"}
"""Asks a server to quote the names in a listing; some do not."""
REFERENCE = re.compile(rb"&#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7});")
LOST = "\N{REPLACEMENT CHARACTER}"


class Unreadable(Exception):
    """The answer is not what S3 says: damaged on its way, or another kind of server. Never leaves `vault.s3`."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker."""

    name: str
    version: str
    size_bytes: int
    at: datetime
    is_marker: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload that was begun and not ended."""

    name: str
    upload: str
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part the server holds, or that we sent; `sha256` in Base64, None where nobody says."""

    number: int
    size_bytes: int
    etag: str
    sha256: str | None


class NoTypes(ElementTree.TreeBuilder):
    """A parser that takes no document type, in whatever encoding: so no entities of somebody else's."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Called where one begins."""
        raise Unreadable(f"a document type in an answer: {name!r} {pubid!r} {system!r}")


@dataclass(frozen=True, slots=True)
class Lock:
    """A retention: COMPLIANCE or GOVERNANCE, and until when."""

    mode: str
    until: datetime


def moment(text: str) -> datetime:
    """A date as servers write it, with any number of digits behind the second."""
    cut = FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text.strip())
    try:
        at = datetime.fromisoformat(cut)
    except ValueError as error:
        raise Unreadable(f"no date: {text!r}") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def lock_text(until: datetime) -> str:
    """A date for a lock: whole seconds, rounded up, for servers differ in what they keep behind them."""
    whole = until.astimezone(UTC).replace(microsecond=0)
    return f"{whole + timedelta(seconds=until.microsecond > 0):%Y-%m-%dT%H:%M:%SZ}"


def lock_from_headers(headers: Mapping[str, str]) -> Lock | None:
    """The lock in the headers of an object, or None where they say nothing; names in lower case."""
    mode, until = headers.get("x-amz-object-lock-mode"), headers.get("x-amz-object-lock-retain-until-date")
    return Lock(mode.upper(), moment(until)) if mode and until else None


def lock_from_body(body: bytes) -> Lock | None:
    """The lock in the answer to `?retention`."""
    root = tree(body)
    mode, until = _text(root, "Mode"), _text(root, "RetainUntilDate")
    return Lock(mode.upper(), moment(until)) if mode and until else None


def lock_body(lock: Lock) -> bytes:
    """What sets a lock."""
    until = lock_text(lock.until)
    return f"<Retention><Mode>{lock.mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>".encode()


def error_code(body: bytes) -> tuple[str, str]:
    """Code and message of an error's body; empty texts where there is none."""
    try:
        root = tree(body)
    except Unreadable:
        return "", ""
    return (_text(root, "Code"), _text(root, "Message")) if root.tag == "Error" else ("", "")


def versions_page(body: bytes) -> tuple[tuple[Version, ...], Markers | None]:
    """A page of `?versions`, newest first within a name, and the markers of the next."""
    root = tree(body)
    _demand(root, "ListVersionsResult")
    found = tuple(
        Version(
            _name(root, _text(one, "Key")),
            _text(one, "VersionId"),
            _number(_text(one, "Size") or "0"),
            moment(_text(one, "LastModified")),
            one.tag == "DeleteMarker",
        )
        for one in root
        if one.tag in ("Version", "DeleteMarker")
    )
    return found, _markers(root, "NextVersionIdMarker", found[-1].name if found else "")


def uploads_page(body: bytes) -> tuple[tuple[Upload, ...], Markers | None]:
    """A page of `?uploads`, and the markers of the next."""
    root = tree(body)
    _demand(root, "ListMultipartUploadsResult")
    found = tuple(
        Upload(_name(root, _text(one, "Key")), _text(one, "UploadId"), moment(_text(one, "Initiated")))
        for one in root.iter("Upload")
    )
    return found, _markers(root, "NextUploadIdMarker", found[-1].name if found else "")


def parts_page(body: bytes) -> tuple[tuple[Part, ...], str | None]:
    """A page of an upload's parts, and the marker of the next."""
    root = tree(body)
    _demand(root, "ListPartsResult")
    found = tuple(
        Part(
            _number(_text(one, "PartNumber")),
            _number(_text(one, "Size")),
            etag(_text(one, "ETag")),
            _text(one, "ChecksumSHA256") or None,
        )
        for one in root.iter("Part")
    )
    return found, _text(root, "NextPartNumberMarker") if _goes_on(root) else None


def etag(text: str) -> str:
    """The tag itself; a proxy on the way may have called it weak."""
    return text.removeprefix("W/").strip('"')


def demand_version(said: Mapping[str, str], version: str) -> None:
    """Raise `Unreadable` where the headers of an answer are those of another version than was asked for."""
    if said.get("x-amz-version-id", version) != version:
        raise Unreadable(f"version {version} was asked for, and {said['x-amz-version-id']} answered")


def upload_id(body: bytes) -> str:
    """The number of an upload just begun."""
    found = _text(tree(body), "UploadId")
    if not found:
        raise Unreadable("no upload id")
    return found


def complete_body(parts: Sequence[Part]) -> bytes:
    """What joins parts into an object."""
    return b"<CompleteMultipartUpload>" + b"".join(_part_texts(parts)) + b"</CompleteMultipartUpload>"


def _part_texts(parts: Sequence[Part]) -> Iterator[bytes]:
    for part in parts:
        checksum = f"<ChecksumSHA256>{part.sha256}</ChecksumSHA256>" if part.sha256 else ""
        tag = escape(f'"{part.etag}"')
        yield f"<Part><PartNumber>{part.number}</PartNumber><ETag>{tag}</ETag>{checksum}</Part>".encode()


def first_text(body: bytes, *path: str) -> str:
    """The text below these tags, or an empty text."""
    found: ElementTree.Element | None = tree(body)
    for tag in path:
        found = found.find(tag) if found is not None else None
    return (found.text or "").strip() if found is not None else ""


def tree(body: bytes) -> ElementTree.Element:
    """XML without its namespaces; servers that let us wait send spaces before it."""
    clean = REFERENCE.sub(_allowed, body.lstrip())
    try:
        root = ElementTree.fromstring(clean, ElementTree.XMLParser(target=NoTypes()))
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last two: a damaged name of an encoding
        raise Unreadable(f"no XML: {error}") from error
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]
    return root


def _allowed(found: re.Match[bytes]) -> bytes:
    """A reference to a character, unless no XML may hold it."""
    number = int(found[1][1:], 16) if found[1][:1] == b"x" else int(found[1])
    return LOST.encode() if number < 32 and number not in (9, 10, 13) else found[0]


def _name(root: ElementTree.Element, text: str) -> str:
    return unquote_plus(text) if _text(root, "EncodingType") == "url" else text


def _markers(root: ElementTree.Element, second: str, last: str) -> Markers | None:
    """Where the next page begins; `last` is the last name of this one. Some servers quote all names but this."""
    if not _goes_on(root):
        return None
    said = _text(root, "NextKeyMarker")
    name = last if said == "".join(LOST if ord(one) < 32 else one for one in last) else _name(root, said)
    if LOST in name:
        raise Unreadable("a listing ends at a name that cannot be told")
    return name, _text(root, second)


def _goes_on(root: ElementTree.Element) -> bool:
    return _text(root, "IsTruncated").lower() == "true"


def _demand(root: ElementTree.Element, tag: str) -> None:
    if root.tag != tag:
        raise Unreadable(f"{root.tag} instead of {tag}")


def _text(root: ElementTree.Element, tag: str) -> str:
    return (root.findtext(tag) or "").strip()


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Unreadable(f"no number: {text!r}") from error
