"""Object storage with Object Lock (对象存储): opens `s3:https://HOST/BUCKET?region=…`; see `vault.s3`.

The client is loaded at the first opening only: a station with a folder needs none.
"""

from __future__ import annotations

from pathlib import Path

from vault.contract import Options, Vault
from vault.errors import ClientMissing, SecretMissing
from vault.s3.address import parse_address

ACCESS, SECRET = "s3-access-key", "s3-secret-key"
"""The names of the two credentials."""
DISPOSAL = "s3-disposal-access-key", "s3-disposal-secret-key"
"""The names of the credentials that may remove what is due, where the first two may not."""


class S3Backend:
    """Opens object storage; its client is loaded at the first opening."""

    scheme = "s3"

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """The bucket; it is asked for at first use, or made now where the options say so."""
        address = parse_address(rest, home)
        try:
            from vault.s3.store import ObjectVault
            from vault.s3.wire import Patience, Secrets, Wire
        except ModuleNotFoundError as error:
            raise ClientMissing() from error
        secrets = Secrets(options.secret(ACCESS), options.secret(SECRET))

        def disposer() -> Wire | None:
            try:
                access, secret = (options.secret(name) for name in DISPOSAL)
            except SecretMissing:
                return None
            return Wire(address, Secrets(access, secret), Patience())

        opened = ObjectVault(Wire(address, secrets, Patience()), options.lock_mode, disposer)
        if options.make:
            opened.make()
        return opened


BACKEND = S3Backend()
