"""Wrapped keys on their way into the vaults (密钥预留): one document each, on the station's own disk.

Shapes: `<folder>/<name>.json` is synced before the document is given to any vault, and goes once enough of them have
it. A reservation that broke off is made again with the very same bytes, so that no two vaults ever have different ones.
One reservation of a name at a time, in whatever thread or process of the station.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vault import durable
from vault.wrapping import WRAPPED_KEY_BYTES_MAX

LANE_DIGITS = 2


class WrappedKeyLog:
    """The reservations of one station. Names are digests; OSErrors come through."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Let nobody else make or strike a reservation of this name meanwhile."""
        durable.make_folder(self._folder)
        with durable.locked(self._folder / f".{name[:LANE_DIGITS]}.lock"):
            yield

    def document(self, name: str, new: Callable[[], bytes]) -> bytes:
        """The document of a reservation that broke off, or a new one, which is on the disk before this returns."""
        path = self._folder / f"{name}.json"
        try:
            with path.open("rb") as file:
                return file.read(WRAPPED_KEY_BYTES_MAX)
        except FileNotFoundError:
            body = new()
            durable.replace_file(path, body, 0o600)
            return body

    def strike(self, name: str) -> None:
        """Forget a reservation: enough vaults have it."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)
