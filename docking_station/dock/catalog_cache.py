"""What the dock must know while the catalog is away (离线资料): the register of recorders and the bureau's policy.

Both are read from the catalog whenever it answers and kept in the station's home as `known.json`; while it does not
answer the last copy counts. Nothing is ever written back from here.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

from catalog.acts import policy
from catalog.database import Database
from catalog.recorders import recorders
from catalog.rules.policy import DEFAULT, Policy
from catalog.rules.register import Register
from catalog.rules.retention import Retentions
from docking_station.station.logs import get_log
from ingest.dataclass_json import from_plain, to_plain
from vault import durable

KNOWN_BYTES_MAX = 64 << 20


@dataclass(frozen=True, slots=True)
class CachedCatalog:
    """The register and the policy as they were at one moment."""

    register: Register = field(default_factory=Register)
    policy: Policy = DEFAULT
    retentions: Retentions = field(default_factory=Retentions)


class CatalogCache:
    """The newest state that could be had. Safe to use from several threads."""

    def __init__(self, path: Path, database: Database) -> None:
        self._path, self._database = path, database
        self._lock = threading.Lock()
        self._known = self._saved = self._kept()
        self._versions: tuple[tuple[object, ...], ...] | None = None

    @property
    def register(self) -> Register:
        """The recorders, and who had which."""
        return self._known.register

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._known.policy

    @property
    def retentions(self) -> Retentions:
        """How long what was sealed when must be kept."""
        return self._known.retentions

    def refresh(self) -> bool:
        """Ask the catalog; True if anything changed. Raises `CatalogUnreachable`, and then what was known stays."""
        register, in_force = recorders.snapshot(self._database), policy.current(self._database)
        versions, retentions = policy.versions(self._database), self._known.retentions
        if versions != self._versions:  # every text ever adopted is long: it is read when there is another
            retentions = policy.retentions(policy.history(self._database))
        now = CachedCatalog(register, in_force, retentions)
        with self._lock:
            changed, self._known, self._versions = now != self._known, now, versions
            if now != self._saved:
                self._save(now)
        return changed

    def _save(self, known: CachedCatalog) -> None:
        """Keep it for the next start; a full disk is no reason not to go by it now, and it is tried again."""
        try:
            durable.replace_file(self._path, json.dumps(to_plain(known), ensure_ascii=False).encode(), 0o600)
        except OSError as error:
            get_log().error("not kept", file=str(self._path), reason=error.strerror)
        else:
            self._saved = known

    def _kept(self) -> CachedCatalog:
        try:
            with self._path.open("rb") as file:
                return from_plain(CachedCatalog, json.loads(file.read(KNOWN_BYTES_MAX)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # it is no state of ours
            return CachedCatalog()
