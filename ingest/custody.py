"""What people change (人工变更): written down, signed, locked in the vault, then carried out in the catalog.

The same order as for a clip, for the same reason: the vault must be able to rebuild the catalog.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from catalog import acting, cases
from catalog.database import Database
from catalog.failures import CatalogUnreachable
from catalog.rules.acts import Act, read_act
from catalog.rules.retention import months_later
from ingest.journal import Journal, PendingAct
from ingest.sealing import act_key, signature_body, signature_key
from vault.contract import Vault
from vault.errors import VaultUnreachable
from vault.signature import Signer


@dataclass(frozen=True)
class Registrar:
    """Carries acts out, one at a time (登记). The caller holds the station's lock for acts."""

    journal: Journal
    database: Database
    vault: Vault
    signer: Signer
    lock_months: int

    def carry_out(self, act: Act) -> None:
        """Make a change for good. Raises the StationErrors of its action."""
        self.catch_up()
        acting.demand(self.database, act)
        body = act.body()
        self._finish(self.journal.intend(body, self.signer.sign(body)))

    def note(self, act: Act) -> None:
        """Write an act down now and carry it out when vault and catalog answer: what happened cannot be refused."""
        body = act.body()
        self.journal.intend(body, self.signer.sign(body))
        with suppress(CatalogUnreachable, VaultUnreachable):
            self.catch_up()

    def catch_up(self) -> None:
        """Finish the acts a crash left on their way."""
        for pending in self.journal.intended():
            self._finish(pending)

    def _finish(self, pending: PendingAct) -> None:
        act = read_act(pending.body)
        sha256 = hashlib.sha256(pending.body).hexdigest()
        until = months_later(act.at, self.lock_months)
        signature = signature_body(sha256, pending.signature, self.signer.key_id)
        self.vault.put_document(signature_key(sha256), signature, until)
        self.vault.put_document(act_key(act.at, sha256), pending.body, until)
        if not self._done(act):
            with self.database.transaction() as session:
                acting.apply(session, act)
        self.journal.carried_out(pending)

    def _done(self, act: Act) -> bool:
        sql = "SELECT 1 FROM trail WHERE subject = :subject AND action = :action AND at = :at"
        values = {"subject": act.subject, "action": act.action, "at": self.database.moment(act.at)}
        return bool(self.database.query(sql, values))


def open_if_unknown(registrar: Registrar, case: str, at: datetime, by: str) -> bool:
    """Enter a case that is only named yet, so that its clips can be found; True if it was not there."""
    if cases.get(registrar.database, case) is not None:
        return False
    act = cases.adding(case, title=None, subject=None, officers=(), begins_at=None, ends_at=None, at=at, actor=by)
    registrar.carry_out(act)
    return True
