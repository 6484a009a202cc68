"""Where a bucket is (对象存储地址): `https://HOST[:PORT]/BUCKET[/FOLDER][?region=…&ca=…&style=…&sse=…]`.

Source: the settings; what stands behind `s3:` in `vault.address`. Keys never stand in it: see `vault.contract.Options`.
Shapes: `region` (default us-east-1) is part of every signature; `ca` is the file of the CA to believe, relative to the
station's home; `style` is `path` (HOST/BUCKET/KEY, the default) or `virtual` (BUCKET.HOST/KEY); `sse=s3` has the server
encrypt what it stores with keys of its own (SSE-S3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from vault.errors import BadAddress

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
FOLDER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*){0,7}")
REGION = re.compile(r"[A-Za-z0-9-]{1,64}")
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
NUMBERS = re.compile(r"[0-9.]+|.*:.*")
"""An address of a machine by number: no bucket's name can stand before it."""
OPTIONS = frozenset({"region", "ca", "style", "sse"})


@dataclass(frozen=True, slots=True)
class Address:
    """One bucket, and the folder in it that is ours (empty: all of it)."""

    scheme: str
    host: str
    bucket: str
    folder: str
    region: str
    ca: Path | None
    is_virtual: bool
    is_encrypting: bool = False
    """Whether the server is to encrypt at rest."""

    @property
    def netloc(self) -> str:
        """What stands in the Host header."""
        return f"{self.bucket}.{self.host}" if self.is_virtual else self.host

    def path(self, name: str | None) -> str:
        """The path of an object by its name in the bucket, or of the bucket; it needs no quoting."""
        inner = f"/{name}" if name is not None else "/"
        return inner if self.is_virtual else f"/{self.bucket}{inner if name is not None else ''}"

    def name(self, key: str) -> str:
        """A vault key's name in the bucket."""
        return f"{self.folder}/{key}" if self.folder else key

    def key(self, name: str) -> str:
        """The vault key of a name in the bucket."""
        return name[len(self.folder) + 1 :] if self.folder else name


def parse_address(rest: str, home: Path) -> Address:
    """Read what stands behind `s3:`; raises `BadAddress`."""
    try:
        split = urlsplit(rest)
        options = parse_qsl(split.query, keep_blank_values=True, strict_parsing=bool(split.query))
        host, _ = split.hostname, split.port
    except ValueError as error:
        raise BadAddress(address=f"s3:{rest}") from error
    asked = dict(options)
    bucket, _, folder = split.path.removeprefix("/").removesuffix("/").partition("/")
    style = asked.get("style", "path")
    region = asked.get("region", "us-east-1")
    right = (
        split.scheme in ("http", "https"),
        host and HOST.fullmatch(split.netloc),
        BUCKET.fullmatch(bucket),
        not folder or FOLDER.fullmatch(folder),
        REGION.fullmatch(region),
        style == "path" or (style == "virtual" and host and not NUMBERS.fullmatch(host)),
        asked.get("ca", "a file") and (split.scheme == "https" or "ca" not in asked),
        asked.get("sse", "s3") == "s3",
        asked.keys() <= OPTIONS and len(asked) == len(options),
        not split.fragment,
    )
    if not all(right):
        raise BadAddress(address=f"s3:{hidden(rest)}")
    ca = home / asked["ca"] if asked.get("ca") else None
    return Address(split.scheme, split.netloc, bucket, folder, region, ca, style == "virtual", "sse" in asked)


def hidden(rest: str) -> str:
    """The address without what somebody may have typed before an `@`: it could be a key."""
    return re.sub(r"//[^/@]*@", "//…@", rest)
