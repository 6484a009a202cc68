"""A small catalog of some clips and acts alone (依签名记录另建编目), to ask the rule of what is signed alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.acts import dispatch
from catalog.clips import clips
from catalog.database import SQLITE, Database, door
from catalog.rules.acts import Act
from catalog.station_error import StationError


@contextmanager
def catalog_of(documents: Iterable[clips.Document], acts: Iterable[Act]) -> Iterator[Database]:
    """A catalog with these clips, and what follows from these acts in their order; it goes with the block."""
    from catalog.schema import METADATA

    with TemporaryDirectory(prefix="evidock-apart-") as folder:
        Path(folder, "catalog.db").touch(0o600)
        database = Database(f"{SQLITE}{folder}/catalog.db", lasting=False)
        try:
            with door(), database.engine().begin() as connection:
                METADATA.create_all(connection)
            with database.transaction() as session:
                for document in documents:
                    clips.file(session, document, document.read().retain_until)
            for act in acts:
                with suppress(StationError):  # what does not follow gives no right
                    dispatch.carry_out(database, act)
            yield database
        finally:
            database.close()
