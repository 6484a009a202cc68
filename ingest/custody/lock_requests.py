"""Asking the storage for a longer lock or a hold, which it may refuse (拒绝记录): written down, and its end too.

Shapes: a pass begins with `begin`. Where the storage refused one kind of thing often in a pass, the rest of that pass
is not asked for, for it is a matter of rights; each is written down all the same, and asked for at the next pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from catalog.database import Database
from catalog.keeping import storage_refusals
from catalog.keeping.storage_refusals import What
from catalog.station_error import StationError
from vault.errors import LockRefused, VaultDenied

REFUSALS = (VaultDenied, LockRefused)
"""What the storage answers with that will not set a lock or a hold."""
REFUSALS_A_PASS = 3


@dataclass
class LockRequests:
    """Asks the storage for longer locks and holds, and remembers what it refuses."""

    database: Database
    _count: Counter[str] = field(default_factory=Counter, init=False)
    _last: dict[str, StationError] = field(default_factory=dict, init=False)
    _standing: set[tuple[str, str]] | None = field(default=None, init=False)

    def begin(self) -> None:
        """A new pass."""
        self._count.clear()
        self._last.clear()
        self._standing = None

    @property
    def refused(self) -> tuple[StationError, ...]:
        """The last refusal of each kind in this pass."""
        return tuple(self._last.values())

    def is_hopeless(self, subject: str, what: What) -> bool:
        """Whether a refusal is written down already and would not be asked for again in this pass."""
        return self._count[what] >= REFUSALS_A_PASS and (subject, what) in self._known()

    def granted(self, subject: str, what: What, now: datetime, ask: Callable[[], object]) -> bool:
        """Ask, and write down what came of it; whether it was granted. Raises whatever is no refusal."""
        if self._count[what] < REFUSALS_A_PASS:
            try:
                ask()
            except REFUSALS as error:
                self._count[what] += 1
                self._last[what] = error
            else:
                self.settle(subject, what, now)
                return True
        if (subject, what) not in self._known():
            with self.database.transaction() as session:
                storage_refusals.refuse(session, subject, what, now, self._last[what].message())
            self._known().add((subject, what))
        return False

    def settle(self, subject: str, what: What, now: datetime) -> None:
        """Note that something is as it should be: an earlier refusal has ended."""
        if (subject, what) in self._known():
            with self.database.transaction() as session:
                storage_refusals.grant(session, subject, what, now)
            self._known().discard((subject, what))

    def _known(self) -> set[tuple[str, str]]:
        if self._standing is None:
            self._standing = set(storage_refusals.standing(self.database))
        return self._standing
